"""The Gaussian family: its likelihood, its samples, its parameters in public and in native form."""

from __future__ import annotations

import copy

import numpy as np
import pytest
from cases import COVARIANCES, assert_mean
from families.conjugate_cases import wishart_belief
from scipy import stats

from pointmass import Gaussian, NormalInverseGamma, NormalInverseWishart, PointMass, PointmassError
from pointmass.models import IndependentRows, model_from_dict

every_covariance = pytest.mark.parametrize("covariance", COVARIANCES)

MEAN = np.array([[1.0, -2.0, 0.5], [0.0, 3.0, -1.0]])


def public_parameters(covariance):
    """Two components in three columns, with a covariance of the type that is asked for."""
    full = wishart_belief(2, 3, 0).scale
    matrices = {
        "full": full,
        "tied": np.array([full[0], full[0]]),
        "diagonal": np.array([np.diag(np.diag(matrix)) for matrix in full]),
        "spherical": np.array([matrix[0, 0] * np.eye(3) for matrix in full]),
    }
    return {"mean": MEAN, "covariance": matrices[covariance]}


@every_covariance
def test_public_parameters_survive_the_native_form(covariance):
    family, public = Gaussian(covariance), public_parameters(covariance)
    back = family.public(family.native(public))
    for name, array in public.items():
        np.testing.assert_allclose(back[name], array, rtol=1e-15)


@every_covariance
def test_leading_axes_of_draws_are_kept(covariance):
    family, public = Gaussian(covariance), public_parameters(covariance)
    many = {name: np.stack([array, 2.0 * array, 3.0 * array]) for name, array in public.items()}
    back = family.public(family.native(many))
    for name, array in many.items():
        np.testing.assert_allclose(back[name], array, rtol=1e-15)


@every_covariance
def test_coefficients_times_statistics_are_the_log_density(covariance):
    family, public = Gaussian(covariance), public_parameters(covariance)
    conjugate = type(family.flat_prior(2, 3))
    rows = np.random.default_rng(0).normal(size=(9, 3)) * 2.0
    coefficients = family.coefficients(conjugate.natural_parameters_at(family.native(public)))
    values = coefficients @ family.sufficient_statistics(rows.T)
    for k in range(2):
        expected = stats.multivariate_normal.logpdf(rows, public["mean"][k], public["covariance"][k])
        np.testing.assert_allclose(values[k], expected, rtol=1e-11)


@every_covariance
def test_samples_have_the_moments_of_their_components(covariance):
    public = public_parameters(covariance)
    labels = np.repeat([1, 0], 20_000)
    rows = Gaussian(covariance).sample(public, labels, np.random.default_rng(0))
    for k in range(2):
        centred = rows[labels == k] - public["mean"][k]
        assert_mean(centred, 0.0)
        assert_mean(centred[:, :, None] * centred[:, None, :], public["covariance"][k])


@every_covariance
def test_flat_prior_is_flat(covariance):
    """Its density is the same at any two points, so that it does not move the maximum."""
    family = Gaussian(covariance)
    for k, d in ((1, 1), (2, 3), (5, 2)):
        flat = family.flat_prior(k, d)
        assert not flat.is_proper
        rng = np.random.default_rng(k)
        spread = np.array([np.eye(d)] * k)
        values = [
            flat.log_density(family.native({"mean": rng.normal(size=(k, d)), "covariance": scale * spread}))
            for scale in (0.01, 1.0, 50.0)
        ]
        np.testing.assert_allclose(values, 0.0, atol=1e-12)


def test_partly_flat_prior_keeps_the_part_that_is_not():
    """A prior with κ > 0 alone still pulls the mean: its density is not the flat one's."""
    near, far = ({"mean": np.array([[m]]), "covariance": np.eye(1)[None]} for m in (0.0, 2.0))
    wishart = NormalInverseWishart(0.0, 3.0, 1.0, [[0.0]]).broadcast(1, 1)
    gamma = NormalInverseGamma(0.0, 3.0, 0.5, 0.0).broadcast(1, 1)
    assert wishart.log_density(near) - wishart.log_density(far) == pytest.approx(6.0)
    near, far = ({"mean": p["mean"], "variance": np.ones((1, 1))} for p in (near, far))
    assert gamma.log_density(near) - gamma.log_density(far) == pytest.approx(6.0)


@every_covariance
def test_default_prior_is_centred_on_the_data(covariance):
    """Mean = sample mean, and the prior mean of the covariance is what the type admits of the sample covariance."""
    rows = np.random.default_rng(1).normal(size=(40, 3)) @ np.diag([1.0, 5.0, 0.1]) + 100.0
    family, sample = Gaussian(covariance), np.cov(rows.T)
    prior = family.broadcast_prior(family.default_prior(rows, None), 2, 3)
    expected = {
        "full": sample,
        "tied": sample,
        "diagonal": np.diag(np.diag(sample)),
        "spherical": np.diag(sample).mean() * np.eye(3),
    }[covariance]
    public = family.public(prior.parameter_mean())
    np.testing.assert_allclose(public["mean"], np.broadcast_to(rows.mean(0), (2, 3)))
    np.testing.assert_allclose(public["covariance"], np.broadcast_to(expected, (2, 3, 3)), rtol=1e-12, atol=1e-14)
    np.testing.assert_allclose(np.ravel(prior.kappa), 0.01)


def test_priors_of_another_kind_are_refused():
    gamma = NormalInverseGamma(mean=[0.0, 0.0], kappa=1.0, shape=2.0, scale=1.0)
    wishart = NormalInverseWishart(mean=[0.0, 0.0], kappa=1.0, dof=4.0, scale=np.eye(2))
    for covariance, prior in (("full", gamma), ("tied", gamma), ("diagonal", wishart), ("spherical", wishart)):
        with pytest.raises(PointmassError, match="needs a"):
            Gaussian(covariance, prior).broadcast_prior(prior, 2, 2)
    with pytest.raises(PointmassError, match="covariance must be one of"):
        Gaussian("triangular")
    with pytest.raises(PointmassError, match="prior must be"):
        Gaussian("full", 3.0)


def test_priors_of_another_size_are_refused():
    prior = NormalInverseWishart(mean=[0.0, 0.0], kappa=1.0, dof=4.0, scale=np.eye(2))
    with pytest.raises(PointmassError, match="does not fit"):
        Gaussian("full", prior).broadcast_prior(prior, 2, 3)


FAMILIES = [
    Gaussian(),
    Gaussian("tied"),
    Gaussian("full", NormalInverseWishart([0.0, 1.0], 0.01, 4.0, np.eye(2))),
    Gaussian("diagonal", NormalInverseGamma([0.0, 1.0], [1.0, 2.0], 3.0, 0.1)),
    Gaussian("full", PointMass({"mean": [[0.0]], "covariance": [[[1.0]]]})),
    Gaussian(PointMass([[2.0, 0.5], [0.5, 1.0]])),
]


@pytest.mark.parametrize("family", FAMILIES, ids=repr)
def test_families_are_values_that_survive_their_tree(family):
    again = model_from_dict(family.to_dict())
    assert again == IndependentRows(family)
    assert hash(again) == hash(IndependentRows(family))
    assert copy.deepcopy(family) == family
    assert again.family == family
    assert len({repr(other) for other in FAMILIES}) == len(FAMILIES)
    assert sum(other == family for other in FAMILIES) == 1
