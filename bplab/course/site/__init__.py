"""The course as a static site: pages for people, and notebooks that run in their browser.

===============  =========================================================================
``build``        `build_site`: everything, into one folder
``pages``        `build_pages`: notebooks, guide, equation map, misprints, API; made by Sphinx
``sources``      what the pages are made from, as Markdown and as notebooks
``start``        what the site opens with where there are no pages
``lite``         JupyterLite with the students' notebooks
``kernel``       what its kernel is served with: Pyodide, wheels, and the lock that names them
``loader.mjs``   what JupyterLite loads Pyodide by
``bytecode``     bytecode beside the modules that a kernel starts with
``compiled``     what compiles them, in the Python that is served
``pyodide``      Pyodide's core, by npm or at hand: one version, each file of a known hash
``wheels``       this bplab as a wheel; the pure wheels that it needs
``wheels.txt``   which these are
``unreachable``  what a kernel says where numpy did not arrive
===============  =========================================================================
"""

from bplab.course.site.build import build_site
from bplab.course.site.pages import build_pages

__all__ = ["build_pages", "build_site"]
