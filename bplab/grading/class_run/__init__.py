"""A whole class graded in parallel: ``bplab grade`` and ``bplab regrade``.

===============  =========================================================================
``grade``        `grade_class`: the run chosen, workers started, marks written
``regrade``      `regrade_class`: whose marks would change, before anything does
``coordinator``  the one process that reads what was handed in, and writes; keeps what was
                 graded before
``submissions``  students' folders: what was handed in, what goes into ``autograded``
``pools``        where submissions are graded: processes here, or a Dask cluster
``worker``       what runs there: one grader, kept warm
``shown``        progress, and at the end what needs a look
===============  =========================================================================

Workers load this folder too: nothing is imported here.
"""
