"""Write an edition into a folder."""

import importlib.util
import py_compile
import shutil
import tempfile
from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path

from bplab.exercises import TASKS
from bplab.grading.edition.cut import PACKAGE, cut, module
from bplab.grading.edition.kept import KEPT, kept_for

__all__ = ["write_edition"]


MOST = "capstone"
"""The assignment that keeps most; its edition serves notebooks with none of the exercises."""


def write_edition(
    assignment: str,
    folder: Path,
    tasks: Iterable[str] | None = None,
    *,
    explains: bool = False,
) -> Path:
    """Write the edition of bplab for an assignment: a package without its answers.

    Put the folder first on ``sys.path`` and make sure that the installed package cannot be
    imported. Then ``import bplab`` loads all of the edition, with numpy and nothing else. It has
    ``bplab.grading.judge.agent``, and ``bplab.grading._withheld``, which closes everything that is
    open only to demonstrations.

    Parameters
    ----------
    assignment : str
        E.g. ``"section_2_1"``.
    folder : Path
        Where to write; made if it does not exist. The edition is written whole or not at all.
    tasks : iterable of str, optional
        Ids of the exercises that the notebook asks for. Give them if they may differ from those of
        the course's own notebook of this name, as in an instructor's own assignment.
    explains : bool
        Whether the notebook has questions on the student's own code.

    Returns
    -------
    Path
        The folder, absolute. It holds one folder, ``bplab``.

    Raises
    ------
    ValueError
        If the course has no such assignment, and ``tasks`` is not given.
    FileExistsError
        If there is a ``bplab`` in the folder already.
    """
    if tasks is None:
        asked = {assignment}
    else:
        asked = {TASKS[id].notebook for id in tasks if id in TASKS} | {assignment} & set(KEPT)
    texts = _texts(frozenset(asked or {MOST}), explains)
    folder = Path(folder).resolve()
    place = folder / "bplab"
    if place.exists():
        raise FileExistsError(f"{place} is there already: give the edition a folder of its own")
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".edition-", dir=folder) as scratch:
        made = Path(scratch, "bplab")
        for name, text in texts.items():
            _write_module(made, place, name, text, name in _packages(texts))
        for file in (PACKAGE / "data").iterdir():
            if file.is_file() and file.suffix != ".py":
                shutil.copy(file, made / "data")
        made.chmod(0o755)
        made.rename(place)
    return folder


@lru_cache(maxsize=4)
def _texts(assignments: frozenset[str], explains: bool) -> Mapping[str, str]:
    """The texts of modules; cut once for all graders, as the library does not change meanwhile."""
    return cut(kept_for(assignments, explains=explains))


def _packages(texts: Mapping[str, str]) -> set[str]:
    """The modules that are folders: those that hold others, here or in the library."""
    holders = {name.rpartition(".")[0] for name in texts}
    return holders | {name for name in texts if (found := module(name)) and found.package}


def _write_module(made: Path, place: Path, name: str, text: str, package: bool) -> None:
    """Write a module and its compiled form, since nobody may write into its folder later."""
    parts = Path(*name.split(".")) if name else Path()
    parts = parts / "__init__.py" if package else parts.with_suffix(".py")
    file = made / parts
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    py_compile.compile(
        str(file),
        cfile=importlib.util.cache_from_source(str(file)),
        dfile=str(place / parts),
        doraise=True,
        invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH,
    )
