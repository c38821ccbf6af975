"""Everything under ``submitted/`` is accounted for: graded, taken, or named."""

import pytest

from bplab.grading.collect import take_astray
from tests.grading.collect.test_collect import NAME, course, left, notebook, packed, text_of

__all__ = ["course"]


def put(course, name, content=None):
    path = course.root / "submitted" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else notebook("mine").encode())


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("ada/Section_2_1/section_2_1.ipynb", None),
        ("ada/section-2.1/final.ipynb", None),
        (f"ada/{NAME}.ipynb", None),
        (f"ada/{NAME} (2).ipynb", None),
        (f"ada/{NAME}.zip", {f"{NAME}.ipynb": notebook("mine")}),
        (f"ada/{NAME}.zip", {f"{NAME}/any.ipynb": notebook("mine")}),
        (f"ada/{NAME}.ipynb.txt", None),
        (f"ada/{NAME}.json", None),
    ],
)
def test_what_is_in_no_doubt_is_taken(course, name, content):
    # packed here: an archive holds the time, and each worker would name its test otherwise
    put(course, name, packed(content) if content else None)
    came = take_astray(course, NAME, limit=10**6)
    assert [one.student for one in came.taken] == ["ada"]
    assert "mine" in text_of(course, "ada")
    assert (course.root / "submitted" / name).exists(), "what is there stays"
    assert not came.left
    again = take_astray(course, NAME, limit=10**6)
    assert again.taken == again.left == [], "it is told once"


def test_whoever_has_a_folder_keeps_it_and_the_rest_is_named(course):
    put(course, f"ada/{NAME}/{NAME}.ipynb", notebook("placed").encode())
    put(course, f"ada/{NAME}.ipynb")
    put(course, f"{NAME}.ipynb")
    put(course, "ben.ipynb")
    put(course, f"cy/{NAME}.zip", b"damaged")
    put(course, "dee/section_1.ipynb")
    came = take_astray(course, NAME, limit=10**6)
    assert not came.taken
    assert "placed" in text_of(course, "ada")
    assert left(came) == {
        f"ada/{NAME}.ipynb": f"{NAME}/ is there, and is graded",
        f"{NAME}.ipynb": "is in no student's folder",
        "ben.ipynb": "is in no student's folder",
        f"cy/{NAME}.zip": "is no zip file that can be read",
    }


def test_only_those_that_are_asked_for(course):
    put(course, f"ada/{NAME}.ipynb")
    put(course, f"ben/{NAME}.ipynb")
    came = take_astray(course, NAME, limit=10**6, students={"ben"})
    assert [one.student for one in came.taken] == ["ben"]


def test_a_class_that_has_nothing_yet_has_nothing_astray(course):
    assert not take_astray(course, NAME, limit=10**6).left
