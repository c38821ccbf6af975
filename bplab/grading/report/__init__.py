"""What comes out of a graded class: a report, and marks for learning platforms.

==============  ==========================================================================
``results``     marks from the gradebook, mistakes from the notebooks
``statistics``  what they say together: exercises, common mistakes, what to look at
``advice``      what to say in class next
``page``        the report: an HTML file with its figures, and the same as text
``export``      marks as CSV: what is common to all platforms, and a plain table
``canvas``      the CSV that Canvas imports
``moodle``      the CSV that Moodle imports
``roster``      a platform's list of students, and who is who on it
==============  ==========================================================================
"""
