"""Working coordinates and the moments of the data that they are made of."""

from __future__ import annotations

import numpy as np
import pytest
from cases import COVARIANCES

from pointmass import Gaussian
from pointmass.families.coordinates import Coordinates
from pointmass.families.data_moments import data_moments

SHIFT = np.array([1.0, -2.0, 3.0])
MAPS = {
    "one scale": Coordinates(SHIFT, np.asarray(2.5)),
    "columns": Coordinates(SHIFT, np.array([0.5, 2.0, 10.0])),
    "matrix": Coordinates(SHIFT, np.array([[2.0, 0.0, 0.0], [0.3, 0.5, 0.0], [-1.0, 0.7, 3.0]])),
}
every_map = pytest.mark.parametrize("coordinates", MAPS.values(), ids=MAPS)


def matrix_of(coordinates):
    return coordinates.scale if coordinates.scale.ndim == 2 else np.diag(np.broadcast_to(coordinates.scale, 3))


@every_map
def test_every_form_is_the_affine_map_of_its_matrix(coordinates):
    z, matrix = np.random.default_rng(0).normal(size=(6, 3)), matrix_of(coordinates)
    x = SHIFT + z @ matrix.T
    np.testing.assert_allclose(coordinates.apply(z), x, rtol=1e-14)
    np.testing.assert_allclose(coordinates.transform(x), z.T, rtol=1e-12, atol=1e-14)
    np.testing.assert_allclose(coordinates.inverse.apply(x), z, rtol=1e-12, atol=1e-14)
    covariances = np.array([np.eye(3), matrix @ matrix.T])
    np.testing.assert_allclose(coordinates.apply_covariance(covariances), matrix @ covariances @ matrix.T, rtol=1e-13)
    assert coordinates.log_determinant == pytest.approx(np.linalg.slogdet(matrix)[1])
    assert coordinates.inverse.log_determinant == pytest.approx(-coordinates.log_determinant)


@pytest.mark.parametrize("covariance", COVARIANCES)
@pytest.mark.parametrize("offset", [0.0, 1e8])
def test_data_are_centred_and_of_unit_size_in_their_coordinates(covariance, offset):
    mixing = np.array([[1.0, 0.8, 0.0], [0.0, 1.0, 0.1], [0.0, 0.0, 9.0]])
    rows = np.random.default_rng(1).normal(size=(300, 3)) @ mixing
    z = Gaussian(covariance).coordinates(rows + offset, None).transform(rows + offset)
    np.testing.assert_allclose(z.mean(1), 0.0, atol=1e-13 if offset == 0.0 else 1e-7)
    scatter = np.cov(z)
    if covariance in ("full", "tied"):
        np.testing.assert_allclose(scatter, np.eye(3), atol=1e-6)
    elif covariance == "diagonal":
        np.testing.assert_allclose(np.diag(scatter), 1.0, rtol=1e-6)
    else:
        assert np.trace(scatter) / 3.0 == pytest.approx(1.0)


def test_moments_are_those_of_numpy():
    rows = np.random.default_rng(2).normal(size=(100, 3)) + 5.0
    moments = data_moments(rows, None)
    np.testing.assert_allclose(moments.mean, rows.mean(0))
    np.testing.assert_allclose(moments.covariance, np.cov(rows.T), rtol=1e-12)


def test_whole_weights_are_repeated_rows():
    rows, weights = np.random.default_rng(3).normal(size=(20, 2)), np.arange(1.0, 21.0)
    repeated = data_moments(np.repeat(rows, weights.astype(int), axis=0), None)
    moments = data_moments(rows, weights)
    np.testing.assert_allclose(moments.mean, repeated.mean, rtol=1e-13)
    np.testing.assert_allclose(moments.covariance, repeated.covariance, rtol=1e-12)
    assert moments.total == repeated.total


@pytest.mark.parametrize("factor", [1e-150, 1e-5, 1e5, 1e150])
def test_moments_scale_with_the_data(factor):
    rows = np.random.default_rng(4).normal(size=(50, 2)) + 1.0
    one, scaled = data_moments(rows, None), data_moments(rows * factor, None)
    np.testing.assert_allclose(scaled.mean / factor, one.mean, rtol=1e-12)
    np.testing.assert_allclose(scaled.scales / factor, one.scales, rtol=1e-12)
    np.testing.assert_allclose(scaled.correlation, one.correlation, atol=1e-12)


def test_constant_and_collinear_columns_are_named():
    rows = np.random.default_rng(5).normal(size=(50, 3))
    rows[:, 1] = 7.0
    assert any("column 1 is constant" in sentence for sentence in data_moments(rows, None).warnings(matrix=True))
    rows[:, 1] = rows[:, 0] + rows[:, 2]
    assert any("rank 2 of 3" in sentence for sentence in data_moments(rows, None).warnings(matrix=True))
    assert not data_moments(rows, None).warnings(matrix=False)
    assert np.linalg.eigvalsh(data_moments(rows, None).proper_covariance()).min() > 0
