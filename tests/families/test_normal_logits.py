"""The prior of logit coefficients, and the guarded Newton step that stands in for a conjugate update."""

from __future__ import annotations

import numpy as np
import pytest
from cases import assert_mean, assert_share
from scipy import stats
from scipy.linalg import helmert
from scipy.special import log_softmax, softmax
from sklearn.linear_model import LogisticRegression

from pointmass import PointmassError
from pointmass.families import NormalLogits, logit_step
from pointmass.families.constraints import constrain, unconstrain
from pointmass.families.coordinates import Coordinates
from pointmass.families.logit_statistics import LogitStatistics
from pointmass.families.logit_step import LogitPosterior, LogitTarget, guarded, newton_direction

RNG = np.random.default_rng(0)
PRECISION = np.array([[1.5, 0.4], [0.4, 0.8]])
BELIEF = NormalLogits(RNG.normal(size=(3, 2)), PRECISION).broadcast(3, 2)
OTHER = NormalLogits(RNG.normal(size=(3, 2)), PRECISION[::-1, ::-1] + np.eye(2)).broadcast(3, 2)


def contrasts(belief: NormalLogits) -> stats.rv_continuous:
    """The density of orthonormal contrasts of the rows, by SciPy."""
    mean = (helmert(3) @ belief.mean).ravel()
    return stats.multivariate_normal(mean, np.kron(np.eye(2), np.linalg.inv(belief.precision)))


def test_the_density_is_that_of_independent_contrasts():
    draws = BELIEF.parameter_draws(20, np.random.default_rng(1))
    vectors = (helmert(3) @ draws["logits"]).reshape(20, -1)
    np.testing.assert_allclose(BELIEF.log_density(draws), contrasts(BELIEF).logpdf(vectors), rtol=1e-12)
    assert BELIEF.divergence(BELIEF) == pytest.approx(0.0, abs=1e-12)


def test_draws_moments_quantiles_and_divergence_belong_together():
    draws = BELIEF.parameter_draws(20_000, np.random.default_rng(2))
    logits = draws["logits"]
    np.testing.assert_allclose(logits.sum(axis=1), 0.0, atol=1e-12)
    assert_mean(logits, BELIEF.mean)
    assert_mean((logits - BELIEF.mean) ** 2, BELIEF.parameter_sd()["logits"] ** 2)
    assert_share(logits < BELIEF.parameter_quantile(0.2)["logits"], 0.2)
    assert_mean(BELIEF.log_density(draws) - OTHER.log_density(draws), BELIEF.divergence(OTHER))


def test_rows_of_independent_normals_less_their_mean_have_this_distribution():
    """Which class is the reference does not matter, nor which label a class has."""
    rows = np.linalg.solve(np.linalg.cholesky(PRECISION).T, np.random.default_rng(3).normal(size=(2, 30_000))).T
    differences = (rows.reshape(10_000, 3, 2) - rows.reshape(10_000, 3, 2)[:, -1:])[:, 0]
    covariance = 2.0 * np.linalg.inv(PRECISION)
    assert_mean(differences[:, :, None] * differences[:, None, :], covariance)
    drawn = NormalLogits(0.0, PRECISION).broadcast(3, 2).parameter_draws(10_000, np.random.default_rng(4))["logits"]
    drawn = drawn[:, 1] - drawn[:, 2]
    assert_mean(drawn[:, :, None] * drawn[:, None, :], covariance)


def test_contrasts_are_coordinates_of_no_volume():
    vector = unconstrain({"logits": BELIEF.mean}, {"logits": "zero_sum"})
    assert vector.shape == (4,)
    back = constrain(vector, {"logits": BELIEF.mean}, {"logits": "zero_sum"})["logits"]
    np.testing.assert_allclose(back, BELIEF.mean, atol=1e-14)
    assert np.linalg.norm(vector) == pytest.approx(np.linalg.norm(BELIEF.mean))


def test_units_of_the_features_change_the_coefficients_and_nothing_else():
    units = Coordinates(np.array([3.0, -7.0]), np.array([2.0, 5.0]), given=1)
    z = np.random.default_rng(5).normal(size=(6, 1))
    design, moved = np.column_stack([np.ones(6), z]), np.column_stack([np.ones(6), 3.0 + 2.0 * z])
    inside = BELIEF.parameter_draws(4, np.random.default_rng(6))
    outside = NormalLogits.mapped_parameters(inside, units)
    np.testing.assert_allclose(outside["logits"] @ moved.T, inside["logits"] @ design.T, rtol=1e-12)
    gaps = BELIEF.mapped(units).log_density(outside) - BELIEF.log_density(inside)
    np.testing.assert_allclose(gaps, gaps[0], rtol=1e-10)  # the volume of the map
    assert gaps[0] == pytest.approx(2.0 * np.log(2.0))
    there_and_back = BELIEF.mapped(units).mapped(units.inverse)
    np.testing.assert_allclose(there_and_back.precision, PRECISION, rtol=1e-12)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"precision": -1.0}, "positive definite"),
        ({"precision": [[1.0, 2.0], [2.0, 1.0]]}, "positive definite"),
        ({"mean": [1.0, 2.0]}, "one row for each class"),
        ({"mean": "zero"}, "must be a number"),
    ],
)
def test_impossible_hyperparameters_are_refused(options, message):
    with pytest.raises(PointmassError, match=message):
        NormalLogits(**options)
    with pytest.raises(PointmassError, match="3 coefficients, the intercept"):
        NormalLogits(precision=PRECISION).broadcast(2, 3)


# -- the step -----------------------------------------------------------------------------------------------


def problem(seed: int, k: int = 3, n: int = 60, spread: float = 1.0):
    """Shares of k classes (k, n) that features explain in part, the features and their statistics."""
    rng = np.random.default_rng(seed)
    design = np.vstack([np.ones(n), rng.normal(size=(2, n))])
    shares = softmax(spread * rng.normal(size=(k, 3)) @ design + rng.gumbel(size=(k, n)), axis=0)
    weights = rng.uniform(0.5, 2.0, n)
    return shares * weights, design, LogitStatistics.of(shares * weights, design)


def steps(statistics, prior, start, count):
    for _ in range(count):
        own = LogitPosterior.of(prior, statistics, start)
        start = own.parameter_mode()["logits"]
        yield start


@pytest.mark.parametrize("scale", [None, 2.0])
def test_the_fixed_point_is_scikit_learns_multinomial_logit(scale):
    """Every row once for each class, its share as weight; a normal prior is their ridge penalty."""
    weighted, design, statistics = problem(1)
    prior = NormalLogits.flat(3, 3) if scale is None else NormalLogits(precision=scale**-2).broadcast(3, 3)
    *_, found = steps(statistics, prior, np.zeros((3, 3)), 12)
    rows = np.tile(design.T, (3, 1))
    penalty = np.inf if scale is None else scale**2
    theirs = LogisticRegression(C=penalty, fit_intercept=False, tol=1e-12, max_iter=10_000)
    theirs.fit(rows, np.repeat(np.arange(3), 60), sample_weight=weighted.ravel())
    expected = theirs.coef_ - theirs.coef_.mean(axis=0)
    np.testing.assert_allclose(found, expected, atol=2e-6)


def test_parts_of_the_rows_add_up_and_copies_are_weights():
    weighted, design, whole = problem(2)
    parts = LogitStatistics.of(weighted[:, :25], design[:, :25]) + LogitStatistics.of(weighted[:, 25:], design[:, 25:])
    twice = whole * 2.0
    for other, factor in ((parts, 1.0), (twice, 2.0)):
        np.testing.assert_allclose(other.sums, factor * whole.sums, rtol=1e-12)
        step = BELIEF.mean @ np.ones((2, 3))
        assert other.bend(np.zeros((3, 3)), step) == pytest.approx(factor * whole.bend(np.zeros((3, 3)), step))


def value(weighted, design, precision, logits):
    """The expected log density and the log prior, by SciPy."""
    return (weighted * log_softmax(logits @ design, axis=0)).sum() - 0.5 * precision * (logits**2).sum()


@pytest.mark.parametrize("size", [1e-3, 1.0, 40.0])
def test_a_change_is_the_difference_of_two_values(size):
    weighted, design, statistics = problem(5)
    target = LogitTarget(statistics, NormalLogits(precision=0.3).broadcast(3, 3))
    at, step = (helmert(3).T @ np.random.default_rng(seed).normal(size=(2, 3)) for seed in (8, 9))
    change = value(weighted, design, 0.3, at + size * step) - value(weighted, design, 0.3, at)
    assert target.change(at, size * step) == pytest.approx(change, rel=1e-8)


def test_a_change_keeps_its_digits_where_hardly_a_row_is_undecided():
    """Two classes, logits of ±20: what is left is e⁻²⁰ a row, and a step of one takes 1 − 1/e of it."""
    design = np.vstack([np.ones(10), np.tile([-1.0, 1.0], 5)])
    shares = np.vstack([design[1] < 0, design[1] > 0]).astype(float)
    target = LogitTarget(LogitStatistics.of(shares, design), NormalLogits.flat(2, 2))
    at, step = np.array([[0.0, -10.0], [0.0, 10.0]]), np.array([[0.0, -0.5], [0.0, 0.5]])
    expected = 10.0 * (np.log1p(np.exp(-20.0)) - np.log1p(np.exp(-21.0)))
    assert target.change(at, step) == pytest.approx(expected, rel=1e-5)


def test_slope_and_curvature_are_those_of_the_value():
    _, _, statistics = problem(3)
    target = LogitTarget(statistics, NormalLogits(precision=0.3).broadcast(3, 3))
    at, h = helmert(3).T @ np.random.default_rng(7).normal(size=(2, 3)), 1e-5
    moves = [helmert(3).T @ move for move in np.eye(6).reshape(6, 2, 3)]
    slope = [(target.change(at, h * m) - target.change(at, -h * m)) / (2 * h) for m in moves]
    np.testing.assert_allclose((helmert(3) @ target.slope(at)).ravel(), slope, rtol=1e-6)
    curvature = [(helmert(3) @ (target.slope(at - h * m) - target.slope(at + h * m))).ravel() / (2 * h) for m in moves]
    np.testing.assert_allclose(target.curvature(at), curvature, rtol=1e-6, atol=1e-6)


def test_a_guarded_step_never_falls_and_a_full_one_does():
    """Newton's step overshoots from starts far out, where hardly a row is undecided."""
    falls = {"guarded": 0, "full": 0}
    for seed in range(200):
        weighted, design, statistics = problem(seed, n=20, spread=3.0)
        target = LogitTarget(statistics, NormalLogits.flat(3, 3))
        start = helmert(3).T @ (4.0 * np.random.default_rng(seed).normal(size=(2, 3)))
        direction = newton_direction(target, start)
        before = value(weighted, design, 0.0, start)
        falls["full"] += value(weighted, design, 0.0, start + direction) < before - 1e-8
        falls["guarded"] += value(weighted, design, 0.0, guarded(target, start, direction)) < before - 1e-8
    assert falls["guarded"] == 0
    assert falls["full"] > 20


def test_where_no_step_is_uphill_nothing_moves():
    _, _, statistics = problem(4)
    target = LogitTarget(statistics, NormalLogits.flat(3, 3))
    start = np.zeros((3, 3))
    assert guarded(target, start, -1e30 * target.slope(start)) is start
    assert logit_step.guarded is guarded
