"""Find out why a function that is wanted does not exist: what happened to the cell that has it."""

import re
from collections.abc import Mapping, Sequence

from nbformat import NotebookNode

__all__ = ["why_undefined"]

_TO_DO = {
    "ModuleNotFoundError": "The computer that grades has the course's packages, such as numpy and "
    "matplotlib. Do without this one; a file of your own has to be handed in beside the notebook.",
    "FileNotFoundError": "Hand in the file beside the notebook, and open it by its name there, as "
    'in open("data.csv").',
}

_MOST = 160  # characters of an error
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
_STAR = re.compile(r"^[ \t]*from +\S+ +import +\*", re.MULTILINE)
_AGAIN = "Mend it, then choose Kernel, Restart Kernel and Run All Cells: it must run from the top."


def why_undefined(
    function: str, cells: Sequence[NotebookNode], trouble: Mapping[int, str]
) -> tuple[str, str]:
    """Say what kept a function from being defined.

    Parameters
    ----------
    function : str
    cells : sequence of NotebookNode
        The notebook's cells, with the outputs of the run.
    trouble : mapping of int to str
        What else happened to cells, by index: ``"took longer than 30 s"``.

    Returns
    -------
    why, hint : str
        Both empty if the function's cell is not found, or if nothing happened to it.
    """
    name = re.escape(function)
    defines = re.compile(rf"^[ \t]*(?:async +)?def +{name}\b", re.MULTILINE)
    names = re.compile(
        rf"{defines.pattern}|^[ \t]*(?:{name} *=(?!=)|from +\S+ +import\b[^\n]*\b{name}\b)",
        re.MULTILINE,
    )
    for i, cell in reversed([*enumerate(cells)]):
        if cell.cell_type != "code":
            if defines.search(cell.source):
                return "it stands in a cell of text, which is not run", (
                    "Click the cell, choose Code in the bar above the notebook, and run it."
                )
        elif names.search(cell.source):
            if i in trouble:
                return f"its cell {trouble[i]}", _AGAIN
            if ended := _ended(cell):
                return f"its cell {ended[0]}", ended[1]
    for cell in cells:
        star = _STAR.search(cell.source) if cell.cell_type == "code" else None
        if star and (ended := _ended(cell)):
            where = f'the one with "{_plain(star[0])}"'
            return f"no cell defines it, and {where} {ended[0]}", ended[1]
    return "", ""


def _ended(cell: NotebookNode) -> tuple[str, str] | None:
    """The error that a cell ended in, and what to do; None if it ran to its end."""
    for output in cell.get("outputs", ()):
        if output.output_type == "error":
            name, says = _plain(output.ename), _plain(output.evalue)
            line = _line(output.get("traceback", ()), cell.execution_count)
            why = f"ended in {name}{': ' * bool(says)}{says}{line}"
            return why, _TO_DO.get(name, _AGAIN)
    return None


def _line(traceback: Sequence[str], count: int | None) -> str:
    """The line of the cell in which it ended, in words."""
    here = re.compile(rf"(?:Cell |Input )?In ?\[{count}\][^\n]*?line:? (\d{{1,6}})")
    for entry in list(traceback)[:50]:
        if found := here.search(_COLOUR.sub("", str(entry)[:10_000])):
            return f" (line {found[1]})"
    return ""


def _plain(text: object) -> str:
    """A student's words, shortened, on one line."""
    words = " ".join("".join(c if c.isprintable() else " " for c in str(text)[:1000]).split())
    return words if len(words) <= _MOST else f"{words[: _MOST - 1]}…"
