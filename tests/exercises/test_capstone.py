"""The capstone: its challenge is passed by learning and by nothing else; right variants pass."""

import dataclasses
import time

import numpy as np
import pytest

from bplab import hint, progress
from bplab.data import digits
from bplab.exercises import CHALLENGES, EXERCISES, TASKS, CheckFailed, Reached, check
from bplab.exercises.check import _generator
from bplab.exercises.judging import Here, judge
from tests.exercises.drawn import EACH_KIND, found

DIGITS = CHALLENGES["digits"]


def nearest(X, Y, X_new):
    """Learning without a network, and in no time: the class of the nearest example."""
    distances = (X**2).sum(axis=1) - 2 * X_new @ X.T
    return Y.argmax(axis=1)[distances.argmin(axis=1)]


def fails(function, **kwargs):
    with pytest.raises(CheckFailed) as failed:
        check("digits", function, **kwargs)
    return failed.value


def split(*, hidden=False):
    return DIGITS.split(_generator(DIGITS, hidden))


# --- what passes --------------------------------------------------------------------------


def test_the_reference_recognises_96_of_100_in_a_few_seconds():
    reached = check("digits", DIGITS.reference)
    assert reached.accuracy > 0.96
    assert reached.seconds < 20
    assert f"{reached.accuracy:.1%} of 450 digits" in repr(reached)
    assert "done" in reached._repr_html_()


@pytest.mark.one_in(3)
@pytest.mark.parametrize("secret", ["one", "two", "three"])
def test_the_reference_passes_on_hidden_splits(secret, monkeypatch):
    monkeypatch.setenv("BPLAB_SECRET", secret)
    assert check("digits", DIGITS.reference, hidden=True)


@pytest.mark.parametrize(
    "function",
    [
        nearest,
        lambda *a: nearest(*a).tolist(),
        lambda *a: nearest(*a).astype(np.uint8),
        lambda *a: nearest(*a).astype(float),
        lambda *a: nearest(*a) * (1 + 4e-16),
        lambda *a: (float(k) for k in nearest(*a)),
        lambda *a: nearest(*a).astype(object),
        lambda first, second, third: nearest(first, second, third),
    ],
    ids=["array", "list", "uint8", "float", "nearly whole", "generator", "objects", "other names"],
)
def test_whatever_learns_passes_in_any_form(function):
    assert isinstance(check("digits", function), Reached)


def test_noise_and_warnings_do_not_matter(capsys):
    def noisy(*arguments):
        print("epoch 1")
        np.log(np.zeros(1))
        return nearest(*arguments)

    assert check("digits", noisy)
    assert capsys.readouterr() == ("", "")


# --- the splits ---------------------------------------------------------------------------


@pytest.mark.parametrize("hidden", [False, True])
def test_no_image_is_both_learned_from_and_asked_for(hidden):
    made = split(hidden=hidden)
    assert made.X_new.shape == (450, 64)
    both = np.concatenate([made.X, made.X_new])
    assert np.array_equal(*(a[np.lexsort(a.T)] for a in (both, digits().X)))
    assert len(made.X) == len(made.Y) == 1797 - 450


def test_the_visible_split_stays_and_each_secret_has_its_own(monkeypatch):
    assert np.array_equal(split().X, split().X)
    for secret in ("one", "two"):
        monkeypatch.setenv("BPLAB_SECRET", secret)
        assert not np.array_equal(split(hidden=True).X_new, split().X_new)
    other = split(hidden=True).X_new
    monkeypatch.setenv("BPLAB_SECRET", "one")
    assert not np.array_equal(split(hidden=True).X_new, other)


def test_rows_belong_together_in_every_lesson():
    X, _, digit = digits()
    of = {row.tobytes(): d for row, d in zip(X, digit, strict=True)}
    made = split()
    renamed = made.renamed(np.random.default_rng(0))
    names = np.array([renamed.Y[made.Y[:400].argmax(axis=1) == d][0].argmax() for d in range(10)])
    assert sorted(names) == list(range(10))
    assert (names != np.arange(10)).all()
    for lesson, name in ((made, np.arange(10)), (renamed, names)):
        for x, y in zip(lesson.X, lesson.Y, strict=True):
            assert y.sum() == y[name[of[x.tobytes()]]] == 1
        for x, k in zip(lesson.X_new, lesson.classes, strict=True):
            assert k == name[of[x.tobytes()]]


def test_the_function_gets_copies_and_never_the_answers():
    given = []

    def spying(*arguments):
        given.extend(arguments)
        return nearest(*arguments)

    made = split()
    Here(spying).learn(DIGITS, made, 60)
    assert [a.shape for a in given] == [(1347, 64), (1347, 10), (450, 64)]
    given[0][:] = 0
    assert made.X.any()


# --- what does not pass -------------------------------------------------------------------


def _outputs(X, Y, X_new):
    centres = (Y.T @ X) / Y.sum(axis=0)[:, None]
    return -((X_new[:, None] - centres) ** 2).sum(axis=2)


def _with_errors(share):
    """Right in that share of the answers."""

    def often_right(X, Y, X_new):
        answers = nearest(X, Y, X_new)
        wrong = np.arange(len(answers)) >= share * len(answers)
        return (answers + wrong) % 10

    return often_right


def _raises(X, Y, X_new):
    return X @ X_new


def _writes(X, Y, X_new):
    X -= X.mean(axis=0)
    return nearest(X, Y, X_new)


def _missing(X, Y, X_new):
    raise NotImplementedError


WRONG = {
    "not-written": _missing,
    "matmul-shapes": _raises,
    "wrong-signature": lambda X, Y: 0,
    "argument-changed": _writes,
    "returns-nothing": lambda *a: None,
    "no-numbers": lambda *a: (nearest(*a), "losses"),
    "one-hot-returned": lambda *a: np.eye(10)[nearest(*a)],
    "outputs-returned": _outputs,
    "argmax-of-columns": lambda *a: _outputs(*a).argmax(axis=0),
    "one-number": lambda *a: _outputs(*a).argmax(),
    "old-examples": lambda X, Y, X_new: nearest(X, Y, X),
    "wrong-shape": lambda *a: nearest(*a)[:, None],
    "largest-output": lambda *a: _outputs(*a).max(axis=1),
    "not-finite": lambda *a: nearest(*a) * np.nan,
    "out-of-range": lambda *a: nearest(*a) + 1,
    "one-answer": lambda X, Y, X_new: np.zeros(len(X_new), int),
    "other-names": lambda *a: (nearest(*a) + 1) % 10,
    "guessing": lambda X, Y, X_new: np.arange(len(X_new)) % 10,
    "hardly-learns": _with_errors(0.4),
    "not-there-yet": _with_errors(0.8),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_goes_wrong_is_named_with_a_next_step(name):
    error = fails(WRONG[name])
    assert error.mistake == name
    lines = error._render_traceback_()
    assert len(lines) <= 8
    assert any(f"[digits/{name}]" in line for line in lines)
    if name not in ("matmul-shapes", "wrong-signature"):  # these end with code
        assert all(line[-1] in ".?" for line in str(error).splitlines()[1:3])


def test_other_values_that_are_no_answer():
    assert fails(lambda *a: nearest(*a) % 2 == 0).mistake in ("guessing", "other-names")
    assert fails(lambda *a: nearest(*a) + 0.4).mistake == "largest-output"
    assert fails(lambda *a: nearest(*a).astype(str)).mistake == "no-numbers"
    assert fails(lambda *a: nearest(*a) + 1e300).mistake == "out-of-range"
    one_bad = np.where(np.arange(450) == 7, np.nan, 1)
    assert "hold NaN, first in row 7" in str(fails(lambda *a: nearest(*a) * one_bad))
    assert fails(lambda *a: [nearest(*a), [1, 2]]).mistake == "no-numbers"
    assert fails(lambda *a: {}).mistake == "no-numbers"
    assert fails(lambda *a: nearest(*a)[:-1]).mistake == "wrong-shape"
    assert "Count from 0" in str(fails(lambda *a: nearest(*a) + 1))
    assert "column of the largest" in str(fails(lambda *a: nearest(*a) - 1))


def test_an_accuracy_that_will_not_do_is_said_with_the_commonest_mistake():
    text = str(fails(_with_errors(0.8)))
    assert "% of 450 digits that it had not seen are recognised; 95% are wanted." in text
    assert "Most often it takes a " in text


def test_numbers_of_a_hidden_split_are_not_shown(monkeypatch):
    monkeypatch.setenv("BPLAB_SECRET", "one")
    text = str(fails(_with_errors(0.8), hidden=True))
    assert "93% are wanted" in text
    assert "Most often" not in text


def test_a_hidden_split_may_be_a_little_harder(monkeypatch):
    monkeypatch.setenv("BPLAB_SECRET", "one")
    assert fails(_with_errors(0.95)).mistake == "not-there-yet"
    assert check("digits", _with_errors(0.95), hidden=True)


def test_answers_learned_by_heart_fail():
    X, Y, digit = digits()
    table = {row.tobytes(): d for row, d in zip(X, digit, strict=True)}
    by_heart = fails(lambda X, Y, X_new: np.array([table[row.tobytes()] for row in X_new]))
    assert by_heart.mistake == "brought-along"
    # arrays of the notebook in place of the arguments
    assert fails(lambda first, second, X_new: nearest(X, Y, X_new)).mistake == "brought-along"


def test_labels_that_are_shuffled_apart_from_the_images_are_guessing():
    def apart(X, Y, X_new):
        return nearest(np.random.default_rng(0).permutation(X), Y, X_new)

    assert fails(apart).mistake == "guessing"


# --- time ---------------------------------------------------------------------------------


def judged(function, seconds):
    hurried = dataclasses.replace(DIGITS, seconds=seconds)
    return judge(hurried, Here(function), np.random.default_rng(0), hidden=False)[1]


def test_an_endless_loop_is_stopped_and_the_time_is_said():
    def endless(X, Y, X_new):
        start = time.monotonic()
        while time.monotonic() - start < 20:
            try:
                time.sleep(0.01)
            except Exception:
                continue

    start = time.monotonic()
    found = judged(endless, 0.3)
    assert time.monotonic() - start < 10
    assert found.name == "too-slow"
    assert "0 s are allowed" in found.says


def test_both_lessons_share_the_time():
    def slow(*arguments):
        time.sleep(0.4)
        return nearest(*arguments)

    assert judged(slow, 0.7).name == "too-slow"
    assert judged(slow, 30) is None


# --- the rest of the course knows of it ---------------------------------------------------


def test_a_challenge_is_a_task_beside_the_exercises():
    assert TASKS.keys() == EXERCISES.keys() | CHALLENGES.keys()
    assert not EXERCISES.keys() & CHALLENGES.keys()
    assert DIGITS.notebook == "capstone"
    assert DIGITS.signature == "recognise(X, Y, X_new)"
    assert sum(task.points for task in TASKS.values() if task.notebook == "capstone") == 10


def test_hints_and_progress_know_it(monkeypatch, tmp_path):
    monkeypatch.setenv("BPLAB_PROGRESS", str(tmp_path))
    assert "Hint 3 of 3 for digits" in repr(hint("digits", 3))
    guessing = WRONG["guessing"]
    monkeypatch.setattr(guessing, "__name__", DIGITS.function)
    fails(guessing)
    assert "last: guessing" in progress().tries["digits"].words
    monkeypatch.setattr(nearest, "__name__", DIGITS.function)
    check("digits", nearest)
    assert "digits" in progress().passed


def test_while_it_is_graded_a_record_is_left_and_nothing_is_returned(monkeypatch):
    from bplab.exercises import RECORD_TYPE

    shown = []
    monkeypatch.setattr("IPython.display.display", lambda data, raw: shown.append(data))
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    assert check("digits", nearest) is None
    fails(WRONG["guessing"], hidden=True)
    assert [(d[RECORD_TYPE]["passed"], d[RECORD_TYPE]["mistake"]) for d in shown] == [
        (True, None),
        (False, "guessing"),
    ]


# --- the exercises ------------------------------------------------------------------------


def epoch_with_a_generator(X, Y, alphas, beta, gradients, gamma, order, size):
    weights = [*alphas, beta]
    rows = list(order)
    while rows:
        batch, rows = rows[:size], rows[size:]
        by_alphas, by_beta = gradients(X[batch], Y[batch], weights[:-1], weights[-1])
        weights = [w + -gamma * d for w, d in zip(weights, [*by_alphas, by_beta], strict=True)]
    return weights[:-1], weights[-1]


def epoch_on_copies(X, Y, alphas, beta, gradients, gamma, order, size):
    alphas, beta = [a.astype(float) for a in alphas], beta.astype(float)
    X, Y = X[order], Y[order]
    for k in range(-(-len(X) // size)):
        here = slice(k * size, (k + 1) * size)
        by_alphas, by_beta = gradients(X[here], Y[here], tuple(alphas), beta)
        for d in range(len(alphas)):
            alphas[d] -= gamma * by_alphas[d]
        beta -= gamma * by_beta
    return tuple(alphas), beta


def counts_by_loop(actual, predicted, K):
    return [[sum((actual == a) & (predicted == b)) for b in range(K)] for a in range(K)]


def counts_by_bincount(actual, predicted, K):
    return np.bincount(K * actual + predicted, minlength=K * K).reshape(K, K)


@pytest.mark.parametrize(
    ("id", "function"),
    [
        ("one-epoch", epoch_with_a_generator),
        ("one-epoch", epoch_on_copies),
        ("confusion", counts_by_loop),
        ("confusion", counts_by_bincount),
        ("confusion", lambda a, p, K: np.eye(K)[a].T @ np.eye(K)[p]),
    ],
)
def test_right_variants_pass(id, function):
    assert check(id, function)
    assert check(id, function, hidden=True)


def test_a_wrong_count_is_shown_by_its_index_alone():
    def spoilt(actual, predicted, K):
        counts = counts_by_bincount(actual, predicted, K)
        counts[0, min(1, K - 1)] += 7
        return counts

    with pytest.raises(CheckFailed, match=r"counts\[0, 1\] is \d+; counting one example at a time"):
        check("confusion", spoilt)


def test_weights_of_the_caller_must_stay():
    def in_place(X, Y, alphas, beta, gradients, gamma, order, size):
        for start in range(0, len(order), size):
            rows = order[start : start + size]
            by_alphas, by_beta = gradients(X[rows], Y[rows], alphas, beta)
            for alpha, gradient in zip(alphas, by_alphas, strict=True):
                alpha -= gamma * gradient
            beta -= gamma * by_beta
        return alphas, beta

    with pytest.raises(CheckFailed, match="writes into its argument alphas"):
        check("one-epoch", in_place)


# --- types too small, and integers --------------------------------------------------------


@EACH_KIND
@pytest.mark.parametrize("dtype", [np.uint8, np.int8])
def test_counts_that_start_again_at_the_end_of_a_small_type_are_named(dtype, kind):
    def confusion_matrix(actual, predicted, K):
        counts = np.zeros((K, K), dtype)
        for a, b in zip(actual, predicted, strict=True):
            counts[a, b] += 1
        return counts

    assert found("confusion", confusion_matrix, kind).name == f"counted-in-{dtype.__name__}"


@EACH_KIND
@pytest.mark.parametrize("dtype", [np.uint16, np.int16, np.int32, np.float32, float, object])
def test_counts_may_be_kept_in_any_type_that_has_room_for_them(dtype, kind):
    def confusion_matrix(actual, predicted, K):
        counts = np.zeros((K, K), dtype)
        np.add.at(counts, (actual, predicted), 1)
        return counts

    assert found("confusion", confusion_matrix, kind) is None


@EACH_KIND
def test_steps_that_are_written_into_copies_of_integer_weights_are_cut(kind):
    def one_epoch(X, Y, alphas, beta, gradients, gamma, order, size):
        alphas, beta = [alpha.copy() for alpha in alphas], beta.copy()
        for start in range(0, len(order), size):
            rows = order[start : start + size]
            by_alphas, by_beta = gradients(X[rows], Y[rows], alphas, beta)
            for alpha, by_alpha in zip(alphas, by_alphas, strict=True):
                alpha[...] = alpha - gamma * by_alpha
            beta[...] = beta - gamma * by_beta
        return alphas, beta

    assert found("one-epoch", one_epoch, kind).name == "integers-truncated"
