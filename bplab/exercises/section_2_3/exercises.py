"""Exercises of section 2.3: gradient descent, equations (12) and (13)."""

import numpy as np

from bplab import training
from bplab.exercises.section_2_3.cases import UpdateCase, update_cases
from bplab.exercises.section_2_3.mistakes import ONE_PASS, UPDATE
from bplab.exercises.task import FINITE_DIFFERENCES, WAYS, Exercise, Part, finite_differences


def _written_out(case: UpdateCase) -> tuple[np.ndarray]:
    """Equation (12), one weight at a time."""
    return (
        np.array(
            [
                [float(w) - case.gamma * float(slope) for w, slope in zip(*rows, strict=True)]
                for rows in zip(case.weights, case.gradient, strict=True)
            ]
        ),
    )


def _differences(case: UpdateCase) -> tuple[np.ndarray | None, ...]:
    """Both updates with numerical gradients; None for alpha where a unit sits on its kink."""
    by_alpha, by_beta = finite_differences("alpha", "beta")(case)
    return (
        None if by_alpha is None else case.alpha - case.gamma * by_alpha,
        None if by_beta is None else case.beta - case.gamma * by_beta,
    )


EXERCISES = (
    Exercise(
        id="eq12",
        reference=training.update,
        parts=(Part("new_weights", "K", "M+1"),),
        points=2,
        judge="the update written out in plain Python",
        second_opinion=_written_out,
        mistakes=UPDATE,
        cases=update_cases,
        moves=("weights",),
        hints=(
            "The gradient points uphill. In which direction do you go, and what says how far?",
            "weights and gradient have the same shape, and gamma is one number, so no loop is "
            "needed, and no sum: that over the examples is in the gradient already. Make a new "
            "array; -= would change the caller's.",
            "One line: the old weights, minus the learning rate times something of their shape.\n"
            "    return weights - gamma * …",
        ),
    ),
    Exercise(
        id="eq13",
        reference=training.one_pass,
        parts=(Part("alpha", "M", "p+1"), Part("beta", "K", "M+1")),
        points=4,
        judge=FINITE_DIFFERENCES,
        formula_wanted=True,
        second_opinion=_differences,
        mistakes=ONE_PASS,
        cases=update_cases,
        ways=WAYS["eq13"],
        moves=("alpha", "beta"),
        hints=(
            "Three things in this order: a forward pass, both gradients, both updates. Which "
            "weights must all of the first two see?",
            "forward gives A, Z, T, F. backward_output gives delta and the gradient with respect "
            "to beta. backward_hidden gives the one with respect to alpha, (M, p+1); it needs "
            "delta and the beta that you were given. Only then update, and return alpha first.",
            "A, Z, T, F = forward(X, alpha, beta, sigma, g)\n"
            "delta, by_beta = backward_output(Y, A, Z, T, F, g)\n"
            "by_alpha = …\n"
            "return update(alpha, by_alpha, gamma), update(beta, by_beta, gamma)",
        ),
    ),
)
