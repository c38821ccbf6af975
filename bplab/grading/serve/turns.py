"""Whose submission is judged next, and whose has to wait.

Submissions are judged in order of arrival, but each student's first comes before anybody's second.
A student who was judged as often as is allowed within an hour has to wait; what they hand in
meanwhile replaces what is already waiting.
"""

import json
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from bplab.course import CourseError, write_whole
from bplab.grading.serve.arrivals import Key

__all__ = ["Turns"]

HOUR = 3600.0


class Turns:
    """The submissions that wait to be judged, and those whose feedback is owed.

    Parameters
    ----------
    path : Path
        File that keeps who was judged when, and whose feedback is owed. So neither is forgotten,
        however this process ends.
    per_hour : int
        How often a student may be judged within an hour.

    Raises
    ------
    CourseError
        If the file cannot be read.
    """

    def __init__(self, path: Path, per_hour: int):
        self._path, self._per_hour = path, per_hour
        self._waiting: dict[Key, float] = {}  # the time since when each waits
        self._judged, self._owed = _read(path)

    def __len__(self) -> int:
        return len(self._waiting)

    @property
    def owed(self) -> dict[Key, float]:
        """Submissions that were taken and have no feedback yet, with the times of taking."""
        return dict(self._owed)

    @property
    def assignments(self) -> set[str]:
        """The assignments of which a submission waits."""
        return {assignment for assignment, _ in self._waiting}

    def add(self, key: Key, now: float) -> None:
        """Let a submission wait; a newer version takes the place of the older one."""
        self._waiting.setdefault(key, now)

    def possible(self, student: str, now: float) -> float:
        """Return when a student may be judged next: ``now``, or later.

        Parameters
        ----------
        student : str
        now : float
            Seconds since 1970.
        """
        times = self._within(student, now)
        return now if len(times) < self._per_hour else times[-self._per_hour] + HOUR

    def left(self, student: str, now: float) -> int:
        """Return how many more times a student may be judged now."""
        return max(0, self._per_hour - len(self._within(student, now)))

    def _within(self, student: str, now: float) -> list[float]:
        # a clock that was set back must not shut anybody out
        return [one for one in self._judged.get(student, ()) if now - HOUR < one <= now]

    def order(self, now: float) -> list[Key]:
        """Return the submissions that may be judged now, in order."""
        earlier: Counter[str] = Counter()
        ranked = []
        for key, since in sorted(self._waiting.items(), key=lambda item: (item[1], item[0])):
            ranked.append((earlier[key[1]], since, key))
            earlier[key[1]] += 1
        return [key for _, _, key in sorted(ranked) if self.possible(key[1], now) <= now]

    def take(self, key: Key, now: float) -> None:
        """Take a submission to be judged: it counts as judged, and its feedback is owed."""
        del self._waiting[key]
        times = [one for one in self._judged.get(key[1], ()) if one > now - HOUR]
        self._judged[key[1]] = [*times, now]
        self._owed[key] = now
        self._write(now)

    def give_back(self, key: Key, now: float, *, again: bool = True) -> None:
        """Undo `take`: it does not count as judged, and waits again unless ``again`` is False."""
        began = self._owed.pop(key, None)
        if began is not None:
            self._judged[key[1]] = [one for one in self._judged[key[1]] if one != began]
        if again:
            self._waiting[key] = min(self._waiting.get(key, now), began or now)
        self._write(now)

    def paid(self, key: Key, taken: float, now: float) -> None:
        """Note that the submission taken at time ``taken`` has its feedback, or will get none."""
        if self._owed.get(key) == taken:  # else a newer one has been taken since
            del self._owed[key]
            self._write(now)

    def _write(self, now: float) -> None:
        recent = {
            student: [t for t in times if t > now - HOUR] for student, times in self._judged.items()
        }
        self._judged = {student: times for student, times in recent.items() if times}
        owed = [[*key, since] for key, since in self._owed.items()]
        write_whole(self._path, json.dumps({"judged": self._judged, "owed": owed}) + "\n")


def _read(path: Path) -> tuple[dict[str, list[float]], dict[Key, float]]:
    try:
        told: Mapping = json.loads(path.read_text(encoding="utf-8"))
        judged = {
            str(student): sorted(map(float, times)) for student, times in told["judged"].items()
        }
        owed = {(str(name), str(student)): float(since) for name, student, since in told["owed"]}
    except FileNotFoundError:
        return {}, {}
    except (ValueError, AttributeError, KeyError, TypeError) as error:
        raise CourseError(
            f"{path} is not as bplab wrote it ({error}): put it right, or remove it, and nobody "
            "has to wait for those of the last hour"
        ) from error
    return judged, owed
