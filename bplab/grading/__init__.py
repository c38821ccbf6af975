"""What an instructor runs.

===================  =====================================================================
``nbgrader_plugin``  nbgrader's extension points: `nbgrader autograde` uses our judge
``files``            students' files: no link is followed
``nbgrader_files``   nbgrader's commands take them so, too
``judge``            one submission: its notebook is run, its functions are judged
``class_run``        a class in parallel: ``bplab grade`` and ``bplab regrade``
``folder``           a class's folder, as nbgrader's settings describe it
``gradebook``        nbgrader's database of marks: read, and written by one process
``records``          what a graded test cell holds: a record, and words for the student
``inert``            what a student shows, with nothing left in it that runs
``pages``            formgrader's and feedback pages: a policy for the browser
``report``           what comes out: a report, files for platforms, feedback pages
``kernels``          students' kernels: isolated, limited, fast to start
``edition``          `bplab` without the answers, for these kernels
``checks``           what a notebook is worth, without nbgrader: ``bplab check``
``demo``             a class that shows the whole cycle: ``bplab demo class``
``rounds``           other hidden cases for whoever has read feedback
``secret``           keeps the text that hidden cases are drawn from
===================  =====================================================================
"""

MAX_MB = 256
"""A notebook of more megabytes is not read."""
