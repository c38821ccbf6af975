"""Accidents while the notebook runs: loops, dead kernels, floods, bombs.

Bombs are bounded, so that they may also be run where nothing stops them.
"""

from tests.grading.hostile.accident import in_cell, in_function
from tests.grading.hostile.notebook import ALL

TIME, DEAD = r"longer than|not finished", r"lost its kernel|kernel died"
LOST = "more than could be taken in"

LOOPS = (
    in_cell("cell-endless-loop", "a loop that never ends", "while True:\n    pass", said=TIME),
    in_function(
        "function-endless-loop",
        "a function that never returns",
        "while True:\n    pass",
        said=TIME,
    ),
    in_cell(
        "cell-catches-interrupt",
        "an endless loop that catches every exception",
        """
while True:
    try:
        while True:
            pass
    except BaseException:
        pass
""",
        said=rf"{TIME}|{DEAD}",
    ),
    in_function(
        "function-catches-interrupt",
        "the same in a function",
        """
while True:
    try:
        while True:
            pass
    except BaseException:
        pass
""",
        said=rf"{TIME}|{DEAD}",
    ),
    in_cell(
        "cell-sleeps", "a cell that waits for an hour", "import time; time.sleep(3600)", said=TIME
    ),
    in_cell(
        "cell-awaits", "a cell that awaits", "import asyncio\nawait asyncio.sleep(3600)", said=TIME
    ),
    in_cell(
        "cell-deadlock",
        "a lock that is taken twice",
        "import threading\nlock = threading.Lock()\nlock.acquire()\nlock.acquire()",
        said=rf"{TIME}|{DEAD}",
    ),
    in_cell("cell-shell-sleeps", "a shell command that does not end", "!sleep 3600", said=TIME),
    in_cell(
        "cell-blocks-in-c",
        "one call of C that takes very long and cannot be interrupted",
        "sum(range(10**13))",
        said=rf"{TIME}|{DEAD}",
    ),
)

RECURSION = (
    in_cell("cell-recursion", "recursion without end", "def f(n):\n    return f(n + 1)\nf(0)"),
    in_function(
        "function-recursion",
        "the same in a function",
        "return grad_alpha(X, Y, A, Z, T, F, beta, sigma, g)",
    ),
    in_cell(
        "cell-stack-overflow",
        "recursion without end or limit: the stack overflows",
        """
import sys
sys.setrecursionlimit(10**9)
class Deep:
    def __repr__(self):
        return repr(self)
repr(Deep())
""",
        said=DEAD,
    ),
)

DEATHS = (
    in_cell("cell-os-exit", "os._exit in a cell", "import os\nos._exit(1)", said=DEAD),
    in_function("function-os-exit", "os._exit in a function", "import os\nos._exit(1)", said=DEAD),
    in_cell(
        "cell-segfault",
        "a wrong pointer in a cell",
        "import ctypes\nctypes.string_at(8)",
        said=DEAD,
    ),
    in_function(
        "function-segfault",
        "the same in a function",
        "import ctypes\nctypes.string_at(8)",
        said=DEAD,
    ),
    in_cell("cell-abort", "a C library aborts", "import os\nos.abort()", said=DEAD),
    in_cell(
        "cell-kills-itself",
        "SIGKILL to the own process",
        "import os\nos.kill(os.getpid(), 9)",
        said=DEAD,
    ),
    in_cell(
        "cell-kills-parent",
        "SIGKILL to the parent process, which may be the grader",
        "import os\nif os.getppid() > 1:\n    os.kill(os.getppid(), 9)",
        alone=True,
    ),
    in_cell(
        "cell-kills-group",
        "SIGKILL to the own process group",
        """
import os
if os.getpgrp() == os.getpid():
    os.killpg(0, 9)
else:
    os.kill(os.getpid(), 9)
""",
        said=DEAD,
        alone=True,
    ),
    in_cell("cell-exit", "exit() in a cell", "exit()"),
    in_cell("cell-sys-exit", "sys.exit() in a cell", "import sys\nsys.exit()"),
    in_function("function-sys-exit", "sys.exit() in a function", "import sys\nsys.exit()"),
    in_function("function-quit", "KeyboardInterrupt in a function", "raise KeyboardInterrupt"),
    in_cell(
        "cell-closes-files",
        "all open files are closed, sockets too",
        "import os\nos.closerange(3, 512)",
        said=rf"{DEAD}|{TIME}",
    ),
)

BOMBS = (
    in_cell(
        "cell-fork-bomb",
        "processes that start processes",
        """
import os, signal, time
def bomb(depth):
    signal.alarm(20)
    while depth < 9:
        try:
            if os.fork() == 0:
                depth += 1
                signal.alarm(20)
                continue
            depth += 1
        except OSError:
            time.sleep(0.2)
            depth += 1
    time.sleep(15)
    os._exit(0)
if os.fork() == 0:
    bomb(0)
""",
    ),
    in_cell(
        "cell-forks-itself",
        "fork without exit: two kernels run on, with the same sockets",
        "import os, signal\nif os.fork() == 0:\n    signal.alarm(20)",
    ),
    in_cell(
        "cell-thread-bomb",
        "threads without end",
        """
import threading, time
for _ in range(2000):
    threading.Thread(target=time.sleep, args=(60,), daemon=True).start()
""",
    ),
    in_cell(
        "cell-memory-bomb",
        "a list that grows",
        "kept = []\nfor _ in range(48):\n    kept.append(bytearray(b'x') * 2**26)\nkept = None",
    ),
    in_function(
        "function-memory-bomb",
        "an array of 3.9 GB in a function",
        "np.ones((22_000, 22_000)).sum()\nreturn np.ones((22_000, 22_000))",
    ),
    in_function("function-large-answer", "an answer of 0.4 GB", "return np.zeros((7_000, 7_000))"),
    in_function(
        "function-large-number", "an answer of 10 to the power of a million", "return 10**1_000_000"
    ),
    in_function(
        "function-deep-answer",
        "an answer nested ten thousand deep",
        "deep = 1.0\nfor _ in range(10_000):\n    deep = [deep]\nreturn deep",
    ),
    in_function(
        "function-long-error",
        "an error with a message of 100 MB",
        "raise ValueError('x' * 10**8)",
    ),
    in_cell(
        "cell-disk-bomb",
        "a file of 500 MB",
        """
import os
try:
    with open("large.bin", "wb") as file:
        for _ in range(500):
            file.write(b"x" * 2**20)
finally:
    os.remove("large.bin")
""",
    ),
    in_cell(
        "cell-many-files",
        "thousands of open files",
        "kept = [open('/dev/null') for _ in range(20_000)]",
    ),
)

FLOODS = (
    in_cell(
        "cell-print-loop",
        "a loop that prints 60 MB",
        "for i in range(10**6):\n    print('x' * 60)",
        said=rf"output|{TIME}|{DEAD}",
    ),
    in_cell(
        "cell-one-long-string",
        "one string of 300 MB is printed",
        "print('x' * 300 * 2**20)",
        said=rf"{LOST}|{TIME}|{DEAD}",
    ),
    in_cell(
        "cell-long-result", "a result of 100 MB", "'x' * 100 * 2**20", said=rf"{LOST}|{TIME}|{DEAD}"
    ),
    in_cell(
        "cell-endless-print",
        "printing without end",
        """
import time
end = time.monotonic() + 60
while time.monotonic() < end:
    print("loop")
""",
        said=rf"output|{TIME}",
    ),
    in_cell(
        "cell-many-displays",
        "ten thousand small outputs",
        "for i in range(10_000):\n    display(i)",
        said=rf"output|{TIME}|{DEAD}",
    ),
    in_function(
        "function-prints", "a right function that prints 20 MB", "print('x' * 2 * 10**6)", keeps=ALL
    ),
    in_function(
        "function-warns",
        "a right function that warns",
        "import warnings\nwarnings.warn('beware')",
        keeps=ALL,
    ),
    in_function(
        "function-writes-stderr",
        "a right function that writes to stderr, past Python",
        "import os, sys\nsys.stderr.write('beware')\nos.write(2, b'beware')",
        keeps=ALL,
    ),
    in_cell(
        "cell-warns",
        "warnings and logging on stderr",
        """
import logging, sys, warnings
warnings.warn("beware")
logging.error("beware")
sys.stderr.write("x" * 10**5)
""",
    ),
    in_cell(
        "cell-figures",
        "forty large figures",
        """
import matplotlib.pyplot as plt
for _ in range(40):
    plt.figure(figsize=(30, 30), dpi=50)
    plt.imshow(np.random.default_rng(0).random((200, 200)))
plt.show()
""",
    ),
    in_cell(
        "cell-huge-figure",
        "a figure of 60,000 × 60,000 pixels",
        """
import matplotlib.pyplot as plt
plt.figure(figsize=(600, 600), dpi=100)
plt.plot([1, 2])
plt.show()
""",
    ),
    in_cell(
        "cell-widgets",
        "five hundred sliders",
        """
from ipywidgets import FloatSlider
for _ in range(500):
    FloatSlider()
FloatSlider()
""",
    ),
)

QUESTIONS = (
    in_cell("cell-input", "input() in a cell", "name = input('your name: ')"),
    in_function("function-input", "input() in a function", "input('go on? ')"),
    in_cell("cell-breakpoint", "breakpoint() in a cell", "breakpoint()"),
    in_function("function-breakpoint", "breakpoint() in a function", "breakpoint()"),
    in_cell("cell-debug-magic", "%debug after an error", "%debug"),
)

FORGED_SHAPE = """
import numpy.lib.format as npy
def write_array(file, array, **_):
    head = b"{'descr': '<f8', 'fortran_order': False, 'shape': %s, }\\n"
    file.write(b"\\x93NUMPY\\x01\\x00" + len(head).to_bytes(2, "little") + head)
npy.write_array = write_array
"""

FORGED = (
    in_function(
        "answer-negative-sides",
        "an answer sent with sides of -1 and -5",
        FORGED_SHAPE % "(-1, -5)",
    ),
    in_function(
        "answer-empty-and-huge",
        "an empty answer sent with sides of 2**62",
        FORGED_SHAPE % "(0, 4611686018427387904, 4611686018427387904)",
    ),
    in_function(
        "answer-true-sides",
        "an answer sent with sides that are True",
        FORGED_SHAPE % "(True, True)",
    ),
    in_cell(
        "cell-half-character",
        "half a character, sent as the kernel's own output",
        r"""
kernel = get_ipython().kernel
told = kernel.session.msg("stream", {}, parent=kernel.get_parent("shell"))
parts = [kernel.session.pack(told[part]) for part in ("header", "parent_header", "metadata")]
parts += [b'{"name": "stdout", "text": "a\\ud800"}']
kernel.iopub_socket.send_multipart([b"x", b"<IDS|MSG>", kernel.session.sign(parts), *parts])
""",
    ),
)

RUNNING = (*FORGED, *LOOPS, *RECURSION, *DEATHS, *BOMBS, *FLOODS, *QUESTIONS)
