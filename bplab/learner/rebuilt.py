"""Build a copy of a learner's function, in which other objects replace those that it looks up.

Its constants, defaults, closures and the notebook's names that it uses may all be replaced, also
in every function of the notebook that it calls. The originals in the notebook stay as they are.
Nothing here knows an exercise or an answer, because kernels that grade load this module.
"""

from collections.abc import Mapping
from types import CellType, CodeType, FunctionType
from typing import Any, TypeGuard

from bplab.errors import LIBRARIES
from bplab.learner.call import names_in

__all__ = ["Rebuilding", "Recoded", "is_own"]


def is_own(value: Any) -> TypeGuard[FunctionType]:
    """Whether it is a function of the notebook, not one of a library or one written in C."""
    return isinstance(value, FunctionType) and not value.__code__.co_filename.startswith(LIBRARIES)


class Rebuilding:
    """Rebuilds functions of the notebook; a subclass says what is replaced, and by what."""

    def __init__(self) -> None:
        self._functions: dict[int, FunctionType] = {}

    def value(self, value: Any) -> Any:
        """Return what replaces a value: a rebuilt function, or else the value itself."""
        return self.function(value) if is_own(value) else value

    def code(self, code: CodeType) -> CodeType:
        """Return what replaces the code of a function: the same code with other constants."""
        return code.replace(
            co_consts=tuple(
                self.code(one) if isinstance(one, CodeType) else self.value(one)
                for one in code.co_consts
            )
        )

    def built_in(self) -> dict[str, Any]:
        """Return names, with their values, that are added to the notebook's own."""
        return {}

    def function(self, function: FunctionType) -> FunctionType:
        """Return the rebuilt function, the same one each time."""
        if id(function) in self._functions:
            return self._functions[id(function)]
        added = self.built_in()
        names = dict(function.__globals__) | added
        cells = tuple(CellType() for _ in function.__closure__ or ())
        code = self.code(function.__code__)
        other = FunctionType(code, names, function.__name__, None, cells or None)
        self._functions[id(function)] = other  # first, as the functions that it calls may call it
        other.__defaults__ = tuple(map(self.value, function.__defaults__ or ())) or None
        other.__kwdefaults__ = {
            name: self.value(value) for name, value in (function.__kwdefaults__ or {}).items()
        } or None
        for name in names_in(function.__code__) & names.keys() - added.keys():
            names[name] = self.value(names[name])
        for cell, new in zip(function.__closure__ or (), cells, strict=True):
            try:
                new.cell_contents = self.value(cell.cell_contents)
            except ValueError:  # the cell is still empty
                continue
        return other


class Recoded(Rebuilding):
    """Rebuilds functions, and replaces the code of some of them."""

    def __init__(self, codes: Mapping[CodeType, CodeType]):
        super().__init__()
        self._codes = codes

    def code(self, code: CodeType) -> CodeType:
        """Return the code that replaces this one, with other constants."""
        return super().code(self._codes.get(code, code))
