"""The class report: its numbers are the gradebook's, and nothing in it runs or accuses."""

import io
import re
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pytest
from nbgrader.api import Gradebook
from rich.console import Console

from bplab.course import CourseError
from bplab.exercises import RECORD_TYPE
from bplab.exercises.registry import EXERCISES
from bplab.grading.folder import ClassFolder
from bplab.grading.records import read_graded, read_records, records_of
from bplab.grading.report.advice import _BY_STEP, ALWAYS, advise, nothing_common
from bplab.grading.report.page import as_html, print_report
from bplab.grading.report.results import read_results
from bplab.grading.report.statistics import (
    common_mistakes,
    exercise_statistics,
    flagged,
    slow,
    spread,
)
from tests.grading.report.made_class import Made, make_class, outcome, random_class

NAME = "section_2_1"
IDS = ("eq4", "eq5", "eq6", "eq7")
HOSTILE = '<script>alert("x")</script><img src=x onerror=alert(1)>'


@pytest.fixture(scope="module")
def made():
    return random_class(80)


@pytest.fixture(scope="module")
def results(made, tmp_path_factory):
    return read(tmp_path_factory.mktemp("class"), made)


def read(folder, made):
    return read_results(ClassFolder.open(make_class(folder, NAME, made)), NAME)


def small(**changed):
    """Everything right but for what is given, by exercise."""
    return {id: outcome(id) for id in IDS} | changed


class Tags(HTMLParser):
    def __init__(self, page):
        super().__init__()
        self.tags = []
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))


# --- records ------------------------------------------------------------------------------


def notebook(*outputs):
    data = [{"output_type": "display_data", "data": {RECORD_TYPE: record}} for record in outputs]
    return {"cells": [{"metadata": {"nbgrader": {"grade": True}}, "outputs": data}]}


def test_records_of_before_and_of_now_are_read():
    old = {"exercise": "eq4", "passed": False, "mistake": "no-factor-2"}
    [record] = records_of(notebook(old))
    assert (record.exercise, record.passed, record.mistake) == ("eq4", False, "no-factor-2")
    assert (record.points, record.seconds, record.says, record.note) == (0, None, "", "")
    [record] = records_of(notebook(outcome("eq4", "no-factor-2", points=1.5, note="slow")))
    assert (record.points, record.max_points, record.note) == (1.5, 3.0, "slow")
    assert record.says == "The factor 2 is missing."


@pytest.mark.parametrize(
    "junk",
    [None, 3, [], {"exercise": 4}, {"exercise": None, "passed": True}],
    ids=repr,
)
def test_what_is_no_record_is_left_out(junk):
    assert records_of(notebook(junk)) == []
    assert len(records_of(notebook(outcome("eq4"), junk))) == 1


def test_nothing_in_a_record_is_taken_on_trust():
    worst = {"exercise": "eq4", "passed": "yes", "points": "3", "seconds": float("nan")}
    worst |= {"says": "a\x1b[2Jb\u202e" + "x" * 9999, "max_points": 10**400, "hint": ["no"]}
    [record] = records_of(notebook(worst))
    assert record.passed is False
    assert record.mistake == "unnamed"
    assert (record.points, record.seconds, record.max_points, record.hint) == (0, None, 0, "")
    assert record.says.startswith("a [2Jb x")
    assert len(record.says) <= 2000


@pytest.mark.parametrize("text", ["", "{", "[]", '{"cells": 3}', "[" * 100_000])
def test_a_file_that_is_no_notebook_says_so(tmp_path, text):
    path = tmp_path / "x.ipynb"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match=r"x\.ipynb is not a notebook"):
        read_graded(path)


# --- numbers ------------------------------------------------------------------------------


def test_marks_are_those_of_nbgraders_own_sums(tmp_path):
    made = [
        Made("ada", small(), late_penalty=2.5),
        Made("ben", small(eq4=outcome("eq4", "no-factor-2", 1.5)), manual={"eq4": 2.0}),
        Made("carla", small(eq5=outcome("eq5", "bias-last")), extra={"eq5": 1.0}),
        Made("dmitri", {id: outcome(id, "not-written") for id in IDS}, late_penalty=1.0),
    ]
    results = read(tmp_path, made)
    marks = {student.person.id: student.mark for student in results.students}
    with Gradebook(f"sqlite:///{tmp_path / 'gradebook.db'}", course_id="bplab") as gradebook:
        for one in made:
            theirs = gradebook.find_submission(NAME, one.id)
            assert marks[one.id].score == theirs.score
            assert marks[one.id].late_penalty == theirs.late_submission_penalty
        assert results.max_score == gradebook.find_assignment(NAME).max_score
    # as `nbgrader export` has it
    assert [marks[one.id].final for one in made] == [10.5, 12.0, 10.0, 0.0]


def test_who_is_late_is_said_with_or_without_a_penalty(tmp_path):
    made = [
        Made("ada", small(), late_penalty=2.5),
        Made("ben", small(), late=True),
        Made("carla", small()),
    ]
    results = read(tmp_path, made)
    told = "ada (1 day late, −2.5 points)", "ben (1 day late)"
    page = as_html(results)
    assert f"<summary>Handed in late: 2</summary>\n<p>{'; '.join(told)}</p>" in page
    assert page.count("1 day late") == 4  # and in the list of all marks
    stream = io.StringIO()
    print_report(results, Console(file=stream, width=100))
    assert f"Handed in late: {', '.join(told)}" in " ".join(stream.getvalue().split())


def test_quartiles_are_numpys(results):
    marks = [student.mark.final for student in results.students]
    lie = spread(results)
    shown = (lie.lowest, lie.lower_quartile, lie.median, lie.upper_quartile, lie.highest)
    assert shown == pytest.approx(np.percentile(marks, [0, 25, 50, 75, 100]))
    assert lie.mean == pytest.approx(np.mean(marks))


def test_every_student_is_counted_once_in_every_exercise(made, results):
    there = [one for one in made if one.handed_in]
    for row in exercise_statistics(results):
        mistakes = [one.outcomes[row.id]["mistake"] for one in there]
        assert row.full == mistakes.count(None)
        assert row.not_written == mistakes.count("not-written")
        assert row.part == sum(0 < one.outcomes[row.id]["points"] < row.max_points for one in there)
        assert row.full + row.part + row.none + row.not_written == len(there)
        lost = sum(row.max_points - one.outcomes[row.id]["points"] for one in there)
        assert row.lost == pytest.approx(lost)


def test_mistakes_are_counted_by_student_and_by_exercise(made, results):
    row = next(m for m in common_mistakes(results) if m.name == "averaged-over-N")
    there = [one for one in made if one.handed_in]
    for id in IDS:
        who = {one.id for one in there if one.outcomes[id]["mistake"] == "averaged-over-N"}
        assert {person.id for person in row.where.get(id, ())} == who
    everybody = [
        one for one in there if any(o["mistake"] == row.name for o in one.outcomes.values())
    ]
    assert {person.id for person in row.students} == {one.id for one in everybody}
    assert len(row.students) == len(everybody)
    assert row.says == next(m for m in EXERCISES["eq4"].mistakes if m.name == row.name).says


def test_who_has_not_handed_in_is_told_from_who_waits(tmp_path):
    made = [Made("ada", small()), Made("ben", {}, handed_in=False)]
    make_class(tmp_path, NAME, made)
    (tmp_path / f"submitted/carla/{NAME}").mkdir(parents=True)
    results = read_results(ClassFolder.open(tmp_path), NAME)
    assert [person.id for person in results.missing] == ["ben"]
    assert [person.id for person in results.waiting] == ["carla"]


def test_a_graded_notebook_that_is_gone_or_broken_costs_the_report_nothing_else(tmp_path):
    make_class(tmp_path, NAME, [Made("ada", small()), Made("ben", small()), Made("cy", small())])
    (tmp_path / f"autograded/ada/{NAME}/{NAME}.ipynb").write_text("{", encoding="utf-8")
    (tmp_path / f"autograded/ben/{NAME}/{NAME}.ipynb").unlink()
    results = read_results(ClassFolder.open(tmp_path), NAME)
    assert [student.mark.final for student in results.students] == [13, 13, 13]
    assert [s.person.id for s in flagged(results)] == ["ada"]
    assert f"{NAME}.ipynb cannot be read" in as_html(results)


def test_flags_come_first_and_slow_means_beside_the_class(tmp_path):
    made = [Made(f"s{i}", small(), seconds=2) for i in range(8)]
    made += [Made("slow", small(), seconds=60), Made("quick", small(), seconds=9)]
    made += [Made("a", small(), events=["kernel died"]), Made("z", small(), flags=["asked"])]
    results = read(tmp_path, made)
    assert [s.person.id for s in flagged(results)] == ["z", "a"]
    assert [s.person.id for s in slow(results)] == ["slow"]


def test_marks_that_were_not_protected_are_called_so_at_the_top(tmp_path):
    made = [Made("ada", small()), Made("ben", small(), isolation="none")]
    results = read(tmp_path, made)
    said = "marks not protected: 1 of 2 graded with isolation=none"
    assert said in as_html(results).split("<h2>")[0]
    console = Console(file=io.StringIO(), width=200)
    print_report(results, console)
    assert said in console.file.getvalue()
    assert "not protected" not in as_html(read(tmp_path / "b", [Made("ada", small())]))


# --- what to say --------------------------------------------------------------------------


def test_what_happened_to_a_cell_is_listed_once(tmp_path):
    late = outcome("eq4", "too-slow", note="took longer than 30 s")
    ada = Made("ada", small(eq4=late), events=["the function of eq4 took longer than 30 s"])
    page = as_html(read(tmp_path, [ada, Made("ben", small(eq4=late))]))
    assert page.count("took longer than 30 s") == 2
    assert page.count("eq4: took longer than 30 s") == 1


def test_advice_counts_students_and_says_what_to_show(tmp_path):
    mean = {id: outcome(id, "averaged-over-N") for id in ("eq4", "eq5")}
    made = [Made(f"m{i}", small(**mean)) for i in range(6)]
    made += [Made(f"r{i}", small()) for i in range(14)]
    made[-1].outcomes["eq6"] = outcome("eq6", "not-written")
    [advice] = advise(read(tmp_path, made))
    assert str(advice) == (
        "6 of 20 in equations (4) and (5): “Your gradient is that of the mean over the examples, "
        "not of their sum.” On the board: work out N = 2 by hand: the sum of both examples, and "
        "beside it their mean."
    )


def seven_at_nine_percent(exercise):
    names = [m.name for m in EXERCISES[exercise].mistakes]
    steps = {m.name: m.subgoal for m in EXERCISES[exercise].mistakes}
    chosen = [*[n for n in names if steps[n] == "output delta"][:4], *names[:1]]
    chosen += [n for n in names if n not in chosen][:2]
    made = [Made(f"r{i:03d}", small()) for i in range(200)]
    for k, name in enumerate(chosen[:7]):
        for one in made[18 * k : 18 * (k + 1)]:
            one.outcomes[exercise] = outcome(exercise, name, points=0)
    return made


def test_a_class_of_many_mistakes_that_are_each_rare_is_told_the_costliest_three(tmp_path):
    advice = advise(read(tmp_path, seven_at_nine_percent("eq4")))
    assert len(advice) >= ALWAYS
    together = [one for one in advice if one.step]
    assert together, "mistakes of one step are taken together"
    assert all(one.count > 18 for one in together)
    assert "On the board" in str(advice[0])


def test_what_one_student_got_wrong_is_said_to_nobody(tmp_path):
    made = [Made(f"r{i}", small()) for i in range(40)]
    made[7].outcomes["eq4"] = outcome("eq4", "no-factor-2", points=0)
    results = read(tmp_path, made)
    assert not advise(results)
    assert nothing_common(results).startswith(
        "No mistake is common. 1 of 40 students lost points, in equation (4): "
    )


@pytest.mark.parametrize(
    ("size", "wrong", "says"),
    [
        (1, 0, "Nothing stands out: everybody has all points."),
        (1, 1, "1 of 1 student lost points, in equation (4)"),
        (5, 1, "1 of 5 students lost points, in equation (4)"),
        (5, 0, "Nothing stands out"),
    ],
)
def test_a_small_class_is_told_what_there_is(tmp_path, size, wrong, says):
    made = [Made(f"r{i}", small()) for i in range(size)]
    for one in made[:wrong]:
        one.outcomes["eq4"] = outcome("eq4", "no-factor-2", points=0)
    results, out = read(tmp_path, made), io.StringIO()
    print_report(results, Console(file=out, width=200))
    for text in (as_html(results), out.getvalue()):
        assert says in text
        assert ("Nothing stands out" in text) == (not wrong)


@pytest.mark.parametrize("name", ["unreadable", "not-handed-in"])
def test_whoever_left_nothing_to_judge_made_no_mistake(tmp_path, name):
    made = [Made(f"r{i}", small()) for i in range(6)]
    for one in made[:3]:
        for id in one.outcomes:
            one.outcomes[id] = outcome(id, name, points=0)
    results = read(tmp_path, made)
    assert [student.person.id for student in results.nothing] == ["r0", "r1", "r2"]
    assert not common_mistakes(results)
    assert not advise(results)
    assert {row.full for row in exercise_statistics(results)} == {3}
    page = as_html(results)
    assert "Nothing to judge: 3." in page
    assert f"<code>{name}</code>" not in page


def test_a_class_that_left_nothing_has_a_report(tmp_path):
    nothing = {id: outcome(id, "unreadable", points=0) for id in small()}
    assert "Nothing to judge: 2." in as_html(
        read(tmp_path, [Made("ada", dict(nothing)), Made("ben", dict(nothing))])
    )


def test_discrimination_is_the_correlation_with_all_other_points(results):
    points = np.array([[one.points for one in student.outcomes] for student in results.judged])
    for i, row in enumerate(exercise_statistics(results)):
        others = points.sum(axis=1) - points[:, i]
        assert row.discrimination == pytest.approx(np.corrcoef(points[:, i], others)[0, 1])


def test_without_differences_there_is_no_discrimination(tmp_path):
    results = read(tmp_path, [Made("ada", small()), Made("ben", small())])
    assert {row.discrimination for row in exercise_statistics(results)} == {None}
    assert "–</td></tr>" in as_html(results)


def test_every_step_has_something_for_the_board():
    steps = {m.subgoal for exercise in EXERCISES.values() for m in exercise.mistakes}
    assert steps <= set(_BY_STEP)


def test_nobody_is_named_in_what_is_said_to_all(results):
    said = " ".join(map(str, advise(results)))
    assert said
    for student in results.students:
        assert student.person.id not in said


def test_two_mistakes_at_once_count_as_both(tmp_path):
    both = outcome("eq4", mistake="no-factor-2+sign-flipped", points=0)
    one = outcome("eq4", mistake="no-factor-2", points=0)
    results = read(tmp_path, [Made("ada", small(eq4=both)), Made("ben", small(eq4=one))])
    rows = {row.name: row for row in common_mistakes(results)}
    assert [len(rows[n].students) for n in ("no-factor-2", "sign-flipped")] == [2, 1]
    assert sum(row.lost for row in rows.values()) == 2 * EXERCISES["eq4"].points


def test_a_rare_mistake_puts_nobody_beside_anybody(tmp_path):
    made = [Made(f"r{i:02d}", small()) for i in range(40)]
    for i in (3, 29):
        made[i].outcomes["eq7"] = outcome("eq7", "bias-sent-back")
    page = as_html(read(tmp_path, made)).partition("All marks")[0]
    assert "r03" not in page
    assert "bias-sent-back" not in page
    assert "And 1 other, made by 2 students." in page


@pytest.mark.parametrize(
    ("mistakes", "students", "said"),
    [
        (1, 1, "and 1 other, made by 1 student"),
        (2, 1, "and 2 others, each made by 1 student at most"),
        (3, 2, "and 3 others, each made by 2 students at most"),
    ],
)
def test_the_table_says_how_many_mistakes_are_not_in_it(tmp_path, mistakes, students, said):
    made = [Made(f"r{i:02d}", small()) for i in range(40)]
    for i in range(mistakes * students):
        name = EXERCISES["eq7"].mistakes[i % mistakes].name
        made[i].outcomes["eq7"] = outcome("eq7", name)
    console = Console(record=True, width=400, file=io.StringIO())
    print_report(read(tmp_path, made), console)
    lines = [line.strip() for line in console.export_text().splitlines()]
    assert said in lines


# --- the page -----------------------------------------------------------------------------


def test_the_page_needs_nothing_else_and_runs_nothing(results):
    page = as_html(results)
    tags = Tags(page).tags
    assert {"script", "link", "iframe", "img", "object", "form"}.isdisjoint(t for t, _ in tags)
    for _, attributes in tags:
        assert not any(name.startswith("on") for name in attributes)
        assert not attributes.keys() & {"src", "href", "srcset"}
    assert "@import" not in page
    assert "url(http" not in page
    assert "default-src 'none'" in page


@pytest.mark.parametrize("field", ["id", "name", "mistake", "says", "event", "flag", "note"])
def test_what_students_write_is_shown_and_not_run(tmp_path, field):
    # an id is a folder's name, too
    text = HOSTILE.replace("/", "") if field == "id" else HOSTILE
    one = Made("ada", small())
    if field in ("mistake", "says", "note"):
        one.outcomes["eq4"] = outcome("eq4", **({"mistake": "unnamed"} | {field: text}))
    elif field == "id":
        one.id, one.flags = text, ["look"]
    elif field == "name":
        one.names, one.flags = {"first_name": text, "last_name": "x"}, ["look"]
    else:
        getattr(one, f"{field}s").append(text)
    results = read(tmp_path, [one])
    page = as_html(results)
    assert "alert" in page
    assert "<script" not in page
    assert "<img" not in page
    console = Console(record=True, width=200, file=io.StringIO())
    print_report(results, console)
    assert "alert" in console.export_text()


def test_markup_and_cursors_in_words_do_nothing_in_a_terminal(tmp_path):
    one = Made("ada", small(), flags=["[red]\x1b]0;title\x07[/red][link=x]"])
    console = Console(record=True, width=100, file=io.StringIO())
    print_report(read(tmp_path, [one]), console)
    text = console.export_text()
    assert "[red] ]0;title [/red][link=x]" in text


def test_figures_say_in_words_what_they_show(results):
    labels = [a["aria-label"] for t, a in Tags(as_html(results)).tags if t == "svg"]
    marks, exercises = labels
    counts = [int(n) for n in re.findall(r"(\d+) with", marks)]
    assert sum(counts) == len(results.students)
    for row in exercise_statistics(results):
        assert f"{row.id}: {row.full} of {row.of} all, {row.part} some" in exercises


def test_bars_are_as_long_as_their_share(results):
    page = as_html(results)
    bars = page.partition("Points by exercise")[2]
    lengths = [
        float(a["width"]) for t, a in Tags(bars).tags if t == "rect" and a.get("height") == "22"
    ]
    of = len(results.students)
    rows = exercise_statistics(results)
    counts = [n for r in rows for n in (r.full, r.part, r.none, r.not_written) if n]
    assert lengths == pytest.approx([472 * n / of for n in counts], abs=0.1)


def test_the_same_class_gives_the_same_page_in_whatever_order_it_was_graded(tmp_path, made):
    one = as_html(read(tmp_path / "one", made))
    other = as_html(read(tmp_path / "other", made[::-1]))
    assert one == other


def test_an_empty_class_has_a_report(tmp_path):
    results = read(tmp_path, [Made("ada", {}, handed_in=False)])
    assert "Nobody is graded yet" in as_html(results)


def test_eight_hundred_students_stay_one_page_of_a_readable_size(results):
    many = tuple(
        replace(one, person=replace(one.person, id=f"{one.person.id}-{i}"))
        for i in range(11)
        for one in results.students
    )
    page = as_html(replace(results, students=many))
    assert len(many) > 800
    assert len(page) < 400_000
    # what is not folded away
    assert len(re.sub(r"<details>.*?</details>", "", page, flags=re.DOTALL)) < 60_000


def test_missing_things_say_what_to_do(tmp_path):
    with pytest.raises(CourseError, match="name the folder in which you run nbgrader's"):
        ClassFolder.open(tmp_path)
    (tmp_path / "nbgrader_config.py").write_text("c = get_config()\n", encoding="utf-8")
    with pytest.raises(CourseError, match="grade an assignment first"):
        read_results(ClassFolder.open(tmp_path), NAME)
    assert not (tmp_path / "gradebook.db").exists()
    make_class(tmp_path, NAME, [Made("ada", small())])
    with pytest.raises(CourseError, match='Did you mean "section_2_1"'):
        read_results(ClassFolder.open(tmp_path), "section_21")


def test_the_folders_of_the_settings_are_used(tmp_path):
    make_class(tmp_path, NAME, [Made("ada", small(eq4=outcome("eq4", "no-factor-2")))])
    (tmp_path / "autograded").rename(tmp_path / "marked")
    with (tmp_path / "nbgrader_config.py").open("a", encoding="utf-8") as config:
        config.write("c.CourseDirectory.autograded_directory = 'marked'\n")
    [row] = common_mistakes(read_results(ClassFolder.open(tmp_path), NAME))
    assert row.name == "no-factor-2"
    [record, *_] = read_records(tmp_path / f"marked/ada/{NAME}/{NAME}.ipynb")
    assert record.mistake == "no-factor-2"
