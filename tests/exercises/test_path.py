"""How far one has to read to follow a wrong answer through a check."""

import sys
from pathlib import Path
from types import FrameType

import numpy as np
import pytest

import bplab
from bplab import CheckFailed, check
from bplab.exercises.task import visible_cases

PACKAGE = Path(bplab.__file__).parent

AT_MOST = 15


def half_gradient(Y, A, Z, T, F, g):
    """Equation (4) without its factor 2."""
    delta = -(Y - F) * g.derivative(T)
    return np.column_stack([delta.sum(axis=0), delta.T @ Z])


def test_a_wrong_answer_to_eq4_passes_through_few_modules():
    """The first check of a session, which draws the cases too."""
    passed = set()
    visible_cases.cache_clear()

    def note(frame: FrameType, event: str, _: object) -> None:
        path = Path(frame.f_code.co_filename)
        if event == "call" and frame.f_code.co_name != "<module>" and PACKAGE in path.parents:
            passed.add(str(path.relative_to(PACKAGE)))

    sys.setprofile(note)
    try:
        with pytest.raises(CheckFailed, match="factor 2"):
            check("eq4", half_gradient)
    finally:
        sys.setprofile(None)
    assert "exercises/check.py" in passed
    assert len(passed) <= AT_MOST, f"{len(passed)} modules: {', '.join(sorted(passed))}"
