"""Stick breaking: the Dirichlet that it is for two components, its moments, its density, and what a mixture does."""

from __future__ import annotations

import numpy as np
import pytest
from cases import assert_mean, faithful
from scipy import integrate

from pointmass import MAP, VB, Dirichlet, Enumeration, Gaussian, Gibbs, Mixture, Poisson, StickBreaking, load_fit
from pointmass.models import model_from_dict

COUNTS = np.array([3.0, 1.5, 0.5, 2.0])


def test_two_weights_are_a_dirichlet() -> None:
    """The same prior, so the same bound, evidence, mode and posterior in every method."""
    rows = np.random.default_rng(0).poisson([1.0, 6.0], (8, 2)).reshape(-1, 1).astype(float)[:12]
    one, two = (Mixture(Poisson(), 2, prior) for prior in (StickBreaking(2.5), Dirichlet([1.0, 2.5])))
    for estimator in (MAP, VB):
        fits = [estimator(model, rng=0, tol=1e-10).fit(rows) for model in (one, two)]
        assert fits[0].objective_history_[-1] == pytest.approx(fits[1].objective_history_[-1], rel=1e-9)
        assert fits[0].estimate_["weights"] == pytest.approx(fits[1].estimate_["weights"], abs=1e-4)
    exact = [Enumeration(model, rng=0).fit(rows).log_evidence_ for model in (one, two)]
    assert exact[0] == pytest.approx(exact[1], rel=1e-10)


def test_moments_are_those_of_draws() -> None:
    posterior = StickBreaking(1.3).broadcast(4).update(COUNTS)
    draws = posterior.parameter_draws(40_000, np.random.default_rng(1))["weights"]
    assert draws.sum(1) == pytest.approx(1.0)
    assert_mean(draws, posterior.parameter_mean()["weights"])
    assert draws.std(0) == pytest.approx(posterior.parameter_sd()["weights"], rel=0.03)
    assert_mean(np.log(draws), posterior.expected_natural_parameters()["log_weights"])
    prior = StickBreaking(1.3).broadcast(4)
    ratio = posterior.log_density({"weights": draws}) - prior.log_density({"weights": draws})
    assert_mean(ratio, posterior.divergence(prior))
    below = (draws <= posterior.parameter_quantile(0.3)["weights"]).mean(0)
    assert below == pytest.approx(0.3, abs=0.02)


def test_the_density_integrates_to_one_and_its_mode_is_highest() -> None:
    posterior = StickBreaking(2.0).broadcast(3).update(np.array([6.0, 4.0, 5.0]))

    def density(y: float, x: float) -> float:
        return float(np.exp(posterior.log_density({"weights": np.array([x, y, 1.0 - x - y])})))

    assert integrate.dblquad(density, 0.0, 1.0, 0.0, lambda x: 1.0 - x, epsabs=1e-7)[0] == pytest.approx(1.0, abs=1e-5)
    mode = posterior.parameter_mode()["weights"]
    top = posterior.log_density({"weights": mode})
    for near in np.random.default_rng(2).dirichlet(300 * mode + 1.0, 200):
        assert posterior.log_density({"weights": near}) <= top


def test_old_faithful_keeps_two_of_six_components() -> None:
    model = Mixture(Gaussian(), 6, StickBreaking(1.0))
    fit = VB(model, n_init=1, rng=0).fit(faithful())
    assert np.all(np.diff(fit.objective_history_) >= -1e-9 * abs(fit.elbo_))
    assert (fit.estimate_["weights"] > 0.02).sum() <= 3
    assert model_from_dict(model.to_dict()) == model
    restored = load_fit(fit.to_datatree(uncertainty=()))
    assert np.array_equal(restored.predict_proba(faithful()), fit.predict_proba(faithful()))


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::pointmass.PointmassWarning")
def test_gibbs_agrees_with_enumeration() -> None:
    """On functions that no labelling changes: the largest weight."""
    from arviz_stats.base import array_stats

    rows = np.array([0.0, 1.0, 0.0, 9.0, 7.0, 8.0, 20.0])
    model = Mixture(Poisson(), 3, StickBreaking(1.0))
    exact, gibbs = Enumeration(model, rng=0).fit(rows), Gibbs(model, draws=1000, rng=1).fit(rows)
    ours, theirs = (fit.draws_["weights"].max(-1) for fit in (exact, gibbs))
    error = np.hypot(array_stats.mcse(theirs, chain_axis=0, draw_axis=1), ours.std() / np.sqrt(ours.size))
    assert abs(ours.mean() - theirs.mean()) < 4.5 * error
