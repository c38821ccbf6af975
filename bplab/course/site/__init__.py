"""The course as a static site: pages for people.

=============  ===========================================================================
``pages``      `build_pages`: notebooks, guide, equation map, misprints, API; made by Sphinx
``sources``    what the pages are made from, as Markdown and as notebooks
=============  ===========================================================================
"""

from bplab.course.site.pages import build_pages

__all__ = ["build_pages"]
