"""Gaussian rows with missing cells, which are integrated out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from pointmass.families.available_moments import available_moments, never_together
from pointmass.families.cell_patterns import patterns_of
from pointmass.families.coordinates import Coordinates
from pointmass.families.data_moments import DataMoments, leverage_warnings
from pointmass.families.family import Belief
from pointmass.families.gaussian import Gaussian
from pointmass.families.incomplete_frame import IncompleteFrame
from pointmass.families.incomplete_kernel import IncompleteKernel
from pointmass.numerics import Array

__all__ = ["IncompleteGaussian"]


@dataclass(frozen=True, eq=False, repr=False)
class IncompleteGaussian(Gaussian):
    r"""Gaussian rows of which some cells are missing (NaN), at random or by design.

    .. math:: p(x_o \mid \mu, \Sigma) = \int p(x \mid \mu, \Sigma) \, dx_m = N(x_o \mid \mu_o, \Sigma_{oo})

    for the observed cells o of each row. No cell is filled in: every method works with this likelihood of what was
    observed. With nothing missing all results are those of `Gaussian`, to the last digit. Whether a cell is missing
    may depend on the row's observed cells, not on what the missing one would have been (missing at random, Rubin
    1976). A row without any observed cell changes nothing; a column without any is refused.

    Parameters
    ----------
    covariance : {"full", "tied", "diagonal", "spherical"} or PointMass
        As `Gaussian` has it.
    prior : NormalInverseWishart, NormalInverseGamma, Normal, PointMass or None
        As `Gaussian` has it. None: mean and variances of each column's observed cells, correlations of each pair's
        complete rows.

    Raises
    ------
    PointmassError
        If ``covariance`` is not one of the four, or the prior does not belong to it.

    References
    ----------
    Rubin (1976), *Inference and missing data*; Little and Rubin (2019), *Statistical Analysis with Missing Data*,
    chapter 11.

    Examples
    --------
    >>> import numpy as np
    >>> from pointmass import EM, IncompleteGaussian
    >>> rows = [[0.0, 1.0], [2.0, 2.0], [4.0, 3.0], [1.0, 2.5], [6.0, np.nan]]
    >>> EM(IncompleteGaussian()).fit(rows).estimate_["mean"].round(3)
    array([2.6  , 2.477])
    """

    takes_missing: ClassVar[bool] = True

    def kernel(self, belief: Belief, offset: Array, coordinates: Coordinates) -> IncompleteKernel:
        """Return the kernel that integrates missing cells out."""
        return IncompleteKernel(self, belief.expected_natural_parameters(), offset, coordinates)

    def frame(self, belief: Belief, n_columns: int) -> IncompleteFrame:
        """Return statistics about each component's mean in units of its spread, missing cells included."""
        return IncompleteFrame(self, belief, n_columns)

    def moments_of(self, rows: Array, weights: Array | None) -> DataMoments:
        """Return means and covariances of what was observed of rows (n, d)."""
        return available_moments(rows, weights)

    def coordinates(self, rows: Array, weights: Array | None) -> Coordinates:
        """Return the Gaussian's map, or where cells are missing one that mixes no columns."""
        if self.covariance == "spherical" or not np.isnan(rows).any():
            return super().coordinates(rows, weights)
        data = self.moments_of(rows, weights)
        return Coordinates(data.mean, data.scales)

    def log_predictive_of(self, posterior: Any, rows: Array, coordinates: Coordinates) -> Array:
        """Return Student-t log densities (K, n) of the observed cells of rows (n, d)."""
        if not np.isnan(rows).any():
            return super().log_predictive_of(posterior, rows, coordinates)
        posterior = posterior.mapped(coordinates)
        values = np.zeros((len(posterior.mean), len(rows)))
        for pattern in (each for each in patterns_of(rows) if each.seen.any()):
            cells = rows[np.ix_(pattern.rows, pattern.seen)].T
            values[:, pattern.rows] = posterior.marginal(pattern.seen).log_predictive(cells)
        return values + coordinates.log_determinant

    def data_warnings(self, rows: Array, weights: Array | None) -> list[str]:
        """Return the Gaussian's warnings, and which pairs of columns no row shows together."""
        data = self.moments_of(rows, weights)
        singular = self.covariance in ("full", "tied") and len(rows) > rows.shape[1]
        found = data.warnings(matrix=singular)
        found += leverage_warnings(np.where(np.isnan(rows), data.mean, rows), weights, data)
        apart = never_together(rows) if singular else []
        if apart:
            pairs = ", ".join(f"{i} and {j}" for i, j in apart[:5]) + (", …" if len(apart) > 5 else "")
            found.append(
                f"no row shows columns {pairs} together: of their correlation the data say little or nothing, and it "
                "is the prior's or the start's"
            )
        return found
