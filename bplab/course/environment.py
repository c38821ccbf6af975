"""The environment for programs that are called by their names."""

import os
import sys
from pathlib import Path


def with_own_programs() -> dict[str, str]:
    """Return the process's environment with the programs beside this Python first on PATH.

    nbgrader calls alembic by its name, and kernels may call others: also where nobody has
    activated the environment that they are installed in.
    """
    own = str(Path(sys.executable).parent)
    return {**os.environ, "PATH": os.pathsep.join([own, os.environ.get("PATH", "")])}


def for_learners() -> dict[str, str]:
    """Return the same, with JupyterLab's settings for learners: nbgrader's menus stay away.

    They are for instructors, who start JupyterLab by themselves.
    """
    environment = with_own_programs()
    own = str(Path(__file__).parent / "lab_config")
    given = environment.get("JUPYTER_CONFIG_PATH", "")
    return {**environment, "JUPYTER_CONFIG_PATH": os.pathsep.join(filter(None, [own, given]))}
