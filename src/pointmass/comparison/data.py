"""The data behind a comparison, in one type."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from pointmass.datasets import Dataset
from pointmass.numerics import Array

__all__ = ["Sample", "as_dataset", "sample_of", "true_labels"]


class Sample(NamedTuple):
    """Some of the rows, with their targets and the lengths of their sequences.

    Parameters
    ----------
    rows : ndarray, shape (n, d)
        Rows.
    target : ndarray, shape (n,), or None
        Targets of a regression.
    lengths : ndarray of int, or None
        Lengths of the sequences that the rows form.
    """

    rows: Array
    target: Array | None
    lengths: Array | None


def as_dataset(data: Any) -> Dataset | None:
    """Return the data as a `Dataset`; a Dataset and None stay as they are.

    Examples
    --------
    >>> as_dataset([[1.0, 2.0], [3.0, 4.0]])
    Dataset(name='data', n=2, columns=('x1', 'x2'))
    """
    if data is None or isinstance(data, Dataset):
        return data
    if isinstance(data, pd.DataFrame):
        return Dataset(data.to_numpy(), columns=tuple(str(name) for name in data.columns))
    return Dataset(data)


def true_labels(data: Dataset | None) -> Array | None:
    """Return the group of each row where it is known, −1 elsewhere; None where no row's is."""
    if data is None:
        return None
    labels = (data.truth or {}).get("labels", data.labels)
    return None if labels is None or not np.any(np.asarray(labels) >= 0) else np.asarray(labels)


def sample_of(data: Dataset, most: int, *, in_order: bool) -> Sample:
    """Return at most so many rows: spread evenly over the data, or the first ones where they are steps in order.

    Examples
    --------
    >>> data = Dataset(np.arange(10.0)[:, None], lengths=[4, 3, 3])
    >>> sample_of(data, 6, in_order=True).lengths
    array([4, 2])
    >>> sample_of(data, 5, in_order=False).rows.ravel()
    array([0., 2., 4., 6., 8.])
    """
    rows, n = np.asarray(data.X), len(data.X)
    chosen = slice(most) if in_order else slice(None, None, max(1, -(-n // most)))
    target = None if data.y is None else np.asarray(data.y)[chosen]
    if data.lengths is None or not in_order:
        return Sample(rows[chosen], target, None)
    left = np.diff(np.minimum(np.cumsum(data.lengths), most), prepend=0)
    return Sample(rows[chosen], target, left[left > 0])
