"""The log evidence: bridges against exact constants, bounds below it, approximations by their formulas."""

from __future__ import annotations

from math import log

import numpy as np
import pytest
from cases import clusters, faithful
from sampling.cases import gamma, wishart
from scipy import stats

from pointmass import (
    EM,
    MAP,
    MLE,
    VB,
    Dirichlet,
    Enumeration,
    Gaussian,
    Gibbs,
    Mixture,
    PointMass,
    PointmassError,
    compare,
    load_fit,
)
from pointmass.comparison import EVIDENCE_COLUMNS
from pointmass.uncertainty.evidence import EVIDENCES, Evidence, bridge_sampling
from pointmass.uncertainty.evidence.bounds import _gains

pytestmark = pytest.mark.filterwarnings("ignore::pointmass.PointmassWarning")


def by_method(fit):
    return {one.method: one for one in fit.evidence(rng=1)}


# -- bridge sampling ----------------------------------------------------------------------------------------


def autoregressive(target, rho, chains, size, rng):
    """Draws (chains, size, d) of a normal target whose lag-one correlation is rho."""
    noise = rng.normal(size=(chains, size, len(target.mean)))
    states = np.empty_like(noise)
    states[:, 0] = noise[:, 0]
    for i in range(1, size):
        states[:, i] = rho * states[:, i - 1] + np.sqrt(1.0 - rho**2) * noise[:, i]
    return target.mean + states @ np.linalg.cholesky(target.cov).T


@pytest.mark.parametrize("rho", [0.0, 0.9])
def test_errors_of_the_bridge_are_as_large_as_it_says(rho):
    """60 independent runs: the errors over the standard errors have variance one, autocorrelated draws or not."""
    target = stats.multivariate_normal([1.0, -2.0, 0.5], [[2.0, 0.8, 0.0], [0.8, 1.0, 0.3], [0.0, 0.3, 0.5]])
    density = lambda x: target.logpdf(x) - 7.0  # noqa: E731
    scores = []
    for seed in range(60):
        rng = np.random.default_rng(seed)
        found = bridge_sampling(autoregressive(target, rho, 4, 500, rng), density, rng)
        scores.append((found.log_constant + 7.0) / found.mc_error)
        assert found.mc_error < 0.1
    assert abs(np.mean(scores)) < 4.0 / np.sqrt(60)
    # χ² with 60 degrees of freedom, 99.9 %; the effective number is itself estimated, 15 % more or less.
    assert 0.75 * stats.chi2.ppf(0.001, 60) / 60 < np.mean(np.square(scores)) < 1.35 * stats.chi2.ppf(0.999, 60) / 60


def test_a_density_with_an_edge_and_one_with_heavy_tails():
    rng = np.random.default_rng(0)
    half = bridge_sampling(
        np.abs(rng.normal(size=(4, 2000, 1))),
        lambda x: np.where(x[:, 0] > 0, stats.norm.logpdf(x[:, 0]), -np.inf),
        rng,
    )
    assert abs(half.log_constant - log(0.5)) < 4.0 * half.mc_error
    cauchy = bridge_sampling(rng.standard_t(3, size=(4, 2000, 1)), lambda x: stats.t.logpdf(x[:, 0], 3) + 2.0, rng)
    assert abs(cauchy.log_constant - 2.0) < 4.0 * cauchy.mc_error


def test_too_few_draws_for_a_proposal_are_refused():
    with pytest.raises(PointmassError, match=r"fits 8 coordinates to 40 draws; 45 are needed"):
        bridge_sampling(np.random.default_rng(0).normal(size=(4, 20, 8)), lambda x: x.sum(1), np.random.default_rng(0))


# -- estimates from draws -----------------------------------------------------------------------------------

SMALL = {
    "exchangeable": (Mixture(Gaussian("full", wishart(1)), 2), 1, {}),
    "three": (Mixture(Gaussian("spherical", gamma(2, common=True)), 3), 2, {}),
    "tied": (Mixture(Gaussian("tied", wishart(2)), 2), 2, {}),
    "told apart": (Mixture(Gaussian(prior=gamma(1, common=True)), 2, Dirichlet([1.0, 3.0])), 1, {}),
    "known weights": (Mixture(Gaussian(prior=gamma(1, common=True)), 2, PointMass([0.5, 0.5])), 1, {}),
    "labels": (Mixture(Gaussian("full", wishart(1)), 2), 1, {"labels": [0, -1, -1, 1, -1, -1, -1, -1, -1]}),
}


@pytest.mark.parametrize("name", SMALL)
def test_the_bridge_finds_the_enumerated_evidence(name):
    model, d, extra = SMALL[name]
    X = np.random.default_rng(5).normal(size=(9, d)) + 2.5 * (np.arange(9) % 2)[:, None]
    exact = Enumeration(model, rng=0).fit(X, **extra)
    found = by_method(exact)
    assert found["enumeration"] == Evidence("enumeration", exact.log_evidence_, 0.0, "estimate")
    assert abs(found["bridge"].value - exact.log_evidence_) < 4.0 * found["bridge"].mc_error
    assert found["bridge"].mc_error < 0.1
    vb = by_method(VB(model, rng=0).fit(X, **extra))
    importance = vb["importance"]
    assert importance.warning or abs(importance.value - exact.log_evidence_) < 4.0 * importance.mc_error
    bounds = [one for one in vb.values() if one.kind == "bound"]
    assert all(one.value <= exact.log_evidence_ + 4.0 * one.mc_error + 1e-9 for one in bounds)


def test_the_bridge_from_gibbs_finds_it_too():
    model, d, _ = SMALL["exchangeable"]
    X = np.random.default_rng(5).normal(size=(12, d)) + 4.0 * (np.arange(12) % 2)[:, None]
    exact, gibbs = Enumeration(model, rng=0).fit(X), by_method(Gibbs(model, rng=1).fit(X))["bridge"]
    assert not gibbs.warning
    assert abs(gibbs.value - exact.log_evidence_) < 4.0 * gibbs.mc_error < 0.4


def test_without_latents_bridge_bound_and_evidence_agree():
    rows = clusters(40, d=2, k=1)
    vb, gibbs = by_method(VB(Gaussian()).fit(rows)), by_method(Gibbs(Gaussian(), rng=0).fit(rows))
    assert set(vb) == {"elbo"}
    assert abs(gibbs["bridge"].value - vb["elbo"].value) < 4.0 * gibbs["bridge"].mc_error < 0.1


def test_draws_that_are_no_reference_say_so():
    fit = Gibbs(Mixture(Gaussian(), 2), chains=2, draws=200, rng=0).fit(clusters(30))
    assert "2 chains" in by_method(fit)["bridge"].warning


def test_what_cannot_be_computed_says_why():
    """A hundred draws are too few for the proposal of 40 coordinates: the fit is stored all the same."""
    rows = clusters(60, d=7, k=1)
    fit = Gibbs(Gaussian(), chains=1, draws=100, rng=0).fit(rows)
    found = load_fit(fit.to_datatree()).evidence()[0]
    assert np.isnan(found.value)
    assert found.kind == "estimate"
    assert found.warning.startswith("it cannot be computed: bridge sampling fits 35 coordinates to 50 draws")


# -- bounds -------------------------------------------------------------------------------------------------


def test_folding_gains_log_k_factorial_where_copies_do_not_overlap():
    fit = VB(Mixture(Gaussian(), 3), rng=0).fit(np.concatenate([faithful() + shift for shift in (0.0, 1e3, 3e3)]))
    found = by_method(fit)
    assert found["symmetrised_elbo"].value == pytest.approx(found["elbo_times_labellings"].value, abs=1e-9)
    assert found["elbo_times_labellings"].value == pytest.approx(fit.elbo_ + log(6.0), rel=1e-12)


def test_folding_gains_nothing_where_copies_are_the_same():
    fit = VB(Mixture(Gaussian("diagonal"), 2), rng=0).fit(clusters(20))
    same = {
        name: belief.with_hyperparameters(
            {key: np.repeat(array[:1], 2, axis=0) for key, array in belief.hyperparameters().items()}
        )
        for name, belief in fit.belief_.items()
    }
    np.testing.assert_allclose(_gains(fit.model_, same, np.array([0, 0]), np.random.default_rng(0)), 0.0, atol=1e-9)


def test_the_folded_bound_is_that_of_a_textbook_formula():
    """Two overlapping normals: the same mean with SciPy's densities, from other draws."""
    model = Mixture(Gaussian(prior=gamma(1, common=True)), 2)
    fit = VB(model, rng=0).fit(np.random.default_rng(1).normal(size=(12, 1)) + 1.2 * (np.arange(12) % 2)[:, None])
    found = by_method(fit)
    emission, weights = fit.belief_["emission"], fit.belief_["weights"]
    rng = np.random.default_rng(7)
    draws = emission.parameter_draws(20_000, rng) | weights.parameter_draws(20_000, rng)

    def log_q(order):
        total = stats.dirichlet.logpdf(draws["weights"][:, order].T, weights.concentration)
        for k, j in enumerate(order):
            variance, mean = draws["variance"][:, j, 0], draws["mean"][:, j, 0]
            total = total + stats.invgamma.logpdf(variance, emission.shape[k, 0], scale=emission.scale[k, 0])
            total = total + stats.norm.logpdf(mean, emission.mean[k, 0], np.sqrt(variance / emission.kappa[k, 0]))
        return total

    gains = log_q([0, 1]) - np.logaddexp(log_q([0, 1]), log_q([1, 0])) + log(2.0)
    error = np.hypot(found["symmetrised_elbo"].mc_error, gains.std() / np.sqrt(20_000))
    assert 0.0 < gains.mean() < log(2.0)
    assert abs(found["symmetrised_elbo"].value - fit.elbo_ - gains.mean()) < 4.0 * error


def test_components_that_priors_tell_apart_are_not_folded():
    found = by_method(VB(Mixture(Gaussian(), 2, Dirichlet([1.0, 2.0])), rng=0).fit(clusters(30)))
    assert set(found) == {"elbo", "importance"}


# -- approximations -----------------------------------------------------------------------------------------


def test_bic_is_the_published_one():
    """Old Faithful, tied covariance, three components, p = 11: mclust's −2314.316296 ends 0.01 nats below the top."""
    fit = EM(Mixture(Gaussian("tied"), 3), n_init=20, rng=0, tol=1e-10).fit(faithful())
    assert 0.0 < 2.0 * by_method(fit)["bic"].value + 2314.316296 < 0.03
    assert by_method(fit)["bic"].kind == "approximation"


def test_bic_counts_weights_and_respects_labels():
    rows, labels = clusters(30, d=1), np.arange(30) % 2
    doubled = EM(Gaussian()).fit(rows, sample_weight=np.full(30, 2.0))
    assert by_method(doubled)["bic"].value == pytest.approx(2.0 * MLE(Gaussian()).fit(rows).log_likelihood_ - log(60.0))
    apart = [MLE(Gaussian()).fit(rows[labels == k]).log_likelihood_ for k in (0, 1)]
    known = by_method(MLE(Mixture(Gaussian(), 2)).fit(rows, labels=labels))["bic"].value
    assert known == pytest.approx(sum(apart) + 30 * log(0.5) - 2.5 * log(30.0))


def test_a_maximum_of_the_posterior_has_no_bic():
    assert by_method(MAP(Mixture(Gaussian(), 2), rng=0).fit(clusters(30))) == {}


# -- one table and one picture ------------------------------------------------------------------------------


def test_the_table_lists_bounds_then_estimates_then_approximations():
    model, rows = Mixture(Gaussian(), 2), clusters(60, spread=8.0)
    gibbs = Gibbs(model, chains=2, draws=100, tune=50, rng=0)
    fits = [EM(model, rng=0).fit(rows), gibbs.fit(rows), VB(model, rng=0).fit(rows)]
    comparison = compare(fits)
    table = comparison.evidence
    assert tuple(table.columns) == EVIDENCE_COLUMNS
    assert table["method"].tolist() == [
        "elbo",
        "symmetrised_elbo",
        "bridge",
        "importance",
        "bic",
        "elbo_times_labellings",
    ]
    assert set(table["method"]) <= set(EVIDENCES)
    assert set(table["labellings"]) == {"all"}
    axes = comparison.plot("evidence").axes[0]
    assert [label.get_text() for label in axes.get_yticklabels()][::-1] == [
        "VB, ELBO",
        "VB, symmetrised ELBO",
        "Gibbs, bridge sampling",
        "VB, importance sampling",
        "EM, BIC",
        "VB, ELBO + log K!",
    ]
    rows = comparison.metrics.query("metric == 'log_evidence'")
    assert sorted(rows["uncertainty"]) == sorted(table["method"])


def test_a_fit_from_a_file_says_what_it_said():
    fit = VB(Mixture(Gaussian(), 2), rng=0).fit(clusters(30))
    restored = load_fit(fit.to_datatree(rng=3, uncertainty=["importance"]))
    with pytest.raises(PointmassError, match="restored without its data"):
        restored.log_joint()
    assert [one.method for one in restored.evidence()] == [one.method for one in fit.evidence()]
    assert restored.evidence()[0] == fit.evidence()[0]
