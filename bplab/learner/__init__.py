"""The one door to a learner's function: it is called with care, watched, and put into words.

================  ================================================================================
``call``          call it on copies and keep what comes: arrays, an error, nothing; needs numpy
                  only, for kernels that grade load it too
``watch``         whether it needs the values of activations beside the given points
``imaginary``     whether it needs imaginary numbers, as a complex step does
``other_values``  what it answers where exp, tanh, maximum and the like have other values
``unfilled``      what it answers where np.empty holds other numbers
``rebuilt``       a function once more, with something else in place of what its code looks up
``mended``        with one place of its code written in another way
``edits``         what is one slip of the hand away from its code
``edited``        with such edits, run many times, and held in bounds
``switched``      with all of them in one code, which is told while it runs which are made
``rows``          what lists and tuples hold in the end, where they have one
``texts``         its text as a tree, and the code that comes of it
``tried``         what it answers with such edits, or values put in, for a judge elsewhere
``computing``     whether code computes, and does nothing else
``writing``       in which line it writes into what it was given
``put_back``      what it changes in its notebook, put back after a look
``traced``        with the value of every assignment and sub-expression kept
``stepped``       what there is on its way, in a case that all may see; for a judge elsewhere
``causes``        why functions stop: a closed list, with words that hold nothing of a learner's
``exceptions``    an error translated: its cause, and what was there; loaded once one comes up
``borrowed``      what it reads of its notebook: values of other cells
``words``         what went wrong, in the words of checks and panels alike
``careful``       call it for a picture: whatever goes wrong is a `LearnerError`, a sentence
``gradients``     a learner's backward pass, called so
================  ================================================================================

What follows from a bad answer is said where it was asked for: by a check, a panel, the gallery.
One caller catches errors by itself: ``Guard`` in ``gallery/trainings.py`` lets a function write
into its arguments, as in training, and forgives an error on numbers that are not finite.
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
