"""Progress: what has passed is kept between sessions, can be forgotten, and spoils nothing."""

import importlib
import json
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest

from bplab.exercises import EXERCISES, TASKS, CheckFailed, check, predict, progress, todo
from bplab.exercises.progress import record_try
from bplab.losses import loss
from bplab.network import grad_beta

kept = importlib.import_module("bplab.exercises.progress")


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("BPLAB_PROGRESS", str(tmp_path / "progress"))
    return tmp_path / "progress"


def wrong(*arguments):
    return -grad_beta(*arguments)


def demonstration(*arguments):
    return -grad_beta(*arguments)


wrong.__name__ = "grad_beta"


def test_a_starter_and_a_function_by_another_name_that_fails_are_no_tries():
    for function in (lambda *a: todo(), demonstration):
        with suppress(CheckFailed):
            check("eq4", function)
    assert progress().tries["eq4"].tries == 0


@pytest.mark.parametrize(
    "named",
    [lambda *a: grad_beta(*a), type("Own", (), {"__call__": lambda self, *a: grad_beta(*a)})()],
)
def test_a_right_function_counts_whatever_its_name(named):
    with suppress(CheckFailed):
        check("eq4", wrong)
    check("eq4", named)
    assert progress().passed == ["eq4"]
    assert progress().tries["eq4"].mistake == ""


def test_a_pass_and_a_mistake_are_noted_and_shown():
    assert progress().passed == []
    with suppress(CheckFailed):
        check("eq4", wrong)
    assert "eq4" in repr(progress())
    assert "✗ not yet (1 try; last: sign-flipped)" in repr(progress())
    check("eq4", grad_beta)
    assert progress().passed == ["eq4"]
    assert "✓ passed on" in repr(progress())
    assert f"section_2_1: 1 of 4, {EXERCISES['eq4'].points} of 13 points" in repr(progress())


def test_what_passed_once_stays_passed_and_the_last_try_is_told():
    check("eq4", grad_beta)
    with suppress(CheckFailed):
        check("eq4", wrong)
    assert progress().passed == ["eq4"]
    assert "2 tries; last: sign-flipped" in repr(progress())


def test_the_page_holds_the_same_as_the_text():
    check("eq4", grad_beta)
    page, text = progress()._repr_html_(), repr(progress())
    for known in progress().tries.values():
        assert known.words in page
        assert known.words in text
    assert "<th" in page


def test_the_course_is_finished_without_what_is_optional():
    needed = [task for task in TASKS.values() if task.notebook != "beyond"]
    for task in needed:
        record_try(task, "")
    points = sum(task.points for task in needed)
    everything = f"Your progress: {len(needed)} of {len(needed)}, {points} of {points} points"
    assert repr(progress()).splitlines()[0] == everything
    assert f"<strong>{everything}</strong>" in progress()._repr_html_()
    left = "beyond (optional: not in the sum above): 0 of 2, 0 of 3 points"
    assert left in repr(progress())
    assert left in progress()._repr_html_()
    for task in TASKS.values():
        record_try(task, "")
    assert repr(progress()).splitlines()[0] == everything
    assert left.replace("0 of", "2 of", 1).replace("0 of", "3 of") in repr(progress())


def test_grading_and_hidden_checks_note_nothing(monkeypatch, folder):
    monkeypatch.setenv("BPLAB_SECRET", "x")
    check("eq4", grad_beta, hidden=True)
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    check("eq4", grad_beta)
    assert not folder.exists()


def test_reset_forgets_and_leaves_other_files_alone(folder):
    check("eq4", grad_beta)
    (folder / "mine.txt").write_text("precious", encoding="utf-8")
    assert progress(reset=True).passed == []
    assert [path.name for path in folder.iterdir()] == ["mine.txt"]


@pytest.mark.parametrize("text", ["", "{", "[]", '{"surprise": 1}', "null", '{"tries": "7"}'])
def test_a_spoilt_file_counts_as_nothing_and_is_mended_by_the_next_try(folder, text):
    folder.mkdir()
    (folder / "eq4.json").write_text(text, encoding="utf-8")
    assert progress().tries["eq4"].tries == 0
    check("eq4", grad_beta)
    assert json.loads((folder / "eq4.json").read_text(encoding="utf-8"))["tries"] == 1


def test_a_folder_that_cannot_be_written_spoils_no_check(tmp_path, monkeypatch):
    file = tmp_path / "file"
    file.write_text("", encoding="utf-8")
    monkeypatch.setenv("BPLAB_PROGRESS", str(file / "below"))
    assert check("eq1", loss)
    assert progress().passed == []


def test_in_a_browser_it_is_kept_beside_the_notebooks(tmp_path, monkeypatch):
    """JupyterLite keeps its drive, and forgets the kernel's home."""
    monkeypatch.delenv("BPLAB_PROGRESS")
    monkeypatch.setattr(kept, "_DRIVE", tmp_path / "drive")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(sys, "platform", "emscripten")

    assert progress().folder == tmp_path / "home" / "bplab" / "progress"
    assert "until this kernel ends. progress(reset=True)" in repr(progress())

    (tmp_path / "drive").mkdir()
    check("eq4", grad_beta)
    assert (tmp_path / "drive" / ".bplab" / "progress" / "eq4.json").is_file()
    assert "in this browser only. progress(reset=True)" in repr(progress())

    monkeypatch.setattr(sys, "platform", "linux")
    assert "on this computer only. progress(reset=True)" in repr(progress())


def test_exercises_checked_at_the_same_time_do_not_lose_each_other():
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda e: record_try(e, ""), EXERCISES.values()))
    assert progress().passed == list(EXERCISES)


def tried(function, id="eq4"):
    with pytest.raises(CheckFailed) as failed:
        check(id, function)
    return str(failed.value)


def test_the_third_try_with_the_same_mistake_offers_a_panel():
    assert "The same mistake again" not in tried(wrong) + tried(wrong)
    said = tried(wrong)
    assert said.endswith(
        "The same mistake again. To see your function at work, in a cell:\n"
        "    from bplab.widgets import backward_pass\n"
        '    backward_pass(grad_beta=grad_beta, state="step=5")'
    )
    assert "✗ not yet (3 tries; last: sign-flipped)" in repr(progress())


def test_another_mistake_or_a_pass_in_between_begins_anew():
    def half(*arguments):
        return grad_beta(*arguments) / 2

    half.__name__ = "grad_beta"
    said = "".join(map(tried, (wrong, wrong, half, wrong, wrong)))
    check("eq4", grad_beta)
    assert "The same mistake again" not in said + tried(wrong) + tried(wrong)
    assert "The same mistake again" in tried(wrong)


def test_where_no_panel_shows_it_the_arrays_are_offered():
    def mean(Y, F):
        return loss(Y, F) / len(Y)

    mean.__name__ = "loss"
    for _ in range(2):
        tried(mean, "eq1")
    assert tried(mean, "eq1").endswith(
        'The same mistake again. To look at its arrays: case = failing_case("eq1")'
    )


def test_what_an_older_version_has_noted_is_read(folder):
    folder.mkdir()
    noted = '{"tries": 2, "passed": "", "mistake": "sign-flipped"}'
    (folder / "eq4.json").write_text(noted, encoding="utf-8")
    assert progress().tries["eq4"].tries == 2


@pytest.fixture
def here(monkeypatch):
    monkeypatch.setattr(kept, "_here", set())
    monkeypatch.delenv("JPY_SESSION_NAME", raising=False)


@pytest.mark.usefixtures("here")
def test_a_prediction_is_returned_kept_and_shown_again():
    assert predict("share of birds", "50 %") == "50 %"
    assert predict("<the curve>", "it falls") == "it falls"
    shown, page = repr(progress()), progress()._repr_html_()
    assert (
        "What you predicted in this notebook:\n  share of birds: you said “50 %”\n"
        "  <the curve>: you said “it falls”"
    ) in shown
    assert "<li>share of birds: you said “50 %”</li><li>&lt;the curve&gt;" in page
    predict("share of birds", "93 %")
    assert "50 %" not in repr(progress())


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize("says", ["…", "(?, ?)", "… %"])
def test_what_is_not_written_yet_is_no_prediction(says, folder):
    assert predict("a shape", says) == says
    assert "predicted" not in repr(progress()) + progress()._repr_html_()
    assert not folder.exists()


@pytest.mark.usefixtures("here")
def test_another_notebooks_predictions_are_not_shown_but_those_of_another_day_are(monkeypatch):
    monkeypatch.setenv("JPY_SESSION_NAME", "work/section_2_1.ipynb")
    predict("share of birds", "50 %")
    kept._here.clear()  # the kernel is started again
    assert progress().predicted == {"share of birds": "50 %"}
    monkeypatch.setenv("JPY_SESSION_NAME", "work/section_3.ipynb")
    assert progress().predicted == {}


@pytest.mark.usefixtures("here")
def test_in_grading_a_prediction_is_only_returned(monkeypatch, folder):
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    assert predict("share of birds", "50 %") == "50 %"
    assert not folder.exists()


@pytest.mark.usefixtures("here")
def test_predictions_are_forgotten_with_the_rest_and_a_spoilt_one_is_left_out(folder):
    predict("a", "1")
    predict("b", "2")
    (folder / "predictions" / "spoilt.json").write_text("[", encoding="utf-8")
    assert progress().predicted == {"a": "1", "b": "2"}
    assert progress(reset=True).predicted == {}
    assert list(folder.iterdir()) == []
