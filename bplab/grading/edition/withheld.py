"""The stand-ins in an edition of bplab, for everything that it does not have.

This file becomes ``bplab.grading._withheld`` of an edition. It knows no exercise and no answer.
"""

import sys
from collections.abc import Iterator
from importlib.abc import MetaPathFinder
from typing import Any

__all__ = ["Inert", "Stub", "Withheld", "close", "open", "refuse", "withheld_class"]

_asked: list[str] | None = None  # while a function is graded: what was asked for


class Withheld(RuntimeError):
    """A part of bplab was used that is not there while work is graded.

    Attributes
    ----------
    name : str
        The full name of the part, e.g. ``"bplab.network.grad_beta"``.
    """

    def __init__(self, name: str):
        self.name = name
        super().__init__(
            f"{name} is not there while your work is graded: your own function is what counts"
        )

    def _render_traceback_(self) -> list[str]:
        """Return what IPython shows instead of a traceback: only the message."""
        return [str(self)]


def close() -> None:
    """Close everything that is open only to demonstrations; from now on note what is asked for."""
    global _asked
    _asked = []


def open() -> list[str]:
    """Open it again; return the names of everything that was asked for since it was closed."""
    global _asked
    asked, _asked = _asked or [], None
    return list(dict.fromkeys(asked))


def refuse(name: str) -> None:
    """Raise `Withheld` if a function is being graded; all that can be closed begins with this."""
    if _asked is not None:
        raise _withheld(name)


def _withheld(name: str) -> Withheld:
    _note(name)
    return Withheld(name)


def _note(name: str) -> None:
    if _asked is not None and len(_asked) < 1000:
        _asked.append(name)


class Stub:
    """Stands for a function or a value: it can be imported and passed on, but not used."""

    def __init__(self, name: str):
        self._name = name

    def __repr__(self) -> str:
        return f"<{self._name}: not there while your work is graded>"

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Refuse."""
        raise _withheld(self._name)

    def __getattr__(self, attribute: str) -> Any:
        if attribute.startswith("_"):  # Python and IPython look for these in any object
            raise AttributeError(attribute)
        raise _withheld(self._name)

    def __getitem__(self, key: Any) -> Any:
        raise _withheld(self._name)

    def __iter__(self) -> Iterator[Any]:
        raise _withheld(self._name)


def withheld_class(name: str) -> type:
    """Return a class that stands for another: it has no instances but those of its subclasses."""

    def __new__(cls: type, *args: Any, **kwargs: Any) -> Any:  # noqa: N807
        if cls is made:
            raise _withheld(name)
        return object.__new__(cls)

    module, _, own = name.rpartition(".")
    made = type(own, (), {"__new__": __new__, "__module__": module})
    return made


class Inert:
    """Stands for a tool that only shows, and for what it returns: takes all, and does nothing."""

    def __call__(self, *args: Any, **kwargs: Any) -> "Inert":
        """Do nothing."""
        return self

    def __getattr__(self, attribute: str) -> "Inert":
        if attribute.startswith("_"):
            raise AttributeError(attribute)
        return self

    def __getitem__(self, key: Any) -> "Inert":
        """Do nothing."""
        return self

    def __iter__(self) -> Iterator[Any]:
        return iter(())

    def __len__(self) -> int:
        return 0

    def __bool__(self) -> bool:
        return True

    def __format__(self, spec: str) -> str:
        return repr(self)

    def __repr__(self) -> str:
        return "(not shown while graded)"


class _Absent(MetaPathFinder):
    """Asked last, for modules that no other finder has found: notes those of bplab."""

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> None:
        """Find nothing."""
        if name.startswith("bplab."):
            _note(name)


sys.meta_path.append(_Absent())
