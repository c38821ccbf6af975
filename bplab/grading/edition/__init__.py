"""What `bplab` is in a kernel that grades: a package without the answers of the assignment.

A student's function is evaluated in a kernel of its own, and what it may use of the library is
there as always. What would answer for it is not: neither as a function, nor in memory, nor as
text in a file. An **edition** is such a package, written anew for each assignment from the
library's own files.

==================  ======================================================================
``kept``            what each assignment keeps: the allow-list
``source``          the library's modules as syntax trees
``cut``             what is kept of each module, and what stands in for the rest
``write``           `write_edition`
``withheld``        becomes ``bplab.grading._withheld`` of an edition: what stands in
``scan``            `suspicious`: what an instructor might want to look at in a cell
==================  ======================================================================
"""

from bplab.grading.edition.scan import suspicious
from bplab.grading.edition.write import write_edition

__all__ = ["suspicious", "write_edition"]
