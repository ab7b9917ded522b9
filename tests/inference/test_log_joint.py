"""The log joint density in unconstrained coordinates: of a batch, of blocks of rows, and its integral, the evidence."""

from __future__ import annotations

import numpy as np
import pytest
from cases import COVARIANCES, clusters
from sampling.enumeration import log_evidence
from scipy import stats
from scipy.integrate import quad

from pointmass import EM, VB, Dirichlet, Gaussian, Mixture, PointMass
from pointmass.families import Normal
from pointmass.inference.log_joint import LogJoint
from pointmass.models import Rows, as_model


def rows_of(model, values, **extra):
    return Rows(values, model.coordinates(values, extra.get("weights")), **extra)


def working_prior(model, rows):
    prior = model.prior(rows.values, rows.weights)
    return {name: belief.mapped(rows.coordinates.inverse) for name, belief in prior.items()}


def prior_draws(model, values, size, seed=0):
    rng = np.random.default_rng(seed)
    prior = model.prior(values, None)
    return model.public({name: belief.parameter_draws(size, rng) for name, belief in prior.items()})


@pytest.mark.parametrize("covariance", COVARIANCES)
def test_log_likelihood_is_the_sum_over_components(covariance):
    values = clusters(30, d=3)
    model = as_model(Mixture(Gaussian(covariance), 3))
    draws = prior_draws(model, values, 7)
    rows = rows_of(model, values)
    got = model.log_likelihood(draws, rows, pointwise=True)
    for s in range(7):
        pairs = zip(draws["weights"][s], draws["mean"][s], draws["covariance"][s], strict=True)
        each = [np.log(w) + stats.multivariate_normal(m, c).logpdf(values) for w, m, c in pairs]
        np.testing.assert_allclose(got[s], np.logaddexp.reduce(each), rtol=1e-9)
    np.testing.assert_allclose(model.log_likelihood(draws, rows), got.sum(1), rtol=1e-12)


def test_log_likelihood_is_that_of_the_fits():
    values = clusters(60)
    weights = np.random.default_rng(0).uniform(0.5, 2.0, 60)
    for model in (Mixture(Gaussian(), 2), Gaussian("diagonal")):
        fit = EM(model, rng=0).fit(values, sample_weight=weights)
        draws = {name: array[None] for name, array in fit.estimate_.items()}
        rows = rows_of(fit.model_, values, weights=weights)
        assert fit.model_.log_likelihood(draws, rows)[0] == pytest.approx(fit.log_likelihood_, rel=1e-12)


def test_blocks_of_rows_and_of_draws_change_nothing():
    values = clusters(70_000, d=2)
    model = as_model(Mixture(Gaussian(), 2))
    weights = np.random.default_rng(1).uniform(0.5, 2.0, len(values))
    labels = np.where(np.arange(len(values)) % 3 == 0, 1, -1)
    draws = prior_draws(model, values[:50], 9)
    rows = rows_of(model, values, weights=weights, labels=labels)
    whole = model.log_likelihood(draws, rows, pointwise=True)
    np.testing.assert_allclose(model.log_likelihood(draws, rows), whole @ weights, rtol=1e-11)
    few = np.r_[0:5, 69_990:70_000]
    one = {name: array[4:5] for name, array in draws.items()}
    np.testing.assert_allclose(whole[4:5, few], model.log_likelihood(one, rows.take(few), pointwise=True), rtol=1e-11)


def test_a_known_component_counts_with_its_row():
    values = np.array([[0.3], [1.0]])
    model = as_model(Mixture(Gaussian(PointMass([[1.0]])), 2))
    draws = {"weights": np.array([[0.3, 0.7]]), "mean": np.array([[[0.0], [2.0]]]), "covariance": np.ones((1, 2, 1, 1))}
    both = model.log_likelihood(draws, rows_of(model, values, labels=np.array([1, -1])), pointwise=True)[0]
    density = stats.norm(loc=[[0.0], [2.0]]).pdf(values[:, 0])
    assert both == pytest.approx(np.log([0.7 * density[1, 0], 0.3 * density[0, 1] + 0.7 * density[1, 1]]), rel=1e-12)


@pytest.mark.parametrize("covariance", COVARIANCES)
def test_coordinates_there_and_back(covariance):
    values = 1e4 + 10.0 * clusters(30, d=2)
    model = as_model(Mixture(Gaussian(covariance), 2))
    rows = rows_of(model, values)
    log_joint = LogJoint(model, rows, working_prior(model, rows))
    draws = prior_draws(model, values, 5)
    back = log_joint.constrain(log_joint.unconstrain(draws))
    for name, array in draws.items():
        np.testing.assert_allclose(back[name], array, rtol=1e-8, atol=1e-8 * np.abs(array).max())


def test_units_change_the_density_as_they_change_the_data():
    """p(c x) = p(x) / c^(n d): the coordinates are those of working units, so nothing else changes."""
    values, model = clusters(30, d=2), as_model(Mixture(Gaussian("diagonal"), 2))
    vectors = np.random.default_rng(2).normal(size=(6, 9))
    found = []
    for scale in (1.0, 1e3):
        rows = rows_of(model, scale * values)
        found.append(LogJoint(model, rows, working_prior(model, rows))(vectors))
    np.testing.assert_allclose(found[1], found[0] - 60 * np.log(1e3), rtol=1e-9)


def test_a_draw_that_cannot_be_evaluated_has_no_density():
    values, model = clusters(30, d=2), as_model(Mixture(Gaussian(), 2))
    rows = rows_of(model, values)
    log_joint = LogJoint(model, rows, working_prior(model, rows))
    vectors = np.zeros((5, log_joint.size))
    vectors[2], vectors[3, 5] = 1e4, -900.0
    densities = log_joint(vectors)
    assert np.isneginf(densities[[2, 3]]).all()
    assert np.isfinite(densities[[0, 1, 4]]).all()


# -- the integral is the evidence ---------------------------------------------------------------------------


def integrand(model, values, **extra):
    rows = rows_of(model, values, **extra)
    prior = working_prior(model, rows)
    return LogJoint(model, rows, prior), log_evidence(model, rows, prior)


@pytest.mark.parametrize("labels", [None, [0, -1, -1, 1, -1, -1]])
def test_one_coordinate_integrates_to_the_enumerated_evidence(labels):
    known = PointMass({"mean": [[0.0], [2.0]], "covariance": [[[1.0]], [[0.5]]]})
    model = as_model(Mixture(Gaussian(prior=known), 2, Dirichlet([1.5, 0.8])))
    values = np.array([[0.1], [2.2], [1.0], [1.7], [-0.4], [3.0]])
    log_joint, evidence = integrand(model, values, labels=None if labels is None else np.array(labels))
    assert log_joint.size == 1
    top = log_joint(np.zeros((1, 1)))[0]
    integral = quad(lambda u: np.exp(log_joint(np.array([[u]]))[0] - top), -60, 60, epsabs=0, epsrel=1e-10, limit=200)
    assert np.log(integral[0]) + top == pytest.approx(evidence, abs=1e-9)


def test_two_coordinates_integrate_to_the_enumerated_evidence():
    prior = Normal(mean=[1.0], kappa=0.5, covariance=[[1.0]])
    model = as_model(Mixture(Gaussian(PointMass([[1.0]]), prior=prior), 2, PointMass([0.3, 0.7])))
    values = np.array([[0.1], [2.2], [1.0], [3.7]])
    log_joint, evidence = integrand(model, values)
    assert log_joint.size == 2
    line, step = np.linspace(-12.0, 12.0, 401, retstep=True)
    densities = log_joint(np.stack(np.meshgrid(line, line), axis=-1).reshape(-1, 2))
    # The trapezoid rule converges faster than any power for a density that has vanished at the ends.
    assert np.logaddexp.reduce(densities) + 2.0 * np.log(step) == pytest.approx(evidence, abs=1e-9)


@pytest.mark.parametrize("covariance", COVARIANCES)
def test_without_latents_the_mean_over_the_exact_posterior_is_the_evidence(covariance):
    """p(y) = p(θ, y) / p(θ | y) at every θ, here in unconstrained coordinates."""
    values = clusters(25, d=2, k=1)
    fit = VB(Gaussian(covariance)).fit(values)
    rows = rows_of(fit.model_, values)
    log_joint = LogJoint(fit.model_, rows, working_prior(fit.model_, rows))
    draws = fit.belief_["emission"].parameter_draws(50, np.random.default_rng(0))
    vectors = log_joint.unconstrain(fit.model_.public({"emission": draws}))
    believed = {"emission": fit.belief_["emission"].mapped(rows.coordinates.inverse)}
    posterior = LogJoint(fit.model_, rows.take(slice(0, 0)), believed)
    np.testing.assert_allclose(log_joint(vectors) - posterior(vectors), fit.elbo_, rtol=1e-9)
