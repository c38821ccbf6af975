"""Choose which of a student's notebooks counts, and the files that belong to it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from typing import Any

from bplab.grading.collect.download import Downloaded, inside
from bplab.grading.collect.platforms import Handed
from bplab.grading.collect.results import Collected, printed
from bplab.grading.files import TIMESTAMP
from bplab.grading.handed_in import Assignments, Unfit, plain, plain_stem, read_notebook

__all__ = ["Chosen", "choose"]


@dataclass(frozen=True)
class Chosen:
    """What is taken from a student: a notebook and its bytes, the files beside it, and notes."""

    notebook: Handed
    content: bytes
    beside: list[Handed]
    notes: tuple[str, ...]


_ARCHIVES = (".rar", ".7z", ".tar", ".tgz", ".gz", ".bz2", ".xz")


def _is_one(name: str) -> bool:
    return ".ipynb" in name.casefold() or name.casefold().endswith(".json")


def choose(
    handed: Sequence[Handed],
    assignment: str,
    assignments: Assignments,
    limit: int,
    result: Collected,
) -> Chosen | None:
    """Return the student's notebook that counts, and what belongs to it; None if there is none.

    The newest one counts. Of the same time, or without a time, a notebook that is named like the
    assignment comes first, and then the later attempt. A name to which a browser, a system or a
    platform has added "-1" or " (1)" still counts as the same name.

    Parameters
    ----------
    handed : sequence of Handed
        All files of one student.
    assignment : str
    assignments : Assignments
    limit : int
        Bytes; larger files are left.
    result : Collected
        Gets all other files, each with the reason why it is left.
    """
    files = [inner for one in handed for inner in _unpacked(one, limit, result)]
    notebooks: list[tuple[Handed, bytes]] = []
    others: list[Handed] = []
    for one in files:
        if one.own.name.casefold().endswith(_ARCHIVES):
            why = "is an archive that is not opened: ask for a zip file, or the notebook itself"
            result.leave(one.file.path, why)
            continue
        if not _is_one(one.own.name):
            others.append(one)
            continue
        try:
            content = one.file.read()
            assignments.refuse(read_notebook(content), assignment)
        except Unfit as error:
            result.leave(one.file.path, str(error))
        else:
            notebooks.append((one, content))
    if not notebooks:
        for one in others:
            result.leave(one.file.path, "came without a notebook")
        return None
    wanted = plain(assignment)

    def age(one: Handed) -> tuple[float, bool, int, int, float]:
        stem, number = plain_stem(one.own.name)
        at = one.at.timestamp() if one.at else 0.0
        return at, stem == wanted, one.attempt, number, one.file.modified

    def rank(pair: tuple[Handed, bytes]) -> tuple[Any, ...]:
        own = pair[0].own
        return age(pair[0]), own.stem == assignment, -len(own.parts), str(own)

    *older, (best, content) = sorted(notebooks, key=rank)
    fits = plain(best.own.name) == wanted
    notes = [] if fits else [f"is called {printed(best.own)}"]
    if best.late and best.at is None:
        notes.append("LATE, says the platform, and not by how much")
    differ = False
    for one, other in older:
        same = plain(one.own.name) == wanted or not fits
        why = f"{printed(best.file.path)} is the newer one" if same else "is another notebook"
        if age(one) == age(best):
            why = "is another notebook of the same time" if other != content else "is there twice"
            differ = differ or other != content
        result.leave(one.file.path, why)
    if differ:
        notes.append(f"several notebooks of the same time: {printed(best.own)} is taken")
    beside = []
    for one in others:
        if one.own.name == TIMESTAMP:
            result.leave(one.file.path, "is not the student's to write")
        elif best.at and one.at != best.at:
            result.leave(one.file.path, f"came at another time than {printed(best.file.path)}")
        else:
            beside.append(one)
    return Chosen(best, content, beside, tuple(notes))


def _unpacked(one: Handed, limit: int, result: Collected) -> Iterator[Handed]:
    """Yield the files in a zip file that a student handed in, or else the file itself."""
    if not one.own.name.casefold().endswith(".zip"):
        yield one
        return
    try:
        files = inside(one.file.read(), limit)
    except Unfit as error:
        result.leave(one.file.path, str(error))
        return
    for file in files:
        path = one.file.path / file.path if not file.path.is_absolute() else one.file.path
        if file.why:
            result.leave(path, file.why)
        elif file.path.name.casefold().endswith(".zip"):
            result.leave(path, "is an archive in an archive")
        else:
            yield replace(one, file=replace(file, path=path), own=_without_top(file, files))


def _without_top(file: Downloaded, files: Sequence[Downloaded]) -> PurePosixPath:
    """Return a file's name in an archive, without a single top folder that holds all files."""
    tops = {one.path.parts[0] for one in files if not one.why}
    nested = all(len(one.path.parts) > 1 for one in files if not one.why)
    return PurePosixPath(*file.path.parts[1:]) if len(tops) == 1 and nested else file.path
