"""Regressions with Student-t errors: densities, fits and errors against SciPy and direct maximisation."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats
from scipy.optimize import minimize

from pointmass import EM, MAP, VB, LinearRegression, Mixture, PointmassError, StudentRegression
from pointmass.errors import PointmassWarning

RNG = np.random.default_rng(0)
X = RNG.standard_normal((80, 2)) + np.array([10.0, -3.0])
Y = 1.0 + X @ [2.0, -1.0] + 0.5 * RNG.standard_t(2.5, 80)


def log_densities(coefficients: np.ndarray, variance: float, dof: float) -> np.ndarray:
    centre = coefficients[0] + X @ coefficients[1:]
    return np.asarray(stats.t(dof, centre, np.sqrt(variance)).logpdf(Y))


@pytest.mark.parametrize("dof", [None, 3.0])
def test_em_is_direct_maximisation_of_scipys_density(dof: float | None) -> None:
    fit = EM(StudentRegression(dof=dof), tol=1e-12).fit(X, Y)
    e = fit.estimate_
    ours = log_densities(e["coefficients"], float(e["noise_variance"]), float(e["dof"]))
    assert fit.score_samples(X, Y) == pytest.approx(ours, abs=1e-9)

    def loss(vector: np.ndarray) -> float:
        own = float(np.exp(vector[4])) if dof is None else dof
        lines = np.concatenate([[vector[0] - X.mean(0) @ vector[1:3]], vector[1:3]])
        return -float(log_densities(lines, float(np.exp(vector[3])), own).sum())

    start = np.array([Y.mean(), 2.0, -1.0, -1.0] + [1.0] * (dof is None))
    found = minimize(loss, start, method="BFGS", options={"gtol": 1e-8})
    assert fit.log_likelihood_ == pytest.approx(-found.fun, abs=1e-8)
    assert e["coefficients"][1:] == pytest.approx(found.x[1:3], abs=1e-5)


@pytest.mark.parametrize("model", [StudentRegression(), StudentRegression(dof=3.0)], ids=["free", "known"])
def test_information_is_the_numerical_hessian(model: StudentRegression) -> None:
    """Of the log likelihood in the parameters themselves, by differences of SciPy's density."""
    fit = EM(model, tol=1e-13).fit(X, Y)
    e, free = fit.estimate_, model.dof is None
    best = np.concatenate([e["coefficients"], [e["noise_variance"]], [e["dof"]] * free])
    shift = np.eye(len(best))
    shift[0, 1:3] = -X.mean(0)  # a change of slope about the mean of the features

    def value(step: np.ndarray) -> float:
        own = best + shift @ step
        return float(log_densities(own[:3], own[3], own[4] if free else 3.0).sum())

    sizes = np.array([1e-3, 1e-3, 1e-3, 1e-3 * best[3], 1e-3 * best[-1]])[: len(best)]
    steps = np.diag(sizes)
    hessian = np.array(
        [[(value(a + b) - value(a - b) - value(b - a) + value(-a - b)) / 4.0 for a in steps] for b in steps]
    )
    covariance = shift @ np.linalg.inv(-hessian / np.outer(sizes, sizes)) @ shift.T
    found = fit.uncertainty("information").sd
    ours = np.concatenate([found["coefficients"], [found["noise_variance"]], [found["dof"]] * free])
    assert ours == pytest.approx(np.sqrt(np.diag(covariance)), rel=1e-3)


def test_intervals_of_the_noise_stay_positive() -> None:
    low, high = EM(StudentRegression()).fit(X, Y).uncertainty("information").interval(0.99)["noise_variance"]
    assert 0.0 < low < high


def test_an_outlying_target_hardly_moves_the_line() -> None:
    moved = Y.copy()
    moved[0] += 1e4
    robust = EM(StudentRegression()).fit(X, moved)
    with pytest.warns(PointmassWarning, match="leverage"):
        plain = EM(LinearRegression()).fit(X, moved)
    assert robust.predict(X) == pytest.approx(1.0 + X @ [2.0, -1.0], abs=0.5)
    assert np.abs(plain.predict(X) - (1.0 + X @ [2.0, -1.0])).max() > 50.0


def test_many_degrees_of_freedom_are_least_squares() -> None:
    student, normal = EM(StudentRegression(dof=1e6), tol=1e-12).fit(X, Y), EM(LinearRegression()).fit(X, Y)
    assert student.estimate_["coefficients"] == pytest.approx(normal.estimate_["coefficients"], rel=1e-3)
    assert student.log_likelihood_ == pytest.approx(normal.log_likelihood_, abs=0.05)


@pytest.mark.parametrize("estimator", [EM, MAP, VB])
def test_a_mixture_of_two_lines_never_falls_and_finds_them(estimator: type) -> None:
    rng = np.random.default_rng(1)
    x, which = rng.uniform(-2.0, 2.0, (150, 1)), rng.random(150) < 0.5
    y = np.where(which, 2.0 + x[:, 0], -1.0 - x[:, 0]) + 0.2 * rng.standard_t(3.0, 150)
    fit = estimator(Mixture(StudentRegression(dof=3.0), 2), rng=0).fit(x, y)
    assert np.diff(fit.objective_history_).min() > -1e-8
    slopes = np.sort(fit.estimate_["coefficients"][:, 1])
    assert slopes == pytest.approx([-1.0, 1.0], abs=0.2)


def test_priors_of_another_kind_are_said() -> None:
    with pytest.raises(PointmassError, match="prior must be NormalInverseGamma"):
        StudentRegression(prior=3.0)
    with pytest.raises(PointmassError, match="fit_intercept must be True or False"):
        StudentRegression(fit_intercept=1)
