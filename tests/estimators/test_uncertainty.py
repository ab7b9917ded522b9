"""Standard deviations and intervals of a variational fit are those of its posterior, in public parameters."""

from __future__ import annotations

import numpy as np
import pytest
from cases import COVARIANCES, assert_mean, assert_share, clusters
from scipy import stats

from pointmass import (
    EM,
    MAP,
    MLE,
    VB,
    Gaussian,
    Gibbs,
    HiddenMarkov,
    Mixture,
    NormalInverseGamma,
    PointMass,
    PointmassError,
    load_fit,
)
from pointmass.uncertainty import UNCERTAINTIES, available

ROWS = clusters(60, d=2, k=2, seed=4, spread=2.5)
FITS = {covariance: VB(Mixture(Gaussian(covariance), 2), rng=0, tol=1e-9).fit(ROWS) for covariance in COVARIANCES}
every_fit = pytest.mark.parametrize("fit", FITS.values(), ids=FITS)


@every_fit
def test_shapes_are_those_of_the_estimate(fit):
    uncertainty = fit.uncertainty("mean_field", rng=0)
    assert uncertainty.method == "mean_field"
    interval = uncertainty.interval()
    for name, array in fit.estimate_.items():
        assert uncertainty.sd[name].shape == array.shape
        assert interval[name][0].shape == interval[name][1].shape == array.shape
        assert uncertainty.draws[name].shape[1:] == array.shape


@every_fit
def test_sds_and_intervals_are_those_of_the_posteriors_draws(fit):
    uncertainty = fit.uncertainty("mean_field", rng=0)
    for level in (0.5, 0.95):
        interval = uncertainty.interval(level)
        for name, draws in uncertainty.draws.items():
            varies = uncertainty.sd[name] > 0
            assert_mean(draws[:, varies], fit.estimate_[name][varies])
            centred = draws[:, varies] - fit.estimate_[name][varies]
            assert_mean(centred**2, uncertainty.sd[name][varies] ** 2)
            lower, upper = (bound[varies] for bound in interval[name])
            assert_share(draws[:, varies] < lower, 0.5 * (1.0 - level))
            assert_share(draws[:, varies] > upper, 0.5 * (1.0 - level))


@every_fit
def test_wider_levels_contain_narrower_ones(fit):
    uncertainty = fit.uncertainty("mean_field", level=0.9, rng=0)
    default, wide = uncertainty.interval(), uncertainty.interval(0.99)
    assert uncertainty.level == 0.9
    for name in default:
        assert (wide[name][0] <= default[name][0]).all()
        assert (wide[name][1] >= default[name][1]).all()


def test_the_exact_posterior_of_one_normal():
    """Student-t for the mean, inverse gamma for the variance (Murphy 2012, section 4.6.3.7)."""
    x = np.array([1.0, 2.0, 4.0, 0.5, 3.0])
    prior = NormalInverseGamma(mean=1.0, kappa=0.5, shape=3.0, scale=2.0)
    fit = VB(Gaussian("full", prior)).fit(x)
    kappa, shape = 5.5, 5.5
    mean = (0.5 * 1.0 + x.sum()) / kappa
    scale = 2.0 + 0.5 * ((x - x.mean()) ** 2).sum() + 0.5 * 0.5 * 5.0 / kappa * (x.mean() - 1.0) ** 2
    uncertainty = fit.uncertainty()
    t = stats.t(2.0 * shape, mean, np.sqrt(scale / (shape * kappa)))
    gamma = stats.invgamma(shape, scale=scale)
    lower, upper = uncertainty.interval(0.8)["mean"]
    np.testing.assert_allclose([lower[0], upper[0]], t.ppf([0.1, 0.9]), rtol=1e-10)
    lower, upper = uncertainty.interval(0.8)["covariance"]
    np.testing.assert_allclose([lower[0, 0], upper[0, 0]], gamma.ppf([0.1, 0.9]), rtol=1e-9)
    np.testing.assert_allclose(uncertainty.sd["mean"], t.std(), rtol=1e-10)
    np.testing.assert_allclose(uncertainty.sd["covariance"][0], gamma.std(), rtol=1e-10)
    assert uncertainty.diagnostics["exact"]
    assert not FITS["full"].uncertainty("mean_field", rng=0).diagnostics["exact"]


LABELLED = {"labels": np.arange(len(ROWS)) % 2}


@pytest.mark.filterwarnings("ignore::pointmass.PointmassWarning")
@pytest.mark.parametrize(
    ("model", "told"),
    [(Mixture(Gaussian(), 1), {}), (HiddenMarkov(Gaussian(), 1), {}), (Mixture(Gaussian(), 2), LABELLED)],
    ids=["one component", "one state", "every label known"],
)
def test_where_nothing_is_hidden_the_posterior_is_exact(model, told):
    """One component, or every row's known: no latent is left out, and the bound is the evidence."""
    fit = VB(model).fit(ROWS, **told)
    restored = load_fit(fit.to_datatree())
    for each in (fit, restored):
        uncertainty = each.uncertainty()
        assert uncertainty.method == "mean_field" and uncertainty.diagnostics["accepted"]
        assert uncertainty.diagnostics["exact"] and not uncertainty.diagnostics["reasons"]
    facts = fit.uncertainty("importance", rng=0).diagnostics
    assert abs(facts["log_evidence"] - fit.elbo_) < 5 * facts["log_evidence_error"]
    assert Gibbs(model, draws=100, rng=0).fit(ROWS, **told).diagnostics_["sampler"] == "exact"


def test_what_is_known_has_no_spread():
    fit = VB(Mixture(Gaussian(PointMass(np.eye(2))), 2, PointMass([0.5, 0.5])), rng=0).fit(ROWS)
    uncertainty = fit.uncertainty("mean_field", rng=0)
    assert not uncertainty.sd["weights"].any()
    assert not uncertainty.sd["covariance"].any()
    assert (uncertainty.sd["mean"] > 0).all()
    lower, upper = uncertainty.interval()["weights"]
    np.testing.assert_array_equal(lower, upper)


def test_units_change_intervals_as_they_change_the_data():
    other = VB(Mixture(Gaussian(), 2), rng=0, tol=1e-9).fit(1000.0 * ROWS + 7.0).uncertainty("mean_field", rng=0)
    one = FITS["full"].uncertainty("mean_field", rng=0)
    for k in (0, 1):
        near = np.abs(other.interval()["mean"][0] - (1000.0 * one.interval()["mean"][0][k] + 7.0)).max(1).min()
        assert near < 1.0
    np.testing.assert_allclose(np.sort(other.sd["mean"], 0), 1000.0 * np.sort(one.sd["mean"], 0), rtol=1e-3)


def test_draws_of_the_correlation_are_joint():
    """Draws keep what marginals lose: each covariance is positive definite, each set of weights sums to one."""
    draws = FITS["full"].uncertainty("mean_field", rng=0).draws
    assert (np.linalg.eigvalsh(draws["covariance"]) > 0).all()
    np.testing.assert_allclose(draws["weights"].sum(-1), 1.0)


@pytest.mark.parametrize("kind", [EM, MAP, MLE])
def test_the_default_is_the_best_that_its_diagnostics_accept(kind):
    assert kind(Gaussian()).fit(ROWS).uncertainty().method == "information"
    found = FITS["full"].uncertainty(rng=0)
    assert found.method == "importance"
    assert found.diagnostics["accepted"]


def test_unknown_methods_and_levels_are_refused():
    fit = FITS["full"]
    assert "mean_field" in available(fit)
    assert set(available(fit)) <= set(UNCERTAINTIES)
    with pytest.raises(PointmassError, match="it has importance, linear_response, mean_field"):
        fit.uncertainty("bootstrap")
    for level in (0.0, 1.0, 95, -0.1, True, "0.95"):
        with pytest.raises(PointmassError, match="level must lie between 0 and 1"):
            fit.uncertainty(level=level)
    with pytest.raises(PointmassError, match="level must lie between 0 and 1"):
        fit.uncertainty().interval(2.0)
