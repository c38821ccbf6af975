"""The course as a static site: pages to read, and notebooks that run in the browser.

===============  =========================================================================
``build``        `build_site`: build the whole site in one folder
``pages``        `build_pages`: have Sphinx make the pages: notebooks, guide, equation map,
                 misprints, API
``sources``      write the Markdown and the notebooks that the pages are made from
``start``        the first page of a site that has no such pages
``lite``         JupyterLite with the students' notebooks
``kernel``       the files for its kernel: Pyodide, wheels, and the lock that lists them
``loader.mjs``   the JavaScript by which JupyterLite loads Pyodide
``bytecode``     add bytecode to the modules that a kernel imports at its start
``compiled``     compile these modules; this runs in the Python that the site serves
``pyodide``      get Pyodide's core, from npm or a local copy: one version, with known hashes
``wheels``       make bplab's wheel, and fetch the pure wheels that it needs
``wheels.txt``   the list of these wheels, with their hashes
``unreachable``  the message in a kernel that could not load numpy
===============  =========================================================================
"""

from bplab.course.site.build import build_site
from bplab.course.site.pages import build_pages

__all__ = ["build_pages", "build_site"]
