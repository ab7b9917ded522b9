"""The frozen data set: what a fit may see, and the truth that it may not."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pointmass.errors import PointmassError

__all__ = ["Dataset"]


@dataclass(frozen=True, eq=False, repr=False)
class Dataset:
    """Rows with their columns' names and, where it is known, the truth behind them.

    Validated when built; every array is read-only, and a writable one is copied first.

    Parameters
    ----------
    X : array of shape (n, d) or (n,)
        The features, float64 (float32 stays float32); (n,) is one column. Missing values are NaN.
    y : array of shape (n,), optional
        The target of a regression.
    labels : array of shape (n,) of int, optional
        Known component of each row, -1 for unknown. What is given here clamps a fit that receives it.
    lengths : array of shape (m,) of int, optional
        Lengths of the m sequences that the rows form, in order; None is one sequence.
    columns : sequence of str, optional
        Names of the d features; ``x1`` … ``xd`` by default.
    truth : mapping of str to array, optional
        True parameters by their public names (``weights``, ``mean``, ``covariance``, …) and true ``labels``.
    name, source : str
        A short name, and where the data come from.
    sample_weight : array of shape (n,), optional
        Weight of each row.
    label_names : sequence of str, optional
        Name of each label, where the labels were text.

    Raises
    ------
    PointmassError
        If the shapes do not agree or a value is of the wrong type.

    Examples
    --------
    >>> data = Dataset([[1.0, 2.0], [3.0, 4.0]], columns=["a", "b"], name="tiny")
    >>> data
    Dataset(name='tiny', n=2, columns=('a', 'b'))
    >>> data.digest == Dataset([[1.0, 2.0], [3.0, 4.0]], columns=["a", "b"]).digest
    True
    """

    X: NDArray[np.floating]
    y: NDArray[np.float64] | None = None
    labels: NDArray[np.int64] | None = None
    lengths: NDArray[np.int64] | None = None
    columns: tuple[str, ...] = ()
    truth: Mapping[str, NDArray[Any]] | None = None
    name: str = "data"
    source: str = ""
    sample_weight: NDArray[np.float64] | None = None
    label_names: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        X = _features(self.X)
        checked = {
            "X": X,
            "y": _reals("y", self.y, len(X)),
            "labels": _integers("labels", self.labels, len(X), minimum=-1),
            "lengths": _lengths(self.lengths, len(X)),
            "columns": _columns(self.columns, X.shape[1]),
            "truth": _truth(self.truth, len(X)),
            "sample_weight": _reals("sample_weight", self.sample_weight, len(X)),
            "label_names": tuple(self.label_names),
        }
        for field, value in checked.items():
            object.__setattr__(self, field, value)

    def __repr__(self) -> str:
        return f"Dataset(name={self.name!r}, n={len(self.X)}, columns={self.columns!r})"

    @cached_property
    def digest(self) -> str:
        """SHA-256, as 64 hexadecimal digits, of what a fit can see: names, types, shapes and bytes.

        The truth, the name and the source do not count.
        """
        state = hashlib.sha256()
        for name in ("X", "y", "labels", "lengths", "sample_weight"):
            array = getattr(self, name)
            if array is not None:
                state.update(f"{name} {array.dtype.str} {array.shape};".encode())
                state.update(np.ascontiguousarray(array).data)
        state.update(repr(self.columns).encode())
        return state.hexdigest()


def _frozen(array: NDArray[Any]) -> NDArray[Any]:
    """Return the array read-only; a writable one is copied, since its owner may still write to it."""
    if array.flags.writeable:
        array = array.copy()
        array.setflags(write=False)
    return array


def _array(name: str, value: object, kinds: str) -> NDArray[Any]:
    if isinstance(value, np.ma.MaskedArray):
        raise PointmassError(f"{name} is a masked array: fill the masked entries with NaN")
    try:
        array = np.asarray(value)
    except ValueError:
        raise PointmassError(f"{name} has rows of unequal length: give each row as many numbers") from None
    if array.dtype.kind not in kinds:
        raise PointmassError(f"{name} has type {array.dtype}: give {'whole ' * ('f' not in kinds)}numbers")
    return array


def _features(value: object) -> NDArray[np.floating]:
    array = _array("X", value, "biuf")
    array = array[:, np.newaxis] if array.ndim == 1 else array
    if array.ndim != 2 or 0 in array.shape:
        raise PointmassError(f"X has shape {array.shape}: give at least one row and one column")
    dtype = np.float32 if array.dtype.kind == "f" and array.dtype.itemsize == 4 else np.float64
    return _frozen(np.ascontiguousarray(array, dtype))


def _of_length(name: str, array: NDArray[Any], n: int) -> None:
    if array.shape != (n,):
        raise PointmassError(f"{name} has shape {array.shape} where X has {n} rows: give one value a row")


def _reals(name: str, value: object, n: int) -> NDArray[np.float64] | None:
    if value is None:
        return None
    array = _array(name, value, "biuf")
    _of_length(name, array, n)
    return _frozen(np.ascontiguousarray(array, np.float64))


def _integers(name: str, value: object, n: int | None, minimum: int) -> NDArray[np.int64] | None:
    if value is None:
        return None
    array = _array(name, value, "iu")
    _of_length(name, array, len(array) if n is None and array.ndim == 1 else n or 0)
    if array.size and array.min() < minimum:
        raise PointmassError(f"{name} holds {array.min()}, below {minimum}: correct it")
    return _frozen(np.ascontiguousarray(array, np.int64))


def _lengths(value: object, n: int) -> NDArray[np.int64] | None:
    lengths = _integers("lengths", value, None, minimum=1)
    if lengths is not None and lengths.sum() != n:
        raise PointmassError(f"lengths sum to {lengths.sum()} where X has {n} rows: make them agree")
    return lengths


def _columns(value: Sequence[str], d: int) -> tuple[str, ...]:
    columns = (value,) if isinstance(value, str) else tuple(value)
    columns = columns or tuple(f"x{j}" for j in range(1, d + 1))
    if len(columns) != d or len(set(columns)) != d or not all(isinstance(name, str) for name in columns):
        raise PointmassError(f"columns are {columns!r}: give {d} different names, one a column of X")
    return columns


def _truth(value: Mapping[str, Any] | None, n: int) -> dict[str, NDArray[Any]] | None:
    if value is None:
        return None
    truth = {name: _frozen(np.asarray(array)) for name, array in value.items()}
    if "labels" in truth:
        _of_length("truth['labels']", truth["labels"], n)
    return truth
