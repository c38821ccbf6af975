"""The library's modules as syntax trees: what each defines, what is public, what a part needs."""

import ast
from dataclasses import dataclass
from functools import cache
from pathlib import Path

__all__ = ["PACKAGE", "Imported", "Module", "full_name", "loaded", "module", "parse"]

PACKAGE = Path(__file__).resolve().parents[2]
"""The folder of the installed package."""


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
        Without the leading ``bplab.``: ``"gradcheck._probe"``; empty for the package itself.
    statements : list of ast.stmt
        Its own, at the top level.
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
    """Make a `Module` of a text."""
    statements = _Bare().visit(ast.parse(text)).body
    bound: dict[str, ast.stmt | Imported] = {}
    for statement in statements:
        bound |= _bound(statement)
    return Module(name, statements, bound, _public(statements, bound), package)


def full_name(module: str, name: str = "") -> str:
    """Join names as Python has them: ``bplab.network.forward``."""
    return ".".join(filter(None, ("bplab", module, name)))


def loaded(statement: ast.AST) -> set[str]:
    """Names that a statement reads, at whatever depth."""
    return {
        node.id
        for node in ast.walk(statement)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)
    }


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


class _Bare(ast.NodeTransformer):
    """Leaves out docstrings, other texts that stand alone, and annotations of functions."""

    def visit_Expr(self, node: ast.Expr) -> ast.Expr | None:
        """Drop a text that stands alone."""
        text = isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
        return None if text else node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.FunctionDef:
        """Drop annotations; never leave a body empty."""
        self.generic_visit(node)
        node.returns = None
        node.body = node.body or [ast.Pass()]
        return node

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.ClassDef:
        """Never leave a body empty."""
        self.generic_visit(node)
        node.body = node.body or [ast.Pass()]
        return node

    def visit_arg(self, node: ast.arg) -> ast.arg:
        """Drop the annotation of a parameter."""
        node.annotation = None
        return node
