"""The data behind a comparison, in one type."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from pointmass.datasets import Dataset
from pointmass.numerics import Array

__all__ = ["as_dataset", "true_labels"]


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
