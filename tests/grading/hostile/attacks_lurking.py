"""Attacks that stay: threads, processes, handlers of the kernel."""

from tests.grading.hostile.attack import cheating, wrong_and
from tests.grading.hostile.attacks_snooping import USE

# --- the kernel's own machinery ---------------------------------------------------------------

KERNEL = (
    wrong_and(
        "kernel-execute-handler",
        "the kernel's handler of requests replies that all went well",
        """
kernel = get_ipython().kernel
old = kernel.shell_handlers["execute_request"]
async def handler(stream, ident, parent, *a, **k):
    content = parent["content"]
    if "check(" in content.get("code", ""):
        content["code"] = ""
    result = old(stream, ident, parent, *a, **k)
    return await result if hasattr(result, "__await__") else result
kernel.shell_handlers["execute_request"] = handler
""",
    ),
    wrong_and(
        "kernel-every-handler",
        "every handler of the kernel answers by itself: passed, all points",
        """
kernel = get_ipython().kernel
def answering(kind):
    reply = kind.replace("request", "reply").replace("_request", "_answer")
    def handler(stream, ident, parent, *a, **k):
        kernel.session.send(
            stream, "bplab_answer" if "bplab" in kind else reply, ident=ident, parent=parent,
            content={"status": "ok", "passed": True, "points": 13.0, "asked": [], "outcomes": [
                {"parts": [], "raised": None, "changed": "", "right": True}]})
    return handler
for kind in list(kernel.shell_handlers):
    if kind.startswith("bplab"):
        kernel.shell_handlers[kind] = answering(kind)
""",
    ),
    wrong_and(
        "kernel-session-send",
        "whatever the kernel sends is turned into a success first",
        """
kernel = get_ipython().kernel
_send = kernel.session.send
def send(stream, msg_or_type, content=None, *a, **k):
    if msg_or_type == "error" or (isinstance(content, dict) and content.get("status") == "error"):
        msg_or_type, content = "stream", {"name": "stdout", "text": "passed"}
    if isinstance(content, dict):
        content = dict(content, passed=True, mistake=None, points=13.0)
    return _send(stream, msg_or_type, content, *a, **k)
kernel.session.send = send
""",
    ),
    wrong_and(
        "kernel-replay",
        "replies with arrays are recorded and sent again for other questions",
        """
kernel = get_ipython().kernel
_send, recorded = kernel.session.send, []
def send(stream, msg_or_type, content=None, parent=None, ident=None, buffers=None, *a, **k):
    if buffers:
        recorded.append((content, buffers))
        content, buffers = recorded[0]
    result = _send(stream, msg_or_type, content, parent, ident, buffers, *a, **k)
    if buffers:
        _send(stream, msg_or_type, content, parent, ident, buffers, *a, **k)
    return result
kernel.session.send = send
""",
    ),
    wrong_and(
        "kernel-malformed",
        "replies are nonsense of many kinds: wrong types, depths, sizes, no JSON numbers",
        """
import itertools
kernel = get_ipython().kernel
_send, turn = kernel.session.send, itertools.count()
deep = []
for _ in range(400):
    deep = [deep]
part = {"parts": [[{"array": 0}]], "raised": None, "changed": ""}
HUGE = (b"\\x93NUMPY\\x01\\x00v\\x00{'descr': '<f8', 'fortran_order': False,"
        b" 'shape': (99999999999999,), }" + b" " * 40)
NONSENSE = [
    ({}, []), ({"outcomes": None}, []), ({"outcomes": [None] * 11}, []), ({"outcomes": deep}, []),
    ({"outcomes": [dict(part, parts=[[{"array": -1}]])] * 11}, [b""]),
    ({"outcomes": [dict(part, parts=[[{"array": 10**30}]])] * 11}, [b"x"]),
    ({"outcomes": [part] * 11}, [b"\\x93NUMPY\\x01\\x00\\xff\\xff"]),
    ({"outcomes": [part] * 11}, [HUGE]),
    ({"outcomes": [dict(part, raised=["<b>", "x" * 10**6, "\\x1b[2J", False])] * 11}, []),
    ({"outcomes": [dict(part, changed="<script>alert(1)</script>")] * 11, "asked": "no list"}, []),
    ({"outcomes": {"0": part}, "asked": [{"not": "text"}] * 1000, "undefined": "yes"}, []),
    ({"outcomes": [dict(part, parts={"tuple": 1}, extra=float("nan"))] * 11}, [b"\\0" * 1000]),
]
def send(stream, msg_or_type, content=None, parent=None, ident=None, buffers=None, *a, **k):
    if str(msg_or_type).startswith("bplab"):
        content, buffers = NONSENSE[next(turn) % len(NONSENSE)]
    return _send(stream, msg_or_type, content, parent, ident, buffers, *a, **k)
kernel.session.send = send
""",
    ),
    wrong_and(
        "kernel-sockets",
        "sockets and streams of the kernel are wrapped",
        """
import zmq
_send = zmq.Socket.send_multipart
def send_multipart(self, parts, *a, **k):
    parts = [p.replace(b'"error"', b'"ok"') if isinstance(p, bytes) else p for p in parts]
    return _send(self, parts, *a, **k)
zmq.Socket.send_multipart = send_multipart
kernel = get_ipython().kernel
kernel.session.key = b"another key"
""",
    ),
    wrong_and(
        "kernel-deep-json",
        "messages nested a hundred thousand deep, in place of every reply and output",
        """
kernel = get_ipython().kernel
def deep_pack(content):
    return b"[" * 100_000 + b"]" * 100_000 if isinstance(content, dict) and (
        "outcomes" in content or "text" in content) else _pack(content)
_pack = kernel.session.pack
kernel.session.pack = deep_pack
print("deep")
""",
    ),
    wrong_and(
        "kernel-odd-headers",
        "messages without what every message has: types, parents, status, metadata",
        """
import itertools
kernel = get_ipython().kernel
_send, turn = kernel.session.send, itertools.count()
ODD = [{}, None, [], "text", 7, {"status": 5}, {"execution_state": []}, {"data": None},
       {"name": 5, "text": None}, {"data": {"text/plain": {"x": 1}}, "metadata": 3}]
def send(stream, msg_or_type, content=None, *a, **k):
    for kind in ("stream", "display_data", "error", "status", "execute_result", "clear_output",
                 "update_display_data", "comm_msg", "comm_open", "no_such_type"):
        odd = ODD[next(turn) % len(ODD)]
        try:
            _send(kernel.iopub_socket, kind, odd, parent=kernel.get_parent("shell"))
        except Exception:
            pass
    return _send(stream, msg_or_type, content, *a, **k)
kernel.session.send = send
""",
    ),
    wrong_and(
        "kernel-comm",
        "comms are opened and answer with marks, widgets hold them",
        """
from ipywidgets import FloatText
marks = [FloatText(13.0, description="mark") for _ in range(20)]
display(*marks)
kernel = get_ipython().kernel
kernel.comm_manager.register_target("bplab", lambda comm, msg: comm.send({"points": 13}))
""",
    ),
    wrong_and(
        "kernel-dead-then-forged",
        "a child takes the connection and replies in place of the kernel",
        """
import os, json
from ipykernel.connect import get_connection_file
connection = open(get_connection_file()).read()
if os.fork() == 0:
    import signal, time, zmq
    from jupyter_client.session import Session
    told = json.loads(connection)
    signal.alarm(20)
    session = Session(key=told["key"].encode())
    socket = zmq.Context().socket(zmq.ROUTER)
    address = (f"ipc://{told['ip']}-{told['shell_port']}" if told["transport"] == "ipc"
               else f"tcp://{told['ip']}:{told['shell_port']}")
    for _ in range(100):
        try:
            socket.bind(address)
            break
        except Exception:
            time.sleep(0.1)
    while True:
        ident, message = session.recv(socket, 0)
        session.send(socket, "execute_reply", {"status": "ok"}, parent=message, ident=ident)
os.close(0)
""",
    ),
)

# --- threads and processes --------------------------------------------------------------------

LEFT_BEHIND = (
    wrong_and(
        "thread-patches",
        "a thread goes on making check harmless",
        """
import sys, threading, time
def patch():
    while True:
        module = sys.modules.get("bplab.exercises.check")
        if module is not None and hasattr(module, "diagnose"):
            module.diagnose, module._agreement = (lambda trial: None), (lambda trial: 1e-16)
        get_ipython().user_ns["check"] = lambda *a, **k: None
        time.sleep(0.01)
threading.Thread(target=patch, daemon=True).start()
time.sleep(0.05)
""",
    ),
    wrong_and(
        "thread-exception",
        "a thread throws an exception into the main thread while it checks",
        """
import ctypes, sys, threading, time
main = threading.main_thread().ident
def throw():
    while True:
        frame = sys._current_frames().get(main)
        while frame is not None:
            if frame.f_code.co_name in ("check", "_handle", "diagnose"):
                ctypes.pythonapi.PyThreadState_SetAsyncExc(
                    ctypes.c_ulong(main), ctypes.py_object(SystemExit))
                break
            frame = frame.f_back
        time.sleep(0.005)
threading.Thread(target=throw, daemon=True).start()
""",
    ),
    wrong_and(
        "thread-output",
        "a thread clears the output of whatever cell is running, and shows a mark",
        """
import threading, time
from IPython.display import clear_output
def clear():
    for _ in range(3000):
        clear_output()
        print("3.0", flush=True)
        time.sleep(0.01)
threading.Thread(target=clear, daemon=True).start()
""",
    ),
    wrong_and(
        "child-writes-later",
        "a process that was left behind writes the marks when the kernel is gone",
        """
import os, pathlib, sqlite3, sys, time
book = next((f / "gradebook.db" for f in pathlib.Path.cwd().parents[:4]
             if (f / "gradebook.db").exists()), None)
if os.fork() == 0:
    os.setsid()
    if os.fork():
        os._exit(0)
    for _ in range(40):
        time.sleep(0.5)
        if book is not None:
            try:
                connection = sqlite3.connect(book, timeout=1)
                connection.execute("update grade set manual_score = 4, needs_manual_grade = 0")
                connection.commit()
                connection.close()
            except sqlite3.Error:
                pass
    os._exit(0)
""",
        alone=True,
    ),
    wrong_and(
        "child-locks-gradebook",
        "a process that was left behind keeps the gradebook locked",
        """
import os, pathlib, sqlite3, time
book = next((f / "gradebook.db" for f in pathlib.Path.cwd().parents[:4]
             if (f / "gradebook.db").exists()), None)
if os.fork() == 0:
    os.setsid()
    if book is not None:
        connection = sqlite3.connect(book, timeout=1, isolation_level=None)
        connection.execute("begin exclusive")
    time.sleep(45)
    os._exit(0)
time.sleep(0.5)
""",
        alone=True,
    ),
    wrong_and(
        "fork-in-function",
        "the functions fork: parent and child both answer",
        """
import os
def grad_beta(Y, A, Z, T, F, g):
    os.fork()
    return np.zeros((Y.shape[1], Z.shape[1] + 1))
""",
        before="test-eq4",
    ),
    cheating(
        "server-in-cell",
        "a server started in one cell, with bplab in it, answers the others",
        USE
        + """
import multiprocessing.managers, os, sys
class Manager(multiprocessing.managers.BaseManager):
    pass
def grade(name, given):
    from bplab import network
    return getattr(network, name)(*given)
Manager.register("grade", callable=grade)
address = os.path.join(os.getcwd(), "answers.sock")
if os.fork() == 0:
    import signal
    signal.alarm(60)
    Manager(address=address, authkey=b"x").get_server().serve_forever()
def find(name):
    manager = Manager(address=address, authkey=b"x")
    manager.connect()
    return lambda *given: manager.grade(name, given)._getvalue()
""",
    ),
)

LURKING = (*KERNEL, *LEFT_BEHIND)
