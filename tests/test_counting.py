"""One of something is no plural."""

import numpy as np
import pytest

from bplab.counting import counted


@pytest.mark.parametrize(
    ("number", "one", "many", "said"),
    [
        (0, "student", "", "0 students"),
        (1, "student", "", "1 student"),
        (2, "student", "", "2 students"),
        (1.0, "point", "", "1 point"),
        (0.5, "point", "", "0.5 points"),
        ("1", "point", "", "1 point"),
        (f"{1.0004:.3g}", "point", "", "1 point"),
        (1.25, "point", "", "1.25 points"),
        (1, "student has", "students have", "1 student has"),
        (0, "student has", "students have", "0 students have"),
        (1_234_567, "file", "", "1234567 files"),
        (np.float64(1), "point", "", "1 point"),
    ],
)
def test_one_is_no_plural_and_all_else_is(number, one, many, said):
    assert counted(number, one, many) == said
