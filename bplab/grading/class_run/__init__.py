"""Grade a whole class in parallel: ``bplab grade`` and ``bplab regrade``.

===============  =========================================================================
``grade``        `grade_class`: choose the run, start the pool, write the marks
``regrade``      `regrade_class`: grade again, and show whose marks would change before writing
``coordinator``  the one process that sends submissions to be graded, and writes the results; it
                 keeps what was graded before, and interprets nothing that a student wrote
``submissions``  students' folders: find what was handed in, write what goes into ``autograded``
``pools``        where submissions are graded: in children of this process, or on a Dask cluster
``child``        the coordinator's side of a judging child: start it, ask it, end it
``worker``       what runs in a judging child: one grader, kept warm, within limits of memory and
                 time
``told``         what a child reports of a submission: the graded notebook as bytes, and a few
                 plain values for each cell
``notes``        notes on graded submissions, so that the next run can keep their marks
``shown``        the progress bar, and at the end a table of what needs a look
===============  =========================================================================

Judging children import this folder too, so this file imports nothing.
"""
