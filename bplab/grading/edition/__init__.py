"""What `bplab` is in a kernel that grades: a package without the answers of the assignment.

A student's function is evaluated in a kernel of its own, and what it may use of the library is
there as always. What would answer for it is not: neither as a function, nor in memory, nor as
text in a file. An **edition** is such a package, written for each assignment from the
library's own files.

==================  ======================================================================
``kept``            what each assignment keeps: the allow-list
``cut``             modules as syntax trees: what is kept of each, what stands in
``write``           `write_edition`
``withheld``        becomes ``bplab.grading._withheld`` of an edition: what stands in
==================  ======================================================================
"""

from bplab.grading.edition.cut import module as library_module
from bplab.grading.edition.write import write_edition

__all__ = ["library_module", "write_edition"]
