"""What a newcomer types in every notebook: first a wrong answer, then the solutions."""

from bplab.course import Course, instructor_notebook, solved

WRONG = {
    "section_0": (
        "numerical-gradient",
        "def numerical_gradient(f, params):\n"
        "    gradient = np.zeros(params.shape)\n"
        "    for i in np.ndindex(params.shape):\n"
        "        up, down = params.astype(float), params.astype(float)\n"
        "        up[i] += 1e-5\n"
        "        down[i] -= 1e-5\n"
        "        gradient[i] = (f(up) - f(down)) / 1e-5\n"
        "    return gradient",
        "divided-by-h",
    ),
    "section_1": (
        "eq1",
        "def loss(Y, F):\n    return np.mean((Y - F) ** 2)",
        "averaged-over-all",
    ),
    "section_2_1": (
        "eq7",
        "def backward_hidden(X, A, Z, delta, beta, sigma):\n"
        "    s = (delta @ beta[:, 1:]) * sigma.derivative(Z)\n"
        "    return np.column_stack([s.sum(axis=0), s.T @ X])",
        "sigma-prime-at-Z",
    ),
    "section_2_2": (
        "eq8",
        "def grad_beta(Y, A, Z, T, F, g):\n"
        "    delta = -2 * (Y - F) * F * (1 - F)\n"
        "    return np.column_stack([delta.sum(axis=0), delta.T @ Z])",
        "diagonal-only",
    ),
    "section_2_3": (
        "eq12",
        "def update(weights, gradient, gamma):\n    return weights + gamma * gradient",
        "ascends",
    ),
    "section_3": (
        "eq16",
        "def hidden_delta(delta, weights, A, sigma):\n"
        "    return (delta @ weights[:, :-1]) * sigma.derivative(A)",
        "bias-column-used",
    ),
    "section_4": (
        "elu",
        "def elu(x, alpha):\n"
        "    a = np.where(x > 0, x, alpha * np.expm1(np.minimum(x, 0)))\n"
        "    return a, np.where(x > 0, 1.0, a + 1)",
        "a-plus-1",
    ),
    "capstone": (
        "confusion",
        "def confusion_matrix(actual, predicted, K):\n"
        "    counts = np.zeros((K, K), dtype=int)\n"
        "    np.add.at(counts, (predicted, actual), 1)\n"
        "    return counts",
        "transposed",
    ),
    "beyond": (
        "reverse-pass",
        "def reverse_pass(sources, slopes, output):\n"
        "    grad = np.zeros(len(sources))\n"
        "    grad[output] = 1\n"
        "    for node in reversed(range(len(sources))):\n"
        "        for source, slope in zip(sources[node], slopes[node]):\n"
        "            grad[source] += grad[node] * slope\n"
        "    return grad",
        "as-numbered",
    ),
}
"""By notebook: the exercise that is answered first, the answer, and the mistake that it is."""


def solutions(course: Course, name: str) -> dict[str, str]:
    """Return the source of every cell that is filled in, by its id."""
    cells = solved(instructor_notebook(course.notebooks / f"{name}.py")).cells
    return {
        cell.metadata.nbgrader.grade_id: cell.source
        for cell in cells
        if cell.metadata.get("nbgrader", {}).get("solution")
    }
