"""What an instructor runs: the course's secret, and the class that shows the whole cycle."""

MAX_MB = 256
"""A notebook of more megabytes is not read."""
