"""Find what an instructor might want to look at in a student's code. This never changes a mark.

The code is read as a syntax tree; nothing is run. Code that hides well is not found, and need not
be: marks are safe without this. The honest notebooks of the course give nothing.
"""

import ast
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence

from nbformat import NotebookNode

import bplab
from bplab.grading.edition import library_module

__all__ = ["SHORT", "suspicious", "suspicious_cells", "suspicious_files", "suspicious_notebook"]

LONGEST = 256_000
"""How many characters a cell may have; a longer one is not read."""

SHORT, ALL_SHORT = 20_000, 200_000
"""How many characters of a cell, and of all cells, are read in this process: Python's parser takes
up to a tenth of a second for such a cell, and more than linear time and memory for larger ones."""

SECONDS, MEMORY = 5, 512 * 2**20
"""Processor seconds, and bytes of memory, for all longer cells of a notebook."""

_MODULES = {
    "_ctypes": "calls C code",
    "atexit": "runs code when the kernel ends",
    "autograd": "differentiates automatically",
    "builtins": "reaches for Python's builtins",
    "cffi": "calls C code",
    "code": "runs code by itself",
    "ctypes": "calls C code",
    "faulthandler": "looks into running frames",
    "gc": "searches the memory",
    "http": "uses the network",
    "imp": "imports by hand",
    "importlib": "imports by hand",
    "inspect": "inspects code or frames",
    "jax": "differentiates automatically",
    "ipykernel": "reaches into the kernel",
    "jupyter_client": "reaches into the kernel",
    "marshal": "handles compiled code",
    "mmap": "reads files",
    "multiprocessing": "starts processes",
    "nbformat": "handles notebooks",
    "nbgrader": "handles grades",
    "pickle": "unpickles",
    "pkgutil": "imports by hand",
    "ptrace": "looks into running frames",
    "requests": "uses the network",
    "runpy": "runs files",
    "shutil": "handles files",
    "signal": "handles signals",
    "socket": "uses the network",
    "sqlite3": "opens a database",
    "subprocess": "starts processes",
    "sympy": "differentiates automatically",
    "tempfile": "handles files",
    "tensorflow": "differentiates automatically",
    "threading": "starts threads",
    "torch": "differentiates automatically",
    "traceback": "looks into running frames",
    "urllib": "uses the network",
    "zipimport": "imports by hand",
    "zmq": "reaches into the kernel",
}
"""Modules that no exercise needs, and what code does with them."""

_ATTRIBUTES = {
    "sys": {
        "_current_frames": "looks into running frames",
        "_getframe": "looks into running frames",
        "displayhook": "changes what is displayed",
        "excepthook": "changes what is shown of errors",
        "meta_path": "changes what is imported",
        "modules": "reaches into loaded modules",
        "path": "changes what is imported",
        "path_hooks": "changes what is imported",
        "setprofile": "traces code",
        "settrace": "traces code",
    },
    "np": {name: "reads files" for name in ("fromfile", "genfromtxt", "load", "loadtxt", "memmap")},
    "os": {"environ": "reads the environment", "getenv": "reads the environment"},
}
_ATTRIBUTES["numpy"] = _ATTRIBUTES["np"]

_CALLS = {
    "__import__": "imports by hand",
    "breakpoint": "looks into running frames",
    "compile": "runs code by itself",
    "eval": "runs code by itself",
    "exec": "runs code by itself",
    "get_ipython": "reaches into IPython",
    "globals": "reaches into the namespace",
    "input": "waits for input",
    "open": "opens a file",
}

_METHODS = {
    "iterdir": "lists files",
    "read_bytes": "reads files",
    "read_text": "reads files",
    "rglob": "lists files",
    "write_bytes": "writes files",
    "write_text": "writes files",
}

_DUNDERS = re.compile(
    "__(builtins|closure|code|dict|globals|loader|spec|subclasses|traceback)__"
    "|f_back|f_locals|gi_frame|tb_frame"
)

_LYING = re.compile(
    "__(array(_finalize|_function|_interface|_struct|_ufunc|_wrap)?|eq|float|instancecheck"
    "|reduce(_ex)?)__"
)

_PATCHED = ("IPython", "bplab", "builtins", "np", "numpy", "sys", "warnings")

_OURS = ("check", "todo")

_SHOWN = {
    "CheckFailed",
    "NotWritten",
    "board",
    "check",
    "equations",
    "failing_case",
    "hint",
    "mine",
    "predict",
    "progress",
    "todo",
    "where",
}
"""Names of `bplab.exercises` that notebooks use; the others define exercises, or judge them."""

_INSIDE = {"Probe", "Workspace", "check_gamma", "checked_network", "complex_steps"}
"""Names that are offered to other folders of the library, not to notebooks."""

_TEXTS = {
    "vnd.bplab": "writes what a check would leave",
    "BPLAB_SECRET": "looks for the secret",
    "secret.txt": "looks for the secret",
    "gradebook": "looks for the gradebook",
    "NBGRADER_": "asks whether it is graded",
    "by_equation": "uses bplab.by_equation",
}

_OPEN = {*bplab._MODULES, "gallery"}
"""The modules and folders of bplab that notebooks import from, without the parts of a folder."""

_SHELL = re.compile(r"\s*(!|%%?(!|bash|cd|load|loadpy|pycat|run|script|sh|sx|system|writefile)\b)")
_MAGIC = re.compile(r"\s*%{1,2}\w")


def suspicious_notebook(notebook: NotebookNode, released: NotebookNode) -> list[str]:
    """Return what a student's own cells do that no answer needs; released cells are left out."""
    given = {cell.source for cell in released.cells}
    own = [
        cell.source
        for cell in notebook.cells
        if cell.cell_type == "code"
        and not cell.metadata.get("nbgrader", {}).get("locked")
        and cell.source not in given
    ]
    return [f"the notebook {phrase}" for phrase in suspicious_cells(own)]


def suspicious_files(files: Mapping[str, bytes]) -> list[str]:
    """Return the same for code in files beside the notebook."""
    found = []
    for name, content in files.items():
        if name.endswith((".py", ".ipy")):
            text = content.decode("utf-8", "replace").replace("\x00", "")
            found += [f"{name} {phrase}" for phrase in suspicious_cells([text])]
    return found


def suspicious_cells(sources: Sequence[str]) -> list[str]:
    """Return what `suspicious` says of some cells, and how many kB were not read.

    Long cells are read in a process of their own, which ends if it takes too much.
    """
    found, long, left = [], [], ALL_SHORT
    for source in sources:
        if len(source) > LONGEST:
            found.append(f"has a cell of {len(source) / 1000:.0f} kB, which was not scanned")
        elif len(source) > min(SHORT, left):
            long.append(source)
        else:
            left -= len(source)
            found += suspicious(source)
    return found + (_aside(long) if long else [])


def _aside(sources: Sequence[str]) -> list[str]:
    path = os.pathsep.join(entry for entry in sys.path if entry)
    try:
        done = subprocess.run(
            [sys.executable, "-P", "-c", _ASIDE, str(SECONDS), str(MEMORY)],
            input=json.dumps(list(sources)).encode(),
            capture_output=True,
            env={**os.environ, "PYTHONPATH": path},
            timeout=20 * SECONDS,
            check=True,
        )
        return [str(phrase) for phrase in json.loads(done.stdout)]
    except (OSError, subprocess.SubprocessError, ValueError):
        size = sum(map(len, sources)) / 1000
        return [f"has {size:.0f} kB of code that were not scanned: that takes too much"]


_ASIDE = """
import json, resource, sys
from bplab.grading.judge.suspicious import suspicious
seconds, memory = map(int, sys.argv[1:])
spent = int(sum(resource.getrusage(resource.RUSAGE_SELF)[:2])) + 1
resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
resource.setrlimit(resource.RLIMIT_CPU, (spent + seconds, spent + seconds))
resource.setrlimit(resource.RLIMIT_DATA, (memory, memory))
print(json.dumps([phrase for source in json.load(sys.stdin) for phrase in suspicious(source)]))
"""


def suspicious(source: str) -> list[str]:
    """Return what an instructor might want to look at in a cell, a short phrase for each.

    Parameters
    ----------
    source : str
        The text of one code cell. If it is not Python, only lines for the shell are found.

    Returns
    -------
    list of str
        Each phrase once, in the order of the cell: ``"opens a file"``. Empty for honest work.
    """
    found: dict[str, int] = {}
    python = []
    for number, line in enumerate(source.splitlines(), start=1):
        if _SHELL.match(line):
            found.setdefault("runs a command of the shell or a file", number)
        magic = _SHELL.match(line) or _MAGIC.match(line)
        python.append(re.sub(r"\S.*", "pass", line) if magic else line)
    try:
        tree = ast.parse("\n".join(python))
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        tree = ast.Module([], [])
        if isinstance(error, MemoryError):  # also where it is nested too deeply
            found["has a cell that cannot be scanned"] = 1
    for node in ast.walk(tree):
        for phrase in _phrases(node):
            at: int = getattr(node, "lineno", 1)
            found[phrase] = min(at, found.get(phrase, at))
    return sorted(found, key=found.__getitem__)


def _phrases(node: ast.AST) -> Iterator[str]:
    match node:
        case ast.Import(names=names):
            for alias in names:
                yield from _imported(alias.name)
        case ast.ImportFrom(module=module, names=names):
            yield from _imported(module or "")
            for alias in names:
                yield from _imported_from(module or "", alias.name)
        case ast.Attribute(value=ast.Name(id=module), attr=name):
            yield from _attribute(module, name)
            yield from _anywhere(name)
        case ast.Attribute(attr=name) | ast.Name(id=name):
            yield from _anywhere(name)
        case ast.Call(func=ast.Name(id=name), args=args):
            if name in _CALLS:
                yield _CALLS[name]
            if name in ("setattr", "delattr") and args and _root(args[0]) in _PATCHED:
                yield f"changes {_root(args[0])}"
        case ast.ClassDef(name=name, bases=bases):
            if any(_last(base) in ("ndarray", "matrix", "recarray") for base in bases):
                yield "defines a kind of array"
            yield from _redefined(name)
        case ast.FunctionDef(name=name):
            if _LYING.fullmatch(name):
                yield f"defines {name}"
            yield from _redefined(name)
        case ast.Constant(value=str(text)):
            yield from (phrase for part, phrase in _TEXTS.items() if part in text)
    match node:
        case ast.Call(func=ast.Attribute(attr=name)) if name in _METHODS:
            yield _METHODS[name]
        case ast.Attribute() | ast.Subscript() | ast.Name():
            yield from _assigned(node)


def _imported(module: str) -> Iterator[str]:
    first, *inside = module.split(".")
    if first in _MODULES:
        yield _MODULES[first]
    if first == "os" and inside != ["path"]:
        yield "uses the operating system"
    if first == "IPython" and inside != ["display"]:
        yield "reaches into IPython"
    if first != "bplab" or not inside:
        return
    if inside[0] in ("by_equation", "grading"):
        yield f"uses bplab.{inside[0]}"
    elif len(inside) > 1 or inside[0] not in _OPEN:
        yield "imports private parts of bplab"


def _imported_from(module: str, name: str) -> Iterator[str]:
    if module == "bplab" and name in ("by_equation", "grading"):
        yield f"uses bplab.{name}"
    elif module == "bplab.exercises" and _defines(name):
        yield "looks at how exercises are defined"
    elif module.partition(".")[0] == "bplab" and _is_private(module, name):
        yield "imports private parts of bplab"
    if known := _ATTRIBUTES.get(module, {}).get(name):
        yield known


def _is_private(module: str, name: str) -> bool:
    """Whether a name of one of our modules is not meant for notebooks."""
    inside = module.removeprefix("bplab").removeprefix(".")
    if name.startswith("_") or name in _INSIDE:
        return True
    if not inside:
        return name not in {*bplab.__all__, *_OPEN}
    return inside in _OPEN and name != "*" and name not in _offered(inside)


def _defines(name: str) -> bool:
    """Whether a name of `bplab.exercises` serves to define or to judge exercises."""
    return (
        name.startswith(("beyond", "capstone", "section_"))
        or name in _offered("exercises") - _SHOWN
    )


def _offered(inside: str) -> set[str]:
    """What a module or folder of bplab names in its ``__all__``."""
    found = library_module(inside)
    return {*found.public} if found else set()


def _attribute(module: str, name: str) -> Iterator[str]:
    if known := _ATTRIBUTES.get(module, {}).get(name):
        yield known
    if module == "bplab" and name in ("by_equation", "grading"):
        yield f"uses bplab.{name}"
    if module in ("exercises", "bplab") and _defines(name):
        yield "looks at how exercises are defined"


def _anywhere(name: str) -> Iterator[str]:
    if _DUNDERS.fullmatch(name):
        yield f"uses {name}"


def _assigned(node: ast.AST) -> Iterator[str]:
    """Which other modules, or names of the course, an assignment or a deletion changes."""
    match node:
        case (
            ast.Attribute(ctx=ast.Store() | ast.Del())
            | ast.Subscript(ctx=ast.Store() | ast.Del(), value=ast.Attribute())
        ):
            if _root(node) in _PATCHED:
                yield f"changes {_root(node)}"
        case ast.Name(id=name, ctx=ast.Store()):
            yield from _redefined(name)


def _redefined(name: str) -> Iterator[str]:
    if name in _OURS:
        yield f"redefines {name}"


def _root(node: ast.AST) -> str:
    """The name that a chain of attributes and items starts with."""
    while isinstance(node, (ast.Attribute, ast.Subscript)):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""


def _last(node: ast.AST) -> str:
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")
