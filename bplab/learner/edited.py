"""Run a learner's functions with small edits in their code, many times and within bounds.

A trial takes a fraction of a millisecond: the functions are rebuilt only once, and after that only
their code is exchanged. Rounds of loops are counted, and whatever could fill the memory raises
an error. Nothing in the notebook is touched: arrays and lists that the code looks up are copies.
"""

import ast
import copy
import math
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import cached_property, lru_cache, partial
from operator import length_hint
from types import CodeType, FrameType, FunctionType, ModuleType
from typing import Any, NamedTuple

import numpy as np

from bplab.learner.call import Answer, Form, as_parts, copied, handed, names_in
from bplab.learner.computing import computes, only_computes
from bplab.learner.edits import (
    COPY,
    MARK,
    VALUE,
    Edit,
    EditKind,
    Known,
    PutIn,
    Write,
    edits,
    missing,
    writes,
)
from bplab.learner.rebuilt import Recoded, is_own
from bplab.learner.rows import size_of
from bplab.learner.switched import LOOKS, NOTES, Switched, switched
from bplab.learner.texts import Text

__all__ = ["Edited", "Editor", "TooMuch", "is_readable", "when_run"]

ROUND, FITS = f"{MARK}round", f"{MARK}fits"

MOST = 20_000
"""Size up to which an array or a list may grow in a loop."""

ROUNDS, LEAST_ROUNDS = 20, 1_000
"""With edits, loops may take this many times the rounds without edits, and this many more."""

ROUNDS_ELSEWHERE = 200_000
"""Rounds of loops for any other arguments: code that ends for some ends for most."""

DIGITS = 2**64
"""How large a whole number may become in a loop."""

WIDE = 2_000_000
"""Numbers in an array that the code may ask numpy for at once: 16 MB."""


class TooMuch(Exception):
    """Something grows beyond what the right program could need."""


class Changed(Exception):
    """The function has changed one of its arguments."""


class Editor:
    """A learner's functions, ready to be run with edits; the first one is called.

    Attributes
    ----------
    value : callable
        Returns a right value, given its name; set by whoever puts values in.
    shapes : list of dict
        For each function, the shapes of its local variables at its end, by their names.
    """

    def __init__(self, functions: Sequence[FunctionType], texts: Sequence[Text]):
        self._functions, self._texts = functions, texts
        self._codes = [text.code() for text in texts]
        built = _Built(self._originals(self._codes))
        self._built = [built.function(one) for one in functions]
        self._rounds = ROUNDS_ELSEWHERE
        self._writes = [list(writes(text.function)) for text in texts]
        self._first = _Together(self._texts, self._writes)
        self._of: dict[Edit, _Together] = {}
        self._known_of: list[Known] = []
        self._values: dict[Edit, tuple[Write, str]] = {}
        self.value: Callable[[str], Any] = _no_value
        self.shapes: list[dict[str, tuple[int, ...]]] = [{} for _ in functions]

    @classmethod
    def of(cls, functions: Sequence[FunctionType]) -> "Editor | None":
        """Read the functions; None if they cannot be read, or do more than compute."""
        texts = []
        for one in functions:
            text = Text.of(one)
            if text is None or text.is_closure or not only_computes(text.function):
                return None
            if not _uses_only_numbers(one):
                return None
            _count(text.function)
            texts.append(text)
        return cls(functions, texts) if texts else None

    def edits(self, given: Sequence[Any]) -> Iterator["Edited"]:
        """Yield every edit; a run with these arguments tells what kind of value each name has."""
        self._known_of = self._known(given)
        self._first = _Together(self._texts, self._writes)
        self._of = {}
        yield from self._each(self._first, edits)

    def missing(self) -> Iterator["Edited"]:
        """Yield the edits that add a statement; there are none before `edits` has been called."""
        if self._known_of:
            yield from self._each(_Together(self._texts, self._writes), missing)

    def _each(self, together: "_Together", of: Callable[..., Iterator[Edit]]) -> Iterator["Edited"]:
        for n, (text, known) in enumerate(zip(self._texts, self._known_of, strict=True)):
            for edit in of(text.function, known):
                together.edits[n].append(edit)
                self._of[edit] = together
                yield Edited(self, ((n, edit),))

    def writes(self) -> Iterator[tuple[int, Write, Callable[[str, int], "Edited"]]]:
        """Yield the writes of names, each with a function that puts another value after it.

        Before each comes the number of the learner's function that it is in. The function after it
        takes the name of a value, for which `value` is asked, and the line in the statement that is
        to be blamed, or 0.
        """
        for n, of in enumerate(self._writes):
            for write in of:
                yield n, write, partial(self._with_value, n, write)

    def _with_value(self, n: int, write: Write, which: str, line: int = 0) -> "Edited":
        edit = write.edit(which, line)
        self._values[edit] = write, which
        return Edited(self, ((n, edit),))

    def _settings(self, made: Sequence[tuple[int, Edit]]) -> "_Settings | None":
        """Return the variables that make these edits in compiled code; None if that cannot be."""
        codes = {self._of.get(edit) for _, edit in made if edit not in self._values}
        together = next(iter(codes), self._first)
        if together is None or len(codes) > 1 or not made:
            return None
        found: dict[int, dict[str, Any]] = {}
        for n, edit in made:
            if (switch := together.switches[n]) is None:
                return None
            name, value = switch.settings.get(edit, ("", None))
            if edit in self._values:
                write, value = self._values[edit]
                name = switch.writes.get(write, "")
            others = found.setdefault(n, {})
            if not name or not all(switch.are_apart(name, other) for other in others):
                return None
            others[name] = value
        return _Settings(together, found)

    def _known(self, given: Sequence[Any]) -> list[Known]:
        """Run the functions once as they are, and return what is known of their names."""
        seen: dict[CodeType, dict[str, Any]] = {}
        codes = {one.__code__ for one in self._built}

        def look(frame: FrameType, event: str, _: object) -> None:
            if event == "return" and frame.f_code in codes:
                seen.setdefault(frame.f_code, {}).update(frame.f_locals)

        before = sys.getprofile()
        unknown = ""
        rounds = self._start(ROUNDS_ELSEWHERE)
        sys.setprofile(look)
        try:
            self._built[0](*_ready(given))
        except NameError as error:
            unknown = error.name or _quoted(str(error))
        except Exception:
            pass  # the names that it has had until then are in ``seen``
        finally:
            sys.setprofile(before)
        self._rounds = ROUNDS * (ROUNDS_ELSEWHERE - length_hint(rounds)) + LEAST_ROUNDS
        ends = [seen.get(one.__code__, {}) for one in self._built]
        self.shapes = [{n: v.shape for n, v in end.items() if hasattr(v, "shape")} for end in ends]
        return [_known(end, unknown) for end in ends]

    def _start(self, most: int) -> Iterator[int]:
        """Set the counter of rounds back, and return it."""
        row = iter(range(most))
        for one in self._built:
            one.__globals__[ROUND] = row.__next__
            one.__globals__[VALUE] = self.value
        return row

    def _switched(
        self, settings: Mapping[int, Mapping[str, Any]], switches: Sequence[Switched | None]
    ) -> dict[int, CodeType]:
        """Set the variables that make edits, and return the code of each function."""
        codes = {}
        for n, some in settings.items():
            if switch := switches[n]:
                self._built[n].__globals__.update(switch.off, **some)
                codes[n] = switch.code
        return codes

    def _ends(self, made: "_Settings | None", given: Sequence[Any], parts: bool) -> dict[str, Any]:
        together, settings = made or _Settings(self._first, {})
        every = {n: settings.get(n, {}) for n in range(len(self._built))}
        codes = self._switched(every, together.noting if parts else together.switches)
        ends: list[dict[str, Any]] = [{} for _ in every]

        def notes(name: str, value: Any, n: int) -> Any:
            ends[n][name] = value
            return value

        for n, end in enumerate(ends):
            looks = {NOTES: partial(notes, n=n)} if parts else {LOOKS: end.update}
            self._built[n].__globals__.update(looks)
        with suppress(Exception):
            self._call(codes, given, False)
        return {f"{n}.{name}": value for n, end in enumerate(ends) for name, value in end.items()}

    def _call(self, codes: Mapping[int, CodeType], given: Sequence[Any], elsewhere: bool) -> Any:
        for n, code in codes.items():
            self._built[n].__code__ = code
        self._start(ROUNDS_ELSEWHERE if elsewhere else self._rounds)
        ready = _ready(given)
        try:
            value = self._built[0](*ready)
        except SystemExit as error:
            raise TooMuch from error
        finally:
            for n in codes:
                self._built[n].__code__ = self._codes[n] or self._built[n].__code__
        if not all(map(_as_given, ready, given)):
            raise Changed
        return value

    def _compiled(self, made: Sequence[tuple[int, Edit]]) -> dict[int, CodeType]:
        """Return the code of each edited function; an empty dict if that cannot be compiled."""
        with _as_made(made) as are_made:
            codes = {n: self._texts[n].code() for n, _ in made} if are_made else {}
        return {n: code for n, code in codes.items() if code} if all(codes.values()) else {}

    def _copied(self, made: Sequence[tuple[int, Edit]]) -> list[Text]:
        """Return copies of the texts with edits made."""
        with _as_made(made):
            return [text.copy() for text in self._texts]

    def _originals(self, codes: Sequence[CodeType | None]) -> dict[CodeType, CodeType]:
        pairs = zip(self._functions, codes, strict=True)
        return {one.__code__: code for one, code in pairs if code is not None}

    def _again(self, codes: Mapping[int, CodeType]) -> list[FunctionType]:
        """Rebuild the functions with other code in some of them."""
        which = [codes.get(n, code) for n, code in enumerate(self._codes)]
        built = _Built(self._originals(which))
        return [built.function(one) for one in self._functions]

    def _bounded(self, codes: Mapping[int, CodeType]) -> Callable[..., Any]:
        """Rebuild the functions with other code; return the first one, with bounded loops."""
        every = self._again(codes)

        def bounded(*given: Any) -> Any:
            row = iter(range(ROUNDS_ELSEWHERE))
            for one in every:
                one.__globals__[ROUND] = row.__next__
            return every[0](*given)

        return bounded


class _Together:
    """Edits that are compiled together, for each function."""

    def __init__(self, texts: Sequence[Text], writes: Sequence[Sequence[Write]]):
        self._texts, self._writes = texts, writes
        self.edits: list[list[Edit]] = [[] for _ in texts]

    @cached_property
    def switches(self) -> Sequence[Switched | None]:
        """The code of each function with all its edits in it."""
        return list(self._with_all(noted=False))

    @cached_property
    def noting(self) -> Sequence[Switched | None]:
        """The same code, which also notes the values of parts."""
        return list(self._with_all(noted=True))

    def _with_all(self, noted: bool) -> Iterator[Switched | None]:
        for text, of, some in zip(self._texts, self.edits, self._writes, strict=True):
            yield switched(text, of, some, noted)


class _Settings(NamedTuple):
    """The variables of each function's code that make some edits, with their values."""

    together: _Together
    made: Mapping[int, Mapping[str, Any]]


@dataclass(frozen=True, eq=False)
class Edited:
    """The functions with some edits made in their code.

    Attributes
    ----------
    editor : Editor
    made : tuple
        The edits, each after the number of its function; may be empty.
    """

    editor: Editor = field(repr=False)
    made: tuple[tuple[int, Edit], ...] = ()

    @cached_property
    def _codes(self) -> dict[int, CodeType]:
        return self.editor._compiled(self.made)

    @cached_property
    def _settings(self) -> "_Settings | None":
        return self.editor._settings(self.made)

    def call(self, given: Sequence[Any], elsewhere: bool = False) -> Any:
        """Call the function with copies of these arguments.

        ``elsewhere`` says that they are not the arguments that were given to `Editor.edits`.

        Raises
        ------
        Exception
            Whatever the function raises. `TooMuch` if the code cannot be compiled or exceeds a
            bound, `Changed` if the function changes its arguments.
        """
        if self._settings:
            codes = self.editor._switched(self._settings.made, self._settings.together.switches)
        elif self.made and not self._codes:
            raise TooMuch
        else:
            codes = self._codes
        return self.editor._call(codes, given, elsewhere)

    def arrays(
        self, given: Sequence[Any], forms: Sequence[Form], elsewhere: bool = False
    ) -> tuple[np.ndarray, ...] | None:
        """Call it as `call` does, and return the arrays of its answer; None if it is unusable."""
        value = self.call(given, elsewhere)
        if not is_readable(value):
            return None
        answer = Answer(as_parts(value, forms))
        return answer.arrays if len(answer.parts) == len(forms) else None

    def ends(self, given: Sequence[Any], parts: bool = False) -> dict[str, Any]:
        """Run the functions with copies of these arguments, and return the last values of names.

        With ``parts``, return the values of parts of lines. If an error stops the run, these are
        the values until then. The dict is empty if `is_switched` is false for these edits.
        """
        if self.made and not self._settings:
            return {}
        return self.editor._ends(self._settings, given, parts)

    def build(self) -> Callable[..., Any] | None:
        """Return the function with the edits, bounded, too; None if it cannot be compiled."""
        if self.made and not self._codes:
            return None
        return self.editor._bounded(self._codes)

    def functions(self) -> dict[FunctionType, Text]:
        """Return the functions with the edits, each with its text, which callers may change.

        They are as written if the edits cannot be compiled. The first one is the one to call; its
        rounds are counted over all calls.
        """
        texts = self.editor._copied(self.made)
        return dict(zip(self.editor._again(self._codes), texts, strict=True))

    @property
    def is_switched(self) -> bool:
        """Whether variables of compiled code make the edits, so that nothing is compiled."""
        return bool(self._settings)

    @property
    def has_values(self) -> bool:
        """Whether values are put in; these depend on the case, so that it cannot be built."""
        return any(edit.kind is EditKind.VALUE for _, edit in self.made)

    @property
    def put_in(self) -> PutIn | None:
        """The value that the first edit puts in; None for an edit of another kind."""
        return self._first[1].put_in

    def and_(self, other: "Edited") -> "Edited":
        """Return the functions with these edits and those of another one."""
        return Edited(self.editor, (*self.made, *other.made))

    def in_order(self, order: Sequence[int]) -> "Edited":
        """Return the same with its edits in the order in which their lines are run."""

        def when(made: tuple[int, Edit]) -> tuple[float, int]:
            return when_run(made[1].line, order), made[1].line

        return Edited(self.editor, tuple(sorted(self.made, key=when)))

    @property
    def cost(self) -> float:
        """How large the edits are together; see `Edit`."""
        return sum(edit.cost for _, edit in self.made)

    @property
    def lines(self) -> tuple[int, ...]:
        """The lines of the edits, each once."""
        return tuple(sorted({edit.line for _, edit in self.made}))

    @property
    def apart(self) -> tuple[tuple[int, str], ...]:
        """Each edit's line and function, if the edits are in several functions; otherwise empty."""
        if len({n for n, _ in self.made}) < 2:
            return ()
        return tuple((edit.line, self.editor._functions[n].__name__) for n, edit in self.made)

    @property
    def _first(self) -> tuple[int, Edit]:
        return self.made[0]

    @property
    def function(self) -> str:
        """The name of the function that the first edit is in."""
        return self.editor._functions[self._first[0]].__name__

    @property
    def in_helper(self) -> bool:
        """Whether the first edit is in a helper, not in the function that is called."""
        return self._first[0] > 0

    @property
    def place(self) -> tuple[int, int, int, str]:
        """Line, columns and text of the first edit, as from `Text.place`."""
        n, edit = self._first
        return self.editor._texts[n].place(edit.node)

    @property
    def size(self) -> int:
        """The number of nodes in what the first edit changes."""
        return sum(1 for _ in ast.walk(self._first[1].node))

    @property
    def copies(self) -> bool:
        """Whether the first edit changes a bare name that a line assigns or returns: ``a = b``."""
        n, edit = self._first
        return any(
            isinstance(node, (ast.Assign, ast.Return)) and node.value is edit.node
            for node in ast.walk(self.editor._texts[n].function)
            if isinstance(edit.node, ast.Name)
        )

    @property
    def edit(self) -> str:
        """What the first edit changes, in words."""
        return str(self._first[1].kind)


def when_run(line: int, order: Sequence[int]) -> float:
    """Return the position of a line among the lines with known values, in the order of their run.

    The head of a loop has no value: it comes just before the first later line that has one.
    """
    if line in order:
        return order.index(line)
    return min((n for n, other in enumerate(order) if other > line), default=len(order)) - 0.5


@contextmanager
def _as_made(made: Sequence[tuple[int, Edit]]) -> Iterator[bool]:
    """Make edits in their trees while the context lasts; say whether all could be made."""
    done: list[Edit] = []
    try:
        for _, edit in made:
            if not edit.make():
                break
            done.append(edit)
        yield len(done) == len(made)
    finally:
        for edit in reversed(done):
            edit.take_back()


# --- what is there ------------------------------------------------------------------------


def _ready(given: Sequence[Any]) -> list[Any]:
    return [handed(copied(value)) for value in given]


def _as_given(value: Any, given: Any) -> bool:
    if isinstance(value, np.ndarray):
        if value.shape == given.shape and value.tobytes() == given.tobytes():
            return True
        return np.array_equal(value, given, equal_nan=True)
    if isinstance(value, (list, tuple)):
        return len(value) != len(given) or all(map(_as_given, value, given))
    return True


def _uses_only_numbers(function: FunctionType) -> bool:
    """Whether all that it looks up in its notebook only computes, or is made of numbers or text."""
    names = function.__globals__
    return all(_harmless(names[name]) for name in names_in(function.__code__) if name in names)


def _harmless(value: Any) -> bool:
    if isinstance(value, ModuleType):
        return computes(value.__name__)
    if isinstance(value, (list, tuple, set, frozenset, dict)):
        inside = value.values() if isinstance(value, dict) else value
        return len(value) <= MOST and all(map(_harmless, inside))
    if isinstance(value, (np.ndarray, np.generic, bool, int, float, complex, str, type(None))):
        return True
    module = getattr(value, "__module__", None) or getattr(type(value), "__module__", "") or ""
    return is_own(value) or computes(module) or module == "builtins"


def _quoted(words: str) -> str:
    return words.split("'")[1] if words.count("'") > 1 else ""


def _known(values: Mapping[str, Any], unknown: str) -> Known:
    kinds: dict[str, str] = {}
    activations, rows, activation_rows, indices, masks = set(), set(), set(), set(), set()
    for name, value in values.items():
        if name.startswith((MARK, "__")) or name == "_":
            continue
        if hasattr(value, "derivative"):
            activations.add(name)
        if isinstance(value, (list, tuple)) and 0 < len(value) <= MOST:
            if all(hasattr(one, "derivative") for one in value):
                activation_rows.add(name)
            elif any(isinstance(one, np.ndarray) for one in value):
                rows.add(name)
        if _is_index(value):
            indices.add(name)
        if isinstance(value, np.ndarray) and value.dtype.kind == "b":
            masks.add(name)
        if kind := _kind(value):
            kinds[name] = kind
    numbers = (np.ndarray, np.generic, int, float)
    shapes = {name: np.shape(values[name]) for name in kinds if isinstance(values[name], numbers)}
    return Known(
        kinds,
        frozenset(activations),
        frozenset(rows),
        frozenset(activation_rows),
        frozenset({unknown} - kinds.keys()),
        {} if rows else shapes,  # with layers, a name may have several shapes
        frozenset(indices),
        frozenset(masks),
    )


def _is_index(value: Any) -> bool:
    """Whether it can index an array: a slice, or several whole numbers or slices."""
    if isinstance(value, np.ndarray):
        return value.ndim == 1 and value.dtype.kind in "iu"
    if isinstance(value, (list, tuple)):
        return bool(value) and all(isinstance(one, (int, np.integer, slice)) for one in value)
    return isinstance(value, slice)


def _kind(value: Any) -> str:
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, (int, np.integer)):
        return "int"
    if isinstance(value, (float, np.floating)):
        return "float"
    if isinstance(value, np.ndarray):
        return {0: "scalar", 1: "vector", 2: "matrix"}.get(value.ndim, "array")
    if isinstance(value, (list, tuple)):
        return "row"
    if callable(value):
        return "function"
    return ""


class _Built(Recoded):
    """Rebuilds functions with other code, and with copies of what they look up."""

    def __init__(self, codes: Mapping[CodeType, CodeType]):
        super().__init__(codes)
        self._copies: dict[int, tuple[Any, Any]] = {}

    def value(self, value: Any) -> Any:
        if value is np:
            return _numpy()
        if isinstance(value, (np.ndarray, list, dict, set)):
            if id(value) not in self._copies:
                self._copies[id(value)] = value, copy.deepcopy(value)
            return self._copies[id(value)][1]
        bounded = _bounded().get(id(value))
        return super().value(value) if bounded is None else bounded

    def built_in(self) -> dict[str, Any]:
        rounds = iter(range(ROUNDS_ELSEWHERE)).__next__
        return {ROUND: rounds, FITS: _fits, COPY: _of_floats, VALUE: _no_value}


# --- bounds -------------------------------------------------------------------------------


def _count(function: ast.AST) -> None:
    """Add code that counts the rounds of all loops, and checks the sizes of what they make.

    Each call of a function by itself counts as a round, too; there the sizes of its arguments are
    checked.
    """
    if isinstance(function, ast.FunctionDef):
        names = (node.id for node in ast.walk(function) if isinstance(node, ast.Name))
        if function.name in names:
            first = function.body[0]
            given = (ast.Name(one.arg, ast.Load()) for one in function.args.args)
            fits = (_call(first, FITS, name) for name in given)
            function.body = [_call(first, ROUND), *fits, *function.body]
    for node in ast.walk(function):
        if isinstance(node, (ast.For, ast.While)):
            body = []
            for one in node.body:
                body.append(one)
                match one:
                    case (
                        ast.AugAssign(target=ast.Name(id=name))
                        | ast.Assign(targets=[ast.Name(id=name)], value=ast.BinOp())
                    ):
                        body.append(_call(one, FITS, ast.Name(name, ast.Load())))
            node.body = [_call(node.body[0], ROUND), *body]


def _call(near: ast.AST, name: str, *given: ast.expr) -> ast.stmt:
    call = ast.Expr(ast.Call(ast.Name(name, ast.Load()), list(given), []))
    for inner in ast.walk(call):
        if "lineno" in inner._attributes:
            ast.copy_location(inner, near)
    return call


def _fits(value: Any) -> None:
    kind = type(value)
    if kind is np.ndarray:
        if value.size > MOST:
            raise TooMuch
    elif kind is list or kind is tuple:
        if len(value) > MOST:
            raise TooMuch
    elif kind is int and not -DIGITS < value < DIGITS:
        raise TooMuch


def _no_value(which: str) -> Any:
    raise TooMuch


def _of_floats(value: Any) -> Any:
    """Return a copy of an array, as floats, or of each array in a list."""
    if isinstance(value, (list, tuple)) and len(value) <= MOST:
        return [copied(one) for one in value]
    return np.array(value, dtype=float)


def is_readable(value: Any) -> bool:
    """Whether a value is an array, a number, or a list or tuple of these, and not too large."""
    return isinstance(value, _READABLE) and size_of(value, WIDE) <= WIDE


_READABLE = (np.ndarray, np.generic, bool, int, float, list, tuple)


def _product(shape: Any) -> float:
    row = shape if isinstance(shape, (list, tuple, np.ndarray)) else [shape]
    return math.prod(abs(float(one)) for one in row)


def _of_shape(*given: Any, **named: Any) -> float:
    return _product(given[0] if given else named.get("shape", 1))


def _of_all(*given: Any, **named: Any) -> float:
    return sum(size_of(one, WIDE) for one in given)


def _of_products(*given: Any, **named: Any) -> float:
    return math.prod(size_of(one, WIDE) for one in given[:2])


def _of_square(*given: Any, **named: Any) -> float:
    number = given and np.ndim(given[0]) == 0
    return float(given[0] if number else size_of(given[0], WIDE)) ** 2


def _of_repeats(*given: Any, **named: Any) -> float:
    reps = given[1] if len(given) > 1 else named.get("reps", named.get("repeats", 1))
    return size_of(given[0], WIDE) * max(_product(reps), 1.0)


def _of_range(*given: Any, **named: Any) -> float:
    step = abs(float(given[2])) if len(given) > 2 else 1.0
    return sum(abs(float(one)) for one in given[:2]) / (step or 1.0)


def _of_letters(*given: Any, **named: Any) -> float:
    if not given or not isinstance(given[0], str):
        return 1.0
    sizes: dict[str, int] = {}
    for letters, one in zip(given[0].partition("->")[0].split(","), given[1:], strict=False):
        for letter, size in zip(letters.strip(), np.shape(one), strict=False):
            sizes[letter] = size
    return _product(list(sizes.values()))


_SIZES: Mapping[str, Callable[..., float]] = {
    **dict.fromkeys(("zeros", "ones", "empty", "full"), _of_shape),
    **dict.fromkeys(
        ("concatenate", "hstack", "vstack", "column_stack", "row_stack", "stack", "append"), _of_all
    ),
    **dict.fromkeys(("array", "asarray", "asanyarray"), _of_all),
    **dict.fromkeys(("outer", "kron", "tensordot"), _of_products),
    **dict.fromkeys(("eye", "identity", "diag"), _of_square),
    **dict.fromkeys(("tile", "repeat"), _of_repeats),
    **dict.fromkeys(("arange",), _of_range),
    "einsum": _of_letters,
}


def _within(name: str) -> Callable[..., Any]:
    function, size = getattr(np, name), _SIZES[name]

    def bounded(*given: Any, **named: Any) -> Any:
        if size(*given, **named) > WIDE:
            raise TooMuch
        return function(*given, **named)

    return bounded


def _nothing_in(function: Callable[..., Any]) -> Callable[..., Any]:
    def nothing(*given: Any, **named: Any) -> Any:
        made = function(*given, **named)
        if made.dtype.kind == "f":
            made.fill(np.nan)
        return made

    return nothing


@lru_cache(maxsize=1)
def _bounded() -> dict[int, Callable[..., Any]]:
    return {id(getattr(np, name)): _within(name) for name in _SIZES if hasattr(np, name)}


@lru_cache(maxsize=1)
def _numpy() -> ModuleType:
    """Numpy with bounds on the functions that might be asked for too much memory."""
    module = ModuleType("numpy")
    module.__dict__.update(np.__dict__)
    bounded = _bounded()
    for name in _SIZES:
        if hasattr(np, name):
            setattr(module, name, bounded[id(getattr(np, name))])
    for name in ("empty", "empty_like"):  # what is in the memory may be right by chance
        setattr(module, name, _nothing_in(getattr(module, name)))
    return module
