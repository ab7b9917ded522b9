"""Faults 1 to 11: rows and columns too few, too alike, or of the wrong shape."""

from __future__ import annotations

import numpy as np
import pytest
from faults.promises import (
    ALL,
    BAYES,
    COVARIANCES,
    FITTING,
    LATENT,
    assert_correct,
    assert_refused,
    assert_same,
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

from pointmass import Gaussian, PointmassError


@pytest.mark.parametrize("covariance", COVARIANCES)
@pytest.mark.parametrize("k", [1, 2])
@pytest.mark.parametrize("backend", FITTING)
def test_fault_001_all_points_identical(backend, k, covariance):
    x = np.ones((50, 2))
    fit = fitted(backend(mixture(covariance, k)), x)
    assert_warned(fit, x, "columns 0 and 1 are constant")
    if fit.kind != "draws":
        np.testing.assert_allclose(fit.estimate_["mean"], 1.0, atol=1e-9)
    if backend is em:
        assert fit.status_ == "degenerate"


def test_fault_001_no_scale_is_refused_by_the_closed_form():
    assert_refused(mle(Gaussian()), np.ones((50, 2)), "all rows are identical", "use MAP or VB")


@pytest.mark.parametrize("covariance", COVARIANCES)
@pytest.mark.parametrize("backend", FITTING)
def test_fault_002_fewer_distinct_points_than_components(backend, covariance):
    x = np.repeat([[0.0, 1.0], [2.0, 5.0]], 20, axis=0)
    fit = fitted(backend(mixture(covariance, 3)), x)
    assert_warned(fit, x, "only 2 distinct rows for 3 components")
    if fit.kind != "draws":
        assert (fit.estimate_["mean"] >= x.min(0) - 1e-9).all()
        assert (fit.estimate_["mean"] <= x.max(0) + 1e-9).all()
    if backend is em:
        assert_warned(fit, x, r"components? 0.* collapsed")
        assert fit.status_ == "degenerate"


@settings(max_examples=20, deadline=None, derandomize=True)
@given(st.floats(-1e8, 1e8), st.integers(0, 2), st.sampled_from(COVARIANCES))
def test_fault_003_constant_column(value, column, covariance):
    x = np.insert(rows(40), column, value, axis=1)
    for backend in (em, map_, vb):
        assert_warned(fitted(backend(mixture(covariance), n_init=1), x), x, f"column {column} is constant")


@pytest.mark.parametrize("backend", [mle, *FITTING])
@pytest.mark.parametrize("covariance", ["full", "tied"])
def test_fault_004_collinear_columns(backend, covariance):
    x = np.column_stack([rows(), rows().sum(1)])
    fit = fitted(backend(Gaussian(covariance)), x)
    assert_warned(fit, x, r"collinear \(rank 2 of 3, condition number")


@pytest.mark.parametrize("covariance", ["diagonal", "spherical"])
def test_fault_004_collinear_columns_are_no_fault_without_correlations(covariance):
    x = np.column_stack([rows(), rows().sum(1)])
    assert_correct(fitted(em(Gaussian(covariance)), x), x)


@pytest.mark.parametrize("backend", LATENT)
def test_fault_005_fewer_rows_than_components(backend):
    assert_refused(backend(mixture(k=5)), rows(3), "n_components=5", "n_samples=3", "use fewer components")


@pytest.mark.parametrize("backend", [mle, em])
@pytest.mark.parametrize("covariance", ["full", "tied"])
def test_fault_006_fewer_rows_than_columns_for_a_point(backend, covariance):
    x = np.random.default_rng(0).normal(size=(5, 40))
    fit = fitted(backend(Gaussian(covariance)), x)
    assert_warned(fit, x, r"5 rows cannot determine a covariance of 40 columns \(rank at most 4\); use MAP or VB")
    assert fit.status_ == "degenerate"


@pytest.mark.parametrize("backend", BAYES)
@pytest.mark.parametrize("covariance", COVARIANCES)
def test_fault_006_fewer_rows_than_columns_for_a_posterior(backend, covariance):
    x = np.random.default_rng(0).normal(size=(5, 40))
    assert_correct(fitted(backend(Gaussian(covariance)), x), x)


@pytest.mark.parametrize("backend", [mle, em, map_])
def test_fault_007_one_row_has_no_point(backend):
    assert_refused(backend(Gaussian()), rows(1), "1 sample", "minimum of 2")


def test_fault_007_one_row_left_by_the_weights_has_no_point():
    assert_refused(em(Gaussian()), rows(3), "1 sample", "minimum of 2", sample_weight=[0.0, 1.0, 0.0])


@pytest.mark.parametrize("backend", BAYES)
def test_fault_007_one_row_has_a_posterior(backend):
    x = rows(1)
    fit = fitted(backend(Gaussian()), x)
    assert_warned(fit, x, "constant")  # the default prior's scale is then no more than a guess
    if backend is vb:
        np.testing.assert_allclose(fit.estimate_["mean"], x[0])


@pytest.mark.parametrize("backend", ALL)
def test_fault_008_no_rows(backend):
    assert_refused(backend(Gaussian()), np.empty((0, 2)), r"0 sample\(s\)", "minimum of")


@pytest.mark.parametrize("backend", ALL)
def test_fault_009_no_columns(backend):
    assert_refused(backend(Gaussian()), np.empty((10, 0)), r"0 feature\(s\) \(shape=\(10, 0\)\) while a minimum of 1")


@pytest.mark.parametrize("backend", FITTING)
def test_fault_010_a_vector_is_one_column(backend):
    x = rows()[:, 0]
    one, other = fitted(backend(mixture()), x), fitted(backend(mixture()), x[:, None])
    assert_correct(one, x)
    assert_same(one, other, 0.0)


@pytest.mark.parametrize("backend", FITTING)
@pytest.mark.parametrize("verb", ["predict", "predict_proba", "score_samples", "score"])
def test_fault_010_a_vector_is_refused_by_a_fit_of_two_columns(backend, verb):
    fit = fitted(backend(mixture()), rows())
    with pytest.raises(PointmassError, match=r"fitted to 2 columns. Reshape your data"):
        getattr(fit, verb)(np.ones(2))


@pytest.mark.parametrize("backend", ALL)
def test_fault_011_three_axes(backend):
    assert_refused(backend(Gaussian()), np.ones((4, 3, 2)), "dim 3|3 dim")


@pytest.mark.parametrize("backend", ALL)
def test_fault_011_no_axis_and_ragged_rows(backend):
    assert_refused(backend(Gaussian()), 3.0, "scalar|0D")
    assert_refused(backend(Gaussian()), [[1.0, 2.0], [3.0]], "rows have different lengths", "give each the same")
