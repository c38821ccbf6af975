"""The house's floor plan: imports go one way, and from folder to folder through the door."""

import ast
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from pathlib import Path
from types import ModuleType

import pytest

import bplab

PACKAGE = Path(bplab.__file__).parent

LAYERS = (
    ("errors", "arrays", "tree", "languages", "counting"),
    ("activations", "losses", "layers", "network", "deep", "risk", "scores"),
    ("training", "by_equation", "data"),
    ("gradcheck",),
    ("learner",),
    ("exercises",),
    ("gallery", "plots", "widgets"),
    ("course",),
    ("grading",),
    ("cli",),
)
"""From the ground up. A part may import what is below it, and its neighbours on its floor."""

FLOOR = {part: floor for floor, parts in enumerate(LAYERS) for part in parts}

MODULES = {
    ".".join(("bplab", *path.relative_to(PACKAGE).with_suffix("").parts)).removesuffix(
        ".__init__"
    ): path
    for path in sorted(PACKAGE.rglob("*.py"))
}


@cache
def imports(module: str) -> tuple[tuple[str, int], ...]:
    """The modules of bplab that a module imports, in functions too, with the line."""
    return tuple(_imports(module))


def _imports(module: str) -> Iterator[tuple[str, int]]:
    path = MODULES[module]
    nodes = list(ast.parse(path.read_text(encoding="utf-8")).body)
    while nodes:
        node = nodes.pop()
        if isinstance(node, ast.ImportFrom):
            source = node.module or ""
            if node.level:
                holder = module if path.name == "__init__.py" else module.rpartition(".")[0]
                for _ in range(node.level - 1):
                    holder = holder.rpartition(".")[0]
                source = f"{holder}.{source}".removesuffix(".")
            for alias in node.names:
                inside = f"{source}.{alias.name}"
                if source.partition(".")[0] == "bplab":
                    module_meant = inside in MODULES and alias.name not in offered(source)
                    yield (inside if module_meant else source), node.lineno
        elif isinstance(node, ast.Import):
            for alias in node.names:
                if alias.name.partition(".")[0] == "bplab":
                    yield alias.name, node.lineno
        elif not (isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)):
            # no expression holds an import
            nodes += (n for n in ast.iter_child_nodes(node) if not isinstance(n, ast.expr))


def offered(folder: str) -> list[str]:
    """What a folder names in ``__all__``: ``check`` of `exercises` is the function."""
    return getattr(import_module(folder), "__all__", []) if folder != "bplab" else []


def part(module: str) -> str:
    """``"exercises"`` for ``"bplab.exercises.task.networks"``."""
    return [*module.split("."), ""][1]


def test_every_part_has_its_floor():
    assert {part(module) for module in MODULES} - {""} <= set(FLOOR)


def test_imports_go_down_never_up():
    wrong = [
        f"{MODULES[module].relative_to(PACKAGE)}:{line} imports {target}"
        for module in MODULES
        for target, line in imports(module)
        if module != "bplab" and part(target) and FLOOR[part(target)] > FLOOR[part(module)]
    ]
    assert not wrong, "\n".join(wrong)


def test_no_module_imports_itself_on_a_detour():
    """Not by an import inside a function either."""
    graph = {
        module: {target for target, _ in imports(module) if target in MODULES} for module in MODULES
    }
    done: set[str] = set()

    def walk(module: str, way: list[str]) -> None:
        if module in way:
            pytest.fail(" -> ".join([*way[way.index(module) :], module]))
        if module in done:
            return
        for target in sorted(graph[module]):
            walk(target, [*way, module])
        done.add(module)

    for module in MODULES:
        walk(module, [])


def test_folders_are_entered_through_the_door():
    """From outside a folder one imports the folder, not what is inside it."""
    wrong = []
    for module in MODULES:
        for target, line in imports(module):
            for door in filter(has_door, holders(target)):
                if module == door or module.startswith(f"{door}."):
                    continue
                wrong.append(f"{MODULES[module].relative_to(PACKAGE)}:{line} imports {target}")
                break
    assert not wrong, "\n".join(wrong)


def holders(module: str) -> list[str]:
    """``["bplab.a", "bplab.a.b"]`` for ``"bplab.a.b.c"``."""
    parts = module.split(".")
    return [".".join(parts[:count]) for count in range(2, len(parts))]


@cache
def has_door(folder: str) -> bool:
    """Whether a folder says what it offers; one that does not is a corridor to others."""
    return folder in MODULES and "__all__" in MODULES[folder].read_text(encoding="utf-8")


def test_no_module_hides_a_function_of_its_name():
    for module, path in MODULES.items():
        if path.name != "__init__.py":
            continue
        namespace = import_module(module)
        for name in getattr(namespace, "__all__", ()):
            if f"{module}.{name}" in MODULES and module != "bplab":
                assert not isinstance(getattr(namespace, name), ModuleType), f"{module}.{name}"
