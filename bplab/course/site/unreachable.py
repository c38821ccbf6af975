"""What the site's kernel starts with: one sentence where numpy and its like did not arrive.

This file goes to the browser as it is, with two values filled in; there nothing of bplab is loaded
yet. Pyodide only logs what it cannot fetch, and Python would say that there is no module of the
name.
"""

import sys

ADDRESS = "@ADDRESS@"
MODULES = "@MODULES@"


class Unreachable(ModuleNotFoundError):
    """A package that the browser did not get."""

    def _render_traceback_(self):
        """Return what IPython shows instead of a traceback: only the message."""
        return [str(self)]


class LastFinder:
    """Is asked for a module when nobody else has it."""

    @staticmethod
    def find_spec(name, path=None, target=None):
        """Say why there is none, if it would have come from afar."""
        if name in MODULES.split():
            raise Unreachable(
                f"✗ {name} could not be loaded: it comes from {ADDRESS}, which this browser has "
                "not reached.\nOnce it can be reached, run this cell again.",
                name=name,
            )
        return None


sys.meta_path.append(LastFinder)
