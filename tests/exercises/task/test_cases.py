"""The test cases leave no room for a mistake to hide."""

from dataclasses import replace

import numpy as np
import pytest

from bplab.exercises import EXERCISES
from bplab.exercises.judging import answer
from bplab.exercises.section_3.cases import deep_cases
from bplab.exercises.task import network_cases
from tests.thorough import SEEDS


@pytest.fixture(params=SEEDS)
def cases(request):
    return {case.name: case for case in network_cases(np.random.default_rng(request.param))}


def test_sizes_and_special_cases(cases):
    for name in ("generic", "other activations", "identity output", "large weights"):
        assert len(set(cases[name].sizes.values())) == 4, name
    assert len(set(cases["square"].sizes.values())) == 1
    assert cases["one example"].sizes["N"] == 1
    assert cases["one output"].sizes["K"] == 1
    assert cases["one hidden unit"].sizes["M"] == 1
    assert np.abs(cases["large pre-activations"].A).max() > 10
    assert (cases["on the kink"].A == 0).any()
    assert cases["integer arrays"].X.dtype.kind == cases["integer arrays"].Y.dtype.kind == "i"


def test_biases_are_never_zero_but_where_the_kink_needs_it(cases):
    for name, case in cases.items():
        assert (case.beta[:, 0] != 0).all()
        assert name == "on the kink" or (case.alpha[:, 0] != 0).all()


@pytest.mark.one_in(3)
@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("exercise", EXERCISES.values(), ids=lambda e: e.id)
def test_a_second_opinion_is_all_zero_only_where_that_is_due_and_the_reference_agrees(
    exercise, seed
):
    for case in exercise.cases(np.random.default_rng(seed)):
        right = answer(exercise, exercise.reference, case).arrays
        for part, opinion in zip(right, exercise.second_opinion(case), strict=True):
            if opinion is None:
                assert not case.smooth
                continue
            scale = np.abs(opinion).max()
            if case.all_zero and scale == 0:
                assert not np.abs(part).any()
                continue
            assert scale > 1e-12  # in the case of small numbers some gradients are about 1e-9
            assert np.abs(part - opinion).max() < 1e-6 * scale, str(case)


def test_arguments_are_copies(cases):
    case = cases["generic"]
    given = case.arguments(["X", "Z"])
    given["X"][:] = 0
    given["Z"][:] = 0
    assert case.X.any()
    assert case.Z.any()


# --- what a case says of itself -----------------------------------------------------------


def test_traits_are_read_off_the_values_and_not_off_the_name(cases):
    def traits(name):
        return cases[name].traits(("X", "Y", "alpha", "sigma"))

    assert traits("one example") >= {"N = 1", "sigma is tanh"}
    assert traits("one hidden unit") >= {"M = 1"}
    assert traits("square") >= {"N = p", "M = K"}
    assert traits("large pre-activations") >= {"X has entries beyond ±20"}
    assert traits("integer arrays") >= {"X holds integers", "Y holds integers"}
    assert traits("on the kink") >= {"a value is on a kink", "alpha has a first column of zeros"}
    assert not {"N = 1", "M = 1", "X holds integers"} & traits("generic")
    case = replace(cases["one example"], name="anything")
    assert case.traits(("X", "sigma")) == cases["one example"].traits(("X", "sigma"))


def test_traits_tell_one_layer_from_all_of_them():
    case = next(case for case in deep_cases(np.random.default_rng(0)) if not case.smooth)
    traits = case.traits(("alphas", "sigmas"))
    assert "one of the sigmas is relu" in traits
    assert "each of the sigmas is relu" not in traits
    assert "each of the alphas has a first column of zeros" in traits
