"""The part of the grader in a student's kernel: it evaluates functions, and judges nothing.

At a function's test cell the agent is told to keep the function, so it forks. The child holds the
function, and everything that it needs, as they are at this moment, and waits on a line of its own;
the kernel runs on. Later, arguments come over the line, and raw arrays go back. Whatever a
student's code does to this module, it can only change the answers of its own functions: cases,
right answers and the comparison are in another process, and by then nobody listens to the kernel.
"""

import errno
import os
import signal
import socket
import stat
import warnings
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import astuple
from functools import partial
from random import getstate, setstate
from time import process_time
from typing import Any, Protocol

from bplab import activations
from bplab.grading.judge.wire import Closed, Line, Malformed, Reader, Writer
from bplab.learner import (
    Answer,
    Form,
    Raised,
    answer_with_other_imaginaries,
    answer_with_other_values,
    call,
    lesson,
    stepped,
    tried,
)

__all__ = ["ANSWER", "ASK", "KEEP", "KEPT", "TOKEN", "answer", "install"]

KEEP, KEPT = "bplab_keep", "bplab_kept"
"""Types of kernel messages: the order to keep a function, and the reply."""

ANSWER, ASK = "answer", "ask"
"""Keys of messages on the line: a function's answers; a request to evaluate one of the grader's
functions."""

TOKEN = 16
"""How many bytes a connection begins with; the order to keep a function names the same bytes."""

_ACCEPTING = 5.0  # s


class Speaks(Protocol):
    """The methods of a `Line` that are used here."""

    def send(self, content: Mapping[str, Any], buffers: Sequence[bytes] = ()) -> None:
        """Send a message."""

    def receive(self) -> tuple[dict[str, Any], Sequence[Any]]:
        """Return the next message."""


def install(kernel: Any, listening: int) -> None:
    """Let a kernel keep functions; called before any student's code runs.

    Parameters
    ----------
    kernel : ipykernel.kernelbase.Kernel
    listening : int
        Descriptor of the socket to which the grader connects, once for each function.
    """
    door = socket.socket(fileno=listening)
    most_open = os.sysconf("SC_OPEN_MAX")  # read now, before any student's code runs
    kernel.shell_handlers[KEEP] = partial(_keep, kernel, door, _closing(), most_open)


def _closing() -> Any:
    """The module that closes the library while a function is graded; None in the whole library.

    ``close()`` is called before, and ``open()`` after; it returns the names of everything that was
    asked for meanwhile.
    """
    try:  # only an edition has it
        from bplab.grading import _withheld  # type: ignore[attr-defined]
    except ImportError:  # the whole library is here: nothing is closed
        return None
    return _withheld


# --- a function is kept -------------------------------------------------------------------


def _keep(
    kernel: Any,
    door: socket.socket,
    closing: Any,
    most_open: int,
    stream: Any,
    ident: Any,
    order: Any,
) -> None:
    """Keep a function of the notebook, and reply whether that worked.

    ``fork`` is False if no process can be started any more. Then the kernel itself answers, after
    all cells have run.
    """
    content, came = order["content"], {"kept": True}
    try:
        connection = _accepted(door, content["token"])
        function = kernel.shell.user_ns.get(content["function"])
        if not callable(function):
            connection.close()
            came = {"undefined": True}
        elif content["fork"]:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # about threads: the child needs none
                drawn = getstate()
                child = os.fork()
            if child == 0:
                setstate(drawn)  # a fork seeds the generator again
                _serve_alone(kernel, connection, function, closing, most_open)
            connection.close()
    except OSError as error:
        came = {"full": error.errno in (errno.EAGAIN, errno.ENOMEM)}  # of a fork: see fork(2)
    kernel.session.send(stream, KEPT, came, order, ident)
    if came.get("kept") and not content["fork"]:
        with suppress(Closed):
            _serve(connection, function, closing)
        connection.close()


def _accepted(door: socket.socket, token: str) -> socket.socket:
    """The connection that was made for this order; older ones are closed."""
    door.settimeout(_ACCEPTING)
    while True:
        connection, _ = door.accept()
        connection.settimeout(_ACCEPTING)
        if connection.recv(TOKEN, socket.MSG_WAITALL) == token.encode():
            return connection
        connection.close()


def _serve_alone(
    kernel: Any, connection: socket.socket, function: Any, closing: Any, most_open: int
) -> None:
    """Answer in a process of its own, with no way back to the notebook; never returns."""
    try:
        signal.set_wakeup_fd(-1)
        with suppress(OSError):
            os.setpgid(0, 0)  # a signal to its group does not end the others
        _close_outputs(kernel, connection.fileno(), most_open)
        _serve(connection, function, closing)
    finally:
        os._exit(0)


def _close_outputs(kernel: Any, line: int, most_open: int) -> None:
    """Drop everything that is shown, and close every socket except the line's."""
    kernel.iopub_thread.schedule = lambda send: None
    kernel._allow_stdin = False
    nowhere = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(nowhere, standard)
    try:
        opened = [int(entry) for entry in os.listdir("/proc/self/fd")]
    except OSError:  # behind Landlock only the kernel's own process may look there
        opened = list(range(most_open))
    for number in opened:
        with suppress(OSError):
            if number != line and stat.S_ISSOCK(os.fstat(number).st_mode):
                os.close(number)


def _serve(connection: socket.socket, function: Any, closing: Any) -> None:
    """Answer until the other end is closed."""
    line = Line(connection)
    line.send({})  # tells which process this is: the system adds its number
    while True:
        answer(line, function, closing)


# --- a function is evaluated --------------------------------------------------------------


def answer(line: Speaks, function: Any, closing: Any) -> None:
    """Evaluate the next question, and send the result.

    Parameters
    ----------
    line : Line
    function : object
        The student's function.
    closing : module or None
        See ``edition/withheld.py``.

    Raises
    ------
    Closed
        If there is nobody at the other end.
    """
    content, buffers = line.receive()
    began = process_time()
    request = _Request(line, function, content, buffers)
    if closing is not None:
        closing.close()
    try:
        described = request.evaluate()
    except BaseException as error:  # also SystemExit and KeyboardInterrupt of student's code
        request.writer = Writer()
        described = {"failed": request.writer.answer(Answer(Raised.of(error)))}
    asked = closing.open() if closing is not None else []
    described["asked"] = [str(name)[:200] for name in asked][:20]
    described["spent"] = float(process_time() - began)
    line.send({ANSWER: described}, request.writer.buffers)


class _Request:
    """A request to call one function of the notebook, once or several times."""

    def __init__(
        self, line: Speaks, function: Any, content: Mapping[str, Any], buffers: Sequence[Any]
    ):
        self._line, self._function = line, function
        self._content, self._buffers = content, buffers
        self.writer = Writer()
        self._given: dict[str, Any] = {}

    def evaluate(self) -> dict[str, Any]:
        if not callable(self._function):
            return {"undefined": True}
        if "explain" in self._content:
            return {"explained": self._explain(self._content["explain"])}
        if "tried" in self._content:
            return {"tried": self._try_edits(self._content["calls"], **self._content["tried"])}
        if "stepped" in self._content:
            return {"stepped": self._steps(self._content["calls"], **self._content["stepped"])}
        return {"outcomes": [self._call(wanted) for wanted in self._content["calls"]]}

    def _read(self, wanted: Mapping[str, Any]) -> dict[str, Any]:
        """The arguments of a call."""
        self._given = given = {}
        reader = Reader(self._buffers, self._special)
        for name, described in wanted["arguments"]:
            given[name] = reader.value(described)
        return given

    def _try_edits(
        self, calls: Sequence[Mapping[str, Any]], values: Sequence[Any] = (), **more: Any
    ) -> dict[str, Any]:
        """The function's answers with small edits of its code."""
        cases, forms = [self._read(one) for one in calls], [_forms(one) for one in calls]
        reader = Reader(self._buffers)
        put_in = [[reader.value(one) for one in row] for row in values]
        came = tried(self._function, cases, forms, values=put_in, **more)
        return {
            "places": came.places,
            "behind": [astuple(one) for one in came.behind],
            "answers": [self.writer.value(rows) for rows in came.answers],
        }

    def _explain(self, wanted: Mapping[str, Any]) -> dict[str, Any]:
        """What is asked about the function's text; only kernels for such questions can tell."""
        from bplab.grading.judge.explaining import explained

        given = self._read(self._content["calls"][0]) if self._content["calls"] else {}
        return explained(self._function, wanted, given, self.writer)

    def _steps(self, calls: Sequence[Mapping[str, Any]], seconds: float) -> list[list[Any]]:
        """The function's intermediate values."""
        cases, forms = [self._read(one) for one in calls], [_forms(one) for one in calls]
        return [
            [[*one[:-1], self.writer.value(one.value)] for one in case]
            for case in stepped(self._function, cases, forms, seconds)
        ]

    def _call(self, wanted: Mapping[str, Any]) -> Any:
        given, function = self._read(wanted), self._function
        match wanted["what"]:
            case "answer":
                return self.writer.answer(call(function, given, _forms(wanted)))
            case "imaginaries":
                answer = answer_with_other_imaginaries(function, given, _forms(wanted))
                return None if answer is None else self.writer.answer(answer)
            case "other values":
                answer = answer_with_other_values(
                    function, given, _forms(wanted), str(wanted["which"])
                )
                return None if answer is None else self.writer.answer(answer)
            case "learn":
                return self.writer.lesson(lesson(function, given, wanted["seconds"]))
        raise Malformed(f"asked for {wanted['what']!r}")

    def _special(self, described: Any) -> Any:
        """Make a function among the arguments; the grader evaluates it, and sees at what points."""
        match described:
            case {"ask": int(number), "with": list(names), **more}:
                ask = partial(self._ask, os.getpid(), number, self._given, names)
                match more:
                    case {"slope": str(name)}:
                        return _activation(name, ask)
                    case {"softmax": True}:
                        return _softmax(ask)
                return ask
            case {"activation": str(name)}:
                return _plain(name)
        raise Malformed("no description of a value")

    def _ask(
        self, pid: int, number: int, given: Mapping[str, Any], names: list[str], *arguments: Any
    ) -> Any:
        """Have the grader evaluate its function ``number``."""
        if os.getpid() != pid:
            raise RuntimeError("only the process of the kernel may call this function")
        writer = Writer()
        content = {
            "number": number,
            "arguments": [writer.value(value) for value in arguments],
            "present": [[name, writer.value(given[name])] for name in names],
        }
        self._line.send({ASK: content}, writer.buffers)
        reply, buffers = self._line.receive()
        match reply:
            case {"value": described}:
                return Reader(buffers).value(described)
            case {"raised": [str(kind), str(says)]}:
                raise {"TypeError": TypeError}.get(kind, ValueError)(says)
        raise Malformed("no reply to a question")


def _forms(wanted: Mapping[str, Any]) -> list[Form]:
    return [Form(*form) for form in wanted["forms"]]


def _plain(name: str) -> Any:
    """Return an activation of the library by its name, ``tanh`` or ``elu(0.5)``."""
    kind, _, alpha = name.partition("(")
    found = getattr(activations, kind)
    return found(float(alpha.rstrip(")"))) if alpha else found


def _activation(name: str, ask: Callable[..., Any]) -> Any:
    """Return an activation, ``tanh`` or ``elu(0.5)``, whose values come from the grader.

    It does not tell which one it is. So a function that differentiates it numerically has to
    evaluate it, which the grader sees.
    """
    own = _plain(name)
    return activations.Activation("activation", ask, own.slope, own.kink)


def _softmax(ask: Callable[..., Any]) -> Any:
    """Return the softmax, whose values come from the grader."""

    class Asking(activations.Softmax):
        value = staticmethod(ask)

    return Asking()
