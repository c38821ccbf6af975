"""An autograder for Gradescope: ``bplab gradescope build``.

What Gradescope documents of its folders and files is followed to the letter:
https://gradescope-autograders.readthedocs.io.

====================  ======================================================================
``build``             the zip file that an instructor uploads
``./setup.sh``        run once, when Gradescope makes the image: Python, wheels, bubblewrap
``./run_autograder``  run for each submission; sees to it that there is a result
``run``               what it starts: from a submission to ``results.json``
``found``             which file of a submission is the notebook
``results``           what students see, and when
====================  ======================================================================

The last three run on Gradescope, without nbgrader: nothing is imported here.
"""
