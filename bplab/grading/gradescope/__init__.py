"""An autograder for Gradescope: ``bplab gradescope build``.

Its folders and files are exactly as Gradescope documents them:
https://gradescope-autograders.readthedocs.io.

====================  ======================================================================
``build``             make the zip file that an instructor uploads
``./setup.sh``        run once, when Gradescope makes the image: installs Python, wheels and
                      bubblewrap
``./run_autograder``  run for each submission: starts ``run``, and makes sure of a result
``run``               judge a submission, and write ``results.json``
``found``             find the notebook in a submission
``results``           what students see, and when
====================  ======================================================================

The last three run on Gradescope, without nbgrader, so this file imports nothing.
"""
