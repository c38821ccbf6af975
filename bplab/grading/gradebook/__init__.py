"""nbgrader's gradebook: written in one place, read in one other."""
