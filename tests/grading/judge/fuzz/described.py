"""Values, answers, lessons and questions as the writer describes them, changed, and read."""

import ast
import contextlib
import json
import math
from collections import namedtuple
from collections.abc import Iterator
from typing import Any

import numpy as np
from hypothesis import strategies as st

from bplab.activations import tanh
from bplab.grading.judge import wire
from bplab.grading.judge.oracle import Question
from bplab.grading.judge.wire import Malformed, Reader, Writer
from bplab.learner import SAYABLE, Answer, Cause, Lesson, NoNumbers, Raised
from tests.grading.judge.fuzz.mutations import lowered, variants

MAX_BYTES = 2**16

# --- what comes -------------------------------------------------------------------------------

SHAPES = st.sampled_from([(), (0,), (1,), (3,), (2, 3), (4, 1), (0, 2), (2, 1, 2), (50, 20)])
DTYPES = st.sampled_from(["<f8"] * 6 + ["<f4", "<i8", "|u1", "<c16", ">f8", "<f2"])
NO_NUMBERS = st.sampled_from(["|O", "|V8", "<U3", "|S4", "|b1", "<M8[s]", "<m8"])
WRONG_SIDES = (
    (-1, -2, -5),
    (True, False),
    (0, 2**62, 2**62),
    (2**31, 2**63, -(2**63), 10**400, 3),
    (1.0, "1", None, (1,), ()),
)
"""Sides of one shape: what is wrong comes more than once, or it is refused for its size."""


@st.composite
def forged(draw) -> bytes:
    """An array in numpy's format, more or less: as many numbers as its forged shape claims."""
    shape: list[Any] = list(draw(SHAPES))
    dtype, kept, order, cut, version = np.dtype(draw(DTYPES)), None, False, 0, 1
    magic = b"\x93NUMPY"
    match draw(st.sampled_from(["sides"] * 6 + ["axes", "shape", "dtype", "dtype", "cut", "head"])):
        case "sides":
            wrong = draw(st.sampled_from(WRONG_SIDES))
            shape = draw(st.lists(st.sampled_from(wrong), min_size=1, max_size=3)) + shape[:1]
        case "axes":
            shape = (shape or [1]) * draw(st.sampled_from([11, 33, 40]))
        case "shape":
            kept = draw(st.sampled_from([shape, 1, "(1,)", {}, (tuple(shape),)]))
        case "dtype":
            dtype = np.dtype(draw(NO_NUMBERS))
        case "cut":
            cut = draw(st.sampled_from([-1, 1, 8, -8, 16]))
        case "head":
            order = draw(st.sampled_from([True, 1, None]))
            version = draw(st.sampled_from([2, 3, 9]))
            magic = draw(st.sampled_from([magic, b"PK\x03\x04"]))
    kept = tuple(shape) if kept is None else kept
    claimed = math.prod(shape) if all(isinstance(side, int) for side in shape) else 1
    size = abs(claimed) if abs(claimed) < 5_000 else 0
    head = f"{{'descr': {dtype.str!r}, 'fortran_order': {order!r}, 'shape': {kept!r}, }}\n".encode()
    length = len(head).to_bytes(2 if version == 1 else 4, "little")
    data = bytes(max(0, size * max(dtype.itemsize, 1) + cut))
    return magic + bytes([version, 0]) + length + head + data


def _fields(count: int) -> Any:
    names = [f"x{i}" for i in range(count)]
    return namedtuple("Values", names)(*range(count))


NUMBERS = np.arange(6.0).reshape(2, 3)
LARGE = np.zeros(2_000)
ARRAYS = (
    *(NUMBERS, np.asfortranarray(NUMBERS), np.zeros(()), np.zeros((0, 2)), np.zeros(3, np.float32)),
    *(np.arange(3), np.zeros(2, np.uint8), np.zeros(2, complex), np.zeros(2, ">f8"), LARGE),
)
VALUES = (
    *(None, True, 3, -(2**70), 0.5, float("nan"), "", "x", "\ud800", *ARRAYS),
    *([1, [0.5, (None,)]], (1.5, "a"), [[[[[[[[1]]]]]]]], [LARGE] * 3, [LARGE] * 6, [NUMBERS, 1.0]),
    *(_fields(0), _fields(2), _fields(32), _fields(33), (_fields(1), [_fields(3)])),
    *((_fields(4), 0.25), [0.5, _fields(3)], [_fields(2), _fields(2)]),
)
_DTYPE = SAYABLE["an array of dtype object"]
RAISED = (
    Raised("ValueError", "Y is 0.75", "line 3: Z = X", False, Cause.MATMUL),
    Raised("Y is 0.75", "", "line 12345"),
    Raised("AxisError", "x", "line 9999", True),
)
ANSWERS = (
    *(Answer(((NUMBERS,),)), Answer(((NUMBERS, _DTYPE), (np.zeros(3, np.float32),)), "Y")),
    *(Answer(()), Answer(((NoNumbers("a Y is 0.75"),),)), Answer(((LARGE,) * 3,))),
    *(Answer(((NUMBERS,),), "\x1b[31m" + "x" * 2_100), *map(Answer, RAISED)),
    *(Answer(((one,),)) for one in ARRAYS[5:9]),
)
LESSONS = (
    *(Lesson(0.5, np.arange(3)), Lesson(1e308, np.zeros(2)), Lesson(1.0, np.zeros(2, np.uint8))),
    *(Lesson(2.0, None, _DTYPE.what), Lesson(2.0, None, "a Y is 0.75"), Lesson(1.0, NUMBERS)),
    *(*(Lesson(1.0, one) for one in ARRAYS[7:]), Lesson(2.0, None)),
    *(Lesson(2.0, None, raised=RAISED[0]), Lesson(2.0, None, in_time=False, changed="x" * 2_100)),
)


def _descriptions() -> Iterator[tuple[str, Any, list[bytes]]]:
    """What is read, what the writer says, and its buffers."""
    for read, whole in {
        "value": VALUES,
        "array": ARRAYS,
        "answer": ANSWERS,
        "raised": [Answer(one, "x" * 2_100) for one in RAISED],
        "lesson": LESSONS,
        "named": VALUES[::4],
        "question": (0, 1),
    }.items():
        for one in whole:
            writer = Writer()
            match read:
                case "named":
                    said: Any = [["a", writer.value(one)], ["b", writer.value(1)]]
                case "question":
                    x = writer.value(np.ones(2))
                    said = {"number": one, "arguments": [x], "present": [["p", x]] * one}
                case "value" | "array":
                    said = writer.value(one)
                case "answer" | "raised":
                    said = writer.answer(one)
                case "lesson":
                    said = writer.lesson(one)
            yield read, json.loads(json.dumps(said)), writer.buffers


HONEST = {
    read: [one for one in _descriptions() if one[0] == read]
    for read in ("value", "array", "answer", "raised", "lesson", "named", "question")
}


@st.composite
def described(draw) -> tuple[str, list[Any], list[bytes], bool]:
    """What is read, descriptions, buffers, and whether all of it is as the writer made it."""
    whole = HONEST[draw(st.sampled_from([*HONEST, "value", "raised", "lesson"]))]
    read, said, buffers = draw(st.sampled_from(whole))
    buffered = ["buffers"] * (12 if read == "array" else 4)
    what = draw(st.sampled_from(["", *["said"] * 6, *buffered, "both"]))
    all_said = draw(variants(said)) if what in ("said", "both") else [said]
    buffers = list(buffers)
    if what in ("buffers", "both"):
        buffers[:1] = [draw(forged())]
    return read, all_said, buffers, not what


# --- what is made of it -----------------------------------------------------------------------


def read_descriptions(read: str, all_said: list[Any], buffers: list[bytes], honest: bool) -> None:
    """Read each of them."""
    for said in all_said:
        _read(read, said, buffers, honest)


def _read(read: str, said: Any, buffers: list[bytes], honest: bool) -> None:
    """Read it, or refuse it; what is read is what was said, and within the limits."""
    with lowered(wire, MAX_BYTES=MAX_BYTES):
        if read == "question":
            return _asked(said, buffers)
        try:
            came = getattr(Reader(buffers), "answer" if read == "raised" else read)(said)
        except Malformed:
            # what is honest is refused only where it is large
            large = sum(map(len, buffers)) > MAX_BYTES / 2 or "x32" in json.dumps(said)
            other = read in ("answer", "raised", "lesson")  # numbers of other kinds
            assert large or other or not honest, f"an honest {read} is refused"
            return
    match read:
        case "value" | "array":
            _is_meant(came, said, buffers)
        case "named":
            pairs = [tuple(pair) for pair in said]
            assert all(type(name) is str for name in came)
            for name, value in dict(pairs).items():
                _is_meant(came[name], value, buffers)
        case "answer" | "raised":
            check_answer(came)
        case "lesson":
            check_lesson(came)
    assert _bytes(came) <= MAX_BYTES


def _asked(said: Any, buffers: list[bytes]) -> None:
    asked = question()
    try:
        reply, arrays = asked.evaluate(said, buffers)
    except Malformed:
        return
    number = said["number"]
    assert type(number) is int, "a number of no function"
    assert number in (0, 1), "a number of no function"
    json.dumps(reply).encode()
    if "raised" not in reply:
        Reader(arrays).value(reply["value"])


def question() -> Question:
    """A question with two functions of the grader's."""
    asked = Question("f", 1.0)
    asked.add("answer", {"g": tanh, "p": np.ones(2), "f": _Holds(np.ones(2))})
    return asked


class _Holds:
    def __init__(self, p):
        self.p = p

    def __call__(self, x):
        return self.p.sum() * x

    def __replace__(self, **moved):
        return _Holds(moved["p"])


def _is_meant(value: Any, said: Any, buffers: list[bytes], depth: int = 0) -> None:
    """Whether a value is what its description says, read in another way."""
    assert depth <= wire.MAX_DEPTH, "nested too deeply"
    match said:
        case {"array": index}:
            assert type(index) is int, f"no index: {index!r}"
            assert 0 <= index < len(buffers), f"no index: {index}"
            _is_array(value, buffers[index])
        case {"float": text}:
            assert type(value) is float
            assert value == float.fromhex(text) or value != value
        case {"list": items}:
            assert type(value) is list
            _are_meant(value, items, buffers, depth)
        case {"tuple": items}:
            assert type(value) is tuple
            _are_meant(value, items, buffers, depth)
        case {"named": names, "items": items}:
            assert value._fields == tuple(map(str, names))
            assert len(names) <= wire.MAX_FIELDS, "too many fields"
            _are_meant(value, items, buffers, depth)
        case _:
            assert said is None or type(said) in (bool, int, str)
            assert value is said or (type(value) is type(said) and value == said)


def _are_meant(values: Any, items: Any, buffers: list[bytes], depth: int) -> None:
    assert type(items) is list
    assert len(values) == len(items)
    for value, item in zip(values, items, strict=True):
        _is_meant(value, item, buffers, depth + 1)


def _is_array(array: Any, buffer: bytes) -> None:
    _check_array(array, "fiuc")
    start = 10 if buffer[6] == 1 else 12
    end = start + int.from_bytes(buffer[8:start], "little")
    head = ast.literal_eval(buffer[start:end].decode("latin1"))
    assert repr(array.shape) == repr(head["shape"])  # True is no 1
    assert array.dtype == np.dtype(head["descr"])
    assert array.nbytes == len(buffer) - end


def _check_array(array: Any, kinds: str) -> None:
    assert type(array) is np.ndarray
    assert array.dtype.kind in kinds, f"an array of {array.dtype}"
    assert array.ndim <= wire.MAX_AXES, "too many axes"
    sides = math.prod(max(side, 1) for side in array.shape)
    assert sides * array.itemsize <= MAX_BYTES, f"of shape {array.shape}"


def _check_words(text: Any) -> None:
    assert type(text) is str
    assert len(text) <= wire.MAX_TEXT, "long words"
    assert all(c.isprintable() or c in "\n\t" for c in text), "words with control characters"


def check_answer(answer: Answer) -> None:
    """Whether it is an answer as the judge may have it."""
    _check_words(answer.changed)
    if answer.raised is not None:
        return _check_raised(answer.raised)
    for item in (item for part in answer.parts for item in part):
        if isinstance(item, NoNumbers):
            _check_no_numbers(item.what)
        else:
            _check_array(item, "f")
            assert item.dtype.isnative


def _check_no_numbers(what: str) -> None:
    own = {one.what for one in SAYABLE.values()} | {"something else than numbers"}
    assert what in own, "words of a student's"


def _check_raised(raised: Raised) -> None:
    assert raised.kind in wire.KINDS | {"Exception"}, "a kind of a student's"
    assert (raised.says, raised.there) == ("", "")
    assert len(raised.digest) == 64, "no digest"
    assert set(raised.digest) <= set("0123456789abcdef"), "no digest"
    number = raised.where.removeprefix("line ")
    assert not number or 0 < int(number) <= wire.MAX_LINE, "no line"
    assert type(raised.not_written) is bool


def check_lesson(lesson: Lesson) -> None:
    """Whether it is what may come of a lesson."""
    assert type(lesson.seconds) is float
    assert math.isfinite(lesson.seconds), "no time"
    assert type(lesson.in_time) is bool
    _check_words(lesson.changed)
    if lesson.raised is not None:
        _check_raised(lesson.raised)
    if lesson.unusable:
        _check_no_numbers(lesson.unusable)
    if lesson.labels is not None:
        _check_array(lesson.labels, "fiu")
        assert lesson.labels.dtype.isnative
    assert lesson.labels is not None or lesson.raised or lesson.unusable or not lesson.in_time


def _bytes(came: Any) -> int:
    """Of all arrays."""
    if isinstance(came, np.ndarray):
        return came.nbytes
    if isinstance(came, Answer):
        return 0 if came.raised else _bytes(list(came.parts))
    if isinstance(came, dict):
        came = list(came.values())
    if isinstance(came, list | tuple):
        return sum(map(_bytes, came))
    with contextlib.suppress(AttributeError):
        return came.labels.nbytes
    return 0
