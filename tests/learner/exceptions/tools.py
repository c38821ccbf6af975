"""Functions of learners as notebooks and files define them, and what is told of their errors."""

import io
import itertools
import linecache
from contextlib import redirect_stdout
from pathlib import Path
from tempfile import gettempdir
from textwrap import indent

import numpy as np

from bplab.activations import sigmoid, softmax, tanh
from bplab.learner import Raised

BEFORE = "import math\nimport numpy as np\n"
_cells = itertools.count(1)


def given():
    """What the functions are given: N = 5, p = 3, M = 11, K = 4."""
    rng = np.random.default_rng(0)
    arrays = {"X": (5, 3), "Y": (5, 4), "A": (5, 11), "Z": (5, 11), "T": (5, 4), "F": (5, 4)}
    arrays |= {"delta": (5, 4), "alpha": (11, 4), "beta": (4, 12)}
    return {name: rng.standard_normal(shape) for name, shape in arrays.items()} | {
        "alphas": (np.ones((4, 3)), np.ones((5, 5)), np.ones((2, 6))),
        "sigma": tanh,
        "g": sigmoid,
        "soft": softmax,
        "L": [1, 2],
        "xi": np.arange(6),
    }


def in_a_cell(source: str, name: str):
    """Define a function as IPython does: its source is in linecache, under a name of no file."""
    source = BEFORE + source
    file = str(Path(gettempdir(), "ipykernel_1", f"{next(_cells)}.py"))
    linecache.cache[file] = len(source), None, source.splitlines(keepends=True), file
    return _defined(source, file, name)


def in_a_file(source: str, name: str, folder: Path):
    """Define a function as an import does."""
    file = folder / "own.py"
    file.write_text(BEFORE + source, encoding="utf-8")
    linecache.cache.pop(str(file), None)
    return _defined(BEFORE + source, str(file), name)


def of_a_string(source: str, name: str):
    """Define a function whose source nobody has."""
    return _defined(BEFORE + source, "<string>", name)


def _defined(source, file, name):
    names = {}
    exec(compile(source, file, "exec"), names)
    return names[name]


def written(body: str) -> str:
    """The source of a function ``f`` with this body, of all that is given."""
    return f"def f({', '.join(given())}):\n{indent(body.strip(chr(10)), '    ')}\n"


def raised(function, arguments=None) -> Raised:
    """What comes of calling a function that raises."""
    try:
        with redirect_stdout(io.StringIO()):
            function(**(given() if arguments is None else arguments))
    except Exception as error:
        return Raised.of(error)
    raise AssertionError("it raises nothing")
