"""A whole class graded in parallel: ``bplab grade`` and ``bplab regrade``.

`folder` knows where things are (nbgrader's own settings), `submissions` what was handed in,
`worker` and `pools` (or `cluster`) how it is graded elsewhere; `coordinator` alone writes:
`staging` the folder ``autograded``, `book` the gradebook.
"""
