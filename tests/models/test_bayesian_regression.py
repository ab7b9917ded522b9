"""Evidence maximisation and its variational form: against direct maximisation, quadrature and scikit-learn."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import integrate, optimize, stats
from scipy.special import logsumexp
from sklearn.linear_model import ARDRegression, BayesianRidge

from pointmass import EM, MAP, VB, BayesianRegression, PointmassError, PointmassWarning, load_dataset, load_fit
from pointmass.families import GammaPrecision
from pointmass.models import model_from_dict


def rows(n: int = 60, d: int = 4, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, d)) @ (np.eye(d) + 0.3 * rng.normal(size=(d, d)))
    y = X @ np.linspace(-1.5, 1.0, d) + rng.normal(size=n)
    return X - X.mean(0), y - y.mean()


def log_evidence(X: np.ndarray, y: np.ndarray, noise: float, weights: float | np.ndarray) -> float:
    """The normal density of y with the weights summed out, by SciPy."""
    covariance = np.eye(len(y)) / noise + (X / weights) @ X.T
    return float(stats.multivariate_normal.logpdf(y, np.zeros(len(y)), covariance))


@pytest.mark.parametrize("relevance", ["common", "each"])
def test_em_ends_where_direct_maximisation_ends(relevance: str) -> None:
    X, y = rows()
    fit = EM(BayesianRegression(relevance, fit_intercept=False), tol=1e-12).fit(X, y)

    def negative(logs: np.ndarray) -> float:
        return -log_evidence(X, y, np.exp(logs[0]), np.exp(logs[1:]))

    start = np.zeros(1 + fit.estimate_["weight_precision"].size)
    best = optimize.minimize(negative, start, method="BFGS", options={"gtol": 1e-8})
    assert fit.log_likelihood_ == pytest.approx(-best.fun, abs=1e-6)
    assert fit.objective_history_[-1] == pytest.approx(fit.log_likelihood_, abs=1e-9)
    assert fit.estimate_["noise_precision"] == pytest.approx(np.exp(best.x[0]), rel=1e-4)
    assert fit.estimate_["weight_precision"] == pytest.approx(np.exp(best.x[1:]).squeeze(), rel=1e-3)
    assert np.all(np.diff(fit.objective_history_) >= -1e-10 * np.abs(fit.objective_history_[1:]))


def test_it_is_bayesian_ridge_where_that_has_converged() -> None:
    data = load_dataset("diabetes")
    X, y = data.X - data.X.mean(0), data.y - data.y.mean()
    flat = dict.fromkeys(("alpha_1", "alpha_2", "lambda_1", "lambda_2"), 0.0)
    theirs = BayesianRidge(tol=1e-12, max_iter=10_000, fit_intercept=False, **flat).fit(X, y)
    ours = EM(BayesianRegression(fit_intercept=False), tol=1e-10).fit(X, y)
    assert ours.estimate_["noise_precision"] == pytest.approx(theirs.alpha_, rel=1e-5)
    assert ours.estimate_["weight_precision"] == pytest.approx(theirs.lambda_, rel=1e-5)
    assert ours.estimate_["coefficients"] == pytest.approx(theirs.coef_, rel=1e-5)
    belief = ours.belief_["coefficients"]
    assert belief.covariance[0] == pytest.approx(theirs.sigma_, rel=1e-5)


def test_relevance_is_not_worse_than_scikit_learn_finds_it() -> None:
    """Of ten features three matter: the evidence at our point is at least that at ARDRegression's."""
    rng = np.random.default_rng(3)
    X = rng.normal(size=(80, 10))
    y = X[:, :3] @ [2.0, -1.0, 0.5] + 0.5 * rng.normal(size=80)
    X, y = X - X.mean(0), y - y.mean()
    flat = dict.fromkeys(("alpha_1", "alpha_2", "lambda_1", "lambda_2"), 0.0)
    theirs = ARDRegression(fit_intercept=False, threshold_lambda=1e8, max_iter=2000, tol=1e-10, **flat).fit(X, y)
    with pytest.warns(PointmassWarning, match="boundary"):
        ours = EM(BayesianRegression("each", fit_intercept=False), tol=1e-8).fit(X, y)
    assert ours.status_ == "boundary"
    assert ours.log_likelihood_ >= log_evidence(X, y, theirs.alpha_, theirs.lambda_) - 1e-6
    assert np.abs(ours.estimate_["coefficients"][:3]) == pytest.approx([2.0, 1.0, 0.5], abs=0.25)
    irrelevant = ours.estimate_["weight_precision"] > 1e4
    assert irrelevant.sum() >= 3 and not irrelevant[:3].any()
    assert np.abs(ours.estimate_["coefficients"][irrelevant]).max() < 1e-3


def test_the_bound_is_below_the_evidence_by_quadrature() -> None:
    X, y = rows(30, 3)
    priors = {"noise_prior": GammaPrecision(2.0, 1.5), "weight_prior": GammaPrecision(1.5, 2.0)}
    fit = VB(BayesianRegression(fit_intercept=False, **priors)).fit(X, y)
    logs = np.linspace(-5.0, 5.0, 71)
    grid = np.array(
        [
            [
                log_evidence(X, y, np.exp(a), np.exp(b))
                + stats.gamma.logpdf(np.exp(a), 2.0, scale=1 / 1.5) + a
                + stats.gamma.logpdf(np.exp(b), 1.5, scale=1 / 2.0) + b
                for b in logs
            ]
            for a in logs
        ]
    )  # fmt: skip
    evidence = logsumexp(grid) + 2.0 * np.log(logs[1] - logs[0])
    assert evidence - 0.5 < fit.elbo_ < evidence
    known = {"noise_prior": GammaPrecision(1e8, 1e8), "weight_prior": GammaPrecision(1e8, 2e8)}
    bound = VB(BayesianRegression(fit_intercept=False, **known)).fit(X, y).elbo_
    assert bound == pytest.approx(log_evidence(X, y, 1.0, 0.5), abs=1e-4)


@pytest.mark.parametrize("estimator", [EM, MAP, VB])
@pytest.mark.parametrize("relevance", ["common", "each"])
def test_every_method_scores_predicts_and_is_restored(estimator: type, relevance: str) -> None:
    X, y = rows()
    fit = estimator(BayesianRegression(relevance)).fit(X + 3.0, y + 1.0)
    assert fit.status_ == "converged"
    assert fit.predict(X + 3.0) == pytest.approx(y + 1.0, abs=4.0)
    grid = np.linspace(-30.0, 30.0, 3001)
    total = integrate.simpson(np.exp(fit.score_samples(np.repeat(X[:1] + 3.0, 3001, axis=0), grid)), x=grid)
    assert total == pytest.approx(1.0, abs=1e-6)
    restored = load_fit(fit.to_datatree())
    assert np.array_equal(restored.predict(X), fit.predict(X))
    assert np.array_equal(restored.score_samples(X, y), fit.score_samples(X, y))
    assert model_from_dict(fit.model_.to_dict()) == fit.model_
    far = estimator(BayesianRegression(relevance)).fit(X + 1e8, y + 1e8)
    assert far.estimate_["coefficients"][1:] == pytest.approx(fit.estimate_["coefficients"][1:], rel=1e-4, abs=1e-5)
    assert far.objective_history_[-1] == pytest.approx(fit.objective_history_[-1], abs=1e-4)


def test_weights_count_copies_of_rows() -> None:
    X, y = rows(20)
    copies = np.arange(20) % 3
    weighted = VB(BayesianRegression()).fit(X, y, sample_weight=copies)
    repeated = VB(BayesianRegression()).fit(np.repeat(X, copies, axis=0), np.repeat(y, copies))
    assert weighted.elbo_ == pytest.approx(repeated.elbo_, rel=1e-9)
    assert weighted.estimate_["coefficients"] == pytest.approx(repeated.estimate_["coefficients"], rel=1e-6)


def test_more_features_than_rows_are_legal() -> None:
    rng = np.random.default_rng(0)
    X = rng.normal(size=(15, 40))
    y = X[:, 0] * 2.0 + 0.1 * rng.normal(size=15)
    with pytest.warns(match="rank 15 of 41"):
        fit = VB(BayesianRegression("each")).fit(X, y)
    assert fit.status_ == "converged" and np.abs(fit.estimate_["coefficients"][1:]).argmax() == 0


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: BayesianRegression("some"), "relevance must be one of"),
        (lambda: BayesianRegression(noise_prior=1.0), "noise_prior must be GammaPrecision"),
        (lambda: BayesianRegression(fit_intercept=2), "True or False"),
        (lambda: VB(BayesianRegression(noise_prior=GammaPrecision(1, 0))).fit(*rows()), "proper prior"),
    ],
)
def test_what_it_cannot_do_is_refused_in_words(build, message: str) -> None:
    with pytest.raises(PointmassError, match=message):
        build()
