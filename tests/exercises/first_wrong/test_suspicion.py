"""What is seen of a function beside the derivation, also where it has taken many steps."""

import numpy as np

from bplab.exercises.first_wrong import suspect
from bplab.exercises.judging import Here, Trial
from bplab.exercises.registry import EXERCISES
from bplab.exercises.task import visible_cases
from tests.exercises.first_wrong.test_proof import line_of


def appended(Y, A, Z, T, F, g):
    d = 2 * (F - Y) * g.derivative(T)
    out = []
    for k in range(Y.shape[1]):
        row = [d[:, k].sum()]
        for m in range(Z.shape[1]):
            row.append(d[:, k] @ abs(Z[:, m]))  # wrong
        out.append(row)
    return np.array(out)


def test_what_is_made_of_itself_again_and_again_is_followed_once():
    exercise = EXERCISES["eq4"]
    seen = suspect(Trial.run(exercise, Here(appended), visible_cases(exercise)))
    assert line_of(appended, "# wrong") in seen.lines
