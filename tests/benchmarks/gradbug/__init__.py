"""GradBug: right and faulty functions of the course, and what checkers say of them.

What it is, how it was made and what it cannot show stands in ``DATASHEET.md``.

=============  ===========================================================================
``seeds``      right programs written by hand, a file a section
``threads``    faulty programs written by hand, after public threads
``data``       what was made of the seeds: edits of their texts, and what is true of each
``bank``       all programs, read from these
``program``    what a program is; which part is held out
``oracle``     what is right, by automatic differentiation or by central differences
``judge``      whether a program is right, by the oracle
``mutations``  the faults that are put into a right program
``rewrites``   a right program in other words
``truth``      whether a known mistake's name is true of a program
``generate``   makes ``data``
``checkers``   ours and those of others, each behind one door
``score``      verdicts, names and lines, beside what is true
``run``        all of it, in several processes
``limits``     what a process may take
=============  ===========================================================================
"""

from tests.benchmarks.gradbug.bank import faulty, right
from tests.benchmarks.gradbug.program import HELD_OUT, Program
from tests.benchmarks.gradbug.run import chosen, results, shown
from tests.benchmarks.gradbug.score import (
    Result,
    Row,
    as_dict,
    as_markdown,
    as_table,
    failures,
    rows,
    wilson,
)

__all__ = [
    "HELD_OUT",
    "Program",
    "Result",
    "Row",
    "as_dict",
    "as_markdown",
    "as_table",
    "chosen",
    "failures",
    "faulty",
    "results",
    "right",
    "rows",
    "shown",
    "wilson",
]
