"""Moments of rows with missing cells: what default priors, coordinates and starts are made of."""

from __future__ import annotations

import numpy as np

from pointmass.families.data_moments import DataMoments, data_moments
from pointmass.numerics import Array

__all__ = ["available_moments", "never_together"]


def available_moments(rows: Array, weights: Array | None) -> DataMoments:
    """Return the weighted moments of rows (n, d): of each column's observed cells, of each pair's complete rows.

    With nothing missing they are the moments of the rows. Correlations from different rows may not fit together;
    they are then shrunk towards zero until they do. They shape priors and starts, which need no more.

    Parameters
    ----------
    rows : ndarray, shape (n, d)
        NaN where a cell is missing; no column is missing throughout.
    weights : ndarray, shape (n,), or None
        Weights of the rows.
    """
    if not np.isnan(rows).any():
        return data_moments(rows, weights)
    columns = [_of_column(column, weights) for column in rows.T]
    mean, scales = (np.concatenate([getattr(each, name) for each in columns]) for name in ("mean", "scales"))
    distinct = np.concatenate([each.distinct for each in columns])
    total = float(len(rows) if weights is None else weights.sum())
    z = np.where(np.isnan(rows) | ~distinct, 0.0, (rows - mean) / scales)
    return DataMoments(mean, scales, _correlation(z, ~np.isnan(rows) & distinct, weights), total, distinct)


def _of_column(column: Array, weights: Array | None) -> DataMoments:
    seen = ~np.isnan(column)
    return data_moments(column[seen, None], None if weights is None else weights[seen])


def _correlation(z: Array, seen: Array, weights: Array | None) -> Array:
    """Return correlations from the rows in which both columns were observed, zero where there are none."""
    share = np.ones(len(z)) if weights is None else weights / weights.max()
    squares = (z**2 * share[:, None]).T @ seen
    size = np.sqrt(squares * squares.T)
    correlation = np.divide((z * share[:, None]).T @ z, size, out=np.zeros_like(size), where=size > 0)
    lowest = min(float(np.linalg.eigvalsh(correlation)[0]), 0.0)
    correlation = (correlation - lowest * np.eye(len(correlation))) / (1.0 - lowest)
    np.fill_diagonal(correlation, seen.any(axis=0).astype(float))
    return np.asarray(correlation)


def never_together(rows: Array) -> list[tuple[int, int]]:
    """Return the pairs of columns of which no row (n, d) shows both."""
    seen = (~np.isnan(rows)).astype(float)
    first, second = np.nonzero(np.triu(seen.T @ seen == 0, 1))
    return list(zip(first.tolist(), second.tolist(), strict=True))
