"""`bplab report` of several assignments, and of a class's sections: figures, and nobody in them."""

import io
import re
from statistics import median

import numpy as np
import pytest
from rich.console import Console
from typer.testing import CliRunner

from bplab.cli.main import app
from bplab.course import CourseError
from bplab.exercises.registry import TASKS
from bplab.grading.folder import ClassFolder
from bplab.grading.gradebook import read_persons
from bplab.grading.report.page import as_html
from bplab.grading.report.results import read_results
from bplab.grading.report.roster import Roster
from bplab.grading.report.sections import FEW, Sections, _silent, rows_of
from bplab.grading.report.weeks import SEVERAL, coming_back, weeks
from bplab.grading.report.weeks_page import print_weeks, weeks_as_html
from tests.grading.report.made_class import Made, make_class, outcome

ONE, TWO = "section_2_1", "section_2_2"
IDS = {name: [t.id for t in TASKS.values() if t.notebook == name] for name in (ONE, TWO)}
SAYS = [{m.says for id in ids for m in getattr(TASKS[id], "mistakes", ())} for ids in IDS.values()]
SHARED = SAYS[0] & SAYS[1]
STUDENTS = 24
IN = {"A": range(11), "B": range(11, 20), "C": range(20, 23)}  # the last one is in none


def drawn(name, generator):
    """A class with mistakes that are drawn, and what there is to know of it: plain numbers."""
    made = []
    for i in range(STUDENTS):
        outcomes = {}
        for id in IDS[name]:
            mistakes = [m.name for m in getattr(TASKS[id], "mistakes", ()) if m.says in SHARED][:1]
            wrong = mistakes and generator.random() < 0.5
            outcomes[id] = outcome(id, generator.choice(mistakes) if wrong else None)
        made.append(Made(f"s{i:02d}", outcomes, handed_in=generator.random() < 0.9))
    return made


@pytest.fixture(scope="module")
def made():
    generator = np.random.default_rng(17)
    return {name: drawn(name, generator) for name in (ONE, TWO)}


@pytest.fixture(scope="module")
def folder(made, tmp_path_factory):
    folder = tmp_path_factory.mktemp("weeks") / "course"
    for name, students in made.items():
        make_class(folder, name, students)
    rows = [f"S{i:02d},{name}" for name, who in IN.items() for i in who]
    (folder / "roster.csv").write_text("\n".join(["SIS Login ID,Section", *rows, "S23,"]))
    return folder


@pytest.fixture(scope="module")
def classes(folder):
    course = ClassFolder.open(folder)
    return [read_results(course, name) for name in (ONE, TWO)]


def points(made, who=range(STUDENTS)):
    """Marks, added up by hand."""
    return [sum(o["points"] for o in made[i].outcomes.values()) for i in who if made[i].handed_in]


def test_weeks_have_the_figures_that_are_counted_by_hand(classes, made):
    for week, name in zip(weeks(classes, 0.5), (ONE, TWO), strict=True):
        marks, most = points(made[name]), sum(TASKS[id].points for id in IDS[name])
        assert (week.graded, week.missing) == (len(marks), STUDENTS - len(marks))
        assert week.max_score == most
        assert week.median == median(marks)
        assert week.passed == pytest.approx(np.mean(np.array(marks) >= most / 2))
        assert week.handed_in == pytest.approx(len(marks) / STUDENTS)


def costs(made):
    """By what the check says: who, and the points lost."""
    found = {}
    for one in made:
        for record in one.outcomes.values() if one.handed_in else ():
            if record["mistake"]:
                who, lost = found.get((record["mistake"], record["says"]), (set(), 0.0))
                lost += record["max_points"] - record["points"]
                found[record["mistake"], record["says"]] = (who | {one.id}, lost)
    return found


def test_the_costliest_misunderstandings_are_those_that_cost_most(classes, made):
    for week, name in zip(weeks(classes, 0.5), (ONE, TWO), strict=True):
        found = costs(made[name])
        lost = sorted((lost for ids, lost in found.values() if len(ids) >= SEVERAL), reverse=True)
        assert [one.lost for one in week.costliest] == lost[:3]
        for one in week.costliest:
            who, lost = found[one.name, one.says]
            assert ({person.id for person in one.students}, one.lost) == (who, lost)


def test_mistakes_that_come_back_are_counted_by_who_made_them_twice(classes, made):
    first, second = costs(made[ONE]), costs(made[TWO])
    both = {key: len(first[key][0] & second[key][0]) for key in first.keys() & second.keys()}
    expected = {key: again for key, again in both.items() if again >= SEVERAL}
    assert expected  # else nothing is tried
    assert {(one.name, one.says): one.again for one in coming_back(classes)} == expected
    for one in coming_back(classes):
        key = one.name, one.says
        assert one.made == {ONE: len(first[key][0]), TWO: len(second[key][0])}


def sections_of(folder):
    return Sections.of(Roster.read(folder / "roster.csv"), read_persons(ClassFolder.open(folder)))


def test_sections_stand_beside_the_whole(folder, classes, made):
    rows = {row.name: row for row in rows_of(classes[0], sections_of(folder), 0.5)}
    assert list(rows) == ["A", "B", "C", "in no section", "all"]
    most = sum(TASKS[id].points for id in IDS[ONE])
    for name, who in {**IN, "in no section": [23], "all": range(STUDENTS)}.items():
        row, marks = rows[name], points(made[ONE], who)
        assert (row.graded, row.missing) == (len(marks), len(who) - len(marks))
        if row.median is None:
            continue
        low, middle, high = np.percentile(marks, [25, 50, 75])
        assert (row.lower_quartile, row.median, row.upper_quartile) == (low, middle, high)
        assert row.passed == pytest.approx(np.mean(np.array(marks) >= most / 2))
    assert rows["A"].median is not None
    assert rows["C"].median is rows["in no section"].passed is None


@pytest.mark.parametrize(
    ("sizes", "silent"),
    [
        ({"A": 30, "B": 25}, ""),
        ({"A": 30, "B": 25, "C": 4}, "BC"),  # else C were the whole without A and B
        ({"A": 30, "B": 25, "C": 3, "D": 2}, "CD"),
        ({"A": 30, "B": 25, "C": 2, "D": 1}, "BCD"),
        ({"A": 30, "B": 0}, "B"),
        ({"A": 4}, "A"),
    ],
)
def test_no_small_section_can_be_worked_out_from_the_others(sizes, silent):
    assert _silent(sizes) == set(silent)
    hidden = sum(sizes[name] for name in silent)
    assert hidden == 0 or hidden >= FEW or len(silent) == len(sizes)


def small(tmp_path):
    made = [Made(f"s{i}", {id: outcome(id) for id in IDS[ONE]}) for i in range(2)]
    made[0].outcomes["eq4"] = outcome("eq4", "no-factor-2")
    return read_results(ClassFolder.open(make_class(tmp_path / "c", ONE, made)), ONE)


def test_in_a_small_class_nothing_shows_an_individual(tmp_path):
    results = small(tmp_path)
    [week] = weeks([results], 0.5)
    assert (week.graded, week.median, week.passed, week.costliest) == (2, None, None, ())
    page = weeks_as_html([results, results], 0.5)
    assert "no-factor-2" not in page
    assert not re.search(r"\bs[01]\b", page)


def test_names_are_on_no_page_of_weeks_and_text_says_the_same(folder, classes, made):
    rows = {one.assignment: rows_of(one, sections_of(folder), 0.5) for one in classes}
    page = weeks_as_html(classes, 0.5, rows)
    said = io.StringIO()
    print_weeks(classes, 0.5, Console(file=said, width=200), rows)
    for text in (page, said.getvalue()):
        assert not re.search(r"\bs\d\d\b", text)
        for week in weeks(classes, 0.5):
            assert week.assignment in text
            assert f"{week.passed:.0%}" in text
        for one in coming_back(classes):
            assert one.name in text
    assert "<script" not in page
    assert "http" not in re.sub(r"<meta[^>]*>", "", page)


def test_a_reports_page_has_the_table_of_sections(folder, classes):
    rows = rows_of(classes[0], sections_of(folder), 0.5)
    page = as_html(classes[0], sections=rows)
    assert "<h2>Sections</h2>" in page
    assert "<h2>Sections</h2>" not in as_html(classes[0])


def run(*arguments):
    result = CliRunner().invoke(app, ["report", *map(str, arguments)])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.output


def test_the_command_sets_weeks_side_by_side_and_takes_a_section(folder, classes, made):
    roster = ("--roster", folder / "roster.csv")
    assert "2 assignments" in run(ONE, TWO, "--course", folder, *roster)
    assert "Sections, section_2_1" in (folder / "reports" / "weeks.html").read_text()
    there = len(points(made[ONE], IN["A"]))
    said = run(ONE, "--course", folder, *roster, "--section", "a")
    assert f"{there} students" in said
    page = (folder / "reports" / f"{ONE}-a.html").read_text()
    assert "report on section a" in page
    assert "s11" not in page
    with pytest.raises(CourseError, match=r"no section 'D' on the roster; it has: A, B, C"):
        run(ONE, "--course", folder, *roster, "--section", "D")
    with pytest.raises(CourseError, match="give both"):
        run(ONE, "--course", folder, "--section", "A")


@pytest.mark.parametrize(
    ("header", "says"),
    [("SIS Login ID,Group", "no column section"), ("Who,Section", "no column with students' ids")],
)
def test_a_roster_without_what_is_needed_says_what_it_has(tmp_path, header, says):
    (tmp_path / "r.csv").write_text(f"{header}\na,b\n")
    with pytest.raises(CourseError, match=f"{says}.*it has: {header.replace(',', ', ')}"):
        Sections.of(Roster.read(tmp_path / "r.csv"), [])
