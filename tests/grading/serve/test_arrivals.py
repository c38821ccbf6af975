"""Nothing is taken while it is still being copied; who was judged often waits."""

import json
import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bplab.course import CourseError
from bplab.grading.serve.arrivals import STALLED, Arrivals, files_in, unfinished
from bplab.grading.serve.turns import HOUR, Turns

KEY = ("sums", "ada")
WHOLE = json.dumps({"cells": []}, indent=1) + "\n"


def look(arrivals, folder, now):
    return arrivals.settled({KEY: files_in([folder])}, now)


def test_what_does_not_change_any_more_has_settled_and_is_told_once(tmp_path):
    arrivals, file = Arrivals(settle=3), tmp_path / "sums.ipynb"
    file.write_text(WHOLE[:5])
    assert look(arrivals, tmp_path, 0) == []
    file.write_text(WHOLE)
    assert look(arrivals, tmp_path, 3) == []  # it has grown
    assert look(arrivals, tmp_path, 5) == []
    assert look(arrivals, tmp_path, 6) == [KEY]
    assert look(arrivals, tmp_path, 7) == [KEY]  # nobody has taken it
    arrivals.take(KEY)
    assert arrivals.stands(KEY)
    assert look(arrivals, tmp_path, 99) == []
    file.write_text(WHOLE + "\n")
    assert look(arrivals, tmp_path, 100) == []
    assert not arrivals.stands(KEY)
    assert look(arrivals, tmp_path, 103) == [KEY]


def test_the_same_size_and_a_time_that_was_set_back_are_a_change(tmp_path):
    file = tmp_path / "sums.ipynb"
    file.write_text(WHOLE)
    before, about = files_in([tmp_path]), file.stat()
    file.write_text(WHOLE.replace("c", "d"))
    os.utime(file, ns=(about.st_atime_ns, about.st_mtime_ns))
    assert files_in([tmp_path]) != before


def test_a_clock_that_is_set_back_starts_the_wait_again(tmp_path):
    arrivals = Arrivals(settle=3)
    assert look(arrivals, tmp_path, 1000) == []
    assert look(arrivals, tmp_path, 10) == []
    assert look(arrivals, tmp_path, 13) == [KEY]


def test_no_link_is_followed(tmp_path):
    (tmp_path / "there").mkdir()
    (tmp_path / "there" / "sums.ipynb").write_text(WHOLE)
    (tmp_path / "ada").mkdir()
    (tmp_path / "ada" / "link").symlink_to(tmp_path / "there")
    assert [os.path.basename(row[0]) for row in files_in([tmp_path / "ada"])] == ["ada", "link"]


def whether(tmp_path, files, needs=(), later=0.0):
    folder = tmp_path / "ada"
    folder.mkdir()
    for name, content in files.items():
        (folder / name).write_bytes(content)
    rows = files_in([folder])
    now = max(row[3] for row in rows) / 1e9 + later
    needs = [str(folder / name) for name in needs]
    return unfinished(rows, 2**20, tmp_path, now, needs=needs)


HALF = {
    "empty": ({"sums.ipynb": b""}, "sums.ipynb has no end yet"),
    "cut": ({"sums.ipynb": WHOLE.encode()[:-4]}, "sums.ipynb has no end yet"),
    "length before content": (
        {"sums.ipynb": WHOLE.encode()[:4] + bytes(99)},
        "sums.ipynb has no end yet",
    ),
    "end before content": (
        {"sums.ipynb": b"{" + bytes(99) + b"}"},
        "sums.ipynb has no end yet",
    ),
    "no notebook": ({"data.csv": b"1"}, "there is no notebook yet"),
    "nothing": ({}, "there is no notebook yet"),
    "one of two": (
        {"sums.ipynb": WHOLE.encode(), "b.ipynb": b"{"},
        "b.ipynb has no end yet",
    ),
    "rsync": (
        {"sums.ipynb": WHOLE.encode(), ".sums.ipynb.Xq1w2E": WHOLE.encode()},
        ".sums.ipynb.Xq1w2E looks like an unfinished copy",
    ),
    "browser": (
        {"sums.ipynb": WHOLE.encode(), "sums.ipynb.part": b""},
        "sums.ipynb.part looks like an unfinished copy",
    ),
}


@pytest.mark.parametrize("kind", HALF)
def test_half_a_copy_that_stands_still_waits(tmp_path, kind):
    files, why = HALF[kind]
    assert whether(tmp_path, files) == why


@pytest.mark.parametrize("kind", HALF)
def test_half_a_copy_that_nobody_goes_on_with_is_taken_as_it_is(tmp_path, kind):
    assert whether(tmp_path, HALF[kind][0], later=STALLED + 1) == ""


def test_what_is_whole_does_not_wait_nor_what_only_the_judge_can_call(tmp_path):
    assert whether(tmp_path, {"sums.ipynb": WHOLE.encode(), "data.csv": b""}) == ""


def test_the_file_that_comes_last_is_waited_for(tmp_path):
    files = {"sums.ipynb": WHOLE.encode()}
    assert whether(tmp_path, files, ["timestamp.txt"]) == "there is no timestamp.txt yet"


# --- turns --------------------------------------------------------------------------------


def test_each_students_first_comes_before_anybodys_second(tmp_path):
    turns = Turns(tmp_path / "x.json", 6)
    for now, key in enumerate(["1 ada", "2 ada", "3 ada", "2 ben", "1 carla"]):
        turns.add(tuple(key.split()), now)
    turns.add(("1", "ada"), 9)  # handed in again: no worse, no better
    order = [" ".join(key) for key in turns.order(10)]
    assert order == ["1 ada", "2 ben", "1 carla", "2 ada", "3 ada"]


def test_who_was_judged_often_waits_for_the_hour_to_end_and_nobody_else_does(tmp_path):
    turns = Turns(tmp_path / "x.json", 2)
    for now in (0, 100):
        turns.add(KEY, now)
        turns.take(KEY, now)
    turns.add(KEY, 200)
    turns.add(("sums", "ben"), 201)
    assert turns.possible("ada", 200) == HOUR
    assert turns.order(201) == [("sums", "ben")]
    assert turns.order(HOUR) == [KEY, ("sums", "ben")]
    turns.take(KEY, HOUR)
    assert turns.possible("ada", HOUR) == HOUR + 100
    assert turns.possible("ada", 50) == 50  # the clock was set back


@given(
    steps=st.lists(st.floats(0, HOUR), min_size=1, max_size=40),
    most=st.integers(1, 5),
)
def test_in_no_hour_anybody_is_judged_more_often_than_may_be(tmp_path_factory, steps, most):
    turns, now, judged = Turns(tmp_path_factory.mktemp("turns") / "x.json", most), 0.0, []
    for step in steps:
        now += step
        turns.add(KEY, now)
        if turns.order(now):
            turns.take(KEY, now)
            judged.append(now)
    assert judged
    assert all(sum(end - HOUR < one <= end for one in judged) <= most for end in judged)


def test_what_was_taken_is_known_to_the_next_process_and_can_be_given_back(tmp_path):
    path = tmp_path / "x.json"
    turns = Turns(path, 1)
    turns.add(KEY, 5)
    turns.take(KEY, 7)
    again = Turns(path, 1)
    assert (again.owed, again.possible("ada", 8)) == ({KEY: 7}, 7 + HOUR)
    again.give_back(KEY, 8)
    assert (again.owed, again.order(8)) == ({}, [KEY])
    turns.paid(KEY, 3, 9)  # of one before
    assert turns.owed == {KEY: 7}
    turns.paid(KEY, 7, 9)
    assert turns.owed == Turns(path, 1).owed == {}


def test_notes_that_are_not_ours_say_what_to_do(tmp_path):
    (tmp_path / "x.json").write_text("[]")
    with pytest.raises(CourseError, match=r"x\.json is not as bplab wrote it .*: put it right"):
        Turns(tmp_path / "x.json", 1)
