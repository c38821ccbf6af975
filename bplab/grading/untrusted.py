"""A notebook's file is read, whatever somebody has handed in; and what is in its cells.

Nothing of nbgrader is loaded: where one notebook is judged, it need not be there.
"""

import codecs
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

import nbformat

from bplab.grading.judge.wire import becomes

__all__ = [
    "Unfit",
    "cells_of",
    "grade_id",
    "noted",
    "read_notebook",
    "refuse_too_large",
    "source_of",
]

MAX_CELLS, READ = 2_000, 800 * 10**6
"""Of cells; of bytes that a file may become when it is read."""

_MARK = "\\ufeff"  # of the order of bytes, as an escape
_OTHERS = re.compile(rb"[\x80-\xff]+")


class Unfit(ValueError):
    """A file that cannot be taken; says why, as what follows its name."""


def read_notebook(submitted: bytes | bytearray) -> dict[str, Any]:
    """Read a notebook of any version of the format, however it came to be.

    Returns
    -------
    dict
        With a list of ``"cells"``; nothing else is sure.

    Raises
    ------
    Unfit
        If it is no notebook; says what it is instead.
    """
    refuse_too_large(submitted)
    try:
        utf16 = submitted.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
        text = submitted.decode("utf-16") if utf16 else _in_ascii(submitted)
    except UnicodeDecodeError:
        raise Unfit("is no text in UTF-8") from None
    if not text.strip():
        raise Unfit("is empty")
    try:
        notebook = json.loads(text, object_pairs_hook=_without_outputs)
        if isinstance(notebook, dict) and notebook.get("nbformat", 4) in (1, 2, 3):
            notebook = nbformat.convert(nbformat.reader.reads(text), 4)
    except MemoryError:
        raise Unfit("takes more memory than there is for one") from None
    except ValueError:
        if text.lstrip()[:200].lower().startswith(("<!doctype", "<html")):
            raise Unfit("is a page of the web, saved under a notebook's name") from None
        raise Unfit("is no notebook: it is not JSON, or it was cut off") from None
    except Exception as error:  # nbformat raises whatever it stumbles over
        raise Unfit(f"is no notebook ({type(error).__name__})") from None
    cells = notebook.get("cells") if isinstance(notebook, dict) else None
    if not isinstance(cells, list):
        raise Unfit("is no notebook: it has no list of cells")
    if len(cells) > MAX_CELLS:
        raise Unfit(f"has {len(cells)} cells; more than {MAX_CELLS} are not read")
    return notebook


def refuse_too_large(submitted: bytes | bytearray) -> None:
    """Raise `Unfit` if reading a file might take too much memory; it is not read."""
    if becomes(submitted) > READ:
        raise Unfit(f"may take more than {READ // 10**6} MB of memory to read")


def _in_ascii(data: bytes | bytearray) -> str:
    """Return JSON with escapes for other letters: one of them may make a text four times as large.

    They stand in strings only, or it is no JSON.
    """

    def escaped(found: re.Match[bytes]) -> bytes:
        return json.dumps(found[0].decode("utf-8"))[1:-1].encode("ascii")

    plain = data if data.isascii() else _OTHERS.sub(escaped, data)
    return plain.decode("ascii").removeprefix(_MARK)


def _without_outputs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object of a notebook's, as it is read: outputs are not kept, and may be large."""
    return {key: [] if key == "outputs" else value for key, value in pairs}


def cells_of(notebook: Mapping[str, Any]) -> Iterator[Any]:
    """Iterate over what may be cells in what `read_notebook` returns."""
    return (cell for cell in notebook["cells"] if isinstance(cell, dict))


def noted(cell: Any) -> Mapping[str, Any]:
    """Return what nbgrader noted of a cell; nothing if it is none of the course's."""
    metadata = cell.get("metadata")
    nbgrader = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    return nbgrader if isinstance(nbgrader, dict) else {}


def grade_id(cell: Any) -> str:
    """Return nbgrader's name of a cell; an empty string if it has none."""
    id = noted(cell).get("grade_id")
    return id if isinstance(id, str) else ""


def source_of(cell: Any) -> str:
    """Return a cell's text, in one piece that can be sent."""
    source = cell.get("source", "")
    if isinstance(source, list):
        source = "".join(line for line in source if isinstance(line, str))
    text = source if isinstance(source, str) else ""
    text = text.replace("\r\n", "\n").replace("\x00", "")
    return text.encode("utf-8", "replace").decode("utf-8")  # half a character cannot be sent
