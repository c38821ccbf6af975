"""What comes out of a graded class: a report, files for learning platforms, feedback pages."""
