"""A JupyterHub with nbgrader's exchange, for real: an instructor and two students.

It is set up from the blocks of ``course/hub.md``. One student works in a terminal, the other in a
browser, and so does the instructor. It makes three users on this machine, and removes them. Where
the hub is installed elsewhere than the tests, ``BPLAB_HUB`` names the folder with its programs:

    BPLAB_HUB=/opt/hub/bin make test-all ARGS="tests/places/test_hub.py -n 0"
"""

import json
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

from bplab.course import Course
from bplab.exercises import TASKS
from tests.browser.conftest import browser_context_args, browser_type_launch_args  # noqa: F401
from tests.places.hub import ADA, BEN, TEACHER, Hub, files_of_the_guide, home_of, missing

NAME = "section_1"
POINTS = sum(task.points for task in TASKS.values() if task.notebook == NAME)

no_hub = missing()
pytestmark = [
    pytest.mark.thorough,
    pytest.mark.xdist_group("hub"),
    pytest.mark.skipif(bool(no_hub), reason=f"no JupyterHub: {no_hub}"),
]


@pytest.fixture(scope="module")
def hub():
    with tempfile.TemporaryDirectory(prefix="bplab-hub-") as folder:
        Path(folder).chmod(0o755)
        made = Hub(Path(folder))
        try:
            made.start()
            made.run(TEACHER, "bplab course new ~/teaching")
            made.run(TEACHER, f"cd ~/teaching/course && bplab course build {NAME}")
            made.run(TEACHER, f"nbgrader generate_assignment {NAME}")
            made.run(TEACHER, f"nbgrader release_assignment {NAME}")
            yield made
        finally:
            made.stop()


@pytest.fixture(scope="module")
def by_commands(hub):
    """Ada hands in the solution; all commands are run in home folders."""
    solved = Course.find().solution_file(NAME).read_text(encoding="utf-8")
    hub.run(ADA, f"nbgrader fetch_assignment {NAME}")
    (home_of(ADA) / NAME / f"{NAME}.ipynb").write_text(solved, encoding="utf-8")
    hub.run(ADA, f"nbgrader submit {NAME}")
    said = hub.run(TEACHER, f"nbgrader collect {NAME}")
    said += hub.run(TEACHER, f"bplab grade {NAME} && bplab feedback {NAME}")
    said += hub.run(TEACHER, f"nbgrader release_feedback {NAME}")
    hub.run(ADA, f"nbgrader fetch_feedback {NAME}")
    return said


def marks(hub):
    report = hub.run(
        TEACHER, f"bplab export {NAME} --format csv && cat ~/teaching/course/reports/*.csv"
    )
    return dict(re.findall(r"^(bplab-\w+),.*?(\d+(?:\.\d+)?)", report, re.M))


def test_the_guide_has_all_four_files():
    assert [Path(name).name for name in files_of_the_guide()] == [
        "jupyterhub_config.py",
        "nbgrader_config.py",
        "page_config.json",
        "nbgrader_config.py",
    ]


def test_an_assignment_goes_round_by_commands(hub, by_commands):
    assert f"{NAME}: 1 graded; mean {POINTS:.2f} of {POINTS} points" in by_commands
    assert "Traceback" not in by_commands
    assert "WARNING" not in by_commands
    [page] = (home_of(ADA) / NAME / "feedback").glob(f"*/{NAME}.html")
    assert f"{POINTS}" in page.read_text(encoding="utf-8")


def test_a_student_reads_nothing_of_the_class_nor_of_another_student(hub, by_commands):
    for folder in (home_of(TEACHER) / "teaching", hub.exchange / "bplab" / "inbound"):
        assert "Permission denied" in hub.run(BEN, f"ls {folder}", check=False)
    said = hub.run(BEN, f"cat {home_of(TEACHER)}/teaching/course/secret.txt", check=False)
    assert "Permission denied" in said


def test_a_link_in_the_exchange_is_not_followed(hub, by_commands):
    secret = home_of(TEACHER) / "teaching" / "course" / "secret.txt"
    sent = hub.exchange / "bplab" / "inbound" / f"{BEN}+{NAME}+2030-01-01 10:00:00.0 UTC+x"
    hub.run(BEN, f"mkdir '{sent}' && cd '{sent}' && ln -s {secret} notes.txt && echo x > a.txt")
    hub.run(TEACHER, f"nbgrader collect {NAME}")
    there = home_of(TEACHER) / "teaching" / "course" / "submitted" / BEN / NAME
    assert [path.name for path in there.iterdir()] == ["a.txt"]
    shutil.rmtree(there.parent)
    shutil.rmtree(sent)


def opened(hub, browser, user):
    page = browser.new_context(viewport={"width": 1280, "height": 1000}).new_page()
    page.set_default_timeout(60_000)
    page.goto(f"{hub.url}/hub/login")
    page.fill("#username_input", user)
    page.fill("#password_input", hub.password)
    page.click("#login_submit")
    page.wait_for_url(re.compile(r"/user/.*/lab"))
    page.wait_for_selector(".jp-DirListing-content")
    return page


def menu(page):
    page.get_by_role("menuitem", name="Nbgrader").click()
    labels = page.locator(".lm-Menu-itemLabel")
    labels.first.wait_for()
    return [label for label in labels.all_inner_texts() if label]


def test_a_student_has_the_assignment_list_and_none_of_the_instructors_menus(hub, browser):
    assert menu(opened(hub, browser, BEN)) == ["Assignment List"]
    assert "Formgrader" in menu(opened(hub, browser, TEACHER))


def test_an_assignment_goes_round_in_the_browser(hub, by_commands, browser):
    page = opened(hub, browser, BEN)
    menu(page)
    page.locator(".lm-Menu-itemLabel", has_text="Assignment List").click()
    page.get_by_role("button", name="Fetch", exact=True).click()
    page.get_by_role("button", name="Submit", exact=True).wait_for()

    page.goto(f"{hub.url}/user/{BEN}/lab/tree/{NAME}/{NAME}.ipynb")
    page.wait_for_selector(".jp-NotebookPanel")
    page.locator(".jp-Toolbar", has_text="Python 3").first.wait_for()
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.locator(".lm-Menu-itemLabel", has_text=re.compile("^Run All Cells$")).click()
    page.get_by_text("Your progress").last.wait_for()  # the last cell of the notebook
    page.keyboard.press("Control+s")
    page.wait_for_selector(".jp-mod-dirty", state="detached")
    run = json.loads((home_of(BEN) / NAME / f"{NAME}.ipynb").read_text(encoding="utf-8"))
    assert any(cell.get("outputs") for cell in run["cells"])

    menu(page)
    page.locator(".lm-Menu-itemLabel", has_text="Assignment List").click()
    page.get_by_role("button", name="Submit", exact=True).click()
    page.get_by_text(re.compile(r"^20\d\d-\d\d-\d\d .* UTC")).first.wait_for()

    desk = opened(hub, browser, TEACHER)
    menu(desk)
    desk.locator(".lm-Menu-itemLabel", has_text=re.compile("^Formgrader$")).click()
    frame = desk.frame_locator("iframe")
    row = frame.locator("tr", has_text=NAME)
    row.locator(".collect a").click()
    frame.get_by_text(re.compile("Successfully collected")).wait_for()
    frame.get_by_role("button", name="OK").click()
    desk.goto(f"{hub.url}/user/{TEACHER}/formgrader/manage_submissions/{NAME}")
    row = desk.locator("tr", has_text=BEN)
    for column, done in (
        ("autograde", "Successfully autograded"),
        ("generate-feedback", "Successfully generated feedback"),
        ("release-feedback", "Successfully released feedback"),
    ):
        row.locator(f".{column} a").click()
        desk.get_by_text(re.compile(done)).wait_for(timeout=120_000)
        desk.get_by_role("button", name="OK").click()
        desk.locator(".modal").wait_for(state="detached")
    assert f"0 / {POINTS}" in row.inner_text()

    desk.goto(f"{hub.url}/user/{TEACHER}/formgrader/gradebook/{NAME}/{NAME}")
    desk.locator("table a").first.click()
    desk.wait_for_selector(".nbgrader_cell")
    policy = desk.locator('meta[http-equiv="Content-Security-Policy"]')
    assert "script-src" in policy.get_attribute("content")

    page.get_by_role("button", name="Fetch Feedback").click()
    page.get_by_text("view feedback").wait_for()
    [feedback] = (home_of(BEN) / NAME / "feedback").glob(f"*/{NAME}.html")
    assert "not written yet" in feedback.read_text(encoding="utf-8")
    assert marks(hub)[BEN] in ("0", "0.0")
    assert marks(hub)[ADA] in (f"{POINTS}", f"{POINTS}.0")


def test_a_link_of_nbgitpuller_opens_the_first_notebook(hub, browser):
    bare = hub.folder / "repository"
    subprocess.run(["git", "clone", "-q", "--bare", Course.find().root, bare], check=True)
    subprocess.run(["chown", "-R", BEN, bare], check=True)
    [link] = re.findall(r"^https://HUB(/hub/user-redirect/\S+)", hub_guide(), re.M)
    link = re.sub(r"(repo=)[^&]+&branch=main", rf"\1file://{bare}&targetPath=bplab", link)
    page = opened(hub, browser, BEN)
    page.goto(hub.url + link)
    page.wait_for_url(re.compile("lab/tree/bplab"))
    page.get_by_role("tab", name="section_0.ipynb").wait_for()
    assert (home_of(BEN) / "bplab/course/release/section_0/section_0.ipynb").is_file()


def hub_guide():
    return (Course.find().root / "course" / "hub.md").read_text(encoding="utf-8")
