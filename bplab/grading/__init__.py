"""Grading: everything that an instructor runs.

A submission passes through three processes, each behind a wall of its own:

1. The *coordinator* (``class_run/coordinator``) finds the submitted file, passes its bytes on piece
   by piece, and writes the results: the gradebook, ``autograded/``, the notes in ``grading/``. It
   never looks into the file.
2. A *judging child* (``class_run/worker``, started by ``class_run/child``) has limits of memory and
   time, and no gradebook. It reads the notebook (``handed_in``), puts it into order
   (``judge/restore``), judges its functions (``judge/oracle``), and reports bounded, plain values
   (``class_run/told``). If it dies, only this submission is affected.
3. A *student's kernel* (``kernels``, run by ``judge/session``) runs the cells; then, with its
   outputs closed, it answers calls (``judge/agent``, over ``judge/wire``).

`nbgrader autograde` reads notebooks itself, and does step 2 in its own process.

===================  =====================================================================
``nbgrader_plugin``  nbgrader's extension points, through which `nbgrader autograde` uses our judge
``files``            reads students' files without following links
``beside``           files beside a notebook: which of them it finds while it is graded
``nbgrader_files``   keeps nbgrader's own commands from following links, too
``judge``            one submission: runs its notebook, and judges its functions
``handed_in``        reads a submitted notebook, whatever it holds; tells which assignment it is
``collect``          from a platform's download to ``submitted/``: ``bplab collect``
``class_run``        grades a class in parallel: ``bplab grade`` and ``bplab regrade``
``serve``            gives marks as soon as work is handed in: ``bplab serve``
``folder``           a class's folder, as nbgrader's settings describe it
``gradebook``        nbgrader's database of marks: reads it, writes it from one process; extensions
``late``             penalties for late submissions: a rule in the settings, a plugin for nbgrader
``zones``            times as an instructor types them, in the course's time zone
``records``          what a graded test cell holds: a record, and words for the student
``printable``        makes students' words safe to print
``inert``            makes what a student shows harmless: nothing in it runs
``pages``            formgrader's pages: a policy for the browser
``feedback``         pages for students: a summary, formulas without a network; notes
``report``           results for instructors: a report, marks for platforms
``kernels``          students' kernels: isolated, limited, fast to start
``edition``          `bplab` without the answers, for these kernels
``checks``           what a notebook is worth, without nbgrader: ``bplab check``
``gradescope``       builds an autograder for Gradescope: ``bplab gradescope build``
``demo``             a class that shows the whole cycle: ``bplab demo class``
``rounds``           chooses other hidden cases for students who have read feedback
``secret``           keeps the text that hidden cases are drawn from
===================  =====================================================================
"""

MAX_MB = 256
"""Notebooks larger than this are not read."""
