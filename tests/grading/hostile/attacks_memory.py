"""Attacks that know cases by heart: the visible ones, or hidden ones that leaked."""

import base64
import io

import numpy as np

from bplab.exercises import EXERCISES, generator, hidden_kind
from bplab.exercises.task.exercise import VISIBLE
from tests.grading.hostile.attack import Attack
from tests.grading.hostile.attacks_snooping import USE
from tests.grading.hostile.classroom import SECRET as OF_COMMANDS
from tests.grading.hostile.notebook import CHEAT, POINTS, Notebook, added, write
from tests.grading.hostile.ours import SECRET


def _table(*kinds: str) -> str:
    """The right answers to cases of these kinds, as text, with what recognises each case."""
    arrays = {}
    for id in POINTS:
        exercise = EXERCISES[id]
        cases = [case for kind in kinds for case in exercise.cases(generator(exercise, kind))]
        for number, case in enumerate(cases):
            given = case.arguments(exercise.arguments)
            value = exercise.reference(*given.values())
            parts = value if isinstance(value, tuple) else (value,)
            key = f"{exercise.function} {number}"
            arrays[f"{key} given"] = np.concatenate(
                [np.ravel(v) for v in given.values() if isinstance(v, np.ndarray)]
            )
            arrays |= {f"{key} part {i}": part for i, part in enumerate(parts)}
    file = io.BytesIO()
    np.savez_compressed(file, **arrays)
    return base64.b64encode(file.getvalue()).decode()


BY_HEART = """
import base64, io
table = np.load(io.BytesIO(base64.b64decode(TABLE)))
learned = {}
for key in table.files:
    if key.endswith("given"):
        name, number, _ = key.split()
        parts = [table[k] for k in table.files if k.startswith(f"{name} {number} part")]
        learned.setdefault(name, []).append((table[key], parts))
def remembered(name, given):
    came = np.concatenate([np.ravel(v) for v in given if isinstance(v, np.ndarray)])
    for known, parts in learned[name]:
        if known.shape == came.shape and np.array_equal(known, came):
            return parts
def cheat(name, *given):
    parts = remembered(name, given)
    if parts is None:
        return plain(name, given)
    return tuple(p.copy() for p in parts) if len(parts) > 1 else parts[0].copy()
"""


def by_heart(name: str, what: str, code: str, *kinds: str) -> Attack:
    """Return an attack that knows the answers to cases of these kinds; else the visible ones."""

    def edit(notebook: Notebook) -> None:
        write(notebook, **CHEAT)
        added(f'TABLE = "{_table(*(kinds or (VISIBLE,)))}"\n{USE}{BY_HEART}{code}')(notebook)

    return Attack(name, what, edit)


LEAKED = (hidden_kind(SECRET), hidden_kind(OF_COMMANDS))
"""All hidden cases of the classes that are graded here, as if they had become known."""

REMEMBERING = (
    by_heart("memory-visible", "right answers to the visible cases, learned by heart", ""),
    by_heart(
        "memory-and-seed",
        "the same, and every random generator is made to draw the visible cases",
        """
import hashlib
_sha256 = hashlib.sha256
hashlib.sha256 = lambda data=b"": _sha256(data.split(b":hidden")[0] + b":visible"
                                          if b":hidden" in data else data)
""",
    ),
    by_heart(
        "memory-and-secret",
        "the same, and the secret of the environment is taken away",
        """
import os, sys
os.environ["BPLAB_SECRET"] = ""
module = sys.modules.get("bplab.exercises.check")
if module is not None and hasattr(module, "_generator"):
    _generator = module._generator
    module._generator = lambda exercise, hidden: _generator(exercise, False)
""",
    ),
    by_heart(
        "memory-by-count",
        "the answers are given in the order in which check asks",
        """
counts = {}
def cheat(name, *given):
    turn = counts[name] = counts.get(name, -1) + 1
    known = learned[name]
    parts = known[turn % len(known)][1]
    return tuple(p.copy() for p in parts) if len(parts) > 1 else parts[0].copy()
""",
    ),
    by_heart(
        "memory-by-frames",
        "right only when called by the check or the grader, wrong anywhere else",
        """
import sys
_cheat = cheat
def cheat(name, *given):
    frame, names = sys._getframe(), []
    while frame is not None:
        names.append(frame.f_globals.get("__name__", ""))
        frame = frame.f_back
    if any(n.startswith("bplab") for n in names):
        return _cheat(name, *given)
    raise RuntimeError("not now")
""",
    ),
    by_heart("memory-hidden", "right answers to the hidden cases themselves", "", *LEAKED),
    by_heart(
        "memory-hidden-part",
        "the same, and nothing for the last part of each answer, to earn a share",
        """
_cheat = cheat
def cheat(name, *given):
    answer = _cheat(name, *given)
    return (answer[0], None) if isinstance(answer, tuple) else answer
""",
        *LEAKED,
    ),
    by_heart(
        "memory-hidden-corner",
        "the same, but wrong for one example, which costs half where all else is right",
        """
_cheat = cheat
def cheat(name, *given):
    return plain(name, given) if len(given[0]) == 1 else _cheat(name, *given)
""",
        *LEAKED,
    ),
)
