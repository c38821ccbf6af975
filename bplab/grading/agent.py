"""The part of the grader in a student's kernel: it evaluates functions, and judges nothing.

A request names a function of the notebook and brings its arguments; what goes back are raw
arrays. Whatever student's code does to this module, it can only change what its own functions
answer: cases, right answers and the comparison are in another process.
"""

import os
from collections.abc import Callable, Mapping
from typing import Any

from bplab import activations
from bplab.exercises._call import Answer, Raised, call, lesson
from bplab.exercises._watch import evaluated_at
from bplab.grading.wire import Malformed, Reader, Writer

__all__ = ["ANSWER", "ASK", "REQUEST", "install"]

REQUEST, ANSWER, ASK = "bplab_request", "bplab_answer", "bplab_ask"
"""Types of messages: to evaluate a function; what it gave; to evaluate one of the grader's."""


def install(kernel: Any) -> None:
    """Let a kernel understand requests; called before any student's code runs.

    Parameters
    ----------
    kernel : ipykernel.kernelbase.Kernel
    """
    agent = _Agent(kernel, _closing())
    kernel.shell_handlers[REQUEST] = agent.handle


def _closing() -> Any:
    """The module that closes the library while a function is graded, and notes who knocks.

    ``close()`` before, ``open()`` after: it returns the names of what was asked for meanwhile.
    """
    try:
        from bplab.grading import _withheld
    except ImportError:  # the whole library is here: nothing is closed
        return None
    return _withheld


class _Agent:
    def __init__(self, kernel: Any, withheld: Any):
        self._kernel, self._withheld = kernel, withheld

    def handle(self, stream: Any, ident: Any, message: Mapping[str, Any]) -> None:
        """Evaluate what the request asks for, and send what came."""
        content = message["content"]
        writer = Writer()
        if self._withheld is not None:
            self._withheld.close()
        try:
            described = self._evaluate(content, message, ident, writer)
        except BaseException as error:  # also SystemExit and KeyboardInterrupt of student's code
            writer = Writer()
            described = {"failed": writer.answer(Answer(raised=Raised.of(error, len)))}
        finally:
            asked = self._withheld.open() if self._withheld is not None else []
        described["asked"] = [str(name)[:200] for name in asked][:20]
        self._kernel.session.send(
            *(stream, ANSWER, described, message), ident=ident, buffers=writer.buffers
        )

    def _evaluate(
        self, content: Mapping[str, Any], message: Mapping[str, Any], ident: Any, writer: Writer
    ) -> dict[str, Any]:
        namespace = self._kernel.shell.user_ns
        if "names" in content:
            return {"defined": [n for n in content["names"] if callable(namespace.get(n))]}
        function = namespace.get(content["function"])
        if not callable(function):
            return {"undefined": True}
        given: dict[str, Any] = {}
        asking = _Asking(self._kernel, message, ident, given)
        reader = Reader(message["buffers"], asking.special)
        for name, described in content["arguments"]:
            given[name] = reader.value(described)
        match content["what"]:
            case "answer":
                return {"answer": writer.answer(call(function, given, content["layered"]))}
            case "evaluated_at":
                return {"points": writer.arrays(evaluated_at(function, given))}
            case "learn":
                return {"lesson": writer.lesson(lesson(function, given, content["seconds"]))}
        raise Malformed(f"asked for {content['what']!r}")


class _Asking:
    """Functions among the arguments: activations are made here, others asked of the grader."""

    def __init__(
        self, kernel: Any, message: Mapping[str, Any], ident: Any, given: Mapping[str, Any]
    ):
        self._kernel, self._message, self._ident, self._given = kernel, message, ident, given

    def special(self, described: Any) -> Any:
        match described:
            case {"activation": str(name)}:
                return activation(name)
            case {"ask": int(number), "with": list(names)}:
                return self._function(number, names)
        raise Malformed("no description of a value")

    def _function(self, number: int, names: list[str]) -> Callable[..., Any]:
        pid = os.getpid()

        def asked(*arguments: Any) -> Any:
            if os.getpid() != pid:
                raise RuntimeError("only the process of the kernel may call this function")
            return self._ask(number, arguments, {name: self._given[name] for name in names})

        return asked

    def _ask(self, number: int, arguments: tuple[Any, ...], present: dict[str, Any]) -> Any:
        """Have the grader evaluate its function ``number``."""
        kernel, writer = self._kernel, Writer()
        content = {
            "number": number,
            "arguments": [writer.value(value) for value in arguments],
            "present": [[name, writer.value(value)] for name, value in present.items()],
        }
        kernel.session.send(
            *(kernel.stdin_socket, ASK, content, self._message),
            ident=self._ident,
            buffers=writer.buffers,
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


def activation(name: str) -> Any:
    """Return an activation by its name: ``tanh``, ``elu(0.5)``."""
    kind, _, alpha = name.partition("(")
    found = getattr(activations, kind)
    return found(float(alpha.rstrip(")"))) if alpha else found
