"""What an instructor sees of a run: its progress, and at the end what needs a look."""

import time
from collections import Counter, deque
from collections.abc import Iterable, Mapping, Sequence
from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn
from rich.table import Table
from rich.text import Text

from bplab.counting import counted
from bplab.grading.class_run.coordinator import StudentOutcome
from bplab.grading.class_run.submissions import Refused
from bplab.grading.gradebook import Mark, length
from bplab.grading.printable import shown

__all__ = ["Bar", "arrow", "late", "marks_moved", "needs_a_look", "totals", "ups_and_downs"]

_EVERY = 10.0  # seconds between two lines, where there is no terminal
_RECENT, _FEW = 30, 4  # the most and the fewest submissions that a pace is computed from
_LINE = 400  # characters of one event
_SAME = 1e-9  # points

# what is counted during a run -> the words by which graders report it
_TROUBLE = {"timed out": "took longer than", "kernel died": "lost its kernel"}


class Bar:
    """A progress bar with rate, time left and trouble so far; plain lines without a terminal.

    Parameters
    ----------
    console : Console
    title : str
    total : int
        How many submissions.
    """

    def __init__(self, console: Console, title: str, total: int):
        self._console, self._title, self._total = console, title, total
        self._count: Counter[str] = Counter()
        self._last = time.monotonic()
        self._ends: deque[float] = deque(maxlen=_RECENT)  # when graded submissions were done
        self._progress = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[pace]}"),
            console=console,
            disable=not console.is_terminal,
        )
        self._task = self._progress.add_task(title, total=total, pace="")

    def __enter__(self) -> "Bar":
        self._progress.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._progress.stop()

    def __call__(self, outcome: StudentOutcome) -> None:
        """Show that one more submission is done."""
        self._count["done"] += 1
        self._count[outcome.state] += 1
        if outcome.state in ("graded", "failed"):
            self._ends.append(time.monotonic())
        self._count["flagged"] += bool(outcome.flags)
        said = " ".join((*outcome.events, *outcome.notes))
        for name, words in _TROUBLE.items():
            self._count[name] += words in said
        self._progress.update(self._task, completed=self._count["done"], pace=self.pace())
        last = self._count["done"] == self._total
        if not self._console.is_terminal and (last or time.monotonic() - self._last > _EVERY):
            self._last = time.monotonic()
            line = f"{self._title}: {self._count['done']} of {self._total}, {self.pace()}"
            self._console.print(line, highlight=False)

    def pace(self) -> str:
        """Return rate, time left and trouble so far, e.g. ``"41/min, 2:10 left; 1 flagged"``."""
        parts = []
        # the first result includes the start of workers, so time is counted from there
        if (spans := len(self._ends) - 1) >= _FEW - 1:
            each = max(self._ends[-1] - self._ends[0], 1e-3) / spans
            # an upper bound: some may be kept, which takes no time
            left = (self._total - self._count["done"]) * each
            parts.append(f"{60 / each:.0f}/min")
            if left:
                parts.append(f"{int(left // 60)}:{int(left % 60):02d} left")
        elif self._ends:
            parts.append(f"{self._count['done']} done")
        else:
            parts.append("kept as they are")
        trouble = [
            f"{self._count[name]} {words}"
            for name, words in {
                "flagged": "flagged",
                **{name: name for name in _TROUBLE},
                "nothing": "with nothing to grade",
                "failed": "not graded",
            }.items()
            if self._count[name]
        ]
        return ", ".join(parts) + ("; " + ", ".join(trouble) if trouble else "")


def needs_a_look(outcomes: Iterable[StudentOutcome], refused: Sequence[Refused]) -> Table | None:
    """Return a table with a row for each thing an instructor should see; None if there is none."""
    table = Table(title="What needs a look")
    for column in ("student", "", "what happened"):
        table.add_column(column, overflow="fold")
    for outcome in sorted(outcomes, key=lambda one: one.student):
        lines = (
            *(("flag", line) for line in outcome.flags),
            *(("NO MARK" if outcome.state == "failed" else "", line) for line in outcome.events),
            *(("", line) for line in _together(outcome)),
        )
        for kind, line in lines:
            # as Text, so that nothing a student wrote is read as markup
            table.add_row(Text(shown(outcome.student)), Text(kind), Text(shown(line, _LINE)))
    for one in refused:
        table.add_row(Text(one.name), Text("refused"), Text(one.why))
    return table if table.rows else None


def _together(outcome: StudentOutcome) -> list[str]:
    """Return the notes on tasks; tasks with the same note share a line."""
    tasks: dict[str, list[str]] = {}
    for note in outcome.notes:
        task, _, words = note.partition(": ")
        tasks.setdefault(words, []).append(task)
    return [
        f"{', '.join(ids)}: {words}"
        for words, ids in tasks.items()
        if not any(event in words for event in outcome.events)
    ]


def late(marks: Mapping[str, Mark]) -> Table | None:
    """Return a table of students who handed in late or had more time; None if there are none.

    Parameters
    ----------
    marks : mapping of str to Mark
        By student.
    """
    table = Table(title="Late, or with an extension")
    for column in ("student", "extension", "late", "points off", "mark"):
        table.add_column(column, overflow="fold")
    for student, mark in sorted(marks.items()):
        if mark.late or mark.extension or mark.late_penalty:
            table.add_row(
                Text(shown(student)),
                length(mark.extension.total_seconds()) if mark.extension else "",
                "" if mark.late is None else length(mark.late) if mark.late else "no",
                f"{mark.late_penalty:.3g}",
                f"{mark.final:.4g}",
            )
    return table if table.rows else None


def marks_moved(before: Mapping[str, Mark], after: Mapping[str, Mark]) -> Table | None:
    """Return a table of students whose mark has changed; None if nobody's has.

    Final marks are compared, with late penalties and points by hand.
    """
    table = Table(title="Marks that are no longer the same")
    for column in ("student", "mark", "points", "late penalty"):
        table.add_column(column, overflow="fold")
    for student in sorted(before.keys() & after.keys()):
        was, now = before[student], after[student]
        if abs(was.final - now.final) > _SAME:
            pairs = ((was.score, now.score), (was.late_penalty, now.late_penalty))
            parts = (arrow(*pair) if abs(pair[0] - pair[1]) > _SAME else "" for pair in pairs)
            table.add_row(Text(shown(student)), arrow(was.final, now.final), *parts)
    return table if table.rows else None


def arrow(was: float | None, now: float) -> str:
    """Return ``"3 → 5"``, or ``"5"`` if both are the same; a missing first one is a dash."""
    then, here = "–" if was is None else f"{was:.4g}", f"{now:.4g}"
    return here if was is not None and abs(was - now) <= _SAME else f"{then} → {here}"


def ups_and_downs(marks: Iterable[tuple[float | None, float]]) -> tuple[int, int]:
    """Return how many marks rise, and how many fall; a missing mark counts as 0."""
    by = [now - (was or 0.0) for was, now in marks]
    return sum(one > _SAME for one in by), sum(one < -_SAME for one in by)


def totals(
    outcomes: Sequence[StudentOutcome], seconds: float, marks: Mapping[str, Mark] | None = None
) -> str:
    """Return one line: submissions by state, the mean of the grader's points, and the time taken.

    The mean is before late penalties, and the line says so if any of ``marks`` has one.
    """
    count = Counter(outcome.state for outcome in outcomes)
    names = {
        "graded": "graded",
        "kept": "kept as it was" if count["kept"] == 1 else "kept as they were",
        "nothing": "with nothing to grade (0 points)",
        "failed": "without a mark",
    }
    line = ", ".join(f"{count[state]} {name}" for state, name in names.items() if count[state])
    marked = [outcome for outcome in outcomes if outcome.state != "failed"]
    if marked:
        mean = sum(outcome.score for outcome in marked) / len(marked)
        most = max(outcome.max_score for outcome in marked)
        line += f"; mean {mean:.2f} of {counted(most, 'point')}"
        if any(mark.late_penalty for mark in (marks or {}).values()):
            line += " before late penalties"
    if worked := count["graded"]:
        line += f"; {seconds:.0f} s, {60 * worked / max(seconds, 1e-3):.0f} a minute"
    return line or "nobody handed in anything"
