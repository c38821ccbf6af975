"""Where notebooks live, each tried as its guide says: what others install, in folders of their own.

These run by `make test-all` only. What a place needs and the machine lacks is a reason to skip.
"""
