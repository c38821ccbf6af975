"""What is kept of a learner: whatever lies in its place is no value, and nothing waits for it."""

import json
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from bplab import board, check, mine, predict, progress
from bplab.exercises.review.spacing import due_on, results
from bplab.exercises.stored import LONGEST, fetch, store
from bplab.losses import loss

FILES = ("eq1.json", "functions/eq1.json", "review/eq1.json", "board.json", "predictions/a.json")

TEXTS = {
    "an endless list": "[" * 100_000,
    "a deep list": "[" * 100_000 + "]" * 100_000,
    "half of it": '{"tries": 1, "pas',
    "a long number": "9" * 10_000,
    "half a letter": json.dumps({"tries": 1, "passed": "\ud800", "mistake": "\ud800"}),
    "more than anybody writes": f'["{"x" * LONGEST}"]',
}
THINGS = {
    "a folder": Path.mkdir,
    "a link to nothing": lambda file: file.symlink_to("nothing"),
    "a link to itself": lambda file: file.symlink_to(file),
    "a file without an end": lambda file: file.symlink_to("/dev/zero"),
    "a pipe": lambda file: os.mkfifo(file),
}


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("BPLAB_PROGRESS", str(tmp_path / "progress"))
    monkeypatch.setattr(mine, "_said", set())
    return tmp_path / "progress"


def put(folder, make):
    for name in FILES:
        (folder / name).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        make(folder / name)


def spoils_nothing(folder):
    shown = progress()
    assert shown.passed == []
    for page in (repr(shown), shown._repr_html_(), repr(mine), mine._repr_html_()):
        assert page.encode()
    assert board().runs == []
    assert results(folder, "eq1") == []
    assert mine.loss([[1.0]], [[3.0]]) == 4
    predict("a", "b")
    board("run", accuracy=1, parameters=1, seconds=1)
    assert check("eq1", loss)


@pytest.mark.parametrize("text", TEXTS)
def test_a_spoilt_text_spoils_nothing(text, folder):
    def write(file):
        file.write_text(TEXTS[text], encoding="utf-8")
        file.chmod(0o600)

    put(folder, write)
    spoils_nothing(folder)
    assert progress().passed == ["eq1"]


@pytest.mark.skipif(os.name != "posix", reason="pipes and links as POSIX has them")
@pytest.mark.parametrize("thing", THINGS)
def test_what_is_no_file_is_not_waited_for(thing, folder):
    put(folder, THINGS[thing])
    spoils_nothing(folder)


def test_a_folder_that_cannot_be_there_spoils_nothing(folder, monkeypatch):
    monkeypatch.setenv("BPLAB_PROGRESS", str(folder / ("x" * 300)))
    spoils_nothing(progress().folder)


def test_what_a_newer_version_has_noted_is_read(folder):
    check("eq1", loss)
    noted = json.loads((folder / "eq1.json").read_text(encoding="utf-8"))
    (folder / "eq1.json").write_text(json.dumps(noted | {"mood": "good"}), encoding="utf-8")
    assert progress().passed == ["eq1"]


def test_the_last_day_of_the_calendar_is_a_day(folder):
    assert due_on("9999-12-31T12:00", []) == due_on("9999-12-30T12:00", [])
    store(folder / "eq1.json", {"tries": 1, "passed": "9999-12-31T12:00", "mistake": ""})
    assert progress().to_review == []


def test_a_folder_is_named_from_home(monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    monkeypatch.setenv("BPLAB_PROGRESS", "~/kept")
    assert progress().folder == tmp_path / "kept"


def test_half_a_letter_in_a_prediction_is_no_error(folder):
    assert predict("a\ud800", "b\ud800") == "b\ud800"
    assert repr(progress()).encode()


def test_two_who_write_at_once_leave_one_whole_file(tmp_path):
    file = tmp_path / "one.json"
    values = [[i] * 5000 for i in range(40)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda value: store(file, value), values))
    assert fetch(file) in values
    assert list(tmp_path.iterdir()) == [file]


def test_what_cannot_be_written_leaves_nothing(tmp_path):
    with pytest.raises(TypeError):
        store(tmp_path / "one.json", {"a": object()})
    assert list(tmp_path.iterdir()) == []
