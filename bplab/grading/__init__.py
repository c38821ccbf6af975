"""What an instructor runs.

One submission's way, each step with a wall of its own:

1. The *coordinator* (``class_run/coordinator``) finds its file, hands it on piece by piece, and
   writes: the gradebook, ``autograded/``, the notes in ``grading/``. It reads nothing of it.
2. A *judging child* (``class_run/worker``, started by ``class_run/child``), which has limits of
   memory and time and no gradebook, reads the notebook (``handed_in``) and puts it into order
   (``judge/restore``), judges what comes (``judge/oracle``), and tells bounded, plain values
   (``class_run/told``). It dies alone.
3. A *student's kernel* (``kernels``, run by ``judge/session``) runs the cells; then, with its
   outputs closed, it answers calls (``judge/agent``, over ``judge/wire``).

`nbgrader autograde` reads notebooks itself, and has steps 2 and 3 in its own process.

===================  =====================================================================
``nbgrader_plugin``  nbgrader's extension points: `nbgrader autograde` uses our judge
``files``            students' files: no link is followed
``beside``           files beside a notebook: which of them it finds while it is graded
``nbgrader_files``   nbgrader's commands take them so, too
``judge``            one submission: its notebook is run, its functions are judged
``handed_in``        a notebook that came in is read, whatever it is; which of the course's it is
``collect``          from a platform's download to ``submitted/``: ``bplab collect``
``class_run``        a class in parallel: ``bplab grade`` and ``bplab regrade``
``serve``            marks on handing in: ``bplab serve``
``folder``           a class's folder, as nbgrader's settings describe it
``gradebook``        nbgrader's database of marks: read, and written by one process; extensions
``late``             what late submissions lose: a rule in the settings, nbgrader's plugin
``zones``            times as an instructor types them, in the course's time zone
``records``          what a graded test cell holds: a record, and words for the student
``printable``        students' words, as they may be printed
``inert``            what a student shows, with nothing left in it that runs
``pages``            formgrader's pages: a policy for the browser
``feedback``         pages for students: a summary, formulas without a network; notes
``report``           what comes out: a report, marks for platforms
``kernels``          students' kernels: isolated, limited, fast to start
``edition``          `bplab` without the answers, for these kernels
``checks``           what a notebook is worth, without nbgrader: ``bplab check``
``gradescope``       an autograder for Gradescope: ``bplab gradescope build``
``demo``             a class that shows the whole cycle: ``bplab demo class``
``rounds``           other hidden cases for whoever has read feedback
``secret``           keeps the text that hidden cases are drawn from
===================  =====================================================================
"""

MAX_MB = 256
"""A notebook of more megabytes is not read."""
