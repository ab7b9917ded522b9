"""The exact answer: against a naive enumeration, closed forms, quadrature, and what other methods say of it."""

from __future__ import annotations

import numpy as np
import pytest
from cases import assert_mean, clusters
from sampling.cases import gamma, held_models, mixture, wishart
from sampling.enumeration import exact_draws, log_evidence, posteriors
from scipy import stats
from scipy.special import betaln

from pointmass import VB, Dirichlet, Enumeration, Gaussian, Gibbs, Mixture, PointMass, PointmassError, load_fit
from pointmass.families import Normal
from pointmass.inference.component_features import parameter_kinds
from pointmass.inference.log_joint import LogJoint
from pointmass.inference.one_by_one import OneByOne
from pointmass.inference.quadrature import integrate
from pointmass.inference.relabelling import Reference, relabel
from pointmass.inference.separable import Separable
from pointmass.models import Rows, as_model

pytestmark = pytest.mark.filterwarnings("ignore::pointmass.PointmassWarning")

KNOWN = PointMass({"mean": [[0.0], [2.0]], "covariance": [[[1.0]], [[0.5]]]})
LABELS = np.array([0, -1, -1, 1, -1, -1])
TINY = {
    "full": (Mixture(Gaussian("full", wishart(2)), 2), 2, {}),
    "tied": (Mixture(Gaussian("tied", wishart(2)), 2), 2, {}),
    "diagonal": (mixture(Gaussian("diagonal", gamma(2, common=False))), 2, {}),
    "spherical, three": (Mixture(Gaussian("spherical", gamma(2, common=True)), 3), 2, {}),
    "two alike": (Mixture(Gaussian("full", wishart(1)), 3, Dirichlet([1.0, 2.0, 2.0])), 1, {}),
    "labels": (Mixture(Gaussian("full", wishart(1)), 2), 1, {"labels": LABELS}),
    "labels, tied": (Mixture(Gaussian("tied", wishart(1)), 2), 1, {"labels": LABELS}),
    "weights": (Mixture(Gaussian("full", wishart(1)), 2), 1, {"sample_weight": np.array([1, 2, 1, 1, 0, 1])}),
    "known weights": (Mixture(Gaussian(prior=gamma(1, common=True)), 2, PointMass([0.3, 0.7])), 1, {}),
    "a weight of zero": (Mixture(Gaussian(prior=gamma(1, common=True)), 2, PointMass([0.0, 1.0])), 1, {}),
    "known variance": (Mixture(Gaussian(PointMass([[0.5]])), 2), 1, {}),
    "one component": (Mixture(Gaussian("full", wishart(2)), 1), 2, {}),
}


def data(d: int) -> np.ndarray:
    return np.random.default_rng(5).normal(size=(6, d)) + 1.5 * (np.arange(6) % 2)[:, None]


def naive(fit: Enumeration, X: np.ndarray, extra: dict[str, np.ndarray]) -> tuple[Rows, dict]:
    """Return rows with a place for each copy, and the prior in working coordinates."""
    copies = extra.get("sample_weight", np.ones(6, dtype=int))
    return Rows(np.repeat(X, copies, axis=0), fit.coordinates_, None, extra.get("labels")), fit._working(fit.prior_)


@pytest.mark.parametrize("name", TINY)
def test_log_evidence_is_that_of_a_naive_enumeration_and_above_the_bound(name: str) -> None:
    model, d, extra = TINY[name]
    X = data(d)
    fit = Enumeration(model, draws=100, rng=0).fit(X, **extra)
    assert fit.log_evidence_ == pytest.approx(log_evidence(fit.model_, *naive(fit, X, extra)), rel=1e-10)
    vb = VB(model, rng=0).fit(X, **extra)
    assert vb.elbo_ <= fit.log_evidence_ + 1e-9


@pytest.mark.parametrize("name", TINY)
def test_draws_are_those_of_a_naive_enumeration(name: str) -> None:
    """Of label-free quantities: at most 40 in all the cases, each within five standard errors."""
    model, d, extra = TINY[name]
    X = data(d)
    fit = Enumeration(model, rng=1).fit(X, **extra)
    rows, prior = naive(fit, X, extra)
    theirs = exact_draws(fit.model_, rows, prior, 10_000, np.random.default_rng(2))
    ours = {key: array.reshape(-1, *array.shape[2:]) for key, array in fit.draws_.items()}
    native = fit.model_.native(theirs)
    theirs = fit.model_.public({block: fit._mapped(block, parameters) for block, parameters in native.items()})
    for summary in (label_free(ours), label_free(theirs)):
        assert np.isfinite(summary).all()
    one, other = label_free(ours), label_free(theirs)
    error = np.sqrt(one.var(axis=0) / len(one) + other.var(axis=0) / len(other)) + 1e-9
    assert (np.abs(one.mean(axis=0) - other.mean(axis=0)) < 5.0 * error).all()


def label_free(draws: dict[str, np.ndarray]) -> np.ndarray:
    """Return summaries of each draw that no labelling changes, whose variances exist."""
    means = np.arctan(draws["mean"][..., 0])
    logs = np.log(draws["covariance"][..., 0, 0])
    weights = draws.get("weights", np.ones(means.shape))
    parts = [weights.max(1), (weights * means).sum(1), means.min(1), logs.min(1), (weights * logs).sum(1), logs.max(1)]
    return np.stack(parts, axis=1)


def test_means_are_the_weighted_means_over_assignments() -> None:
    """Where priors tell the components apart nothing is relabelled, and the mixture's mean is a closed form."""
    model = Mixture(Gaussian("diagonal", gamma(1, common=False)), 2, Dirichlet([1.0, 3.0]))
    X = data(1)
    fit = Enumeration(model, rng=3).fit(X)
    shares, beliefs = posteriors(fit.model_, *naive(fit, X, {}))
    pairs = list(zip(shares, beliefs, strict=True))
    weights = sum(share * belief["weights"].parameter_mean()["weights"] for share, belief in pairs)
    means = sum(share * belief["emission"].mean for share, belief in pairs)
    np.testing.assert_allclose(fit.estimate_["weights"], weights, rtol=1e-10)
    np.testing.assert_allclose(fit.estimate_["mean"], fit.coordinates_.apply(means), rtol=1e-10)
    assert_mean(fit.draws_["weights"].reshape(-1, 2), weights)
    assert_mean(fit.draws_["mean"].reshape(-1, 2, 1), fit.coordinates_.apply(means))


@pytest.mark.parametrize("covariance", ["full", "tied", "spherical"])
def test_the_estimate_has_no_error_where_labels_and_all_priors_tell_components_apart(covariance: str) -> None:
    prior = gamma(2, common=True) if covariance == "spherical" else wishart(2)
    fit = Enumeration(Mixture(Gaussian(covariance, prior), 2, Dirichlet([1.0, 3.0])), rng=3).fit(data(2), labels=LABELS)
    for name, array in fit.draws_.items():
        flat = array.reshape(-1, *array.shape[2:])
        if name != "covariance":
            assert_mean(flat, fit.estimate_[name])
    shares, beliefs = posteriors(fit.model_, *naive(fit, data(2), {"labels": LABELS}))
    blocks = [{name: belief.mapped(fit.coordinates_).parameter_mean() for name, belief in b.items()} for b in beliefs]
    every = [fit.model_.public(block) for block in blocks]
    for name, estimate in fit.estimate_.items():
        exact = sum(share * each[name] for share, each in zip(shares, every, strict=True))
        np.testing.assert_allclose(estimate, exact, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("labels", [None, LABELS])
def test_both_ways_give_the_same(labels: np.ndarray | None) -> None:
    model = as_model(mixture(Gaussian("full", wishart(1)), 3))
    rows = Rows(data(1), model.coordinates(data(1), None), None, labels)
    prior = {name: belief.mapped(rows.coordinates.inverse) for name, belief in model.prior(rows.values, None).items()}
    every = np.random.default_rng(0).integers(0, 3, size=(40, 6))
    if labels is not None:
        every = np.where(labels >= 0, labels, every)
    fast, slow = Separable(model, rows, prior), OneByOne(model, rows, prior)
    np.testing.assert_allclose(fast.log_evidences(every), slow.log_evidences(every), rtol=1e-10)
    some = np.repeat(every[:2], 4000, axis=0)
    pairs = (way.draws(some, np.random.default_rng(1)) for way in (fast, slow))
    one, other = ({(b, key): array for b, block in draws.items() for key, array in block.items()} for draws in pairs)
    for key, array in one.items():
        for half in (slice(0, 4000), slice(4000, 8000)):
            a, b = np.arctan(array[half]), np.arctan(other[key][half])
            error = np.sqrt((a.var(axis=0) + b.var(axis=0)) / 4000)
            assert (np.abs(a.mean(axis=0) - b.mean(axis=0)) <= 5.0 * error + 1e-12).all()


def test_gibbs_agrees_within_its_error() -> None:
    model, X = Mixture(Gaussian("full", wishart(1)), 2), 3.0 * data(1)
    exact, gibbs = Enumeration(model, rng=0).fit(X), Gibbs(model, draws=2000, rng=1).fit(X)
    flat = {key: array.reshape(-1, *array.shape[2:]) for key, array in exact.draws_.items()}
    kinds = parameter_kinds(model.dims, exact.prior_)
    reference = Reference.of(flat, model.dims, kinds, np.array([0, 0]))
    from arviz_stats.base import array_stats

    for key in ("weights", "mean"):
        ours = np.arctan(relabel(flat, reference).draws[key])
        sampled = {name: array.reshape(-1, *array.shape[2:]) for name, array in gibbs.draws_.items()}
        theirs = np.arctan(relabel(sampled, reference).draws[key]).reshape(4, 2000, -1)
        ours = ours.reshape(10_000, -1)
        error = np.hypot(array_stats.mcse(theirs, chain_axis=0, draw_axis=1), ours.std(axis=0) / 100.0)
        assert (np.abs(theirs.mean((0, 1)) - ours.mean(axis=0)) < 5.0 * error).all()


def test_without_latents_it_is_the_exact_posterior() -> None:
    rows = clusters(30, d=2, k=1)
    exact, vb = Enumeration(Gaussian(), rng=0).fit(rows), VB(Gaussian()).fit(rows)
    assert exact.log_evidence_ == pytest.approx(vb.elbo_, rel=1e-12)
    assert_mean(exact.draws_["mean"].reshape(-1, 2), vb.estimate_["mean"])
    weights = np.random.default_rng(0).uniform(0.5, 2.0, 30)
    weighted = [fit.fit(rows, sample_weight=weights) for fit in (Enumeration(Gaussian(), rng=0), VB(Gaussian()))]
    assert weighted[0].log_evidence_ == pytest.approx(weighted[1].elbo_, rel=1e-12)


def test_units_change_the_evidence_as_they_change_the_data() -> None:
    model = Mixture(Gaussian(), 2)
    here, there = (Enumeration(model, draws=100, rng=0).fit(scale * data(2)).log_evidence_ for scale in (1.0, 1e6))
    assert there == pytest.approx(here - 12 * np.log(1e6), rel=1e-9)


# -- one free coordinate ------------------------------------------------------------------------------------


def one_coordinate(model: object, X: np.ndarray) -> LogJoint:
    built = as_model(model)
    coordinates = built.coordinates(X, None)
    prior = {name: belief.mapped(coordinates.inverse) for name, belief in built.prior(X, None).items()}
    return LogJoint(built, Rows(X, coordinates), prior)


def test_quadrature_is_the_enumeration_of_the_same_problem() -> None:
    model = Mixture(Gaussian(prior=KNOWN), 2, Dirichlet([1.5, 0.8]))
    X = data(1)
    log_joint = one_coordinate(model, X)
    found = integrate(log_joint)
    assert found.log_evidence == pytest.approx(log_evidence(log_joint.model, log_joint.rows, log_joint.prior), abs=1e-9)
    shares, beliefs = posteriors(log_joint.model, log_joint.rows, log_joint.prior)
    betas = [stats.beta(*belief["weights"].concentration) for belief in beliefs]
    mean = sum(share * beta.mean() for share, beta in zip(shares, betas, strict=True))
    square = sum(share * beta.moment(2) for share, beta in zip(shares, betas, strict=True))
    assert found.expectation(lambda draws: draws["weights"][:, 0]) == pytest.approx(mean, abs=1e-9)
    assert found.expectation(lambda draws: draws["weights"] ** 2)[0] == pytest.approx(square, abs=1e-9)
    probabilities = np.array([0.025, 0.5, 0.9])
    for probability, weight in zip(probabilities, found.quantile(probabilities)["weights"], strict=True):
        below = sum(share * beta.cdf(weight[0]) for share, beta in zip(shares, betas, strict=True))
        assert below == pytest.approx(probability, abs=1e-6)


def test_many_rows_of_known_components_have_a_closed_form_where_they_do_not_overlap() -> None:
    """Components a thousand sds apart: the weight is Beta, the evidence a Beta function times densities."""
    known = PointMass({"mean": [[0.0], [1000.0]], "covariance": [[[1.0]], [[1.0]]]})
    X = np.random.default_rng(0).normal(size=(500, 1)) + 1000.0 * (np.arange(500) % 5 == 0)[:, None]
    fit = Enumeration(Mixture(Gaussian(prior=known), 2), rng=0).fit(X)
    exact = stats.beta(401, 101)
    densities = stats.norm.logpdf(X[:, 0] - 1000.0 * (np.arange(500) % 5 == 0)).sum()
    assert fit.log_evidence_ == pytest.approx(betaln(401, 101) + densities, abs=1e-8)
    assert fit.diagnostics_["sampler"] == "quadrature"
    assert fit.estimate_["weights"] == pytest.approx([401 / 502, 101 / 502], abs=1e-9)
    draws = fit.draws_["weights"][..., 0].ravel()
    assert stats.kstest(draws, exact.cdf).pvalue > 1e-4
    assert fit.uncertainty().sd["weights"][0] == pytest.approx(exact.std(), rel=0.05)


def test_the_mean_of_one_normal_with_known_variance() -> None:
    """N(m, σ²/κ) prior: the posterior is normal, and the evidence is that of VB, which is exact here."""
    model = Gaussian(PointMass([[2.0]]), prior=Normal(mean=[0.5], kappa=0.3, covariance=[[2.0]]))
    X = data(1)
    found, vb = integrate(one_coordinate(model, X)), VB(model).fit(X)
    assert found.log_evidence == pytest.approx(vb.elbo_, abs=1e-9)
    assert found.expectation(lambda draws: draws["mean"]) == pytest.approx(vb.estimate_["mean"], abs=1e-9)
    lower, upper = vb.uncertainty().interval()["mean"]
    ends = found.quantile(np.array([0.025, 0.975]))["mean"][:, 0]
    assert ends == pytest.approx([lower[0], upper[0]], abs=1e-6)


def test_quadrature_refuses_more_coordinates_and_posteriors_without_end() -> None:
    with pytest.raises(PointmassError, match="one or two free coordinates, and this model has 5"):
        integrate(one_coordinate(Mixture(Gaussian(), 2), data(1)))
    with pytest.raises(PointmassError, match="beyond the numbers"):
        integrate(one_coordinate(Mixture(Gaussian(prior=KNOWN), 2, Dirichlet(1e-3)), np.full((3, 1), 0.5)))


# -- what is refused, and what is kept ----------------------------------------------------------------------


def test_too_many_rows_are_refused_with_the_number_that_is_not() -> None:
    rows = clusters(20, d=1)
    with pytest.raises(PointmassError, match="19 rows of unknown component for this model, and there are 20"):
        Enumeration(Mixture(Gaussian(), 2)).fit(rows)
    with pytest.raises(PointmassError, match="at most 30,000 of them: 15 rows"):
        Enumeration(Mixture(Gaussian("tied"), 2)).fit(rows)
    with pytest.raises(PointmassError, match="and there are 1003"):
        Enumeration(Mixture(Gaussian(), 2)).fit(rows[:4], sample_weight=[1, 1, 1000, 1])
    with pytest.raises(PointmassError, match=r"Enumeration gives a component to each copy .* 0\.5 is not a whole"):
        Enumeration(Mixture(Gaussian(), 2)).fit(rows, sample_weight=np.full(20, 0.5))
    labels = np.full(20, -1)
    labels[:10] = np.arange(10) % 2
    assert np.isfinite(Enumeration(Mixture(Gaussian(), 2), draws=100, rng=0).fit(rows, labels=labels).log_evidence_)


@pytest.mark.parametrize("name", held_models())
def test_blocks_held_known_stay_known(name: str) -> None:
    model, d = held_models()[name]
    fit = Enumeration(model, draws=100, rng=0).fit(data(d))
    for block, belief in fit.prior_.items():
        if isinstance(belief, PointMass):
            native = fit.model_.native({key: array[0] for key, array in fit.draws_.items()})[block]
            for key, value in belief.parameters.items():
                assert native[key] == pytest.approx(np.broadcast_to(value, native[key].shape), rel=1e-9)


def test_one_seed_gives_one_result_and_a_stored_fit_keeps_its_evidence() -> None:
    model = Mixture(Gaussian(), 2)
    fit, again = (Enumeration(model, draws=200, rng=4).fit(data(2)) for _ in range(2))
    assert all(np.array_equal(array, again.draws_[key]) for key, array in fit.draws_.items())
    restored = load_fit(fit.to_datatree())
    assert restored.log_evidence_ == fit.log_evidence_
    assert np.array_equal(restored.draws_["mean"], fit.draws_["mean"])
    np.testing.assert_allclose(restored.score_samples(data(2)), fit.score_samples(data(2)))
