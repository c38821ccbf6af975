"""Programs that tests start, forked from a process that has loaded what they would load.

A program is a process as any other, with its own folder, environment, output and exit status; but
nbgrader and bplab, which take more than a second to import, are there already. Its first start is
the slow one.
"""

import atexit
import os
import runpy
import subprocess
import sys
from collections.abc import Mapping
from functools import cache
from importlib import import_module
from multiprocessing import get_context
from pathlib import Path

FORKED = get_context("forkserver")
FORKED.set_forkserver_preload(["nbgrader.apps", "bplab.cli.grade", "bplab.grading.nbgrader_plugin"])


def run_module(
    module: str,
    *arguments: str,
    cwd: Path,
    env: Mapping[str, str],
    log: Path,
    seconds: float | None = None,
) -> int:
    """Run ``python -m module arguments``; what it says is in ``log``. Return its exit status.

    Raises
    ------
    subprocess.TimeoutExpired
        If it has not ended after these seconds; it is killed.
    """
    given = (module, arguments, str(cwd), dict(env), str(log), newest_tables())
    process = FORKED.Process(target=_become, args=given)
    process.start()
    process.join(seconds)
    if process.exitcode is None:
        process.kill()
        process.join()
        raise subprocess.TimeoutExpired([module, *arguments], seconds)
    return process.exitcode


@cache
def newest_tables() -> str:
    """Return what ``alembic heads`` prints, which nbgrader starts for each new gradebook.

    That takes a second; the same is told without a process.
    """
    scripts = import_module("nbgrader.dbutil").ALEMBIC_DIR
    return import_module("alembic.script").ScriptDirectory(scripts).get_current_head()


def _become(
    module: str, arguments: tuple[str, ...], cwd: str, env: dict[str, str], log: str, tables: str
) -> None:
    os.chdir(cwd)
    os.environ.clear()
    os.environ.update(env)
    sys.path[0] = cwd
    with open(log, "wb") as told:
        for place in (1, 2):
            os.dup2(told.fileno(), place)
    import_module("nbgrader.api").get_alembic_version = lambda: tables
    sys.argv = [module, *arguments]
    sys.modules.pop(module, None)
    try:
        runpy.run_module(module, run_name="__main__", alter_sys=True)
    finally:
        atexit._run_exitfuncs()  # multiprocessing ends its processes without
