"""How far one has to read to follow a wrong answer through a check."""

import numpy as np
import pytest

from bplab import CheckFailed, check
from bplab.exercises.task import visible_cases
from tests.passed import passed_through

AT_MOST = 15


def half_gradient(Y, A, Z, T, F, g):
    """Equation (4) without its factor 2."""
    delta = -(Y - F) * g.derivative(T)
    return np.column_stack([delta.sum(axis=0), delta.T @ Z])


def test_a_wrong_answer_to_eq4_passes_through_few_modules():
    """The first check of a session, which draws the cases too."""
    visible_cases.cache_clear()

    def work():
        with pytest.raises(CheckFailed, match="factor 2"):
            check("eq4", half_gradient)

    passed = passed_through(work)
    assert "exercises/check.py" in passed
    assert len(passed) <= AT_MOST, f"{len(passed)} modules: {', '.join(sorted(passed))}"
