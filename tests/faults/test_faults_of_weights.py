"""Faults 48 to 53: weights and labels."""

from __future__ import annotations

import numpy as np
import pytest
from faults.promises import (
    ALL,
    COVARIANCES,
    FITTING,
    LATENT,
    assert_correct,
    assert_refused,
    assert_same,
    assert_sound,
    assert_warned,
    em,
    fitted,
    map_,
    mixture,
    mle,
    rows,
    vb,
)
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from pointmass import Gaussian, Mixture, PointmassError

X = rows()
EXACT = [em, map_, vb]


@pytest.mark.parametrize("backend", ALL)
def test_fault_048_all_weights_zero(backend):
    assert_refused(backend(Gaussian()), X, "sample_weight is zero", "at least one weight", sample_weight=np.zeros(60))


@settings(max_examples=15, deadline=None, derandomize=True)
@given(arrays(np.int64, 60, elements=st.integers(0, 3)), st.sampled_from(COVARIANCES), st.sampled_from(EXACT))
def test_fault_049_weights_are_copies_and_zero_is_none(weights, covariance, backend):
    """Repeated and removed rows, from the same start, give the same fit: in the prior and the objective too."""
    if weights.sum() < 10 or len(np.unique(X[weights > 0], axis=0)) < 8:
        return
    model = mixture(covariance)
    weighted = fitted(backend(model, init="principal"), X, sample_weight=weights)
    repeated = fitted(backend(model, init="principal"), np.repeat(X, weights, axis=0))
    removed = fitted(backend(model, init="principal"), X[weights > 0], sample_weight=weights[weights > 0])
    assert_same(weighted, removed, 0.0)
    assert weighted.objective_history_[-1] == removed.objective_history_[-1]
    assert weighted.status_ == repeated.status_
    if weighted.status_ == "converged":
        assert_same(weighted, repeated, 1e-6)
        last = repeated.objective_history_[-1]
        assert weighted.objective_history_[-1] == pytest.approx(last, rel=1e-9, abs=1e-6)


@pytest.mark.parametrize("backend", ALL)
@pytest.mark.parametrize("value", [-1.0, np.nan, np.inf, -np.inf])
def test_fault_050_weights_that_are_no_counts(backend, value):
    weights = np.ones(60)
    weights[11] = value
    assert_refused(
        backend(Gaussian()), X, "sample_weight must be finite and at least 0", "row 11", sample_weight=weights
    )


@pytest.mark.parametrize("backend", ALL)
@pytest.mark.parametrize("weights", [np.ones(59), np.ones((60, 1)), np.ones((60, 2)), 2.0, [[1.0], [2.0, 3.0]]])
def test_fault_051_weights_of_another_shape(backend, weights):
    assert_refused(backend(Gaussian()), X, "sample_weight must have one", "row", sample_weight=weights)


@pytest.mark.parametrize("backend", ALL)
@pytest.mark.parametrize("weights", [["1"] * 60, [1 + 1j] * 60, ["a"] * 60])
def test_fault_051_weights_of_another_type(backend, weights):
    assert_refused(backend(Gaussian()), X, "sample_weight must be numbers", sample_weight=weights)


@pytest.mark.parametrize("c", [1e300, 1e12, 1e-12, 1e-300])
@pytest.mark.parametrize("covariance", COVARIANCES)
def test_fault_052_maximum_likelihood_does_not_depend_on_the_scale_of_weights(c, covariance):
    weights = np.random.default_rng(1).integers(1, 4, 60).astype(float)
    for make in (lambda: mle(Gaussian(covariance)), lambda: em(mixture(covariance), init="principal", tol=1e-9)):
        one = fitted(make(), X, sample_weight=weights)
        other = fitted(make(), X, sample_weight=weights * c)
        assert_correct(other, X)
        assert_same(one, other, 1e-6)
        assert other.log_likelihood_ / c == pytest.approx(one.log_likelihood_, rel=1e-9)


@pytest.mark.parametrize("c", [1e300, 1e-300])
@pytest.mark.parametrize("backend", [map_, vb])
@pytest.mark.parametrize("covariance", COVARIANCES)
def test_fault_052_weights_that_are_hardly_counts(backend, covariance, c):
    fit = fitted(backend(mixture(covariance)), X, sample_weight=np.full(60, c))
    assert_warned(fit, X, "sample_weight counts copies of rows: 6e[+-]")


@pytest.mark.parametrize("backend", EXACT)
def test_fault_052_weights_of_very_different_sizes(backend):
    weights = np.where(np.arange(60) < 30, 1e-300, 1e300)
    assert_sound(fitted(backend(mixture()), X, sample_weight=weights), X)
    alone = fitted(mle(Gaussian()), X[30:])
    np.testing.assert_allclose(
        fitted(mle(Gaussian()), X, sample_weight=weights).estimate_["mean"], alone.estimate_["mean"], rtol=1e-12
    )


@pytest.mark.slow
def test_fault_052_gibbs_draws_a_component_for_each_copy():
    for c, needle in ((1e300, "each copy of a row.*use smaller weights"), (0.5, "not a whole number")):
        with pytest.raises(PointmassError, match=needle):
            FITTING[-1].values[0](mixture()).fit(X, sample_weight=np.full(60, c))


def labels(value: object) -> np.ndarray:
    return np.array([value] + [0, 1] * 29 + [-1], dtype=object if isinstance(value, str) else None)


@pytest.mark.parametrize("backend", LATENT)
@pytest.mark.parametrize(("value", "shown"), [(2, "2"), (-2, "-2"), (0.5, "0.5"), (np.nan, "nan")])
def test_fault_053_labels_that_are_no_components(backend, value, shown):
    needles = f"label {shown} at row 0 is not a component: labels are integers from 0 to 1, and -1 is unknown"
    assert_refused(backend(mixture()), X, needles, labels=labels(value))


@pytest.mark.parametrize("backend", LATENT)
def test_fault_053_labels_of_another_shape_or_type(backend):
    assert_refused(backend(mixture()), X, "labels must have one entry for each of the 60 rows", labels=[0, 1])
    assert_refused(backend(mixture()), X, "labels must be numbers", labels=["a", "b"] * 30)
    assert_refused(backend(Gaussian()), X, "labels need a model with components", labels=np.zeros(60, dtype=int))


@pytest.mark.parametrize("backend", EXACT)
def test_fault_053_whole_floats_are_labels(backend):
    known = np.where(X[:, 0] > 2, 1, -1)
    one = fitted(backend(mixture()), X, labels=known)
    assert_same(one, fitted(backend(mixture()), X, labels=known.astype(float)), 0.0)
    assert_sound(one, X)


def test_fault_053_the_closed_form_asks_for_every_label():
    known = np.where(X[:, 0] > 2, 1, 0)
    with pytest.raises(PointmassError, match="give every row's label, or use EM"):
        mle(Gaussian()).set_params(model=Mixture(Gaussian(), 2)).fit(X, labels=np.where(np.arange(60) < 5, -1, known))
