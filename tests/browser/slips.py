"""Three slips in every notebook: a wrong formula, a wrong shape or axis, and an exception.

Each is made in the solution, so that all the rest of it is right: what is said must be the slip.
"""

from typing import NamedTuple

FORMULA, AXIS, RAISES = KINDS = "formula", "axis", "exception"


class Slip(NamedTuple):
    """A slip of a learner's.

    Attributes
    ----------
    kind, id : str
        What kind it is, and in which exercise.
    right, wrong : str
        What stands in the solution, for the last time, and what the learner writes.
    says : str
        What must be said of it: a regular expression.
    """

    kind: str
    id: str
    right: str
    wrong: str
    says: str

    def made(self, code: str) -> str:
        """Return the solution with the slip in it."""
        before, _, after = code.rpartition(self.right)
        return before + self.wrong + after


SLIPS = {
    "section_0": [
        Slip(
            FORMULA,
            "numerical-gradient",
            "behind[index] -= 1e-5",
            "behind[index] -= 0",
            r"divided by 2h\. Your gradient is half of the right one",
        ),
        Slip(
            AXIS,
            "numerical-gradient",
            "return gradient",
            "return gradient.T",
            r"Your gradient is transposed\.",
        ),
        Slip(
            RAISES,
            "numerical-gradient",
            "f(behind)",
            "f(before)",
            r"In line 8, nothing is called before",
        ),
    ],
    "section_1": [
        Slip(FORMULA, "hidden", " + alpha[:, 0]", "", r"The bias is left out\."),
        Slip(
            AXIS,
            "eq2",
            "axis=1",
            "axis=0",
            r"You sum over the examples; equation \(2\) sums over the outputs of one",
        ),
        Slip(
            RAISES,
            "output",
            "beta[:, 1:].T",
            "beta[:, 1:].t",
            r"In line 3, beta\[:, 1:\] is \(\d+, \d+\), and has no t; did you mean T\?",
        ),
    ],
    "section_2_1": [
        Slip(
            FORMULA,
            "eq4",
            "g.derivative(T)",
            "g.derivative(F)",
            r"g′ is taken at the wrong place: at F, the output, instead of T\.",
        ),
        Slip(
            AXIS,
            "eq5",
            "return s.T @ ones_X",
            "return ones_X.T @ s",
            r"Your gradient is transposed\.",
        ),
        Slip(
            RAISES,
            "eq6",
            "delta.T @ Z",
            "delta @ Z",
            r"the inner sizes of delta @ Z must agree, \d+ and \d+ here",
        ),
    ],
    "section_2_2": [
        Slip(
            FORMULA,
            "eq10",
            "(D - (F * D).sum(axis=1, keepdims=True))",
            "(1 - F) * D",
            r"You use F\(1 − F\), the diagonal of the Jacobian alone",
        ),
        Slip(
            AXIS,
            "eq8",
            "il,ilk->ik",
            "il,ilk->il",
            r"Your answer is zero up to rounding: with it the network would never learn\.",
        ),
        Slip(
            RAISES,
            "eq9",
            "g.jacobian(T)",
            "g.derivative(T)",
            r"You ask for g\.derivative, and softmax has none",
        ),
    ],
    "section_2_3": [
        Slip(
            FORMULA,
            "eq12",
            "weights - gamma",
            "weights + gamma",
            r"Your step goes uphill: it makes R larger\.",
        ),
        Slip(
            AXIS,
            "eq13",
            "by_alpha, gamma), update(beta, by_beta",
            "by_beta.sum(axis=0), gamma), update(beta, by_beta",
            r"gamma \* gradient is \(\d+,\): from the last axis on, \d+ meets \d+",
        ),
        Slip(
            RAISES,
            "eq13",
            "update(beta, by_beta, gamma)",
            "update(beta, by_alpha, gamma)",
            r"gamma \* gradient is \(\d+, \d+\): from the last axis on, \d+ meets \d+",
        ),
    ],
    "section_3": [
        Slip(
            FORMULA,
            "eq16",
            "sigma.derivative(A)",
            "sigma(A)",
            r"You multiply by σ instead of by its derivative σ′\.",
        ),
        Slip(
            AXIS,
            "eq14",
            "delta.sum(axis=0)",
            "delta.mean(axis=0)",
            r"The bias column is wrong: it is a mean over the examples",
        ),
        Slip(
            RAISES,
            "eq17",
            "weights_above[d]",
            "weights_above[d + 1]",
            r"weights_above is a list of \d+ arrays: .*, and d \+ 1 is \d+\.",
        ),
    ],
    "section_4": [
        Slip(
            FORMULA,
            "tanh",
            "1 - a**2",
            "1 - a",
            r"Your derivative is 1 − a: the square is missing\.",
        ),
        Slip(
            AXIS,
            "softmax",
            "e.sum(axis=1, keepdims=True)",
            "e.sum(axis=0)",
            r"You divide by the sum over the examples; the sum is over the outputs",
        ),
        Slip(
            RAISES,
            "relu",
            "np.where(x > 0, 1.0, 0.0)",
            "1.0 if x > 0 else 0.0",
            r"an array is used as a condition\.",
        ),
    ],
    "capstone": [
        Slip(
            FORMULA,
            "one-epoch",
            "beta - gamma * by_beta",
            "beta + gamma * by_beta",
            r"beta steps along its gradient",
        ),
        Slip(
            AXIS,
            "confusion",
            "counts[a, b]",
            "counts[b, a]",
            r"Rows and columns are swapped: your rows are what was predicted\.",
        ),
        Slip(RAISES, "confusion", "(K, K)", "K, K", r"In line 3, zeros\(\(K, K\)\) is meant\."),
    ],
    "beyond": [
        Slip(FORMULA, "local-slopes", "[1, -1]", "[1, 1]", r"Both slopes of a difference are 1\."),
        Slip(
            AXIS,
            "reverse-pass",
            "return grad",
            "return grad[output]",
            r"wanted \(\d+,\), got a single number\.",
        ),
        Slip(
            RAISES,
            "reverse-pass",
            "grad = np.zeros(len(sources))",
            "grad = np.zeros(output)",
            r"In line 14, grad is \(0,\): it has 0 elements, and output is 0\.",
        ),
    ],
}
"""By notebook."""
