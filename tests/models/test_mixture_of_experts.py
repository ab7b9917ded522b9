"""Mixtures of experts: against SciPy and scikit-learn, by their exact limits, and by what no sweep may do."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from cases import assert_mean
from inference.sweeps import bench
from scipy import stats
from scipy.optimize import minimize
from scipy.special import log_softmax, logsumexp, softmax
from sklearn.linear_model import LogisticRegression

from pointmass import (
    EM,
    MAP,
    MLE,
    VB,
    Enumeration,
    Gibbs,
    LinearRegression,
    Mixture,
    MixtureOfExperts,
    NormalInverseGamma,
    NormalLogits,
    PointMass,
    PointmassError,
    StudentRegression,
    load_dataset,
    load_fit,
)
from pointmass.families import logit_step
from pointmass.models import model_from_dict

MODEL = MixtureOfExperts(LinearRegression(), 2)
PRIORS = MixtureOfExperts(
    LinearRegression(prior=NormalInverseGamma(0.0, 0.1, 1.5, 0.2)), 2, NormalLogits(precision=[[0.3, 0.1], [0.1, 0.5]])
)


@cache
def rows(n: int = 250, seed: int = 0):
    data = load_dataset("mixture_of_experts", n=n, rng=seed)
    return data.X, data.y


@cache
def fitted(estimator=EM, model=MODEL):
    return estimator(model, rng=0, n_init=3, tol=1e-12).fit(*rows())


def log_likelihood(theta, X, y):
    """The density of targets given features, by SciPy alone."""
    design = np.column_stack([np.ones(len(X)), X]).T
    log_gate = log_softmax(theta["gate"] @ design, axis=0)
    noise = np.sqrt(theta["noise_variance"])[:, None]
    return logsumexp(log_gate + stats.norm.logpdf(y, theta["coefficients"] @ design, noise), axis=0)


def unpacked(vector):
    """Two experts of one feature: the differences of the gate, the lines, the log variances."""
    gate = np.array([vector[:2], -vector[:2]])
    return {"gate": gate, "coefficients": vector[2:6].reshape(2, 2), "noise_variance": np.exp(vector[6:])}


def packed(theta):
    return np.concatenate([theta["gate"][0], theta["coefficients"].ravel(), np.log(theta["noise_variance"])])


def hessian(function, point, step=2e-3):
    """Second derivatives by differences of fourth order."""
    moves, weights = np.array([-2, -1, 1, 2]), np.array([1, -8, 8, -1]) / 12.0
    size = len(point)
    found = np.empty((size, size))
    for a, one in enumerate(step * np.eye(size)):
        for b, other in enumerate(step * np.eye(size)[: a + 1]):
            values = [[function(point + i * one + j * other) for j in moves] for i in moves]
            found[a, b] = found[b, a] = weights @ np.array(values) @ weights / step**2
    return found


# -- against other software -----------------------------------------------------------------------------------


def test_the_likelihood_is_scipys_and_direct_maximisation_ends_where_ecm_ends():
    X, y = rows()
    fit = fitted()
    np.testing.assert_allclose(fit.score_samples(X, y), log_likelihood(fit.estimate_, X, y), rtol=1e-10)
    assert fit.log_likelihood_ == pytest.approx(log_likelihood(fit.estimate_, X, y).sum(), rel=1e-12)
    start = packed(fit.estimate_) + 0.05
    options = {"ftol": 1e-15, "gtol": 1e-7}
    direct = minimize(lambda v: -log_likelihood(unpacked(v), X, y).sum(), start, method="L-BFGS-B", options=options)
    assert -direct.fun == pytest.approx(fit.log_likelihood_, abs=1e-6)
    np.testing.assert_allclose(direct.x, packed(fit.estimate_), atol=2e-3)


def test_known_labels_make_a_multinomial_logit_and_least_squares():
    data = load_dataset("mixture_of_experts", n=300, rng=1)
    labels = data.truth["labels"]
    fit = EM(MODEL, rng=0, tol=1e-12).fit(data.X, data.y, labels=labels)
    theirs = LogisticRegression(C=np.inf, tol=1e-10).fit(data.X, labels)
    difference = fit.estimate_["gate"][1] - fit.estimate_["gate"][0]
    np.testing.assert_allclose(difference, [*theirs.intercept_, *theirs.coef_[0]], rtol=1e-4)
    for k in (0, 1):
        alone = MLE(LinearRegression()).fit(data.X[labels == k], data.y[labels == k])
        np.testing.assert_allclose(fit.estimate_["coefficients"][k], alone.estimate_["coefficients"], rtol=1e-9)


# -- exact limits ---------------------------------------------------------------------------------------------


def test_a_gate_without_slopes_is_a_mixture_of_regressions():
    X, y = rows()
    gate = PointMass(np.column_stack([np.log([0.3, 0.7]), np.zeros(2)]))
    lines = LinearRegression()
    start = np.random.default_rng(0).dirichlet(np.ones(2), len(y))
    one = EM(MixtureOfExperts(lines, 2, gate), init=start, tol=1e-10).fit(X, y)
    other = EM(Mixture(lines, 2, PointMass([0.3, 0.7])), init=start, tol=1e-10).fit(X, y)
    assert one.log_likelihood_ == pytest.approx(other.log_likelihood_, abs=1e-8)
    np.testing.assert_allclose(one.estimate_["coefficients"], other.estimate_["coefficients"], atol=1e-5)
    np.testing.assert_allclose(one.predict_proba(X, y), other.predict_proba(X, y), atol=1e-5)


def test_one_expert_is_a_regression():
    X, y = rows()
    one, alone = EM(MixtureOfExperts(LinearRegression(), 1)).fit(X, y), MLE(LinearRegression()).fit(X, y)
    assert one.log_likelihood_ == pytest.approx(alone.log_likelihood_, rel=1e-12)
    np.testing.assert_allclose(one.estimate_["coefficients"][0], alone.estimate_["coefficients"], rtol=1e-9)
    np.testing.assert_allclose(one.uncertainty().sd["coefficients"][0], alone.uncertainty().sd["coefficients"], 1e-6)


@pytest.mark.parametrize("estimator", [EM, MAP])
def test_units_and_origin_of_the_data_change_nothing_else(estimator):
    X, y = rows()
    near, far = fitted(estimator), estimator(MODEL, rng=0, n_init=3, tol=1e-12).fit(1e6 + 3.0 * X, 1e8 - 2.0 * y)
    np.testing.assert_allclose(far.estimate_["gate"][:, 1], near.estimate_["gate"][:, 1] / 3.0, rtol=1e-5)
    np.testing.assert_allclose(far.estimate_["noise_variance"], 4.0 * near.estimate_["noise_variance"], rtol=1e-5)
    assert far.log_likelihood_ == pytest.approx(near.log_likelihood_ - len(y) * np.log(2.0), abs=1e-4)
    np.testing.assert_allclose(far.predict_proba(1e6 + 3.0 * X, 1e8 - 2.0 * y), near.predict_proba(X, y), atol=1e-5)


def test_a_weight_is_a_number_of_copies():
    X, y = rows(60)
    copies = np.random.default_rng(1).integers(0, 4, 60)
    start = {name: array for name, array in fitted().estimate_.items()}
    one = EM(MODEL, init=start, tol=1e-12).fit(X, y, sample_weight=copies)
    other = EM(MODEL, init=start, tol=1e-12).fit(np.repeat(X, copies, axis=0), np.repeat(y, copies))
    for name, array in other.estimate_.items():
        np.testing.assert_allclose(one.estimate_[name], array, rtol=1e-5, atol=1e-7)
    for name, sd in other.uncertainty("information").sd.items():
        np.testing.assert_allclose(one.uncertainty("information").sd[name], sd, rtol=1e-4)


def test_any_component_may_be_the_reference():
    """A start with the last row zero, and the same start on other labels, end at one fit."""
    X, y = rows()
    theta = fitted().estimate_
    anchored = {**theta, "gate": theta["gate"] - theta["gate"][-1]}
    swapped = {name: array[::-1] for name, array in anchored.items()}
    one, other = (EM(MODEL, init=start, tol=1e-12).fit(X, y) for start in (anchored, swapped))
    np.testing.assert_allclose(one.estimate_["gate"], theta["gate"], atol=1e-5)
    for name, array in one.estimate_.items():
        np.testing.assert_allclose(other.estimate_[name][::-1], array, atol=1e-5)
    np.testing.assert_allclose(one.estimate_["gate"].sum(axis=0), 0.0, atol=1e-12)


# -- what no sweep may do -------------------------------------------------------------------------------------


def case(seed: int):
    """A data set of two or three experts, few rows and perhaps a steep gate, and a random start."""
    rng = np.random.default_rng(seed)
    k, d, n = int(rng.integers(2, 4)), int(rng.integers(1, 3)), int(rng.integers(30, 120))
    gate, lines = 2.5 * rng.normal(size=(k, d + 1)), 2.0 * rng.normal(size=(k, d + 1))
    options = {"gate": gate, "coefficients": lines, "noise_sd": rng.uniform(0.1, 1.0, k)}
    data = load_dataset("mixture_of_experts", n=n, rng=rng, **options)
    return k, np.column_stack([data.X, data.y]), rng.dirichlet(np.full(k, 0.3), size=n)


def largest_fall(seed: int, method: str, sweeps: int) -> float:
    """The largest fall (nats) of the objective on the way from a random start, before any expert collapses."""
    k, values, start = case(seed)
    ready = bench(MixtureOfExperts(LinearRegression(), k), values, method)
    beliefs, found = ready.posterior(start), []
    for _ in range(sweeps):
        step = ready.sweep(beliefs)
        found.append(step.objective)
        beliefs = step.beliefs
        if ready.model.degenerate_components(beliefs).any():
            break
    assert np.isfinite(found).all()
    return float(max(-np.diff(found), default=0.0))


@pytest.mark.parametrize("method", ["em", "map"])
def test_sweeps_never_fall(method):
    assert max(largest_fall(seed, method, 40) for seed in range(6)) <= 1e-8


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("method", ["em", "map"])
def test_sweeps_never_fall_in_a_hundred_sets(method):
    assert max(largest_fall(seed, method, 60) for seed in range(100)) <= 1e-8


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_without_the_guard_sweeps_fall_now_and_then(monkeypatch):
    monkeypatch.setattr(logit_step, "guarded", lambda target, logits, direction: logits + direction)
    falls = np.array([largest_fall(seed, "em", 60) for seed in range(100)])
    assert 1 <= (falls > 1e-8).sum() <= 20
    assert falls.max() > 1.0


def test_equal_experts_are_a_saddle_that_is_left():
    X, y = rows()
    fit = EM(MODEL, init=np.full((len(y), 2), 0.5), rng=0).fit(X, y)
    assert fit.status_ == "converged"
    assert fit.log_likelihood_ == pytest.approx(fitted().log_likelihood_, abs=1e-5)
    assert fit.objective_history_[0] < fit.log_likelihood_ - 10.0


def test_features_that_separate_the_experts_leave_the_gate_no_maximum():
    """Two far groups of features: the gate runs to infinity, the experts are those of each group alone."""
    rng = np.random.default_rng(3)
    X = np.concatenate([rng.normal(-5.0, 1.0, 60), rng.normal(5.0, 1.0, 60)])[:, None]
    y = np.where(X[:, 0] < 0, 1.0 + X[:, 0], -2.0 * X[:, 0]) + 0.3 * rng.normal(size=120)
    with pytest.warns(UserWarning, match="gate has entries at the edge of its range"):
        fit = EM(MODEL, rng=0).fit(X, y)
    assert fit.status_ == "boundary"
    alone = [MLE(LinearRegression()).fit(X[side], y[side]) for side in (X[:, 0] < 0, X[:, 0] > 0)]
    assert fit.log_likelihood_ == pytest.approx(sum(each.log_likelihood_ for each in alone), abs=1e-4)
    held = MAP(MODEL, rng=0).fit(X, y)
    assert held.status_ == "converged" and held.uncertainty("information").diagnostics["accepted"]


# -- uncertainty ----------------------------------------------------------------------------------------------


def curvature(fit, X, y):
    """Covariance of (gate, coefficients, noise variance) from differentiation of the observed log density."""

    def objective(vector):
        theta = unpacked(vector)
        value = log_likelihood(theta, X, y).sum()
        if isinstance(fit, MAP):
            # The mode is that of the density of precisions, not of their logarithms.
            value += fit.log_joint().log_prior({name: array[None] for name, array in theta.items()})[0]
        return value

    point = packed(fit.estimate_)
    covariance = np.linalg.inv(-hessian(objective, point))
    sd = np.sqrt(np.diag(covariance))
    return {"gate": sd[:2], "coefficients": sd[2:6].reshape(2, 2), "noise_variance": np.exp(point[6:]) * sd[6:]}


@pytest.mark.parametrize(("estimator", "model"), [(EM, MODEL), (MAP, PRIORS)])
def test_information_is_the_curvature_of_the_observed_log_density(estimator, model):
    fit = fitted(estimator, model)
    found = fit.uncertainty("information")
    assert found.diagnostics["accepted"]
    expected = curvature(fit, *rows())
    np.testing.assert_allclose(found.sd["gate"], np.tile(expected["gate"], (2, 1)), rtol=1e-5)
    for name in ("coefficients", "noise_variance"):
        np.testing.assert_allclose(found.sd[name], expected[name], rtol=1e-5)


def test_the_sandwich_has_the_scores_of_the_rows():
    X, y = rows()
    fit = fitted()
    point, step = packed(fit.estimate_), 1e-4

    def density(vector):
        return log_likelihood(unpacked(vector), X, y)

    each = np.array([density(point + m) - density(point - m) for m in step * np.eye(8)]) / (2.0 * step)
    bread = np.linalg.inv(-hessian(lambda v: log_likelihood(unpacked(v), X, y).sum(), point))
    sd = np.sqrt(np.diag(bread @ each @ each.T @ bread))
    found = fit.uncertainty("sandwich").sd
    np.testing.assert_allclose(found["gate"][0], sd[:2], rtol=1e-5)
    np.testing.assert_allclose(found["coefficients"].ravel(), sd[2:6], rtol=1e-5)
    np.testing.assert_allclose(found["noise_variance"], np.exp(point[6:]) * sd[6:], rtol=1e-5)


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_the_bootstrap_agrees_with_the_information():
    fit = fitted()
    found, sd = fit.uncertainty("bootstrap", rng=0), fit.uncertainty("information").sd
    assert found.diagnostics["kept"] > 950
    for name, draws in found.draws.items():
        # The gate's slope is skewed: its quartiles are as far apart as a normal's, its tail is longer.
        quartiles = np.quantile(draws, [0.25, 0.75], axis=0)
        np.testing.assert_allclose((quartiles[1] - quartiles[0]) / 1.349, sd[name], rtol=0.25)


# -- verbs ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("estimator", [EM, MAP])
def test_a_stored_fit_answers_as_it_did(estimator):
    X, y = rows()
    fit = fitted(estimator)
    restored = load_fit(fit.to_datatree(uncertainty=["information"]))
    assert restored.model_ == fit.model_
    np.testing.assert_array_equal(restored.predict_proba(X, y), fit.predict_proba(X, y))
    np.testing.assert_array_equal(restored.score_samples(X, y), fit.score_samples(X, y))
    assert model_from_dict(PRIORS.to_dict()) == PRIORS


def test_targets_are_drawn_by_the_gate_and_its_experts():
    fit = fitted()
    X = np.tile(np.array([[-1.0], [0.2], [1.5]]), (8000, 1))
    drawn, labels = fit.sample(X=X, rng=1)
    gate = softmax(fit.estimate_["gate"] @ np.array([[1.0, 1.0, 1.0], [-1.0, 0.2, 1.5]]), axis=0)
    assert_mean(labels.reshape(8000, 3) == 1, gate[1])
    expected = fit.model_.expected_target(fit.estimate_, X[:3])
    assert_mean(drawn.reshape(8000, 3), expected)
    with pytest.raises(PointmassError, match="give X"):
        fit.sample(5)


def test_hard_and_drawn_assignments_and_heavy_tails_come_free():
    X, y = rows()
    hard = EM(MODEL, assignments="hard", rng=0, n_init=3).fit(X, y)
    assert (np.diff(hard.objective_history_) >= -1e-8).all()
    start = fitted().predict_proba(X, y)
    drawn = EM(MODEL, assignments="draw", init=start, max_iter=200, rng=0).fit(X, y)
    np.testing.assert_allclose(drawn.estimate_["coefficients"], fitted().estimate_["coefficients"], atol=0.2)
    heavy = EM(MixtureOfExperts(StudentRegression(dof=4.0), 2), rng=0, n_init=2).fit(X, y)
    assert heavy.status_ == "converged" and heavy.uncertainty("information").diagnostics["accepted"]


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: VB(MODEL).fit(*rows()), "VB needs conjugate updates.*use EM, MAP or NUTS"),
        (lambda: Gibbs(MODEL).fit(*rows()), "Gibbs needs conjugate updates"),
        (lambda: Enumeration(MODEL).fit(*rows(8)), "Enumeration needs conjugate updates"),
        (lambda: EM(MODEL, schedule="incremental").fit(*rows()), "features of every row.*schedule='batch'"),
        (lambda: EM(MODEL, assignments="sparse").fit(*rows()), "features of every row"),
        (lambda: MixtureOfExperts(LinearRegression(), 0), "n_components must be"),
        (lambda: MixtureOfExperts("line", 2), "density of a target given features"),
        (lambda: MixtureOfExperts(LinearRegression(), 2, 3.0), "gate_prior must be"),
        (lambda: MAP(MixtureOfExperts(LinearRegression(), 2, PointMass(np.zeros((2, 3))))).fit(*rows()), "known gate"),
    ],
)
def test_what_cannot_be_is_refused(build, message):
    with pytest.raises(PointmassError, match=message):
        build()
