"""One submission's way: the notebook is run, its functions are evaluated, answers are judged.

==============  ==========================================================================
``submission``  `Grader`: from the bytes that were handed in to marks
``restore``     the course's own cells put back, whatever was done to them
``suspicious``  what an instructor might want to look at in a student's code
``session``     the notebook run from top to bottom, in kernels that are not trusted
``undefined``   why there is no function where one is wanted
``oracle``      cases, right answers and the comparison; asks a kernel for answers only
``explained``   questions on a student's own code, made again, and marked
``place``       the line in which a mistake without a name is, for feedback
``wire``        what travels between the two: plain data, arrays as bytes
``agent``       the other end, in the student's kernel: calls functions, judges nothing
``explaining``  its part in questions on a function's own code
==============  ==========================================================================

What else a mark passes through, in order: ``handed_in`` reads the file, ``kernels`` run the cells,
`bplab.exercises.task` draws the cases, the small library answers them, ``judging/trial`` compares,
``judging/diagnosis`` says what is wrong, ``inert`` cleans what is shown, ``records`` has the words.
tests/grading/test_way_of_a_mark.py counts these files.

Students' kernels load ``agent`` and ``wire``: nothing is imported here.
"""
