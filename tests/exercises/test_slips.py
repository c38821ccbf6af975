"""Numbers are no proof of code: what may have led to a mistake is said as a possibility."""

import re

import numpy as np
import pytest

from bplab.exercises import EXERCISES
from bplab.exercises.task import FROM_1, Construct, Slip, left_early, perhaps
from tests.exercises.drawn import found

EACH_EXERCISE = pytest.mark.parametrize("exercise", EXERCISES.values(), ids=lambda e: e.id)

OF_CODE = re.compile(
    r"\b(loops?|break|recursion stops|overwritten|cumsum|zeros_like)\b"
    r"|\breturn (in|inside)\b|\b[Ll]ook (for|whether)\b|\b(not )?set (back )?to 0\b|\breset\b"
    r"|\ba (roll|slice|sort)\b|\[::-1\]|\+= is|\bno − \w+ is needed|\b(Does|Is) (a|the)\b"
    r"|\b[Ll]eave out \w+[.:]|without abs|\+= 1"
)
"""Words about code that numbers cannot show, and orders that only make sense where it stands."""


@EACH_EXERCISE
def test_what_is_said_of_a_mistake_and_what_is_due_hold_for_any_code_with_its_numbers(exercise):
    for mistake in exercise.mistakes:
        for text in (mistake.says, mistake.hint):
            assert not OF_CODE.search(text), (mistake.name, text)
        assert not re.search(r"\bnp\.|brackets|\bthe index of", mistake.says), mistake.name


@EACH_EXERCISE
def test_slips_of_a_mistake_stand_in_one_sentence_at_the_end_of_its_advice(exercise):
    for mistake in exercise.mistakes:
        advice = mistake.advice()
        assert advice.startswith(mistake.hint)
        rest = advice.removeprefix(mistake.hint)
        assert bool(rest) == bool(mistake.slips)
        assert not rest or re.fullmatch(r" (One way|Ways) to get this: .*\.", rest)


@EACH_EXERCISE
def test_a_slip_that_speaks_of_a_loop_is_not_named_where_there_is_none(exercise):
    for mistake in exercise.mistakes:
        said = mistake.advice(frozenset({"np", *_names_of_slips(mistake)}))
        assert not re.search(r"\b(loops?|break)\b", said), mistake.name


def _names_of_slips(mistake):
    """All that slips need but constructs."""
    return {n for slip in mistake.slips for n in slip.needs if not isinstance(n, Construct)}


def test_no_slip_that_is_possible_is_no_sentence():
    assert perhaps([left_early("a loop")], frozenset()) == ""
    assert perhaps([]) == ""


def test_what_nobody_has_read_may_hold_anything():
    assert perhaps([FROM_1, Slip("b", "cumsum")]).count("; or ") == 1


# --- the same numbers from other code -----------------------------------------------------


def gradient_with_nudges_that_stay(f, params):
    """No copies are made."""
    nudges = np.cumsum(np.eye(params.size), axis=0).reshape((-1, *params.shape)) * 1e-5
    slopes = [(f(params + e) - f(params - e)) / 2e-5 for e in nudges]
    return np.array(slopes).reshape(params.shape)


def losses_that_run_on(Y, F):
    """No loop."""
    return np.cumsum(((Y - F) ** 2).sum(axis=1))


def last_example_by_indices(Y, A, Z, T, F, g):
    """No loop, and += stands there."""
    delta = -2 * (Y - F) * g.derivative(T)
    each = delta[:, :, None] * np.column_stack([np.ones(len(Z)), Z])[:, None, :]
    gradient = np.zeros((1, *each.shape[1:]))
    gradient[np.zeros(len(Y), int)] += each
    return gradient[0]


def first_left_out_by_weights(Y, A, Z, T, F, g):
    """No loop and no slice."""
    delta = -2 * (Y - F) * g.derivative(T)
    delta = delta * np.minimum(np.arange(len(Y)), 1).reshape(-1, 1)
    return np.column_stack([delta.sum(axis=0), delta.T @ Z])


def residual_written_over(Y, A, Z, T, F, g):
    """D[i, k] is overwritten while the next k still need it."""
    D = -2 * (Y - F)
    J = g.jacobian(T)
    for i in range(len(D)):
        for k in range(D.shape[1]):
            D[i, k] = sum(D[i, j] * J[i, j, k] for j in range(D.shape[1]))
    return D.T @ np.c_[np.ones(len(Z)), Z]


def first_layer_forgotten(delta, alphas, beta, A, sigmas):
    """Counts from the last layer, with while."""
    above = [*alphas[1:], beta]
    s = [np.zeros_like(a, dtype=float) for a in A]
    d = len(A) - 1
    while d > 0:
        delta = s[d] = (delta @ above[d][:, 1:]) * sigmas[d].derivative(A[d])
        d -= 1
    return s


@pytest.mark.parametrize(
    ("id", "function", "name", "untrue"),
    [
        ("numerical-gradient", gradient_with_nudges_that_stay, "copied-once", "copies.* made once"),
        ("eq2", losses_that_run_on, "k-not-reset", "loop"),
        ("eq4", last_example_by_indices, "last-example-only", "loop|return"),
        ("eq4", first_left_out_by_weights, "i-first-left-out", "loop|slice"),
        ("eq8", residual_written_over, "row-first-only", "return|begins"),
        ("eq17", first_layer_forgotten, "first-layer-zero", "D - 2"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_nothing_untrue_is_said_of_code_that_has_the_numbers_of_a_known_mistake(
    id, function, name, untrue
):
    finding = found(id, function)
    assert finding.name == name
    before, _, _ = finding.hint.partition("to get this:")
    claimed = before if name == "copied-once" else finding.hint
    assert not re.search(untrue, f"{finding.says} {claimed}")


def test_a_loop_is_spoken_of_where_there_is_one():
    def grad_beta(Y, A, Z, T, F, g):
        delta = -2 * (Y - F) * g.derivative(T)
        for d, z in zip(delta, Z, strict=True):
            gradient = np.outer(d, [1, *z])
        return gradient

    finding = found("eq4", grad_beta)
    assert finding.name == "last-example-only"
    assert "= in place of += in the loop over the examples" in finding.hint


def test_an_addition_behind_the_loop_is_spoken_of_where_there_is_one():
    def grad_beta(Y, A, Z, T, F, g):
        gradient = np.zeros((Y.shape[1], Z.shape[1] + 1))
        for k in range(Y.shape[1]):
            for i in range(len(Y)):
                d = -2 * (Y[i, k] - F[i, k]) * g.derivative(T[i, k])
            gradient[k, 0] += d
            gradient[k, 1:] += d * Z[i]
        return gradient

    finding = found("eq4", grad_beta)
    assert finding.name == "last-example-only"
    assert "an addition that stands after it" in finding.hint


def test_a_return_inside_the_loop_is_spoken_of_where_there_is_one():
    def grad_beta(Y, A, Z, T, F, g):
        delta = -2 * (Y - F) * g.derivative(T)
        for d, z in zip(delta, Z, strict=True):
            return np.outer(d, [1, *z])

    def without(Y, A, Z, T, F, g):
        delta = -2 * (Y - F) * g.derivative(T)
        return sum(np.outer(d, [1, *z]) for d, z in [(delta[0], Z[0])])

    assert "return or a break inside" in found("eq4", grad_beta).hint
    assert "return" not in found("eq4", without).hint


# --- what comes of a mistake --------------------------------------------------------------


@EACH_EXERCISE
def test_what_holds_of_a_whole_answer_is_said_where_nothing_else_is_wrong(exercise):
    """Beside a second mistake an answer is not minus, or twice, the right one."""
    whole = re.compile(r"\b(minus|twice|half of|times) the right one|, and right|you are right")
    for mistake in exercise.mistakes:
        assert mistake.alone or not whole.search(mistake.says), mistake.name
        if mistake.result:
            assert mistake.result in found(exercise.id, mistake.wrong).says


def test_beside_a_second_mistake_an_answer_is_not_called_minus_the_right_one():
    def grad_beta(Y, A, Z, T, F, g):
        delta = 2 * (Y - F) * g.derivative(T)
        return np.column_stack([delta.mean(axis=0), delta.T @ Z])

    finding = found("eq4", grad_beta)
    assert finding.name == "sign-flipped+bias-averaged"
    assert "minus the right one" not in finding.says
