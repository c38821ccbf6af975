"""Compile what a kernel imports, in its own Python; this file is sent there as it is."""

import compileall
import contextlib
import importlib
import py_compile
import sys
from pathlib import Path

__all__ = ["compile_loaded"]


def compile_loaded(out: str, modules: list[str], below: str = "/lib/") -> None:
    """Import modules as far as possible, and compile all modules that are loaded then.

    The bytecode is later used without comparing it with its source: both are in one archive.

    Parameters
    ----------
    out : str
        A folder. For the module ``/lib/a.py`` it gets a copy ``lib/a.py`` and the bytecode
        ``lib/a.pyc``. Sources that are there already are compiled, too.
    modules : list of str
    below : str
        The beginning of modules' paths; modules elsewhere are left out.

    Raises
    ------
    RuntimeError
        If a source cannot be compiled.
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
            copy.write_bytes(spec.loader.get_data(file))  # the file may be in an archive
    done = compileall.compile_dir(
        out,
        ddir="/",  # for the paths in tracebacks
        quiet=1,
        legacy=True,
        invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH,
    )
    if not done:
        raise RuntimeError("not everything could be compiled")
