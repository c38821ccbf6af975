import tomllib
from importlib.resources import files

import numpy as np
import pytest

from bplab.data import digits, penguins


def test_penguins_are_the_342_measured_birds():
    birds = penguins()
    assert birds.X.shape == (342, 4)
    assert birds.Y.shape == (342, 3)
    assert np.isfinite(birds.X).all()
    assert np.array_equal(birds.Y.sum(axis=1), np.ones(342))
    assert dict(zip(birds.species, birds.Y.sum(axis=0), strict=True)) == {
        "Adelie": 151,
        "Chinstrap": 68,
        "Gentoo": 123,
    }


def test_digits_are_1797_images_with_pixels_from_0_to_1():
    X, Y, digit = digits()
    assert X.shape == (1797, 64)
    assert X.dtype == Y.dtype == np.float64
    assert (X.min(), X.max()) == (0, 1)
    assert np.array_equal(16 * X, np.rint(16 * X))
    # as the authors' own description of the data set counts them
    assert np.bincount(digit).tolist() == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]


def test_the_targets_are_one_hot_and_say_the_same_as_the_digits():
    _, Y, digit = digits()
    assert Y.shape == (1797, 10)
    assert np.array_equal(Y.sum(axis=1), np.ones(1797))
    assert np.array_equal(Y.argmax(axis=1), digit)


def test_an_image_read_row_by_row_shows_its_digit():
    """The first image is a 0: a ring around an empty middle; a 1 has ink in the middle."""
    X, _, digit = digits()
    middle = X.reshape(-1, 8, 8)[:, 3:5, 3:5].mean(axis=(1, 2))
    assert digit[0] == 0
    assert X[0].reshape(8, 8)[2:6, 4].mean() < 0.1
    assert middle[digit == 0].mean() < 0.25 < 0.75 < middle[digit == 1].mean()


def test_no_image_is_changed_for_who_asks_next():
    digits().X[:] = 0
    assert digits().X.any()


@pytest.mark.parametrize(("name", "licence"), [("penguins", "CC0"), ("digits", "CC BY 4.0")])
def test_the_licence_is_beside_the_data(name, licence):
    assert licence in files("bplab.data").joinpath(f"{name}-LICENSE.md").read_text("utf-8")


def test_every_licence_goes_into_the_metadata_of_a_wheel(course):
    project = tomllib.loads((course.root / "pyproject.toml").read_text("utf-8"))["project"]
    named = {path for glob in project["license-files"] for path in course.root.glob(glob)}
    assert named >= set((course.root / "bplab/data").glob("*LICENSE*"))
