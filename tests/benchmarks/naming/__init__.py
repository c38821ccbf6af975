"""How well wrong answers are named: what ``bplab bench naming`` measures.

=============  ===========================================================================
``known``      every known mistake, pairs of them, and errors that nobody has listed
``programs``   whole wrong programs as learners write them, a file a section
``program``    what such a program is: its fault is marked, and can be mended
``rewrites``   a mended program in other words: other names, loops, forms of the answer
``bank``       what is said of each program: specific and true, vague, nothing, or false
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
)
from tests.benchmarks.naming.known import Row, as_json, as_table, load_right, measure, total

__all__ = [
    "Judgement",
    "Report",
    "Row",
    "Verdict",
    "as_json",
    "as_table",
    "judge",
    "load_right",
    "measure",
    "one_program",
    "programs",
    "rejected",
    "report",
    "total",
]
