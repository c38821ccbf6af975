"""One submission: its notebook is run, its functions are evaluated, the answers are judged.

==============  ==========================================================================
``submission``  `Grader`: from the bytes that were handed in to marks
``restore``     puts the course's own cells back, whatever was done to them
``suspicious``  finds what an instructor might want to look at in a student's code
``session``     runs the notebook from top to bottom, in kernels that are not trusted
``undefined``   finds out why a function that is wanted does not exist
``oracle``      holds cases and right answers, and compares; gets only answers from a kernel
``explained``   makes the questions on a student's own code again, and marks the answers
``place``       finds the wrong line of a mistake that has no name, for feedback
``wire``        what travels between the grader and a kernel: plain data, arrays as bytes
``agent``       the kernel's end of this line: calls the student's functions, judges nothing
``explaining``  the agent's part in questions on a student's own code
==============  ==========================================================================

A mark depends on some other modules, too. In order: ``handed_in`` reads the file, ``kernels`` run
the cells, `bplab.exercises.task` draws the cases, the small library answers them, ``judging/trial``
compares, ``judging/diagnosis`` says what is wrong, ``inert`` cleans what is shown, ``records`` has
the words. tests/grading/test_way_of_a_mark.py counts these files.

Students' kernels load ``agent`` and ``wire``, so nothing is imported here.
"""
