"""Section 1: what later notebooks hand to its functions is among its cases."""

import numpy as np
import pytest

from bplab.exercises import EXERCISES, CheckFailed, check
from bplab.exercises.judging import Here, Trial
from bplab.exercises.task import generator, hidden_kind, network_cases
from tests.thorough import SEEDS

# right wherever g looks at each entry by itself
FOR_EACH_ENTRY = {
    "of columns": lambda T, g: g(T.T).T,
    "of one column after the other": lambda T, g: np.column_stack([g(t) for t in T.T]),
    "of (N, K, 1)": lambda T, g: g(T[..., None])[..., 0],
    "of one row of all": lambda T, g: g(T.ravel()).reshape(T.shape),
    "of one number after the other": lambda T, g: np.array([[g(t) for t in row] for row in T]),
    "of a part of the outputs": lambda T, g: np.hstack([g(T[:, :1]), g(T[:, 1:])]),
    "of more than the outputs": lambda T, g: g(np.column_stack([np.ones(len(T)), T]))[:, 1:],
}
OF_ROWS = {
    "of one row after the other": lambda T, g: np.array([g(t) for t in T]),
    "of a stack": lambda T, g: g(T[:, None])[:, 0],
    "of a part of the examples": lambda T, g: (
        np.vstack([g(T[:1]), g(T[1:])]) if T[1:].size else g(T)
    ),
}


def output_with(apply):
    def output(Z, beta, g):
        T = Z @ beta[:, 1:].T + beta[:, 0]
        return T, apply(T, g)

    return output


@pytest.mark.parametrize("how", FOR_EACH_ENTRY)
def test_g_looks_at_all_outputs_of_an_example(how):
    """Else it would fail in section 3, where `mine.output` is given the softmax."""
    wrong = output_with(FOR_EACH_ENTRY[how])
    with pytest.raises(CheckFailed, match=r"softmax|must be a vector"):
        check("output", wrong)
    output = EXERCISES["output"]
    cases = output.cases(generator(output, hidden_kind("a secret", "")))
    trial = Trial.run(output, Here(wrong), cases)
    assert not trial.all_right()


@pytest.mark.parametrize("how", OF_ROWS)
def test_and_at_no_other_example(how):
    assert check("output", output_with(OF_ROWS[how]))


@pytest.mark.parametrize("seed", SEEDS)
def test_the_softmax_is_one_case_more(seed):
    *elementwise, softmax = EXERCISES["output"].cases(np.random.default_rng(seed))
    alike = network_cases(np.random.default_rng(seed))
    assert [case.name for case in elementwise] == [case.name for case in alike]
    for case, same in zip(elementwise, alike, strict=True):
        assert np.array_equal(case.X, same.X)
        assert np.array_equal(case.beta, same.beta)
    assert str(softmax.g) == "softmax"
    assert len(set(softmax.sizes.values())) == 4


def test_where_g_is_applied_in_T_and_once_more_it_is_not_said_that_both_parts_are_F():
    def output(Z, beta, g):
        T = g(Z @ beta[:, 1:].T + beta[:, 0])
        return T, g(T)

    with pytest.raises(CheckFailed, match="Your T is g") as raised:
        check("output", output)
    assert raised.value.mistake == "T-is-F+g-twice"
    assert "Both parts" not in str(raised.value)
