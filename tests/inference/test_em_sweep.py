"""The one sweep, with a point for a belief and a flat prior, is EM as a textbook writes it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from cases import COVARIANCES, mixtures
from inference.naive import em_sweep, m_step
from inference.sweeps import bench

from pointmass import EM, Gaussian, Mixture
from pointmass.inference.projections import mode

N, K = 80, 2
SIDE = np.repeat([-1.0, 1.0], [30, 50])
ROWS = np.random.default_rng(3).normal(size=(N, 2)) @ np.array([[1.0, 0.5], [0.0, 0.8]]) + 1.3 * SIDE[:, None]
LABELS = np.where(np.arange(N) % 4 == 0, (ROWS[:, 0] > 0).astype(int), -1)
WEIGHTS = np.random.default_rng(1).integers(1, 5, N) * 0.5
START = np.where(SIDE[:, None] > 0, [0.8, 0.2], [0.3, 0.7])
SETTINGS = {
    "plain": {},
    "weights": {"weights": WEIGHTS},
    "labels": {"labels": LABELS},
    "both": {"weights": WEIGHTS, "labels": LABELS},
}


@pytest.mark.parametrize("covariance", COVARIANCES)
@pytest.mark.parametrize("assignments", ["soft", "hard"])
@pytest.mark.parametrize("setting", SETTINGS)
def test_every_iterate_is_that_of_naive_em(covariance, assignments, setting):
    options = SETTINGS[setting]
    theta = m_step(ROWS, START, covariance)
    ready = bench(mixtures(K)[covariance], ROWS, assignments=assignments, **options)
    beliefs = ready.at(theta)
    for _ in range(30):
        step = ready.sweep(beliefs)
        objective, theta = em_sweep(ROWS, theta, covariance, hard=assignments == "hard", **options)
        beliefs = step.beliefs
        assert ready.objective(step) == pytest.approx(objective, rel=1e-12)
        for name, array in ready.public(beliefs).items():
            np.testing.assert_allclose(array, theta[name], rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize("covariance", COVARIANCES)
def test_the_estimator_walks_the_same_way(covariance):
    theta = m_step(ROWS, START, covariance)
    em = EM(Mixture(Gaussian(covariance), K), init=theta, acceleration="none", tol=0, max_iter=20).fit(ROWS)
    objectives = []
    for _ in range(20):
        objective, last = em_sweep(ROWS, theta, covariance)
        objectives.append(objective)
        theta, before = last, theta
    np.testing.assert_allclose(em.objective_history_, objectives, rtol=1e-12)
    for name, array in em.estimate_.items():
        np.testing.assert_allclose(array, before[name], rtol=1e-9)


@pytest.mark.parametrize("covariance", COVARIANCES)
def test_vb_with_a_point_for_a_belief_and_a_flat_prior_is_em(covariance):
    """The very sweep of VB, its projection and its prior replaced: both are arguments, not other code."""
    vb = bench(mixtures(K)[covariance], ROWS, "vb")
    em = bench(mixtures(K)[covariance], ROWS)
    replaced = replace(vb.sweep, project=mode, prior=em.sweep.prior, scored=False)
    theta = m_step(ROWS, START, covariance)
    beliefs = em.at(theta)
    for _ in range(20):
        step = replaced(beliefs)
        objective, theta = em_sweep(ROWS, theta, covariance)
        beliefs = step.beliefs
        assert em.objective(step) == pytest.approx(objective, rel=1e-12)
    for name, array in em.public(beliefs).items():
        np.testing.assert_allclose(array, theta[name], rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize("offset", [0.0, 1e4, 1e8])
def test_digits_survive_an_offset(offset):
    """Against naive EM on the rows near zero: only the rounding of the shifted rows themselves is lost."""
    shifted = ROWS + offset
    theta = m_step(ROWS, START, "full")
    ready = bench(mixtures(K)["full"], shifted)
    beliefs = ready.at({**theta, "mean": theta["mean"] + offset})
    for _ in range(10):
        theta = em_sweep(shifted - offset, theta, "full")[1]
        beliefs = ready.sweep(beliefs).beliefs
    public = ready.public(beliefs)
    np.testing.assert_allclose(public["mean"] - offset, theta["mean"], atol=1e-9 + 1e-14 * offset)
    np.testing.assert_allclose(public["covariance"], theta["covariance"], rtol=1e-8 + 1e-14 * offset)
