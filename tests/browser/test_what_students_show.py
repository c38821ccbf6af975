"""What a student shows, in a real Chromium: formgrader's own page, a feedback page, the report.

Nothing in it runs, nothing asks for what is not on the page's own server, and no mark changes.
Stock nbgrader shows the same notebook once, where all of it runs: a test that would see nothing
would fail there.
"""

import json
import shutil
from pathlib import Path

import pytest
from nbgrader.api import Gradebook
from typer.testing import CliRunner

from bplab.cli.main import app
from bplab.course import Course
from bplab.grading.class_run.grade import grade_class
from bplab.grading.folder import ClassFolder
from bplab.grading.judge.submission import Assignment, Grader
from tests.benchmarks.panels.browser import Lab
from tests.browser.payloads import ELSEWHERE, FIRES, FOLDER, NAMES, cells
from tests.grading.class_run.mini_class import (
    NAME,
    RIGHT,
    Here,
    hand_in,
    make_course,
    marks,
    nbgrader,
    notebook_of,
    released,
)
from tests.once import made_once

pytestmark = pytest.mark.xdist_group("formgrader")

# formgrader waits for it, and the network may be missing
MATHJAX = """window.MathJax = {Hub: {
  Config() {}, Queue() {}, Startup: {signal: {Interest(hear) { setTimeout(hear, 100, "End") }}}}}"""

# links to other sites may stand: they lead there if they are clicked
CLICKED = "a:not([href^=http], .anchor-link), button, input"
SHOWN = ":is(#notebook-container, main)"  # formgrader's, and ours
CLICK = """one => one.closest('.nbgrader_cell') || one.dispatchEvent(
  new MouseEvent('click', {bubbles: true, cancelable: true}))"""


def handed_in(folder: Path) -> str:
    """A right notebook, and all payloads in cells of its own and in its metadata."""
    notebook = json.loads(notebook_of(folder, RIGHT))
    *first, last = cells()
    notebook["cells"] = [
        *first,
        *notebook["cells"],
        last,
    ]  # what is behind the last mark is not run
    notebook["metadata"]["title"] = "</title><script>fired('title')</script>"
    notebook["metadata"]["kernelspec"]["display_name"] = "<img src=x onerror=fired('kernel')>"
    return json.dumps(notebook)


def make_class(folders: pytest.TempPathFactory, folder: Path) -> Path:
    shutil.copytree(made_once(folders, "mini-course", make_course), folder)
    hand_in(folder, "ada", RIGHT)
    for student in ("mallory", FOLDER):
        hand_in(folder, student, handed_in(folder))
    with Gradebook(f"sqlite:///{folder / 'gradebook.db'}", "mini") as book:
        book.update_or_create_student("mallory", **NAMES)
        book.update_or_create_student("ada")
    return folder


@pytest.fixture(scope="module")
def ours(browser_type_launch_args, tmp_path_factory):
    """A class with this course's settings, graded; with feedback, and a report."""
    folder = make_class(tmp_path_factory, tmp_path_factory.mktemp("ours") / "course")
    settings = Course.find().root / "course" / "nbgrader_config.py"
    own = f'{settings.read_text(encoding="utf-8")}\nc.CourseDirectory.course_id = "mini"\n'
    (folder / "nbgrader_config.py").write_text(own, encoding="utf-8")
    assignment = Assignment(NAME, released(folder), "secret")
    result = grade_class(ClassFolder.open(folder), assignment, Grader, Here())
    assert {one.student: one.state for one in result.outcomes} == {
        "ada": "graded",
        "mallory": "graded",
    }
    assert [one.name for one in result.refused] == [FOLDER]
    nbgrader(folder, "generate_feedback", NAME)
    said = CliRunner().invoke(app, ["report", NAME, "--course", str(folder)])
    assert said.exit_code == 0, said.output
    return folder


@pytest.fixture(scope="module")
def server(ours, tmp_path_factory):
    lab = Lab(ours, tmp_path_factory.mktemp("home"))
    yield lab
    lab.stop()


class Watched:
    """A page that is watched: what ran in it, and what it asked of others."""

    def __init__(self, page):
        self.page, self.fired, self.asked = page, set(), set()
        page.expose_function("fired", lambda name="": self.fired.add(name))
        page.on("dialog", lambda dialog: dialog.dismiss())
        page.route("**/*", self._route)

    def _route(self, route):
        url = route.request.url
        if url.startswith(("http://127.0.0.1:", "file:")):
            return route.continue_()
        if "/ajax/libs/mathjax/" in url:  # nbgrader's own
            return route.fulfill(body=MATHJAX, content_type="text/javascript")
        self.asked.add(url)
        return route.fulfill(status=204)

    def show(self, url, click=True):
        self.page.goto(url, wait_until="load")
        self.page.wait_for_timeout(1_000)
        if click:
            for one in self.page.query_selector_all(f"{SHOWN} :is({CLICKED})"):
                one.evaluate(CLICK)
                self.page.wait_for_timeout(30)  # of two links at once the second counts
        return self


def formgraders(page, folder, lab, student="mallory"):
    """Log in as an instructor does, and return the address of a submission's page."""
    page.request.get(f"{lab.url}/api/contents?token={lab.token}")
    with Gradebook(f"sqlite:///{folder / 'gradebook.db'}", "mini") as book:
        id = book.find_submission_notebook(NAME, NAME, student).id
    return f"{lab.url}/formgrader/submissions/{id}/"


def feedback(folder):
    return (folder / "feedback" / "mallory" / NAME / f"{NAME}.html").as_uri()


def test_in_formgrader_nothing_runs_and_nothing_leaves(page, ours, server):
    before = marks(ours)
    watched = Watched(page).show(formgraders(page, ours, server))
    assert page.locator(".nbgrader_cell").count() == 5  # it is the page
    assert "an attachment" in page.inner_text("#notebook-container")
    assert "(interactive output, not shown)" in page.inner_text("#notebook-container")
    assert (watched.fired, watched.asked) == (set(), set())
    assert marks(ours) == before


def test_formgrader_still_does_its_work(page, ours, server):
    """Its own scripts run: names are shown at a click, points and comments are stored."""
    Watched(page).show(formgraders(page, ours, server, "ada"), click=False)
    page.wait_for_selector("input#test-one[placeholder]")
    name = page.locator("a.name-shown")
    assert not name.is_visible()
    page.locator(".glyphicon-eye-open.name-hidden").click()
    name.wait_for(state="visible")
    assert name.inner_text().strip() == "ada"
    with page.expect_response(lambda r: "/api/grade/" in r.url and r.request.method == "PUT"):
        page.locator("input#essay").fill("2")
        page.locator("input#essay").press("Tab")
    with page.expect_response(lambda r: "/api/comment/" in r.url and r.request.method == "PUT"):
        page.locator("textarea#essay-comment").fill("Good **work**")
        page.locator("textarea#essay-comment").press("Tab")
    ada = marks(ours)["ada"]
    assert ada["grades"]["essay"][1] == 2.0
    assert ada["comments"]["essay"][1] == "Good **work**"


def test_in_a_feedback_page_nothing_runs_and_nothing_leaves(page, ours):
    watched = Watched(page).show(feedback(ours))
    assert "an attachment" in page.inner_text("body")
    assert (watched.fired, watched.asked) == (set(), set())


def test_in_the_report_nothing_runs_and_nothing_leaves(page, ours):
    watched = Watched(page).show((ours / "reports" / f"{NAME}.html").as_uri())
    assert "<img src=x onerror" in page.locator("body").text_content()
    assert (watched.fired, watched.asked) == (set(), set())


@pytest.mark.thorough
def test_in_stock_nbgrader_it_runs(page, browser_type_launch_args, tmp_path, tmp_path_factory):
    folder = make_class(tmp_path_factory, tmp_path / "course")
    nbgrader(folder, "autograde", NAME)
    found = _in_formgrader(page, folder, tmp_path / "home")
    assert not FIRES - found, " ".join(sorted(FIRES - found))
    assert len(FIRES) >= 25


def _in_formgrader(page, folder, home):
    """Names of the payloads that ran in stock formgrader, or that left its page."""
    home.mkdir()
    lab = Lab(folder, home)
    try:
        watched = Watched(page).show(formgraders(page, folder, lab))
    finally:
        lab.stop()
    return watched.fired | {url.removeprefix(f"{ELSEWHERE}/") for url in watched.asked}
