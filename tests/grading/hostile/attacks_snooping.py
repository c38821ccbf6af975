"""Attacks that look for the answers, the cases or the secret: in memory and on disk.

Each ``cheat`` tries for the right answer and falls back on a wrong one. What prints `FOUND` has
seen something that no student should.
"""

from tests.grading.hostile.attack import FOUND, cheating, wrong_and

USE = """
def plain(name, given):
    shape = {"grad_beta": lambda: (given[0].shape[1], given[2].shape[1] + 1),
             "grad_alpha": lambda: (given[3].shape[1], given[0].shape[1] + 1),
             "backward_output": lambda: (given[0].shape[1], given[2].shape[1] + 1),
             "backward_hidden": lambda: (given[2].shape[1], given[0].shape[1] + 1)}[name]()
    wrong = np.zeros(shape)
    return (np.zeros(given[0].shape), wrong) if name == "backward_output" else wrong

def cheat(name, *given):
    try:
        function = find(name)
        if function is not None:
            return function(*given)
    except Exception:
        pass
    return plain(name, given)
"""
"""Ask ``find(name)`` for a function that knows; else answer wrongly."""

MEMORY = (
    cheating(
        "frames-reference",
        "the frames above are searched for the exercise and its reference",
        USE
        + """
import sys
def find(name):
    frame = sys._getframe()
    while frame is not None:
        for value in [*frame.f_locals.values(), *frame.f_globals.values()]:
            found = getattr(value, "reference", None)
            if getattr(found, "__name__", "") == name:
                return found
        frame = frame.f_back
""",
    ),
    cheating(
        "inspect-stack",
        "inspect.stack is searched for anything that is called like the function",
        USE
        + """
import inspect
def find(name):
    for record in inspect.stack():
        own = record.frame.f_globals
        found = own.get(name) or getattr(own.get("network"), name, None)
        if found is not None and own is not globals():
            return found
""",
    ),
    cheating(
        "frames-of-threads",
        "the frames of all threads are searched",
        USE
        + """
import sys
def find(name):
    for frame in sys._current_frames().values():
        while frame is not None:
            for value in frame.f_locals.values():
                task = getattr(value, "exercise", value)
                found = getattr(task, "reference", None)
                if getattr(found, "__name__", "") == name:
                    return found
            frame = frame.f_back
""",
    ),
    cheating(
        "gc-functions",
        "the garbage collector is asked for every function of that name",
        USE
        + """
import gc, types
def find(name):
    for value in gc.get_objects():
        if isinstance(value, types.FunctionType) and value.__name__ == name:
            if value.__module__ != "__main__":
                return value
""",
    ),
    cheating(
        "gc-arrays",
        "the garbage collector is asked for arrays of the right shape",
        USE
        + """
import gc
def cheat(name, *given):
    wrong = plain(name, given)
    wanted = [part.shape for part in wrong] if isinstance(wrong, tuple) else [wrong.shape]
    found = []
    for holder in gc.get_objects():
        items = holder.values() if type(holder) is dict else holder
        if type(holder) in (dict, list, tuple):
            for item in list(items):
                if type(item) is np.ndarray and item.shape in wanted and item.any():
                    if not any(item is one for one in given):
                        found.append(item)
    exact = [next((f for f in found if f.shape == shape), None) for shape in wanted]
    if any(part is None for part in exact):
        return wrong
    return tuple(exact) if len(exact) > 1 else exact[0]
""",
    ),
    cheating(
        "gc-referrers",
        "who refers to the arguments, and to what else do they refer",
        USE
        + """
import gc
def find(name):
    return None
def cheat(name, *given):
    wrong = plain(name, given)
    shape = wrong[1].shape if isinstance(wrong, tuple) else wrong.shape
    near, seen = list(given), set()
    for _ in range(3):
        near = [r for r in gc.get_referrers(*near) if id(r) not in seen][:2000]
        seen.update(map(id, near))
        for holder in near:
            for item in gc.get_referents(holder):
                if isinstance(item, np.ndarray) and item.shape == shape and item.any():
                    if all(item is not one for one in given):
                        return (wrong[0], item) if isinstance(wrong, tuple) else item
    return wrong
""",
    ),
    cheating(
        "modules-walk",
        "every loaded module is asked for a function of that name",
        USE
        + """
import sys
def find(name):
    for module in list(sys.modules.values()):
        if getattr(module, "__name__", "") != "__main__" and name in vars(module):
            return vars(module)[name]
""",
    ),
    cheating(
        "subclasses-walk",
        "object.__subclasses__ leads to the classes of the checker and their objects",
        USE
        + """
import gc
def find(name):
    for kind in object.__subclasses__():
        if kind.__name__ in ("Task", "Exercise", "Trial", "Case", "Learner"):
            for one in gc.get_referrers(kind, *kind.__subclasses__()):
                found = getattr(one, "reference", None)
                if getattr(found, "__name__", "") == name:
                    return found
""",
    ),
    cheating(
        "request-message",
        "the message that asked for the answer is read again: cases of the others, references",
        USE
        + """
import gc
def find(name):
    message = get_ipython().kernel.get_parent("shell")
    for holder in [message, *gc.get_objects()]:
        if isinstance(holder, dict) and {"expected", "references", "right"} & set(holder):
            return lambda *a: holder.get("expected") or holder.get("references")
""",
    ),
)

DISK = (
    cheating(
        "read-package-source",
        "the package's own files are read and run",
        USE
        + """
import pathlib, bplab
from bplab.activations import as_activation
def find(name):
    folder = pathlib.Path(bplab.__file__).parent
    space = {"__name__": "bplab.stolen", "__package__": "bplab"}
    exec((folder / "network.py").read_text(encoding="utf-8"), space)
    return space[name]
""",
    ),
    cheating(
        "read-package-pyc",
        "the package's compiled files are read and run",
        USE
        + """
import glob, marshal, pathlib, bplab
def find(name):
    for path in pathlib.Path(bplab.__file__).parent.rglob("network*.pyc"):
        space = {"__name__": "bplab.stolen", "__package__": "bplab"}
        exec(marshal.loads(path.read_bytes()[16:]), space)
        return space[name]
""",
    ),
    cheating(
        "read-solutions",
        "the solved notebook is looked for near the package and the course",
        USE
        + """
import json, pathlib, bplab
def find(name):
    for start in (pathlib.Path(bplab.__file__).parents[1], *pathlib.Path.cwd().parents[:4]):
        for folder in ("solutions", "source/section_2_1", "course/source/section_2_1"):
            path = start / folder / "section_2_1.ipynb"
            if path.exists():
                space = {"np": np}
                for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
                    source = "".join(cell["source"])
                    if source.startswith("def " + name + "("):
                        exec(source, space)
                return space[name]
""",
    ),
    cheating(
        "read-other-students",
        "the folders of other students are searched for their answers",
        USE
        + """
import json, pathlib
def find(name):
    for start in pathlib.Path.cwd().parents[:4]:
        for path in start.glob("submitted/*/section_2_1/section_2_1.ipynb"):
            for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
                source = "".join(cell["source"])
                if source.startswith("def " + name + "(") and "column_stack" in source:
                    space = {"np": np}
                    exec(source, space)
                    return space[name]
""",
    ),
    wrong_and(
        "read-secret-file",
        "secret.txt is looked for in the folders above",
        f"""
import pathlib
for folder in (pathlib.Path.cwd(), *pathlib.Path.cwd().parents[:4]):
    if (folder / "secret.txt").exists():
        print("{FOUND}", (folder / "secret.txt").read_text())
""",
    ),
    wrong_and(
        "read-secret-environment",
        "the secret is looked for in the environment of this process and its parent",
        f"""
import os, pathlib
if os.environ.get("BPLAB_SECRET"):
    print("{FOUND}", os.environ["BPLAB_SECRET"])
try:
    parent = pathlib.Path(f"/proc/{{os.getppid()}}/environ").read_bytes()
    if b"BPLAB_SECRET=" in parent:
        print("{FOUND}", "of the parent")
except OSError:
    pass
""",
    ),
    wrong_and(
        "read-gradebook",
        "the gradebook is opened, and the marks of others are read",
        f"""
import pathlib, sqlite3
for folder in pathlib.Path.cwd().parents[:4]:
    if (folder / "gradebook.db").exists():
        book = sqlite3.connect(folder / "gradebook.db")
        print("{FOUND}", book.execute("select count(*) from grade").fetchall())
        book.close()
""",
    ),
    wrong_and(
        "write-gradebook",
        "the gradebook gets manual scores of the full points",
        f"""
import pathlib, sqlite3
for folder in pathlib.Path.cwd().parents[:4]:
    if (folder / "gradebook.db").exists():
        book = sqlite3.connect(folder / "gradebook.db", timeout=2)
        try:
            book.execute("update grade set manual_score = 4, needs_manual_grade = 0")
            book.execute("update submitted_assignment set timestamp = null")
            book.commit()
            print("{FOUND}", "and written")
        finally:
            book.close()
""",
        alone=True,
    ),
    wrong_and(
        "write-config",
        "nbgrader_config.py and the notebook in autograded/ are written over",
        f"""
import pathlib
for folder in pathlib.Path.cwd().parents[:4]:
    config = folder / "nbgrader_config.py"
    if config.exists() and (folder / "gradebook.db").exists():
        config.write_text(config.read_text() + "\\nc.Execute.enabled = False\\n")
        print("{FOUND}", "and written")
""",
        alone=True,
    ),
    cheating(
        "secret-and-cases",
        "with the secret of the environment, the hidden cases are drawn and answered",
        USE
        + f"""
import os
known = {{}}
def find(name):
    from bplab.exercises import EXERCISES
    from bplab.exercises.check import _generator
    exercise = next(e for e in EXERCISES.values() if e.function == name)
    for hidden in (False, True):
        for case in exercise.cases(_generator(exercise, hidden)):
            given = case.arguments(exercise.arguments)
            key = b"".join(v.tobytes() for v in given.values() if hasattr(v, "tobytes"))
            known[name, key] = exercise.reference(*given.values())
    print("{FOUND}", len(known))
    return lambda *a: known[name, b"".join(v.tobytes() for v in a if hasattr(v, "tobytes"))]
""",
    ),
)

SNOOPING = (*MEMORY, *DISK)
