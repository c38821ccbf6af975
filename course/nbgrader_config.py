"""nbgrader's settings for this course: every nbgrader command run in this folder reads them."""

import os
from pathlib import Path

from bplab.grading.secret import course_secret

c = get_config()  # noqa: F821 - given by nbgrader

here = Path(__file__).resolve().parent

c.CourseDirectory.course_id = "bplab"
c.CourseDirectory.root = str(here)

# release/ is made from source/, so it may always be made again
c.GenerateAssignment.force = True
c.ClearSolutions.code_stub = {
    "python": "# your code takes the place of this line and the next\ntodo()"
}

# one endless loop costs half a minute, not the run
c.Execute.timeout = 30

# The hidden cases are drawn from this secret. It is in the environment of the kernels that
# grade, so keep graded notebooks from writing to the network.
if "BPLAB_SECRET" not in os.environ:
    os.environ["BPLAB_SECRET"] = course_secret(here)
