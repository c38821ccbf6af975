"""The part of the grader in a student's kernel: it evaluates functions, and judges nothing.

A request names a function of the notebook and brings its arguments; what goes back are raw
arrays. Whatever student's code does to this module, it can only change what its own functions
answer: cases, right answers and the comparison are in another process.
"""

import os
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from bplab import activations
from bplab.grading.judge.wire import Malformed, Reader, Writer
from bplab.learner import (
    Answer,
    Form,
    Raised,
    answer_with_other_imaginaries,
    answer_with_other_values,
    call,
    lesson,
)

__all__ = ["ANSWER", "ASK", "REQUEST", "install"]

REQUEST, ANSWER, ASK = "bplab_request", "bplab_answer", "bplab_ask"
"""Types of messages: to evaluate a function; what it gave; to evaluate one of the grader's."""


Message = Mapping[str, Any]


def install(kernel: Any) -> None:
    """Let a kernel understand requests; called before any student's code runs.

    Parameters
    ----------
    kernel : ipykernel.kernelbase.Kernel
    """
    kernel.shell_handlers[REQUEST] = partial(_handle, kernel, _closing())


def _closing() -> Any:
    """The module that closes the library while a function is graded, and notes who knocks.

    ``close()`` before, ``open()`` after: it returns the names of what was asked for meanwhile.
    """
    try:  # of an edition
        from bplab.grading import _withheld  # type: ignore[attr-defined]
    except ImportError:  # the whole library is here: nothing is closed
        return None
    return _withheld


def _handle(kernel: Any, closing: Any, stream: Any, ident: Any, message: Message) -> None:
    """Evaluate what a request asks for, and send what came."""
    request = _Request(kernel, ident, message)
    if closing is not None:
        closing.close()
    try:
        described = request.evaluate()
    except BaseException as error:  # also SystemExit and KeyboardInterrupt of student's code
        request.writer = Writer()
        described = {"failed": request.writer.answer(Answer(Raised.of(error)))}
    asked = closing.open() if closing is not None else []
    described["asked"] = [str(name)[:200] for name in asked][:20]
    kernel.session.send(stream, ANSWER, described, message, ident, request.writer.buffers)


class _Request:
    """One function of the notebook, to be called some times."""

    def __init__(self, kernel: Any, ident: Any, message: Message):
        self._kernel, self._ident, self._message = kernel, ident, message
        self.writer = Writer()
        self._given: dict[str, Any] = {}

    def evaluate(self) -> dict[str, Any]:
        content = self._message["content"]
        function = self._kernel.shell.user_ns.get(content["function"])
        if not callable(function):
            return {"undefined": True}
        return {"outcomes": [self._call(function, wanted) for wanted in content["calls"]]}

    def _call(self, function: Callable[..., Any], wanted: Mapping[str, Any]) -> Any:
        self._given = given = {}
        reader = Reader(self._message["buffers"], self._special)
        for name, described in wanted["arguments"]:
            given[name] = reader.value(described)
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
        """Functions among the arguments: the grader evaluates them, and sees where."""
        match described:
            case {"ask": int(number), "with": list(names), **more}:
                ask = partial(self._ask, os.getpid(), number, self._given, names)
                match more:
                    case {"slope": str(name)}:
                        return _activation(name, ask)
                    case {"softmax": True}:
                        return _softmax(ask)
                return ask
        raise Malformed("no description of a value")

    def _ask(
        self, pid: int, number: int, given: Mapping[str, Any], names: list[str], *arguments: Any
    ) -> Any:
        """Have the grader evaluate its function ``number``."""
        if os.getpid() != pid:
            raise RuntimeError("only the process of the kernel may call this function")
        kernel, writer = self._kernel, Writer()
        content = {
            "number": number,
            "arguments": [writer.value(value) for value in arguments],
            "present": [[name, writer.value(given[name])] for name in names],
        }
        kernel.session.send(
            kernel.stdin_socket, ASK, content, self._message, self._ident, writer.buffers
        )
        while not kernel.stdin_socket.poll(100):
            pass  # in small waits, so that an interrupt comes through
        _, reply = kernel.session.recv(kernel.stdin_socket, 0)
        match reply["content"]:
            case {"value": described}:
                return Reader(reply["buffers"]).value(described)
            case {"raised": [str(kind), str(says)]}:
                raise {"TypeError": TypeError}.get(kind, ValueError)(says)
        raise Malformed("no reply to a question")


def _forms(wanted: Mapping[str, Any]) -> list[Form]:
    return [Form(*form) for form in wanted["forms"]]


def _activation(name: str, ask: Callable[..., Any]) -> Any:
    """Return an activation, ``tanh`` or ``elu(0.5)``, whose values are the grader's.

    It does not say which one it is: a function that differentiates it numerically has to evaluate
    it, and is seen.
    """
    kind, _, alpha = name.partition("(")
    found = getattr(activations, kind)
    own = found(float(alpha.rstrip(")"))) if alpha else found
    return activations.Activation("activation", ask, own.slope, own.kink)


def _softmax(ask: Callable[..., Any]) -> Any:
    """Return the softmax, the values of which are the grader's."""

    class Asking(activations.Softmax):
        value = staticmethod(ask)

    return Asking()
