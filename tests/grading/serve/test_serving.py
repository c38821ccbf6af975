"""`bplab serve`: what comes is judged as `bplab grade` judges it, and returned."""

import io
import json
import shutil
from concurrent.futures import Executor, Future

import pytest
from rich.console import Console

from bplab.course import CourseError
from bplab.grading.class_run.grade import only_one
from bplab.grading.folder import ClassFolder
from bplab.grading.gradebook import Book
from bplab.grading.serve import Exchange, Serving, Submitted, Watched
from bplab.grading.serve import serving as module
from tests.grading.class_run.mini_class import (
    HALF,
    NAME,
    RIGHT,
    WRONG,
    Here,
    InProcess,
    grade,
    hand_in,
    marks,
    notebook_of,
    released,
)
from tests.grading.class_run.mini_grader import Assignment, MiniGrader

pytestmark = pytest.mark.xdist_group("class-run")


class AtOnce(Executor):
    """Does it here and now."""

    def submit(self, function, *arguments):
        done = Future()
        done.set_result(function(*arguments))
        return done


class Served:
    """A class that is served by hand, with a clock of its own."""

    def __init__(self, folder, watch="", **options):
        self.folder, self.now = folder, 1_000_000.0
        self.course = ClassFolder.open(folder)
        self._said, self.paged, self.noticed = io.StringIO(), [], {}
        if watch == "exchange":
            inbox = Exchange(self.course)
        else:
            inbox = Watched(self.course, watch) if watch else Submitted(self.course)
        settings = {"where": Here(), "pages": self._pages, "clock": lambda: self.now}
        settings |= {"aside": AtOnce()} | options
        self.serving = Serving(
            self.course,
            inbox,
            MiniGrader,
            lambda name: Assignment(name, released(folder)),
            console=Console(file=self._said, width=200),
            **settings,
        )

    def _pages(self, course, name, *, force, students, notices):
        self.paged.append(sorted(students))
        self.noticed |= notices
        for student in students:
            page = self.folder / "feedback" / student / name / f"{name}.html"
            page.parent.mkdir(parents=True, exist_ok=True)
            page.write_text("a page")
            for file in (self.folder / "autograded" / student / name).glob("*.txt"):
                shutil.copy(file, page.parent)
            yield student, ""

    def go(self, seconds=10.0):
        """Let time pass: look, and look again when all has settled."""
        for passed in (2.0, seconds):
            self.now += passed
            self.serving._next_look = 0.0  # how long a look takes is no matter here
            while self.serving.step():
                pass
        return self.said

    @property
    def said(self):
        lines = self._said.getvalue().splitlines()
        return [line[8:].strip() for line in lines]  # without the hour

    @property
    def scores(self):
        return {student: one["score"] for student, one in marks(self.folder).items()}


def test_marks_and_files_are_those_of_grade(folder, tmp_path):
    for student, answers in {"ada": RIGHT, "ben": HALF, "carla": WRONG}.items():
        hand_in(folder, student, answers)
    hand_in(folder, "dmitri", RIGHT, timestamp="2026-03-02 10:00:00 UTC")
    graded = shutil.copytree(folder, tmp_path / "graded")
    grade(graded)
    served = Served(folder)
    said = served.go()
    assert marks(folder) == marks(graded)
    assert _notebooks(folder) == _notebooks(graded)
    assert sorted(line.partition(",")[0] for line in said) == [
        "ada  sums  5 of 9 points",
        "ben  sums  4 of 9 points",
        "carla  sums  0 of 9 points",
        "dmitri  sums  5 of 9 points",
    ]
    assert said[0].endswith("; 3 wait")
    assert served.paged == [["ada", "ben", "carla", "dmitri"]]
    assert {one.state for one in grade(folder)[0].values()} == {"kept"}


def _notebooks(folder):
    return {p.parts[-3]: p.read_bytes() for p in (folder / "autograded").rglob("*.ipynb")}


def test_what_is_judged_is_not_judged_again_until_it_changes(folder):
    hand_in(folder, "ada", RIGHT)
    served = Served(folder)
    assert len(served.go()) == 1
    assert len(served.go()) == 1
    hand_in(folder, "ada", RIGHT)  # the same bytes
    assert len(served.go()) == 1
    assert len(Served(folder).go()) == 0  # nor by the next process
    hand_in(folder, "ada", HALF)
    assert served.go()[-1] == "ada  sums  4 of 9 points, 0 s after it came"
    assert served.scores == {"ada": 4}


def test_half_a_copy_is_never_judged(folder):
    whole = notebook_of(folder, RIGHT)
    for end in (0, 1, len(whole) // 2, len(whole) - 1):
        hand_in(folder, f"s{end}", whole[:end])
    served = Served(folder, clock=lambda: module.time.time() + served.now - 1_000_000)
    served.go()
    said = served.go()
    assert served.scores == {}
    assert len(said) == 4
    assert all(line.endswith("sums  waits: sums.ipynb has no end yet") for line in said)
    hand_in(folder, "s0", whole)
    served.go()
    assert served.scores == {"s0": 5}


def test_a_file_that_changes_while_it_waits_is_not_judged_before_it_has_settled(folder):
    place = hand_in(folder, "ada", RIGHT)
    hand_in(folder, "ben", RIGHT)
    served = Served(folder)
    real = served.serving._turns.take

    def take(key, now):
        real(key, now)
        if key[1] == "ada" and not served.paged:  # somebody copies just now
            (place / f"{NAME}.ipynb").write_text(notebook_of(folder, WRONG)[:50])

    served.serving._turns.take = take
    said = served.go()
    assert served.scores == {"ben": 5}
    assert any("ada  sums  NO MARK: it has changed meanwhile. Again in 30 s" in x for x in said)
    assert not (folder / "autograded" / "ada").exists()
    hand_in(folder, "ada", HALF)
    served.go(60)
    assert served.scores == {"ada": 4, "ben": 5}


BERLIN = "\nc.NbGraderAPI.timezone = 'Europe/Berlin'\n"
NEXT = "1970-01-12 15:47 CET (1970-01-12 14:47 UTC)"
"""An hour after the clock's 1,000,012 s, which are 13:46:52 UTC; the next whole minute."""


def in_berlin(folder):
    with (folder / "nbgrader_config.py").open("a", encoding="utf-8") as settings:
        settings.write(BERLIN)


def test_the_page_says_when_to_try_again(folder):
    in_berlin(folder)
    served = Served(folder, per_hour=3)
    said = []
    for answers in (WRONG, HALF, RIGHT):
        hand_in(folder, "ada", answers)
        served.go()
        said.append(served.noticed["ada"])
    assert said == [
        "Hand in again at any time: the next 2 are judged at once.",
        "Hand in again at any time: the next one is judged at once.",
        "You were judged 3 times within an hour. What you hand in now waits, the newest only, and "
        f"is judged at {NEXT}.",
    ]
    served.now += 3600
    hand_in(folder, "ada", HALF)
    served.go()
    assert served.noticed["ada"].startswith("Hand in again at any time: ")


def test_where_one_is_judged_in_an_hour_it_is_said_so(folder):
    served = Served(folder, per_hour=1)
    hand_in(folder, "ada", RIGHT)
    served.go()
    assert served.noticed["ada"].startswith("You were judged 1 time within an hour. ")


def test_who_hands_in_too_often_waits_and_the_newest_counts(folder):
    in_berlin(folder)
    served = Served(folder, per_hour=2)
    for answers in (WRONG, HALF, RIGHT, WRONG, RIGHT | {"one": "x = 1.5"}):
        hand_in(folder, "ada", answers)
        said = served.go()
    hand_in(folder, "ben", RIGHT)
    served.go()
    assert served.scores == {"ada": 4, "ben": 5}
    words = f"came; judged 2 times within an hour, so the next is possible at {NEXT}"
    assert said[2:] == [f"ada  sums  {words}"] * 3
    served.now = 1_000_008 + 3600
    served.go(0)
    assert served.scores["ada"] == 4
    again = Served(folder, per_hour=2)  # the next process knows it, too
    again.now = served.now
    again.serving.step()
    assert served.scores["ada"] == 4
    again.go(11)
    assert served.scores["ada"] == 4.5


def test_an_error_costs_nobody_else_and_is_tried_again_later(folder, monkeypatch):
    hand_in(folder, "ada", RIGHT)
    served = Served(folder)
    full = OSError(28, "No space left on device")
    with monkeypatch.context() as patch:
        patch.setattr(Book, "record", _raises(full))
        said = served.go()
    assert said == ["sums: OSError: [Errno 28] No space left on device. Again in 30 s"]
    hand_in(folder, "ben", HALF)
    served.go()
    assert served.scores == {}
    served.go(30)
    assert served.scores == {"ada": 5, "ben": 4}
    assert served.serving.troubles == 1
    assert json.loads((folder / "grading" / "serve.json").read_text())["owed"] == []


def _raises(error):
    def raises(*arguments, **options):
        raise error

    return raises


def test_a_submission_that_a_grader_cannot_bear_is_given_up_after_some_tries(folder):
    cell = '{"metadata": {"nbgrader": {"grade_id": "one"}}, "source": 3}'
    hand_in(folder, "ada", '{"cells": [' + cell + "]}")
    hand_in(folder, "ben", RIGHT)

    class Fails(InProcess):
        def send(self, key, pieces, about):
            try:
                super().send(key, pieces, about)
            except TypeError as error:
                self._done.append(module_done(key, error))

    served = Served(folder, where=_gives(Fails))
    for _ in range(12):
        served.go(700)
    tries = [line for line in served.said if line.startswith("ada  sums  NO MARK")]
    assert len(tries) == 6
    assert tries[-1].endswith("That was the last try")
    assert served.scores == {"ben": 5}
    hand_in(folder, "ada", RIGHT)
    served.go()
    assert served.scores == {"ada": 5, "ben": 5}


def module_done(key, error):
    from bplab.grading.class_run.pools import Done
    from bplab.grading.class_run.worker import Failed

    return Done(key, None, Failed(f"{type(error).__name__}: {error}"))


def _gives(kind):
    class Gives:
        def pool(self, make, assignment, most):
            return kind(make, assignment)

    return Gives()


def test_while_somebody_else_grades_it_waits(folder):
    hand_in(folder, "ada", RIGHT)
    served = Served(folder)
    with only_one(served.course.own):
        said = served.go()
        assert served.go() == said
        assert len(said) == 1
        assert said[0].startswith("Waits: this class is being graded by another process (process ")
        assert served.scores == {}
    served.go()
    assert served.scores == {"ada": 5}
    assert served.serving.troubles == 0


def test_a_class_is_served_by_one_process_only(folder):
    served = Served(folder)
    with (
        only_one(served.course.own, module.LOCK, "served"),
        pytest.raises(CourseError, match="this class is being served by another process"),
    ):
        served.serving.once()


class Killed(BaseException):
    """Stands for SIGKILL: nothing of ours handles it."""


@pytest.mark.parametrize("where", ["judging", "record", "put_in_place", "write_note", "pages"])
def test_killed_anywhere_the_next_process_loses_nothing(folder, monkeypatch, where):
    from bplab.grading.class_run import coordinator, submissions

    hand_in(folder, "ada", RIGHT)
    hand_in(folder, "ben", HALF)
    served = Served(folder)
    owner, name = {
        "judging": (MiniGrader, "grade"),
        "record": (Book, "record"),
        "put_in_place": (submissions.Staged, "put_in_place"),
        "write_note": (coordinator, "write_note"),
        "pages": (served.serving, "pages"),
    }[where]
    with monkeypatch.context() as patch:
        patch.setattr(owner, name, _raises(Killed))
        # what a dead process would not do any more
        patch.setattr(module._Run, "give_back", lambda run: None)
        with pytest.raises(Killed):
            served.go()
    again = Served(folder, per_hour=1)
    again.now = served.now
    again.go()
    again.go()
    assert served.scores == {"ada": 5, "ben": 4}
    assert sorted({one for some in again.paged for one in some}) == ["ada", "ben"]


def test_feedback_that_cannot_be_made_is_made_later_and_marks_are_there(folder):
    hand_in(folder, "ada", RIGHT)
    served = Served(folder)
    served.serving.pages, pages = _raises(OSError("no template")), served.serving.pages
    assert served.go()[-1] == "ada  sums  no feedback: OSError: no template. Again in 30 s"
    assert served.scores == {"ada": 5}
    served.serving.pages = pages
    served.go(60)
    assert served.paged == [["ada"]]


def test_after_feedback_other_hidden_cases_judge(folder):
    hand_in(folder, "ada", HALF)
    served = Served(folder)
    served.go()
    hand_in(folder, "ada", RIGHT)
    served.go()
    noted = json.loads((folder / "grading" / "rounds.json").read_text())
    assert noted[NAME]["ada"]["round"] == 2


def test_a_watched_folder_is_copied_what_was_there_moves_aside(folder, tmp_path):
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    served = Served(folder, watch=inbox)
    for answers, score in ((HALF, 4), (RIGHT, 5)):
        place = hand_in(folder, "ada", answers)
        (place / "timestamp.txt").write_text("1999-01-01 00:00:00 UTC")  # the student's words
        shutil.copytree(folder / "submitted", inbox, dirs_exist_ok=True)
        shutil.rmtree(folder / "submitted" / "ada")
        if score == 5:
            hand_in(folder, "ada", HALF)
        served.go()
        assert served.scores == {"ada": score}
    assert marks(folder)["ada"]["timestamp"].year >= 2026
    [earlier] = (folder / "grading" / "earlier" / NAME / "ada").iterdir()
    assert (earlier / f"{NAME}.ipynb").read_text() == notebook_of(folder, HALF)
    (inbox / "ben").symlink_to(inbox / "ada")
    served.go()
    assert set(served.scores) == {"ada"}
    assert served.go()[-1].startswith("ben  sums  is not served: a symbolic link")


def test_a_folder_that_is_none_is_one_message(folder, tmp_path):
    with pytest.raises(CourseError, match=r"is not a folder: --watch names one, or exchange"):
        Served(folder, watch=tmp_path / "nowhere")


@pytest.fixture
def exchange(folder, tmp_path):
    """An exchange in which the assignment is released."""
    root = tmp_path / "exchange"
    (root / "mini" / "inbound").mkdir(parents=True)
    with (folder / "nbgrader_config.py").open("a") as config:
        config.write(f"c.Exchange.root = {str(root)!r}\nc.ExchangeCollect.check_owner = False\n")
        config.write("c.ExchangeFactory.collect = 'bplab.grading.nbgrader_files.CollectFiles'\n")
    return root / "mini"


def submit(folder, exchange, student, answers, time, *, whole=True):
    """What `nbgrader submit` leaves."""
    place = exchange / "inbound" / f"{student}+{NAME}+{time} UTC+a1b2"
    place.mkdir(exist_ok=True)
    (place / f"{NAME}.ipynb").write_text(notebook_of(folder, answers))
    if whole:
        (place / "timestamp.txt").write_text(f"{time}.000000 UTC")
        (place / "submission_secret.txt").write_text("secret of " + student)


@pytest.mark.filterwarnings("ignore:Passing unrecognized arguments")  # a slip of nbgrader's
def test_the_newest_in_the_exchange_is_collected_judged_and_returned(folder, exchange):
    from nbgrader.utils import notebook_hash

    submit(folder, exchange, "ada", WRONG, "2026-02-01 10:00:00")
    submit(folder, exchange, "ada", HALF, "2026-02-02 10:00:00")
    submit(folder, exchange, "b+n", RIGHT, "2026-02-02 10:00:00")
    served = Served(folder, watch="exchange", release=True)
    said = served.go()
    assert served.scores == {"ada": 4, "b+n": 5}
    assert len(said) == 2
    for student in ("ada", "b+n"):
        key = notebook_hash(secret="secret of " + student, notebook_id=NAME)
        assert (exchange / "feedback" / f"{key}.html").read_text() == "a page"
    submit(folder, exchange, "ada", RIGHT, "2026-02-03 10:00:00")
    served.go()
    assert served.scores == {"ada": 5, "b+n": 5}, served.said
    assert marks(folder)["ada"]["timestamp"].day == 3
    again = Served(folder, watch="exchange")
    assert again.go() == []


def test_what_is_still_being_submitted_is_left(folder, exchange):
    submit(folder, exchange, "ada", RIGHT, "2026-02-02 10:00:00", whole=False)
    served = Served(folder, watch="exchange")
    served.serving.clock = module.time.time
    served.serving.settle = 0
    served.serving._arrivals._settle = 0
    served.serving.step()
    served.serving._next_look = 0
    served.serving.step()
    assert served.said == ["ada  sums  waits: there is no timestamp.txt yet"]
    assert served.scores == {}


NO_IDS = {
    "<b>": "letters in the name that are code",
    "a\x1b[31m": "control characters",
    "ada ": "begins or ends with a space",
    "x" * 240: "longer than",
}


def test_what_is_not_served_is_named_once_with_the_reason(folder, exchange):
    """In submitted/, and in an exchange."""
    names = [name for name in NO_IDS if len(name) < 200]  # a folder's name in it has more
    for name in NO_IDS:
        hand_in(folder, name, RIGHT)
    for name in names:
        submit(folder, exchange, name, RIGHT, "2026-02-01 10:00:00")
    (exchange / "inbound" / f"eve+{NAME}+2026-02-01 10:00:00 UTC+a").symlink_to(folder)
    for watch, refused in (("", NO_IDS), ("exchange", {n: NO_IDS[n] for n in names})):
        served = Served(folder, watch=watch)
        served.go()
        said = [line for line in served.go() if "is not served: " in line]
        assert len(said) == len(refused) + (watch != "")
        for why in refused.values():
            assert sum(why in line for line in said) == 1
        assert "\x1b" not in "".join(said)
        assert not served.scores


def test_no_exchange_is_one_message(folder, exchange):
    (exchange / "inbound").rmdir()
    with pytest.raises(CourseError, match=r"the exchange has no folder .*inbound: release an"):
        Served(folder, watch="exchange")


def test_assignments_take_turns_and_a_broken_one_stops_no_other(folder):
    hand_in(folder, "ada", RIGHT)
    other = folder / "submitted" / "ada" / "other"
    shutil.copytree(folder / "submitted" / "ada" / NAME, other)
    (other / f"{NAME}.ipynb").rename(other / "other.ipynb")
    shutil.copytree(folder / "release" / NAME, folder / "release" / "other")
    (folder / "release" / "other" / f"{NAME}.ipynb").rename(
        folder / "release" / "other" / "other.ipynb"
    )
    served = Served(folder)
    said = served.go()
    assert served.scores == {"ada": 5}
    assert any("other: the gradebook does not know other" in line for line in said)


def test_once_says_by_its_exit_code_whether_all_went_well(folder):
    hand_in(folder, "ada", RIGHT)
    served = Served(folder, settle=0)
    served.serving.once()
    assert served.scores == {"ada": 5}
    assert served.serving.troubles == 0


def test_workers_stay_and_are_ended_when_nobody_needs_them(folder):
    made = []

    class Counted(InProcess):
        def __init__(self, *arguments):
            super().__init__(*arguments)
            made.append("made")

        def close(self):
            made.append("closed")

    served = Served(folder, where=_gives(Counted))
    for answers in (RIGHT, HALF, WRONG):
        hand_in(folder, "ada", answers)
        served.go()
    assert made == ["made"]
    served.go(module.IDLE + 20)
    assert made == ["made", "closed"]
    hand_in(folder, "ada", RIGHT)
    served.go()
    assert made == ["made", "closed", "made"]


def test_names_of_students_are_no_markup_and_stay_on_their_line(folder):
    hand_in(folder, "zoe [red]", RIGHT)
    served = Served(folder)
    served.serving.console = Console(file=served._said, width=20)
    assert served.go() == ["zoe [red]  sums  5 of 9 points, 0 s after it came"]
