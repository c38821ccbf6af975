"""Attacks on the grader itself: they try to fill its memory, or to take its time."""

from collections.abc import Callable

from tests.grading.hostile.attack import Attack, tampering, wrong_and
from tests.grading.hostile.notebook import Notebook, own_cell, place

MB = 10**6

# --- answers ----------------------------------------------------------------------------------

_LINE = """
import json, struct, sys
wire = sys.modules["bplab.grading.judge.wire"]
_send = wire.Line.send
def npy(array):
    writer = wire.Writer()
    writer.value(array)
    return writer.buffers[0]
def send(self, content, buffers=()):
    if "answer" in content and "outcomes" in content["answer"]:
        forged = forge(self, content["answer"]["outcomes"])
        if forged is None:
            return
        content, buffers = forged
    _send(self, content, buffers)
wire.Line.send = send
def outcome(*arrays):
    return {"parts": [[{"array": i} for i in arrays]], "raised": None, "changed": ""}
def ask(self, *arguments):
    _send(self, {"ask": {"number": 0, "arguments": list(arguments), "present": []}}, [])
    return {}, []
"""


def answering(name: str, what: str, code: str) -> Attack:
    """Return an attack whose ``forge(line, outcomes)`` makes the message that answers."""
    return wrong_and(f"fill-{name}", what, _LINE + code)


ANSWERS = (
    answering(
        "one-buffer-often",
        "an array of 16 MB is named 250 times in an answer: 4 GB",
        """
def forge(line, outcomes):
    return {"answer": {"outcomes": [outcome(*[0] * 250)] * len(outcomes)}}, [npy(np.ones(2**21))]
""",
    ),
    answering(
        "a-buffer-a-case",
        "each answer has a buffer of its own, of 6 MB",
        """
def forge(line, outcomes):
    named = [outcome(i) for i in range(len(outcomes))]
    return {"answer": {"outcomes": named}}, [npy(np.ones(750_000)) for _ in outcomes]
""",
    ),
    answering(
        "many-small-arrays",
        "an array without axes is named three hundred thousand times",
        """
def forge(line, outcomes):
    many = [outcome(*[0] * 300_000)] + [outcome(0)] * (len(outcomes) - 1)
    return {"answer": {"outcomes": many}}, [npy(np.ones(()))]
""",
    ),
    answering(
        "many-fields",
        "the grader is asked about a tuple with three hundred thousand named fields",
        """
def forge(line, outcomes):
    names = [f"a{i}" for i in range(300_000)]
    return ask(line, {"named": names, "items": [0] * len(names)})
""",
    ),
    answering(
        "many-named",
        "the grader is asked about sixty thousand tuples, each with another name in it",
        """
def forge(line, outcomes):
    return ask(line, {"list": [{"named": [f"a{i}"], "items": [0]} for i in range(60_000)]})
""",
    ),
    answering(
        "many-values",
        "the grader is asked about a list of a million numbers, again and again",
        """
def forge(line, outcomes):
    for _ in range(20):
        ask(line, {"list": [1] * 1_000_000})
""",
    ),
    answering(
        "many-names",
        "the grader is asked with a hundred thousand long names",
        """
def forge(line, outcomes):
    present = [["x" * 30 + str(i), 1] for i in range(100_000)]
    _send(line, {"ask": {"number": 0, "arguments": [], "present": present}}, [])
""",
    ),
    answering(
        "lists-in-an-answer",
        "an answer is four million letters of empty lists",
        """
def forge(line, outcomes):
    head = b"[" + b"[]," * 1_390_000 + b"[]]"
    line._connection.sendall(struct.pack(">I", len(head)) + head)
""",
    ),
    answering(
        "objects-in-an-answer",
        "an answer is four million letters of small objects",
        """
def forge(line, outcomes):
    head = b"[" + b'{"":0},' * 590_000 + b"[]]"
    line._connection.sendall(struct.pack(">I", len(head)) + head)
""",
    ),
    answering(
        "a-long-key",
        "an answer with a key of three million letters, and numbers of thousands of digits",
        """
def forge(line, outcomes):
    return {"answer": {"outcomes": [{"x" * 3_000_000: 10**4000}] * len(outcomes)}}, []
""",
    ),
    answering(
        "odd-arrays",
        "arrays of objects, of records with thousands of fields, and with a header of 20 MB",
        """
ODD = [str([(f"f{i}", "<f8") for i in range(20_000)]), "'|O'", "'<U100000000'", " " * 20_000_000]
turn = []
def forge(line, outcomes):
    turn.append(0)
    descr = ODD[len(turn) % len(ODD)]
    head = ("{'descr': %s, 'fortran_order': False, 'shape': (1,), }" % descr).encode()
    forged = b"\\x93NUMPY\\x02\\x00" + struct.pack("<I", len(head)) + head + bytes(64)
    return {"answer": {"outcomes": [outcome(0)] * len(outcomes)}}, [forged]
""",
    ),
    answering(
        "sides",
        "the grader is asked to add a row and a column of a hundred thousand numbers: 80 GB",
        """
def forge(line, outcomes):
    row, column = np.ones((1, 100_000)), np.ones((100_000, 1))
    content = {"number": 0, "arguments": [{"array": 0}, {"array": 1}], "present": []}
    _send(line, {"ask": content}, [npy(row), npy(column)])
""",
    ),
)

# --- outputs ----------------------------------------------------------------------------------

_RAW = """
kernel = get_ipython().kernel
def raw(kind, content, socket=None):
    session, parent = kernel.session, kernel.get_parent("shell")
    told = session.msg(kind, {}, parent=parent)
    parts = [session.pack(told["header"]), session.pack(told["parent_header"]), b"{}", content]
    parts = [b"x", b"<IDS|MSG>", session.sign(parts), *parts]
    (socket or kernel.iopub_socket).send_multipart(parts)
"""


def _before_the_first(notebook: Notebook, cells: list[Notebook]) -> None:
    """Put cells where they run: nothing does behind the last test."""
    at = place(notebook, "eq4")
    notebook["cells"][at:at] = cells


def showing(name: str, what: str, code: str, cells: int = 1) -> Attack:
    """Return an attack that has some cells with this code."""

    def edit(notebook: Notebook) -> None:
        wrong_and("", "", _RAW).edit(notebook)
        _before_the_first(notebook, [own_cell(code, f"fill-{i}") for i in range(cells)])

    return Attack(f"fill-{name}", what, edit)


OUTPUTS = (
    showing("outputs", "60 cells show 3.9 MB each", "print('x' * 3_900_000)", cells=60),
    showing(
        "pictures",
        "30 cells show a picture of 3.9 MB each",
        "import base64\n"
        "png = b'\\x89PNG\\r\\n\\x1a\\n' + bytes(2_900_000)\n"
        "display({'image/png': base64.b64encode(png).decode()}, raw=True)",
        cells=30,
    ),
    showing(
        "displays-later",
        "40 cells show little; each of 40 later ones puts 3.9 MB into one of them",
        """
shown = globals().setdefault("shown", [])
if len(shown) < 40:
    shown.append(display("", display_id=True))
else:
    updated = globals().setdefault("updated", iter(shown))
    next(updated).update("x" * 3_900_000)
""",
        cells=80,
    ),
    showing(
        "mime-keys",
        "30 cells show kinds of output whose names have 3 million letters",
        "display({'x' * 3_000_000: '', 'text/plain': ''}, raw=True)",
        cells=30,
    ),
    showing(
        "lists-shown",
        "messages with 60 MB, and with 15 MB, of empty lists are shown",
        """
for count in (20_000_000, 5_000_000, 5_000_000):
    lists = b"[" + b"[]," * count + b"[]]"
    raw("display_data", b'{"metadata": {}, "data": {"text/plain": ' + lists + b"}}")
""",
    ),
    showing(
        "strings-shown",
        "messages with 15 MB of short texts are shown",
        """
for _ in range(10):
    texts = b"[" + b'"ab",' * 3_000_000 + b"0]"
    raw("display_data", b'{"metadata": {}, "data": {"text/plain": ' + texts + b"}}")
""",
    ),
    showing(
        "wide-letters",
        "20 cells show a million letters that take four bytes each",
        "print('\\U0001f600' * 1_000_000)",
        cells=20,
    ),
    showing(
        "many-messages",
        "two hundred thousand messages of one letter",
        """
content = b'{"name": "stdout", "text": "a"}'
for _ in range(200_000):
    raw("stream", content)
""",
    ),
    showing(
        "large-messages",
        "a hundred messages of 15 MB, as fast as they go",
        """
content = b'{"name": "stdout", "text": "' + b"a" * 15_000_000 + b'"}'
for _ in range(100):
    raw("stream", content)
""",
    ),
    showing(
        "small-outputs",
        "40 cells with 500 small outputs each",
        "for i in range(499):\n    display(i)",
        cells=40,
    ),
)

# --- the file ---------------------------------------------------------------------------------


def in_file(name: str, what: str, metadata: Callable[[], bytes], **options) -> Attack:
    """Return an attack whose notebook holds this in its metadata."""

    def afterwards(file: bytes) -> bytes:
        return b'{"filling": ' + metadata() + b", " + file.lstrip()[1:]

    return tampering(f"fill-{name}", what, list, afterwards=afterwards, **options)


def _cells(name: str, what: str, *sources: str, kind: str = "code") -> Attack:
    def edit(notebook: Notebook) -> None:
        cells = [own_cell("", f"fill-{i}") | {"cell_type": kind} for i in range(len(sources))]
        for one, source in zip(cells, sources, strict=True):
            one["source"] = source
        _before_the_first(notebook, cells)

    return tampering(name, what, edit)


FILES = (
    in_file(
        "lists-in-file", "64 MB of empty lists", lambda: b"[" + b"[]," * 21 * MB + b"0]", alone=True
    ),
    in_file(
        "objects-in-file",
        "21 MB of objects",
        lambda: b"[" + b'{"":0},' * 3 * MB + b"0]",
        alone=True,
    ),
    in_file("deep-in-file", "lists a million deep", lambda: b"[" * MB + b"]" * MB),
    in_file("digits-in-file", "a number of a million digits", lambda: b"9" * MB),
    in_file("key-in-file", "a key of 10 MB", lambda: b'{"' + b"k" * 10 * MB + b'": 0}'),
    in_file("metadata-in-file", "a text of 50 MB", lambda: b'"' + b"m" * 50 * MB + b'"'),
    in_file(
        "wide-letter-in-file",
        "a text of 100 MB with one letter that needs four bytes",
        lambda: b'"' + b"w" * 100 * MB + "\U0001f600".encode() + b'"',
    ),
    in_file(
        "half-letters-in-file",
        "ten million halves of letters",
        lambda: b'"' + rb"\ud800" * 10 * MB + b'"',
    ),
    in_file(
        "cells-in-file",
        "a million empty cells",
        lambda: b'[], "cells": [' + b'{"cell_type":"code","source":""},' * MB + b"0]",
        alone=True,
    ),
    tampering(
        "fill-stored-outputs",
        "a cell has a million stored messages",
        lambda notebook: notebook["cells"].append(
            own_cell("1") | {"outputs": [{"output_type": "stream", "text": "a"}] * MB}
        ),
        alone=True,
    ),
    _cells("fill-long-cell", "a cell of 40 MB", "x = 1\n#" + "x" * 40 * MB),
    _cells("fill-long-cells", "60 cells of 0.9 MB", *["#" + "x" * 900_000] * 60),
    _cells("fill-long-text", "markdown of 40 MB", "x" * 40 * MB, kind="markdown"),
)

# --- time -------------------------------------------------------------------------------------

TIME = (
    _cells("time-dots", "an import of a name with 100,000 dots",
           "if 0: import " + "a." * 10**5 + "a"),
    _cells("time-dots-short", "such imports with 9,500 dots, in 60 cells",
           *["if 0: import " + "a." * 9_500 + "a"] * 60),
    _cells("time-f-string", "a text that is formatted 60,000 times", 'f"' + "{a}" * 60_000 + '"'),
    _cells("time-f-strings", "60,000 formatted texts", 'f"{1}" ' * 40_000),
    _cells("time-semicolons", "120,000 statements in a line", "1;" * 120_000),
    _cells("time-newlines", "a cell of 50 million lines", "\n" * 50 * MB),
    _cells("time-names", "names of the function, line by line", "def grad_beta\n" * 70_000),
    _cells("time-definitions", "the function is defined 20,000 times, in each of 5 cells",
           *["def grad_beta(*a): pass\n" * 20_000] * 5),
    _cells("time-indents", "blank lines below the function", "def grad_beta():\n" + "\n" * 900_000),
    _cells("time-brackets", "brackets within brackets", "x = " + "(" * 199 + ")" * 199,
           "f(" * 90 + ")" * 90, "-" * 19_000 + "1", "[" * 100_000),
    _cells("time-markdown", "emphasis and links without end", "*a _b " * 3_000, "[" * 19_000,
           "![" * 9_000 + "](a)" * 2, "<a " * 6_000, kind="markdown"),
)  # fmt: skip

FILLING = (*ANSWERS, *OUTPUTS, *FILES, *TIME)
