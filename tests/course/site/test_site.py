"""The site as a whole: its folder, and the page that it opens with."""

import re
from html.parser import HTMLParser

import pytest

from bplab.course import CourseError, build_site
from bplab.course.site import build
from bplab.course.site.start import start_page


class Links(HTMLParser):
    """The links of a page, and its words."""

    def __init__(self, text):
        super().__init__()
        self.links, self.words = [], ""
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.links += [value for name, value in attrs if tag == "a" and name == "href"]

    def handle_data(self, data):
        self.words += data


@pytest.fixture
def stub(monkeypatch):
    """Neither JupyterLite nor pages are built: what is asked here is what becomes of the folder."""

    def build_lite(course, scratch, **how):
        made = scratch / "lite"
        made.mkdir()
        (made / "jupyter-lite.json").write_text("{}", encoding="utf-8")
        return made

    def build_pages(course, out, *, lite):
        out.mkdir(parents=True, exist_ok=True)
        for name in ("index.html", "objects.inv"):
            (out / name).write_text("made by Sphinx", encoding="utf-8")

    monkeypatch.setattr(build, "build_lite", build_lite)
    monkeypatch.setattr(build, "build_pages", build_pages)


def test_in_a_clone_the_site_opens_with_the_pages_elsewhere_with_the_notebooks(
    stub, tmp_path, course
):
    page = build_site(course, tmp_path / "site")
    assert page == tmp_path / "site" / "index.html"
    assert page.read_text(encoding="utf-8") == "made by Sphinx"
    own = course.copied_to(tmp_path / "own")
    assert "path=section_0.ipynb" in build_site(own, tmp_path / "theirs").read_text("utf-8")


@pytest.mark.parametrize("lite", [True, False])
def test_a_site_is_written_over_an_older_one_and_nothing_of_that_is_left(
    stub, tmp_path, course, lite
):
    build_site(course, tmp_path / "site", lite=lite)
    (tmp_path / "site/lite").mkdir(exist_ok=True)
    (tmp_path / "site/lite/old.js").touch()
    build_site(course, tmp_path / "site", lite=lite)
    assert not (tmp_path / "site/lite/old.js").exists()
    assert (tmp_path / "site/lite/jupyter-lite.json").exists() is lite


@pytest.mark.parametrize("name", ["thesis.tex", "index.html"])
def test_a_folder_that_holds_something_else_is_left_alone(stub, tmp_path, course, name):
    (tmp_path / name).touch()
    with pytest.raises(CourseError, match="is neither empty nor a site: name a new folder"):
        build_site(course, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_a_course_that_is_not_built_yet_is_said_to_be_so(stub, tmp_path, course):
    own = course.copied_to(tmp_path / "own")
    own.release_file("section_1").unlink()
    with pytest.raises(CourseError, match=r"section_1\.ipynb is missing: run bplab course build"):
        build_site(own, tmp_path / "site")
    assert not (tmp_path / "site").exists()


def test_the_first_page_links_to_every_notebook_and_says_where_numpy_comes_from(course):
    page = Links(start_page(course, "lite", packages_served=False))
    names = [re.search(r"path=(\w+)\.ipynb$", link)[1] for link in page.links]
    assert [name.removeprefix("the_").removeprefix("way_") for name in names] == course.names()
    assert names == sorted(names)  # as JupyterLite lists them
    assert "if that cannot be reached, the first cell ends with an error" in page.words
    page = Links(start_page(course, "lite", packages_served=True))
    assert "cannot be reached" not in page.words
