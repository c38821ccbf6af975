"""The agent's part in questions on a student's own code: its text, and variants of it that are run.

Only kernels of assignments that ask such questions load this module. It knows no exercise and no
answer, and judges nothing.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from bplab.exercises import Code, Edit, Seen, Span
from bplab.grading.judge.wire import Malformed, Writer
from bplab.learner import Form

__all__ = ["explained"]


@dataclass(frozen=True)
class _Part:
    form: Form


@dataclass(frozen=True)
class _Asked:
    """The parts of an exercise that are needed to call a function."""

    arguments: tuple[str, ...]
    parts: tuple[_Part, ...]


def explained(
    function: Callable[..., Any],
    wanted: Mapping[str, Any],
    given: Mapping[str, Any],
    writer: Writer,
) -> dict[str, Any]:
    """Return what is asked about a function's text, or about a run of a variant of it.

    Parameters
    ----------
    function : callable
        The student's function.
    wanted : mapping
        See `bplab.grading.judge.explained`.
    given : mapping
        The arguments that the variant is called with.
    writer : Writer
    """
    parts = tuple(_Part(Form(*form)) for form in wanted["forms"])
    code = _code(function, _Asked(tuple(wanted["arguments"]), parts))
    if code is None:
        return {"stays": True}
    if wanted["edit"] is not None:
        *span, by = wanted["edit"]
        code = code.with_(Span(*span), by)
    match wanted["what"]:
        case "text":
            return _text(code)
        case "answer":
            answer = code.answer(given)
            return {"answer": None if answer is None else writer.answer(answer)}
        case "watched":
            answer, seen = code.watched(given)
            values = np.concatenate([one.value.ravel() for one in seen] or [np.empty(0)])
            return {
                "answer": None if answer is None else writer.answer(answer),
                "seen": [_described(one) for one in seen],
                "values": writer.value(values.astype(float)),
            }
    raise Malformed(f"asked for {wanted['what']!r}")


@lru_cache(maxsize=1)  # a process answers for one function
def _code(function: Callable[..., Any], asked: Any) -> Code | None:
    code = Code.of(asked, function)
    return code and code.plain


def _text(code: Code) -> dict[str, Any]:
    return {
        "name": code.name,
        "lines": list(code.lines),
        "first": code.first,
        "digest": code.digest,
        "computes": code.only_computes,
        "edits": [_edit(one) for one in code.edits],
        "swaps": [_edit(one) for one in code.swaps],
    }


def _edit(edit: Edit) -> list[Any]:
    return [edit.name, edit.says, edit.line, list(edit.span), edit.by]


def _described(one: Seen) -> list[Any]:
    return [one.what, one.line, list(one.value.shape), [list(pair) for pair in one.rounds]]
