"""On a page of JupyterLab a failed check is HTML: there the text of errors breaks inside words."""

import html
import re
import sys

import pytest
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output

import bplab
from bplab.exercises import CheckFailed, check, first_wrong
from bplab.exercises.first_wrong import FirstWrong
from tests.exercises.first_wrong.test_words import stretched, without_the_factor

PLACE = FirstWrong(4, 4, 8, "    ones = X <= 3", proven=True)
MODULE = sys.modules["bplab.exercises.check"]


@pytest.fixture(autouse=True)
def on_a_page(monkeypatch):
    """Where Jupyter's server has begun the kernel."""
    monkeypatch.setenv("JPY_SESSION_NAME", "section_2_1.ipynb")
    InteractiveShell.instance()
    yield
    InteractiveShell.clear_instance()


def shown(function):
    """What stands under a cell with a check: each display as it was, and the error."""
    with pytest.raises(CheckFailed) as failed:
        check("eq5", function)
    with capture_output() as captured:
        below = failed.value._render_traceback_()
    assert captured.stderr == captured.stdout == ""
    return failed.value, [output.data for output in captured.outputs], below


def words(text):
    text = re.sub("<[^>]*>", " ", re.sub("</?(span|strong)[^>]*>", "", text))
    return html.unescape(text).split()


def test_all_of_it_is_said_once():
    error, (page,), below = shown(without_the_factor)
    assert below == ["CheckFailed: [eq5/no-factor-2]"]
    said = f"{error}".replace("[eq5/no-factor-2]", "")
    assert words(page["text/html"]) == words(page["text/plain"]) == said.split()
    assert "[eq5/no-factor-2]" in str(error)  # for code, and for what is kept


def test_ipython_may_ask_again_for_its_history():
    error, *_ = shown(without_the_factor)
    with capture_output() as captured:
        again = error._render_traceback_()
    assert captured.outputs == []
    assert "g: not yet" in again[0]
    assert "[eq5/no-factor-2]" in again[-1]


def test_there_is_no_line_break_for_a_narrow_page_to_break_again():
    error, (page,), _ = shown(without_the_factor)
    (seen,) = (line for line in error.english.split("\n") if line.startswith("Case"))
    assert len(seen) > 80
    assert html.escape(seen, quote=False) in re.sub("</?span[^>]*>", "", page["text/html"])


def test_the_line_comes_into_what_is_read_already(monkeypatch):
    monkeypatch.setattr(first_wrong, "LOOKS", True)
    monkeypatch.setattr(first_wrong, "first_wrong", lambda *given: PLACE)
    _, (first, then), below = shown(stretched)
    assert "every answer is right" not in first["text/html"]
    assert "With one small change in line 4 every answer is right:" in then["text/html"]
    assert "ones = X &lt;= 3\n^^^^</pre>" in then["text/html"]
    above, _, rest = first["text/html"].partition("More help")
    assert rest
    assert then["text/html"].startswith(above)
    assert below == ["CheckFailed: [eq5/weights-wrong]"]


def test_who_interrupts_loses_the_line_and_nothing_else(monkeypatch):
    def stopped(*given):
        raise KeyboardInterrupt

    monkeypatch.setattr(first_wrong, "LOOKS", True)
    monkeypatch.setattr(first_wrong, "first_wrong", stopped)
    _, (first, then), _ = shown(stretched)
    assert then == first
    assert "The bias column of grad_alpha is right" in then["text/html"]


def test_it_is_told_in_german():
    bplab.language("de")
    try:
        _, (page,), below = shown(without_the_factor)
    finally:
        bplab.language("en")
    assert 'Mehr Hilfe: hint("eq5")' in page["text/html"]
    assert "More help" not in page["text/html"]
    assert below == ["CheckFailed: [eq5/no-factor-2]"]


def test_a_cell_to_look_at_it_can_be_copied(monkeypatch):
    monkeypatch.setattr(MODULE, "PATIENCE", 1)
    _, (page,), _ = shown(without_the_factor)
    (code,) = re.findall("<pre[^>]*>(.*?)</pre>", page["text/html"], re.DOTALL)
    assert html.unescape(code).split("\n") == [
        "from bplab.widgets import backward_pass",
        'backward_pass(grad_alpha=grad_alpha, state="step=8")',
    ]
    compile(html.unescape(code), "a cell", "exec")


@pytest.mark.parametrize("elsewhere", ["autograde", "validate", "no server"])
def test_elsewhere_it_is_text(elsewhere, monkeypatch):
    if elsewhere == "no server":
        monkeypatch.delenv("JPY_SESSION_NAME")
    else:
        monkeypatch.setenv("NBGRADER_EXECUTION", elsewhere)
    with pytest.raises(CheckFailed) as failed, capture_output():
        check("eq5", without_the_factor)
    with capture_output() as captured:
        text = "\n".join(failed.value._render_traceback_())
    assert captured.outputs == []
    assert "[eq5/no-factor-2] More help" in text
