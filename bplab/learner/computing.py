"""Code that computes and does nothing else: only such code is run with something changed in it."""

import ast

__all__ = ["only_computes"]

ROOTS = frozenset(
    {"numpy", "math", "bplab", "collections", "functools", "itertools", "operator", "__future__"}
)
"""Libraries that compute and do nothing else: code that uses another is not run changed."""

ACTS = frozenset(
    {
        *("open", "exec", "eval", "compile", "input", "breakpoint", "exit", "quit", "globals"),
        *("setattr", "delattr", "__import__", "__builtins__", "fromfile", "load", "loads", "dump"),
        *("KeyboardInterrupt", "SystemExit", "BaseException"),
        *("memmap", "save", "savez", "savez_compressed", "savetxt", "tofile"),
    }
)
"""Names of what does more than compute."""


def only_computes(tree: ast.AST) -> bool:
    """Whether nothing but numbers can come of it when it is changed."""
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
