"""The panels that `check` offers for a mistake that stays: each shows it."""

import pytest

from bplab import widgets
from bplab.exercises import EXERCISES
from bplab.exercises.look import UNSEEN, look
from tests.thorough import one_in

SHOWN = [
    exercise
    for exercise in EXERCISES.values()
    if any(look(exercise, mistake.name) for mistake in exercise.mistakes)
]


def shows(panel):
    """Whether a panel says, where it begins, that something of the learner's is wrong."""
    if isinstance(panel, widgets.BackwardPassPanel):
        mine = panel.mine
        return bool(mine.failed) or any(o.wrong.any() for o in mine.at(panel.step))
    if isinstance(panel, widgets.ActivationPanel):
        curve = panel.curve
        return curve is None or bool(curve.wrong.any() or curve.jumps or curve.far)
    shown = panel.shown
    return shown is None or bool(shown.wrong_f.any() or shown.wrong_jacobian.any())


def opened(lines, exercise, function):
    cell = {exercise.function: function}
    exec(lines[0], cell)
    return eval(lines[1], cell)


@pytest.mark.one_in(3)
@pytest.mark.parametrize("exercise", SHOWN, ids=lambda exercise: exercise.id)
def test_a_panel_that_is_offered_shows_the_mistake_and_nothing_in_a_right_function(exercise):
    offered = [m for m in exercise.mistakes if look(exercise, m.name)]
    some = one_in(len(offered) // 5, offered)
    cell = look(exercise, offered[0].name)
    assert [m.name for m in some if not shows(opened(cell, exercise, m.wrong))] == []
    assert not shows(opened(cell, exercise, exercise.reference))


def test_most_mistakes_have_a_panel_and_no_name_is_left_out_for_nothing():
    known = [(exercise, mistake.name) for exercise in SHOWN for mistake in exercise.mistakes]
    assert len(SHOWN) == 19
    assert sum(bool(look(*one)) for one in known) > 0.75 * len(known)
    assert {name for _, name in known} >= UNSEEN


def test_two_mistakes_at_a_time_are_shown_if_one_of_them_is():
    eq4 = EXERCISES["eq4"]
    assert look(eq4, "no-factor-2+averaged-over-N") == look(eq4, "no-factor-2") != []
    assert look(eq4, "averaged-over-N") == look(eq4, "raises") == []
