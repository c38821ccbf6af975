"""Questions on what has passed, made and judged by running, and when they come again.

=================  ==========================================================================
``item``           what a question is
``small``          networks to be worked out by hand
``which_mistake``  which known mistake gives these numbers; one number by hand
``which_step``     which of the five steps does not follow
``shapes``         what is the shape of this array?
``changes``        what happens to this quantity if that is changed?
``worked``         one number, worked out in words
``spacing``        the results, in a folder; what is to be reviewed when
``session``        which exercise comes next, and which kind of question
=================  ==========================================================================

`bplab.widgets` has the panel, and the questions about loss curves.
"""
