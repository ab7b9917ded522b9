"""Importance weights: exact where there is an exact answer, honest where the proposal does not serve."""

from __future__ import annotations

import importlib
import warnings
from dataclasses import replace

import numpy as np
import pytest
from cases import COVARIANCES, chain_cases, clusters, two_normals
from sampling.cases import gamma, wishart
from scipy import stats

from pointmass import VB, Dirichlet, Enumeration, Gaussian, Gibbs, Mixture, NormalInverseGamma, PointmassWarning
from pointmass.inference.importance import _smoothed
from pointmass.inference.proposals import Believed, ProposalMixture, Student
from pointmass.uncertainty.emptied import emptied_proposal
from pointmass.uncertainty.importance import importance_sample
from pointmass.uncertainty.linearised import Linearised

pytestmark = pytest.mark.filterwarnings("ignore::pointmass.PointmassWarning")

importance_module = importlib.import_module(
    "pointmass.uncertainty.importance"
)  # the package has its function under the name
ROWS = clusters(80, d=2, k=2, seed=4, spread=2.5)


def fitted(model, x, **arguments):
    return VB(model, rng=0, tol=1e-10, max_iter=5000).fit(x, **arguments)


def test_the_sign_of_log_weights_is_right():
    """Log weights 0.3 · Exp(1) have k̂ = 0.3; reversed they would have a negative one."""
    khats = [_smoothed(0.3 * np.random.default_rng(seed).exponential(size=20_000))[1] for seed in range(20)]
    assert np.mean(khats) == pytest.approx(0.3, abs=5 * np.std(khats) / np.sqrt(20) + 0.03)


def test_weights_without_a_tail_to_fit_have_a_khat_all_the_same():
    """Where a few draws hold everything k̂ is infinite, not undefined; where the largest are equal they are bounded."""
    alone = np.append(0.0, -800.0 - np.arange(1995.0))
    assert _smoothed(alone)[1] == np.inf
    equal = np.append(np.zeros(1000), -np.arange(1.0, 51.0))
    smoothed, khat = _smoothed(equal)
    assert khat == 0.0
    np.testing.assert_array_equal(smoothed, equal)


def test_the_pilot_without_a_khat_is_the_last_to_be_chosen(monkeypatch):
    """The first pilot's weight lies on a few draws, the second is good: the final draws come from the second's plan."""
    linearised = Linearised(fitted(Mixture(Gaussian("full", wishart(1)), 2), two_normals(60, 4.0)))
    sample = importance_module.sample_weighted
    used = []

    def seen(proposal, folding, size, rng):
        used.append(proposal)
        found = sample(proposal, folding, size, rng)
        return replace(found, khat=np.inf, weights=np.eye(1, len(found.weights))[0]) if len(used) == 1 else found

    monkeypatch.setattr(importance_module, "sample_weighted", seen)
    importance_module.importance_sample(linearised, np.random.default_rng(0))
    pilots, final = used[:-1], used[-1]
    assert len(pilots) > 1
    assert not np.array_equal(final.parts[0].mean, pilots[0].parts[0].mean)


def test_a_student_is_that_of_scipy():
    rng = np.random.default_rng(0)
    covariance = np.cov(rng.normal(size=(3, 10)))
    points = rng.normal(size=(7, 3))
    ours = Student.of(np.arange(3.0), covariance, 5.0, widening=4.0)
    theirs = stats.multivariate_t(np.arange(3.0), 4.0 * covariance, df=5.0)
    np.testing.assert_allclose(ours.log_density(points), theirs.logpdf(points), rtol=1e-12)
    draws = ours.draw(100_000, rng)
    np.testing.assert_allclose(np.cov(draws.T), 4.0 * covariance * 5.0 / 3.0, rtol=0.15)


def test_a_mixture_integrates_to_one_under_another():
    rng = np.random.default_rng(1)
    parts = [Student.of(np.zeros(2), np.eye(2), 7.0), Student.of(np.ones(2), 2.0 * np.eye(2), 5.0)]
    mixture = ProposalMixture(parts, np.array([0.7, 0.3]))
    wide = Student.of(np.zeros(2), 16.0 * np.eye(2), 4.0)
    points = wide.draw(200_000, rng)
    ratios = np.exp(mixture.log_density(points) - wide.log_density(points))
    assert ratios.mean() == pytest.approx(1.0, abs=5 * ratios.std() / np.sqrt(len(ratios)))
    drawn = mixture.draw(1000, rng)
    assert len(drawn) == 1000


@pytest.mark.parametrize("covariance", COVARIANCES)
def test_without_latents_it_is_the_exact_posterior_and_evidence(covariance):
    fit = VB(Gaussian(covariance)).fit(ROWS)
    found, exact = fit.uncertainty("importance", rng=0), fit.uncertainty("mean_field")
    facts = found.diagnostics
    assert facts["accepted"]
    assert abs(facts["log_evidence"] - fit.elbo_) < 5 * facts["log_evidence_error"]
    for name, sd in exact.sd.items():
        assert (np.abs(found.mean[name] - fit.estimate_[name]) <= 5 * sd / np.sqrt(facts["ess"]) + 1e-12).all()
        free = sd > 0
        np.testing.assert_allclose(found.sd[name][free], sd[free], rtol=6 * np.sqrt(2.0 / facts["ess"]))


TINY = {
    "normals": (Mixture(Gaussian("full", wishart(1)), 2), {}),
    "labels": (Mixture(Gaussian("full", wishart(1)), 2), {"labels": np.array([0, -1, -1, 1, -1, -1, -1, -1])}),
    "weights": (Mixture(Gaussian(prior=gamma(1, common=True)), 2), {"sample_weight": [1, 2, 1, 1, 1, 2, 1, 1]}),
    "three": (Mixture(Gaussian("spherical", gamma(1, common=True)), 3), {}),
}


@pytest.mark.parametrize("name", TINY)
def test_tiny_mixtures_have_the_enumerated_evidence(name):
    """All labellings counted: within 4 of its own standard errors of the exact one where it is accepted, never below
    the bound; flagged elsewhere."""
    model, extra = TINY[name]
    x = np.random.default_rng(5).normal(size=(8, 1)) + 2.5 * (np.arange(8) % 2)[:, None]
    exact = Enumeration(model, draws=100, rng=0).fit(x, **extra)
    fit = fitted(model, x, **extra)
    facts = fit.uncertainty("importance", rng=1).diagnostics
    assert facts["log_evidence"] > fit.elbo_ - 3 * facts["log_evidence_error"]
    if facts["accepted"]:
        assert abs(facts["log_evidence"] - exact.log_evidence_) < 4 * facts["log_evidence_error"] + 0.02
    else:
        assert facts["reasons"]


def errors_of_spreads(fit, exact):
    """Root mean square errors of the standard deviations of the means, ascending (labels are arbitrary), of 8 seeds."""
    samples = [importance_sample(Linearised(fit), np.random.default_rng(seed))[0] for seed in range(8)]
    means = [(sample.weights, sample.draws["mean"][:, :, 0]) for sample in samples]
    found = np.array([np.sort(np.sqrt(w @ (mean - w @ mean) ** 2)) for w, mean in means])
    return np.sqrt(((found / exact - 1.0) ** 2).mean(axis=0))


def test_what_lies_beside_an_emptied_component_is_found(monkeypatch):
    """Twelve rows, two overlapping components: where one has no rows its mean spreads as the prior does. Without
    proposals there its standard deviation is 40 % too small, and k̂ does not say so."""
    prior = NormalInverseGamma(mean=0.0, kappa=0.05, shape=3.0, scale=2.0)
    model = Mixture(Gaussian(prior=prior), 2, weights_prior=Dirichlet(1.0))
    x = np.random.default_rng(4).normal(size=(12, 1))
    exact = np.sort(Enumeration(model, draws=100_000, rng=1).fit(x).uncertainty().sd["mean"].ravel())
    fit = fitted(model, x)
    assert (errors_of_spreads(fit, exact) < 0.15).all()
    monkeypatch.setattr(importance_module, "emptied_proposal", lambda sweep, beliefs: None)
    assert (errors_of_spreads(fit, exact) > 0.15).all()
    assert fit.uncertainty("importance", rng=0).diagnostics["accepted"]


def test_beliefs_as_a_proposal_integrate_to_one_under_a_wide_one():
    """Their density is that of their draws, Jacobians included."""
    linearised = Linearised(fitted(Mixture(Gaussian("full"), 2), ROWS))
    believed = Believed(linearised.fit.model_, linearised.jacobian.sweep.rows, linearised.jacobian.beliefs)
    drawn = believed.draw(4000, np.random.default_rng(0))
    wide = Student.of(drawn.mean(axis=0), np.cov(drawn.T), 4.0, 1.5)
    points = wide.draw(40_000, np.random.default_rng(1))
    ratios = np.exp(believed.log_density(points) - wide.log_density(points))
    assert ratios.mean() == pytest.approx(1.0, abs=5 * ratios.std() / np.sqrt(len(ratios)))


@pytest.mark.parametrize("given", [None, np.array([0, 1, *[-1] * 58])], ids=["far apart", "each known of a row"])
def test_a_component_that_cannot_be_empty_is_not_emptied(given):
    x = np.random.default_rng(0).normal(size=(60, 1)) + (60.0 * (np.arange(60) % 2)[:, None] if given is None else 0.0)
    linearised = Linearised(fitted(Mixture(Gaussian("full"), 2), x, labels=given))
    assert emptied_proposal(linearised.jacobian.sweep, linearised.jacobian.beliefs) is None


def test_overlapping_labels_are_folded_not_counted_twice():
    """One cluster, two components: the copies of the posterior overlap almost wholly."""
    x = np.random.default_rng(2).normal(size=(9, 1))
    model = Mixture(Gaussian("full", wishart(1)), 2)
    exact = Enumeration(model, draws=100, rng=0).fit(x)
    facts = fitted(model, x).uncertainty("importance", rng=1).diagnostics
    assert facts["log_evidence"] == pytest.approx(exact.log_evidence_, abs=4 * facts["log_evidence_error"] + 0.05)
    assert facts["ambiguous_labels"]


def test_the_same_seed_gives_the_same_draws():
    fit = fitted(Mixture(Gaussian(), 2), ROWS)
    one, other = (fit.uncertainty("importance", rng=3) for _ in range(2))
    for name in one.sd:
        np.testing.assert_array_equal(one.sd[name], other.sd[name])
        np.testing.assert_array_equal(one.draws[name], other.draws[name])


def test_many_components_are_folded_over_exchanges_and_say_so():
    x = np.concatenate([np.random.default_rng(k).normal(8.0 * k, 1.0, 200) for k in range(5)])
    facts = fitted(Mixture(Gaussian(), 5), x).uncertainty("importance", rng=0).diagnostics
    assert facts["labellings"] == "exchanges of two components"
    assert facts["accepted"]


def test_a_fit_without_linear_response_is_refused_in_words():
    equal = VB(Mixture(Gaussian(), 2), init=np.full((80, 2), 0.5), max_iter=3).fit(ROWS)
    found = equal.uncertainty("importance", rng=0)
    assert not found.diagnostics["accepted"]
    assert np.isnan(found.sd["mean"]).all()
    assert "not positive definite" in found.diagnostics["reasons"][0]
    assert equal.uncertainty(rng=0).method == "importance"


@pytest.mark.slow
@pytest.mark.parametrize("separation", [2.6, 3.0, 4.0])
def test_two_overlapping_normals_agree_with_gibbs(separation):
    """Standard deviations, within four Monte Carlo errors of weights and chains."""
    from arviz_stats.base import array_stats

    x = two_normals(500, separation=separation, seed=3)
    model = Mixture(Gaussian(), 2)
    fit = fitted(model, x)
    sample, _, _ = importance_sample(Linearised(fit), np.random.default_rng(0), target=6000, largest=40_000)
    assert sample.khat < 0.7
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", PointmassWarning)
        gibbs = Gibbs(model, draws=5000, rng=1).fit(x)
    order = np.argsort(gibbs.estimate_["mean"].ravel()), np.argsort(fit.estimate_["mean"].ravel())
    for name, draws in sample.draws.items():
        mean = np.tensordot(sample.weights, draws, 1)
        sd = np.sqrt(np.tensordot(sample.weights, (draws - mean) ** 2, 1))[order[1]]
        fourth = np.tensordot(sample.weights, (draws - mean) ** 4, 1)[order[1]] / sd**4
        theirs = gibbs.draws_[name].reshape(-1, *gibbs.draws_[name].shape[2:]).std(axis=0)[order[0]]
        chains = array_stats.mcse(gibbs.draws_[name], chain_axis=0, draw_axis=1, method="sd")[order[0]]
        error = np.hypot(sd * np.sqrt((fourth - 1.0) / (4.0 * sample.ess)), chains)
        assert (np.abs(sd - theirs) < 4.0 * error).all()


CHAINS = chain_cases()


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("name", CHAINS)
def test_chains_agree_with_gibbs(name):
    """Means and spreads, states in the order of their levels, within Monte Carlo error; or it is not accepted."""
    model, rows, told = CHAINS[name]
    fit = fitted(model, rows, **told)
    found, gibbs = fit.uncertainty("importance", rng=0), Gibbs(model, draws=1500, rng=1).fit(rows, **told)
    assert found.diagnostics["accepted"] and gibbs.diagnostics_["reliable"]
    key = "mean" if "mean" in fit.estimate_ else "rate"
    flip = np.argsort(fit.estimate_[key][:, 0])[0] != np.argsort(gibbs.estimate_[key][:, 0])[0]
    error = np.sqrt(1.0 / found.diagnostics["ess"] + 1.0 / gibbs.diagnostics_["min_ess_bulk"])
    for parameter, sd in found.sd.items():
        theirs = gibbs.draws_[parameter].reshape(-1, *sd.shape)
        if flip:
            theirs = theirs[:, ::-1, ::-1] if parameter == "transition_matrix" else theirs[:, ::-1]
        assert (np.abs(found.mean[parameter] - theirs.mean(0)) <= 5.0 * error * sd + 1e-12).all(), parameter
        np.testing.assert_allclose(sd, theirs.std(0), rtol=5.0 * error, atol=1e-12)
