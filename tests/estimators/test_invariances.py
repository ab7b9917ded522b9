"""What must change nothing: the order of rows, columns and labels, the place, the units, the direction."""

from __future__ import annotations

import numpy as np
import pytest
from cases import COVARIANCES, clusters

from pointmass import EM, MAP, VB, Gaussian, Mixture

N, D, K = 120, 3, 2
ROWS = clusters(N, d=D, k=K, seed=7, spread=2.5)
SIDE = ROWS @ np.ones(D) > (ROWS @ np.ones(D)).mean()
START = np.where(SIDE[:, None], [0.9, 0.1], [0.1, 0.9])
every_method = pytest.mark.parametrize("kind", [EM, MAP, VB])
every_covariance = pytest.mark.parametrize("covariance", COVARIANCES)


def fit(kind, covariance, rows, start=START, **options):
    return kind(Mixture(Gaussian(covariance), K), init=start, tol=1e-9, max_iter=3000, **options).fit(rows)


def assert_equivalent(one, other, shift=None, matrix=None, rtol=1e-6):
    """``other`` is ``one`` seen through x → shift + matrix x."""
    shift = np.zeros(D) if shift is None else shift
    matrix = np.eye(D) if matrix is None else matrix
    volume = N * np.linalg.slogdet(matrix)[1]
    assert other.log_likelihood_ == pytest.approx(one.log_likelihood_ - volume, rel=1e-7, abs=1e-4)
    np.testing.assert_allclose(other.estimate_["weights"], one.estimate_["weights"], rtol=1e-4)
    unit = np.sqrt(np.abs(np.diag(matrix @ one.estimate_["covariance"][0] @ matrix.T)))
    mean = one.estimate_["mean"] @ matrix.T + shift
    np.testing.assert_allclose((other.estimate_["mean"] - mean) / unit, 0.0, atol=1e-4)
    covariance = matrix @ one.estimate_["covariance"] @ matrix.T
    np.testing.assert_allclose((other.estimate_["covariance"] - covariance) / np.outer(unit, unit), 0.0, atol=2e-4)


@every_method
@every_covariance
def test_order_of_rows(kind, covariance):
    order = np.random.default_rng(0).permutation(N)
    one, other = fit(kind, covariance, ROWS), fit(kind, covariance, ROWS[order], START[order])
    assert_equivalent(one, other)
    np.testing.assert_allclose(one.predict_proba(ROWS[order]), other.predict_proba(ROWS[order]), atol=1e-4)


@every_method
@every_covariance
def test_order_of_columns(kind, covariance):
    matrix = np.eye(D)[[2, 0, 1]]
    assert_equivalent(fit(kind, covariance, ROWS), fit(kind, covariance, ROWS @ matrix.T), matrix=matrix)


@every_method
@every_covariance
def test_order_of_components(kind, covariance):
    one, other = fit(kind, covariance, ROWS), fit(kind, covariance, ROWS, START[:, ::-1])
    for name, array in one.estimate_.items():
        np.testing.assert_allclose(other.estimate_[name][::-1], array, rtol=1e-4, atol=1e-4)


@every_method
@every_covariance
@pytest.mark.parametrize("offset", [1e3, 1e8])
def test_place(kind, covariance, offset):
    shift = offset * np.array([1.0, -1.0, 0.5])
    assert_equivalent(fit(kind, covariance, ROWS), fit(kind, covariance, ROWS + shift), shift=shift)


@every_method
@every_covariance
@pytest.mark.parametrize("factor", [1e-150, 1e-5, 1e5, 1e150])
def test_units(kind, covariance, factor):
    """One factor for all columns, as far as squares can be represented."""
    one, other = fit(kind, covariance, ROWS), fit(kind, covariance, ROWS * factor)
    np.testing.assert_allclose(other.estimate_["mean"] / factor, one.estimate_["mean"], rtol=1e-4)
    np.testing.assert_allclose(other.estimate_["weights"], one.estimate_["weights"], rtol=1e-4)
    np.testing.assert_allclose(
        other.estimate_["covariance"] / factor / factor, one.estimate_["covariance"], rtol=1e-3, atol=1e-4
    )
    assert other.log_likelihood_ == pytest.approx(one.log_likelihood_ - N * D * np.log(factor), rel=1e-8, abs=1e-4)


@every_method
@pytest.mark.parametrize("covariance", ["full", "tied", "diagonal"])
def test_units_of_each_column(kind, covariance):
    matrix = np.diag([1e-3, 1.0, 1e3])
    assert_equivalent(fit(kind, covariance, ROWS), fit(kind, covariance, ROWS @ matrix), matrix=matrix)


@every_method
@pytest.mark.parametrize("covariance", ["full", "tied", "spherical"])
def test_direction(kind, covariance):
    matrix = np.linalg.qr(np.random.default_rng(1).normal(size=(D, D)))[0]
    assert_equivalent(fit(kind, covariance, ROWS), fit(kind, covariance, ROWS @ matrix.T), matrix=matrix)


@every_method
@pytest.mark.parametrize("covariance", ["full", "tied"])
def test_any_affine_map(kind, covariance):
    matrix = np.array([[2.0, 0.3, 0.0], [-1.0, 0.5, 0.2], [0.1, 0.0, 30.0]])
    shift = np.array([5.0, -1.0, 100.0])
    moved = ROWS @ matrix.T + shift
    assert_equivalent(fit(kind, covariance, ROWS), fit(kind, covariance, moved), shift=shift, matrix=matrix)


@every_method
@every_covariance
def test_the_objective_changes_by_the_volume_alone(kind, covariance):
    """In other units a log density per unit of x loses log |A| a row; an ELBO and a log posterior do so too."""
    one, other = fit(kind, covariance, ROWS), fit(kind, covariance, 10.0 * ROWS)
    volume = N * D * np.log(10.0)
    jacobian = 0.0
    if kind is MAP:
        # The prior's density is one of (mean, precision): K (or one) covariances, each of so many entries.
        entries = {"full": K * D * (D + 1), "tied": D * (D + 1), "diagonal": 2 * K * D, "spherical": 2 * K}
        jacobian = (entries[covariance] - K * D) * np.log(10.0)
    assert other.objective_history_[-1] == pytest.approx(one.objective_history_[-1] - volume + jacobian, rel=1e-8)


@every_method
def test_the_same_seed_gives_the_same_bits(kind):
    one, other = (kind(Mixture(Gaussian(), 2), n_init=2, rng=3).fit(ROWS) for _ in range(2))
    np.testing.assert_array_equal(one.objective_history_, other.objective_history_)
    for name, array in one.estimate_.items():
        np.testing.assert_array_equal(other.estimate_[name], array)
