"""The board of a learner's own runs: kept, sorted, emptied, and no cell fails for its file."""

import json

import pytest

from bplab.exercises import board, progress


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("BPLAB_PROGRESS", str(tmp_path / "kept"))
    return tmp_path / "kept"


def run(name, accuracy=0.9, parameters=100, seconds=1.0):
    return board(name, accuracy=accuracy, parameters=parameters, seconds=seconds)


def names():
    return [kept.name for kept in board().runs]


def test_the_best_run_is_first_then_the_smaller_then_the_faster():
    run("good", 0.95)
    run("best", 0.99, 9000, 60)
    run("small", 0.95, 50)
    run("fast", 0.95, 50, 0.5)
    assert names() == ["best", "fast", "small", "good"]
    assert repr(board()).index("best") < repr(board()).index("fast")
    assert "99.0%" in repr(board())
    assert "9,000" in board()._repr_html_()


def test_a_run_of_the_same_name_replaces_the_one_before():
    run("mine", 0.95)
    run("mine ", 0.5)
    assert [(kept.name, kept.accuracy) for kept in board().runs] == [("mine", 0.5)]


def test_it_says_where_it_is_kept_and_how_to_empty_it(folder):
    run("mine")
    for said in (repr(board()), board()._repr_html_()):
        assert str(folder) in said
        assert "on this computer only" in said
        assert "board(reset=True)" in said
    assert board(reset=True).runs == []
    assert names() == []
    assert not (folder / "board.json").exists()
    assert "no run yet" in repr(board())


def test_forgetting_all_progress_empties_it_too():
    run("mine")
    assert progress(reset=True).passed == []
    assert names() == []


def test_it_can_be_emptied_and_begun_again_at_once():
    run("old")
    assert [
        kept.name for kept in board("new", accuracy=1, parameters=1, seconds=0, reset=True).runs
    ] == ["new"]


def test_the_best_hundred_are_kept():
    for i in range(105):
        run(f"run {i}", i / 200)
    assert names() == [f"run {i}" for i in range(104, 4, -1)]


@pytest.mark.parametrize(
    "spoilt",
    [
        "",
        "{",
        "[]",
        "{}",
        "3",
        '[["a", 2, 1, 1]]',
        '[["a"]]',
        "[[1, 1, 1, 1]]",
        '[["a", 1, "x", 1]]',
    ],
)
def test_a_spoilt_file_counts_as_none_and_is_mended(folder, spoilt):
    folder.mkdir()
    (folder / "board.json").write_text(spoilt)
    assert names() == []
    run("mine")
    assert json.loads((folder / "board.json").read_text()) == [["mine", 0.9, 100, 1.0]]


def test_of_a_file_half_of_which_is_spoilt_the_rest_counts(folder):
    run("one")
    (row,) = json.loads((folder / "board.json").read_text())
    rows = [row, ["two"], 3, ["red", 2, 1, 1], {"name": "x"}]
    (folder / "board.json").write_text(json.dumps(rows))
    assert names() == ["one"]


def test_a_name_stands_in_one_line():
    assert [kept.name for kept in run(" 32-16\n  tanh ").runs] == ["32-16 tanh"]


def test_a_folder_that_cannot_be_written_to_spoils_no_cell(folder):
    folder.write_text("a file is in its place")
    assert [kept.name for kept in run("mine").runs] == ["mine"]
    assert names() == []


def test_a_name_is_shown_and_is_no_markup():
    assert "<b>" not in run("<b>bold</b>")._repr_html_()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"name": ""}, "name must be a text of 1 to 60 characters; got ''"),
        ({"name": 3}, "name must be a text"),
        ({"name": "\ud800"}, "name must be a text"),
        ({"name": "\x1b[31mred"}, "name must be a text"),
        ({"name": "\u202eback"}, "name must be a text"),
        ({"parameters": 10**400}, "parameters must be a number from 0 to"),
        ({"seconds": 1e308}, "seconds must be a number from 0 to"),
        ({"seconds": "1"}, "seconds must be a number from 0 to"),
        ({"accuracy": 1j}, "accuracy must be a number from 0 to 1"),
        ({"name": None}, "name must be a text of 1 to 60 characters; got None"),
        ({"accuracy": 95}, "accuracy must be a number from 0 to 1; got 95"),
        ({"accuracy": float("nan")}, "accuracy must be a number from 0 to 1; got nan"),
        ({"parameters": -1}, "parameters must be a number from 0 to 1,000,000,000,000; got -1"),
        ({"seconds": None}, "seconds must be a number from 0 to 1,000,000,000,000; got None"),
        (
            {"seconds": float("inf")},
            "seconds must be a number from 0 to 1,000,000,000,000; got inf",
        ),
    ],
)
def test_what_is_no_run_is_said_and_not_kept(arguments, message):
    given = {"name": "mine", "accuracy": 0.9, "parameters": 1, "seconds": 1} | arguments
    with pytest.raises(ValueError, match=message):
        board(given.pop("name"), **given)
    assert names() == []


def test_a_wrong_call_shows_a_right_one():
    with pytest.raises(ValueError, match=r'board is called as board\("32-16, tanh", accuracy='):
        board("mine", 0.9)
