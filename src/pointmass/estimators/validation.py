"""The border: everything a user gives is checked and converted once, before any backend sees it."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.sparse import issparse
from sklearn.utils.validation import _check_sample_weight, validate_data

from pointmass.errors import PointmassError
from pointmass.numerics import Array

__all__ = ["check_labels", "check_rng", "check_rows", "check_weights", "float32_warning"]

_LARGEST = 1e152


def check_rows(estimator: Any, X: Any, *, reset: bool, min_samples: int = 1) -> Array:
    """Return rows (n, d) as float64, contiguous and finite; a vector is one column at d = 1.

    Raises
    ------
    PointmassError
        One sentence that names the fault and its place.
    TypeError
        For sparse input and objects that are not numbers, as scikit-learn does.
    """
    if isinstance(X, np.ma.MaskedArray):
        raise PointmassError(
            "X is a masked array, and a mask would be ignored; drop the masked rows, or use a "
            "model of missing values with NaN in their place"
        )
    if issparse(X):
        raise TypeError("X is sparse, but dense data is required; use X.toarray() to convert it")
    _refuse_strings(X)
    X = _as_column(estimator, X, reset)
    try:
        values = validate_data(
            estimator,
            X,
            reset=reset,
            dtype=np.float64,
            order="C",
            ensure_all_finite=False,
            ensure_min_samples=min_samples,
        )
    except ValueError as error:
        raise PointmassError(str(error)) from error
    _refuse_not_finite(values)
    return np.asarray(values)


def _as_column(estimator: Any, X: Any, reset: bool) -> Any:
    shape = np.shape(X) if not hasattr(X, "shape") else X.shape
    if len(shape) != 1:
        return X
    if not reset and estimator.n_features_in_ > 1:
        raise PointmassError(
            f"X is one-dimensional, but the model was fitted to {estimator.n_features_in_} columns; "
            "reshape your data: X.reshape(1, -1) is one row"
        )
    return np.asarray(X).reshape(-1, 1)


def _refuse_strings(X: Any) -> None:
    kind = np.asarray(X).dtype.kind if not hasattr(X, "dtypes") else ""
    if kind in "US" or (kind == "O" and any(isinstance(value, str) for value in np.ravel(np.asarray(X)))):
        raise PointmassError("X holds text; convert it to numbers before fitting, for example with X.astype(float)")
    for name, dtype in getattr(X, "dtypes", {}).items() if hasattr(X, "columns") else ():
        if not np.issubdtype(getattr(dtype, "numpy_dtype", dtype), np.number) and not np.issubdtype(dtype, np.bool_):
            raise PointmassError(f"column {name!r} of X is not numeric ({dtype}); convert it to numbers or drop it")


def _refuse_not_finite(values: Array) -> None:
    finite = np.isfinite(values)
    if not finite.all():
        row, column = np.argwhere(~finite)[0]
        kind = "NaN" if np.isnan(values[row, column]) else "infinity"
        whole = np.isnan(values[:, column]).all()
        where = f"column {column} is all NaN" if whole else f"first at row {row}, column {column}"
        raise PointmassError(f"Input X contains {kind} ({where}); drop the rows, or use a model of missing values")
    if values.size and np.abs(values).max() > _LARGEST:
        raise PointmassError(f"X has values above {_LARGEST:g}, whose squares overflow; rescale the data")


def float32_warning(X: Any, values: Array) -> list[str]:
    """Return a sentence if the data came as float32 so far from zero that most distinct values are lost."""
    if getattr(X, "dtype", None) != np.float32:
        return []
    spread = values.std(axis=0)
    coarse = np.flatnonzero((spread > 0) & (np.abs(values).max(axis=0) * 2.0**-24 > 1e-2 * spread))
    if not coarse.size:
        return []
    kept = len(np.unique(values[:, coarse[0]]))
    return [f"X came as float32 and keeps {kept} distinct values in column {coarse[0]}; pass float64"]


def check_weights(X: Any, values: Array, sample_weight: Any) -> Array | None:
    """Return weights (n,) as float64, or None if none were given or all are one."""
    if sample_weight is None:
        return None
    try:
        weights = _check_sample_weight(sample_weight, values, dtype=np.float64, ensure_non_negative=True)
    except ValueError as error:
        raise PointmassError(str(error)) from error
    if not weights.any():
        raise PointmassError("sample_weight is zero for every row; at least one weight must be positive")
    return None if (weights == 1.0).all() else np.asarray(weights)


def check_labels(labels: Any, n: int, n_components: int) -> Array | None:
    """Return known components (n,), −1 for unknown, or None if none is known."""
    if labels is None:
        return None
    if n_components < 2:
        raise PointmassError("labels need a model with components to label, such as Mixture(Gaussian(), 2)")
    array = np.asarray(labels)
    if array.shape != (n,):
        raise PointmassError(f"labels must have one entry for each of the {n} rows, got shape {array.shape}")
    if array.dtype.kind not in "iu":
        whole = array.dtype.kind == "f" and np.isfinite(array).all() and (array == np.round(array)).all()
        if not whole:
            raise PointmassError(f"labels must be integers, -1 for unknown; got {array.dtype} values")
    wrong = (array < -1) | (array >= n_components)
    if wrong.any():
        row = int(np.flatnonzero(wrong)[0])
        raise PointmassError(
            f"label {array[row]} at row {row} is not a component: labels run from 0 to "
            f"{n_components - 1}, and -1 is unknown"
        )
    return array.astype(np.intp) if (array >= 0).any() else None


def check_rng(rng: Any, random_state: Any) -> np.random.Generator:
    """Return a Generator from one of the two spellings of a seed; a Generator given is used up as it is."""
    if rng is not None and random_state is not None:
        raise PointmassError("give rng or random_state, not both")
    if isinstance(random_state, np.random.RandomState):
        return np.random.default_rng(random_state.randint(2**31 - 1, size=4))
    try:
        return np.random.default_rng(rng if random_state is None else random_state)
    except (TypeError, ValueError) as error:
        raise PointmassError(f"rng must be None, an integer of at least 0 or a numpy Generator, got {rng!r}") from error
