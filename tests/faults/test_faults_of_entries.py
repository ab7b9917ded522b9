"""Faults 12 to 34: entries that are missing, infinite, far, tiny, of another type, or laid out oddly."""

from __future__ import annotations

import hashlib

import numpy as np
import pandas as pd
import pytest
from faults.promises import (
    ALL,
    COVARIANCES,
    FITTING,
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
from scipy import sparse

from pointmass import Gaussian, PointmassError

EXACT = [em, map_, vb]


def spoiled(value: float, row: int = 7, column: int = 1) -> np.ndarray:
    x = rows()
    x[row, column] = value
    return x


@pytest.mark.parametrize("backend", ALL)
def test_fault_012_nan(backend):
    assert_refused(backend(Gaussian()), spoiled(np.nan), "NaN", "row 7, column 1", "drop the rows")


@pytest.mark.parametrize("backend", FITTING)
@pytest.mark.parametrize("verb", ["predict_proba", "score_samples"])
def test_fault_012_nan_in_new_rows(backend, verb):
    fit = fitted(backend(mixture()), rows())
    with pytest.raises(PointmassError, match=r"NaN .*row 7, column 1"):
        getattr(fit, verb)(spoiled(np.nan))


@pytest.mark.parametrize("backend", ALL)
def test_fault_013_a_column_all_nan(backend):
    x = rows()
    x[:, 1] = np.nan
    assert_refused(backend(Gaussian()), x, "column 1 is all NaN", "drop the column")
    frame = pd.DataFrame(x, columns=["height", "weight"])
    assert_refused(backend(Gaussian()), frame, "column 'weight' is all NaN")


@pytest.mark.parametrize("backend", ALL)
@pytest.mark.parametrize("value", [np.inf, -np.inf])
def test_fault_014_infinity(backend, value):
    assert_refused(backend(Gaussian()), spoiled(value), "infinity", "row 7, column 1")


@pytest.mark.parametrize("backend", ALL)
def test_fault_015_masked_array(backend):
    masked = np.ma.masked_greater(rows(), 1.0)
    assert_refused(backend(Gaussian()), masked, "masked array", "drop the masked rows")


@pytest.mark.parametrize("covariance", COVARIANCES)
@pytest.mark.parametrize("backend", EXACT)
def test_fault_016_offset(backend, covariance):
    """Data at 1e8 give what data at 0 give, to 1e-6."""
    x = rows()
    here, there = fitted(backend(mixture(covariance)), x), fitted(backend(mixture(covariance)), x + 1e8)
    assert_correct(there, x + 1e8)
    np.testing.assert_allclose(there.estimate_["mean"] - 1e8, here.estimate_["mean"], atol=1e-6)
    np.testing.assert_allclose(there.estimate_["covariance"], here.estimate_["covariance"], atol=1e-6)
    np.testing.assert_allclose(there.estimate_["weights"], here.estimate_["weights"], atol=1e-6)
    assert there.objective_history_[-1] == pytest.approx(here.objective_history_[-1], abs=1e-5)


@pytest.mark.parametrize("backend", [mle, *FITTING])
def test_fault_017_offset_that_eats_the_digits(backend):
    x = rows() + 1e12
    fit = fitted(backend(mixture()), x)
    assert_warned(fit, x, "less than 1e-10 of the mean: few digits")
    mean = fit.estimate_.get("weights", np.ones(1)) @ np.atleast_2d(fit.estimate_["mean"])
    np.testing.assert_allclose(mean - 1e12, x.mean(0) - 1e12, atol=1.0)


@pytest.mark.parametrize("backend", [mle, *FITTING])
def test_fault_018_offset_in_float32(backend):
    x = (rows() + 1e8).astype(np.float32)
    fit = fitted(backend(Gaussian()), x)
    kept = len(np.unique(x[:, 0]))
    assert_warned(fit, x, f"float32 and keeps {kept} distinct values in column 0; pass float64")


def test_fault_018_float32_column_of_a_frame():
    x = pd.DataFrame({"a": (rows()[:, 0] + 1e8).astype(np.float32), "b": rows()[:, 1]})
    assert_warned(fitted(vb(Gaussian()), x), x, "float32 and keeps")


def test_fault_018_float32_without_an_offset_is_no_fault():
    x = rows().astype(np.float32)
    assert_correct(fitted(vb(Gaussian()), x), x)


@pytest.mark.parametrize("covariance", COVARIANCES)
@pytest.mark.parametrize("scale", [1e-150, 1e-5, 1e5, 1e100])
@pytest.mark.parametrize("backend", EXACT)
def test_fault_019_small_scale(backend, scale, covariance):
    x = rows()
    here, there = fitted(backend(mixture(covariance)), x), fitted(backend(mixture(covariance)), x * scale)
    assert_correct(there, x * scale)
    np.testing.assert_allclose(there.estimate_["mean"] / scale, here.estimate_["mean"], atol=1e-6)
    np.testing.assert_allclose(there.estimate_["covariance"] / scale / scale, here.estimate_["covariance"], atol=1e-6)
    np.testing.assert_array_equal(there.predict(x * scale), here.predict(x))


@pytest.mark.parametrize("backend", ALL)
def test_fault_019_smaller_scales_have_no_squares(backend):
    assert_refused(backend(Gaussian()), rows() * 1e-200, "columns 0 and 1 differ by less than 1e-150", "rescale")


@pytest.mark.parametrize("covariance", COVARIANCES)
@pytest.mark.parametrize("backend", FITTING)
def test_fault_020_large_scale(backend, covariance):
    x = rows() * 1e150
    fit = fitted(backend(mixture(covariance)), x)
    assert_correct(fit, x)
    assert np.isfinite(fit.objective_history_).all()


@pytest.mark.parametrize("backend", ALL)
def test_fault_021_larger_scales_have_no_squares(backend):
    assert_refused(backend(Gaussian()), rows() * 1e200, r"values above 1e\+152", "rescale")


@pytest.mark.parametrize("covariance", ["full", "tied", "diagonal"])
@pytest.mark.parametrize("backend", EXACT)
def test_fault_022_columns_on_different_scales(backend, covariance):
    x, scales = rows(), np.array([1e-3, 1e3])
    here, there = fitted(backend(mixture(covariance)), x), fitted(backend(mixture(covariance)), x * scales)
    assert_correct(there, x * scales)
    np.testing.assert_allclose(there.estimate_["mean"] / scales, here.estimate_["mean"], atol=1e-6)
    volume = scales[:, None] * scales
    np.testing.assert_allclose(there.estimate_["covariance"] / volume, here.estimate_["covariance"], atol=1e-6)


@pytest.mark.parametrize("backend", EXACT)
@pytest.mark.parametrize("dtype", [np.float32, np.float16, np.longdouble])
def test_fault_023_024_other_floats_are_computed_in_float64(backend, dtype):
    x = rows().astype(dtype)
    fit = fitted(backend(mixture()), x)
    assert_correct(fit, x)
    assert all(array.dtype == np.float64 for array in fit.estimate_.values())
    assert fit.predict_proba(x).dtype == fit.score_samples(x).dtype == np.float64
    assert_same(fitted(backend(mixture()), x.astype(np.float64)), fit, 0.0)


@pytest.mark.parametrize("backend", EXACT)
@pytest.mark.parametrize(
    "convert",
    [
        lambda x: np.round(10 * x).astype(np.int64),
        lambda x: np.round(10 * x).astype(np.int8),
        lambda x: x > x.mean(0),
        lambda x: np.round(10 * x).astype(int).tolist(),
    ],
)
def test_fault_025_integers_and_booleans(backend, convert):
    x = convert(rows())
    assert_same(fitted(backend(Gaussian()), np.asarray(x, dtype=float)), fitted(backend(Gaussian()), x), 0.0)


@pytest.mark.parametrize("backend", EXACT)
def test_fault_026_objects_that_are_numbers(backend):
    x = rows().astype(object)
    assert_same(fitted(backend(mixture()), rows()), fitted(backend(mixture()), x), 0.0)


TEXTS = [
    np.array([["1.5", "a"], ["2", "b"]]),
    np.array([[1.5, "a"], [2.0, "b"]], dtype=object),
    [[1.5, "a"], [2.0, "b"]],
]


@pytest.mark.parametrize("backend", ALL)
@pytest.mark.parametrize("x", TEXTS)
def test_fault_027_text(backend, x):
    assert_refused(backend(Gaussian()), x, r"column [01] of X holds text, such as '(1.5|a)'", "convert it to numbers")


@pytest.mark.parametrize("backend", ALL)
def test_fault_027_text_in_a_frame_names_its_column(backend):
    x = pd.DataFrame({"height": [1.5, 2.0], "name": ["a", "b"]})
    assert_refused(backend(Gaussian()), x, "column 'name' of X holds text")
    dates = pd.DataFrame({"day": pd.to_datetime(["2020-01-01", "2020-01-02"])})
    assert_refused(backend(Gaussian()), dates, "column 'day' of X holds dates")


@pytest.mark.parametrize("backend", ALL)
def test_fault_028_numbers_written_as_text(backend):
    x = np.array([["1.5", "2"], ["3", "4"]])
    for table in (x, x.astype(object), x.tolist(), pd.DataFrame(x)):
        assert_refused(backend(Gaussian()), table, "holds text, such as '1.5'", "convert it to numbers")


@pytest.mark.parametrize("backend", ALL)
def test_fault_029_complex(backend):
    assert_refused(backend(Gaussian()), rows() + 1j, "Complex data not supported")


@pytest.mark.parametrize("backend", ALL)
@pytest.mark.parametrize("container", [sparse.csr_matrix, sparse.csc_array, sparse.coo_array])
def test_fault_030_sparse(backend, container):
    assert_refused(backend(Gaussian()), container(rows()), "sparse", "toarray", error=TypeError)


@pytest.mark.parametrize("backend", FITTING)
def test_fault_031_columns_in_another_order(backend):
    frame = pd.DataFrame(rows(), columns=["height", "weight"])
    fit = fitted(backend(mixture()), frame)
    for verb in ("predict", "predict_proba", "score_samples"):
        with pytest.raises(PointmassError, match="same order"):
            getattr(fit, verb)(frame[["weight", "height"]])


def memmap(x: np.ndarray, folder) -> np.ndarray:
    mapped = np.memmap(folder / "x.bin", dtype=float, mode="w+", shape=x.shape)
    mapped[:] = x
    mapped.flush()
    return np.memmap(folder / "x.bin", dtype=float, mode="r", shape=x.shape)


def read_only(x: np.ndarray, folder) -> np.ndarray:
    x = x.copy()
    x.flags.writeable = False
    return x


LAYOUTS = {
    "read-only": read_only,
    "memmap": memmap,
    "Fortran": lambda x, folder: np.asfortranarray(x),
    "strided": lambda x, folder: np.repeat(np.repeat(x, 2, axis=0), 3, axis=1)[::2, ::3],
    "reversed": lambda x, folder: x[::-1, ::-1].copy()[::-1, ::-1],
    "byte-swapped": lambda x, folder: x.astype(x.dtype.newbyteorder()),
}


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("backend", FITTING)
def test_fault_032_layouts(backend, layout, tmp_path):
    x = LAYOUTS[layout](rows(), tmp_path)
    before = hashlib.sha256(np.ascontiguousarray(x).tobytes()).hexdigest()
    fit = fitted(backend(mixture()), x)
    assert_same(fitted(backend(mixture()), rows()), fit, 0.0)
    assert (fit.predict_proba(x) == fit.predict_proba(rows())).all()
    assert hashlib.sha256(np.ascontiguousarray(x).tobytes()).hexdigest() == before


@pytest.mark.parametrize("covariance", COVARIANCES)
@pytest.mark.parametrize("backend", [mle, *FITTING])
def test_fault_033_outlier(backend, covariance):
    x = np.vstack([rows(), [[1e10, 0.0]]])
    fit = fitted(backend(mixture(covariance)), x)
    assert_warned(fit, x, r"one value of column 0, 1e\+10, lies more than 1000 standard deviations.*leverage")


def test_fault_033_two_far_clusters_are_no_leverage():
    x = np.vstack([rows(), rows() + 1e4])
    assert_correct(fitted(vb(mixture()), x), x)


@pytest.mark.parametrize("covariance", COVARIANCES)
@pytest.mark.parametrize("backend", FITTING)
def test_fault_034_predict_far_away(backend, covariance):
    """Far out the probabilities are those of the limit in that direction, hard zeros and ones."""
    fit = fitted(backend(mixture(covariance)), rows())
    directions = np.array([[1.0, 1.0], [-1.0, 1.0], [1.0, -0.5], [-1.0, -1.0], [0.0, 1.0]])
    limit = fit.predict(directions * 1e120)
    for reach in (1e140, 1e160, 1e300):
        probabilities = fit.predict_proba(directions * reach)
        # Those of a sampled posterior are shares of draws.
        assert fit.kind == "draws" or set(np.unique(probabilities)) <= {0.0, 1.0}
        np.testing.assert_allclose(probabilities.sum(1), 1.0)
        np.testing.assert_array_equal(probabilities.argmax(1), limit)
        assert not np.isnan(fit.score_samples(directions * reach)).any()


def test_fault_034_the_limit_is_reached_from_where_densities_are_numbers():
    fit = fitted(em(mixture("tied")), rows())
    directions = np.array([[1.0, 1.0], [-1.0, 1.0], [1.0, -0.5], [-1.0, -1.0]])
    np.testing.assert_array_equal(fit.predict(directions * 1e5), fit.predict(directions * 1e160))
    assert_sound(fit, directions * 1e9)
