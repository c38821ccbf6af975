"""Cut modules: keep parts of each, and put stand-ins for the rest.

Starting from what an assignment keeps, everything that it needs is followed through the modules. A
name that is needed but not kept gets a stand-in, so that every import works. Modules are read as
syntax trees, which tell what each defines, what is public, and what a part needs.
"""

import ast
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TypeVar

import bplab
from bplab.grading.edition.kept import ALL, INERT, Kept

__all__ = ["PACKAGE", "cut", "module"]

PACKAGE = Path(__file__).resolve().parents[2]
"""The folder of the installed package."""

STAND_INS = "_withheld"
"""The module of an edition with the stand-ins, imported by the others."""


@dataclass(frozen=True)
class Imported:
    """One name that an import statement binds: ``from module import original as name``."""

    module: str  # empty for a plain ``import original``
    original: str
    statement: ast.stmt

    @property
    def own(self) -> bool:
        """Whether it comes from bplab itself."""
        return self.module.partition(".")[0] == "bplab"


@dataclass(frozen=True)
class Module:
    """A module of bplab, without docstrings, comments and annotations of functions.

    Attributes
    ----------
    name : str
        Its name without the leading ``bplab.``: ``"gradcheck.probe"``; empty for the package.
    statements : list of ast.stmt
        Its statements at the top level.
    bound : dict
        For each name at the top level the statement that binds it, or what is imported.
    public : tuple of str
        Its ``__all__``; without one, every name without a leading underscore that it defines.
    package : bool
    """

    name: str
    statements: list[ast.stmt]
    bound: dict[str, ast.stmt | Imported]
    public: tuple[str, ...]
    package: bool


def cut(kept: Kept) -> dict[str, str]:
    """Return the text of every module of an edition, by name without the leading ``bplab.``.

    Parameters
    ----------
    kept : Kept
        What is kept.

    Raises
    ------
    ValueError
        If a module that is kept, or a name in it, does not exist; or if a module that is kept in
        part has statements that cannot be cut.
    """
    return _Edition(kept).texts()


class _Edition:
    """Finds out what is real in an edition; then writes each module."""

    def __init__(self, kept: Kept):
        self._kept = kept
        self._modules = {name: _given(name) for name in self._all_kept(kept)}
        self._real: dict[str, set[str]] = defaultdict(set)
        self._stubs: dict[str, set[str]] = defaultdict(set)
        for full in kept.without | kept.closed:  # else a changed name would be missed
            name, _, bound = full.rpartition(".")
            if bound not in _given(name).bound:
                raise ValueError(f"there is no {full_name(full)} to be left out or closed")
        for name in self._modules:
            self._follow_roots(name)

    @staticmethod
    def _all_kept(kept: Kept) -> dict[str, None]:
        """The modules that are kept, and those of `bplab.grading` that they import."""
        names = dict.fromkeys(kept.modules)
        waiting = [name for name in names if name.startswith("grading.")]
        while waiting:
            for by in _given(waiting.pop()).bound.values():
                if not isinstance(by, Imported) or not by.module.startswith("bplab.grading"):
                    continue
                inside = by.module.removeprefix("bplab.")
                if inside == "grading":
                    inside = f"grading.{by.original}"
                if inside != f"grading.{STAND_INS}" and inside not in names and module(inside):
                    names[inside] = None
                    waiting.append(inside)
        return names

    # --- what is real -----------------------------------------------------------------------

    def _names(self, name: str) -> str | tuple[str, ...]:
        """What is kept of a module: names, or `ALL`; those of `bplab.grading` are kept whole."""
        return self._kept.modules.get(name, ALL if name.startswith("grading.") else ())

    def _follow_roots(self, name: str) -> None:
        found, wanted = self._modules[name], self._names(name)
        if wanted == ALL:
            for bound in found.bound:
                self._want(name, bound)
            return
        if unknown := set(wanted) - set(found.bound):
            raise ValueError(f"{full_name(name)} has no {', '.join(sorted(unknown))} to be kept")
        for bound in wanted:
            self._want(name, bound)
        for public in found.public:  # a package offers names of its modules
            by = found.bound.get(public)
            if isinstance(by, Imported) and by.own and self._has(by):
                self._want(name, public)

    def _has(self, by: Imported) -> bool:
        """Whether what is imported is real in this edition."""
        target = by.module.removeprefix("bplab").removeprefix(".")
        return target in self._modules and self._may_be_real(target, by.original)

    def _may_be_real(self, name: str, bound: str) -> bool:
        if f"{name}.{bound}" in self._kept.without:
            return False
        by = self._modules[name].bound.get(bound)
        if by is None:
            return False
        wanted = self._names(name)
        if wanted == ALL or bound in wanted:
            return True
        return isinstance(by, Imported) or bound not in self._modules[name].public

    def _want(self, name: str, bound: str) -> None:
        """Make a name of a module real, and all that it needs; or note that it needs a stand-in."""
        by = self._modules[name].bound.get(bound)
        if by is None or bound in self._real[name]:
            return
        if not self._may_be_real(name, bound):
            self._stubs[name].add(bound)
            return
        self._real[name].add(bound)
        if not isinstance(by, Imported):
            for needed in sorted(loaded(by)):
                self._want(name, needed)
        elif by.own:
            target = by.module.removeprefix("bplab").removeprefix(".")
            if target in self._modules:
                self._want(target, by.original)

    # --- what is written --------------------------------------------------------------------

    def texts(self) -> dict[str, str]:
        """Return the text of each module."""
        written = {name: self._text(name) for name in self._modules}
        for name in _public_modules():
            if name not in written:
                written[name] = self._standing_in(name)
        written[f"grading.{STAND_INS}"] = _stand_ins()
        for name in tuple(written):  # folders of which nothing else is kept
            for holder in _holders(name):
                written.setdefault(holder, "")
        written[""] += f"\nfor _name in {_import_order(written)!r}:\n    import_module(_name)\n"
        return written

    def _text(self, name: str) -> str:
        found = self._modules[name]
        bound: dict[ast.stmt, list[str]] = {statement: [] for statement in found.statements}
        for one, by in found.bound.items():
            bound[_statement(by)].append(one)
        body = [line for one, names in bound.items() for line in self._written(name, one, names)]
        return _text(body, uses_stand_ins=True)

    def _written(self, name: str, statement: ast.stmt, bound: list[str]) -> list[ast.stmt]:
        """What becomes of a statement at the top level that binds these names."""
        found = self._modules[name]
        if isinstance(statement, (ast.Import, ast.ImportFrom)):
            return [line for b in bound for line in self._written_import(name, b)]
        if not bound:
            if self._names(name) != ALL and not _is_all(statement):
                line = ast.unparse(statement)[:60]
                raise ValueError(f"{full_name(name)} cannot be cut at: {line}")
            return [statement]
        if _is_all(statement) or self._real[name] & set(bound):
            return [self._guarded(name, statement)]
        stubs = self._stubs[name] | set(found.public)
        return [self._stub(name, b) for b in bound if b in stubs]

    def _written_import(self, name: str, bound: str) -> list[ast.stmt]:
        by = self._modules[name].bound[bound]
        assert isinstance(by, Imported), bound
        public = bound in self._modules[name].public
        if bound not in self._real[name]:
            return [self._stub(name, bound)] if public else []
        if by.module == "":
            return [ast.Import([ast.alias(by.original, _as(bound, by.original))])]
        if by.own and not self._importable(by):
            if by.original == STAND_INS:
                return []  # imported anyway
            return [self._stub(name, bound, of=by)]
        return [ast.ImportFrom(by.module, [ast.alias(by.original, _as(bound, by.original))], 0)]

    def _importable(self, by: Imported) -> bool:
        """Whether an edition has what is imported, real or not."""
        target = by.module.removeprefix("bplab").removeprefix(".")
        inside = f"{target}.{by.original}" if target else by.original
        if inside in self._modules or inside in _public_modules():
            return True
        if target in self._modules:
            known = self._real[target] | self._stubs[target] | set(self._modules[target].public)
            return by.original in known
        return target in _public_modules() and by.original in _given(target).public

    def _guarded(self, name: str, statement: ast.stmt) -> ast.stmt:
        """The statement; if it defines something to be closed, with a refusal as its first line."""
        if not isinstance(statement, (ast.FunctionDef, ast.ClassDef)):
            return statement
        bound = statement.name
        if f"{name}.{bound}" not in self._kept.closed:
            return statement
        refuse = ast.Expr(_called("refuse", _public_name(name, bound)))
        if isinstance(statement, ast.FunctionDef):
            return _replaced(statement, body=[refuse, *statement.body])
        body: list[ast.stmt] = [
            _replaced(part, body=[refuse, *part.body])
            if isinstance(part, ast.FunctionDef) and part.name == "__init__"
            else part
            for part in statement.body
        ]
        return _replaced(statement, body=body)

    def _standing_in(self, name: str) -> str:
        """Text of a module of which nothing is real."""
        found = _given(name)
        lines = [self._stub(name, public) for public in found.public]
        lines.append(ast.parse(f"__all__ = {list(found.public)!r}").body[0])
        return _text(lines, uses_stand_ins=True)

    def _stub(self, name: str, bound: str, of: Imported | None = None) -> ast.stmt:
        known = INERT.get(name, ())
        source, own = (
            (name, bound) if of is None else (of.module.removeprefix("bplab."), of.original)
        )
        called = _public_name(source, own)
        if known == ALL or bound in known:
            value = _called("Inert")
        elif _is_class(name, bound):
            value = _called("withheld_class", called)
        else:
            value = _called("Stub", called)
        return ast.Assign([ast.Name(bound, ast.Store())], value, lineno=0)


# --- modules ------------------------------------------------------------------------------


def _public_modules() -> tuple[str, ...]:
    """The modules that notebooks may import: each of them is in every edition."""
    return (*bplab._MODULES, "gallery")


def _given(name: str) -> Module:
    found = module(name)
    if found is None:
        raise ValueError(f"there is no module {full_name(name)} to be kept")
    return found


def _stand_ins() -> str:
    """Text of the module with the stand-ins, which lies beside this one."""
    text = Path(__file__).with_name("withheld.py").read_text(encoding="utf-8")
    return _text(parse(STAND_INS, text).statements)


def _import_order(written: dict[str, str]) -> tuple[str, ...]:
    """All modules but the package itself, by their full names: loaded before a kernel is forked."""
    return tuple(full_name(name) for name in sorted(written) if name)


# --- statements ---------------------------------------------------------------------------


def _statement(by: ast.stmt | Imported) -> ast.stmt:
    return by.statement if isinstance(by, Imported) else by


def _is_all(statement: ast.stmt) -> bool:
    targets = getattr(statement, "targets", [])
    return any(isinstance(t, ast.Name) and t.id == "__all__" for t in targets)


def _as(bound: str, original: str) -> str | None:
    return bound if bound != original else None


def _holders(name: str) -> list[str]:
    """The packages that a module is in: ``"a"`` and ``"a.b"`` for ``"a.b.c"``."""
    parts = name.split(".")
    return [".".join(parts[:count]) for count in range(1, len(parts))]


def _is_class(name: str, bound: str) -> bool:
    """Whether a name of the library's module is a class, defined or imported there."""
    found = module(name)
    by = found.bound.get(bound) if found else None
    if isinstance(by, Imported) and by.own:
        return _is_class(by.module.removeprefix("bplab").removeprefix("."), by.original)
    return isinstance(by, ast.ClassDef)


def _public_name(name: str, bound: str) -> str:
    """The name that learners know: in the outermost folder that offers it."""
    for holder in _holders(name):
        if (found := module(holder)) and bound in found.public:
            return full_name(holder, bound)
    return full_name(name, bound)


_Definition = TypeVar("_Definition", ast.FunctionDef, ast.ClassDef)


def _replaced(statement: _Definition, body: list[ast.stmt]) -> _Definition:
    fields = {field: getattr(statement, field) for field in statement._fields} | {"body": body}
    return ast.copy_location(type(statement)(**fields), statement)


def _called(function: str, *texts: str) -> ast.Call:
    """A call of a function in the module with the stand-ins."""
    function_there = ast.Attribute(ast.Name(STAND_INS, ast.Load()), function, ast.Load())
    return ast.Call(function_there, [ast.Constant(text) for text in texts], [])


def _text(body: list[ast.stmt], *, uses_stand_ins: bool = False) -> str:
    text = "\n".join(map(_unparsed, body)).removeprefix("\n") + "\n"
    if uses_stand_ins and STAND_INS in text and any(STAND_INS in _read(one) for one in body):
        return f"from bplab.grading import {STAND_INS}\n{text}"
    return text


def _unparsed(statement: ast.stmt) -> str:
    """The text of a statement at the top level, as `ast.unparse` writes it in a module."""
    if isinstance(statement, (ast.FunctionDef, ast.ClassDef)):
        return "\n" + _definition(statement)
    return ast.unparse(statement)


@cache
def _definition(statement: ast.stmt) -> str:
    """The text of a definition; cached, since most are in many editions unchanged."""
    return ast.unparse(statement)


# --- reading ------------------------------------------------------------------------------


@cache
def module(name: str) -> Module | None:
    """Read a module of bplab; None if there is none of this name."""
    path = PACKAGE.joinpath(*name.split(".")) if name else PACKAGE
    package = (path / "__init__.py").is_file()
    file = path / "__init__.py" if package else path.with_suffix(".py")
    if not file.is_file():
        return None
    return parse(name, file.read_text(encoding="utf-8"), package)


def parse(name: str, text: str, package: bool = False) -> Module:
    """Make a `Module` from a text."""
    statements = _bare(ast.parse(text).body)
    bound: dict[str, ast.stmt | Imported] = {}
    for statement in statements:
        bound |= _bound(statement)
    return Module(name, statements, bound, _public(statements, bound), package)


def full_name(module: str, name: str = "") -> str:
    """Join names as Python has them: ``bplab.network.forward``."""
    return ".".join(filter(None, ("bplab", module, name)))


@cache
def loaded(statement: ast.stmt) -> frozenset[str]:
    """Names that a statement of a module reads, at any depth."""
    return frozenset(_read(statement))


def _read(statement: ast.stmt) -> Iterator[str]:
    waiting: list[object] = [statement]
    while waiting:  # `ast.walk` takes twice as long
        part = waiting.pop()
        if isinstance(part, ast.Name):
            if isinstance(part.ctx, ast.Load):
                yield part.id
        elif isinstance(part, ast.AST):
            waiting += [getattr(part, field, None) for field in part._fields]
        elif isinstance(part, list):
            waiting += part


def _bound(statement: ast.stmt) -> dict[str, ast.stmt | Imported]:
    match statement:
        case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
            return {name: statement}
        case ast.Assign(targets=targets):
            nodes = [node for target in targets for node in ast.walk(target)]
            return {node.id: statement for node in nodes if isinstance(node, ast.Name)}
        case ast.AnnAssign(target=ast.Name(id=name)):
            return {name: statement}
        case ast.ImportFrom(module=str(source), names=names, level=0):
            return {a.asname or a.name: Imported(source, a.name, statement) for a in names}
        case ast.Import(names=names):
            return {
                a.asname or a.name.partition(".")[0]: Imported("", a.name, statement) for a in names
            }
    return {}


def _public(statements: list[ast.stmt], bound: dict[str, ast.stmt | Imported]) -> tuple[str, ...]:
    for statement in statements:
        match statement:
            case ast.Assign(targets=[ast.Name(id="__all__")], value=ast.List() as names):
                return tuple(ast.literal_eval(names))
    own = (name for name, by in bound.items() if not isinstance(by, Imported))
    return tuple(name for name in own if not name.startswith("_"))


def _bare(body: list[ast.stmt]) -> list[ast.stmt]:
    """Leave out docstrings, other texts that stand alone, and annotations of functions."""
    kept = [statement for statement in body if not _is_text(statement)]
    for statement in kept:
        if isinstance(statement, ast.FunctionDef):
            statement.returns = None
            given = statement.args
            for one in (*given.posonlyargs, *given.args, *given.kwonlyargs):
                one.annotation = None
            for rest in filter(None, (given.vararg, given.kwarg)):
                rest.annotation = None
        others = (*getattr(statement, "handlers", ()), *getattr(statement, "cases", ()))
        for part in (statement, *others):
            for field in ("body", "orelse", "finalbody"):
                if inside := getattr(part, field, None):
                    setattr(part, field, _bare(inside) or [ast.Pass()])
    return kept


def _is_text(statement: ast.stmt) -> bool:
    if not isinstance(statement, ast.Expr):
        return False
    return isinstance(statement.value, ast.Constant) and isinstance(statement.value.value, str)
