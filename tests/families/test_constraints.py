"""Unconstrained coordinates: there and back, and the volume that is gained or lost on the way."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.linalg import null_space

from pointmass.families.constraints import CONSTRAINTS, constrain, log_jacobian, unconstrain


def _positive_definite(shape, d):
    factor = np.random.default_rng(d).normal(size=(*shape, d, d + 2))
    return factor @ np.swapaxes(factor, -1, -2)


ARRAYS = {
    "real": np.random.default_rng(0).normal(size=(2, 3)),
    "positive": np.random.default_rng(1).gamma(1.0, size=(2, 2)),
    "simplex": np.random.default_rng(2).dirichlet(np.ones(4)),
    "simplexes": np.random.default_rng(3).dirichlet(np.ones(3), size=2),
    "covariance": _positive_definite((), 3),
    "covariances": _positive_definite((2,), 2),
    "triangular": np.linalg.cholesky(_positive_definite((2,), 3)),
    "unit": np.random.default_rng(7).beta(2.0, 2.0, size=(2, 3)),
    "zero_sum": np.diff(np.random.default_rng(8).normal(size=(2, 4, 3)), axis=-2, append=0.0, prepend=0.0),
    "known": np.array([[2.0, 0.3], [0.3, 1.0]]),
    "variance": _positive_definite((3,), 1),
}
KINDS = {"variance": "covariance", "simplexes": "simplex", "covariances": "covariance"}
every_array = pytest.mark.parametrize("name", ARRAYS)


def independent_entries(array, kind):
    if kind == "covariance":
        i, j = np.triu_indices(array.shape[-1])
        return array[..., i, j].ravel()
    if kind == "triangular":
        i, j = np.tril_indices(array.shape[-1])
        return array[..., i, j].ravel()
    if kind == "zero_sum":  # volume within the plane, by a basis of its own
        plane = null_space(np.ones((1, array.shape[-2])))
        return (plane.T @ array).ravel()
    if kind == "known":
        return np.zeros(0)
    return (array[..., :-1] if kind == "simplex" else array).ravel()


def test_every_kind_is_tested():
    assert {KINDS.get(name, name) for name in ARRAYS} == set(CONSTRAINTS)


@every_array
def test_there_and_back(name):
    arrays, kinds = {name: ARRAYS[name]}, {name: KINDS.get(name, name)}
    vector = unconstrain(arrays, kinds)
    assert vector.shape == (CONSTRAINTS[kinds[name]].size(ARRAYS[name].shape),)
    np.testing.assert_allclose(constrain(vector, arrays, kinds)[name], ARRAYS[name], rtol=1e-12)


@every_array
def test_any_vector_gives_an_array_of_its_kind(name):
    kind = KINDS.get(name, name)
    size = CONSTRAINTS[kind].size(ARRAYS[name].shape)
    array = constrain(np.random.default_rng(4).normal(size=size) * 3.0, ARRAYS, {name: kind})[name]
    assert array.shape == ARRAYS[name].shape
    if kind == "known":
        assert (array == ARRAYS[name]).all()
    if kind == "positive":
        assert (array > 0).all()
    if kind == "unit":
        assert (array > 0).all()
        assert (array < 1).all()
    if kind == "simplex":
        assert (array > 0).all()
        np.testing.assert_allclose(array.sum(-1), 1.0)
    if kind == "zero_sum":
        np.testing.assert_allclose(array.sum(-2), 0.0, atol=1e-12)
    if kind == "covariance":
        assert (np.linalg.eigvalsh(array) > 0).all()


@every_array
def test_log_jacobian_is_that_of_finite_differences(name):
    arrays, kinds = {name: ARRAYS[name]}, {name: KINDS.get(name, name)}
    vector = unconstrain(arrays, kinds)
    steps = 1e-6 * np.eye(vector.size)
    jacobian = (
        np.reshape(
            [
                independent_entries(constrain(vector + step, arrays, kinds)[name], kinds[name])
                - independent_entries(constrain(vector - step, arrays, kinds)[name], kinds[name])
                for step in steps
            ],
            steps.shape,
        )
        / 2e-6
    )
    assert log_jacobian(arrays, kinds) == pytest.approx(np.linalg.slogdet(jacobian)[1], abs=1e-7)


@every_array
def test_draws_are_treated_as_one_at_a_time(name):
    kinds = {name: KINDS.get(name, name)}
    draws = {name: np.stack([ARRAYS[name]] * 3)}
    vectors = unconstrain(draws, kinds, 1)
    assert vectors.shape == (3, CONSTRAINTS[kinds[name]].size(ARRAYS[name].shape))
    vectors = vectors + np.arange(3.0)[:, None]
    together = constrain(vectors, ARRAYS, kinds)
    jacobians = log_jacobian(together, kinds, 1)
    for s in range(3):
        alone = constrain(vectors[s], ARRAYS, kinds)
        np.testing.assert_allclose(together[name][s], alone[name], rtol=1e-12)
        assert jacobians[s] == pytest.approx(log_jacobian(alone, kinds), rel=1e-12)


def test_several_arrays_make_one_vector_in_the_order_of_the_kinds():
    kinds = {"covariance": "covariance", "real": "real"}
    back = constrain(unconstrain(ARRAYS, kinds), ARRAYS, kinds)
    assert list(back) == ["covariance", "real"]
    for key, array in back.items():
        np.testing.assert_allclose(array, ARRAYS[key], rtol=1e-12)
    assert log_jacobian(ARRAYS, kinds) == pytest.approx(
        sum(log_jacobian(ARRAYS, {key: kind}) for key, kind in kinds.items())
    )
