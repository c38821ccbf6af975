"""Exercises of section 2.1: the gradients for an elementwise output, equations (4) to (7)."""

from bplab import network
from bplab.exercises.section_2_1.mistakes import (
    MISTAKES_EQ4,
    MISTAKES_EQ5,
    MISTAKES_EQ6,
    MISTAKES_EQ7,
)
from bplab.exercises.task import (
    FINITE_DIFFERENCES,
    Exercise,
    Part,
    finite_differences,
    network_cases,
)

EXERCISES = (
    Exercise(
        id="eq4",
        reference=network.grad_beta,
        parts=(Part("grad_beta", "K", "M+1"),),
        points=3,
        judge=FINITE_DIFFERENCES,
        formula_wanted=True,
        second_opinion=finite_differences("beta"),
        mistakes=MISTAKES_EQ4,
        cases=network_cases,
        hints=(
            "Three of the five steps: residual, output delta, weight gradient. Write one line for "
            "each, in this order, and print its shape. What does the bias multiply?",
            "Residual −2 (Y − F) and g.derivative(T) are both (N, K): multiply them entry by "
            "entry, and you have delta. The weight gradient is (K, M+1): the product of delta "
            "transposed, (K, N), and the inputs, (N, M), sums over the examples. Its first column "
            "belongs to an input that is always 1.",
            "delta = -2 * (Y - F) * …              # residual, output delta: (N, K)\n"
            "bias = delta.sum(axis=0)              # (K,)\n"
            "weights = delta.T @ …                 # (K, M)\n"
            "return np.column_stack([bias, weights])",
        ),
    ),
    Exercise(
        id="eq5",
        reference=network.grad_alpha,
        parts=(Part("grad_alpha", "M", "p+1"),),
        points=4,
        judge=FINITE_DIFFERENCES,
        formula_wanted=True,
        second_opinion=finite_differences("alpha"),
        mistakes=MISTAKES_EQ5,
        cases=network_cases,
        hints=(
            "Begin as in equation (4), up to delta. Then two new steps lead backwards, to the "
            "hidden layer, and the last step is the old one with other inputs.",
            "Send back: delta (N, K) times the weights beta[:, 1:] (K, M) gives (N, M); the "
            "product sums over k. Hidden delta: times sigma.derivative(A), entry by entry. Weight "
            "gradient: as before, but alpha multiplied X, so the result is (M, p+1).",
            "delta = …                             # as in equation (4): (N, K)\n"
            "s = (delta @ beta[:, 1:]) * …         # send back, hidden delta: (N, M)\n"
            "return np.column_stack([s.sum(axis=0), s.T @ …])",
        ),
    ),
    Exercise(
        id="eq6",
        reference=network.backward_output,
        parts=(Part("delta", "N", "K"), Part("grad_beta", "K", "M+1")),
        points=3,
        judge=FINITE_DIFFERENCES,
        formula_wanted=True,
        second_opinion=finite_differences("T", "beta"),
        mistakes=MISTAKES_EQ6,
        cases=network_cases,
        hints=(
            "You have written all of this in equation (4). What is new is that delta is given a "
            "name and handed on.",
            "delta is residual times g.derivative(T): (N, K), one row an example, not summed. The "
            "gradient is (K, M+1): bias column delta.sum(axis=0), then the product of delta "
            "transposed and Z. Return both, delta first.",
            "delta = …                             # (N, K)\n"
            "by_beta = np.column_stack([delta.sum(axis=0), …])\n"
            "return delta, by_beta",
        ),
    ),
    Exercise(
        id="eq7",
        reference=network.backward_hidden,
        parts=(Part("grad_alpha", "M", "p+1"),),
        points=3,
        judge=FINITE_DIFFERENCES,
        formula_wanted=True,
        second_opinion=finite_differences("alpha"),
        mistakes=MISTAKES_EQ7,
        cases=network_cases,
        hints=(
            "The first two steps are done: they are in delta, with the minus and the 2. Which "
            "three are left?",
            "Send back through beta[:, 1:], without the biases: (N, K) times (K, M) is (N, M). "
            "Hidden delta: times σ′ at A. Weight gradient: bias column first, then the product "
            "with X, (M, p+1) together.",
            "s = (delta @ …) * sigma.derivative(A) # send back, hidden delta: (N, M)\n"
            "return np.column_stack([…, s.T @ X])  # bias, weights",
        ),
    ),
)
