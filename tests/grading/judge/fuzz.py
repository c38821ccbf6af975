"""Whatever is sent or handed in: `python -m tests.grading.judge.fuzz SECONDS`.

What a kernel sends, described or as an output, and what is in a file. Each is read, or refused in
the way that is foreseen, and what is written of it is a notebook. `test_fuzz` does the same for a
moment; what this one finds goes into the tests beside it.
"""

import contextlib
import json
import sys
import time
from collections import Counter
from functools import cache
from unittest.mock import MagicMock

import nbformat
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from nbclient.client import CellExecutionComplete

from bplab.grading.inert import inert
from bplab.grading.judge.oracle import Question
from bplab.grading.judge.restore import Unreadable, read_notebook, restore
from bplab.grading.judge.session import StudentClient
from bplab.grading.judge.wire import Malformed, Reader
from tests.grading.hostile.notebook import released, right_notebook

# --- what comes -------------------------------------------------------------------------------

LETTERS = st.characters(codec=None, categories=None) | st.sampled_from(
    "\ud800\udfff\0\x1b\x9b\u202e"
)
TEXT = st.text(LETTERS, max_size=8) | st.sampled_from(
    ["", "1", "x" * 300, "<b>", "$a$", "0x1p9999"]
)
NUMBERS = (
    st.integers()
    | st.floats()
    | st.sampled_from([True, False, -1, 2**31, 2**63, 2**64, 10**4000, -(10**400), 1e308])
)


def json_of(*keys: str) -> st.SearchStrategy:
    """Values as JSON has them; dictionaries have these keys, or others."""
    names = st.sampled_from(keys) | TEXT
    return st.recursive(
        st.none() | NUMBERS | TEXT,
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(names, inner, max_size=5),
        max_leaves=12,
    )


SHAPES = st.lists(NUMBERS | TEXT | st.none(), max_size=4).map(tuple) | st.sampled_from(
    [(-1, -5), (0, 2**62, 2**62), (True, True), (2**63,), (0,) * 40]
)
DTYPES = st.sampled_from(
    ["<f8", "<f4", "<f2", ">f8", "<i8", "|b1", "<c16", "|O", "|V0", "<U3", "?"]
)


@st.composite
def forged(draw) -> bytes:
    """An array in numpy's format, more or less."""
    shape, dtype, data = draw(SHAPES), draw(DTYPES), draw(st.binary(max_size=40))
    head = f"{{'descr': {dtype!r}, 'fortran_order': {draw(st.booleans())}, 'shape': {shape!r}, }}\n"
    version = draw(st.sampled_from([b"\x01\x00", b"\x02\x00", b"\x03\x00", b"\x09\x09"]))
    raw = head.encode("utf-8", "replace")
    size = len(raw).to_bytes(2 if version == b"\x01\x00" else 4, "little")
    return draw(st.sampled_from([b"\x93NUMPY", b"PK\x03\x04"])) + version + size + raw + data


BUFFERS = st.lists(forged() | st.binary(max_size=30), max_size=3)
DESCRIBED = json_of(
    *("array", "list", "tuple", "named", "items", "float", "parts", "raised", "changed", "not"),
    *("seconds", "labels", "unusable", "in_time", "ask", "with", "number", "arguments", "present"),
)
ARRAYS = st.fixed_dictionaries({"array": st.integers(-1, 3) | NUMBERS})
ANSWERS = st.fixed_dictionaries(
    {
        "parts": st.lists(st.lists(ARRAYS | DESCRIBED, max_size=2), max_size=2) | DESCRIBED,
        "raised": st.none() | DESCRIBED | st.lists(DESCRIBED, min_size=5, max_size=5),
        "changed": TEXT | DESCRIBED,
    }
)
LESSONS = st.fixed_dictionaries(
    {
        "seconds": NUMBERS,
        "labels": st.none() | ARRAYS | DESCRIBED,
        "raised": st.none() | DESCRIBED,
        "unusable": TEXT | DESCRIBED,
        "in_time": st.booleans() | DESCRIBED,
        "changed": TEXT | DESCRIBED,
    }
)
QUESTIONS = st.fixed_dictionaries(
    {
        "number": st.just(0) | NUMBERS,
        "arguments": st.lists(ARRAYS | DESCRIBED, max_size=2) | DESCRIBED,
        "present": st.lists(st.tuples(TEXT, DESCRIBED) | DESCRIBED, max_size=2) | DESCRIBED,
    }
)

KEYS = (
    *("cells", "cell_type", "metadata", "nbgrader", "grade_id", "source", "outputs", "id"),
    *("attachments", "text/html", "text/plain", "image/png", "data", "output_type", "tags", "name"),
    *("text", "ename", "evalue", "traceback", "execution_count", "nbformat", "worksheets"),
)
OUTPUTS = json_of(*KEYS)
CONTENTS = st.dictionaries(
    st.sampled_from(
        [
            *(
                "data",
                "metadata",
                "transient",
                "execution_count",
                "name",
                "text",
                "ename",
                "evalue",
            ),
            *("traceback", "execution_state", "wait", "code", "comm_id"),
        ]
    ),
    OUTPUTS
    | st.dictionaries(
        st.sampled_from(
            [
                *("text/html", "text/plain", "text/markdown", "text/latex", "image/svg+xml"),
                *("image/png", "application/json", "display_id"),
            ]
        ),
        TEXT | OUTPUTS,
        max_size=3,
    ),
    max_size=5,
)
KINDS = st.sampled_from(
    [
        *("stream", "display_data", "execute_result", "error", "status", "clear_output"),
        *("update_display_data", "execute_input", "comm_open", "comm_msg", "other"),
    ]
)


@st.composite
def notebooks(draw) -> bytes:
    """A solved notebook in which anything may be anything else, or any bytes."""
    notebook = right_notebook()
    for _ in range(draw(st.integers(0, 4))):
        cell = draw(st.sampled_from(notebook["cells"]))
        if isinstance(cell, dict):
            cell[draw(st.sampled_from(KEYS) | TEXT)] = draw(OUTPUTS)
        if draw(st.integers(0, 3)) == 0:
            notebook["cells"].insert(draw(st.integers(0, 9)), draw(OUTPUTS))
        if draw(st.integers(0, 5)) == 0:
            notebook[draw(st.sampled_from(KEYS) | TEXT)] = draw(OUTPUTS)
        if not isinstance(notebook["cells"], list) or not notebook["cells"]:
            break
    raw = json.dumps(notebook).encode()
    cut = draw(st.none() | st.integers(0, len(raw)))
    return raw if cut is None else raw[:cut]


# --- what is made of it -----------------------------------------------------------------------


@cache
def _released():
    return nbformat.reads(json.dumps(released()), as_version=4)


def read_descriptions(described, answer, lesson, question, buffers) -> None:
    """All that reads what came from a kernel."""
    for read, what in (("value", described), ("answer", answer), ("lesson", lesson)):
        for one in (what, described):
            with contextlib.suppress(Malformed):
                getattr(Reader(buffers), read)(one)
    asked = Question("f", 1.0)
    asked.add("answer", {"g": abs})
    for one in (question, described):
        with contextlib.suppress(Malformed):
            asked.evaluate(one, buffers)


def read_file(submitted: bytes) -> None:
    """A file becomes a notebook that can be written and has all of the course's cells."""
    try:
        notebook, _ = restore(read_notebook(submitted), _released())
    except Unreadable:
        return
    _written(notebook)


def read_messages(messages) -> None:
    """A client takes messages for one cell; what is left is a notebook that can be written."""
    cell = nbformat.v4.new_code_cell("1")
    notebook = nbformat.v4.new_notebook(cells=[cell])
    client = StudentClient(notebook, MagicMock())
    client._bytes = 0
    for kind, content in messages:
        message = {"msg_type": kind, "content": content, "parent_header": {"msg_id": "a"}}
        with contextlib.suppress(CellExecutionComplete):
            client.process_message({"header": {}, "metadata": {}, **message}, cell, 0)
    _written(notebook)


def _written(notebook) -> None:
    inert(notebook)
    text = nbformat.writes(notebook)
    text.encode()
    nbformat.validate(nbformat.reads(text, as_version=4))


TARGETS = {
    "descriptions": (read_descriptions, (DESCRIBED, ANSWERS, LESSONS, QUESTIONS, BUFFERS)),
    "files": (read_file, (notebooks() | st.binary(max_size=60),)),
    "messages": (read_messages, (st.lists(st.tuples(KINDS, CONTENTS | OUTPUTS), max_size=4),)),
}
"""By name: what is tried, and what is drawn for it."""


def main(seconds: float) -> None:
    """Draw for so long; say how much was tried, and stop at the first error."""
    end, tried, number = time.monotonic() + seconds, Counter(), 0
    while time.monotonic() < end:
        for name, (read, drawn) in TARGETS.items():
            _draw(name, read, drawn, number, tried)
        number += 1
        print(f"{end - time.monotonic():7.0f} s left", dict(tried), flush=True)


def _draw(name, read, drawn, number, tried) -> None:
    quiet = settings(
        max_examples=500,
        database=None,
        deadline=None,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
    )

    @seed(number)
    @quiet
    @given(st.tuples(*drawn))
    def once(drawn):
        tried[name] += 1
        read(*drawn)

    once()


if __name__ == "__main__":
    main(float(sys.argv[1]))
