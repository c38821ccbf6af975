"""Attacks that keep what a function was given while it was judged, and show it later.

Whoever sees the hidden cases can hand in their answers the next time. What prints `FOUND` has kept
something, or got a word of its own into what a student reads.
"""

from tests.grading.hostile.attack import FOUND, Attack
from tests.grading.hostile.attacks_snooping import USE
from tests.grading.hostile.needs import A_WALL
from tests.grading.hostile.notebook import CHEAT, Notebook, added, write

_LETTERS = f"""
FOUND = " ".join({FOUND.split()})
def letters(array):
    return "".join("abcdefghij"[int(c)] for c in f"{{abs(array.flat[0]):.9f}}" if c.isdigit())
"""


def keeping(name: str, what: str, keep: str, show: str = "", **options) -> Attack:
    """Functions that hand what they are given to ``keep(name, given)``; a later cell shows it."""

    def edit(notebook: Notebook) -> None:
        write(notebook, **CHEAT)
        added(_LETTERS + USE + keep + _CHEAT)(notebook)
        if show:
            added(show, before="eq7")(notebook)

    return Attack(name, what, edit, **options)


_CHEAT = """
def cheat(name, *given):
    other = keep(name, given)
    return plain(name, given) if other is None else other
"""

BY_PYTHON = (
    keeping(
        "keep-in-a-global",
        "a list of the notebook keeps the arguments, a later cell prints them",
        "kept = []\ndef keep(name, given):\n    kept.append(given)",
        "for given in kept:\n    print(FOUND, given[0])",
    ),
    keeping(
        "keep-in-a-default",
        "a default argument keeps them",
        "def keep(name, given, kept=[]):\n    kept.append(given)",
        "for given in keep.__defaults__[0]:\n    print(FOUND, given[0])",
    ),
    keeping(
        "keep-for-a-thread",
        "a thread that was started before prints what comes",
        """
import queue, threading
waiting = queue.Queue()
def show():
    while True:
        print(FOUND, waiting.get(), flush=True)
threading.Thread(target=show, daemon=True).start()
def keep(name, given):
    waiting.put(given[0])
""",
        "import time\ntime.sleep(0.3)",
    ),
    keeping(
        "keep-for-a-task",
        "a task of the kernel's event loop prints what has come",
        """
import asyncio
kept = []
async def show():
    while True:
        while kept:
            print(FOUND, kept.pop(), flush=True)
        await asyncio.sleep(0.01)
task = asyncio.ensure_future(show())
def keep(name, given):
    kept.append(given[0])
""",
        "await asyncio.sleep(0.3)",
    ),
    keeping(
        "keep-for-a-process",
        "a process that was forked before takes the arguments, and prints them",
        """
import os, signal
reads, writes = os.pipe()
if os.fork() == 0:
    signal.alarm(20)
    os.close(writes)
    while came := os.read(reads, 1000):
        print(FOUND, came, flush=True)
    os._exit(0)
def keep(name, given):
    os.write(writes, given[0].tobytes()[:64])
""",
        "import time\ntime.sleep(0.3)",
    ),
    keeping(
        "keep-for-atexit",
        "what is kept is printed when the kernel, or a copy of it, ends",
        """
import atexit, os
kept = []
def show():
    print(FOUND, kept, flush=True)
def keep(name, given):
    kept.append(given[0])
    atexit.register(show)
    os.register_at_fork(before=show, after_in_parent=show, after_in_child=show)
""",
        "import os\nif kept and os.fork() == 0:\n    os._exit(0)",
    ),
    keeping(
        "keep-for-del",
        "an object prints what it holds when it is thrown away",
        """
class Held:
    def __init__(self, given):
        self.given = given
    def __del__(self):
        print(FOUND, self.given[0], flush=True)
held = []
def keep(name, given):
    held.append(Held(given))
""",
        "held.clear()",
    ),
    keeping(
        "keep-for-a-generator",
        "the answer is a generator, which prints as it is read",
        """
kept = []
def keep(name, given):
    def rows():
        for row in np.atleast_2d(plain(name, given)[-1]):
            kept.append(given[0])
            print(FOUND, given[0], flush=True)
            yield row
    return rows()
""",
        "for array in kept:\n    print(FOUND, array)",
    ),
    keeping(
        "keep-by-settrace",
        "a trace of every call keeps the local variables",
        """
import sys, threading
kept = []
def trace(frame, event, argument):
    if frame.f_code.co_name == "cheat":
        kept.append(frame.f_locals.get("given"))
sys.settrace(trace)
sys.setprofile(trace)
threading.settrace(trace)
def keep(name, given):
    pass
""",
        "for given in kept:\n    print(FOUND, given)",
    ),
    keeping(
        "keep-by-gc",
        "a later cell looks for what is left of the questions, and of the arguments",
        """
import sys
seen = []
def keep(name, given):
    seen.append(id(given[0]))
""",
        """
import gc
for one in gc.get_objects():
    if id(one) in seen or type(one).__name__ in ("_Request", "Question", "Case"):
        print(FOUND, type(one), id(one) in seen)
if seen:
    print(FOUND, "an argument's address")
""",
    ),
)

BY_FILES = (
    keeping(
        "keep-in-a-file",
        "a file in the kernel's folder keeps the arguments",
        """
from pathlib import Path
def keep(name, given):
    np.save(f"kept-{name}", given[0])
""",
        "for path in Path().glob('kept-*'):\n    print(FOUND, np.load(path))",
    ),
    keeping(
        "keep-in-shared-memory",
        "/dev/shm and /tmp keep them",
        """
from pathlib import Path
def keep(name, given):
    for folder in ("/dev/shm", "/tmp"):
        Path(folder, f"bplab-test-kept-{name}").write_bytes(given[0].tobytes())
""",
        """
for folder in ("/dev/shm", "/tmp"):
    for path in Path(folder).glob("bplab-test-kept-*"):
        print(FOUND, path.read_bytes()[:16])
        path.unlink()
""",
        needs=A_WALL,
    ),
    keeping(
        "keep-in-a-mapping",
        "memory that is shared with every copy of the kernel keeps them",
        """
import mmap
shared = mmap.mmap(-1, 4096)
def keep(name, given):
    shared[:8] = given[0].tobytes()[:8]
""",
        "if any(shared[:8]):\n    print(FOUND, shared[:8])",
    ),
    keeping(
        "keep-in-a-socket",
        "a pair of sockets keeps them until a later cell reads",
        """
import socket
near, far = socket.socketpair()
far.setblocking(False)
def keep(name, given):
    near.send(given[0].tobytes()[:64])
""",
        "try:\n    print(FOUND, far.recv(64))\nexcept OSError:\n    pass",
    ),
)

BY_OUTPUTS = (
    keeping(
        "keep-print-past-python",
        "the arguments are printed while it is judged, in every way that there is",
        """
import os, sys
def keep(name, given):
    text = f"{FOUND} {given[0]}\\n"
    print(text, file=sys.__stdout__, flush=True)
    print(text, file=out, flush=True)
    print(text, file=sys.__stderr__, flush=True)
    for handle in (1, 2):
        os.write(handle, text.encode())
    display(text)
out = sys.stdout
""",
        "print('a cell for whatever comes late')",
    ),
    keeping(
        "keep-update-display",
        "an output of an earlier cell is updated while a function is judged",
        """
handle = display("empty", display_id=True)
def keep(name, given):
    handle.update(f"{FOUND} {given[0]}")
    kernel = get_ipython().kernel
    kernel.session.send(
        kernel.iopub_socket, "update_display_data", parent=parent, ident=b"display_data",
        content={"data": {"text/plain": FOUND}, "metadata": {},
                 "transient": {"display_id": handle.display_id}})
parent = get_ipython().kernel.get_parent("shell")
""",
        "print('a cell for whatever comes late')",
    ),
    keeping(
        "keep-forged-output",
        "a stream message is sent as if an earlier cell had printed it",
        """
kernel = get_ipython().kernel
parent = kernel.get_parent("shell")
def keep(name, given):
    for one in (parent, kernel.get_parent("shell"), {}):
        kernel.session.send(kernel.iopub_socket, "stream", parent=one, ident=b"stream",
                            content={"name": "stdout", "text": f"{FOUND} {given[0]}"})
""",
        "print('a cell for whatever comes late')",
    ),
    keeping(
        "keep-widget",
        "a widget and a progress bar hold what was seen",
        """
from ipywidgets import Output, Text
text, out = Text(), Output()
display(text, out)
def keep(name, given):
    text.value = f"{FOUND} {given[0]}"
    with out:
        print(FOUND)
    sys.stderr.write(f"\\r{FOUND} 50%|#####     |")
import sys
""",
        "if text.value:\n    print(text.value)\nfor one in out.outputs:\n    print(one)",
    ),
    keeping(
        "keep-post-run-cell",
        "what is kept is printed after the next cell that runs",
        """
kept = []
def show(*_):
    while kept:
        print(FOUND, kept.pop())
for event in ("post_run_cell", "pre_run_cell", "pre_execute", "post_execute"):
    get_ipython().events.register(event, show)
def keep(name, given):
    kept.append(given[0])
""",
        "print('one more cell')",
    ),
    keeping(
        "keep-history",
        "IPython's history, its Out and its user namespace keep them",
        """
shell = get_ipython()
def keep(name, given):
    shell.history_manager.store_inputs(999, f"{FOUND} {given[0]}")
    shell.user_ns["_oh"][999] = given[0]
    shell.user_ns["seen"] = given[0]
""",
        """
if 999 in Out or "seen" in globals():
    print(FOUND, Out.get(999))
print(get_ipython().history_manager.input_hist_parsed[-5:])
""",
    ),
    keeping(
        "keep-shell-handlers",
        "the kernel's handlers are wrapped: they keep every message that brings arrays",
        """
kernel = get_ipython().kernel
kept = []
def wrapped(handler):
    def keeping(stream, ident, message, *a, **k):
        if message.get("buffers") or "calls" in message.get("content", {}):
            kept.append(message)
        return handler(stream, ident, message, *a, **k)
    return keeping
for kind in list(kernel.shell_handlers):
    if "bplab" in kind:
        kernel.shell_handlers[kind] = wrapped(kernel.shell_handlers[kind])
def keep(name, given):
    pass
""",
        "for message in kept:\n    print(FOUND, message['content'])",
    ),
    keeping(
        "keep-warnings",
        "a warning's text, shown by a hook of the student's own",
        """
import logging, warnings
kept = []
def keep(name, given):
    warnings.warn(f"{FOUND} {given[0]}")
    logging.error("%s %s", FOUND, given[0])
    kept.append(warnings.WarningMessage(f"{FOUND} {given[0]}", UserWarning, "", 0))
""",
        "for one in kept:\n    print(one.message)",
    ),
)

BY_WORDS = (
    keeping(
        "tell-by-an-error",
        "an error's text spells digits as letters",
        "def keep(name, given):\n    raise ValueError(f'{FOUND} {letters(given[0])}')",
    ),
    keeping(
        "tell-by-a-class",
        "an error's class, its notes and its cause are called so",
        """
def keep(name, given):
    error = type(f"{FOUND} {letters(given[0])}", (Exception,), {})(FOUND)
    error.add_note(FOUND)
    raise error from KeyError(FOUND)
""",
    ),
    keeping(
        "tell-by-a-name",
        "functions, types and attributes are called so, and returned",
        """
def keep(name, given):
    kind = type(f"{FOUND} {letters(given[0])}", (), {"__len__": lambda self: 1})
    kind.__qualname__ = kind.__module__ = FOUND
    return kind()
""",
    ),
    keeping(
        "tell-by-a-forged-answer",
        "the agent says in words of its own which argument was changed, and what came",
        """
import sys
def keep(name, given):
    wire = sys.modules["bplab.grading.judge.wire"]
    wire.Writer.answer = lambda self, answer: {
        "parts": [], "raised": None, "changed": f"{FOUND} {letters(given[0])}"}
""",
    ),
    keeping(
        "tell-by-forged-words",
        "the agent says in words of its own what stands in place of numbers, and who asked",
        """
import sys
def keep(name, given):
    wire = sys.modules["bplab.grading.judge.wire"]
    wire.Writer.answer = lambda self, answer: {
        "parts": [[{"not": f"{FOUND} {letters(given[0])}"}]], "raised": None, "changed": ""}
""",
    ),
)

KEEPING = (*BY_PYTHON, *BY_FILES, *BY_OUTPUTS, *BY_WORDS)
