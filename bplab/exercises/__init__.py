"""The exercises and challenges of the course, and `check`.

Each exercise is defined once (`Exercise`); the starter's signature, the checks, the points, the
equation map and the tests are made from that definition.

==================================  =======================================================
``check``, ``hint``, ``progress``,  the functions that a learner calls
``failing``, ``where``, ``board``
``review``                          questions on exercises that have passed, and when they return
``explain``                         questions on the learner's own code
``first_wrong``                     the search for the first wrong line of a learner's function
``quantities``                      the named quantities of the derivation: residual, delta, s
``mine``                            the learner's own functions, for use in later notebooks
``parsons``                         the half-worked steps as lines to be put in order
``look``                            which panel to offer when the same mistake is made again
``page``                            messages about a function, as HTML for JupyterLab
``stored``                          reading and writing the files that hold a learner's records
``registry``                        all exercises in the paper's order; the equation map
``section_0`` … ``beyond``          the definitions, one folder per section: ``exercises`` and,
                                    where needed, ``mistakes`` and ``cases`` (section 0's
                                    mistakes are in ``exercises``, next to their program)
``steps``                           a learner's function in steps, and the mistakes in each step
``loops``                           mistakes in loops, made from the indices of an equation
``task``                            what exercises, cases and mistakes are
``judging``                         from a learner's answers to a verdict
==================================  =======================================================
"""

from bplab.exercises.board import Board, board
from bplab.exercises.check import (
    RECORD_TYPE,
    CheckFailed,
    NotWritten,
    Passed,
    Reached,
    check,
    has_no_place,
    todo,
)
from bplab.exercises.explain import (
    EXPLAIN,
    LETTERS,
    ON_CODE,
    UNANSWERED,
    Answers,
    Code,
    Edit,
    OwnCode,
    Seen,
    Sheet,
    Span,
    answer_line,
    begin_counted,
    begin_explain,
    read_answers,
    sheet_of,
)
from bplab.exercises.failing import FailingCase, NoFailingCase, failing_case
from bplab.exercises.first_wrong import (
    FirstWrong,
    Suspicion,
    distinct_values,
    fresh_cases,
    is_all_that_is_wrong,
    place_words,
    right_so_far,
    right_values,
    suspect_elsewhere,
)
from bplab.exercises.hint import Hint, hint
from bplab.exercises.judging import (
    Finding,
    Learner,
    Trial,
    challenge_credit,
    credit,
    diagnose,
    judge,
    points_for,
    right_answers,
    right_entries,
)
from bplab.exercises.mine import mine
from bplab.exercises.parsons import PUZZLES, Outcome, Puzzle
from bplab.exercises.progress import Progress, predict, progress
from bplab.exercises.registry import CHALLENGES, EXERCISES, TASKS, EquationRow, equations
from bplab.exercises.review.item import Choice, Item, Picture, Table, shown
from bplab.exercises.review.session import KINDS, Questions, Session, begin_review
from bplab.exercises.task import (
    Case,
    Challenge,
    Exercise,
    Mistake,
    Part,
    Split,
    Subgoal,
    Task,
    generator,
    hidden_kind,
    visible_cases,
)
from bplab.exercises.where import Where, where

__all__ = [
    "CHALLENGES",
    "EXERCISES",
    "EXPLAIN",
    "KINDS",
    "LETTERS",
    "ON_CODE",
    "PUZZLES",
    "RECORD_TYPE",
    "TASKS",
    "UNANSWERED",
    "Answers",
    "Board",
    "Case",
    "Challenge",
    "CheckFailed",
    "Choice",
    "Code",
    "Edit",
    "EquationRow",
    "Exercise",
    "FailingCase",
    "Finding",
    "FirstWrong",
    "Hint",
    "Item",
    "Learner",
    "Mistake",
    "NoFailingCase",
    "NotWritten",
    "Outcome",
    "OwnCode",
    "Part",
    "Passed",
    "Picture",
    "Progress",
    "Puzzle",
    "Questions",
    "Reached",
    "Seen",
    "Session",
    "Sheet",
    "Span",
    "Split",
    "Subgoal",
    "Suspicion",
    "Table",
    "Task",
    "Trial",
    "Where",
    "answer_line",
    "begin_counted",
    "begin_explain",
    "begin_review",
    "board",
    "challenge_credit",
    "check",
    "credit",
    "diagnose",
    "distinct_values",
    "equations",
    "failing_case",
    "fresh_cases",
    "generator",
    "has_no_place",
    "hidden_kind",
    "hint",
    "is_all_that_is_wrong",
    "judge",
    "mine",
    "place_words",
    "points_for",
    "predict",
    "progress",
    "read_answers",
    "right_answers",
    "right_entries",
    "right_so_far",
    "right_values",
    "sheet_of",
    "shown",
    "suspect_elsewhere",
    "todo",
    "visible_cases",
    "where",
]
