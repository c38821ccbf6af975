"""What the notebooks say of their outputs, and what must hold of these for it to be true.

A file a notebook: ``SHOWN`` maps a sentence, or enough of it, to a predicate over the outputs of
the solved notebook (`Outputs`); ``UNTESTED`` maps sentences with a number or a comparison in them
that need no test to the reason. `tests/course/test_sentences.py` holds both to the text and to the
committed solutions, `tests/course/test_running.py` to what the notebooks show today.

A new sentence about an output goes into one of the two; `reading.flagged` notices many of them.
"""
