"""What is tried, and how long to draw for it."""

import warnings
from collections.abc import Callable
from typing import Any, NamedTuple

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from hypothesis.errors import HypothesisWarning

from tests.grading.judge.fuzz.described import described, read_descriptions
from tests.grading.judge.fuzz.files import read_file, submitted
from tests.grading.judge.fuzz.judged import hear, judge_reply, replies, sent
from tests.grading.judge.fuzz.messages import listen, orders, reply, sequences
from tests.grading.judge.fuzz.shown import show, written

__all__ = ["TARGETS", "Target", "tried"]


class Target(NamedTuple):
    """What is drawn, and what reads it."""

    read: Callable[..., None]
    drawn: st.SearchStrategy[tuple]


TARGETS = {
    "descriptions": Target(read_descriptions, described()),
    "line": Target(hear, sent()),
    "judge": Target(judge_reply, replies()),
    "files": Target(read_file, submitted()),
    "outputs": Target(show, written()),
    "messages": Target(listen, sequences()),
    "replies": Target(reply, orders()),
}


def tried(target: Target, examples: int, number: int = 0, *, shrink: bool = False) -> int:
    """Try this number of examples, others for each ``number``; return how many that were.

    Raises
    ------
    Found
        At the first that fails.
    """
    count = 0
    phases = (Phase.generate, Phase.shrink) if shrink else (Phase.generate,)

    @seed(number)
    @settings(
        max_examples=examples,
        database=None,
        deadline=None,
        phases=phases,
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
    )
    @given(target.drawn)
    def once(drawn: Any) -> None:
        nonlocal count
        count += 1
        target.read(*drawn)

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", HypothesisWarning)  # that an example is long
            once()
    except Exception as error:
        raise Found(count) from error
    return count


class Found(Exception):
    """An example failed: the first argument says which one it was."""
