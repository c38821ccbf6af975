"""Say in one sentence that the browser could not load numpy, or a package like it.

This file is sent to the browser with two values filled in, and runs when the site's kernel starts,
before anything of bplab is loaded. Pyodide only logs what it cannot fetch, and Python would say
that there is no module of that name.
"""

import sys

ADDRESS = "@ADDRESS@"
MODULES = "@MODULES@"


class Unreachable(ModuleNotFoundError):
    """A package that the browser could not load."""

    def _render_traceback_(self):
        """Return what IPython shows instead of a traceback: only the message."""
        return [str(self)]


class LastFinder:
    """The last finder, which is asked for modules that no other finder has."""

    @staticmethod
    def find_spec(name, path=None, target=None):
        """Raise `Unreachable` for a module of a package that is loaded from another address."""
        if name in MODULES.split():
            raise Unreachable(
                f"✗ {name} could not be loaded: it comes from {ADDRESS}, which this browser has "
                "not reached.\nOnce it can be reached, run this cell again.",
                name=name,
            )
        return None


sys.meta_path.append(LastFinder)
