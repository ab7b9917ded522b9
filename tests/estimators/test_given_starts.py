"""Starts that a user gives: responsibilities, parameters, another fit."""

from __future__ import annotations

import numpy as np
import pytest
from cases import COVARIANCES, clusters, responsibilities

from pointmass import (
    EM,
    MAP,
    VB,
    Gaussian,
    Mixture,
    NormalInverseGamma,
    NormalInverseWishart,
    PointMass,
    PointmassError,
)

ROWS = clusters(100, d=2, k=2, seed=4, spread=2.5)
THETA = {
    "weights": [0.3, 0.7],
    "mean": [[0.0, 0.0], [1.0, 2.0]],
    "covariance": [np.eye(2), [[2.0, 0.5], [0.5, 1.0]]],
}
every_method = pytest.mark.parametrize("kind", [EM, MAP, VB])
every_covariance = pytest.mark.parametrize("covariance", COVARIANCES)


def mixture(covariance="full", **options):
    return Mixture(Gaussian(covariance), 2, **options)


@pytest.mark.parametrize("kind", [EM, MAP])
@every_covariance
def test_a_point_starts_where_it_is_put(kind, covariance):
    fit = kind(mixture(covariance), init=THETA, tol=0, max_iter=1).fit(ROWS)
    np.testing.assert_allclose(fit.estimate_["mean"], THETA["mean"], atol=1e-12)
    np.testing.assert_allclose(fit.estimate_["weights"], THETA["weights"], rtol=1e-12)
    np.testing.assert_allclose(np.trace(fit.estimate_["covariance"], axis1=1, axis2=2).sum(), 5.0)


@pytest.mark.filterwarnings("ignore::pointmass.PointmassWarning")
@pytest.mark.parametrize("assignments", ["soft", "hard", "sparse", "draw"])
def test_parameters_are_a_start_whatever_stands_for_the_components(assignments):
    """From the maximum the objective is near it at once, where another start is far away."""
    best = EM(mixture(), rng=0).fit(ROWS)
    fit = EM(mixture(), assignments=assignments, init=best.estimate_, max_iter=3, rng=0).fit(ROWS)
    assert fit.log_likelihood_ > best.log_likelihood_ - 10.0


@every_method
@every_covariance
def test_a_fit_started_at_its_own_end_stays_there(kind, covariance):
    first = kind(mixture(covariance), rng=0, tol=1e-10).fit(ROWS)
    again = kind(mixture(covariance), init=first, tol=1e-10).fit(ROWS)
    assert again.objective_history_[0] == pytest.approx(first.objective_history_[-1], rel=1e-10)
    assert again.n_iter_ <= 6
    assert len(again.restarts_) == 1


@every_method
@pytest.mark.parametrize("other", [EM, MAP, VB])
def test_a_fit_of_another_method_is_a_start(kind, other):
    start = other(mixture(), rng=0).fit(ROWS)
    fit = kind(mixture(), init=start).fit(ROWS)
    np.testing.assert_allclose(fit.estimate_["mean"], start.estimate_["mean"], atol=0.5)


@every_method
@pytest.mark.parametrize("other", COVARIANCES)
@every_covariance
def test_a_fit_of_another_covariance_is_a_start(kind, covariance, other):
    """Its parameters are taken over, not arrays that mean something else here (K = d = 2 hides the difference)."""
    start = kind(mixture(other), rng=0).fit(ROWS)
    fit = kind(mixture(covariance), init=start, max_iter=50).fit(ROWS)
    reference = kind(mixture(covariance), init=start.estimate_, max_iter=50).fit(ROWS)
    assert fit.objective_history_[-1] == pytest.approx(reference.objective_history_[-1], abs=1e-4)


def test_a_fit_under_another_form_of_prior_is_a_start():
    x = ROWS[:, :1]
    wishart = Gaussian("full", NormalInverseWishart(0.0, 1.0, 3.0, 1.0))
    gamma = Gaussian("full", NormalInverseGamma(0.0, 1.0, 1.5, 0.5))
    start = VB(Mixture(wishart, 2), rng=0).fit(x)
    fit = VB(Mixture(gamma, 2), init=start).fit(x)
    assert fit.elbo_ == pytest.approx(start.elbo_, rel=1e-6)


@every_method
def test_responsibilities_are_a_start(kind):
    start = responsibilities(100, 2)
    fit = kind(mixture(), init=start).fit(ROWS)
    swapped = kind(mixture(), init=start[:, ::-1]).fit(ROWS)
    np.testing.assert_allclose(fit.estimate_["mean"], swapped.estimate_["mean"][::-1], atol=1e-3)


@every_method
def test_known_weights_stay_known_whatever_the_start(kind):
    """The objective of other weights may be higher: a start must not smuggle them in."""
    model = mixture(weights_prior=PointMass([0.9, 0.1]))
    free = kind(mixture(), rng=0).fit(ROWS)
    for start in (THETA, free, responsibilities(100, 2), "kmeans++"):
        fit = kind(model, init=start, n_init=2, rng=0).fit(ROWS)
        np.testing.assert_array_equal(fit.estimate_["weights"], [0.9, 0.1])
        assert (np.diff(fit.objective_history_) >= -1e-9).all()


@every_method
def test_a_known_covariance_stays_known_whatever_the_start(kind):
    matrix = np.array([[1.5, 0.2], [0.2, 1.0]])
    model = Mixture(Gaussian(PointMass(matrix)), 2)
    free = kind(mixture(), rng=0).fit(ROWS)
    for start in (THETA, free, responsibilities(100, 2), "kmeans"):
        fit = kind(model, init=start, n_init=2, rng=0).fit(ROWS)
        np.testing.assert_allclose(fit.estimate_["covariance"], [matrix, matrix], rtol=1e-12)
        assert (np.diff(fit.objective_history_) >= -1e-9).all()


@every_method
def test_known_components_leave_only_the_weights_to_learn(kind):
    """Emissions held known: the weights of EM are the fixed point of the mean responsibilities."""
    emission = PointMass({"mean": [[-1.0, 0.0], [2.0, 1.0]], "covariance": [np.eye(2), np.eye(2)]})
    fit = kind(Mixture(Gaussian("full", emission), 2), rng=0, tol=1e-12).fit(ROWS)
    np.testing.assert_allclose(fit.estimate_["mean"], [[-1.0, 0.0], [2.0, 1.0]], atol=1e-12)
    if kind is EM:
        np.testing.assert_allclose(fit.predict_proba(ROWS).mean(0), fit.estimate_["weights"], atol=1e-5)


WRONG = {
    "weights that sum to more": ({**THETA, "weights": [0.9, 0.9]}, "weights must be at least 0 and sum to 1"),
    "a negative weight": ({**THETA, "weights": [-0.5, 1.5]}, "weights must be at least 0"),
    "too few weights": ({**THETA, "weights": [1.0]}, r"weights must have shape \(2\)"),
    "means of another size": ({**THETA, "mean": [[0.0], [1.0]]}, r"mean must have shape \(2, 2\)"),
    "a mean that is none": ({**THETA, "mean": [[0.0, np.nan], [1.0, 2.0]]}, "mean must be finite"),
    "a covariance that is none": ({**THETA, "covariance": [np.eye(2), [[1.0, 2.0], [2.0, 1.0]]]}, "positive definite"),
    "an asymmetric covariance": ({**THETA, "covariance": [np.eye(2), [[1.0, 0.5], [0.0, 1.0]]]}, "symmetric"),
    "a name too few": ({"weights": [0.5, 0.5], "mean": THETA["mean"]}, "they must be weights, mean, covariance"),
    "text": ({**THETA, "mean": "here"}, "cannot be used"),
    "responsibilities of another size": (np.ones((100, 3)) / 3, r"shape \(100, 2\)"),
    "responsibilities that sum to more": (np.ones((100, 2)), "sum to 1"),
    "negative responsibilities": (np.array([[1.5, -0.5]] * 100), "at least 0"),
    "a name that is none": ("kmeans+", "did you mean 'kmeans"),
    "a number": (3.0, "shape"),
    "an object": (object(), "init must be a name"),
}


@every_method
@pytest.mark.parametrize("name", WRONG)
def test_starts_that_make_no_sense_are_refused(kind, name):
    init, message = WRONG[name]
    with pytest.raises(PointmassError, match=message) as caught:
        kind(mixture(), init=init).fit(ROWS)
    assert caught.value.path == ("init",)


@pytest.mark.filterwarnings("ignore::pointmass.errors.PointmassWarning")
@every_method
def test_a_fit_of_another_size_is_refused(kind):
    with pytest.raises(PointmassError, match="fit of another model"):
        kind(mixture(), init=kind(Mixture(Gaussian(), 3), rng=0).fit(ROWS)).fit(ROWS)
    with pytest.raises(PointmassError, match="mean must have shape"):
        kind(mixture(), init=EM(mixture(), rng=0).fit(ROWS[:, :1])).fit(ROWS)


def test_a_posterior_without_mean_is_no_start():
    """Few degrees of freedom: the posterior mean of the covariance is infinite, and EM says what is wrong."""
    few = VB(Mixture(Gaussian("full", NormalInverseWishart([0.0, 0.0], 1.0, 1.5, np.eye(2))), 2), rng=0)
    with pytest.warns(UserWarning):
        start = few.fit(ROWS[:2])
    if np.isfinite(start.estimate_["covariance"]).all():
        pytest.skip("the posterior mean exists here")
    with pytest.raises(PointmassError, match="covariance must be finite"):
        EM(mixture(), init=start).fit(ROWS)
