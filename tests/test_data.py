from importlib.resources import files

import numpy as np

from bplab.data import penguins


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


def test_the_licence_is_beside_the_data():
    assert "CC0" in files("bplab.data").joinpath("penguins-LICENSE.md").read_text(encoding="utf-8")
