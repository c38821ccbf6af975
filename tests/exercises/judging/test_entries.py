"""Entries are compared as numpy compares them, only faster."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from bplab.exercises.judging.trial import close_entries

NUMBERS = st.one_of(
    st.sampled_from([0.0, -0.0, np.nan, np.inf, -np.inf, 1.0, 1.0 + 1e-9, 1e308, -1e308, 5e-324]),
    st.floats(-10, 10),
)


@given(
    arrays(float, (2, 3), elements=NUMBERS),
    arrays(float, (2, 3), elements=NUMBERS),
    st.sampled_from([0, 1e-9, 1e-3]),
    st.sampled_from([0, 1e-11]),
    st.sampled_from([float, np.float32, complex, int, bool]),
    st.sampled_from([float, np.float32, int, bool]),
)
def test_entries_agree_where_numpy_says_so(a, b, rtol, atol, answered, wanted):
    if answered in (int, bool):
        a = np.nan_to_num(a, posinf=3, neginf=-3).clip(-3, 3)
    if wanted in (int, bool):
        b = np.nan_to_num(b, posinf=3, neginf=-3).clip(-3, 3)
    with np.errstate(all="ignore"):
        a, b = a.astype(answered), b.astype(wanted)
        scale = np.abs(b.astype(float))[np.isfinite(b)].max(initial=0)
        same = np.isclose(a, b, rtol=rtol, atol=atol * scale, equal_nan=True)
    assert (close_entries(a, b, rtol, atol) == same).all()
