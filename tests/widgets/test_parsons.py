"""The panel of `parsons`, without a page."""

import html
import re

import pytest

from bplab import parsons
from bplab.errors import InputError
from bplab.exercises import PUZZLES
from tests.widgets.alive import widgets_alive


def text(shown):
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", shown.value)).split())


def program(panel):
    """The lines of the program, as its buttons say them."""
    return [row.children[0].description for row in panel._program.children]


def press(panel, *lines):
    for line in lines:
        panel.line_buttons[line].click()


def test_lines_go_into_the_program_by_their_buttons_and_out_again():
    panel = parsons("half-eq4")
    first, second, third = panel.puzzle.right
    press(panel, second, first)
    assert program(panel) == panel.chosen == [second, first]
    assert first not in [made.description for made in panel._pool.children]
    up = panel._program.children[1].children[1]
    up.click()
    assert program(panel) == [first, second]
    assert up.disabled  # it is the first now
    panel._program.children[1].children[0].click()
    assert program(panel) == [first]
    assert second in [made.description for made in panel._pool.children]
    panel.reset_button.click()
    assert program(panel) == []
    assert [made.description for made in panel._pool.children] == list(panel.puzzle.offered)


def test_a_run_says_which_line_is_the_cause_and_a_change_takes_that_away():
    panel = parsons("half-eq4")
    first, second, third = panel.puzzle.right
    press(panel, "residual = -(y - f)", second, third)
    panel.run_button.click()
    assert text(panel.said).startswith("✗ Line 1: The factor 2 is missing.")
    panel._program.children[0].children[0].click()
    assert text(panel.said) == ""
    press(panel, first)
    for _ in range(2):
        panel.move(first, -1)
    panel.run_button.click()
    assert panel.outcome.right
    assert text(panel.said).startswith("✓ Right.")


def test_a_line_that_was_dragged_goes_to_its_place_within_the_program_or_out_of_it():
    panel = parsons("half-eq4")
    offered = panel.puzzle.offered
    a, b, c = panel.puzzle.right
    for line, to, then in [(b, 0, [b]), (a, 0, [a, b]), (c, 2, [a, b, c]), (a, 2, [b, c, a])]:
        panel.hear("put", f"{offered.index(line)} {to}")
        assert program(panel) == panel.chosen == then
    panel.hear("put", f"{offered.index(c)} -1")
    assert program(panel) == [b, a]
    assert c in [made.description for made in panel._pool.children]
    panel.hear("put", f"{offered.index(c)} 7")  # of a page that is behind
    assert program(panel) == [b, a]


def test_the_focus_goes_where_the_next_key_is_wanted():
    panel = parsons("half-eq12")
    offered = list(panel.puzzle.offered)

    def wanted():
        script = html.unescape(panel._focus.value)
        return re.search(r"panel\.querySelector\('([^']*)'\)", script)[1]

    press(panel, offered[0])
    assert wanted() == ".bplab-line-1"
    press(panel, *offered[1:])
    assert wanted() == ".bplab-run"  # none is left
    panel.move(offered[-1], -1)
    assert wanted() == f".bplab-up-{len(offered) - 1}"
    panel.move(offered[0], 1)
    assert wanted() == ".bplab-down-0"
    panel.move(offered[1], -1)
    panel.move(offered[1], -1)
    assert wanted() == ".bplab-down-1"  # it is at the top, where up does nothing
    press(panel, offered[2])
    assert wanted() == ".bplab-line-2"


@pytest.mark.parametrize("id", PUZZLES)
def test_each_puzzle_shows_what_is_given_and_is_readable_without_a_kernel(id):
    bundle = parsons(id)._repr_mimebundle_()
    page = html.unescape(re.sub(r"<[^>]*>", "", bundle["text/html"]))
    for line in PUZZLES[id].offered:
        assert line.strip() in page
        assert line in bundle["text/plain"]
    assert "There already:" in page
    assert "A still" in page


def test_closing_leaves_no_widget_behind():
    parsons("half-eq4").close()
    before = widgets_alive()
    panel = parsons("half-eq5")
    press(panel, panel.puzzle.right[0])
    panel.close()
    assert widgets_alive() == before


def test_an_unknown_id_is_answered_with_those_that_there_are():
    with pytest.raises(InputError, match=r"parsons takes the id .* half-eq4, .*; got 'eq4'"):
        parsons("eq4")
    with pytest.raises(InputError, match="got None"):
        parsons(None)
