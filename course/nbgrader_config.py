"""nbgrader's settings for this course: every nbgrader command run in this folder reads them."""

import os
from pathlib import Path

from bplab.grading.gradebook.busy import wait_for_others
from bplab.grading.pages import template_folders
from bplab.grading.secret import course_secret

c = get_config()  # noqa: F821 - given by nbgrader

here = Path(__file__).resolve().parent

c.CourseDirectory.course_id = "bplab"
c.CourseDirectory.root = str(here)

# Formgrader, and every other command, waits while another writes the gradebook: half a minute.
wait_for_others()

# release/ is made from source/, so it may always be made again
c.GenerateAssignment.force = True
c.ClearSolutions.code_stub = {
    "python": "# your code takes the place of this line and the next\ntodo()"
}

# A submission is put into order, and its functions are judged outside of the kernel that runs
# them. By their names, so that they load only in commands that grade.
c.Autograde.sanitize_preprocessors = [
    "bplab.grading.nbgrader_plugin.RestoreCells",
    "nbgrader.preprocessors.ClearOutput",
    "nbgrader.preprocessors.OverwriteKernelspec",
    "nbgrader.preprocessors.OverwriteCells",
    "nbgrader.preprocessors.CheckCellMetadata",
]
c.Autograde.autograde_preprocessors = [
    "bplab.grading.nbgrader_plugin.OracleExecute",
    "nbgrader.preprocessors.IgnorePattern",
    "nbgrader.preprocessors.LimitOutput",
    "nbgrader.preprocessors.SaveAutoGrades",
    "nbgrader.preprocessors.AssignLatePenalties",
    "nbgrader.preprocessors.CheckCellMetadata",
]

# Of what was handed in, regular files are taken: no link is followed, in any of these commands.
c.Autograde.exporter_class = "bplab.grading.nbgrader_files.HandedIn"
c.ExchangeFactory.collect = "bplab.grading.nbgrader_files.CollectFiles"
c.ZipCollectApp.extractor_plugin = "bplab.grading.nbgrader_files.ExtractFiles"

# Pages of formgrader and of feedback show what students wrote: nothing in it runs, whoever graded
# it, and the browser is told so, too. See "What students show" in README.md.
c.HTMLExporter.preprocessors = ["bplab.grading.pages.Inert"]
c.HTMLExporter.extra_template_basedirs = template_folders()
c.HTMLExporter.filters = {
    "markdown2html": "bplab.grading.pages.markdown2html",
    "page_policy": "bplab.grading.pages.policy",
}

# Feedback is a page of our own: a summary first, formulas without a network, marks read once.
c.GenerateFeedback.exporter_class = "bplab.grading.feedback.exporter.FeedbackPage"
c.GenerateFeedback.preprocessors = []

# What late submissions lose: nothing, unless a line here says so. Days count from the due date on,
# or from the end of the grace period. See "Late submissions" in README.md.
c.AssignLatePenalties.plugin_class = "bplab.grading.late.LatePolicy"
# c.LatePolicy.per_day = 0.1           # a tenth of the points for each day that is begun
# c.LatePolicy.points_per_day = 2      # or points
# c.LatePolicy.grace_minutes = 15
# c.LatePolicy.days_begun = False      # part of a day costs its part
# c.LatePolicy.at_most = 0.5           # half of the points
# c.LatePolicy.zero_after_days = 7
# c.LatePolicy.assignments = {"section_0": {"per_day": 0}}

# A wrong answer may earn a part of its points, by the rule in course/README.md.
c.OracleExecute.partial_credit = True

# Three questions on a student's own code may earn points, too: none do, unless a line here says so.
# After a change: bplab course build. See "Explaining one's own code" in README.md.
# c.Explain.points = {"eq5": 1}

# Seconds for a cell, so that one endless loop does not cost the run; another number goes here.
# c.OracleExecute.timeout = 30

# The hidden cases are drawn from this secret, which no kernel sees. Equal secrets give equal
# cases; another text in c.OracleExecute.run draws others.
c.OracleExecute.secret = os.environ.get("BPLAB_SECRET") or course_secret(here)
