"""`bplab` as kernels have it while they grade: a package without the answers of the assignment.

A student's function is evaluated in a kernel of its own. The parts of the library that it may use
are there as always. The parts that would answer for it are not there: neither as functions, nor in
memory, nor as text in a file. An **edition** is such a package, written for each assignment from
the library's own files.

==================  ======================================================================
``kept``            what each assignment keeps: the allow-list
``cut``             reads modules as syntax trees, keeps parts, puts stand-ins for the rest
``write``           `write_edition`, which writes an edition into a folder
``withheld``        the stand-ins: it becomes ``bplab.grading._withheld`` of an edition
==================  ======================================================================
"""

from bplab.grading.edition.cut import module as library_module
from bplab.grading.edition.write import write_edition

__all__ = ["library_module", "write_edition"]
