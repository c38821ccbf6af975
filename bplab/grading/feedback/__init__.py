"""Feedback pages: what a student gets back. Nothing in one runs, and none needs a network.

===============  =========================================================================
``exporter``     `FeedbackPage`: nbgrader's commands make pages with it, and so do ours
``summary``      what stands on top: points and a sentence for each exercise
``cells``        a graded notebook's cells as HTML
``markdown``     text as HTML
``mathml``       formulas
``notes``        what an instructor adds for a mistake: ``notes.toml``
``whole_class``  all pages of a class, made by several processes
``returned``     a zip file that Moodle or Canvas gives back to everybody
===============  =========================================================================
"""
