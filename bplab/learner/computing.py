"""Whether code computes and does nothing else; bplab runs only such code with changes in it."""

import ast

__all__ = ["only_computes"]

ROOTS = frozenset(
    {"numpy", "math", "bplab", "collections", "functools", "itertools", "operator", "__future__"}
)
"""Libraries that only compute; code that imports any other one is not run with changes in it."""

ACTS = frozenset(
    {
        *("open", "exec", "eval", "compile", "input", "breakpoint", "exit", "quit", "globals"),
        *("setattr", "delattr", "__import__", "__builtins__", "fromfile", "load", "loads", "dump"),
        *("KeyboardInterrupt", "SystemExit", "BaseException"),
        *("memmap", "save", "savez", "savez_compressed", "savetxt", "tofile"),
    }
)
"""Names of functions and classes that do more than compute."""


def only_computes(tree: ast.AST) -> bool:
    """Whether code still does nothing but compute when something in it is changed."""
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=names) if not all(computes(n.name) for n in names):
                return False
            case ast.ImportFrom(module=module, level=level) if level or not computes(module or ""):
                return False
            case ast.Name(id=name) | ast.Attribute(attr=name) if name in ACTS:
                return False
            case ast.Global() | ast.Nonlocal():
                return False
    return True


def computes(module: str) -> bool:
    """Whether a module, by its name, belongs to a library that only computes."""
    return module.partition(".")[0] in ROOTS
