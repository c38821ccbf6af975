"""Which assignment a notebook is: the same answer wherever it is asked, whatever became of it."""

import copy
import json
from contextlib import nullcontext
from functools import cache
from itertools import count

import nbformat
import pytest

from bplab.cli.check import notebooks_in
from bplab.cli.grade import assignment_of
from bplab.course import Course, instructor_notebook, solved
from bplab.grading.checks import check_files
from bplab.grading.checks.handed import read_handed
from bplab.grading.collect import People, collect
from bplab.grading.folder import ClassFolder
from bplab.grading.gradescope.found import NothingToJudge, find
from bplab.grading.handed_in import Assignments, read_notebook
from bplab.grading.judge import submission
from bplab.grading.judge.submission import Graded, Grader
from bplab.grading.kernels import KernelHost
from bplab.grading.nbgrader_plugin import RestoreCells

pytestmark = [  # of nbformat, which puts them right
    pytest.mark.filterwarnings("ignore:Cell is missing an id"),
    pytest.mark.filterwarnings("ignore:Non-unique cell id"),
]
COURSE = Course.find()
EVERYTHING = Assignments.of_course(COURSE)
WANTED, CLOSEST, OTHER = "section_2_1", "section_2_2", "section_1"
"""The closest asks for functions of the same names."""


@cache
def _work(name):
    return nbformat.writes(solved(instructor_notebook(COURSE.notebooks / f"{name}.py")))


def work(name):
    """A student's, as the course's own program saves it."""
    return json.loads(_work(name))


def code(notebook):
    return [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]


def saved(notebook):
    return json.dumps(notebook).encode()


def stripped(notebook):
    for cell in notebook["cells"]:
        cell["metadata"] = {}
        cell.pop("id", None)
    return notebook | {"nbformat_minor": 4}


def copied(notebook):
    """Cells pasted into a new notebook, as text, each by hand."""
    new = nbformat.v4.new_notebook()
    new.cells = [nbformat.v4.new_code_cell("".join(cell["source"])) for cell in code(notebook)]
    return json.loads(nbformat.writes(new))


def twice(notebook):
    notebook["cells"] += copy.deepcopy(notebook["cells"])
    return notebook


def other_ids(notebook):
    for i, cell in enumerate(notebook["cells"]):
        cell["id"] = f"new-{i}"
    return notebook


def colab(notebook):
    for i, cell in enumerate(notebook["cells"]):
        cell["metadata"] |= {"id": f"aB{i}", "colab": {"base_uri": "https://colab.invalid/"}}
        cell.pop("id")
    notebook["metadata"] = {"colab": {"provenance": []}, "accelerator": "GPU"}
    return notebook | {"nbformat_minor": 0}


def vs_code(notebook):
    for cell in notebook["cells"]:
        cell["metadata"]["vscode"] = {"languageId": "python"}
        cell["source"] = "".join(cell["source"]).splitlines(keepends=True)
    return notebook


def kaggle(notebook):
    for cell in notebook["cells"]:
        cell["metadata"] = {"trusted": True, "_uuid": "8f2839f2"}
        cell.pop("id")
    notebook["metadata"] = {"kaggle": {"accelerator": "none"}}
    return notebook | {"nbformat_minor": 4}


def older(notebook):
    """Of an edition before: other words in tests, no ids any more, one exercise that is gone."""
    for cell in code(notebook):
        text = "".join(cell["source"]).replace('check("', "check('").replace('", ', "', ")
        cell["source"] = text + ";  # as before\n"
    notebook["cells"].pop(notebook["cells"].index(code(notebook)[-1]))
    return stripped(notebook)


def minor(n):
    def as_minor(notebook):
        for cell in notebook["cells"] if n < 5 else ():
            cell.pop("id")
        return notebook | {"nbformat_minor": n}

    return as_minor


def in_3(notebook):
    for one in notebook["cells"]:
        one["source"] = "".join(one["source"])
    return json.loads(nbformat.v3.writes_json(nbformat.convert(nbformat.from_dict(notebook), 3)))


TOOLS = {
    "as it is": lambda notebook: notebook,
    "stripped": stripped,
    "copied": copied,
    "twice": twice,
    "other ids": other_ids,
    "Colab": colab,
    "VS Code": vs_code,
    "Kaggle": kaggle,
    "older": older,
    "4.0": minor(0),
    "4.2": minor(2),
    "4.4": minor(4),
    "3": in_3,
    "3, stripped": lambda notebook: in_3(stripped(notebook)),
}


@pytest.mark.one_in(2)
@pytest.mark.parametrize("tool", TOOLS)
def test_each_of_the_courses_notebooks_is_known_whatever_it_was_saved_by(tool):
    for name in COURSE.names():
        for notebook in (work(name), json.loads(COURSE.release_file(name).read_bytes())):
            read = read_notebook(saved(TOOLS[tool](notebook)))
            assert EVERYTHING.which(read) == name
            assert {one: EVERYTHING.other(read, one) for one in COURSE.names()} == {
                one: "" if one == name else name for one in COURSE.names()
            }


def cell(source):
    return {"cell_type": "code", "metadata": {}, "source": source, "outputs": []}


def with_cell(notebook, source):
    notebook["cells"].append(cell(source))
    return notebook


RIGHT = "\n\n".join("".join(one["source"]) for one in code(work(WANTED))[:6])

MAY_BE = {
    "retyped": lambda: {"cells": [cell(RIGHT)]},
    "nothing of the course": lambda: {"cells": [cell("x = 1")]},
    "a function under another's tests": lambda: with_cell(
        work(OTHER), "def grad_beta(*given): return 0"
    ),
    "a function from a module": lambda: with_cell(
        work(OTHER), "from work import (\n    one,\n    grad_beta,\n)"
    ),
    "everything from a module": lambda: with_cell(work(OTHER), "from work import *"),
    "a program that is run": lambda: with_cell(work(OTHER), "%run work.py"),
    "both": lambda: work(OTHER) | {"cells": work(OTHER)["cells"] + work(WANTED)["cells"]},
    "one test of it": lambda: with_cell(work(OTHER), 'check("eq4", grad_beta)'),
}


@pytest.fixture(scope="module")
def ask(tmp_path_factory):
    """Every way in: what each says of a notebook, handed in as ``WANTED``; "" where it is taken."""
    folder = tmp_path_factory.mktemp("recognised")
    (folder / "course").mkdir()
    settings = f"""c = get_config()
c.CourseDirectory.root = {str(folder / "course")!r}
c.OracleExecute.secret = "c0ffee"
"""
    (folder / "course" / "nbgrader_config.py").write_text(settings, encoding="utf-8")
    (folder / "course" / "release").symlink_to(COURSE.release)
    course = ClassFolder.open(folder / "course")
    assignment = assignment_of(course, WANTED)  # as grade, serve and gradescope build ask for it
    numbers = count()

    def by_collect(place):
        people = People()
        came = collect(
            course, WANTED, place.parent, people, limit=10**7, platform="folders", dry=True
        )
        assert len(came.taken) + len(came.left) == 1
        return came.left[0].why if came.left else ""

    def by_gradescope(place):
        built = json.loads(json.dumps(assignment.course.as_lists()))  # as it is in the upload
        try:
            find(place, WANTED, Assignments.from_lists(built))
        except NothingToJudge as nothing:
            return str(nothing).partition("ipynb ")[2].partition(". ")[0]
        return ""

    def by_autograde(content):
        about = {"assignment": WANTED, "notebook": WANTED, "student": "ada"}
        step = RestoreCells(config=course.config)
        read = nbformat.reads(content.decode(), as_version=4)
        restored, _ = step.preprocess(read, {"nbgrader": about})
        return restored.metadata["bplab"]["refused"].removeprefix("the file ")

    def all_of_them(notebook):
        content = saved(notebook)
        place = folder / f"came-{next(numbers)}" / "ada"
        place.mkdir(parents=True)
        (place / f"{WANTED}.ipynb").write_bytes(content)
        handed = read_handed(place / f"{WANTED}.ipynb", COURSE, assignment=WANTED)
        return {
            "collect": by_collect(place),
            "check": handed.refused.removeprefix("the file "),
            "gradescope": by_gradescope(place),
            "grade and serve": grader.grade(content).events[0].removeprefix("the file "),
            "autograde": by_autograde(content),
        }

    def run(self, *_):
        return Graded("", (), ("",))

    def not_started(edition, **how):
        return nullcontext(KernelHost(edition, **how))

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(Grader, "run", run)  # nothing else of the judge is replaced
        patched.setattr(submission, "KernelHost", not_started)
        with Grader(assignment) as grader:
            yield all_of_them


@pytest.mark.one_in(3)
@pytest.mark.parametrize("tool", TOOLS)
@pytest.mark.parametrize("name", [WANTED, CLOSEST, OTHER])
def test_wherever_it_is_handed_in_it_is_taken_or_refused_for_the_same_reason(ask, name, tool):
    said = ask(TOOLS[tool](work(name)))
    reason = "" if name == WANTED else f"is {name}, another assignment"
    assert said == dict.fromkeys(said, reason)


@pytest.mark.parametrize("kind", MAY_BE)
def test_what_may_be_the_right_one_is_taken_everywhere(ask, kind):
    said = ask(MAY_BE[kind]())
    assert said == dict.fromkeys(said, "")


def test_a_notebook_without_cells_is_refused_everywhere(ask):
    said = ask(nbformat.v4.new_notebook())
    assert said == dict.fromkeys(said, "has no cells")


@pytest.mark.parametrize(
    ("name", "notebook", "judged_as"),
    [
        ("hw.ipynb", lambda: work(OTHER), OTHER),
        ("hw.ipynb", lambda: stripped(work(OTHER)), OTHER),
        ("hw.ipynb", lambda: in_3(work(OTHER)), OTHER),
        (f"{WANTED}.ipynb", lambda: stripped(work(OTHER)), OTHER),
        (f"Copy of {WANTED} (1).ipynb", MAY_BE["retyped"], WANTED),
        (
            f"{WANTED}.ipynb",
            lambda: with_cell(MAY_BE["retyped"](), 'check("eq4", grad_beta)'),
            WANTED,
        ),
    ],
)
def test_check_finds_out_which_it_is(tmp_path, name, notebook, judged_as):
    (tmp_path / name).write_bytes(saved(notebook()))
    handed = read_handed(tmp_path / name, COURSE)
    assert (handed.name, handed.refused) == (judged_as, "")
    assert notebooks_in([tmp_path], COURSE) == [tmp_path / name]


def test_check_of_what_is_another_says_so_and_judges_nothing(tmp_path):
    path = tmp_path / "hw.ipynb"
    path.write_bytes(saved(work(OTHER)))
    (checked,) = check_files([path], COURSE, assignment=WANTED)
    assert checked.events == (f"the file is {OTHER}, another assignment",)
    assert {one.mistake for one in checked.records} == {"unreadable"}
    assert sum(one.points for one in checked.records) == 0


def test_one_of_several_notebooks_of_an_assignment_is_known_by_what_was_released():
    release = COURSE.release_file(WANTED).read_text(encoding="utf-8")
    week = EVERYTHING.knowing("week-1", release)
    read = read_notebook(saved(work(WANTED)))
    assert EVERYTHING.other(read, "week-1") == WANTED
    assert week.other(read, "week-1") == ""
    assert week.other(read_notebook(saved(work(OTHER))), "week-1") == OTHER
