"""``notes.toml``: what an instructor adds for a mistake, a step or an exercise."""

import pytest
from typer.testing import CliRunner

from bplab.cli.main import app
from bplab.course import CourseError
from bplab.exercises import TASKS, Subgoal
from bplab.grading.feedback.notes import Notes
from bplab.grading.records import Record
from tests.grading.report.made_class import Made, make_class, outcome

NAME = "section_2_1"


def notes(tmp_path, text):
    (tmp_path / "notes.toml").write_text(text, encoding="utf-8")
    return Notes.read(tmp_path)


def test_mistake_step_and_exercise_in_this_order(tmp_path):
    read = notes(
        tmp_path,
        '"eq4" = "exercise"\n"send back" = "step"\n"eq4/sign-flipped" = "one"\n'
        '"eq4/no-factor-2" = "other"\n"eq5" = "another"\n',
    )
    said = [f"<p>{word}</p>" for word in ("other", "one", "step", "exercise")]
    pair = Record("eq4", 0, 3, "no-factor-2+sign-flipped", step="send back and hidden delta")
    assert [one.strip() for one in read.about("eq4", pair)] == said
    assert [one.strip() for one in read.about("eq4", Record("eq4", 3, 3))] == ["<p>exercise</p>"]
    assert read.about("eq6", None) == []
    assert Notes.read(tmp_path / "nowhere").about("eq4", pair) == []


def test_no_exercise_is_called_as_a_step():
    assert not {str(step) for step in Subgoal} & set(TASKS)


def test_what_means_nothing_is_named_with_what_is_near(tmp_path):
    read = notes(
        tmp_path,
        '"eq4/no-facter-2" = "a"\n"eq44" = "b"\n"sendback" = "c"\n"eq99/no-factor-2" = "d"\n'
        '"eq4/raises" = "e"\n"eq4/no-factor-2+sign-flipped" = "f"\n"mine" = "g"\n',
    )
    first, second, third, fourth = read.unknown(others=["mine"])
    assert first.startswith('notes.toml: "eq4/no-facter-2": eq4 knows no mistake of this name')
    assert "eq4/no-factor-2" in first
    assert '"eq44" is no exercise and no step; near it: eq4' in second
    assert "near it: send back" in third
    assert "there is no exercise eq99" in fourth
    assert "eq9/no-factor-2" in fourth


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("eq4/no-factor-2 = 'x'", 'A line of it is "eq4/no-factor-2" = "…"'),
        ('"eq4" = 3', "eq4 must be a text in quotes"),
        ("[eq4]\nno-factor-2 = 'x'", "got dict"),
    ],
)
def test_a_file_that_is_not_as_it_should_be_is_refused(tmp_path, text, said):
    with pytest.raises(CourseError, match=r"notes\.toml") as refused:
        notes(tmp_path, text)
    assert said in str(refused.value)


def test_a_note_runs_nothing(tmp_path):
    text = "\"eq4\" = '''<img src=x onerror=y> <script>z</script> [a](javascript:b) **c**'''"
    [shown] = notes(tmp_path, text).about("eq4", None)
    assert "<strong>c</strong>" in shown
    assert not [bad for bad in ("onerror=", "<script", "javascript:") if f"<img {bad}" in shown]
    assert "<script>" not in shown
    assert "<img" not in shown
    assert "href" not in shown


def test_it_stands_beside_the_mistake_in_the_report(tmp_path):
    make_class(tmp_path, NAME, [Made("ada", {"eq4": outcome("eq4", "no-factor-2")})])
    (tmp_path / "notes.toml").write_text(
        '"eq4/no-factor-2" = "See *slide 12*."\n"eq44" = "x"\n', encoding="utf-8"
    )
    made = CliRunner().invoke(app, ["report", NAME, "--course", str(tmp_path)])
    assert '"eq44" is no exercise' in made.output
    page = (tmp_path / "reports" / f"{NAME}.html").read_text(encoding="utf-8")
    assert "Your note, in eq4:" in page
    assert "<em>slide 12</em>" in page
    made = CliRunner().invoke(app, ["report", NAME, "--course", str(tmp_path), "--text"])
    assert "Your note: See *slide 12*." in " ".join(made.output.split())
