"""Review questions on exercises that have passed, and when they come again.

Code makes each question, and finds its right answer by running what the question is about.

=================  ==========================================================================
``item``           what a question is
``small``          networks small enough to be worked out by hand
``which_mistake``  questions: which known mistake gives these numbers? which number is right?
``which_step``     question: which of the five steps does not follow from those before it?
``shapes``         question: what is the shape of this array?
``changes``        question: what happens to this quantity if that is changed?
``worked``         how one number is worked out, in words: the explanation of a right answer
``spacing``        keeps the results, and says when each exercise is due again
``session``        chooses the next exercise, and the kind of question
=================  ==========================================================================

`bplab.widgets` has the panel, and the questions about loss curves.
"""
