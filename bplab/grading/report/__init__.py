"""What a graded class gives: reports for the instructor, and marks for learning platforms.

==============  ==========================================================================
``results``     `read_results`: marks from the gradebook, mistakes from graded notebooks
``statistics``  a class in figures: exercises, common mistakes, what to look at
``advice``      what to say in class next
``sections``    sections of a class next to the whole, without revealing single marks
``page``        the report on an assignment, as one HTML file and as text
``weeks``       several assignments side by side, and mistakes that come back
``weeks_page``  that comparison, as one HTML file and as text
``export``      marks as CSV: what all platforms share, and a plain table
``canvas``      the CSV that Canvas imports
``moodle``      the CSV that Moodle imports
``roster``      a platform's list of students, matched with the gradebook's
==============  ==========================================================================
"""
