"""Serve a class: look for submissions, judge what is new, return feedback, and go on.

Whatever must not be forgotten is written to disk at once: marks, as `bplab grade` writes them, and
in ``grading/serve.json`` who was judged when and whose feedback is owed. The queue itself is not
kept. A submission that was not judged is found again, since its digest is not the one noted.
"""

import signal
import threading
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from math import ceil
from typing import Any

from rich.console import Console
from rich.text import Text

from bplab.counting import counted
from bplab.course import CourseError
from bplab.grading import MAX_MB
from bplab.grading.class_run.coordinator import Ready, StudentOutcome, digest_of
from bplab.grading.class_run.grade import Busy, Places, coordinator, only_one, writer
from bplab.grading.class_run.notes import read_note
from bplab.grading.class_run.pools import Pool
from bplab.grading.class_run.submissions import Submission, find_submissions
from bplab.grading.class_run.told import About
from bplab.grading.class_run.worker import MakesGrader
from bplab.grading.feedback.whole_class import feedback_pages
from bplab.grading.folder import ClassFolder
from bplab.grading.judge.submission import digest
from bplab.grading.printable import shown
from bplab.grading.serve.arrivals import SETTLE, Arrivals, Key
from bplab.grading.serve.inboxes import Inbox, api_of, said_by
from bplab.grading.serve.turns import Turns
from bplab.grading.zones import CourseZone

__all__ = ["Serving"]

NOTES, LOCK = "serve.json", "serve.lock"

LOOK, SHARE = 1.0, 0.05
"""The least seconds between two looks, and the largest share of the time that looking may take."""

TURN = 60.0
"""Seconds after which a run takes no more submissions, so that other assignments have a turn."""

IDLE = 300.0
"""Seconds after which workers with nothing to do are ended, to free their memory."""

AGAIN, LONGEST = 30.0, 600.0
"""Seconds to wait after a failure before trying again: the first time, and at most."""


@dataclass
class _Later:
    """What has failed, and when it may be tried again; the wait doubles with each failure."""

    at: dict[object, float] = field(default_factory=dict)
    wait: dict[object, float] = field(default_factory=dict)

    def failed(self, what: object, now: float) -> float:
        """Note a failure; return the seconds to wait before the next try."""
        wait = self.wait.get(what, AGAIN / 2) * 2
        self.wait[what] = min(wait, LONGEST)
        self.at[what] = now + self.wait[what]
        return self.wait[what]

    def went_well(self, what: object) -> None:
        self.at.pop(what, None)
        self.wait.pop(what, None)

    def may(self, what: object, now: float) -> bool:
        return self.at.get(what, now) <= now


@dataclass
class Serving:
    """Judges what a class hands in, as it arrives.

    Parameters
    ----------
    course : ClassFolder
    inbox : Inbox
    make : callable
        Makes a grader of an assignment: see `bplab.grading.class_run.grade.grade_class`.
    assignment : callable
        Takes the name of an assignment, and returns the `Assignment` to grade with.
    where : Where
    names : sequence of str
        Assignments to serve; if empty, all that are released now or later.
    per_hour : int
        How often one student may be judged within an hour.
    settle : float
        Seconds for which nothing may change before a submission counts as handed in.
    release : bool
        Whether feedback pages go to nbgrader's exchange.
    max_mb : float
        MiB; a larger notebook is not read, and has 0 points.
    console : Console
        For the log: a line for each submission.
    pages : callable
        Makes feedback pages: see `bplab.grading.feedback.whole_class`.
    aside : Executor
        Makes pages while other submissions are judged.
    clock : callable
        Seconds since 1970.

    Attributes
    ----------
    troubles : int
        How often something has failed so far.
    """

    course: ClassFolder
    inbox: Inbox
    make: MakesGrader
    assignment: Callable[[str], Any]
    where: Places
    names: Collection[str] = ()
    per_hour: int = 6
    settle: float = SETTLE
    release: bool = False
    max_mb: float = MAX_MB
    console: Console = field(default_factory=lambda: Console(quiet=True))
    pages: Callable[..., Iterable[tuple[str, str]]] = feedback_pages
    aside: Executor = field(default_factory=lambda: ThreadPoolExecutor(1))
    clock: Callable[[], float] = time.time
    troubles: int = 0

    def __post_init__(self) -> None:
        self._limit = round(self.max_mb * 2**20)
        self._zone = CourseZone.of(self.course)
        self._turns = Turns(self.course.own / NOTES, self.per_hour)
        self._arrivals = Arrivals(self.settle)
        self._workers = _Workers(self.where)
        self._later = _Later()
        self._came: dict[Key, tuple[float, str]] = {}  # when it came, and its digest
        self._left = set(self._turns.owed)  # taken by an earlier process, which has ended
        self._said: dict[object, str] = {}
        self._next_look = self._last = 0.0
        self._made: tuple[dict[Key, float], Future[dict[str, str]]] | None = None
        self._stop = threading.Event()

    # --- the main loop --------------------------------------------------------------------

    def run(self) -> None:
        """Serve until Ctrl-C or SIGTERM.

        Raises
        ------
        CourseError
            If another process serves this class already.
        """
        with only_one(self.course.own, LOCK, "served"), _stopped_by_signals(self._stop):
            self._say(f"Waiting for what comes in {self.inbox.where}. Ctrl-C ends it.")
            try:
                while not self._stop.is_set():
                    self.step()
                    self._stop.wait(max(0.05, min(LOOK, self._next_look - self.clock())))
            finally:
                self._end()
        self._say(f"Ended. {counted(len(self._turns), 'waits', 'wait')}; the same command goes on.")

    def once(self) -> None:
        """Judge what is there and may be judged now, return its feedback, and end.

        Raises
        ------
        CourseError
            If another process serves this class already.
        """
        with only_one(self.course.own, LOCK, "served"), _stopped_by_signals(self._stop):
            try:
                self._look()
                if self._arrivals.changing():
                    self._stop.wait(self.settle)
                    self._next_look = 0.0
                while not self._stop.is_set() and self.step():
                    pass
                self._return_feedback(to_the_end=True)
            finally:
                self._end()

    def _end(self) -> None:
        self._workers.close()
        self.aside.shutdown()

    def step(self) -> bool:
        """Look, judge what is due, and hand out feedback; return whether anything was due."""
        self._look()
        judged = self._judge()
        self._return_feedback()
        if judged:
            self._last = self.clock()
        elif self.clock() - self._last > IDLE:
            self._workers.close()
        return judged

    # --- arrivals -------------------------------------------------------------------------

    def _look(self) -> None:
        """Look for arrivals, unless the last look was too short a time ago."""
        if self.clock() < self._next_look:
            return
        start, took = time.monotonic(), 0.0
        try:
            found = self.inbox.look(self.names or self.course.released())
            took = time.monotonic() - start
            for key, why in self.inbox.refused.items():
                self._say_once(("refused", key), f"is not served: {why}", key)
            for key in self._arrivals.settled(found, self.clock()):
                self._arrived(key, found[key])
        except Exception as error:  # it may be all right at the next look
            self._trouble(f"{self.inbox.where} cannot be read: {_words(error)}")
        self._next_look = self.clock() + max(LOOK, took / SHARE)

    def _arrived(self, key: Key, files: Any) -> None:
        """Queue a submission that has settled, if it looks complete and is new."""
        now = self.clock()
        if not self._later.may(("take", key), now):
            return
        if why := self.inbox.unfinished(key, files, self._limit, now):
            return self._say_once(key, f"waits: {why}", key)
        try:
            for line in self.inbox.take(key, self._limit):
                self._say(line, key)
            found = self._digest(key)
        except (CourseError, OSError) as error:
            wait = self._later.failed(("take", key), now)
            self._trouble(f"not taken: {_words(error)}. Again in {wait:.0f} s", key)
            return
        self._later.went_well(("take", key))
        self._said.pop(key, None)
        self._arrivals.take(key)
        note = read_note(self.course, *key)
        left = key in self._left
        self._left.discard(key)
        if note is not None and note.digest == found:
            return
        if left:  # it was being judged when the earlier process ended
            self._turns.give_back(key, now)
        self._later.went_well(key)
        self._turns.add(key, now)
        self._came[key] = now, found
        when = self._turns.possible(key[1], now)
        if when > now:
            self._say(f"came; {self._often}, so the next is possible at {self._from(when)}", key)

    def _digest(self, key: Key) -> str:
        """Return the digest of what is in ``submitted/``, as it is noted after judging."""
        name, student = key
        [submission], _ = find_submissions(self.course, name, {student})
        return digest_of(self.course, self.assignment(name), submission, self._limit)

    # --- judging --------------------------------------------------------------------------

    def _judge(self) -> bool:
        """Judge what is due for the assignment whose turn it is; return whether anything was."""
        now = self.clock()
        due = [key for key in self._turns.order(now) if self._may(key, now)]
        if not due:
            return False
        name = due[0][0]
        run = _Run(self, name, until=now + TURN)
        try:
            with only_one(self.course.own):
                self._said.pop("busy", None)
                self._run(run)
            self._later.went_well(name)
        except Busy as error:
            self._later.at[name] = now + 2 * LOOK
            self._say_once("busy", f"Waits: {str(error).partition(': ')[0]}.")
        except Exception as error:  # whatever went wrong, the class has to be served
            wait = self._later.failed(name, now)
            self._trouble(f"{name}: {_words(error)}. Again in {wait:.0f} s")
        finally:
            run.give_back()
        return True

    def _may(self, key: Key, now: float) -> bool:
        settled = self._arrivals.stands(key)  # else it has changed, and must settle again
        return settled and self._later.may(key[0], now) and self._later.may(key, now)

    def _run(self, run: "_Run") -> None:
        first = run.next(1)
        if not first:
            return
        with coordinator(
            self.course,
            self.assignment(run.name),
            self.make,
            self._workers,
            students={one.student for one in first},
            max_mb=self.max_mb,
            write=writer(self.course),
        ) as (coordinating, _):
            coordinating.write = run.guarded(coordinating.write, coordinating.digests)
            coordinating.more, coordinating.show = run.next, run.done
            coordinating.run()
        if coordinating.interrupted:
            self._stop.set()

    def _return_feedback(self, *, to_the_end: bool = False) -> None:
        """Have pages that are owed made, while judging goes on, and release those that are ready.

        With ``to_the_end``, wait until they are made.
        """
        while True:
            if self._made is not None:
                keys, made = self._made
                if not (made.done() or to_the_end):
                    return
                self._made = None
                self._returned(keys, made.result())
            now = self.clock()
            owed = {key: at for key, at in self._turns.owed.items() if key not in self._left}
            due = [key for key in owed if self._later.may(("page", key), now)]
            if not due:
                return
            keys = {key: owed[key] for key in due if key[0] == due[0][0]}
            students = [student for _, student in keys]
            notices = {student: self._notice(student, now) for student in students}
            self._made = keys, self.aside.submit(self._pages, due[0][0], students, notices)

    def _notice(self, student: str, now: float) -> str:
        """Return what a page says about trying again."""
        if left := self._turns.left(student, now):
            next = "the next one is" if left == 1 else f"the next {left} are"
            return f"Hand in again at any time: {next} judged at once."
        next = self._from(self._turns.possible(student, now))
        waits = "What you hand in now waits, the newest only"
        return f"You were {self._often}. {waits}, and is judged at {next}."

    @property
    def _often(self) -> str:
        return f"judged {counted(self.per_hour, 'time')} within an hour"

    def _from(self, when: float) -> str:
        """Return a time in words, with its zone; rounded up to a minute, so never too early."""
        return self._zone.shown(
            datetime.fromtimestamp(60 * ceil(when / 60), UTC).replace(tzinfo=None)
        )

    def _returned(self, keys: Mapping[Key, float], failed: dict[str, str]) -> None:
        """Release pages, and note which are made."""
        now = self.clock()
        if self.release:
            failed |= self._release([key for key in keys if key[1] not in failed])
        for key in keys:
            if key[1] in failed:
                wait = self._later.failed(("page", key), now)
                next = f"Again in {wait:.0f} s" if wait < LONGEST else "That was the last try"
                self._trouble(f"no feedback: {failed[key[1]]}. {next}", key)
                if wait < LONGEST:
                    continue
            self._later.went_well(("page", key))
            self._turns.paid(key, keys[key], now)

    def _pages(
        self, name: str, students: Sequence[str], notices: Mapping[str, str]
    ) -> dict[str, str]:
        """Make pages; return the students who have none, and why."""
        try:
            made = self.pages(self.course, name, force=True, students=students, notices=notices)
            return {student: why for student, why in made if why}
        except Exception as error:  # marks are written already, and pages are tried again
            return dict.fromkeys(students, _words(error))

    def _release(self, keys: Sequence[Key]) -> dict[str, str]:
        """Release pages; return the students whose page is not released, and why."""
        failed = {}
        for key in keys:
            name, student = key
            try:
                result = api_of(self.course).release_feedback(name, student)
                for line in said_by(result, "it cannot be released"):
                    self._say(line, key)
            except Exception as error:
                failed[student] = _words(error)
        return failed

    # --- the log --------------------------------------------------------------------------

    def _say(self, words: str, key: Key | None = None) -> None:
        about = f"{shown(key[1])}  {key[0]}  " if key else ""
        line = Text(f"{_hour(self.clock())}  {about}{words}")
        self.console.print(line, highlight=False, soft_wrap=True)

    def _say_once(self, about: object, words: str, key: Key | None = None) -> None:
        if self._said.get(about) != words:
            self._said[about] = words
            self._say(words, key)

    def _trouble(self, words: str, key: Key | None = None) -> None:
        self.troubles += 1
        self._say(words, key)


class _Run:
    """One run of an assignment: the submissions that it has begun, and which of them are done."""

    def __init__(self, serving: Serving, name: str, until: float):
        self.name = name
        self._serving, self._until = serving, until
        self._begun: set[str] = set()
        self._done: set[str] = set()

    def next(self, room: int) -> list[Submission]:
        """Take the next submissions that are due, at most ``room``; each student once in a run."""
        serving, turns = self._serving, self._serving._turns
        now = serving.clock()
        if now > self._until or serving._stop.is_set():
            return []
        if self._begun:
            serving._look()
        taken: list[Submission] = []
        for key in turns.order(now):
            name, student = key
            if len(taken) == room:
                break
            if name != self.name or student in self._begun or not serving._may(key, now):
                continue
            if turns.possible(student, now) > now:
                continue  # the student's last one within the hour was just taken
            turns.take(key, now)
            self._begun.add(student)
            try:
                taken += find_submissions(serving.course, name, {student})[0]
            except CourseError:  # it is gone
                turns.give_back(key, now, again=False)
                self._done.add(student)
        return taken

    def guarded(
        self, write: Callable[[Ready], StudentOutcome], digests: Mapping[str, str]
    ) -> Callable[[Ready], StudentOutcome]:
        """Wrap ``write``, to refuse a submission that has changed since it settled."""

        def write_settled(ready: Ready) -> StudentOutcome:
            student = ready.submission.student
            _, settled = self._serving._came[self.name, student]
            if digests.get(student, digest(b"")) == settled:
                return write(ready)
            ready.staged.discard()
            return StudentOutcome(student, "failed", events=("it has changed meanwhile",))

        return write_settled

    def done(self, outcome: StudentOutcome) -> None:
        """Note and log the result for one submission."""
        serving, now = self._serving, self._serving.clock()
        key = self.name, outcome.student
        self._done.add(outcome.student)
        came, _ = serving._came.get(key, (now, ""))
        if outcome.state == "kept":
            serving._turns.give_back(key, now, again=False)
            return
        if outcome.state == "failed":
            wait = serving._later.failed(key, now)
            serving._turns.give_back(key, now, again=wait < LONGEST)
            next = f"Again in {wait:.0f} s" if wait < LONGEST else "That was the last try"
            serving._trouble(f"NO MARK: {'; '.join(outcome.events)}. {next}", key)
            return
        serving._later.went_well(key)
        most = counted(outcome.max_score, "point")
        points = f"{outcome.score:.4g} of {most}, {now - came:.0f} s after it came"
        told = [points, *(f"FLAG: {line}" for line in outcome.flags), *outcome.events]
        told += [counted(len(serving._turns), "waits", "wait")] if len(serving._turns) else []
        serving._say(shown("; ".join(told), 400), key)

    def give_back(self) -> None:
        """Let submissions wait again that were begun and have no result."""
        now = self._serving.clock()
        for student in self._begun - self._done:
            self._serving._turns.give_back((self.name, student), now)


class _Workers:
    """A pool of workers that stays open for the next run; used in place of `Where`."""

    def __init__(self, where: Places):
        self._where = where
        self._pool: Pool | None = None
        self._of: tuple[Any, Any] | None = None

    def pool(self, make: MakesGrader, assignment: Any, most: int) -> "Pool":
        """Return the pool of the last run if it judges the same assignment, else a new one."""
        if self._pool is None or self._of != (make, assignment):
            self.close()
            self._pool, self._of = self._where.pool(make, assignment, 2**16), (make, assignment)
        return _Lent(self, self._pool)

    def close(self) -> None:
        """Close the pool, if there is one."""
        pool, self._pool = self._pool, None
        if pool is not None:
            pool.close()

    def stop(self) -> None:
        """Stop the pool at once, if there is one."""
        pool, self._pool = self._pool, None
        if pool is not None:
            pool.stop()


class _Lent:
    """A pool that is lent to one run, which cannot close it."""

    def __init__(self, workers: _Workers, pool: Pool):
        self._workers, self._pool = workers, pool
        self.where = pool.where
        self.room, self.busy, self.wait = pool.room, pool.busy, pool.wait

    def send(self, key: str, pieces: Iterable[bytes], about: About) -> None:
        self._pool.send(key, pieces, about)

    def close(self) -> None:
        """Leave the pool open for the next run."""

    def stop(self) -> None:
        self._workers.stop()


@contextmanager
def _stopped_by_signals(stop: threading.Event) -> Iterator[None]:
    """Set ``stop`` at the first Ctrl-C or SIGTERM; the second Ctrl-C interrupts."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def note(*_: object) -> None:
        stop.set()
        signal.signal(signal.SIGINT, signal.default_int_handler)

    # while submissions are judged, the coordinator handles Ctrl-C; SIGTERM is turned into Ctrl-C
    before = {
        signal.SIGINT: signal.signal(signal.SIGINT, note),
        signal.SIGTERM: signal.signal(
            signal.SIGTERM, lambda *_: signal.raise_signal(signal.SIGINT)
        ),
    }
    try:
        yield
    finally:
        for which, handler in before.items():
            signal.signal(which, handler)


def _hour(seconds: float) -> str:
    return datetime.fromtimestamp(seconds).strftime("%H:%M:%S")


def _words(error: Exception) -> str:
    kind = "" if isinstance(error, CourseError) else f"{type(error).__name__}: "
    return shown(f"{kind}{error}", 400)
