"""From attempts at a challenge to words: the challenge is met, or what stands in the way."""

from dataclasses import dataclass, replace

import numpy as np

from bplab.exercises.judging.trial import (
    Finding,
    Learner,
    argument_changed,
    has_raised,
    not_written,
)
from bplab.exercises.task import Challenge, Split
from bplab.learner import Lesson, returns_nothing
from bplab.scores import accuracy, confusion_matrix

__all__ = ["Attempt", "judge", "second_lesson"]

GUESSING, HARDLY = 0.2, 0.6

WHOLE = 1e-6
"""A label may be a float; if it is this near to a whole number, it counts as that number."""


@dataclass(frozen=True)
class Attempt:
    """The examples of a lesson, and its outcome."""

    split: Split
    lesson: Lesson

    @property
    def accuracy(self) -> float:
        """Share of right answers; only defined once the labels have been found to be usable."""
        return accuracy(self.split.classes, self.labels)

    @property
    def labels(self) -> np.ndarray:
        """The answers as whole numbers, if there are any."""
        labels = np.empty(0) if self.lesson.labels is None else self.lesson.labels
        return np.rint(labels).astype(np.int64)

    @property
    def seconds(self) -> float:
        """The time that the lesson took."""
        return self.lesson.seconds


def judge(
    challenge: Challenge, learner: Learner, rng: np.random.Generator, *, hidden: bool
) -> tuple[Attempt, Finding | None]:
    """Give a lesson and, if it was learned, a short one in which the classes have other names.

    Returns
    -------
    Attempt
        The first attempt, with the time of both lessons.
    Finding or None
        What is wrong; None if the challenge is met.
    """
    split = challenge.split(rng)
    first = Attempt(split, learner.learn(challenge, split, challenge.seconds))
    found = (
        _no_answer(challenge, first)
        or _form(first)
        or _too_few_right(challenge, first, challenge.enough(hidden=hidden))
    )
    if found:
        return first, found
    return second_lesson(challenge, learner, first, rng)


def second_lesson(
    challenge: Challenge, learner: Learner, first: Attempt, rng: np.random.Generator
) -> tuple[Attempt, Finding | None]:
    """Give a short lesson after the first one, in which the classes have other names.

    Returns
    -------
    Attempt
        The first attempt, with the time of both lessons.
    Finding or None
        What is wrong; None if the function used the other names.
    """
    split, left = first.split, challenge.seconds - first.seconds
    again = split.renamed(rng)
    second = Attempt(again, learner.learn(challenge, again, left))
    both, last = (_took(one, first.seconds + second.seconds) for one in (first, second))
    found = (
        _no_answer(challenge, last)
        or _form(second)
        or _brought_along(challenge, second, split.classes[: len(second.split.classes)])
    )
    return both, found


def _took(attempt: Attempt, seconds: float) -> Attempt:
    return replace(attempt, lesson=replace(attempt.lesson, seconds=seconds))


# --- no answer ----------------------------------------------------------------------------


def _no_answer(challenge: Challenge, tried: Attempt) -> Finding | None:
    lesson = tried.lesson
    if lesson.raised and lesson.raised.not_written:
        return not_written(challenge)
    if not lesson.in_time:
        return Finding(
            "too-slow",
            f"Your function had not finished after {tried.seconds:.0f} s; "
            f"{challenge.seconds:.0f} s are allowed.",
            "Matrix products over a whole batch are a hundred times faster than a loop over "
            "examples. Then: fewer epochs, fewer hidden units. Time it on a few hundred examples "
            "first.",
        )
    if lesson.raised:
        shapes = ", ".join(
            f"{name} {getattr(tried.split, name).shape}" for name in challenge.arguments
        )
        alone = "Call it in a cell of your own to see where."
        return has_raised(challenge, lesson.raised, f"It was given {shapes}.", alone)
    return argument_changed(lesson.changed) if lesson.changed else None


# --- an answer of the wrong form ----------------------------------------------------------


def _form(tried: Attempt) -> Finding | None:
    """Say why the answer is not one whole number from 0 to K - 1 for each row of X_new, or None."""
    N_new, K = len(tried.split.X_new), tried.split.Y.shape[1]
    wanted = f"one whole number from 0 to {K - 1} for each row of X_new, shape (N_new,)"
    array = tried.lesson.labels
    if tried.lesson.unusable == "nothing":
        return Finding(
            "returns-nothing",
            returns_nothing("function"),
            f"It should return {wanted}.",
        )
    if array is None:
        return Finding(
            "no-numbers",
            f"Your function returns {tried.lesson.unusable}, not an array of whole numbers.",
            f"It should return {wanted}, and nothing else.",
        )
    if array.shape != (N_new,):
        return _shape(tried, array, wanted)
    if not (finite := np.isfinite(array)).all():
        first = int(np.argmin(finite))
        return Finding(
            "not-finite",
            f"Your answers hold {'NaN' if np.isnan(array[first]) else 'infinity'}, first in row "
            f"{first}.",
            "Print the loss after each epoch. If it grows before it becomes NaN, the learning rate "
            "is too large; if not, look for a division, a logarithm or a root.",
        )
    if (abs(array - np.rint(array)) > WHOLE).any():
        return Finding(
            "largest-output",
            "Your answers are not whole numbers.",
            "max gives the largest output itself; which one it is says argmax(axis=1).",
        )
    array = np.rint(array).astype(np.int64) if abs(array).max() < 2**53 else array
    if array.min() < 0 or array.max() >= K:
        shifted = array.min() >= 1 and array.max() == K
        return Finding(
            "out-of-range",
            f"Your answers go from {array.min()} to {array.max()}; the classes are 0 to {K - 1}.",
            "Count from 0: column k of Y belongs to class k, and argmax counts like that."
            if shifted
            else "Answer with the number of the column of the largest output: argmax(axis=1).",
        )
    return None


def _shape(tried: Attempt, array: np.ndarray, wanted: str) -> Finding:
    N, N_new, K = len(tried.split.X), len(tried.split.X_new), tried.split.Y.shape[1]
    came = f"Wanted ({N_new},), got {array.shape}."
    if array.shape == (N_new, K):
        one_hot = np.isin(array, (0, 1)).all() and (array.sum(axis=1) == 1).all()
        return Finding(
            "one-hot-returned" if one_hot else "outputs-returned",
            "Your function returns "
            + ("one-hot rows." if one_hot else "all outputs of the network for each row."),
            "Return the number of the largest one in each row: argmax(axis=1).",
            seen=came,
        )
    if array.shape == (K,):
        return Finding(
            "argmax-of-columns",
            "Your function returns one number for each class.",
            "argmax(axis=0) looks down the columns, and finds the row that fits a class best. "
            "argmax(axis=1) looks along each row.",
            seen=came,
        )
    if array.shape == (N,):
        return Finding(
            "old-examples",
            "Your function answers for X, from which it has learned.",
            "Run the trained network forward on X_new.",
            seen=came,
        )
    if array.shape == ():
        return Finding(
            "one-number",
            "Your function returns a single number.",
            f"It should return {wanted}. Without an axis, argmax looks at the whole array at once.",
        )
    return Finding(
        "wrong-shape",
        "Your answer has the wrong shape.",
        f"It should be {wanted}.",
        seen=came,
    )


# --- answers that are wrong too often -----------------------------------------------------


def _too_few_right(challenge: Challenge, tried: Attempt, enough: float) -> Finding | None:
    answers, classes = tried.labels, tried.split.classes
    share, K = tried.accuracy, tried.split.Y.shape[1]
    if share >= enough:
        return None
    says = (
        f"{share:.1%} of {len(classes)} {challenge.things} that it had not seen are recognised; "
        f"{enough:.0%} are wanted."
    )
    if len(np.unique(answers)) == 1:
        return Finding(
            "one-answer",
            f"Your function answers {answers[0]}, whatever it is shown.",
            "Print the loss after each epoch. If it grows until it is NaN, the learning rate is "
            "too large (argmax of NaN is 0). If it stands still, look at the start: weights that "
            "are all zero or all equal never become different.",
        )
    counts = confusion_matrix(classes, answers, K)
    meant = counts.argmax(axis=0)  # what each answer mostly stands for
    if accuracy(classes, meant[answers]) > share + 0.3:
        pairs = [f"{a} for {meant[a]}" for a in range(K) if counts[:, a].any() and meant[a] != a]
        return Finding(
            "other-names",
            "Your network tells the classes apart, but calls them by other names.",
            "Answer k stands for column k of Y. Is the answer shifted by one, or is Y in another "
            "order than the outputs?",
            seen=f"You answer {', '.join(pairs[:3])}.",
        )
    if share < GUESSING:
        return Finding(
            "guessing",
            f"{says} That is guessing: {K} classes give {1 / K:.0%} by chance.",
            "Does the loss fall from epoch to epoch? If it does not: check_gradient, then the "
            "learning rate. If it does: inputs and targets may be shuffled apart, so that the "
            "network learns what is not there, or the weights that it learned are not those that "
            "answer.",
        )
    if share < HARDLY:
        return Finding(
            "hardly-learns",
            f"{says} It has begun to learn, no more.",
            "Plot the loss. If it still falls: more epochs, smaller batches, or a larger "
            "learning rate. If it jumps up and down: a smaller one. check_gradient says whether "
            "the gradient is right.",
        )
    worst = counts - np.diag(np.diag(counts))
    a, b = np.unravel_index(worst.argmax(), worst.shape)
    return Finding(
        "not-there-yet",
        f"{says} It has learned a lot already.",
        "More epochs while the loss of a validation set still falls; another learning rate, by "
        "factors of 2 up and down; more hidden units; inputs on a scale of 0 to 1.",
        seen=f"Most often it takes a {a} for a {b}: {worst[a, b]} times.",
        begun=True,
    )


def _brought_along(challenge: Challenge, tried: Attempt, own_names: np.ndarray) -> Finding | None:
    """Say that the answers to the second lesson still use the names of the first; else None."""
    if tried.accuracy > accuracy(own_names, tried.labels):
        return None
    return Finding(
        "brought-along",
        f"Your function does not learn from the X and Y that it is given: it was shown "
        f"{len(tried.split.X)} {challenge.things} under other names, and did not use these names.",
        "Start from random weights inside the function, and train on its arguments X and Y. "
        "Weights and arrays of other cells do not belong in it.",
    )
