"""From a learner's answers to a verdict: right, a known mistake, or what can be measured.

==================  ======================================================================
``trial``           the answers to all cases, and how they compare; `Finding`, the verdict's words
``diagnosis``       from wrong answers to words: the list of checks, of which the first one counts
``derivative``      whether the slope follows when exp, tanh and the like have other values
``source``          which constructs the code holds, to rule out slips that need others
``two_mistakes``    two known mistakes at once: in one function, or one in each part
``one_place``       one wrong place in the code: with it rewritten, every answer is right
``activations``     slopes by differences of activations, or chosen by an activation's name
``other_cells``     values of other notebook cells that a function uses
``unnamed``         what can be measured where no known mistake fits
``factors``         wrong factors: one everywhere, by the sizes, by case, by row or column
``evidence``        one part of an answer and the right one; when their agreement is evidence
``descent``         steps of gradient descent whose rate is off, or that have a weight decay
``integers``        answers that are wrong only because an argument is an array of integers
``inexact``         how an answer that is nearly right is off
``repeats``         why a function answers differently for the same arguments
``shared``          what the right cases have in common, or the wrong ones
``conditions``      what may decide between them: conditions to put into a case, or take out
``floating``        which operations make NaN and infinities, as numpy reports them
``credit``          partial credit: what a wrong answer is worth
``challenge``       from attempts at a challenge to words
==================  ======================================================================
"""

from bplab.exercises.judging.challenge import Attempt, judge
from bplab.exercises.judging.credit import challenge_credit, credit, points_for
from bplab.exercises.judging.diagnosis import diagnose
from bplab.exercises.judging.one_place import PLACED
from bplab.exercises.judging.other_cells import remark
from bplab.exercises.judging.trial import (
    Finding,
    Here,
    KnownAnswers,
    Learner,
    Trial,
    alike,
    answer,
    entry_words,
    known_answers,
    right_answers,
    right_entries,
    running,
    told_apart,
    unwarned,
)
from bplab.exercises.judging.two_mistakes import Pair, pairs

__all__ = [
    "PLACED",
    "Attempt",
    "Finding",
    "Here",
    "KnownAnswers",
    "Learner",
    "Pair",
    "Trial",
    "alike",
    "answer",
    "challenge_credit",
    "credit",
    "diagnose",
    "entry_words",
    "judge",
    "known_answers",
    "pairs",
    "points_for",
    "remark",
    "right_answers",
    "right_entries",
    "running",
    "told_apart",
    "unwarned",
]
