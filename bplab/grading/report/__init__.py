"""What comes out of a graded class: a report, and marks for learning platforms.

==============  ===================================================================
"""
