"""What travels between grader and kernel: it arrives as it was, and nothing forged gets through."""

import contextlib
import io
import json
import socket
import threading
import tracemalloc

import hypothesis.extra.numpy as hnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bplab.grading.judge import wire
from bplab.grading.judge.oracle import Question
from bplab.grading.judge.wire import Malformed, Reader, Writer
from bplab.learner import SAYABLE, Answer, Cause, Lesson, NoNumbers, Raised
from bplab.network import Gradients

DTYPES = st.sampled_from([np.float64, np.float32, np.int64, np.int8, np.uint16])
ARRAYS = hnp.arrays(DTYPES, hnp.array_shapes(min_dims=0, min_side=0, max_side=4))
PLAIN = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | ARRAYS
VALUES = st.recursive(
    PLAIN, lambda inner: st.lists(inner, max_size=3) | st.tuples(inner, inner), max_leaves=8
)


def sent(value):
    writer = Writer()
    described = json.loads(json.dumps(writer.value(value)))
    return Reader(writer.buffers).value(described)


def same(a, b):
    if isinstance(a, np.ndarray):
        return a.dtype == b.dtype and np.array_equal(a, b, equal_nan=a.dtype.kind == "f")
    if isinstance(a, (list, tuple)):
        return type(a) is type(b) and len(a) == len(b) and all(map(same, a, b))
    return type(a) is type(b) and (a == b or a != a)


@given(VALUES)
def test_values_arrive_as_they_were(value):
    assert same(value, sent(value))


def test_order_and_named_tuples_arrive_too():
    fortran = np.asfortranarray(np.arange(6.0).reshape(2, 3))
    assert np.array_equal(sent(fortran), fortran)
    assert np.array_equal(sent(np.arange(10.0)[::3]), [0, 3, 6, 9])
    gradients = sent(Gradients(np.ones(2), np.zeros(3)))
    assert gradients._fields == Gradients._fields
    assert np.array_equal(gradients.alpha, [1, 1])


ITEMS = ARRAYS | st.sampled_from(list(SAYABLE.values()))


@given(st.lists(st.lists(ITEMS, max_size=3), max_size=3), st.text(max_size=20))
def test_answers_arrive_part_by_part(parts, changed):
    real = tuple(
        tuple(np.asarray(i, np.float64) if isinstance(i, np.ndarray) else i for i in part)
        for part in parts
    )
    writer = Writer()
    described = json.loads(json.dumps(writer.answer(Answer(real, changed=changed))))
    answer = Reader(writer.buffers).answer(described)
    assert same(answer.parts, real)
    assert answer.changed == "".join(c for c in changed if c.isprintable() or c in "\n\t")


def test_errors_and_lessons_arrive():
    writer = Writer()
    lesson = Lesson(1.5, np.arange(3))
    described = writer.lesson(lesson)
    back = Reader(writer.buffers).lesson(described)
    assert (back.seconds, back.in_time) == (1.5, True)
    assert same(back.labels, lesson.labels)


def test_of_an_error_its_kind_its_line_and_its_cause_arrive_and_none_of_its_words():
    raised = Raised("ValueError", "Y is 0.75", "line 3: x", False, Cause.MATMUL, "Y is (5, 4)")
    described = json.loads(json.dumps(Writer().answer(Answer(raised))))
    assert "0.75" not in json.dumps(described)
    assert "(5, 4)" not in json.dumps(described)
    came = Reader([]).answer(described).raised
    assert (came.kind, came.says, came.where, came.there) == ("ValueError", "", "line 3", "")
    assert came.cause is Cause.MATMUL
    assert came.like(raised)
    assert not came.like(Raised("ValueError", "Y is 0.76"))
    own = Writer().answer(Answer(Raised("Y is 0.75", "", "")))
    assert Reader([]).answer(own).raised.kind == "Exception"


GOOD = ["ValueError", "0" * 64, 3, False, "matmul-shapes"]


@pytest.mark.parametrize(
    ("place", "forged"),
    [
        *((0, 1), (1, "Y is 0.75"), (1, "0" * 63 + "g"), (1, ""), (2, -1), (2, 10**9), (2, "3")),
        *((3, 0), (4, "Y is 0.75"), (4, None)),
    ],
)
def test_a_forged_error_is_refused(place, forged):
    described = {"parts": [], "changed": ""}
    assert Reader([]).answer({**described, "raised": GOOD}).raised.cause is Cause.MATMUL
    bad = [*GOOD[:place], forged, *GOOD[place + 1 :]]
    with pytest.raises(Malformed):
        Reader([]).answer({**described, "raised": bad})


def npy(array, **kwargs):
    file = io.BytesIO()
    np.save(file, array, **kwargs)
    return file.getvalue()


def test_no_object_array_is_ever_read():
    """A pickle that runs when it is loaded stays bytes."""

    class Runs:
        def __reduce__(self):
            return (pytest.fail, ("it was unpickled",))

    forged = npy(np.array([Runs()], dtype=object), allow_pickle=True)
    with pytest.raises(Malformed):
        Reader([forged]).array({"array": 0})


def test_a_size_that_is_claimed_takes_no_memory():
    honest = npy(np.zeros(3))
    forged = honest.replace(b"(3,)", b"(9999999999999,)".ljust(4))
    length = len(forged) - len(honest)
    header = forged.replace(b" " * (length + 4), b" " * 4, 1)
    for bytes_ in (forged, header, honest[:-8], honest + b"12345678", b"", b"\x93NUMPY"):
        with pytest.raises(Malformed):
            Reader([bytes_]).array({"array": 0})


@pytest.mark.parametrize("version", [(2, 0), (3, 0)])
def test_another_version_of_the_format_is_refused(version):
    file = io.BytesIO()
    np.lib.format.write_array(file, np.zeros(3), version=version)
    with pytest.raises(Malformed, match="format"):
        Reader([file.getvalue()]).array({"array": 0})


def forged(shape, data=b"", descr="<f8"):
    """An array's bytes, with whatever is wanted as its shape."""
    head = f"{{'descr': {descr!r}, 'fortran_order': False, 'shape': {shape}, }}".ljust(117) + "\n"
    return b"\x93NUMPY\x01\x00" + len(head).to_bytes(2, "little") + head.encode() + data


NO_SHAPES = [
    *("(-1, -5)", "(-1,)", "(0, -1)", "(-2, -2)", "(True, True)", "(True,)", "(False, 3)"),
    *("(0, 2**62, 2**62)", f"(0, {2**62}, {2**62})", f"(0, {2**62})", f"({2**63}, 0)"),
    *(f"(0, {10**4000})", "(0,) * 40", "(1.0,)", "('1',)", "None", "[1]", "((1,),)", "1"),
    *("(" * 900 + "1" + ",)" * 900, "(0, 0x7fffffffffffffff)"),
]


@pytest.mark.one_in(3)
@pytest.mark.parametrize("shape", NO_SHAPES)
@pytest.mark.parametrize("numbers", [0, 1, 4, 5])
def test_what_is_no_shape_is_refused(shape, numbers):
    described = {"parts": [[{"array": 0}]], "raised": None, "changed": ""}
    with pytest.raises(Malformed):
        Reader([forged(shape, bytes(8 * numbers))]).answer(described)


def test_an_honest_shape_is_read():
    assert Reader([forged("(2, 0)")]).array({"array": 0}).shape == (2, 0)
    assert Reader([forged("(2, 1)", bytes(16))]).array({"array": 0}).shape == (2, 1)


@pytest.mark.parametrize(
    "described",
    [
        *({"float": "rubbish"}, {"float": "0x1p999999"}, {"float": ""}, {"float": "\ud800"}),
        *({"array": True}, {"array": False}, {"array": 10**400}, {"array": 0.0}, {"array": None}),
        *({"named": ["a", "a"], "items": [1, 2]}, {"named": ["class"], "items": [1]}),
        *({"named": [1], "items": [1]}, {"named": ["_x"], "items": [1]}),
        *({"named": ["x"], "items": []}, {"named": [None], "items": [None]}),
        {"named": [f"x{i}" for i in range(300_000)], "items": [0] * 300_000},
        *({}, {"list": None}, {"tuple": "ab"}, float("nan"), [1]),
    ],
    ids=lambda described: str(described)[:30],
)
def test_what_describes_no_value_is_refused(described):
    with pytest.raises(Malformed):
        Reader([npy(np.zeros(2))] * 2).value(described)


@pytest.mark.parametrize(
    "present",
    [
        [1],
        ["a"],
        [[1, 2, 3]],
        [["a"]],
        [[None, 1]],
        [[["a"], 1]],
        [[{}, 1]],
        [["a", {"float": "x"}]],
    ],
    ids=str,
)
def test_a_question_that_is_none_is_refused(present):
    question = Question("f", 1.0)
    question.add("answer", {"g": len})
    with pytest.raises(Malformed):
        question.evaluate({"number": 0, "arguments": [], "present": present}, [])
    with pytest.raises(Malformed):
        question.evaluate({"number": 10**400, "arguments": [], "present": []}, [])


@pytest.mark.parametrize("buffers", [[None], [1], ["text"], [[[]]], 5, [np.float64(1)]], ids=str)
def test_buffers_that_are_none_are_refused(buffers):
    with pytest.raises(Malformed):
        Reader(buffers).array({"array": 0})


LESSON = {
    **{"seconds": 1.0, "labels": None, "raised": None, "unusable": "x"},
    **{"in_time": True, "changed": ""},
}


@pytest.mark.parametrize(
    ("key", "value"),
    [
        *(
            ("seconds", float("nan")),
            ("seconds", float("inf")),
            ("seconds", True),
            ("seconds", "1"),
        ),
        *(("labels", 1), ("labels", {"array": 0}), ("raised", 1), ("raised", []), ("raised", {})),
        *(("in_time", 1), ("in_time", None), ("changed", None), ("changed", 5), ("unusable", 5)),
        ("raised", ["ValueError", "0" * 64, True, False, ""]),
    ],
    ids=str,
)
def test_a_forged_lesson_is_refused(key, value):
    assert Reader([]).lesson(LESSON).in_time
    with pytest.raises(Malformed):
        Reader([]).lesson({**LESSON, key: value})


@pytest.mark.parametrize("dtype", ["<U3", "S4", "?", "<M8[s]", [("a", "<f8")]])
def test_only_real_numbers_are_read(dtype):
    with pytest.raises(Malformed):
        Reader([npy(np.zeros(2, dtype=dtype))]).array({"array": 0})


@pytest.mark.parametrize("array", [np.zeros(2, complex), np.zeros(2, int), np.zeros(2, ">f8")])
def test_answers_are_floats(array):
    described = {"parts": [[{"array": 0}]], "raised": None, "changed": ""}
    with pytest.raises(Malformed):
        Reader([npy(array)]).answer(described)


def test_too_much_is_refused(monkeypatch):
    monkeypatch.setattr(wire, "MAX_BYTES", 1000)
    with pytest.raises(Malformed):
        Reader([bytes(600), bytes(600)])
    with pytest.raises(Malformed):  # the same array again and again
        Reader([npy(np.zeros(50))]).value({"list": [{"array": 0}] * 3})
    nested = 1
    for _ in range(50):
        nested = {"list": [nested]}
    with pytest.raises(Malformed):
        Reader([]).value(nested)


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["array", "list", "parts", "raised", "not", "changed", "float"])
            | st.text(max_size=3),
            inner,
            max_size=4,
        )
    ),
)


@given(JUNK, st.lists(st.binary(max_size=20), max_size=2))
def test_whatever_comes_it_is_read_or_refused(junk, buffers):
    reader = Reader(buffers)
    for read in (reader.value, reader.array, reader.answer, reader.lesson):
        with contextlib.suppress(Malformed):
            read(junk)


def test_text_is_short_and_without_control_characters():
    described = {"parts": [], "raised": None, "changed": "E\x1b[31m" + "x" * 9999}
    changed = Reader([]).answer(described).changed
    assert changed.startswith("E[31mx")
    assert len(changed) < wire.MAX_TEXT


def test_of_what_is_no_array_the_grader_says_what_it_is_in_its_own_words():
    came = NoNumbers("a Y is 0.75"), NoNumbers("an array of dtype object, with a Y is 0.75 at [1]")
    described = Writer().answer(Answer((came,)))
    one, other = Reader([]).answer(described).parts[0]
    assert one.what == "something else than numbers"
    assert other == SAYABLE["an array of dtype object"]


MANY = 30_000


@pytest.mark.parametrize(
    "text",
    [
        "[" + "[]," * MANY + "0]",
        "[" + "[[[]]]," * MANY + "0]",
        "[" + '["ab"],' * MANY + "0]",
        "[" + '{"ab":{"c":"ab"}},' * MANY + "0]",
        "[" + "{}," * MANY + "0]",
        "[" + '{"":0},' * MANY + "0]",
        "{" + ",".join(f'"{i}":{{"a":{i}.5}}' for i in range(MANY)) + "}",
        "[" + '"ab",' * MANY + "0]",
        "[" + "1.5," * MANY + "0]",
        "[" + "123456789," * MANY + "0]",
        '["' + "a" * MANY + '"]',
    ],
    ids=[
        "lists",
        "deep",
        "single",
        "pairs",
        "empty",
        "objects",
        "keys",
        "texts",
        "floats",
        "integers",
        "text",
    ],
)
def test_json_becomes_no_larger_than_is_said_before_it_is_read(text):
    data = text.encode()
    tracemalloc.start()
    try:
        read = json.loads(data)
        assert read
        assert tracemalloc.get_traced_memory()[0] <= wire.becomes(data)
    finally:
        tracemalloc.stop()


ARRAY = {"array": 0}


@pytest.mark.parametrize(
    "described",
    [
        {"parts": [[ARRAY] * 5], "raised": None, "changed": ""},
        {"parts": [[ARRAY], [ARRAY], [ARRAY], [ARRAY], [ARRAY]], "raised": None, "changed": ""},
    ],
)
def test_an_array_counts_as_often_as_it_is_named(described):
    writer = Writer()
    writer.value(np.ones(wire.MAX_BYTES // 4 // 8))
    with pytest.raises(Malformed, match="more than 32 MB of answers"):
        Reader(writer.buffers).answer(described)


@pytest.mark.parametrize(
    "item", [1, "", [], ARRAY, {"list": []}, {"named": ["a"], "items": [0]}], ids=str
)
def test_values_count_as_what_they_become(item, monkeypatch):
    monkeypatch.setattr(wire, "MAX_BYTES", 2**20)
    writer = Writer()
    writer.value(np.ones(()))
    many = {"list": [item] * 12_000}
    with pytest.raises(Malformed, match="more than 1 MB of answers"):
        Reader(writer.buffers, special=lambda value: None).value(many)


def test_all_messages_for_a_task_have_one_budget():
    writer, budget = Writer(), wire.Budget()
    writer.value(np.ones(wire.MAX_BYTES // 4 // 8))
    for _ in range(3):
        Reader(writer.buffers, budget=budget).array(ARRAY)
    with pytest.raises(Malformed, match="more than 32 MB of answers"):
        Reader(writer.buffers, budget=budget).array(ARRAY)


def test_a_message_that_would_become_too_large_is_not_read():
    ours, theirs = socket.socketpair()
    with ours, theirs:
        data = b"[" + b"[]," * 1_000_000 + b"0]"
        sending = threading.Thread(target=theirs.sendall, args=(len(data).to_bytes(4) + data,))
        sending.start()
        with pytest.raises(Malformed):
            wire.Line(ours).receive()
        sending.join()
