"""What comes by the line: a right function's answers, changed, and the judge that takes them."""

import io
import json
from functools import cache
from typing import Any

import numpy as np
from hypothesis import strategies as st

from bplab.exercises import TASKS
from bplab.grading.judge import wire
from bplab.grading.judge.agent import ANSWER, ASK
from bplab.grading.judge.oracle import Oracle, Unusable
from bplab.grading.judge.session import Kept, KernelGone, TimeIsUp
from bplab.grading.judge.wire import Closed, Line, Malformed, Writer
from bplab.learner import Answer, Raised
from tests.grading.judge.fuzz.described import forged, question
from tests.grading.judge.fuzz.mutations import as_json, lowered, mutated
from tests.grading.judge.loopback import Loopback

# --- the judge --------------------------------------------------------------------------------

JUDGED = ("eq1", "eq6", "eq17", "eq18", "numerical-gradient")
"""Exercises with one part and with two, of one array and of many; the last asks for functions."""


@cache
def _oracle() -> Oracle:
    return Oracle("a secret")


def _right(id: str) -> Any:
    return TASKS[id].reference


class _Recorded(Loopback):
    """A right function's replies, the first ones from a record; one of them is another."""

    def __init__(self, id: str, record: list, at: int = -1, reply: Any = None):
        super().__init__(**{TASKS[id].function: _right(id)})
        self._at, self._reply, self.record, self.count = at, reply, record, -1

    def __call__(self, question):
        self.count += 1
        if self.count == self._at:
            return self._reply
        if self.count < len(self.record) and (self.count < self._at or self._at < 0):
            return self.record[self.count]
        return super().__call__(question)


@cache
def _record(id: str) -> list[tuple[dict[str, Any], list[bytes]]]:
    """All replies of a right function."""
    replies = []
    loopback = Loopback(**{TASKS[id].function: _right(id)})

    def evaluate(question):
        replies.append(loopback(question))
        return replies[-1]

    _oracle().judge(id, evaluate, [])
    return replies


FAILED = (Answer(Raised("ValueError", "", "")), Answer(Raised("Malformed", "", "")), Answer(()))
REFUSED = [{"undefined": True}, *({"failed": Writer().answer(answer)} for answer in FAILED)]


@st.composite
def replies(draw) -> tuple[str, int, Any]:
    """A task, which of its replies is another, and that one."""
    id = draw(st.sampled_from(JUDGED))
    at = draw(st.integers(0, len(_record(id)) - 1))
    content, buffers = _record(id)[at]
    asked = draw(st.sampled_from([[], ["grad_beta", "x" * 190, "Y is\n0.75"], ["a"] * 30]))
    given = draw(st.sampled_from([content] * 9 + REFUSED))
    reply = draw(mutated({**given, "asked": asked}))
    buffers = list(buffers)
    if draw(st.booleans()) and buffers:
        buffers[draw(st.integers(0, len(buffers) - 1))] = draw(forged())
    return id, at, (reply if isinstance(reply, dict) else content, buffers)


def judge_reply(id: str, at: int, reply: Any) -> None:
    """It is judged, or it is no answer; what is said of it can be written."""
    flags: list[str] = []
    evaluate = _Recorded(id, _record(id), at, reply)
    try:
        judged = _oracle().judge(id, evaluate, flags)
    except Unusable as error:
        said = [error.name, str(error), error.hint]
    else:
        _has_an_array_each(id, reply[0])
        assert 0 <= judged.credit <= 1
        assert (judged.finding is None) == (judged.credit == 1)
        said = [judged.finding.says, judged.finding.hint] if judged.finding else []
    assert len(flags) <= 21 * (len(_record(id)) + 40)
    for words in said + flags:
        assert len(words) < 2_500, "long words"
        assert all(c.isprintable() or c in "\n\t" for c in words), "words with control characters"


def _has_an_array_each(id: str, content: Any) -> None:
    """Whether the parts of what was judged have one array each, but for those with many layers."""
    layered = [part.layered for part in TASKS[id].parts]
    for outcome in content["outcomes"]:
        for k, part in enumerate(outcome["parts"] if outcome else []):
            assert layered[k : k + 1] == [True] or len(part) == 1, "none or many for an array"


# --- the line ---------------------------------------------------------------------------------


class _Connection(io.BytesIO):
    """A socket that has received these bytes, and is then closed."""

    def settimeout(self, seconds):
        pass

    def recv_into(self, left):
        return self.readinto(left)

    def sendall(self, part):
        bytes(part)


class _Sent:
    """A socket that keeps what is sent."""

    def __init__(self):
        self.parts = []

    def settimeout(self, seconds):
        pass

    def sendall(self, part):
        self.parts.append(bytes(part))


def _asks() -> tuple[dict[str, Any], list[bytes]]:
    writer = Writer()
    x = writer.value(np.ones(2))
    return {ASK: {"number": 0, "arguments": [x], "present": []}}, writer.buffers


def _answers() -> tuple[dict[str, Any], list[bytes]]:
    writer = Writer()
    answer = writer.answer(Answer(((np.ones((2, 3)),),)))
    return {ANSWER: {"outcomes": [answer], "asked": []}}, writer.buffers


WRONG = ("size", "cut", "none", "sizes", "much", "deep", "large")


@st.composite
def sent(draw) -> tuple[bytes, bool]:
    """What goes by the line: questions and an answer, as the agent sends them; whether honest."""
    raw, honest = b"", True
    for content, buffers in [*[_asks()] * draw(st.integers(0, 2)), _answers()]:
        head: Any = [content, [len(one) for one in buffers]]
        match draw(st.sampled_from(["", "all", "content"])):
            case "all":
                head, honest = draw(mutated(head)), False
            case "content":
                head, honest = [draw(mutated(content)), head[1]], False
        wrong = draw(st.sampled_from([*("",) * 8, *WRONG]))
        honest &= not wrong
        if wrong == "sizes":  # that are none, though there is something to read
            odd = st.sampled_from([True, False, -1, 1.0, None, "1", 2**62, 5, [1]])
            head = [content, draw(st.lists(odd, min_size=1, max_size=3))]
        elif wrong == "large":  # many buffers, or large ones, and they are there
            buffers = draw(st.sampled_from([[b""] * 60, [bytes(5_000)] * 4]))
            head = [content, [len(one) for one in buffers]]
        text = as_json(head)
        if wrong == "none":
            text = draw(st.binary(max_size=20))
        elif wrong == "much":
            text = text.replace(b"{", b"{" + b" " * 2**14, 1)
        elif wrong == "deep":
            text = text.replace(b"{", b"[" * 3_000, 1)
        size = len(text)
        if wrong == "size":
            size = draw(st.sampled_from([0, size - 1, size + 1, 2**20]))
        elif wrong == "cut":
            text = text[: draw(st.integers(0, size))]
        raw += max(size, 0).to_bytes(4, "big") + text + b"".join(buffers)
    return raw, honest


def hear(raw: bytes, honest: bool) -> None:
    """The line reads messages within its limits, and whoever asks has an answer or none."""
    with lowered(wire, MAX_BYTES=2**14, MAX_JSON=2**14, MAX_BUFFERS=50):
        _read_line(raw)
        kept = Kept(_Connection(raw))  # type: ignore[arg-type]
        try:
            answer, buffers = kept.ask(question())
        except (KernelGone, TimeIsUp, Malformed):
            assert not honest, "an honest answer is refused"
            return
        assert isinstance(answer, dict)
        assert sum(map(len, buffers)) <= wire.MAX_BYTES


def _read_line(raw: bytes) -> None:
    """Whatever is read is what was sent: the sizes are numbers, and as large as what came."""
    line, rest = Line(_Connection(raw)), raw  # type: ignore[arg-type]
    while True:
        try:
            _, buffers = line.receive()
        except (Malformed, Closed):
            return
        size = int.from_bytes(rest[:4], "big")
        assert size <= wire.MAX_JSON, "much JSON"
        _, sizes = json.loads(rest[4 : 4 + size])
        assert repr(sizes) == repr([len(one) for one in buffers]), "sizes that are none"
        assert len(buffers) <= wire.MAX_BUFFERS, "many buffers"
        assert sum(map(len, buffers)) <= wire.MAX_BYTES, "large buffers"
        rest = rest[4 + size + sum(sizes) :]
