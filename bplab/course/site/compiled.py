"""What a kernel imports, compiled by the Python that it runs in: this file goes there as it is."""

import compileall
import contextlib
import importlib
import py_compile
import sys
from pathlib import Path

__all__ = ["compile_loaded"]


def compile_loaded(out: str, modules: list[str], below: str = "/lib/") -> None:
    """Import modules that can be, and compile them with all that is loaded then.

    No clock decides later whether the bytecode still holds: it lies in one archive with its source.

    Parameters
    ----------
    out : str
        A folder. Of the module ``/lib/a.py`` it gets a copy ``lib/a.py`` and bytecode,
        ``lib/a.pyc``. Sources that are there already are compiled, too.
    modules : list of str
    below : str
        Modules that lie elsewhere are left out.

    Raises
    ------
    RuntimeError
        If a source is no Python.
    """
    for name in modules:
        with contextlib.suppress(ModuleNotFoundError):
            importlib.import_module(name)
    for module in [*sys.modules.values()]:
        spec = getattr(module, "__spec__", None)
        file = getattr(spec, "origin", None) or ""
        if spec and file.startswith(below) and file.endswith(".py"):
            copy = Path(f"{out}{file}")
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes(spec.loader.get_data(file))  # it may lie in an archive
    done = compileall.compile_dir(
        out,
        ddir="/",  # as tracebacks name it
        quiet=1,
        legacy=True,
        invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH,
    )
    if not done:
        raise RuntimeError("not everything could be compiled")
