"""The judge outside: through the wire it says what the check in the notebook says."""

import json
from collections.abc import Sequence

import numpy as np
import pytest

from bplab.exercises import CHALLENGES, EXERCISES, CheckFailed, check
from bplab.exercises.judging import KnownAnswers, alike, known_answers
from bplab.exercises.registry import TASKS
from bplab.grading.judge.oracle import Oracle, Question, Unusable
from bplab.grading.judge.wire import Malformed, Writer
from tests.exercises.right_variants import RIGHT, UNUSUAL
from tests.grading.judge.loopback import Loopback
from tests.thorough import one_in


@pytest.fixture(scope="module")
def oracle():
    return Oracle("a secret")


def judged(oracle, id, function):
    flags = []
    verdict = oracle.judge(id, Loopback(**{TASKS[id].function: function}), flags)
    assert flags == []
    return verdict


@pytest.mark.one_in(3)
@pytest.mark.parametrize("id", EXERCISES)
def test_the_reference_is_right(oracle, id):
    verdict = judged(oracle, id, EXERCISES[id].reference)
    assert verdict.finding is None
    assert verdict.credit == 1


@pytest.mark.one_in(3)
@pytest.mark.parametrize("id", [id for id in RIGHT if id in EXERCISES])
def test_right_variants_are_right(oracle, id):
    for function in (*RIGHT[id], *UNUSUAL.get(id, ())):
        assert judged(oracle, id, function).finding is None, function.__name__


@pytest.mark.one_in(2)
@pytest.mark.parametrize("id", one_in(4, EXERCISES))
def test_known_mistakes_are_named(oracle, id):
    """Also through the wire: some of each exercise, spread over its list."""
    for mistake in EXERCISES[id].mistakes[::5]:
        verdict = judged(oracle, id, mistake.wrong)
        assert verdict.finding is not None, mistake.name
        assert verdict.finding.name in _names_of_its_answers(oracle, id, mistake)
        assert verdict.credit < 1


def _names_of_its_answers(oracle, id, mistake):
    """Names of the mistakes that answer the same in all cases of these."""
    known = [known_answers(EXERCISES[id], case) for case in oracle._prepared(id)[0]]
    return {
        other.name
        for other in EXERCISES[id].mistakes
        if all(alike(one.of(other.wrong), one.of(mistake.wrong)) for one in known)
    }


def test_nobody_is_said_to_hold_answers_whose_mistake_shows_in_special_cases_alone(oracle):
    """On these cases, where units are met in order, unless a case was made to show it."""
    (mistake,) = [m for m in EXERCISES["reverse-pass"].mistakes if m.name == "met-first"]
    verdict = judged(oracle, "reverse-pass", mistake.wrong)
    assert verdict.finding.name == "met-first"
    assert verdict.credit == 0


def test_nothing_is_worked_out_that_nobody_is_shown(oracle, monkeypatch):
    """The second opinion, mostly finite differences, stands beside a visible number only."""

    def asked(_):
        raise AssertionError("a second opinion was asked for")

    monkeypatch.setattr(KnownAnswers, "second_opinion", property(asked))
    verdict = judged(oracle, "eq7", EXERCISES["eq7"].mistakes[0].wrong)
    assert verdict.finding.name == EXERCISES["eq7"].mistakes[0].name
    assert verdict.finding.seen == ""


def test_other_runs_and_secrets_have_other_cases():
    def seen(oracle):
        given = []
        oracle.judge("eq1", Loopback(loss=lambda Y, F: given.append(Y.copy()) or 0.0), [])
        return given[0]

    first = seen(Oracle("a"))
    assert np.array_equal(first, seen(Oracle("a")))
    for other in (Oracle("b"), Oracle("a", "2"), Oracle("a", "3")):
        assert not np.array_equal(first, seen(other))


def test_a_function_that_keeps_its_argument_sees_what_becomes_of_it(oracle):
    """Nudging params in place moves the function that holds params; see `FunctionCase`."""

    def in_place(f, params, h=1e-5):
        gradient = np.zeros(params.shape)
        for i in np.ndindex(params.shape):
            kept = params[i]
            params[i] = kept + h
            up = f(params)
            params[i] = kept - h
            down = f(params)
            params[i] = kept
            gradient[i] = (up - down) / (2 * h)
        return gradient

    verdict = judged(oracle, "numerical-gradient", in_place)
    with pytest.raises(CheckFailed) as failed:
        check("numerical-gradient", in_place)
    assert verdict.finding.name == failed.value.mistake


def test_the_graders_functions_answer_like_functions(oracle):
    """Section 0's f refuses another shape in words; the learner sees the same error."""
    said = []

    def asks_wrongly(f, params):
        try:
            f(np.zeros((7, 7)))
        except ValueError as error:
            said.append(str(error))
        return np.zeros(params.shape)

    judged(oracle, "numerical-gradient", asks_wrongly)
    assert "takes an array of shape" in said[0]


def test_a_numerical_derivative_is_found_through_the_wire(oracle):
    def differences(Y, A, Z, T, F, g, h=1e-30):
        slope = np.imag(g(T + 1j * h)) / h
        delta = -2 * (Y - F) * slope
        return np.column_stack([delta.sum(axis=0), delta.T @ Z])

    assert judged(oracle, "eq4", differences).finding.name == "numerical-derivative"


def test_a_complex_step_through_a_copy_of_the_activation_is_found_through_the_wire(oracle):
    def copy_of(F, T):
        known = (
            lambda t: t,
            np.tanh,
            lambda t: 1 / (1 + np.exp(-t)),
            lambda t: np.where(t.real > 0, t, 0),
        )
        return next((f for f in known if np.allclose(f(T), F, rtol=1e-12, atol=0)), None)

    def by_complex_step(Y, A, Z, T, F, g):
        own = copy_of(F, T)
        slope = g.derivative(T) if own is None else own(T + 1e-30j).imag / 1e-30
        delta = -2 * (Y - F) * slope
        return np.column_stack([delta.sum(axis=0), delta.T @ Z])

    verdict = judged(oracle, "eq4", by_complex_step)
    assert verdict.finding.name == "numerical-derivative"
    assert verdict.credit == 0


def test_imaginary_numbers_are_found_through_the_wire(oracle):
    def tanh(x):
        return np.tanh(x), np.tanh(x + 1e-20j).imag / 1e-20

    verdict = judged(oracle, "tanh", tanh)
    assert verdict.finding.name == "numerical-derivative"
    assert verdict.credit == 0


def test_a_derivative_of_other_values_is_found_through_the_wire(oracle):
    def tanh(x):
        z, h = x.astype(np.longdouble), np.longdouble(1e-6)
        return np.tanh(x), ((np.tanh(z + h) - np.tanh(z - h)) / (2 * h)).astype(float)

    verdict = judged(oracle, "tanh", tanh)
    assert verdict.finding.name == "numerical-derivative"
    assert verdict.credit == 0


def test_single_precision_is_judged_through_the_wire_as_at_home(oracle):
    def throughout(weights, gradient, gamma):
        return weights.astype(np.float32) - gamma * gradient.astype(np.float32)

    def at_the_end(weights, gradient, gamma):
        return (weights - gamma * gradient).astype(np.float32)

    assert judged(oracle, "eq12", throughout).finding is None
    assert judged(oracle, "eq12", at_the_end).finding.name == "single-precision"


def test_the_challenge_goes_through_too(oracle):
    (id,) = CHALLENGES

    def nearest(X, Y, X_new):
        distance = (X_new**2).sum(1)[:, None] - 2 * X_new @ X.T + (X**2).sum(1)
        return Y[distance.argmin(axis=1)].argmax(axis=1)

    assert judged(oracle, id, nearest).credit == 1
    constant = judged(oracle, id, lambda X, Y, X_new: np.zeros(len(X_new), dtype=int))
    assert constant.finding.name == "one-answer"


# --- what is no answer --------------------------------------------------------------------


def test_what_is_not_there_is_said(oracle):
    with pytest.raises(Unusable, match="no function grad_beta") as error:
        oracle.judge("eq4", Loopback(grad_beta=3), [])
    assert error.value.name == "not-defined"


@pytest.mark.parametrize("kind", [SystemExit, KeyboardInterrupt, GeneratorExit])
def test_a_function_that_ends_the_program_loses_its_own_points(oracle, kind):
    def ends(*_):
        raise kind("bye")

    judged = oracle.judge("eq4", Loopback(grad_beta=ends), [])
    assert judged.finding.name == "raises"
    assert kind.__name__ in judged.finding.says
    assert judged.credit == 0


FORGED = [
    {},
    {"outcomes": []},
    {"outcomes": [1] * 11},
    {"outcomes": [{"parts": [[{"array": 5}]], "raised": None, "changed": ""}] * 11},
    {"outcomes": [{"parts": None, "raised": None, "changed": ""}] * 11},
    {"failed": {"parts": [], "raised": None, "changed": ""}},
    {"asked": 3},
    {"score": 3, "passed": True},
]


@pytest.mark.parametrize("content", FORGED, ids=json.dumps)
def test_forged_replies_earn_nothing_and_are_flagged(oracle, content):
    flags = []
    with pytest.raises(Unusable):
        oracle.judge("eq4", lambda question: (content, []), flags)
    assert flags


@pytest.mark.parametrize("arrays", [0, 2, 3])
@pytest.mark.parametrize("id", ["eq1", "eq4", "eq6", "eq18", "softmax"])
def test_none_or_many_in_place_of_an_array_are_no_answer(oracle, id, arrays):
    right = Loopback(**{TASKS[id].function: EXERCISES[id].reference})

    def forged(question):
        content, buffers = right(question)
        content["outcomes"][-1]["parts"][-1] *= arrays
        return content, buffers

    flags = []
    with pytest.raises(Unusable) as error:
        oracle.judge(id, forged, flags)
    assert error.value.name == "no-numbers"
    assert flags


def test_what_it_asked_for_is_flagged_and_harmless(oracle):
    right = Loopback(grad_beta=EXERCISES["eq4"].reference)

    def evaluate(question):
        content, buffers = right(question)
        return content | {"asked": ["bplab.network.grad_beta", "x\x1b", 3, "y" * 900]}, buffers

    flags = []
    assert oracle.judge("eq4", evaluate, flags).credit == 1
    assert set(flags) == {"grad_beta asked for bplab.network.grad_beta while it was graded"}


def test_a_kernel_cannot_ask_for_what_is_not_there():
    question = Question("f", 1.0)
    question.add("answer", {"f": lambda x: x, "x": np.ones(2)}, forms=[[1, False]])
    none = ({"number": n, "arguments": [], "present": []} for n in (1, -1, False))
    for content in ({}, *none, {"number": -1}, 3):
        with pytest.raises(Malformed):
            question.evaluate(content, [])
    content, _ = question.evaluate({"number": 0, "arguments": [], "present": []}, [])
    assert content["raised"][0] == "TypeError"
    with pytest.raises(Malformed, match="object cannot be sent"):
        Writer().value(object())


def test_partial_credit_is_given_where_the_instructor_wants_it():
    """Equation (6): a right delta beside a gradient that takes the mean for the bias."""

    def half(Y, A, Z, T, F, g):
        delta = -2 * (Y - F) * g.derivative(T)
        return delta, np.column_stack([delta.mean(axis=0), delta.T @ Z])

    assert judged(Oracle("a secret"), "eq6", half).credit == 0.5
    assert judged(Oracle("a secret", partial_credit=False), "eq6", half).credit == 0


# --- what a function can tell, and what it can know beforehand ----------------------------


def asked_in_order(oracle, id, seed):
    """The cases in the order in which a function is asked, and what it is asked first."""
    given = []
    reference = EXERCISES[id].reference

    def noted(*arguments):
        given.append(b"".join(a.tobytes() for a in arguments if isinstance(a, np.ndarray)))
        return reference(*arguments)

    oracle.judge(id, Loopback(**{TASKS[id].function: noted}), [], seed=seed)
    return given


def test_cases_are_asked_in_an_order_drawn_from_the_secret_and_some_are_a_submissions_own(oracle):
    one, same = asked_in_order(oracle, "eq1", "a"), asked_in_order(oracle, "eq1", "a")
    other = asked_in_order(oracle, "eq1", "b")
    assert one == same
    assert one != other
    shared = set(one) & set(other)
    assert [case for case in one if case in shared] != [case for case in other if case in shared]
    assert set(one) - shared
    assert set(other) - shared


def test_exercises_are_judged_in_an_order_drawn_from_the_secret():
    ids = list(EXERCISES)[:8]
    orders = {tuple(Oracle("a").drawn(ids, seed)) for seed in "abc"} | {
        tuple(Oracle(secret).drawn(ids, "a")) for secret in "bcd"
    }
    assert all(sorted(order) == sorted(ids) for order in orders)
    assert len(orders) == 6


def test_nobody_is_said_to_hold_answers_who_is_wrong_in_special_cases_too(oracle):
    """The credit is gone all the same: it is for what is right in every ordinary case."""
    (exercise, flags), ordinary = (EXERCISES["eq4"], []), set()
    for case in oracle._prepared("eq4")[0]:
        if not case.special:
            ordinary.add(key(case.arguments(exercise.arguments).values()))

    def right_there(*given):
        answer = exercise.reference(*given)
        return answer if key(given) in ordinary else answer + 0.1 * np.cos(answer)

    verdict = oracle.judge("eq4", Loopback(grad_beta=right_there), flags, seed="mine")
    assert verdict.finding.name != "only-seen-cases"
    assert not exercise.is_known(verdict.finding.name)
    assert verdict.credit == 0
    assert flags == []


@pytest.mark.one_in(3)
@pytest.mark.parametrize("id", EXERCISES)
def test_stored_answers_to_every_hidden_case_earn_nothing(id):
    exercise, oracle = EXERCISES[id], Oracle("a secret that leaked")
    known = {key(c.arguments(exercise.arguments).values()): c for c in oracle._prepared(id)[0]}

    def remembers(*given):
        case = known.get(key(given))
        if case is None:
            raise ValueError
        return exercise.reference(*case.arguments(exercise.arguments).values())

    flags = []
    verdict = oracle.judge(id, Loopback(**{exercise.function: remembers}), flags, seed="mine")
    assert verdict.finding.name == "only-seen-cases"
    assert verdict.credit == 0
    assert len(flags) == 1
    assert "does it hold answers?" in flags[0]


def key(values):
    """Of numbers, arrays and lists what they hold; of section 0's f what it gives at params."""
    values = list(values)
    f_and_params = len(values) == 2 and callable(values[0])
    at = [float(values[0](values[1].astype(float)))] if f_and_params else []
    return *filter(None, map(_held, values)), *at


def _held(value):
    if isinstance(value, np.ndarray):
        return value.tobytes()
    if isinstance(value, (int, float, str)):
        return str(value)
    return tuple(map(_held, value)) if isinstance(value, Sequence) else None


@pytest.mark.parametrize("changed", ["no such argument", "Y 0.12345", "g\n"])
def test_the_argument_that_was_changed_is_named_only_if_there_is_one(oracle, changed):
    def forged(question):
        outcome = {"parts": [], "raised": None, "changed": changed}
        return {"outcomes": [outcome] * len(question.calls)}, []

    with pytest.raises(Unusable):
        oracle.judge("eq4", forged, [])


def test_no_line_is_named_that_is_not_allowed(oracle):
    def fails(*_):
        raise ValueError

    line = fails.__code__.co_firstlineno + 1
    loop = Loopback(grad_beta=fails)
    assert f"line {line}" in oracle.judge("eq4", loop, [], lines={line}).finding.hint
    assert "line" not in oracle.judge("eq4", loop, [], lines={line + 1}).finding.hint
