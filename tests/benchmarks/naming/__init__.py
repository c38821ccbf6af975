"""How well wrong answers are named: what ``bplab bench naming`` measures.

=============  ===========================================================================
``known``      every known mistake, pairs of them, and errors that nobody has listed
``programs``   whole wrong programs as learners write them, a file a section
``program``    what such a program is: its fault is marked, and can be mended
``rewrites``   a mended program in other words: other names, loops, forms of the answer
``bank``       what is said of each program: specific and true, vague, nothing, or false
``whole``      all of it, an exercise after the other, in several processes
=============  ===========================================================================
"""

from tests.benchmarks.naming.bank import (
    Judgement,
    Report,
    Verdict,
    judge,
    one_program,
    programs,
    rejected,
    report,
    together,
)
from tests.benchmarks.naming.known import Row, as_json, as_table, load_right, measure, total
from tests.benchmarks.naming.whole import Judged, judged, whole

__all__ = [
    "Judged",
    "Judgement",
    "Report",
    "Row",
    "Verdict",
    "as_json",
    "as_table",
    "judge",
    "judged",
    "load_right",
    "measure",
    "one_program",
    "programs",
    "rejected",
    "report",
    "together",
    "total",
    "whole",
]
