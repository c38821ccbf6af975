"""The one door to a learner's function: call it with care, watch it, and say what went wrong.

================  ================================================================================
``call``          call it on copies and keep the outcome: arrays, an error or nothing; needs only
                  numpy, because kernels that grade load it too
``watch``         whether it needs values of activations at other points than the given ones
``imaginary``     whether it needs imaginary numbers, as a complex step does
``other_values``  what it answers if exp, tanh, maximum and the like have other values
``unfilled``      what it answers if arrays made by np.empty hold other numbers
``rebuilt``       build a copy of it, in which other objects replace those that its code looks up
``mended``        build copies of it, each with one place of its code written in another way
``edits``         the edits that are one slip of the hand away from its code
``edited``        run it with such edits, many times and within bounds
``switched``      compile it once with all of these edits; variables choose which of them are made
``rows``          the elements of nested lists and tuples, unless they nest without an end
``texts``         its source text as a tree, and the code compiled from that
``tried``         its answers with such edits, or with values put in, for a judge in another process
``computing``     whether code computes and does nothing else
``writing``       in which line it writes into its arguments
``put_back``      undo what a trial run of it has changed in its notebook
``traced``        run it and keep the value of every assignment and sub-expression
``stepped``       its intermediate values, in cases that everybody may see, for a judge in another
                  process
``causes``        why functions stop: a closed list, in words that contain nothing of a learner's
``exceptions``    translate an error into its cause and the values involved; loaded if one comes up
``borrowed``      the values of other cells that it reads from its notebook
``words``         say what went wrong, in the same words in checks and in panels
``careful``       call it for a picture: whatever goes wrong becomes a `LearnerError`, one sentence
``gradients``     call a learner's backward pass in the same way
================  ================================================================================

Whoever asks for an answer (a check, a panel or the gallery) says what follows from a bad one.
One caller catches errors itself: ``Guard`` in ``gallery/trainings.py`` lets a function write into
its arguments, as in training, and forgives an error on numbers that are not finite.
"""

from bplab.learner.borrowed import Borrowed, borrowed
from bplab.learner.call import (
    LONG,
    NOTHING,
    SAYABLE,
    Answer,
    Form,
    Interrupted,
    Layers,
    Lesson,
    NoNumbers,
    Raised,
    TimeIsUp,
    as_parts,
    call,
    closed_over,
    contained,
    copied,
    handed,
    how_to_stop,
    lesson,
    may_leave_traces,
    names_in,
    own_functions,
    quiet,
    time_limit,
    took_part,
    watched,
)
from bplab.learner.careful import Careful, array_of, finite, parts_of
from bplab.learner.causes import Cause
from bplab.learner.computing import only_computes
from bplab.learner.edited import Edited, Editor, is_readable, when_run
from bplab.learner.edits import EditKind, PutIn
from bplab.learner.gradients import Gradients
from bplab.learner.imaginary import answer_with_other_imaginaries
from bplab.learner.mended import Mend, Mended, mended
from bplab.learner.other_values import answer_with_other_values
from bplab.learner.put_back import put_back
from bplab.learner.rebuilt import is_own
from bplab.learner.rows import size_of
from bplab.learner.stepped import MADE_OF, STEPS, Stepped, stepped
from bplab.learner.texts import Text
from bplab.learner.traced import Kind, Place, Round, Step, Trace, traced
from bplab.learner.tried import Behind, Tried, tried
from bplab.learner.unfilled import MAKES, answer_with_other_memory, filled
from bplab.learner.watch import (
    answer_if_changed,
    answer_if_straight,
    answer_if_unknown,
    changed_elsewhere,
)
from bplab.learner.words import (
    LearnerError,
    cure_of,
    raises,
    returns_nothing,
    stops,
    what_was_there,
    writes_into,
)
from bplab.learner.writing import where_it_writes

__all__ = [
    "LONG",
    "MADE_OF",
    "MAKES",
    "NOTHING",
    "SAYABLE",
    "STEPS",
    "Answer",
    "Behind",
    "Borrowed",
    "Careful",
    "Cause",
    "EditKind",
    "Edited",
    "Editor",
    "Form",
    "Gradients",
    "Interrupted",
    "Kind",
    "Layers",
    "LearnerError",
    "Lesson",
    "Mend",
    "Mended",
    "NoNumbers",
    "Place",
    "PutIn",
    "Raised",
    "Round",
    "Step",
    "Stepped",
    "Text",
    "TimeIsUp",
    "Trace",
    "Tried",
    "answer_if_changed",
    "answer_if_straight",
    "answer_if_unknown",
    "answer_with_other_imaginaries",
    "answer_with_other_memory",
    "answer_with_other_values",
    "array_of",
    "as_parts",
    "borrowed",
    "call",
    "changed_elsewhere",
    "closed_over",
    "contained",
    "copied",
    "cure_of",
    "filled",
    "finite",
    "handed",
    "how_to_stop",
    "is_own",
    "is_readable",
    "lesson",
    "may_leave_traces",
    "mended",
    "names_in",
    "only_computes",
    "own_functions",
    "parts_of",
    "put_back",
    "quiet",
    "raises",
    "returns_nothing",
    "size_of",
    "stepped",
    "stops",
    "time_limit",
    "took_part",
    "traced",
    "tried",
    "watched",
    "what_was_there",
    "when_run",
    "where_it_writes",
    "writes_into",
]
