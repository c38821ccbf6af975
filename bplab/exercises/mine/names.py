"""`mine`: a learner's own functions by the names of the course, or else the library's functions.

Kernels that grade load this module. There nothing is kept or read, and every name stands for the
library's function.
"""

import functools
import html
import inspect
import io
import sys
import textwrap
from collections.abc import Callable, Iterator, Sequence
from types import ModuleType
from typing import Any

from bplab.activations import Softmax
from bplab.errors import NARROW, InputError, came, is_on_a_page, listed
from bplab.exercises.mine.library import KNOWN, THERE, Known, of_library
from bplab.languages import told

__all__ = ["JUDGED", "Mine", "NotThere", "mine", "not_written_here"]


class NotThere(RuntimeError):
    """A function under check calls one of `mine` that is not there where it is graded."""


class Mine:
    """The functions that you wrote, by their names in the course; shown as a table.

    ``mine.grad_beta`` is yours once ``check("eq4", grad_beta)`` has passed in this or any other
    notebook; ``mine["eq4"]`` is the same by an exercise's id. Until then it is the library's, and
    says so once. Where two sections have a function of the same name, as ``grad_beta``, the call
    chooses by ``g``: the function of section 2.2 for softmax, else that of section 2.1.
    """

    def __init__(self) -> None:
        self._keeper = _keeper()
        self._said: set[str] = set()

    def __getattr__(self, name: str) -> Callable[..., Any]:
        found = self._meant(name)
        if not found:
            names = "" if name.startswith("_") else f"; it has {listed(dir(self))}"
            raise AttributeError(f"mine has no {name}{names}")
        return self._function(found, name)

    def __getitem__(self, id: str) -> Callable[..., Any]:
        found = [known for known in KNOWN if known.id == id]
        if not found:
            ids = listed(known.id for known in KNOWN)
            raise InputError(f"mine[…] takes the id of an exercise, {ids}; got {id!r}")
        return self._function(found, found[0].name)

    def __setattr__(self, name: str, value: object) -> None:
        if not name.startswith("_"):
            raise InputError(_BY_CHECK.format(where=f"mine.{name}"))
        super().__setattr__(name, value)

    def __setitem__(self, id: str, value: object) -> None:
        raise InputError(_BY_CHECK.format(where=f"mine[{id!r}]"))

    def __dir__(self) -> list[str]:
        there = [known.name for known in KNOWN if known.where or self._is_own(known)]
        return [*dict.fromkeys(there), "whose"]

    def whose(self, *names: str) -> str:
        """Return a sentence that says which of some functions are the learner's own.

        Parameters
        ----------
        *names : str
            The functions that a network is made of: ``"hidden", "output", "backward"``.

        Raises
        ------
        ValueError
            If there is no name, or the course has no function of that name.
        """
        known = dict.fromkeys(known.name for known in KNOWN)
        for name in names or (None,):
            if not isinstance(name, str) or name not in known:
                raise InputError(
                    f"mine.whose takes names of functions, {listed(known)}; got {came(name)}"
                )
        rows = {name: self._meant(name) for name in names}
        theirs = [name for name, found in rows.items() if not all(map(self._is_own, found))]
        if not theirs:
            inside = self._inside(rows)
            return told(f"This network is yours from end to end: {listed(names)}.{inside}")
        yours = [name for name in names if name not in theirs]
        rest = f"; yours: {listed(yours)}" if yours else ""
        return told(f"Still the library's in this network: {listed(theirs)}{rest}.")

    def _inside(self, rows: dict[str, list[Known]]) -> str:
        """Return a sentence on the library's functions that the learner's own functions call."""
        called = sorted({name for found in rows.values() for name in self._called(found)})
        return f" (Inside, the library's {listed(called)}.)" if called else ""

    def _called(self, found: Sequence[Known]) -> Iterator[str]:
        for known in found:
            for line in self._kept(known).source.splitlines():
                match line.split():
                    case ["from", module, "import", name, *_] if module in _PASSES:
                        yield name

    # --- whose it is ------------------------------------------------------------------------

    def _meant(self, name: str) -> list[Known]:
        """Return the exercises that a name stands for.

        Of two with the same answer it is only one, and one that the learner has, if possible.
        """
        found = [known for known in KNOWN if known.name == name]
        if name in _ONE_ANSWER:
            return [*filter(self._is_own, found), *found][:1]
        return found

    def _is_own(self, known: Known) -> bool:
        kept = self._kept(known)
        return kept is not None and kept.function is not None

    def _kept(self, known: Known) -> Any:
        """Return what is kept for an exercise; None where work is graded."""
        return None if self._keeper is None else self._keeper.own(known.id)

    def _function(self, found: list[Known], called: str) -> Callable[..., Any]:
        """Return the function of one or two exercises: each the learner's, or the library's."""
        functions = {known.id: self._one(known) for known in found}
        if self._keeper is None:  # where work is graded: the library's function, as it is
            return functions[found[-1].id]
        if len(found) > 1 and not any(map(self._is_own, found)):
            found = found[:1]
        self._say(found, called)
        return _joined(found, functions)

    def _one(self, known: Known) -> Callable[..., Any]:
        kept = self._kept(known)
        own: Callable[..., Any] | None = None if kept is None else kept.function
        return of_library(known) if own is None else own

    def _say(self, found: Sequence[Known], called: str) -> None:
        """Print once for each function that the library's runs, and how to get one's own."""
        if isinstance(sys.stdout, io.StringIO):  # while a check runs nobody would see it
            return
        for known in found:
            if known.id in self._said or self._is_own(known):
                continue
            self._said.add(known.id)
            why = self._kept(known).why
            where = (" for softmax" if known is found[-1] else " but for softmax") * (
                len(found) > 1
            )
            said = (
                f"mine.{called}: the library's runs here{where}; "
                f"{f'yours {why}' if why else 'none of yours is kept'}. Once "
                f'check("{known.id}", {known.name}) passes in {known.notebook}, it is yours.'
            )
            print(textwrap.fill(told(said), NARROW) if is_on_a_page() else told(said))

    # --- shown ------------------------------------------------------------------------------

    def _rows(self) -> list[tuple[str, str, str]]:
        return [(known.id, known.name, told(self._whose(known))) for known in KNOWN]

    def _whose(self, known: Known) -> str:
        kept = self._kept(known)
        if kept is not None and kept.function is not None:
            return f"✓ yours, from {kept.day}"
        library = "· the library's" if known.where else "· nobody's yet"
        return f"{library} (yours {kept.why})" if kept is not None and kept.why else library

    @property
    def _title(self) -> str:
        own = sum(map(self._is_own, KNOWN))
        return told(f"mine: {own} of {len(KNOWN)} functions are yours")

    def __repr__(self) -> str:
        lines = [f"  {id:<20} {name:<20} {whose}" for id, name, whose in self._rows()]
        return "\n".join([self._title, *lines])

    def _repr_html_(self) -> str:
        head = "".join(
            f'<th scope="col" style="text-align:left">{told(name)}</th>'
            for name in ("exercise", "function", "whose")
        )
        body = "".join(
            "<tr>"
            + f'<th scope="row" style="text-align:left">{html.escape(row[0])}</th>'
            + "".join(f'<td style="text-align:left">{html.escape(cell)}</td>' for cell in row[1:])
            + "</tr>"
            for row in self._rows()
        )
        return (
            f"<table><caption>{self._title}</caption><thead><tr>{head}</tr></thead>"
            f"<tbody>{body}</tbody></table>"
        )


_BY_CHECK = "{where} cannot be set: a function is yours once check has passed it"

_ONE_ANSWER = ("backward_hidden",)
"""Equation (11) is (7): delta knows what the outputs are."""

_PASSES = ("bplab.deep", "bplab.layers", "bplab.losses", "bplab.network", "bplab.training")
"""Modules with functions that a forward and backward pass can be made of."""


def _keeper() -> ModuleType | None:
    try:
        from bplab.exercises.mine import keeper
    except ImportError:  # in an edition of the library, where work is graded
        return None
    return keeper


def _joined(found: Sequence[Known], functions: dict[str, Callable[..., Any]]) -> Callable[..., Any]:
    """Return one function that calls the one for softmax or the other.

    It raises `NotThere` in the check of a function that would not find it where it is graded.
    """
    elementwise, for_softmax = (functions[found[at].id] for at in (0, -1))

    @functools.wraps(elementwise)
    def called(*arguments: Any, **named: Any) -> Any:
        if JUDGED and (why := not_written_here(called, JUDGED[-1])):
            raise NotThere(why)
        chosen = elementwise
        if for_softmax is not elementwise and _softmax_among(elementwise, arguments, named):
            chosen = for_softmax
        return chosen(*arguments, **named)

    # the wrapped function must not be taken for an answer: remove the way to it
    called.__signature__ = inspect.signature(elementwise)  # type: ignore[attr-defined]
    del called.__wrapped__
    called.bplab_mine = found[0].name  # type: ignore[attr-defined]
    called.__module__ = __name__
    return called


def _softmax_among(function: Callable[..., Any], arguments: Any, named: Any) -> bool:
    try:
        given = inspect.signature(function).bind(*arguments, **named).arguments
    except TypeError:  # the function itself will say what is wrong
        return False
    return isinstance(given.get("g"), Softmax)


def not_written_here(function: Callable[..., Any], notebook: str) -> str:
    """Return why a function of `mine` is not an answer in a notebook; empty for one that may be."""
    name = getattr(function, "bplab_mine", None)
    if not isinstance(name, str) or name in THERE.get(notebook, ()):
        return ""
    return f"mine.{name} is not there where {notebook} is graded: write it in its cell"


JUDGED: list[str] = []
"""Notebooks whose functions are being checked; `mine` allows what the last one's grading has."""

mine = Mine()
"""What learners import."""
