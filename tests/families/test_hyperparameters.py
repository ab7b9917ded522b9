"""Hyperparameters that make no sense are refused in one sentence that names them."""

from __future__ import annotations

import numpy as np
import pytest

from pointmass import Dirichlet, NormalInverseGamma, NormalInverseWishart, PointmassError

WISHART = {"mean": [0.0, 0.0], "kappa": 1.0, "dof": 4.0, "scale": np.eye(2)}
GAMMA = {"mean": 0.0, "kappa": 1.0, "shape": 2.0, "scale": 1.0}

WRONG = [
    (NormalInverseWishart, WISHART, "kappa", -1.0, "at least 0"),
    (NormalInverseWishart, WISHART, "kappa", np.nan, "finite"),
    (NormalInverseWishart, WISHART, "dof", 1.0, "greater than 1"),
    (NormalInverseWishart, WISHART, "scale", [[1.0, 2.0], [2.0, 1.0]], "smallest eigenvalue is -1"),
    (NormalInverseWishart, WISHART, "scale", [[1.0, 0.4], [0.0, 1.0]], "symmetric"),
    (NormalInverseWishart, WISHART, "scale", [[1.0, 0.0]], "square"),
    (NormalInverseWishart, WISHART, "mean", "zero", "a number"),
    (NormalInverseWishart, WISHART, "mean", True, "a number"),
    (NormalInverseGamma, GAMMA, "shape", 0.0, "greater than 0"),
    (NormalInverseGamma, GAMMA, "scale", -1.0, "at least 0"),
    (NormalInverseGamma, GAMMA, "kappa", np.inf, "finite"),
    (Dirichlet, {}, "concentration", 0.0, "greater than 0"),
    (Dirichlet, {}, "concentration", [1.0, -1.0], "greater than 0"),
]


@pytest.mark.parametrize(("prior", "others", "name", "value", "message"), WRONG)
def test_refused_by_name(prior, others, name, value, message):
    with pytest.raises(PointmassError, match=message) as caught:
        prior(**{**others, name: value})
    assert caught.value.path == (name,)
    assert name in str(caught.value)
    assert prior.__name__ in str(caught.value)


def test_asymmetry_of_rounding_is_made_symmetric():
    scale = NormalInverseWishart(**{**WISHART, "scale": [[1.0, 0.5], [0.5 + 1e-13, 1.0]]}).scale
    assert (scale == scale.T).all()


def test_hyperparameters_are_frozen_and_apart_from_what_was_given():
    given = np.eye(2)
    prior = NormalInverseWishart(**{**WISHART, "scale": given})
    given[0, 0] = 5.0
    assert prior.scale[0, 0] == 1.0
    with pytest.raises(ValueError, match="read-only"):
        prior.scale[0, 0] = 5.0
    with pytest.raises(AttributeError):
        prior.kappa = 2.0


def test_copies_of_components_can_be_written_without_touching_the_prior():
    prior = NormalInverseWishart(**WISHART)
    copies = prior.broadcast(3, 2)
    assert copies.mean.shape == (3, 2)
    assert copies.scale.shape == (3, 2, 2)
    tied = prior.broadcast(3, 2, tied=True)
    assert tied.dof.shape == ()
    assert tied.scale.shape == (2, 2)
    common = NormalInverseGamma(**GAMMA).broadcast(3, 2, common=True)
    assert common.mean.shape == (3, 2)
    assert common.scale.shape == (3,)
    assert Dirichlet(2.0).broadcast(3).concentration.tolist() == [2.0, 2.0, 2.0]


@pytest.mark.parametrize("shape", ["kappa", "shape", "scale"])
def test_a_value_for_each_column_is_no_value_for_each_component(shape):
    """With as many columns as components the two could be taken for each other."""
    prior = NormalInverseGamma(**{**GAMMA, shape: [1.0, 2.0]})
    np.testing.assert_array_equal(getattr(prior.broadcast(2, 2), shape), [[1.0, 2.0], [1.0, 2.0]])
    with pytest.raises(PointmassError, match=shape):
        prior.broadcast(2, 2, common=True)
