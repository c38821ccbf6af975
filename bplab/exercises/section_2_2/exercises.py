"""Exercises of section 2.2: the gradients where every output looks at all of t, (8) to (11).

They differ from those of section 2.1 in one step, the output delta, and so do their mistakes.
"""

from bplab import network
from bplab.exercises.section_2_2.mistakes import (
    MISTAKES_EQ8,
    MISTAKES_EQ9,
    MISTAKES_EQ10,
    MISTAKES_EQ11,
)
from bplab.exercises.task import (
    FINITE_DIFFERENCES,
    WAYS,
    Exercise,
    Part,
    finite_differences,
    softmax_cases,
)

EXERCISES = (
    Exercise(
        id="eq8",
        reference=network.grad_beta,
        parts=(Part("grad_beta", "K", "M+1"),),
        points=3,
        judge=FINITE_DIFFERENCES,
        formula_wanted=True,
        second_opinion=finite_differences("beta"),
        mistakes=MISTAKES_EQ8,
        cases=softmax_cases,
        ways=WAYS["eq8"],
        hints=(
            "Only one step differs from section 2.1. There output k felt its own slope alone; here "
            "t_k moves every output l, and the rates add up. Which array holds all those rates?",
            "residual: D = −2(Y − F), (N, K). The Jacobian: J = g.jacobian(T), (N, K, K), entry "
            "[i, l, k] is ∂f_l/∂t_k. output delta: for each example, sum D[i, l] * J[i, l, k] over "
            "l; the result is (N, K). weight gradient: as in equation (4).",
            'delta = np.einsum("il,il?->i?", D, g.jacobian(T)), with the index that is left in '
            "place of both question marks. From there on it is your equation (4): delta meets "
            "a column of ones and Z.",
        ),
    ),
    Exercise(
        id="eq9",
        reference=network.grad_alpha,
        parts=(Part("grad_alpha", "M", "p+1"),),
        points=4,
        judge=FINITE_DIFFERENCES,
        formula_wanted=True,
        second_opinion=finite_differences("alpha"),
        mistakes=MISTAKES_EQ9,
        cases=softmax_cases,
        ways=WAYS["eq9"],
        hints=(
            "Two sums, two steps. The sum over j makes delta out of the residuals, as in your "
            "equation (8). The sum over k sends delta back, as in your equation (5).",
            "residual (N, K); output delta (N, K), the product with the Jacobian; send back "
            "(N, M), through beta without its bias; hidden delta (N, M), times "
            "sigma.derivative(A); weight gradient (M, p+1), with X and a column of ones.",
            "With delta from your equation (8): s = (delta @ beta[:, …]) * sigma.derivative(A), "
            "and then np.column_stack([s.sum(axis=0), s.T @ …]). Two things are left out.",
        ),
    ),
    Exercise(
        id="eq10",
        reference=network.backward_output,
        parts=(Part("delta", "N", "K"), Part("grad_beta", "K", "M+1")),
        points=3,
        judge=FINITE_DIFFERENCES,
        formula_wanted=True,
        second_opinion=finite_differences("T", "beta"),
        mistakes=MISTAKES_EQ10,
        cases=softmax_cases,
        ways=WAYS["eq10"],
        hints=(
            "You have computed this delta already, inside your equation (8). Now give it back "
            "as well.",
            "delta has shape (N, K): the residuals of example i times the Jacobian of example i. "
            "Multiplied out, that is f_k D_k − f_k Σ_l f_l D_l, and needs no Jacobian at all.",
            "delta = F * (D - (F * D).sum(axis=…, keepdims=True)), then the weight gradient as in "
            "equation (6), and return both, delta first. Which axis runs over the outputs?",
        ),
    ),
    Exercise(
        id="eq11",
        reference=network.backward_hidden,
        parts=(Part("grad_alpha", "M", "p+1"),),
        points=2,
        judge=FINITE_DIFFERENCES,
        formula_wanted=True,
        second_opinion=finite_differences("alpha"),
        mistakes=MISTAKES_EQ11,
        cases=softmax_cases,
        hints=(
            "Compare (11) with (7), letter by letter. What has changed?",
            "Nothing has: this function is given delta and never sees g. Your backward_hidden of "
            "section 2.1 is the answer. Its steps: send back, hidden delta, weight gradient.",
            "s = (delta @ beta[:, 1:]) * …, and then a column of sums over the examples beside "
            "s.T @ X. What is left out is the slope of the hidden layer, at A.",
        ),
    ),
)
