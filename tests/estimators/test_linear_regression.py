"""Linear regression: least squares, the exact posterior, mixtures of lines, and data far from zero."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from cases import assert_mean
from scipy import integrate, stats
from sklearn.linear_model import LinearRegression as LeastSquares

from pointmass import (
    EM,
    MAP,
    MLE,
    VB,
    Gibbs,
    LinearRegression,
    Mixture,
    NormalInverseGamma,
    PointMass,
    PointmassError,
    compare,
    load_dataset,
    load_fit,
)
from pointmass.errors import PointmassWarning


def rows(n: int = 80, d: int = 3, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, d)) @ (np.eye(d) + 0.4 * rng.normal(size=(d, d)))
    return X, 1.0 + X @ np.linspace(-2.0, 1.0, d) + 0.7 * rng.normal(size=n)


def crossing(n: int = 300) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    data = load_dataset("mixture_of_regressions", n=n, rng=2)
    return data.X, data.y, data.truth["labels"]


@pytest.mark.parametrize("fit_intercept", [True, False])
def test_maximum_likelihood_is_least_squares(fit_intercept: bool) -> None:
    X, y = rows()
    weights = np.random.default_rng(1).uniform(0.2, 2.0, len(X))
    fit = MLE(LinearRegression(fit_intercept)).fit(X, y, sample_weight=weights)
    theirs = LeastSquares(fit_intercept=fit_intercept).fit(X, y, sample_weight=weights)
    expected = np.concatenate([[theirs.intercept_], theirs.coef_]) if fit_intercept else theirs.coef_
    residual = y - theirs.predict(X)
    assert fit.estimate_["coefficients"] == pytest.approx(expected, rel=1e-10)
    assert fit.estimate_["noise_variance"] == pytest.approx(np.average(residual**2, weights=weights), rel=1e-10)
    assert fit.predict(X) == pytest.approx(theirs.predict(X), rel=1e-10)
    density = stats.norm.logpdf(y, theirs.predict(X), np.sqrt(fit.estimate_["noise_variance"]))
    assert fit.score_samples(X, y) == pytest.approx(density, rel=1e-9)
    assert fit.log_likelihood_ == pytest.approx(weights @ density, rel=1e-10)


def test_information_is_that_of_textbooks() -> None:
    """Cov(β̂) = σ̂² (XᵀX)⁻¹ and Var(σ̂²) = 2σ̂⁴/n."""
    X, y = rows()
    fit = MLE(LinearRegression()).fit(X, y)
    design, variance = np.column_stack([np.ones(len(X)), X]), fit.estimate_["noise_variance"]
    sd = fit.uncertainty("information").sd
    assert sd["coefficients"] == pytest.approx(np.sqrt(variance * np.diag(np.linalg.inv(design.T @ design))), rel=1e-6)
    assert sd["noise_variance"] == pytest.approx(variance * np.sqrt(2.0 / len(X)), rel=1e-6)


def test_the_elbo_is_the_log_evidence_by_quadrature() -> None:
    """One slope through zero: two integrals over slope and variance, prior densities by SciPy."""
    x, y = np.array([-1.0, 0.5, 2.0]), np.array([-0.7, 0.9, 1.8])
    prior = NormalInverseGamma(mean=0.5, kappa=0.4, shape=2.5, scale=1.2)

    def joint(slope: float, log_variance: float) -> float:
        variance = np.exp(log_variance)
        density = stats.norm.pdf(slope, 0.5, np.sqrt(variance / 0.4)) * stats.invgamma.pdf(variance, 2.5, scale=1.2)
        return float(density * variance * stats.norm.pdf(y, slope * x, np.sqrt(variance)).prod())

    value, _ = integrate.dblquad(joint, -6.0, 6.0, -10.0, 12.0, epsabs=1e-12, epsrel=1e-9)
    assert VB(LinearRegression(False, prior)).fit(x, y).elbo_ == pytest.approx(np.log(value), abs=1e-6)


def test_a_precision_matrix_is_the_prior_of_rows_seen_before() -> None:
    """The posterior of some rows, given as prior with its kappa, and the other rows: the posterior of all."""
    X, y = rows()
    flatish = NormalInverseGamma(mean=0.0, kappa=0.1, shape=1.5, scale=1.0)
    first = VB(LinearRegression(prior=flatish)).fit(X[:30], y[:30]).belief_["emission"]
    prior = NormalInverseGamma(first.mean[0], first.kappa[0], first.shape[0], first.scale[0])
    second, both = VB(LinearRegression(prior=prior)).fit(X[30:], y[30:]), VB(LinearRegression(prior=flatish)).fit(X, y)
    for name in ("mean", "kappa", "shape", "scale"):
        assert getattr(second.belief_["emission"], name) == pytest.approx(
            getattr(both.belief_["emission"], name), rel=1e-8
        )


def test_the_predictive_density_is_a_ratio_of_evidences() -> None:
    X, y = rows(20)
    model = LinearRegression(prior=NormalInverseGamma(mean=0.0, kappa=0.5, shape=1.5, scale=1.0))
    fit = VB(model).fit(X[:-1], y[:-1])
    assert fit.score_samples(X[-1:], y[-1:])[0] == pytest.approx(VB(model).fit(X, y).elbo_ - fit.elbo_, rel=1e-9)


@pytest.mark.parametrize("estimator", [MLE, MAP, VB])
def test_fault_019_data_far_from_zero_give_what_data_about_zero_give(estimator: type) -> None:
    X, y = rows(200)
    near, far = estimator(LinearRegression()).fit(X, y), estimator(LinearRegression()).fit(X + 1e8, y + 1e8)
    assert far.estimate_["coefficients"][1:] == pytest.approx(near.estimate_["coefficients"][1:], rel=1e-6)
    assert far.estimate_["noise_variance"] == pytest.approx(near.estimate_["noise_variance"], rel=1e-6)
    assert far.objective_history_[-1] == pytest.approx(near.objective_history_[-1], abs=1e-4)
    assert far.score_samples(X + 1e8, y + 1e8) == pytest.approx(near.score_samples(X, y), abs=1e-6)
    here, there = (fit.uncertainty().sd["coefficients"][1:] for fit in (near, far))
    assert there == pytest.approx(here, rel=1e-4)


def test_the_default_prior_follows_every_affine_map() -> None:
    X, y = rows()
    mixing = np.array([[2.0, 0.3, 0.0], [0.0, -1.0, 0.5], [0.4, 0.0, 30.0]])
    one, other = VB(LinearRegression()).fit(X, y), VB(LinearRegression()).fit(X @ mixing.T + 5.0, 3.0 - 7.0 * y)
    assert other.predict(X @ mixing.T + 5.0) == pytest.approx(3.0 - 7.0 * one.predict(X), rel=1e-9)
    assert other.elbo_ == pytest.approx(one.elbo_ - len(y) * np.log(7.0), rel=1e-9)


@pytest.mark.parametrize("estimator", [EM, MAP, VB])
def test_a_mixture_finds_crossing_lines(estimator: type) -> None:
    X, y, labels = crossing()
    fit = estimator(Mixture(LinearRegression(), 2), rng=0).fit(X, y)
    order = np.argsort(-fit.estimate_["coefficients"][:, 1])
    assert fit.status_ == "converged"
    assert np.all(np.diff(fit.objective_history_) >= -1e-10 * np.abs(fit.objective_history_[1:]))
    assert fit.estimate_["coefficients"][order] == pytest.approx(np.array([[0.0, 2.0], [1.0, -1.0]]), abs=0.3)
    assert (np.argsort(order)[fit.predict(X, y)] == labels).mean() > 0.85
    restored = load_fit(fit.to_datatree())
    assert np.array_equal(restored.predict_proba(X, y), fit.predict_proba(X, y))
    assert np.array_equal(restored.score_samples(X, y), fit.score_samples(X, y))


def test_a_tight_line_keeps_its_digits() -> None:
    """Noise a millionth of the target's spread: residuals, not differences of sums."""
    rng = np.random.default_rng(0)
    x, noise = rng.normal(size=200), rng.normal(size=200)
    first = np.arange(200) % 2 == 0
    y = np.where(first, 3.0 * x + 1e-5 * noise, 5.0 - x + noise)
    fit = EM(Mixture(LinearRegression(), 2), rng=0).fit(x, y)
    tight = int(np.argmin(fit.estimate_["noise_variance"]))
    alone = MLE(LinearRegression()).fit(x[first], y[first])
    assert fit.estimate_["noise_variance"][tight] == pytest.approx(float(alone.estimate_["noise_variance"]), rel=1e-3)


def test_gibbs_agrees_with_the_corrected_variational_posterior() -> None:
    X, y, _ = crossing()
    model = Mixture(LinearRegression(), 2)
    vb, gibbs = VB(model, rng=0).fit(X, y), Gibbs(model, rng=0).fit(X, y)
    corrected = vb.uncertainty("importance", rng=0)
    assert corrected.diagnostics["accepted"] and gibbs.diagnostics_["reliable"]
    slopes = gibbs.estimate_["coefficients"][:, 1]
    order = [int(np.argmin(np.abs(slopes - slope))) for slope in vb.estimate_["coefficients"][:, 1]]
    for name, sd in corrected.sd.items():
        assert gibbs.draws_[name].std(axis=(0, 1))[order] == pytest.approx(sd, rel=0.12)


def test_components_are_matched_by_what_they_claim_of_rows_with_targets() -> None:
    X, y, _ = crossing()
    model = Mixture(LinearRegression(), 2)
    comparison = compare([EM(model, rng=0).fit(X, y), VB(model, rng=1).fit(X, y)])
    table = comparison.table.query("parameter == 'coefficients' and index == '1'").groupby("component")["estimate"]
    assert table.agg(np.ptp).max() < 0.2
    with pytest.raises(PointmassError, match="regression"):
        comparison.plot("density")


def test_targets_are_drawn_for_given_features() -> None:
    X, y = rows()
    fit = MLE(LinearRegression()).fit(X, y)
    features = np.tile(X[:4], (2000, 1))
    drawn, labels = fit.sample(X=features, rng=0)
    assert_mean(drawn.reshape(2000, 4), fit.predict(X[:4]))
    assert drawn.std() > np.sqrt(fit.estimate_["noise_variance"]) and not labels.any()
    with pytest.raises(PointmassError, match="give X"):
        fit.sample(10)


def test_known_lines_stay_known() -> None:
    X, y, _ = crossing()
    known = PointMass({"coefficients": [[0.0, 2.0], [1.0, -1.0]], "noise_variance": [0.25, 1.0]})
    fit = EM(Mixture(LinearRegression(prior=known), 2), rng=0).fit(X, y)
    assert fit.estimate_["coefficients"] == pytest.approx(np.array([[0.0, 2.0], [1.0, -1.0]]), abs=1e-12)
    assert fit.estimate_["weights"] == pytest.approx([0.5, 0.5], abs=0.1)


# -- faults -------------------------------------------------------------------------------------------------


@pytest.mark.filterwarnings("ignore::pointmass.PointmassWarning")
@pytest.mark.parametrize("n", [3, 5])
def test_fault_063_fewer_rows_than_coefficients(n: int) -> None:
    X, y = rows(n, 5)
    point, posterior = MLE(LinearRegression()).fit(X, y), VB(LinearRegression()).fit(X, y)
    assert all(f"rank {n} of 6" in fit.warnings_[0] for fit in (point, posterior))
    assert point.predict(X) == pytest.approx(y, rel=1e-8)
    assert point.status_ == "degenerate"
    assert np.isfinite(posterior.elbo_) and posterior.estimate_["noise_variance"] > 0


def test_fault_063_collinear_and_constant_columns() -> None:
    X, y = rows()
    X = np.column_stack([X, X[:, 0] - X[:, 1], np.full(len(X), 7.0)])
    with pytest.warns(PointmassWarning, match=r"rank 4 of 6 \(column 4 constant\)"):
        point = MLE(LinearRegression()).fit(X, y)
    assert point.predict(X) == pytest.approx(LeastSquares().fit(X, y).predict(X), rel=1e-8)
    with pytest.warns(PointmassWarning, match="rank 4 of 6"):
        assert VB(LinearRegression()).fit(X, y).predict(X) == pytest.approx(point.predict(X), abs=0.01)


@pytest.mark.filterwarnings("ignore::pointmass.PointmassWarning")
def test_fault_064_constant_target_and_perfect_fit() -> None:
    X, y = rows()
    for target in (np.full(len(X), 3.0), X @ [1.0, 2.0, 3.0]):
        point, posterior = MLE(LinearRegression()).fit(X, target), VB(LinearRegression()).fit(X, target)
        assert point.status_ == "degenerate" and np.isfinite(point.log_likelihood_)
        assert any("collapsed" in message for message in point.warnings_)
        assert posterior.status_ == "converged" and np.isfinite(posterior.elbo_)
        assert posterior.predict(X) == pytest.approx(target, abs=1e-2)
    assert any("target is constant" in message for message in MLE(LinearRegression()).fit(X, 0.0 * y + 3.0).warnings_)


@pytest.mark.parametrize("verb", ["fit", "score_samples", "predict_proba", "score"])
def test_fault_065_targets_that_cannot_be_used(verb: str) -> None:
    X, y = rows()
    fit = MLE(LinearRegression()).fit(X, y)
    holes, infinite = y.copy(), y.copy()
    holes[7], infinite[8] = np.nan, np.inf
    cases = {
        "y contains NaN .first at row 7": holes,
        "y contains infinity .first at row 8": infinite,
        "one entry for each of the 80 rows": y[:-1],
        "y must be numbers": np.array(["a"] * len(y)),
        "requires y to be passed": None,
    }
    for message, target in cases.items():
        with pytest.raises(PointmassError, match=message):
            getattr(fit, verb)(X, target)


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: LinearRegression(fit_intercept="yes"), "True or False"),
        (lambda: LinearRegression(prior=3.0), "prior must be"),
        (lambda: VB(LinearRegression(prior=NormalInverseGamma([0, 0], 1, 2, 2))).fit(*rows()), "4 coefficients"),
        (lambda: VB(LinearRegression(prior=NormalInverseGamma(0, np.eye(2), 2, 2))).fit(*rows()), "4 coefficients"),
        (lambda: VB(LinearRegression(prior=NormalInverseGamma(0, 1, [2, 2], 2))).fit(*rows()), "shape must be one"),
        (lambda: NormalInverseGamma(0, [[1.0, 2.0], [2.0, 1.0]], 2, 2), "kappa must be positive definite"),
        (lambda: VB(LinearRegression(prior=NormalInverseGamma(0, 0, 2, 2))).fit(*rows()), "proper prior"),
    ],
)
def test_what_makes_no_regression_is_refused(build, message: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(PointmassError, match=message):
            build()
