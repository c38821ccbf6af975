"""From a learner's answers to a verdict: right, a known mistake, or what can be measured.

==================  ======================================================================
``trial``           everybody's answers to every case, and a `Finding`: why one is not right
``diagnosis``       from wrong answers to words, one look after the other
``derivative``      whether a slope is that of the value, whatever the value has become
``source``          what the code of a function holds, and what therefore cannot be said of it
``two_mistakes``    two known mistakes at once: in one function, or one in each part
``one_place``       a place of the code that is wrong: written otherwise, all answers are right
``activations``     slopes by differences, or by an activation's name
``other_cells``     values of other cells that a function uses
``unnamed``         what can be measured where no known mistake fits
``factors``         what is measured of a factor: one everywhere, by the sizes, a case, a line
``evidence``        one part of an answer beside the right one, and when agreement is evidence
``descent``         how the rate of a step of gradient descent is off, or which decay it has
``integers``        whether it is wrong only because an argument is an array of integers
``inexact``         how an answer that is nearly right is off
``repeats``         why it answers differently for the same arguments
``shared``          what the cases have in common in which an answer is right, or wrong
``conditions``      what may decide it: put into a case, and taken out of it
``floating``        what numpy reports where numbers are not finite
``credit``          what an answer is worth that is not right
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
    "unwarned",
]
