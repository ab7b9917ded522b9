"""Mean, covariance and rank of the data: what default priors and working coordinates are made of."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from pointmass.errors import PointmassError, listed
from pointmass.numerics import Array

__all__ = ["SMALLEST_SPREAD", "DataMoments", "data_moments", "leverage_warnings", "refuse_tiny_spread"]

_BLOCK = 65_536

SMALLEST_SPREAD = 1e-150
"""Standard deviations below this have squares that underflow."""


@dataclass(frozen=True, eq=False)
class DataMoments:
    """Weighted moments of rows.

    Parameters
    ----------
    mean : ndarray, shape (d,)
        Weighted mean.
    scales : ndarray, shape (d,)
        Standard deviation of each column; for a constant column its magnitude, or one.
    correlation : ndarray, shape (d, d)
        Covariance in units of ``scales`` (zero rows for constant columns).
    total : float
        Sum of the weights.
    distinct : ndarray of bool, shape (d,)
        Which columns vary.
    """

    mean: Array
    scales: Array
    correlation: Array
    total: float
    distinct: Array

    @cached_property
    def covariance(self) -> Array:
        """Sample covariance with total − 1 in the denominator."""
        return np.asarray(self.correlation * self.scales[:, None] * self.scales)

    @cached_property
    def condition_number(self) -> float:
        """Ratio of the extreme eigenvalues of the correlation matrix; infinite where it is singular."""
        values = np.linalg.eigvalsh(self.correlation)
        return float(values[-1] / values[0]) if values[0] > 1e-14 * values[-1] else np.inf

    @cached_property
    def rank(self) -> int:
        """Number of directions in which the rows vary."""
        return int((np.linalg.eigvalsh(self.correlation) > 1e-10).sum())

    def proper_covariance(self) -> Array:
        """Return the covariance, made positive definite by a hundredth of the columns' variances if needed.

        A smaller share would leave new rows off the data's own subspace so many standard deviations away that
        their densities are rounding.
        """
        if self.condition_number < 1e10:
            return self.covariance
        ridge = self.correlation + 1e-2 * np.eye(len(self.mean))
        return np.asarray(ridge * self.scales[:, None] * self.scales)

    def warnings(self, *, matrix: bool) -> list[str]:
        """Return sentences on constant and collinear columns, and on digits that the offset leaves."""
        found = []
        constant = np.flatnonzero(~self.distinct)
        if constant.size:
            verb = "is" if constant.size == 1 else "are"
            found.append(
                f"{listed('column', constant)} {verb} constant: the variance there is a floor or the prior's, "
                "not the data's"
            )
        if matrix and self.condition_number > 1e10 and self.rank < self.distinct.sum():
            found.append(
                f"columns are collinear (rank {self.rank} of {len(self.mean)}, condition number "
                f"{self.condition_number:.2g}): covariances are held up by a floor or the prior"
            )
        blurred = np.flatnonzero(self.distinct & (self.scales < 1e-10 * np.abs(self.mean)))
        if blurred.size:
            found.append(
                f"the spread of {listed('column', blurred)} is less than 1e-10 of the mean: "
                "few digits of it are left; subtract the mean before storing the data"
            )
        return found


def refuse_tiny_spread(rows: Array, noun: str = "column") -> None:
    """Raise `PointmassError` where the values of a column vary by so little that their squares underflow."""
    spread = np.fmax.reduce(rows, axis=0) - np.fmin.reduce(rows, axis=0)  # of what was observed
    tiny = np.flatnonzero((spread > 0) & (spread < SMALLEST_SPREAD))
    if tiny.size:
        raise PointmassError(
            f"the values of {listed(noun, tiny)} differ by less than {SMALLEST_SPREAD:g}, "
            "so that squares underflow; rescale the data"
        )


def leverage_warnings(rows: Array, weights: Array | None, data: DataMoments) -> list[str]:
    """Return sentences on single values more than a thousand standard deviations of all others away from these."""
    found = []
    for column in np.flatnonzero(data.distinct) if len(rows) > 3 else ():
        values = rows[:, column]
        distances = np.abs(values - data.mean[column])
        farthest = int(distances.argmax())
        share = (1.0 if weights is None else weights[farthest]) / data.total
        if share * (distances[farthest] / data.scales[column]) ** 2 < 0.5:
            continue
        others = np.delete(values, farthest)
        if abs(values[farthest] - others.mean()) > 1000.0 * others.std() > 0.0:
            found.append(
                f"one value of column {column}, {values[farthest]:.6g}, lies more than 1000 standard deviations of the "
                "other rows from their mean: it alone sets the scale (leverage); check it, or leave it out"
            )
    return found


def data_moments(rows: Array, weights: Array | None) -> DataMoments:
    """Return the weighted moments of rows (n, d), in blocks and free of overflow."""
    n, d = rows.shape
    weights = np.ones(n) if weights is None else weights
    share = weights / weights.max()
    total = float(share.sum())
    mean = share @ rows / total if np.abs(rows).max() < 1e140 else share / total @ rows
    spread = np.zeros(d)
    for start in range(0, n, _BLOCK):
        np.maximum(spread, np.abs(rows[start : start + _BLOCK] - mean).max(0), out=spread)
    varies = spread > 4.0 * np.finfo(float).eps * np.abs(mean)
    unit = np.where(varies, spread, np.where(np.abs(mean) > SMALLEST_SPREAD, np.abs(mean), 1.0))
    scatter = np.zeros((d, d))
    for start in range(0, n, _BLOCK):
        block = (rows[start : start + _BLOCK] - mean) / unit * varies
        scatter += (block * share[start : start + _BLOCK, None]).T @ block
    weight = float(weights.sum())
    scatter *= weight / total / max(weight - 1.0, 0.5 * weight)
    sds = np.sqrt(np.diag(scatter))
    varies &= sds > 0  # rows of negligible weight may be all that varies
    scale = np.where(varies, sds, 1.0)
    return DataMoments(mean, unit * scale, scatter / scale[:, None] / scale, weight, varies)
