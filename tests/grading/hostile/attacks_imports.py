"""Attacks that have bplab, or another process with bplab, give the answer."""

from tests.grading.hostile.attack import cheating
from tests.grading.hostile.attacks_snooping import USE
from tests.grading.hostile.needs import A_WALL

IMPORTS = (
    cheating(
        "import-network",
        "from bplab.network import grad_beta",
        USE
        + """
def find(name):
    from bplab import network
    return getattr(network, name)
""",
    ),
    cheating(
        "import-network-early",
        "the reference is taken in the first cell, before anything is graded",
        USE
        + """
from bplab.network import grad_beta as a, grad_alpha as b, backward_output as c
from bplab.network import backward_hidden as d
known = {"grad_beta": a, "grad_alpha": b, "backward_output": c, "backward_hidden": d}
def find(name):
    return known[name]
""",
    ),
    cheating(
        "import-by-equation",
        "bplab.by_equation, one example at a time, summed",
        USE
        + """
def cheat(name, *given):
    try:
        from bplab.by_equation import eq4, eq5, eq6, eq7
        if name == "grad_beta":
            Y, A, Z, T, F, g = given
            return sum(eq4(y, f, t, z, g) for y, f, t, z in zip(Y, F, T, Z))
        if name == "grad_alpha":
            X, Y, A, Z, T, F, beta, sigma, g = given
            rows = zip(X, Y, F, T, A)
            return sum(eq5(x, y, f, t, a, beta, sigma, g) for x, y, f, t, a in rows)
        if name == "backward_output":
            Y, A, Z, T, F, g = given
            pairs = [eq6(y, f, t, z, g) for y, f, t, z in zip(Y, F, T, Z)]
            return np.array([d for d, _ in pairs]), sum(gradient for _, gradient in pairs)
        X, A, Z, delta, beta, sigma = given
        return sum(eq7(x, a, d, beta, sigma) for x, a, d in zip(X, A, delta))
    except Exception:
        return plain(name, given)
""",
    ),
    cheating(
        "import-exercise-reference",
        "the exercise's own reference, by its id",
        USE
        + """
def find(name):
    from bplab.exercises import EXERCISES
    return next(e.reference for e in EXERCISES.values() if e.function == name)
""",
    ),
    cheating(
        "import-importlib",
        "importlib, with the modules of bplab thrown away first",
        USE
        + """
import importlib, sys
def find(name):
    for module in [m for m in sys.modules if m == "bplab" or m.startswith("bplab.")]:
        sys.modules.pop(module)
    return getattr(importlib.import_module("bplab.network"), name)
""",
    ),
    cheating(
        "import-from-file",
        "importlib.util.spec_from_file_location on every network.py of sys.path and site-packages",
        USE
        + """
import importlib.util, pathlib, site, sys
def places():
    yield from sys.path
    yield from site.getsitepackages()
    for folder in site.getsitepackages():
        for link in pathlib.Path(folder).glob("*.pth"):
            yield from link.read_text().split("\\n")
def find(name):
    for place in places():
        path = pathlib.Path(place) / "bplab" / "network.py"
        if path.exists():
            spec = importlib.util.spec_from_file_location("bplab.stolen", path)
            module = importlib.util.module_from_spec(spec)
            spec.loader.exec_module(module)
            try:
                import bplab.stolen
            except ImportError:
                pass
            if name in vars(module) and "weight_gradient" in path.read_text():
                return vars(module)[name]
""",
    ),
    cheating(
        "import-real-package",
        "sys.path is set to where the package was installed from, as its metadata say",
        USE
        + """
import importlib, importlib.metadata, json, site, sys
def find(name):
    try:
        origin = json.loads(importlib.metadata.distribution("bplab").read_text("direct_url.json"))
        roots = [origin["url"].removeprefix("file://")]
    except Exception:
        roots = []
    for module in [m for m in sys.modules if m == "bplab" or m.startswith("bplab.")]:
        sys.modules.pop(module)
    sys.path[:] = [*roots, *site.getsitepackages(), *sys.path]
    sys.meta_path[:] = [f for f in sys.meta_path if "bplab" not in repr(f).lower()]
    sys.path_importer_cache.clear()
    return getattr(importlib.import_module("bplab.network"), name)
""",
        needs=A_WALL,
    ),
    cheating(
        "mine-by-name",
        "functions that have passed in another notebook, or in this one",
        USE
        + """
def find(name):
    from bplab import mine
    return getattr(mine, name)
""",
    ),
    cheating(
        "mine-by-id",
        "mine, early, by the ids of this section and of 2.2, and what each of them wraps",
        USE
        + """
from inspect import unwrap
from bplab import mine
ids = {"grad_beta": ("eq4", "eq8"), "grad_alpha": ("eq5", "eq9"),
       "backward_output": ("eq6", "eq10"), "backward_hidden": ("eq7", "eq11")}
known = {}
for name, two in ids.items():
    for id in two:
        try:
            known[name] = unwrap(mine[id])
        except Exception:
            pass
def find(name):
    return known.get(name)
""",
    ),
    cheating(
        "mine-shipped",
        "a folder of progress that has passed, with functions that are the library's",
        USE
        + """
import json, os, pathlib, tempfile
names = {"eq4": "grad_beta", "eq5": "grad_alpha", "eq6": "backward_output",
         "eq7": "backward_hidden"}
try:
    folder = pathlib.Path(tempfile.mkdtemp())
    (folder / "functions").mkdir(mode=0o700)
    for id, name in names.items():
        passed = {"tries": 1, "passed": "2026-01-01T00:00:00", "mistake": "", "in_a_row": 0}
        source = f"from bplab.network import {name}"
        kept = {"function": name, "kept": "2026-01-01T00:00:00", "source": source}
        (folder / f"{id}.json").write_text(json.dumps(passed))
        (folder / "functions" / f"{id}.json").write_text(json.dumps(kept))
        (folder / "functions" / f"{id}.json").chmod(0o600)
    os.environ["BPLAB_PROGRESS"] = str(folder)
except OSError:
    pass
os.environ.pop("NBGRADER_EXECUTION", None)
def find(name):
    from bplab import mine
    return getattr(mine, name)
""",
    ),
    cheating(
        "mine-keeper",
        "what keeps functions is asked, past mine; then a keeper of the notebook's own",
        USE
        + """
import sys, types
def find(name):
    id = {"grad_beta": "eq4", "grad_alpha": "eq5", "backward_output": "eq6",
          "backward_hidden": "eq7"}[name]
    try:
        from bplab.exercises.mine.keeper import own
    except ImportError:
        from bplab.exercises.mine import library, names
        keeper = types.ModuleType("bplab.exercises.mine.keeper")
        there = next(known for known in library.KNOWN if known.id == id)
        function = library.of_library(there)
        keeper.own = lambda id: types.SimpleNamespace(function=function, why="", source="")
        names.mine._keeper = sys.modules[keeper.__name__] = keeper
        return names.mine[id]
    return own(id).function
""",
    ),
    cheating(
        "import-pickle",
        "a pickle that names the reference",
        USE
        + """
import pickle
def find(name):
    return pickle.loads(b"cbplab.network\\n" + name.encode() + b"\\n.")
""",
    ),
    cheating(
        "import-runpy",
        "runpy runs the module bplab.network again",
        USE
        + """
import runpy
def find(name):
    return runpy.run_module("bplab.network")[name]
""",
    ),
    cheating(
        "import-pkgutil",
        "pkgutil walks through every module of bplab and takes what has the name",
        USE
        + """
import importlib, pkgutil, bplab
def find(name):
    for module in pkgutil.walk_packages(bplab.__path__, "bplab."):
        try:
            loaded = importlib.import_module(module.name)
        except Exception:
            continue
        if name in vars(loaded):
            return vars(loaded)[name]
""",
    ),
    cheating(
        "import-unwrap",
        "what stands in place of the reference is unwrapped: closures, globals, defaults",
        USE
        + """
import bplab
from bplab import network
def find(name):
    todo, seen = [getattr(network, name)], set()
    while todo:
        one = todo.pop()
        if id(one) in seen or len(seen) > 5000:
            continue
        seen.add(id(one))
        if getattr(one, "__name__", "") == name and hasattr(one, "__code__"):
            if len(one.__code__.co_code) > 60:
                return one
        todo += [c.cell_contents for c in getattr(one, "__closure__", None) or ()]
        todo += list(getattr(one, "__defaults__", None) or ())
        todo += [getattr(one, "__wrapped__", None), getattr(one, "func", None)]
        if hasattr(one, "__globals__"):
            todo += [v for v in one.__globals__.values() if callable(v)]
""",
    ),
    cheating(
        "import-getsource",
        "inspect.getsource and linecache give the text of the reference",
        USE
        + """
import inspect, linecache
from bplab import network
def find(name):
    space = dict(vars(network))
    exec(inspect.getsource(getattr(network, name)), space)
    return space[name]
""",
    ),
    cheating(
        "subprocess-python",
        "another Python is started, asked for the answer, and read",
        USE
        + """
import io, pickle, subprocess, sys
tried = []
PROGRAM = '''
import pickle, sys
from bplab import activations, network
name, given = pickle.load(sys.stdin.buffer)
given = [getattr(activations, g[1]) if isinstance(g, tuple) else g for g in given]
sys.stdout.buffer.write(pickle.dumps(getattr(network, name)(*given)))
'''
def find(name):
    def ask(*given):
        if tried.count(name) > 1:
            return plain(name, given)
        tried.append(name)
        plainly = [g if isinstance(g, np.ndarray) else ("activation", g.name) for g in given]
        done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, timeout=20,
                              input=pickle.dumps((name, plainly)))
        value = pickle.loads(done.stdout)
        tried.remove(name)
        return value
    return ask
""",
    ),
    cheating(
        "subprocess-isolated",
        "the same with a clean environment: python -I, other Pythons of the system",
        USE
        + """
import glob, os, pickle, subprocess, sys
tried = []
PROGRAM = '''
import os, sys
os.environ.clear()
import pickle
from bplab import activations, network
name, given = pickle.load(sys.stdin.buffer)
given = [getattr(activations, g[1]) if isinstance(g, tuple) else g for g in given]
sys.stdout.buffer.write(pickle.dumps(getattr(network, name)(*given)))
'''
def find(name):
    def ask(*given):
        if tried.count(name) > 0:
            return plain(name, given)
        plainly = [g if isinstance(g, np.ndarray) else ("activation", g.name) for g in given]
        for python in {sys.executable, os.path.join(sys.prefix, "bin", "python"),
                       os.path.join(sys.base_prefix, "bin", "python3")}:
            done = subprocess.run([python, "-I", "-c", PROGRAM], capture_output=True, timeout=20,
                                  env={}, cwd="/", input=pickle.dumps((name, plainly)))
            if done.returncode == 0:
                return pickle.loads(done.stdout)
        tried.append(name)  # it is no use: not again
    return ask
""",
    ),
    cheating(
        "subprocess-kernel",
        "another kernel is started with jupyter_client, and has the reference",
        USE
        + """
import json
PROGRAM = '''
import json, numpy as np
from bplab import activations, network
given = [np.array(g[1], dtype=g[2]) if g[0] == "array" else getattr(activations, g[1])
         for g in json.loads(GIVEN)]
value = getattr(network, NAME)(*given)
print(json.dumps([p.tolist() for p in value] if isinstance(value, tuple) else value.tolist()))
'''
started = []
def find(name):
    from jupyter_client.manager import start_new_kernel
    if not started:
        started.append(None)
        started[0] = start_new_kernel(startup_timeout=4)
    _, client = started[0]
    def ask(*given):
        plainly = [["array", g.tolist(), str(g.dtype)] if isinstance(g, np.ndarray)
                   else ["activation", g.name] for g in given]
        texts = []
        client.execute_interactive(
            f"NAME, GIVEN = {name!r}, {json.dumps(plainly)!r}\\n" + PROGRAM, timeout=10,
            output_hook=lambda m: texts.append(m["content"].get("text", "")))
        value = json.loads("".join(texts))
        return tuple(map(np.array, value)) if name == "backward_output" else np.array(value)
    return ask
""",
    ),
)
