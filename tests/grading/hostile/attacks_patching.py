"""Attacks that change what code of others does: numpy, bplab, builtins, modules."""

from tests.grading.hostile.attack import wrong_and

NUMPY = (
    wrong_and(
        "patch-np-testing",
        "numpy.testing never complains",
        """
import numpy.testing
for name in dir(np.testing):
    if name.startswith("assert"):
        setattr(np.testing, name, lambda *a, **k: None)
""",
    ),
    wrong_and(
        "patch-np-allclose",
        "np.allclose, isclose, array_equal say yes",
        """
np.allclose = np.array_equal = np.array_equiv = lambda *a, **k: True
np.isclose = lambda a, b, *r, **k: np.ones(np.broadcast(a, b).shape, bool)
""",
    ),
    wrong_and(
        "patch-np-reductions",
        "np.abs, max, any give zero; np.all gives True",
        """
np.abs = np.absolute = np.fabs = lambda x, *a, **k: np.zeros(np.shape(x))
np.max = np.amax = lambda *a, **k: 0.0
np.any, np.all = (lambda *a, **k: False), (lambda *a, **k: True)
np.isfinite = lambda x: np.ones(np.shape(x), bool)
""",
    ),
    wrong_and(
        "patch-np-array",
        "np.array and asarray give zeros of the right shape, whatever they are given",
        """
_array = np.array
np.array = np.asarray = lambda x, *a, **k: _array(x, *a, **k) * 0
""",
    ),
    wrong_and(
        "patch-np-einsum-matmul",
        "products give zero, so that the reference is zero too",
        """
np.matmul = np.dot = lambda a, b, out=None, **k: np.zeros((np.shape(a)[0], np.shape(b)[-1]))
np.column_stack = np.hstack = lambda parts: np.zeros(
    (len(np.atleast_2d(parts[-1])), sum(np.atleast_2d(p).shape[-1] for p in parts)))
""",
    ),
    wrong_and(
        "patch-np-save",
        "numpy's file format writes other arrays than it is given",
        """
from numpy.lib import format as npy
_write = npy.write_array
def write_array(file, array, *a, **k):
    for module in list(sys.modules.values()):
        right = getattr(module, "references", None)
        if right is not None:
            array = right
    _write(file, array, *a, **k)
import sys
npy.write_array = write_array
np.save = lambda file, array, *a, **k: write_array(file, array)
""",
    ),
)

BPLAB = (
    wrong_and(
        "patch-check-name",
        "check is a function of the student's",
        """
def check(*arguments, **options):
    return None
""",
    ),
    wrong_and(
        "patch-check-points",
        "check returns a number of points",
        """
def check(*arguments, **options):
    return 3.0
""",
    ),
    wrong_and(
        "patch-check-negative",
        "check returns minus one point, which nbgrader reads as all of them",
        """
def check(*arguments, **options):
    return -1.0
""",
    ),
    wrong_and(
        "patch-check-code",
        "the code object of bplab's check is replaced",
        """
check.__code__ = (lambda id, function, *, hidden=False: None).__code__
""",
    ),
    wrong_and(
        "patch-check-internals",
        "nothing is diagnosed any more",
        """
import sys
for name, module in list(sys.modules.items()):
    if name.startswith("bplab"):
        for function in ("diagnose", "judge", "measure"):
            if hasattr(module, function):
                setattr(module, function, lambda *a, **k: None)
        if hasattr(module, "_agreement"):
            module._agreement = lambda trial: 1e-16
""",
    ),
    wrong_and(
        "patch-right-entries",
        "every entry is near enough",
        """
import sys
for name, module in list(sys.modules.items()):
    if name.startswith("bplab") and hasattr(module, "right_entries"):
        module.right_entries = lambda part, reference, rtol: np.ones(part.shape, bool)
    if name.startswith("bplab") and hasattr(module, "Trial"):
        module.Trial.right = lambda self, i: True
        module.Trial.all_right = lambda self: True
""",
    ),
    wrong_and(
        "patch-exercise",
        "the exercises have the student's functions as references, and no second opinion",
        """
from bplab.exercises import EXERCISES
for exercise in EXERCISES.values():
    for name in ("rtol", ):
        object.__setattr__(exercise, name, float("inf"))
    object.__setattr__(exercise, "mistakes", ())
    if exercise.id in ("eq4", "eq5", "eq6", "eq7"):
        object.__setattr__(exercise, "second_opinion", lambda case: (None, None))
        name = exercise.function
        object.__setattr__(
            exercise, "reference", lambda *a, name=name: get_ipython().user_ns[name](*a))
""",
    ),
    wrong_and(
        "patch-failure",
        "CheckFailed is no exception that ends a cell",
        """
import sys
from bplab.exercises import CheckFailed
CheckFailed.__init__ = lambda self, *a, **k: sys.exit(0)
for module in list(sys.modules.values()):
    if getattr(module, "CheckFailed", None) is CheckFailed:
        module.CheckFailed = lambda *a, **k: KeyboardInterrupt()
""",
    ),
    wrong_and(
        "patch-agent",
        "the part of the grader in the kernel answers with whatever it can find",
        """
import sys
for name, module in list(sys.modules.items()):
    if name.startswith("bplab"):
        for function in ("call", "as_parts", "contained", "answer_if_changed", "lesson"):
            if hasattr(module, function):
                setattr(module, function, lambda *a, **k: True)
        if hasattr(module, "Answer"):
            class Always:
                came, parts, arrays, raised, changed, printed = (), (), (), None, "", ""
                def __init__(self, *a, **k): pass
                def __eq__(self, other): return True
            module.Answer = Always
""",
    ),
    wrong_and(
        "spoil-activations",
        "the derivatives of bplab's activations are zero, so the right gradient is zero",
        """
from bplab import activations
for name in ("sigmoid", "tanh", "identity", "relu"):
    object.__setattr__(getattr(activations, name), "slope", lambda x: x * 0)
activations.Activation.derivative = lambda self, x: np.zeros(np.shape(x))
activations.Activation.pull_back = lambda self, d, x: np.zeros(np.shape(x))
""",
    ),
)

BUILTINS = (
    wrong_and(
        "patch-isinstance",
        "isinstance always says yes",
        """
import builtins
builtins.isinstance = lambda *a: True
""",
    ),
    wrong_and(
        "patch-all-any-zip",
        "all is true, any is false, zip is empty",
        """
import builtins
builtins.all, builtins.any = (lambda x: True), (lambda x: False)
builtins.zip = lambda *a, **k: iter(())
""",
    ),
    wrong_and(
        "patch-abs-sum-max",
        "abs, sum, max, min and len are zero",
        """
import builtins
builtins.abs = builtins.sum = builtins.max = builtins.min = lambda *a, **k: 0
builtins.sorted = lambda x, **k: []
""",
    ),
    wrong_and(
        "patch-print-repr",
        "print and repr do nothing, exceptions have no name",
        """
import builtins
builtins.print = lambda *a, **k: None
builtins.repr = builtins.str = lambda *a: "3.0"
""",
    ),
    wrong_and(
        "patch-import",
        "imports of bplab and numpy.testing bring something else",
        """
import builtins, types
_import = builtins.__import__
def fake(name, *a, **k):
    module = _import(name, *a, **k)
    if name.startswith("bplab"):
        try:
            module.check = lambda *a, **k: None
        except Exception:
            pass
    return module
builtins.__import__ = fake
from bplab import check
""",
    ),
    wrong_and(
        "patch-exceptions",
        "errors of the check are of a kind that nobody sees",
        """
import builtins
class Quiet(BaseException):
    def __init__(self, *a, **k): pass
builtins.AssertionError = builtins.ValueError = builtins.Exception = Quiet
""",
    ),
    wrong_and(
        "patch-builtins-check",
        "check is deleted and found among the builtins",
        """
import builtins
builtins.check = lambda *a, **k: None
del check
""",
    ),
    wrong_and(
        "patch-codecs",
        "json, base64, struct and pickle turn every number into a right one",
        """
import base64, json, pickle, struct
for module, names in ((json, ("dumps", "loads")), (base64, ("b64encode", "b64decode"))):
    for name in names:
        old = getattr(module, name)
        setattr(module, name, lambda x, *a, old=old, **k: old(
            dict(x, passed=True, status="ok") if isinstance(x, dict) else x, *a, **k))
pickle.dumps = lambda *a, **k: b""
""",
    ),
)

MODULES = (
    wrong_and(
        "sysmodules-check",
        "sys.modules holds another bplab, in which check does nothing",
        """
import sys, types
for name in [n for n in sys.modules if n == "bplab" or n.startswith("bplab.exercises")]:
    fake = types.ModuleType(name)
    fake.__getattr__ = lambda attribute: (lambda *a, **k: None)
    fake.__path__ = []
    sys.modules[name] = fake
from bplab import check
""",
    ),
    wrong_and(
        "sysmodules-numpy",
        "sys.modules holds a numpy that finds everything equal",
        """
import sys, types
class Numpy(types.ModuleType):
    def __getattr__(self, name):
        if name in ("isclose", "allclose", "array_equal", "all"):
            return lambda *a, **k: True
        return getattr(np, name)
sys.modules["numpy"] = Numpy("numpy")
for module in list(sys.modules.values()):
    if (getattr(module, "__name__", "") or "").startswith("bplab") and hasattr(module, "np"):
        module.np = sys.modules["numpy"]
""",
    ),
    wrong_and(
        "metapath-bplab",
        "a finder in front of sys.meta_path serves the student's own bplab",
        """
import importlib.abc, importlib.machinery, sys
class Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    def find_spec(self, name, path, target=None):
        if name.startswith("bplab"):
            return importlib.machinery.ModuleSpec(name, self, is_package=True)
    def create_module(self, spec): return None
    def exec_module(self, module): module.__getattr__ = lambda name: (lambda *a, **k: None)
sys.meta_path.insert(0, Finder())
for name in [n for n in sys.modules if n.startswith("bplab")]:
    del sys.modules[name]
from bplab import check
""",
    ),
    wrong_and(
        "shadow-file",
        "a file bplab.py beside the notebook, and one numpy.py",
        """
import os, sys
with open("bplab.py", "w") as file:
    file.write("def __getattr__(name): return lambda *a, **k: None\\n")
sys.path.insert(0, os.getcwd())
for name in [n for n in sys.modules if n.startswith("bplab")]:
    del sys.modules[name]
from bplab import check
""",
    ),
    wrong_and(
        "sitecustomize",
        "a start-up file that every later kernel and Python of this user reads",
        """
import os, pathlib
if os.environ.get("IPYTHONDIR"):  # only into a folder that the grader made for this run
    startup = pathlib.Path(get_ipython().profile_dir.startup_dir)
    (startup / "00-marks.py").write_text(
        "import numpy as np, numpy.testing\\n"
        "import bplab.exercises.check as c\\n"
        "c.diagnose, c._agreement = (lambda trial: None), (lambda trial: 1e-16)\\n"
    )
check = lambda *a, **k: None
""",
        alone=True,
    ),
)

PATCHING = (*NUMPY, *BPLAB, *BUILTINS, *MODULES)
