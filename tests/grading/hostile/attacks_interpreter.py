"""Attacks on what runs the cells: IPython's machinery and the interpreter's hooks."""

from tests.grading.hostile.attack import instead, wrong_and

IPYTHON = (
    wrong_and(
        "ipython-showtraceback",
        "errors are not shown, so nbgrader sees none",
        """
shell = get_ipython()
shell.showtraceback = shell._showtraceback = shell.showsyntaxerror = lambda *a, **k: None
""",
    ),
    wrong_and(
        "ipython-custom-exc",
        "a handler of the student's takes every exception",
        """
get_ipython().set_custom_exc((BaseException,), lambda shell, kind, value, tb, tb_offset=None: None)
""",
    ),
    wrong_and(
        "ipython-run-cell",
        "cells that check are not run",
        """
shell = get_ipython()
_run = shell.run_cell
_async = shell.run_cell_async
shell.run_cell = lambda cell, *a, **k: _run("" if "check(" in cell else cell, *a, **k)
async def run_cell_async(cell, *a, **k):
    return await _async("" if "check(" in cell else cell, *a, **k)
shell.run_cell_async = run_cell_async
shell.should_run_async = lambda *a, **k: True
""",
    ),
    wrong_and(
        "ipython-run-code",
        "code objects are run, and never fail",
        """
shell = get_ipython()
async def run_code(code, result=None, *, async_=False):
    try:
        exec(code, shell.user_global_ns, shell.user_ns)
    except BaseException:
        pass
    return False
shell.run_code = run_code
""",
    ),
    wrong_and(
        "ipython-input-transformer",
        "the text of cells that check is taken out before it is compiled",
        """
def empty(lines):
    return ["None\\n"] if any(line.startswith("check(") for line in lines) else lines
get_ipython().input_transformers_cleanup.append(empty)
get_ipython().input_transformers_post.append(empty)
""",
    ),
    wrong_and(
        "ipython-ast-transformer",
        "calls of check are taken out of the syntax tree",
        """
import ast
class NoCheck(ast.NodeTransformer):
    def visit_Expr(self, node):
        called = getattr(getattr(node.value, "func", None), "id", "")
        return ast.Pass() if called == "check" else node
get_ipython().ast_transformers.append(NoCheck())
""",
    ),
    wrong_and(
        "ipython-events",
        "before each cell, check is made harmless again",
        """
def before(info):
    get_ipython().user_ns["check"] = lambda *a, **k: None
get_ipython().events.register("pre_run_cell", before)
get_ipython().events.register("pre_execute", lambda: before(None))
""",
    ),
    wrong_and(
        "ipython-clear-output",
        "after each cell, its outputs are cleared",
        """
from IPython.display import clear_output
get_ipython().events.register("post_run_cell", lambda result: clear_output())
""",
    ),
    wrong_and(
        "ipython-display-pub",
        "what is published is turned into a success",
        """
pub = get_ipython().display_pub
_publish = pub.publish
def publish(data, metadata=None, **k):
    for key, value in list(data.items()):
        if isinstance(value, dict):
            data[key] = dict(value, passed=True, mistake=None, points=13)
    return _publish(data, metadata, **k)
pub.publish = publish
get_ipython().displayhook.__class__.__call__ = lambda self, result=None: None
get_ipython()._showtraceback = lambda *a, **k: None
""",
    ),
    wrong_and(
        "ipython-namespace",
        "the namespace gives the reference for every name of a function",
        """
import sys
class Names(dict):
    def __getitem__(self, name):
        for module in ("bplab.network", "bplab.deep"):
            found = getattr(sys.modules.get(module), name, None)
            if name.startswith(("grad_", "backward_")) and found is not None:
                return found
        return dict.__getitem__(self, name)
    def get(self, name, default=None):
        return self[name] if name in self else default
shell = get_ipython()
names = Names(shell.user_ns)
shell.user_module.__dict__.update(names)
try:
    shell.user_ns = names
except Exception as error:
    print(error)
""",
    ),
    wrong_and(
        "ipython-magic",
        "a cell magic and an alias named check, autocalled",
        """
from IPython.core.magic import register_line_magic
@register_line_magic
def check(line):
    return None
get_ipython().run_line_magic("autocall", "2")
del check
""",
    ),
    wrong_and(
        "ipython-kernel-app",
        "the configuration of the kernel runs a line before each cell",
        """
shell = get_ipython()
shell.kernel.__class__.execution_count = 10**6
shell.config.InteractiveShellApp.exec_lines = ["check = print"]
shell.reset = shell.init_builtins = lambda *a, **k: None
shell.compile.__class__.__call__ = lambda self, source, *a, **k: compile("None", "<x>", a[1])
shell.compile.__class__.ast_parse = lambda self, *a, **k: __import__("ast").parse("None")
""",
    ),
)

INTERPRETER = (
    wrong_and(
        "settrace-jump",
        "a trace function jumps over the line of check that raises",
        """
import inspect, sys
lines, first = inspect.getsourcelines(check)
raises = next((first + i for i, line in enumerate(lines) if "if finding is not" in line), 0)
after = next((first + i for i, line in enumerate(lines) if "if _grading()" in line), 0)
def local(frame, event, arg):
    if event == "line" and frame.f_lineno == raises:
        frame.f_lineno = after
    return local
def tracer(frame, event, arg):
    return local if frame.f_code is check.__code__ else None
sys.settrace(tracer)
get_ipython().events.register("pre_run_cell", lambda info: sys.settrace(tracer))
""",
    ),
    wrong_and(
        "settrace-answer",
        "a trace function looks for references in every frame and keeps them",
        """
import sys
kept = []
def tracer(frame, event, arg):
    for name in ("references", "reference", "expected", "right"):
        if name in frame.f_locals:
            kept.append(frame.f_locals[name])
    return tracer
sys.settrace(tracer)
def grad_beta(Y, A, Z, T, F, g):
    for known in kept:
        if getattr(known, "shape", None) == (Y.shape[1], Z.shape[1] + 1):
            return known
    return np.zeros((Y.shape[1], Z.shape[1] + 1))
""",
        before="test-eq4",
    ),
    wrong_and(
        "setprofile",
        "a profile function makes check's helpers harmless when they are called",
        """
import sys, threading
def profiler(frame, event, arg):
    if event == "call" and frame.f_code.co_name in ("check", "diagnose", "_try_exercise"):
        frame.f_globals["diagnose"] = lambda *a: None
        frame.f_globals["_agreement"] = lambda *a: 1e-16
sys.setprofile(profiler)
threading.setprofile(profiler)
""",
    ),
    wrong_and(
        "excepthook",
        "hooks for exceptions swallow them and say success",
        """
import sys, threading
sys.excepthook = threading.excepthook = lambda *a: print("passed")
sys.unraisablehook = sys.excepthook
get_ipython().excepthook = lambda *a: None
get_ipython().sys_excepthook = lambda *a: None
""",
    ),
    wrong_and(
        "atexit-mark",
        "when the kernel ends, a mark is printed and files are written",
        """
import atexit, glob, json
def late():
    print("3.0")
    for path in glob.glob("*.ipynb"):
        with open(path, "w") as file:
            json.dump({"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}, file)
atexit.register(late)
""",
    ),
    wrong_and(
        "signals",
        "signals that end a cell are ignored, an alarm answers in between",
        """
import signal
signal.signal(signal.SIGINT, signal.SIG_IGN)
signal.signal(signal.SIGALRM, lambda *a: get_ipython().user_ns.update(check=lambda *a, **k: None))
signal.setitimer(signal.ITIMER_REAL, 0.2, 0.2)
""",
    ),
    wrong_and(
        "audit-hook",
        "an audit hook and a tracing of memory look at what is opened and imported",
        """
import sys
seen = []
def hook(event, arguments):
    if event in ("open", "exec", "import", "object.__getattr__"):
        seen.append(str(arguments[0])[:80])
    if event == "exec" and "check" in str(arguments[0]):
        raise SystemExit(0)
sys.addaudithook(hook)
""",
    ),
    wrong_and(
        "ctypes-float",
        "ctypes overwrites the tolerance in memory",
        """
import ctypes
from bplab.exercises import EXERCISES
for exercise in EXERCISES.values():
    number = getattr(exercise, "rtol", None)
    if type(number) is float:
        ctypes.c_double.from_address(id(number) + 16).value = 1e9
""",
    ),
    wrong_and(
        "opcode-swap",
        "code objects of every function of bplab that compares are swapped",
        """
import sys, types
def yes(*a, **k):
    return None
for name, module in list(sys.modules.items()):
    if name.startswith("bplab.exercises"):
        for value in list(vars(module).values()):
            if isinstance(value, types.FunctionType) and value.__name__ in (
                "diagnose", "_known_mistake", "measure", "_raised", "_unusable", "_wrong_form",
                "_not_finite"):
                try:
                    value.__code__ = yes.__code__
                except ValueError:
                    pass
""",
    ),
    instead(
        "jump-out",
        "check is left by an exception that IPython counts as a success",
        """
import sys
class Away(SystemExit):
    def __init__(self): super().__init__(0)
def grad_beta(Y, A, Z, T, F, g):
    raise Away
def grad_alpha(X, Y, A, Z, T, F, beta, sigma, g):
    raise KeyboardInterrupt
def backward_output(Y, A, Z, T, F, g):
    raise GeneratorExit
def backward_hidden(X, A, Z, delta, beta, sigma):
    sys.exit(0)
""",
    ),
)

INTERPRETING = (*IPYTHON, *INTERPRETER)
