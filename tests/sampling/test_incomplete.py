"""Samplers where cells are missing: exact blocked Gibbs draws, and PyMC's density of the observed cells."""

from __future__ import annotations

import numpy as np
import pytest
from families.test_incomplete_gaussian import masked
from sampling.cases import working_prior
from sampling.test_joint_density import our_density, pymc_density, volume

from pointmass import (
    NUTS,
    VB,
    Dirichlet,
    Gibbs,
    HiddenMarkov,
    IncompleteGaussian,
    Mixture,
    NormalInverseGamma,
    NormalInverseWishart,
    PointMass,
)
from pointmass.estimators.nuts.backend import prepare_backend
from pointmass.estimators.nuts.joint import build_joint
from pointmass.families.normal import Normal
from pointmass.families.point_mass import conjugate_of
from pointmass.models import Model, Rows, as_model

pytestmark = pytest.mark.filterwarnings("default")  # what PyTensor's compiler says is not ours

WISHART = NormalInverseWishart(mean=np.zeros(3), kappa=0.7, dof=5.5, scale=np.eye(3))
GAMMA = NormalInverseGamma(mean=np.zeros(3), kappa=0.7, shape=1.7, scale=0.9)
MODELS = {
    "full": as_model(IncompleteGaussian(prior=WISHART)),
    "mixture": Mixture(IncompleteGaussian(prior=WISHART), 2, weights_prior=Dirichlet([1.5, 2.5])),
    "tied": Mixture(IncompleteGaussian("tied", WISHART), 2),
    "diagonal": Mixture(IncompleteGaussian("diagonal", GAMMA), 2),
    "spherical": as_model(IncompleteGaussian("spherical", GAMMA)),
    "known covariance": Mixture(IncompleteGaussian(PointMass(0.5 * np.eye(3) + 0.3)), 2),
    "chain": HiddenMarkov(IncompleteGaussian(prior=WISHART), 2),
}


def rows_with_holes(model: Model) -> Rows:
    """Return rows with missing cells, in two sequences with a missing step if the model has sequences."""
    values, missing, lengths = masked(9, d=3, share=0.4, seed=5), None, None
    if model.is_sequential:
        values[4], missing, lengths = np.nan, np.arange(9) == 4, np.array([5, 4])
    return Rows(values, model.coordinates(values, None), lengths=lengths, missing=missing)


@pytest.mark.parametrize("name", MODELS)
def test_pymc_has_the_density_of_the_observed_cells(name: str) -> None:
    prepare_backend("pymc")
    model, rows = MODELS[name], rows_with_holes(MODELS[name])
    prior = working_prior(model, rows)
    points = [{key: belief.draw(rng) for key, belief in prior.items()} for rng in np.random.default_rng(0).spawn(4)]
    joint = build_joint(model, prior, rows)
    volumes = [volume(prior["emission"], point["emission"]) for point in points]
    found = pymc_density(joint, points) - our_density(model, rows, prior, points) - volumes
    assert conjugate_of(prior["emission"]) in (NormalInverseWishart, NormalInverseGamma, Normal)
    assert np.ptp(found) == pytest.approx(0.0, abs=1e-8)  # a density of working units, whose size is one constant


@pytest.mark.slow
def test_gibbs_draws_are_the_corrected_posterior() -> None:
    rows = masked(25, d=2, share=0.3, seed=2)
    model = IncompleteGaussian(prior=NormalInverseWishart(mean=np.zeros(2), kappa=0.5, dof=5.0, scale=np.eye(2)))
    gibbs = Gibbs(model, draws=1500, tune=300, rng=0).fit(rows)
    corrected = VB(model, tol=1e-9, rng=0).fit(rows).uncertainty("importance", rng=0)
    assert gibbs.diagnostics_["sampler"] == "gibbs"
    for name in ("mean", "covariance"):
        draws = gibbs.draws_[name]
        error = gibbs.draws_[name].std(axis=(0, 1)) / np.sqrt(500.0)
        assert np.abs(draws.mean(axis=(0, 1)) - corrected.draws[name].mean(axis=0)).max() < 5 * error.max()
        assert draws.std(axis=(0, 1)) == pytest.approx(corrected.sd[name], rel=0.15)


@pytest.mark.slow
def test_gibbs_and_nuts_agree_on_a_mixture() -> None:
    rows = masked(60, d=2, share=0.2, seed=2)
    rows[:25] += 5.0
    model = Mixture(IncompleteGaussian(), 2)
    gibbs, nuts = (method(model, draws=1000, rng=0).fit(rows) for method in (Gibbs, NUTS))
    for name, array in gibbs.estimate_.items():
        error = gibbs.draws_[name].std(axis=(0, 1)) / np.sqrt(300.0)
        order = np.argsort(array[:, 0] if name == "mean" else gibbs.estimate_["mean"][:, 0])
        other = np.argsort(nuts.estimate_["mean"][:, 0])
        assert (np.abs(array[order] - nuts.estimate_[name][other]) < 5 * error[order]).all()
