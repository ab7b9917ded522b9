"""The border: everything a user gives is checked and converted once, before any backend sees it."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
from scipy.sparse import issparse
from sklearn.exceptions import DataConversionWarning
from sklearn.utils.validation import validate_data

from pointmass.errors import PointmassError
from pointmass.estimators.entries import refuse_not_finite, refuse_text
from pointmass.numerics import Array

__all__ = ["check_enough", "check_labels", "check_rng", "check_rows", "check_target", "check_weights"]


def check_rows(
    estimator: Any,
    X: Any,
    *,
    reset: bool,
    min_samples: int = 1,
    missing_steps: bool = False,
    missing_cells: bool = False,
) -> Array:
    """Return rows (n, d) as float64, contiguous and finite; a vector is one column at d = 1.

    With ``missing_steps`` some rows, not all, may be NaN in every column; with ``missing_cells`` any cells may be.

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
    X = _table(X)
    refuse_text(X)
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
    seen = values[~np.isnan(values).all(axis=1)] if missing_steps else values
    names = getattr(estimator, "feature_names_in_", None)
    refuse_not_finite(seen if len(seen) or not reset else values, names, too_large=reset, missing_cells=missing_cells)
    return np.asarray(values)


def check_target(y: Any, n: int, owner: str, *, too_large: bool, missing_steps: bool = False) -> Array:
    """Return the target (n,) of a regression as float64; with ``missing_steps`` some, not all, may be NaN.

    Raises
    ------
    PointmassError
        If it is missing, has another length, or holds what is no finite number.
    """
    if y is None:
        raise PointmassError(f"{owner} requires y to be passed, but the target y is None; give both, X and y")
    column = _table(y, "y")
    if len(column.shape) == 2 and column.shape[1] == 1:
        warnings.warn("A column-vector y was passed when a 1d array was expected", DataConversionWarning, stacklevel=4)
        column = np.asarray(column).ravel()
    target = np.asarray(_vector("y", column, n), dtype=np.float64)
    missing = np.isnan(target) if missing_steps and not np.isnan(target).all() else np.zeros(n, dtype=bool)
    refuse_not_finite(np.where(missing, 0.0, target)[:, None], None, too_large=too_large, name="y")
    return target


def _table(X: Any, name: str = "X") -> Any:
    """Return arrays and data frames as they are, anything else as an array."""
    if hasattr(X, "shape"):
        return X
    try:
        return np.asarray(X)
    except ValueError as error:
        raise PointmassError(
            f"{name} is no table: its rows have different lengths; give each the same columns"
        ) from error


def _as_column(estimator: Any, X: Any, reset: bool) -> Any:
    if len(X.shape) != 1:
        return X
    if not reset and estimator.n_features_in_ > 1:
        raise PointmassError(
            f"X is one-dimensional, but the model was fitted to {estimator.n_features_in_} columns. "
            "Reshape your data: X.reshape(1, -1) is one row"
        )
    return np.asarray(X).reshape(-1, 1)


def check_weights(values: Array, sample_weight: Any) -> Array | None:
    """Return weights (n,) as float64, or None if none were given or all are one."""
    if sample_weight is None:
        return None
    weights = np.array(_vector("sample_weight", sample_weight, len(values)), dtype=np.float64)
    wrong = np.flatnonzero(~(np.isfinite(weights) & (weights >= 0)))
    if wrong.size:
        raise PointmassError(
            f"sample_weight must be finite and at least 0, got {weights[wrong[0]]:g} at row {wrong[0]}; "
            "a weight of 0 leaves a row out"
        )
    if not weights.any():
        raise PointmassError("sample_weight is zero for every row; at least one weight must be positive")
    return None if (weights == 1.0).all() else weights


def check_enough(estimator: Any, n: int, least: int) -> None:
    """Raise `PointmassError` where the rows that have a weight are fewer than an estimator needs."""
    if n < least:
        raise PointmassError(
            f"only {n} sample(s) have a positive weight, while a minimum of {least} is required by "
            f"{type(estimator).__name__}"
        )


def check_labels(labels: Any, n: int, n_components: int) -> Array | None:
    """Return known components (n,), −1 for unknown, or None if none is known."""
    if labels is None:
        return None
    if n_components < 2:
        raise PointmassError("labels need a model with components to label, such as Mixture(Gaussian(), 2)")
    array = _vector("labels", labels, n)
    whole = array == np.round(array) if array.dtype.kind == "f" else np.full(n, array.dtype.kind in "iu")
    wrong = ~whole | (array < -1) | (array >= n_components)
    if wrong.any():
        row = int(np.flatnonzero(wrong)[0])
        raise PointmassError(
            f"label {array[row]} at row {row} is not a component: labels are integers from 0 to "
            f"{n_components - 1}, and -1 is unknown"
        )
    return array.astype(np.intp) if (array >= 0).any() else None


def _vector(name: str, value: Any, n: int) -> Array:
    """Return one number a row."""
    try:
        array = np.asarray(value)
    except ValueError as error:
        raise PointmassError(f"{name} must have one number for each row, got {value!r}") from error
    if array.shape != (n,):
        raise PointmassError(f"{name} must have one entry for each of the {n} rows, got shape {array.shape}")
    if array.dtype.kind == "O":
        array = np.array([np.nan if entry is None else entry for entry in array])
    if array.dtype.kind not in "iufb":
        raise PointmassError(f"{name} must be numbers, got {array.dtype} values; convert them first")
    return array


def check_rng(rng: Any, random_state: Any) -> np.random.Generator:
    """Return a Generator from one of the two spellings of a seed; a Generator given is used up as it is."""
    if rng is not None and random_state is not None:
        raise PointmassError("rng and random_state are both given; give one of them")
    if isinstance(random_state, np.random.RandomState):
        return np.random.default_rng(random_state.randint(2**31 - 1, size=4))
    name, seed = ("rng", rng) if random_state is None else ("random_state", random_state)
    try:
        return np.random.default_rng(seed)
    except (TypeError, ValueError) as error:
        raise PointmassError(
            f"{name} must be None, an integer of at least 0 or a numpy Generator, got {seed!r}"
        ) from error
