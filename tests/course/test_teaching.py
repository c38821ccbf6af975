"""What every notebook owes its reader: the same teaching elements, in order, and no loose ends."""

import re
from functools import cache

import jupytext
import pytest

from bplab.by_equation import EQUATIONS
from bplab.course import Course, instructor_notebook
from bplab.exercises.registry import TASKS

COURSE = Course.find()
NAMES = COURSE.names()
EACH = pytest.mark.parametrize("name", NAMES)
AFTER_THE_FIRST = pytest.mark.parametrize("name", NAMES[1:])
SUBGOALS = ("residual", "output delta", "weight gradient", "send back", "hidden delta")


@cache
def cells(name):
    return jupytext.read(COURSE.notebooks / f"{name}.py").cells


@cache
def prose(name):
    return "\n\n".join(c.source for c in cells(name) if c.cell_type == "markdown")


@cache
def code(name):
    return "\n\n".join(c.source for c in cells(name) if c.cell_type == "code")


def tasks(name):
    return [task for task in TASKS.values() if task.notebook == name]


def test_the_reading_order_is_that_of_the_paper():
    order = [
        *("section_0", "section_1", "section_2_1", "section_2_2", "section_2_3"),
        *("section_3", "section_4", "capstone", "beyond"),
    ]
    assert order == NAMES


@EACH
def test_it_begins_with_time_needs_and_objectives(name):
    first = prose(name)[:1500]
    minutes = int(re.search(r"\*About (\d+) minutes", first)[1])
    assert 20 <= minutes <= 40
    assert "You need:" in first
    objectives = first.partition("When you are through, you can")[2]
    assert len(re.findall("^- ", objectives, re.MULTILINE)) >= 3


@EACH
def test_a_fold_is_named_in_html(name):
    """Marks of Markdown are shown as they stand there."""
    for summary in re.findall(r"<summary>(.*?)</summary>", prose(name), re.DOTALL):
        assert not re.search(r"`|\*\*|\]\(", summary), summary


@EACH
def test_it_cites_the_paper_by_its_authors_name(name):
    assert "Charpentier" in prose(name)


@EACH
def test_it_opens_with_two_questions_and_closes_with_recall(name):
    text = prose(name)
    opening, _, rest = text.partition("\n## ")
    assert opening.count("<details><summary>") == 2
    assert len(re.findall("<details><summary>", rest)) >= 2
    assert text.count("<details>") == text.count("</details>")
    assert "## To take away" in text
    assert text.index("## To take away") > text.rindex("<details>")


@AFTER_THE_FIRST
def test_the_opening_questions_are_on_an_earlier_notebook(name):
    assert re.search(r"Two questions on (section \d|the sections|the course)", prose(name))


@EACH
def test_a_prediction_is_made_and_shown_again(name):
    assert len(re.findall(r"[Pp]redict", prose(name))) >= 2
    assert re.search(r"^prediction\w* = ", code(name), re.MULTILINE)
    assert re.search(r"print\(.*prediction", code(name))


@EACH
def test_from_worked_to_half_worked_to_blank(name):
    if not tasks(name):
        return
    ids = [c.metadata.get("nbgrader", {}).get("grade_id", "") for c in cells(name)]
    half = [i for i in ids if i.startswith("half-")]
    assert half or name == "capstone"  # there everything has been practised before
    for grade_id in half:
        exercise = re.fullmatch(r"half-(.+?)(-\d)?", grade_id)[1]
        assert ids.index(grade_id) < ids.index(exercise)
        assert f'parsons("{grade_id}")' in prose(name)
    assert re.search(r"worked example", prose(name), re.IGNORECASE) or name == "capstone"


def test_the_first_checked_exercise_is_within_three_screens():
    """In JupyterLab at 1280 × 800 its check ended at 3.00 screens, after what is counted here."""
    ids = [c.metadata.get("nbgrader", {}).get("grade_id", "") for c in cells(NAMES[0])]
    before = cells(NAMES[0])[: ids.index("test-numerical-gradient")]
    unfolded = re.compile(r"(?<=</summary>).*?(?=</details>)", re.DOTALL)
    text, code = [
        "\n".join(c.source for c in before if c.cell_type == kind) for kind in ("markdown", "code")
    ]
    assert len(before) <= 8
    assert len(unfolded.sub("", text).split()) <= 420
    assert len(code.splitlines()) <= 31


@EACH
def test_every_exercise_offers_its_hints(name):
    for task in tasks(name):
        assert f'hint("{task.id}")' in prose(name)


@EACH
def test_mine_means_the_learners_functions_and_nothing_else(name):
    assert not re.search(r"(?m)^\s*mine\b[^.\[\n]*=[^=]|\bfor mine\b|\bas mine\b", code(name))


@EACH
def test_it_ends_with_the_progress(name):
    last = [c for c in cells(name) if c.cell_type == "code"][-1]
    assert last.source.strip() == "progress()"


@pytest.mark.parametrize("name", [n for n in NAMES if n not in ("section_0", "capstone", "beyond")])
def test_the_mistakes_are_run_and_asked_about(name):
    assert "mistakes_gallery(" in code(name)
    assert re.search("bug hunt", prose(name), re.IGNORECASE)


@pytest.mark.parametrize("name", ["section_2_1", "section_2_2", "section_3"])
def test_the_five_steps_have_the_same_names_everywhere(name):
    for subgoal in SUBGOALS:
        assert subgoal in prose(name), subgoal


@EACH
def test_every_erratum_of_its_equations_has_its_moment(name):
    """The paper's misprint is shown beside the exercise that it belongs to."""
    for task in tasks(name):
        if task.erratum:
            assert re.search("misprint|paper (once )?(prints|writes|calls)", prose(name)), task.id


@EACH
def test_equation_numbers_exist_and_none_is_used_before_its_turn(name):
    own = NAMES.index(name)
    reached = {
        int(number)
        for id, equation in EQUATIONS.items()
        if NAMES.index("section_" + equation.section.replace(".", "_")) <= own
        for number in re.findall(r"\((\d+)\)", equation.paper)
    }
    text = re.sub(r"^Next: .*", "", prose(name), flags=re.MULTILINE)
    mentioned = {
        int(n) for n in re.findall(r"[Ee]quations? \((\d+)\)|\\tag\{(\d+)\}", text) for n in n if n
    }
    assert mentioned <= reached
    asked = set(re.findall(r'(?:check|hint|mistakes_gallery)\("([^"]+)"', prose(name) + code(name)))
    order = list(TASKS)
    for id in asked:
        assert id in order
        assert NAMES.index(TASKS[id].notebook) <= own


@EACH
def test_links_lead_somewhere(name):
    for target in re.findall(r"\]\(([^)\s]+)\)", prose(name)):
        if target.startswith(("http://", "https://")):
            assert re.fullmatch(r"https://[\w.-]+/\S*", target), target
        else:
            path = (COURSE.release / name / target.partition("#")[0]).resolve()
            assert path.exists(), target


@EACH
def test_the_notebook_that_comes_next_is_named(name):
    *_, last = (c.source for c in cells(name) if c.cell_type == "markdown")
    if name == NAMES[-1]:
        return
    following = NAMES[NAMES.index(name) + 1]
    words = following.replace("section_", "section ").replace("2_", "2.")
    assert re.search(rf"Next: .*{re.escape(words)}", prose(name)), words


@EACH
def test_no_notebook_grows_beyond_one_sitting(name):
    assert len(prose(name).split()) <= 2_500
    assert len(cells(name)) <= 60


@EACH
def test_points_and_minutes_are_those_of_the_guides(name):
    guide = (COURSE.root / "course" / "README.md").read_text(encoding="utf-8")
    row = next(line for line in guide.splitlines() if line.startswith(f"| `{name}` |"))
    columns = [column.strip() for column in row.strip("|").split("|")]
    minutes = re.search(r"\*About (\d+) minutes", prose(name))[1]
    assert columns[2] == f"{minutes} min"
    assert int(columns[3]) == sum(task.points for task in tasks(name))
    readme = (COURSE.root / "README.md").read_text(encoding="utf-8")
    assert f"| `{name}` |" in readme


def test_the_guides_example_of_an_exercise_is_short_and_works(monkeypatch):
    """The guide's worked example, copied into section 2.2, is an exercise like any other."""
    from bplab.exercises import CheckFailed, check, registry, section_2_2

    guide = (COURSE.root / "course" / "README.md").read_text(encoding="utf-8")
    definition, notebook = re.findall(
        r"```python\n(.*?)```", guide.partition("## Add an exercise")[2], re.DOTALL
    )[:2]
    assert len(definition.splitlines()) < 40
    namespace = vars(__import__("bplab.exercises", fromlist=["*"])) | vars(section_2_2)
    exec(
        "import numpy as np\nfrom bplab.by_equation import Equation\n"
        "from bplab.exercises.task import softmax_cases\n" + definition,
        namespace,
    )
    exercise = namespace["CROSS_ENTROPY_DELTA"]
    monkeypatch.setitem(registry.EXERCISES, exercise.id, exercise)
    monkeypatch.setitem(registry.TASKS, exercise.id, exercise)
    assert exercise.notebook == "section_2_2"
    assert check(exercise.id, exercise.reference)
    for mistake in exercise.mistakes:
        with pytest.raises(CheckFailed, match=re.escape(mistake.says)):
            check(exercise.id, mistake.wrong)
    assert all(len(hint) >= 40 for hint in exercise.hints)
    assert f'hint("{exercise.id}")' in notebook
    assert f'"grade_id": "{exercise.id}"' in notebook
    assert f"def {exercise.signature}:" in notebook


def test_instructor_notebooks_are_complete():
    for name in NAMES:
        instructor_notebook(COURSE.notebooks / f"{name}.py")
