"""What a kernel sends and a student hands in, drawn; the parts that read it say if they fail.

How it is run: `python -m tests.grading.judge.fuzz SECONDS` draws for so long and stops at the first
error; `test_fuzz` beside this folder does the same for a moment. What is found becomes a test of
its own there, or in the tests of the part that failed.

All that is drawn starts from what is honest, as the real other end makes it, and one to three of
its places are changed: another type, a number at a boundary, a key that is gone, doubled or
renamed, a value that stands elsewhere in the same message, one that is nested or long. Most of it
so gets past the first fields. Limits are lowered meanwhile, so that small things reach them.

An error of any other kind than is foreseen is a find. So is what is accepted and is not what was
sent, is larger than the limits say, or cannot be written as a notebook; and what is honest and is
refused. What it can find is known: ``seeded`` is a list of guards, and each is found within some
2,000 examples when it is taken out.

==============  ==========================================================================
``mutations``   places of an honest message, changed
``described``   values, answers, lessons and questions, and the `Reader`
``judged``      answers of a right function, and the oracle; what goes by the line, and `Kept`
``files``       notebooks of every version, and the loader
``shown``       outputs that stand in a notebook, and what makes them inert
``messages``    what a cell shows and a kernel replies, and the client that listens
``targets``     all of these by name, and how long to draw
``seeded``      guards, each taken out
==============  ==========================================================================
"""
