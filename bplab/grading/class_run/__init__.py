"""A whole class graded in parallel: ``bplab grade`` and ``bplab regrade``.

===============  =========================================================================
``grade``        `grade_class`: the run chosen, workers started, marks written
``regrade``      `regrade_class`: whose marks would change, before anything does
``coordinator``  the one process that has submissions graded, and writes; it reads nothing of a
                 student's, and keeps what was graded before
``submissions``  students' folders: what was handed in, what goes into ``autograded``
``pools``        where submissions are graded: children here, or of a Dask cluster's workers
``child``        a judging child: started, asked, ended; why it died
``worker``       what runs in it: one grader, kept warm, with limits of its own
``told``         what a child tells of a submission: bytes to write, a few plain values a cell
``notes``        what has been graded, noted so that the next run keeps it
``shown``        progress, and at the end what needs a look
===============  =========================================================================

Workers load this folder too: nothing is imported here.
"""
