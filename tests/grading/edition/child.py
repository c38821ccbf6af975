"""Runs in a process of its own, whose bplab is an edition: asks it, and writes what came.

    python -I -S child.py EDITION SITE_PACKAGES COMMAND IN OUT

IN and OUT are pickles of plain data and arrays; activations travel by their names.
"""

import ast
import copy
import gc
import importlib
import importlib.util
import inspect
import itertools
import pkgutil
import runpy
import sys
import types
from pathlib import Path
from types import MappingProxyType

EDITION, SITE, COMMAND, IN, OUT = sys.argv[1:]
sys.path[:0] = [EDITION]
sys.path.append(SITE)

import pickle  # noqa: E402

import numpy as np  # noqa: E402


class Reader(pickle.Unpickler):
    """Activations, and functions of the grader's, by their descriptions."""

    def persistent_load(self, described):
        import bplab

        kind, *rest = described
        if kind == "activation":
            name, _, alpha = rest[0].partition("(")
            found = getattr(bplab.activations, name)
            return found(float(alpha.rstrip(")"))) if alpha else found
        if kind == "sines":
            return lambda w: float(np.sum(np.sin(w)))
        sigma, g = rest
        return lambda X, Y, alphas, beta: bplab.deep.backward(X, Y, alphas, beta, sigma, g)


# --- a notebook -------------------------------------------------------------------------------


def notebook(given):
    """Run cells as a notebook does; then call functions of theirs."""
    from bplab.grading import _withheld
    from bplab.learner import Form, call

    namespace, errors = {"__name__": "__main__"}, []
    for number, source in enumerate(given["cells"]):
        try:
            exec(compile(ast.parse(source), f"cell {number}", "exec"), namespace)
            errors.append("")
        except Exception as error:
            errors.append(type(error).__name__)
    answers, asked = [], []
    for function, arguments, forms in given["questions"]:
        _withheld.close()
        answers.append(call(namespace[function], arguments, [Form(*form) for form in forms]).arrays)
        asked += _withheld.open()
    return {"errors": errors, "answers": answers, "asked": asked}


# --- every callable, with every argument ------------------------------------------------------


def brute_force(given):
    """Call everything in bplab with what a student's function is given; report what is right."""
    import bplab
    from bplab.grading import _withheld

    np.set_printoptions(threshold=0, edgeitems=1)  # nobody reads the errors that show arrays
    found, called = [], 0
    for task, questions in given.items():
        hits = None
        for arguments, parts in questions:
            seen, mine = _Given(arguments, parts), set()
            suspects = hits and {name for name, _ in hits}
            for name, function in _callables(bplab, _withheld, arguments):
                if hits is None or name in suspects:
                    for result in _results(function, arguments):
                        called += 1
                        mine |= {(name, i) for i in seen.equal(result)}
            hits = mine if hits is None else hits & mine
        found += [(task, *hit) for hit in sorted(hits)]
    return {"found": found, "called": called}


def _callables(bplab, _withheld, arguments):
    """Each once: functions, classes that do something, and methods of objects."""
    seen = set()
    for module in list(sys.modules.values()):
        if module.__name__.partition(".")[0] != "bplab" or module is _withheld:
            continue
        if module.__name__ in ("bplab.grading.judge.agent", "bplab.grading.judge.wire"):
            continue  # they call what they are given, and have been read
        for name, value in list(vars(module).items()):
            only_holds = isinstance(value, type) and issubclass(value, (tuple, BaseException))
            stands_in = isinstance(value, (_withheld.Stub, _withheld.Inert))
            if id(value) in seen or only_holds or stands_in:
                continue
            seen.add(id(value))
            if getattr(type(value), "__module__", "").startswith("bplab"):
                yield from _methods(f"{module.__name__}.{name}", value)
            elif str(getattr(value, "__module__", "")).startswith("bplab") and callable(value):
                yield f"{value.__module__}.{value.__qualname__}", value
    for name, value in arguments.items():
        if callable(value) and getattr(type(value), "__module__", "").startswith("bplab"):
            yield from _methods(name, value)


def _methods(name, value):
    for method in dir(value):
        if (not method.startswith("_") or method == "__call__") and callable(
            getattr(value, method)
        ):
            yield f"{name}.{method}", getattr(value, method)


def _results(function, arguments):
    pool = _pool(arguments)
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        parameters = ()
    wanted = [p.name for p in parameters if p.default is p.empty and p.kind not in (2, 4)]
    if wanted and all(name in pool for name in wanted):
        yield from _tried(function, named={name: pool[name] for name in wanted})
    many = len(arguments)
    for size in range(1, 5):
        fits = not parameters or len(wanted) <= size <= len(parameters)
        if fits and many**size <= 7000:
            for chosen in itertools.permutations(arguments.values(), size):
                yield from _tried(function, chosen)


def _pool(arguments):
    """What a student may hand on by a parameter's name, also under a related one."""
    pool = {"gamma": 0.1, "epochs": 1, "loss": "squared", "name": "X", **arguments}
    if "sigma" in pool:
        pool.setdefault("sigmas", pool["sigma"])
    if "alpha" in pool:
        pool.setdefault("alphas", [pool["alpha"]])
    if "beta" in pool:
        pool.setdefault("weights", pool["beta"])
    for new, old in (("inputs", "Z"), ("inputs", "X"), ("x", "A"), ("x", "T"), ("t", "T")):
        if old in pool:
            pool.setdefault(new, pool[old])
    if "Y" in pool and "F" in pool:
        pool.setdefault("d", -2 * (pool["Y"] - pool["F"]))
    return pool


def _tried(function, given=(), named=MappingProxyType({}), copied=False):
    try:
        result = function(*given, **named)
        yield [result, *getattr(result, "__dict__", {}).values()]
    except Exception as error:
        if "read-only" in str(error) and not copied:
            yield from _tried(function, copy.deepcopy(given), copy.deepcopy(dict(named)), True)


def _arrays(value, depth=0):
    if isinstance(value, (np.ndarray, np.generic, float)):
        if np.asarray(value).dtype.kind in "fiu":
            yield np.asarray(value)
    elif isinstance(value, dict) and depth < 4:
        yield from _arrays(list(value.values()), depth + 1)
    elif isinstance(value, (list, tuple)) and depth < 4:
        for item in value[:50]:
            yield from _arrays(item, depth + 1)


class _Given:
    """What a student's function is given, and the parts of the right answer."""

    def __init__(self, arguments, parts):
        self.parts = parts
        given = [a for a in _arrays(list(arguments.values())) if a.dtype.kind == "f"]
        shapes = {part.shape for part in parts}
        self.before = [a for a in given if a.shape in shapes]
        self.shapes = shapes | {shape[::-1] for shape in shapes}
        for array in _arrays(list(arguments.values())):
            array.setflags(write=False)

    def equal(self, result):
        """Which parts are in a result: as they are, or by a sign, transposed, as one update."""
        for array in _arrays(result):
            if array.shape not in self.shapes:
                continue
            forms = [array, -array, array.T]
            forms += [(a - array) / 0.1 for a in self.before if a.shape == array.shape]
            for i, part in enumerate(self.parts):
                if any(_near(f, part) for f in forms):
                    yield i


def _near(one, other):
    """Whether all entries are; the first one, which decides most cases, takes little time."""
    if one.shape != other.shape:
        return False
    if one.size and not abs(one.flat[0] - other.flat[0]) <= 1e-10 + 1e-8 * abs(other.flat[0]):
        return False
    return np.allclose(one, other, 1e-8, 1e-10)


# --- memory and imports -----------------------------------------------------------------------


def memory(_):
    """Describe the functions of bplab that are anywhere in memory."""
    import bplab  # noqa: F401

    functions = [o for o in gc.get_objects() if isinstance(o, types.FunctionType)]
    codes = {f.__code__ for f in functions}
    codes |= {c for code in codes for c in code.co_consts if isinstance(c, types.CodeType)}
    return {
        "functions": [(str(f.__module__), f.__qualname__) for f in functions],
        "codes": [(c.co_name, c.co_varnames, c.co_names) for c in codes],
        "modules": list(sys.modules),
    }


def imports(given):
    """Try to get at a function by other ways than importing it: return where each leads."""
    import bplab
    from bplab.grading import _withheld

    def asked(module):
        try:
            getattr(module, given["function"])()
        except _withheld.Withheld:
            return "withheld"
        except Exception as error:
            return type(error).__name__
        return "called"

    name, ways = given["module"], {}
    module = importlib.import_module(name)
    ways["import"] = asked(module)
    ways["reload"] = asked(importlib.reload(module))
    del sys.modules[name]
    ways["import again"] = asked(importlib.import_module(name))
    twin = importlib.util.module_from_spec(importlib.util.find_spec(name))
    twin.__spec__.loader.exec_module(twin)
    ways["from its file"] = asked(twin)
    ways["runpy"] = asked(types.SimpleNamespace(**runpy.run_path(twin.__file__)))
    found = [importlib.util.find_spec("bplab")]
    found += [f for m in sys.meta_path if (f := m.find_spec("bplab", None))]
    found += [
        info.module_finder.find_spec(info.name)
        for info in pkgutil.walk_packages(bplab.__path__, "bplab.")
    ]
    files = [str(Path(spec.origin).resolve()) for spec in found if spec and spec.origin]
    try:
        ways["inspect"] = inspect.getsource(getattr(module, given["function"]))
    except TypeError:
        ways["inspect"] = "TypeError"
    _withheld.close()
    for absent in ("bplab.exercises.section_1", "bplab.exercises.section_2_1"):
        try:
            importlib.import_module(absent)
            ways[absent] = "imported"
        except ModuleNotFoundError:
            ways[absent] = "absent"
    return {"ways": ways, "files": files, "asked": _withheld.open()}


if __name__ == "__main__":
    with open(IN, "rb") as file:
        result = globals()[COMMAND](Reader(file).load())
    with open(OUT, "wb") as file:
        pickle.dump(result, file)
