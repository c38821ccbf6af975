"""What students see on Gradescope, and when: ``results.json``."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from bplab.grading.records import LATER, Record, known, task_text

__all__ = ["DUE", "PUBLISHED", "failure", "results", "shown_when"]

DUE, PUBLISHED = "due", "published"
"""When marks are shown: once the due date has passed, or when the instructor publishes them."""

_OWN_DATES = ("late_due_date", "due_date")


def results(
    practice: Sequence[Record],
    marks: Sequence[Record],
    *,
    when: str,
    seconds: float,
    output: str = "",
) -> dict[str, Any]:
    """Return what goes into ``results.json``.

    Parameters
    ----------
    practice : sequence of Record
        Records on cases that are the same for everybody; they are shown at once, and earn nothing.
    marks : sequence of Record
        Records on the hidden cases.
    when : str
        Gradescope's word for when marks are shown.
    seconds : float
        How long judging took.
    output : str
        Text about the whole submission.
    """
    return {
        "score": sum(record.points for record in marks),
        "execution_time": round(seconds),
        "output": output,
        "output_format": "text",
        "test_output_format": "text",
        "visibility": "visible",
        "stdout_visibility": "hidden",
        "tests": [*map(_practised, practice), *(_marked(record, when) for record in marks)],
    }


def failure(words: str, most: float = 0.0) -> dict[str, Any]:
    """Return ``results.json`` of a submission that was not judged, with ``words`` on why."""
    told = {"score": 0, "output": words, "output_format": "text", "stdout_visibility": "hidden"}
    test = {"name": "judged", "score": 0, "max_score": most, "status": "failed", "output": words}
    return {**told, "visibility": "visible", "tests": [test]}


def _practised(record: Record) -> dict[str, Any]:
    task = known(record)
    name = f"{task.id} · {task.equation} · {task.title}"
    if record.tells_answers:  # the next submission could use them
        return {"name": name, "output": LATER, "visibility": "visible"}
    words = task_text(task, replace(record, points=0.0)).splitlines()[1:]  # without its points
    seen = "Right here, on cases that everybody has. Marks come from others."
    return {
        "name": name,
        "status": "passed" if record.passed else "failed",
        "output": "\n".join(words) if not record.passed else seen,
        "visibility": "visible",
        "extra_data": {"mistake": record.mistake},
    }


def _marked(record: Record, when: str) -> dict[str, Any]:
    task = known(record)
    return {
        "name": f"{task.id}: marks, by hidden cases",
        "score": record.points,
        "max_score": record.max_points,
        "status": "passed" if record.passed else "failed",
        "output": task_text(task, record),
        "visibility": when,
        "extra_data": {"mistake": record.mistake},
    }


def shown_when(after: str, metadata: Mapping[str, Any], now: datetime) -> str:
    """Return Gradescope's word for when the marks of a submission are shown.

    Gradescope goes by the assignment's own due date, or late due date. Students with an extension
    could hand in again after that, so with `DUE` their marks are shown when they are published.

    Parameters
    ----------
    after : str
        `DUE`, `PUBLISHED`, or a time in ISO 8601, with its zone.
    metadata : mapping
        The content of ``submission_metadata.json``, of whatever type it is.
    now : datetime
    """
    if after == PUBLISHED:
        return "after_published"
    assignment = metadata.get("assignment") if isinstance(metadata, Mapping) else None
    common = max(_dates(assignment), default=None)
    own = max(_extensions(metadata), default=None)
    if after == DUE:
        if common is None:  # without a date, nothing would hide them
            return "after_published"
        return "after_due_date" if own is None or own <= common else "after_published"
    last = max(filter(None, (datetime.fromisoformat(after), own)))
    return "visible" if now >= last else "hidden"


def _extensions(metadata: Any) -> Iterator[datetime]:
    users = metadata.get("users") if isinstance(metadata, Mapping) else None
    for user in users if isinstance(users, list) else ():
        if isinstance(user, Mapping):
            yield from _dates(user.get("assignment"))


def _dates(about: Any) -> Iterator[datetime]:
    """Yield the last date that is given: the late due date, or else the due date."""
    if not isinstance(about, Mapping):
        return
    for name in _OWN_DATES:
        try:
            moment = datetime.fromisoformat(about[name])
        except (KeyError, TypeError, ValueError):
            continue
        yield moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return
