"""Every known mistake is rejected and called by its own name; every right variant passes."""

import numpy as np
import pytest

from bplab.by_equation import EQUATIONS
from bplab.exercises import EXERCISES, CheckFailed, Subgoal, check
from bplab.exercises.judging import known_answers
from bplab.exercises.task import hidden_kind
from tests.exercises.drawn import drawn, found, found_known
from tests.thorough import SEEDS, one_in, one_of

ALL = [(e, m) for e in EXERCISES.values() for m in e.mistakes]
EACH_EXERCISE = pytest.mark.parametrize("exercise", EXERCISES.values(), ids=lambda e: e.id)


@EACH_EXERCISE
def test_every_known_mistake_is_rejected_and_named(exercise):
    """An exercise has up to a hundred of them: one test for all, which lists those that fail."""
    said_otherwise = []
    for mistake in exercise.mistakes:
        finding = found_known(exercise.id, mistake.wrong)
        name = finding and finding.name
        said = finding and str(CheckFailed(exercise, finding, hidden=False))
        if name != mistake.name or mistake.says not in said or mistake.hint not in said:
            said_otherwise.append(f"{mistake.name} is called {name}: {said}")
    assert not said_otherwise, "\n".join(said_otherwise)


@EACH_EXERCISE
def test_no_mistake_of_which_rounding_alone_is_left_has_a_name_of_its_own(exercise):
    cases, references = drawn(exercise.id)

    def rounding_alone_is_left(mistake):
        left = False
        for case, right in zip(cases, references, strict=True):
            came = known_answers(exercise, case).of(mistake.wrong).arrays
            for a, b in zip(came or (), right, strict=False):
                if a.shape != b.shape or not b.any() or not a.any():
                    continue
                if np.abs(a).max() < 1e-10 * np.abs(b).max():
                    left = True
                elif not np.allclose(a, b):
                    return False
        return left

    left = [mistake.name for mistake in exercise.mistakes if rounding_alone_is_left(mistake)]
    assert left in ([], ["vanishes"])


@pytest.mark.one_in(3)
@pytest.mark.parametrize(
    "each",
    one_in(25, [(*each, secret) for each in ALL for secret in ("one", "two")]),
    ids=lambda each: f"{each[2]}-{each[0].id}-{each[1].name}",
)
def test_hidden_cases_name_it_too_and_show_no_numbers(each):
    exercise, mistake, secret = each
    finding = found(exercise.id, mistake.wrong, hidden_kind(secret))
    assert finding.name == mistake.name
    assert "N =" not in str(CheckFailed(exercise, finding, hidden=True))


@pytest.mark.one_in(3)
@EACH_EXERCISE
@one_of("hidden", [False, True])
def test_check_raises_what_is_found(exercise, hidden, monkeypatch):
    monkeypatch.setenv("BPLAB_SECRET", "one")
    mistake = exercise.mistakes[-1]
    with pytest.raises(CheckFailed) as failed:
        check(exercise.id, mistake.wrong, hidden=hidden)
    assert failed.value.mistake == mistake.name
    assert mistake.says in str(failed.value)
    assert mistake.hint in str(failed.value)
    assert not hidden or "N =" not in str(failed.value)


@EACH_EXERCISE
def test_names_are_unique_and_words_are_there(exercise):
    names = [m.name for m in exercise.mistakes]
    assert len(set(names)) == len(names)
    assert len({m.says for m in exercise.mistakes}) == len(names)
    for mistake in exercise.mistakes:
        assert mistake.says.endswith(".")
        assert mistake.hint.endswith(".")
        assert isinstance(mistake.subgoal, Subgoal)
        assert "{" not in mistake.says + mistake.hint


@pytest.mark.parametrize("id", [id for id in EXERCISES if id in EQUATIONS])
def test_each_of_the_papers_equations_has_eight_known_mistakes_or_more(id):
    assert len(EXERCISES[id].mistakes) >= 8


def test_six_mistakes_of_equation_4_have_six_messages():
    def variant(delta, collect=lambda d, Z: np.column_stack([d.sum(axis=0), d.T @ Z])):
        return lambda Y, A, Z, T, F, g: collect(delta(Y, F, T, g), Z)

    def right(Y, F, T, g):
        return -2 * (Y - F) * g.derivative(T)

    wrong = {
        "factor 2 is missing": variant(lambda Y, F, T, g: -(Y - F) * g.derivative(T)),
        "sign is flipped": variant(lambda Y, F, T, g: 2 * (Y - F) * g.derivative(T)),
        "g′ is left out": variant(lambda Y, F, T, g: -2 * (Y - F)),
        "mean over the examples": variant(
            right, lambda d, Z: np.column_stack([d.sum(axis=0), d.T @ Z]) / len(d)
        ),
        "bias column is wrong": variant(
            right, lambda d, Z: np.column_stack([d.mean(axis=0), d.T @ Z])
        ),
        "transposed": variant(right, lambda d, Z: np.column_stack([d.sum(axis=0), d.T @ Z]).T),
    }
    for words, function in wrong.items():
        with pytest.raises(CheckFailed, match=words):
            check("eq4", function)


# --- right answers, written differently ---------------------------------------------------


def _loops(Y, A, Z, T, F, g):
    out = np.zeros((Y.shape[1], Z.shape[1] + 1))
    for i in range(Y.shape[0]):
        for k in range(Y.shape[1]):
            d = -2 * (Y[i, k] - F[i, k]) * g.derivative(T[i, k])
            out[k, 0] += d
            for m in range(Z.shape[1]):
                out[k, m + 1] += d * Z[i, m]
    return out


def _einsum(Y, A, Z, T, F, g):
    ones = np.insert(Z, 0, 1, axis=1)
    return np.einsum("ik,ik,im->km", 2 * (F - Y), g.derivative(T), ones)


def _with_noise(Y, A, Z, T, F, g):
    import sys
    import warnings

    print("debugging", Y.shape)
    print("more", file=sys.stderr)
    warnings.warn("harmless", stacklevel=1)
    np.log(np.zeros(1))
    return _einsum(Y, A, Z, T, F, g)


RIGHT_EQ4 = {
    "loops": _loops,
    "einsum": _einsum,
    "noise": _with_noise,
    "lists": lambda *a: _loops(*a).tolist(),
    "tuple of one": lambda *a: (_einsum(*a),),
    "Fortran order": lambda *a: np.asfortranarray(_einsum(*a)),
    "view": lambda *a: np.repeat(_einsum(*a), 2, axis=1)[:, ::2],
    "float32": lambda *a: _einsum(*(v.astype(np.float32) for v in a[:-1]), a[-1]),
    "any argument names": lambda a, b, c, d, e, f: _einsum(a, b, c, d, e, f),
}


@pytest.mark.parametrize("function", RIGHT_EQ4.values(), ids=RIGHT_EQ4)
def test_right_answers_written_differently_pass(function):
    assert check("eq4", function)
    assert check("eq4", function, hidden=True)


def test_right_variants_of_the_other_exercises_pass():
    def by_hand(X, A, Z, delta, beta, sigma):
        s = np.einsum("ik,km,im->im", delta, beta[:, 1:], sigma.derivative(A))
        return np.vstack([s.sum(axis=0), X.T @ s]).T

    assert check("eq7", by_hand)
    assert check("eq2", lambda Y, F: [sum((y - f) ** 2) for y, f in zip(Y, F, strict=True)])
    assert check("eq1", lambda Y, F: float(np.linalg.norm(Y - F) ** 2))
    assert check("output", lambda Z, b, g: [t := Z @ b[:, 1:].T + b[:, 0], g(t)])
    assert check("hidden", lambda X, a, s: s(np.hstack([np.ones((len(X), 1)), X]) @ a.T))


@pytest.mark.one_in(2)
@EACH_EXERCISE
def test_the_reference_passes_with_any_secret(exercise, monkeypatch):
    for secret in map(str, one_in(3, SEEDS)):
        monkeypatch.setenv("BPLAB_SECRET", secret)
        assert check(exercise.id, exercise.reference, hidden=True)
