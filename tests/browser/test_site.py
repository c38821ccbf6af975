"""The site's pages as they are built: without a warning, in a browser, for everybody."""

import functools
import re
import shutil
import subprocess
import sys
from importlib import import_module
from urllib.parse import unquote, urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from bs4 import BeautifulSoup
from sphinx.util.inventory import InventoryFile

from bplab.course import Course, build_pages
from bplab.course.site import sources
from tests.browser import static_host

pytestmark = [pytest.mark.thorough, pytest.mark.xdist_group("site")]

LITE = re.compile(r"lite/(index\.html|lab/index\.html\?path=\w+\.ipynb)$")
"""Addresses in the site that `build_pages` does not make."""

ELSEWHERE = {
    *("github.com", "codespaces.new", "mybinder.org", "colab.research.google.com"),
    *(
        "nbgrader.readthedocs.io",
        "nbgitpuller.readthedocs.io",
        "docs.astral.sh",
        "pipx.pypa.io",
        "keepachangelog.com",
    ),
    *("semver.org", "www.contributor-covenant.org", "pradyunsg.me", "peps.python.org"),
}
"""Where pages link to. Nothing is loaded from there."""


@pytest.fixture(scope="module")
def site(course, tmp_path_factory):
    """The pages; Sphinx ends with an error if one of them gives a warning."""
    out = tmp_path_factory.mktemp("site")
    build_pages(course, out)
    return out


@pytest.fixture(scope="module")
def soups(site):
    return {
        path.relative_to(site).as_posix(): BeautifulSoup(
            path.read_text(encoding="utf-8"), "html.parser"
        )
        for path in site.rglob("*.html")
        if "_static" not in path.parts
    }


@pytest.fixture(scope="module")
def served(site):
    with static_host.served(site) as address:
        yield f"{address}/"


NO_EXCERPTS = "Access to fetch at 'file:"
"""Opened as a file, a search lists pages without the words around what it found."""


@pytest.fixture
def watched(page, served):
    """A page to open; what it asks of others is not answered, and taken down."""
    asked, complaints = [], []

    def alone(route):
        if route.request.url.startswith((served, "file:", "data:")):
            return route.continue_()
        asked.append(route.request.url)
        return route.abort()

    page.route("**/*", alone)
    page.on("console", lambda m: complaints.append(m.text) if m.type == "error" else None)
    yield page
    assert asked == []
    if any(said.startswith(NO_EXCERPTS) for said in complaints):
        complaints = [
            said for said in complaints if not said.startswith((NO_EXCERPTS, "Failed to load"))
        ]
    assert complaints == []


def ready(page):
    """Wait until formulas are set."""
    page.evaluate("window.MathJax ? MathJax.startup.promise.then(() => 0) : 0")


def links(soup):
    for tag, name in (("a", "href"), ("link", "href"), ("script", "src"), ("img", "src")):
        for element in soup.find_all(tag, **{name: True}):
            yield tag, element[name]


def test_every_link_within_the_site_arrives(site, soups):
    ids = {
        name: {element["id"] for element in soup.find_all(id=True)} for name, soup in soups.items()
    }
    checked = 0
    for name, soup in soups.items():
        for _, link in links(soup):
            to = urlsplit(link)
            if to.scheme or LITE.search(link):
                continue
            path = (site / name).parent / unquote(to.path) if to.path else site / name
            assert path.is_file(), f"{name}: {link}"
            target = path.resolve().relative_to(site.resolve()).as_posix()
            if to.fragment and target in ids:
                assert unquote(to.fragment) in ids[target], f"{name}: {link}"
                checked += 1
    assert checked > 500


def test_every_page_that_should_links_to_the_notebooks_that_run_in_the_browser(soups):
    linking = {name for name, soup in soups.items() for _, link in links(soup) if LITE.search(link)}
    assert linking == {"try.html", *(f"notebooks/{name}.html" for name in Course.find().names())}


def test_only_links_lead_elsewhere_and_all_are_known(soups):
    for name, soup in soups.items():
        for tag, link in links(soup):
            to = urlsplit(link)
            if not to.scheme or to.scheme in ("data", "mailto"):
                continue
            assert tag == "a", f"{name} loads {link}"
            assert to.scheme == "https", f"{name}: {link}"
            assert to.hostname in ELSEWHERE, f"{name}: {link}"


def test_every_public_name_has_its_entry(site):
    with (site / "objects.inv").open("rb") as stream:
        found = InventoryFile.load(stream, "", lambda base, path: path)
    entries = {name for kind, names in found.items() if kind.startswith("py:") for name in names}
    for module in sources.API:
        missing = {f"{module}.{name}" for name in import_module(module).__all__} - entries
        assert missing == set(), module


def test_every_picture_has_a_description(soups):
    pictures = [(name, image) for name, soup in soups.items() for image in soup.find_all("img")]
    assert len(pictures) > 40
    for name, image in pictures:
        assert len(image.get("alt", "")) > 20, f"{name}: {str(image)[:100]}"


PROSE = """article => {
  const copy = article.cloneNode(true);
  copy.querySelectorAll('pre, code, script, mjx-container').forEach(part => part.remove());
  return copy.textContent;
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_and_formulas_are_set(watched, served, soups, scheme):
    watched.emulate_media(color_scheme=scheme)
    formulas = 0
    for name in soups:
        watched.goto(served + name)
        ready(watched)
        found = Axe().run(watched).response
        assert found["passes"]
        assert [(v["id"], v["nodes"][0]["html"]) for v in found["violations"]] == [], name
        assert watched.locator("mjx-merror").count() == 0, name
        formulas += watched.locator("mjx-container").count()
        text = watched.locator("article").evaluate(PROSE) if "library" not in name else ""
        assert not re.search(r"\$[^$\n]+\$|\\(?:frac|sum|partial)", text), name
    assert formulas > 300


@pytest.mark.parametrize("width", [1280, 800, 400])
def test_no_page_is_wider_than_the_window(watched, served, soups, width):
    watched.set_viewport_size({"width": width, "height": 900})
    for name in soups:
        watched.goto(served + name)
        ready(watched)
        too_wide = watched.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert too_wide <= 0, name


@pytest.mark.parametrize("way", ["served", "opened as a file"])
def test_the_search_finds_without_a_network(watched, served, site, way):
    start = served if way == "served" else f"file://{site}/"
    watched.goto(f"{start}index.html")
    watched.get_by_placeholder("Search").fill("softmax")
    watched.keyboard.press("Enter")
    results = watched.locator("#search-results li a")
    results.nth(5).wait_for()
    results.first.click()
    watched.wait_for_url(lambda url: "search.html" not in url)
    assert "softmax" in watched.locator("article").inner_text().lower()


def test_an_answer_unfolds_by_keyboard(watched, served):
    watched.goto(f"{served}notebooks/section_2_1.html")
    fold = watched.locator("details.hide").first
    assert not fold.evaluate("e => e.open")
    fold.locator("summary").focus()
    watched.keyboard.press("Enter")
    assert fold.evaluate("e => e.open")


def test_a_notebook_can_be_printed_as_the_guide_says(browser_type_launch_args, course, tmp_path):
    guide = (course.root / "course/README.md").read_text(encoding="utf-8")
    to_html, to_pdf = (
        re.search(rf"^{start}.*?(?= *#|$)", guide, re.MULTILINE)[0].split()
        for start in ("jupyter nbconvert --to html", "chromium")
    )
    (tmp_path / "solutions").mkdir()
    shutil.copy(course.solution_file("section_2_1"), tmp_path / "solutions")
    run = functools.partial(subprocess.run, cwd=tmp_path, check=True, capture_output=True)
    run([sys.executable, "-m", *to_html])
    launch = [browser_type_launch_args["executable_path"], *browser_type_launch_args["args"]]
    run([*launch, *to_pdf[1:]])
    pages = (tmp_path / "section_2_1.pdf").read_bytes().count(b"/Type /Page\n")
    assert pages > 5
