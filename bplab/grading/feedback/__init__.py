"""Feedback pages for students: nothing in a page runs, and none needs a network.

===============  =========================================================================
``exporter``     `FeedbackPage`: the nbconvert exporter that makes a page, for nbgrader's
                 commands as well as for ours
``summary``      the top of a page: the mark, and points and a sentence for each exercise
``cells``        a graded notebook's cells as HTML
``markdown``     Markdown as HTML
``mathml``       formulas as MathML
``notes``        an instructor's own notes on mistakes: ``notes.toml``
``whole_class``  make the pages of a whole class, in several processes
``returned``     all pages as a zip file, which Moodle or Canvas hands out to students
===============  =========================================================================
"""
