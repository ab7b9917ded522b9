"""Quantiles of a covariance: exact, off the diagonal too."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import integrate, stats

from pointmass.families.inverse_wishart_marginals import off_diagonal_quantile, wishart_factor

BLOCKS = {
    "uncorrelated": np.array([[2.0, 0.0], [0.0, 3.0]]),
    "positive": np.array([[2.0, 1.0], [1.0, 3.0]]),
    "nearly singular": np.array([[1.0, -0.999], [-0.999, 1.0]]),
    "tiny": 1e-20 * np.array([[2.0, 0.5], [0.5, 1.0]]),
    "uneven": np.array([[1e6, 3e2], [3e2, 1.0]]),
}


def quantile(dof, block, probability):
    product = np.sqrt(block[0, 0] * block[1, 1])
    return product * off_diagonal_quantile(dof, np.array([block[0, 1] / product]), probability)[0]


def probability_below(value, dof, block):
    """P(Σ_12 ≤ value) by adaptive quadrature over the correlation's place: Σ_22, then Σ_12 | Σ_22."""
    slope = block[0, 1] / block[1, 1]
    residual = block[0, 0] - block[0, 1] * slope
    second = stats.invgamma((dof - 1.0) / 2.0, scale=block[1, 1] / 2.0)

    def integrand(u):
        # Σ_12 / Σ_22 ~ t_dof about the slope, with squared scale residual / (Ψ_22 dof).
        spread = np.sqrt(residual / (block[1, 1] * dof))
        return stats.t.cdf((value / second.ppf(u) - slope) / spread, dof)

    points = [1e-8, 1e-4, 0.01, 0.5, 0.99, 1 - 1e-4, 1 - 1e-8]
    return integrate.quad(integrand, 0.0, 1.0, points=points, limit=400)[0]


@pytest.mark.parametrize("block", BLOCKS.values(), ids=BLOCKS)
@pytest.mark.parametrize("dof", [3.0, 7.5, 200.0])
def test_quantile_inverts_the_distribution_function(block, dof):
    for probability in (0.001, 0.025, 0.5, 0.975):
        value = quantile(dof, block, probability)
        assert probability_below(value, dof, block) == pytest.approx(probability, abs=2e-6)


def test_quantiles_agree_with_draws_of_scipy():
    block, dof, d = np.array([[2.0, 0.7, 0.3], [0.7, 1.0, -0.2], [0.3, -0.2, 3.0]]), 8.0, 3
    draws = stats.invwishart.rvs(dof, block, size=20_000, random_state=np.random.default_rng(0))
    for i, j in ((0, 1), (0, 2), (1, 2)):
        value = quantile(dof - d + 2.0, block[np.ix_([i, j], [i, j])], 0.1)
        assert abs((draws[:, i, j] < value).mean() - 0.1) < 5.0 * np.sqrt(0.09 / 20_000)


def test_mirrored_blocks_have_mirrored_quantiles():
    block = BLOCKS["positive"]
    mirrored = block * np.array([[1.0, -1.0], [-1.0, 1.0]])
    assert quantile(9.0, block, 0.1) == pytest.approx(-quantile(9.0, mirrored, 0.9), rel=1e-9)


@pytest.mark.parametrize("correlation", [0.0, 0.4, 0.99])
@pytest.mark.parametrize("dof", [1e4, 1e8, 1e12])
def test_many_rows_make_the_quantiles_normal(dof, correlation):
    """Var Σ_12 → (Ψ_11 Ψ_22 + Ψ_12²) / dof³ about Ψ_12 / dof."""
    width = np.sqrt((1.0 + correlation**2) / dof**3)
    for probability in (0.025, 0.975):
        expected = correlation / dof + width * stats.norm.ppf(probability)
        value = off_diagonal_quantile(dof, np.array([correlation]), probability)[0]
        assert abs(value - expected) < (8.0 / np.sqrt(dof) + 1e-3) * width


def test_more_quantiles_than_a_block_holds_are_those_of_each():
    correlations, probabilities = np.linspace(-0.999, 0.999, 300), np.linspace(0.01, 0.99, 20)
    together = off_diagonal_quantile(7.0, correlations, probabilities)
    each = np.array([off_diagonal_quantile(7.0, correlations, probability) for probability in probabilities])
    np.testing.assert_allclose(together, each, rtol=1e-9, atol=1e-12)
    assert np.all(np.diff(together, axis=0) > 0)


def test_quantiles_that_no_number_holds_are_infinite():
    """With hardly more than one degree of freedom half of the mass lies beyond any number; all of it lies within."""
    ends = off_diagonal_quantile(1.001, np.array([0.0, 0.5]), np.array([0.0, 1e-6, 1.0 - 1e-6, 1.0]))
    assert np.array_equal(ends, np.array([-np.inf, -np.inf, np.inf, np.inf])[:, None] * np.ones(2))


def test_bartlett_factor_has_the_moments_of_a_wishart():
    dof, d = np.array([6.0, 9.5]), 3
    factor = wishart_factor(dof, d, 20_000, np.random.default_rng(1))
    assert not np.triu(factor, 1).any()
    matrices = factor @ np.swapaxes(factor, -1, -2)
    # E[W] = ν I and Var[W_ij] = ν (1 + δ_ij): Muirhead (1982), section 3.2.
    np.testing.assert_allclose(matrices.mean(0), dof[:, None, None] * np.eye(d), atol=5 * np.sqrt(2 * 9.5 / 20_000))
    expected = dof[:, None, None] * (1.0 + np.eye(d))
    np.testing.assert_allclose(matrices.var(0), expected, rtol=0.12)
