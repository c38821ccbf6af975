"""From a learner's answers to a verdict: right, a known mistake, or what can be measured.

`trial.py`
    A function run on every case, beside the reference and those with known mistakes.
`finding.py`
    Why an answer is not right: a name, and words.
`diagnosis.py`
    From wrong answers to words, one look after the other.
`two_mistakes.py`
    Every pair of known mistakes, and whether a learner has made both.
`unnamed.py`
    Where no name fits the whole: a known mistake in each part, or what can be measured.
`numerical.py`
    Whether a function differentiates numerically where the formula is asked for.
`credit.py`
    What an answer is worth that is not right.
`challenge.py`
    From attempts at a challenge to words.
"""

from bplab.exercises.judging.challenge import Attempt, judge
from bplab.exercises.judging.credit import NOTHING_FOR, challenge_credit, credit
from bplab.exercises.judging.diagnosis import diagnose
from bplab.exercises.judging.finding import Finding
from bplab.exercises.judging.trial import (
    Here,
    KnownAnswers,
    Learner,
    Trial,
    alike,
    answer,
    entry_words,
    right_answers,
    right_entries,
    unwarned,
)
from bplab.exercises.judging.two_mistakes import Pair, pairs

__all__ = [
    "NOTHING_FOR",
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
    "pairs",
    "right_answers",
    "right_entries",
    "unwarned",
]
