"""Moments of features and target: what a regression's default prior and working coordinates are made of."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from pointmass.errors import listed
from pointmass.families.coordinates import Coordinates
from pointmass.families.data_moments import DataMoments, data_moments
from pointmass.numerics import Array

__all__ = ["DesignMoments", "design_moments", "undetermined"]

_LARGEST_CONDITION = 1e10


@dataclass(frozen=True, eq=False)
class DesignMoments:
    """Moments of rows (x, y) about their mean where the regression has an intercept, else about zero.

    Parameters
    ----------
    joint : DataMoments
        Of all columns, the target last.
    n_rows : int
        Number of rows.
    centred : bool
        Whether there is an intercept.
    """

    joint: DataMoments
    n_rows: int
    centred: bool

    @cached_property
    def features(self) -> DataMoments:
        """Moments of the features alone."""
        joint = self.joint
        return DataMoments(
            joint.mean[:-1], joint.scales[:-1], joint.correlation[:-1, :-1], joint.total, joint.distinct[:-1]
        )

    @cached_property
    def rank(self) -> int:
        """Rank of the design, the constant column of an intercept among its columns."""
        return min(self.features.rank + self.centred, self.n_rows)

    def coordinates(self, *, proper: bool = False) -> Coordinates:
        """Return features whitened and the target scaled; ``proper`` where a column of zero spread needs a unit too."""
        singular = self.features.condition_number > _LARGEST_CONDITION
        scale = np.diag(self.joint.scales)
        if not singular:
            scale[:-1, :-1] = np.linalg.cholesky(self.features.covariance)
        elif proper:
            scale[:-1, :-1] = np.linalg.cholesky(self.features.proper_covariance())
        return Coordinates(self.joint.mean, scale, given=len(scale) - 1)


def design_moments(rows: Array, weights: Array | None, *, centred: bool) -> DesignMoments:
    """Return the moments of rows (n, d + 1), the target last.

    Parameters
    ----------
    rows : ndarray, shape (n, d + 1)
        Features and target.
    weights : ndarray, shape (n,), or None
        Weights.
    centred : bool
        Whether moments are about the mean, else about zero.
    """
    joint = data_moments(rows, weights)
    return DesignMoments(joint if centred else _about_zero(joint), len(rows), centred)


def undetermined(data: DesignMoments, size: int) -> list[str]:
    """Return a sentence on features that leave some of ``size`` coefficients undetermined, or none."""
    if data.rank >= size:
        return []
    constant = np.flatnonzero(~data.joint.distinct[:-1]) if data.centred else np.zeros(0)
    which = f" ({listed('column', constant)} constant)" if constant.size else ""
    return [
        f"the features have rank {data.rank} of {size}{which}: the data alone do not determine the coefficients; "
        "a point is the solution of least norm in standardised columns, a posterior leans on its prior"
    ]


def _about_zero(joint: DataMoments) -> DataMoments:
    """Return moments about zero: the mean counts as spread."""
    unit = np.maximum(joint.scales * joint.distinct, np.abs(joint.mean))
    unit = np.where(unit > 0, unit, 1.0)
    inner = joint.correlation * (joint.scales / unit)[:, None] * (joint.scales / unit)
    means = joint.mean / unit
    second = inner + means[:, None] * means
    sds = np.sqrt(np.diag(second))
    varies = sds > 0
    scale = np.where(varies, sds, 1.0)
    correlation = second / scale[:, None] / scale
    return replace(joint, mean=np.zeros_like(joint.mean), scales=unit * scale, correlation=correlation, distinct=varies)
