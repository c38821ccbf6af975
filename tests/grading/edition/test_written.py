"""Writing an edition: whole or not at all, for every assignment, by an allow-list that fits."""

from dataclasses import replace

import pytest

from bplab.course import Course
from bplab.grading.edition import write_edition
from bplab.grading.edition.cut import cut
from bplab.grading.edition.kept import KEPT


def test_it_is_written_whole_or_not_at_all(tmp_path):
    with pytest.raises(ValueError, match="no assignment 'section_9'; there are: section_0"):
        write_edition("section_9", tmp_path / "a")
    assert not (tmp_path / "a").exists()
    folder = write_edition("section_1", tmp_path / "b")
    assert [path.name for path in folder.iterdir()] == ["bplab"]
    with pytest.raises(FileExistsError, match="is there already"):
        write_edition("section_1", tmp_path / "b")


def test_an_assignment_of_several_sections_has_the_answers_of_none(tmp_path):
    folder = write_edition("week 7", tmp_path / "mixed", tasks=["eq12", "eq4", "no exercise"])
    text = {file.stem: file.read_text("utf-8") for file in folder.rglob("*.py")}
    assert "def forward(" in text["network"]  # both sections keep it
    assert "def grad_beta(" not in text["network"]  # section 2.3 alone would
    assert "def update(" not in text["descent"]
    plain = write_edition("essay", tmp_path / "own", tasks=[])
    assert "def grad_beta(" in (plain / "bplab" / "network.py").read_text("utf-8")


@pytest.mark.one_in(3)
@pytest.mark.parametrize("assignment", KEPT)
def test_what_evaluates_functions_is_there_whole(assignment):
    texts = cut(KEPT[assignment])
    agents = [text for name, text in texts.items() if name.startswith("grading.")]
    agents.remove(texts["grading._withheld"])
    assert len(agents) >= 2
    for text in (*agents, texts["learner.call"]):
        assert "_withheld.Stub" not in text
        assert "_withheld.withheld_class" not in text


def test_the_allow_list_must_fit_the_library():
    kept = KEPT["section_2_1"]
    for wrong in (
        replace(kept, modules={**kept.modules, "network": ("forwards",)}),
        replace(kept, modules={**kept.modules, "networks": ("forward",)}),
        replace(kept, without=frozenset({"gradcheck.numerical.complex_step"})),
    ):
        with pytest.raises(ValueError, match=r"bplab\.\S+ (has no|to be)"):
            cut(wrong)


def test_every_assignment_has_an_edition():
    assert sorted(KEPT) == sorted(Course.find().names())
