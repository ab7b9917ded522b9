"""What a fit says of itself: how it ended, which start won, and what its numbers are."""

from __future__ import annotations

import numpy as np
import pytest
from cases import COVARIANCES, clusters, faithful, responsibilities

from pointmass import (
    EM,
    MAP,
    MLE,
    VB,
    Dirichlet,
    Gaussian,
    Mixture,
    NormalInverseWishart,
    PointmassError,
    PointmassWarning,
)

ROWS = clusters(90, d=2, k=2, seed=4, spread=2.5)
MODEL = Mixture(Gaussian(), 2)
every_method = pytest.mark.parametrize("kind", [EM, MAP, VB])


@every_method
def test_the_best_start_wins_and_every_start_is_told(kind):
    fit = kind(Mixture(Gaussian(), 3), n_init=5, rng=2).fit(faithful())
    assert len(fit.restarts_) == 5
    objectives = [start["objective"] for start in fit.restarts_ if start["status"] == "converged"]
    assert fit.objective_history_[-1] >= max(objectives) - 1e-4
    assert {"objective", "status", "n_iter"} == set(fit.restarts_[0])


@every_method
def test_the_winners_objective_is_among_those_told(kind):
    fit = kind(MODEL, n_init=3, rng=2).fit(ROWS * 100.0 + 7.0)
    assert min(abs(start["objective"] - fit.objective_history_[-1]) for start in fit.restarts_) < 1e-9


@pytest.mark.parametrize("kind", [EM, MAP])
def test_a_points_objective_is_its_log_likelihood_and_log_prior(kind):
    fit = kind(MODEL, rng=0).fit(ROWS)
    expected = fit.log_likelihood_
    if kind is MAP:
        expected -= sum(belief.divergence(fit.prior_[name]) for name, belief in fit.belief_.items())
    assert fit.objective_history_[-1] == pytest.approx(expected, rel=1e-11)
    assert not hasattr(fit, "elbo_")


@pytest.mark.parametrize("covariance", COVARIANCES)
def test_the_elbo_is_the_last_objective_and_below_the_likelihood_at_the_mean(covariance):
    fit = VB(Mixture(Gaussian(covariance), 2), rng=0).fit(ROWS)
    assert fit.elbo_ == fit.objective_history_[-1]
    assert fit.elbo_ < fit.log_likelihood_


@every_method
def test_score_is_the_mean_of_the_rows_log_densities(kind):
    fit = kind(MODEL, rng=0).fit(ROWS)
    assert fit.score(ROWS) == pytest.approx(fit.score_samples(ROWS).mean())
    if kind is not VB:
        assert fit.score_samples(ROWS).sum() == pytest.approx(fit.log_likelihood_, rel=1e-12)
    np.testing.assert_allclose(fit.predict_proba(ROWS).sum(1), 1.0, rtol=1e-12)
    np.testing.assert_array_equal(fit.predict(ROWS), fit.predict_proba(ROWS).argmax(1))


@every_method
@pytest.mark.parametrize("covariance", COVARIANCES)
def test_predictive_density_integrates_to_one(kind, covariance):
    fit = kind(Mixture(Gaussian(covariance), 2), rng=0).fit(ROWS[:, :1])
    grid = np.linspace(-60.0, 60.0, 40_001)
    assert np.trapezoid(np.exp(fit.score_samples(grid)), grid) == pytest.approx(1.0, abs=1e-4)


def test_max_iter_counts_every_evaluation():
    with pytest.warns(PointmassWarning, match="not converged in 7 sweeps"):
        fit = EM(MODEL, n_init=1, max_iter=7, rng=0, tol=1e-12).fit(faithful())
    assert fit.n_iter_ == 7
    assert fit.status_ == "max_iter"
    assert not fit.converged_
    assert len(fit.objective_history_) <= 7


def test_tolerance_zero_runs_all_sweeps_and_complains_of_nothing():
    fit = EM(MODEL, n_init=1, max_iter=25, rng=0, tol=0, acceleration="none").fit(ROWS)
    assert fit.n_iter_ == 25
    assert not fit.warnings_


def test_a_smaller_tolerance_ends_nearer_the_optimum():
    rows = clusters(300, d=1, k=2, seed=9, spread=2.0)
    start = responsibilities(300, 2)
    best = EM(MODEL, init=start, tol=1e-12, max_iter=20_000).fit(rows).objective_history_[-1]
    for tol in (1e-2, 1e-4, 1e-6):
        fit = EM(MODEL, init=start, tol=tol, max_iter=20_000).fit(rows)
        assert best - fit.objective_history_[-1] <= 10.0 * tol


def test_collapse_is_named():
    rows = np.concatenate([ROWS, np.full((6, 2), 20.0)])
    with pytest.warns(PointmassWarning, match="has collapsed"):
        fit = EM(MODEL, init=(np.arange(96)[:, None] >= 90) == [False, True]).fit(rows)
    assert fit.status_ == "degenerate"
    assert not fit.converged_
    assert all(np.isfinite(array).all() for array in fit.estimate_.values())


@pytest.mark.filterwarnings("ignore:EM. the likelihood is unbounded")
def test_a_proper_optimum_wins_over_a_collapse():
    """Three equal rows among the others: some starts collapse onto them, to any likelihood; others do not."""
    rows = np.concatenate([ROWS, np.full((3, 2), [2.0, 2.0])])
    fit = EM(Mixture(Gaussian(), 3), n_init=12, init="random_rows", rng=1).fit(rows)
    statuses = {start["status"] for start in fit.restarts_}
    assert {"degenerate", "converged"} <= statuses
    assert fit.status_ == "converged"
    assert max(start["objective"] for start in fit.restarts_) > fit.objective_history_[-1] + 10.0


def test_an_empty_component_lies_on_the_boundary():
    with pytest.warns(PointmassWarning, match="is empty"):
        fit = MAP(Mixture(Gaussian(), 4, Dirichlet(0.01)), rng=0).fit(faithful())
    assert fit.status_ == "boundary"
    assert fit.converged_
    assert fit.estimate_["weights"].min() < 1e-10


@pytest.mark.filterwarnings("ignore:VB. column")
def test_an_infinite_posterior_mean_is_flagged():
    prior = NormalInverseWishart([0.0, 0.0], 1.0, 1.1, np.eye(2))
    with pytest.warns(PointmassWarning, match="posterior mean of covariance is infinite"):
        fit = VB(Gaussian("full", prior)).fit(ROWS[:1])
    assert np.isinf(fit.estimate_["covariance"]).any()
    assert np.isnan(fit.log_likelihood_)
    assert np.isfinite(fit.elbo_)


def test_a_generator_is_used_up_and_an_integer_is_not():
    generator = np.random.default_rng(5)
    one, other = (EM(MODEL, n_init=1, rng=generator).fit(ROWS) for _ in range(2))
    assert one.objective_history_[0] != other.objective_history_[0]
    one, other = (EM(MODEL, n_init=1, random_state=5).fit(ROWS) for _ in range(2))
    assert one.objective_history_[0] == other.objective_history_[0]


def test_stochastic_em_is_near_the_optimum_and_depends_on_its_seed():
    best = EM(MODEL, rng=0).fit(faithful()).log_likelihood_
    fits = [EM(MODEL, assignments="draw", n_init=1, max_iter=200, rng=seed).fit(faithful()) for seed in (0, 0, 1)]
    assert fits[0].log_likelihood_ == fits[1].log_likelihood_ != fits[2].log_likelihood_
    assert best - 2.0 < fits[0].log_likelihood_ <= best
    assert fits[0].n_iter_ == 200
    assert not fits[0].warnings_


# -- refusals -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [VB, MAP])
def test_drawn_assignments_belong_to_em_and_gibbs(kind):
    with pytest.raises(PointmassError, match="has no 'draw' assignments"):
        kind(MODEL, assignments="draw").fit(ROWS)


def test_vb_refuses_an_improper_prior():
    flat = NormalInverseWishart([0.0, 0.0], 0.0, 2.0, np.zeros((2, 2)))
    with pytest.raises(PointmassError, match="needs a proper prior, but that of emission is flat"):
        VB(Mixture(Gaussian("full", flat), 2)).fit(ROWS)


def test_mle_refuses_latents():
    with pytest.raises(PointmassError, match="give every row's label, or use EM"):
        MLE(MODEL).fit(ROWS)
    with pytest.raises(PointmassError, match="give every row's label, or use EM"):
        MLE(MODEL).fit(ROWS, labels=np.where(np.arange(90) == 3, -1, np.arange(90) % 2))


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        ([2] * 90, "label 2 at row 0"),
        ([-2] * 90, "label -2 at row 0"),
        ([0.5] * 90, "0.5"),
        ([0] * 89, "one entry for each"),
    ],
)
def test_labels_that_are_none_are_refused(labels, message):
    with pytest.raises(PointmassError, match=message):
        EM(MODEL).fit(ROWS, labels=labels)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"n_init": 0}, "n_init must be an integer of at least 1"),
        ({"max_iter": 2.5}, "max_iter must be an integer"),
        ({"tol": -1.0}, "tol must be"),
        ({"tol": float("nan")}, "tol must be"),
        ({"acceleration": "andersen"}, "did you mean 'anderson'"),
        ({"assignments": "firm"}, "assignments must be one of"),
        ({"schedule": "online"}, "schedule must be one of"),
        ({"rng": 1, "random_state": 1}, "both"),
        ({"rng": "seed"}, "rng must be"),
    ],
)
@every_method
def test_options_that_make_no_sense_are_refused_in_fit(kind, options, message):
    estimator = kind(MODEL, **options)
    with pytest.raises(PointmassError, match=message):
        estimator.fit(ROWS)
