"""Families of one variable whose values may be known by limits alone: censored and grouped data."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any, ClassVar

import numpy as np

from pointmass.errors import PointmassError
from pointmass.families.conjugate import ConjugatePrior, Parameters
from pointmass.families.coordinates import Coordinates
from pointmass.families.family import Belief, Family
from pointmass.families.interval_frame import IntervalFrame
from pointmass.families.interval_kernel import IntervalKernel
from pointmass.families.truncated import Truncated
from pointmass.numerics import Array

__all__ = ["Intervals"]

_SIDES = ("a lower", "an upper")


class Intervals(Family):
    """What turns a family of one column into one of rows (lower, upper); it comes before that family among the bases.

    A row whose two limits are equal is known exactly; else it is known to lie between them; a limit that is missing
    (NaN) is none. Whether and where a row is censored may not depend on its value beyond these limits.

    Attributes
    ----------
    lowest : float
        The lowest value there is.
    """

    takes_missing: ClassVar[bool] = True
    takes_empty_columns: ClassVar[bool] = True
    lowest: ClassVar[float]

    @abstractmethod
    def truncated(self, expected: Parameters) -> Truncated:
        """Return the densities between limits, given a belief's expected natural parameters."""

    @abstractmethod
    def log_predictive_mass(self, posterior: Any, lower: Array, upper: Array) -> Array:
        """Return the log predictive probability (K, n) of lying between limits (n,)."""

    def values_of(self, rows: Array) -> Array:
        """Return one value (n, 1) for each row: the middle of its limits, or the one limit it has."""
        seen = ~np.isnan(rows)
        return np.asarray(np.nansum(rows, axis=1, keepdims=True) / np.maximum(seen.sum(1, keepdims=True), 1))

    def is_exact(self, rows: Array) -> Array:
        """Return which rows (n, 2) are known exactly."""
        return np.asarray(rows[:, 0] == rows[:, 1])

    def limits(self, rows: Array, coordinates: Coordinates) -> tuple[Array, Array]:
        """Return what ``truncated`` takes of rows (n, 2): their limits in working coordinates."""
        lower, upper = rows.T
        filled = np.stack([np.where(np.isnan(lower), self.lowest, lower), np.where(np.isnan(upper), np.inf, upper)])
        first, last = coordinates.transform(filled.T)
        return first, last

    def log_unit(self, coordinates: Coordinates) -> float:
        """Return what turns a log mass into one per working unit of a density."""
        return float(coordinates.log_determinant)

    # -- the rows -------------------------------------------------------------------------------------------

    def hides_values(self, rows: Array) -> bool:
        """Whether any row (n, 2) is not known exactly."""
        return bool((~self.is_exact(rows)).any())

    def masked(self, drawn: Array, rows: Array) -> Array:
        """Refuse to censor drawn rows, where any of ``rows`` is: the model does not say how."""
        if self.hides_values(rows):
            raise PointmassError(
                f"{type(self).__name__} does not say when a row is censored or how rows are grouped, so no such data "
                "can be drawn; use bootstrap, or bootstrap_bayesian"
            )
        return drawn

    def axis_sizes(self, n_columns: int) -> dict[str, int]:
        """Return one feature: two columns hold one variable."""
        return super().axis_sizes(1)

    def check_rows(self, rows: Array) -> None:
        """Refuse other than two columns, a lower limit above its upper one, and what the family of exact rows does."""
        if rows.shape[1] != 2:
            raise PointmassError(
                f"{type(self).__name__} takes two columns, the lower and the upper limit of each row (equal where it "
                f"is known exactly, NaN where there is none), got {rows.shape[1]}"
            )
        wrong = np.flatnonzero(rows[:, 0] > rows[:, 1])
        if wrong.size:
            raise PointmassError(
                f"{type(self).__name__}: the lower limit lies above the upper one at row {wrong[0]}: "
                f"{rows[wrong[0], 0]:g} and {rows[wrong[0], 1]:g}"
            )
        super().check_rows(np.where(np.isnan(rows), self.values_of(rows), rows))

    # -- the likelihood of exact rows, two columns for one ---------------------------------------------------

    def sufficient_statistics(self, rows: Array) -> Array:
        """Return the statistics (S, n) of rows (2, n) that are known exactly."""
        return super().sufficient_statistics(rows[:1])  # type: ignore[safe-super]

    def statistics_of(self, sums: Array, n_columns: int) -> Any:
        """Return summed statistics (K, S) as ``update`` takes them."""
        return super().statistics_of(sums, 1)

    def sample(self, parameters: Parameters, labels: Array, rng: np.random.Generator) -> Array:
        """Return rows (n, 2) that are known exactly."""
        return np.repeat(super().sample(parameters, labels, rng), 2, axis=1)  # type: ignore[safe-super]

    def flat_prior(self, n_components: int, n_columns: int) -> Any:
        """Return that of one column."""
        return super().flat_prior(n_components, 1)  # type: ignore[safe-super]

    def broadcast_prior(self, prior: ConjugatePrior, n_components: int, n_columns: int) -> ConjugatePrior:
        """Return that of one column."""
        return super().broadcast_prior(prior, n_components, 1)

    def default_prior(self, rows: Array, weights: Array | None) -> Any:
        """Return that of the values in the middle of the limits."""
        return super().default_prior(self.values_of(rows), weights)  # type: ignore[safe-super]

    def coordinates(self, rows: Array, weights: Array | None) -> Coordinates:
        """Return those of the values in the middle of the limits, which both columns have."""
        return super().coordinates(self.values_of(rows), weights)

    def data_warnings(self, rows: Array, weights: Array | None) -> list[str]:
        """Return those of the values in the middle of the limits, and that all rows are open on one side."""
        found = super().data_warnings(self.values_of(rows), weights)
        missing = [side for side, column in zip(_SIDES, rows.T, strict=True) if np.isnan(column).all()]
        return found + [f"no row has {side} limit: the likelihood alone has no maximum" for side in missing]

    # -- the sweep ------------------------------------------------------------------------------------------

    def kernel(self, belief: Belief, offset: Array, coordinates: Coordinates) -> Any:
        """Return the kernel that integrates over what limits leave open."""
        own = coordinates.of([0])
        outer, inner = (super(Intervals, self).kernel(belief, offset, each) for each in (own, Coordinates.identity(1)))
        truncated = self.truncated(belief.expected_natural_parameters())
        return IntervalKernel(self, outer, inner, truncated, offset, own)

    def frame(self, belief: Belief, n_columns: int) -> Any:
        """Return the frame of exact values, with what limits leave open."""
        k = len(next(iter(belief.expected_natural_parameters().values())))
        kernel = self.kernel(belief, np.zeros(k), Coordinates.identity(1))
        return IntervalFrame(super().frame(belief, 1), kernel)

    def log_predictive(self, posterior: Any, rows: Array, *scales: Any) -> Any:
        """Return the log density of exact rows, the log probability of the others (K, n), of rows (2, n)."""
        return self.log_predictive_of(posterior, rows.T, Coordinates.identity(1))

    def log_predictive_of(self, posterior: Any, rows: Array, coordinates: Coordinates) -> Array:
        """Return ``log_predictive`` per working unit, of rows (n, 2)."""
        own, exact = coordinates.of([0]), self.is_exact(rows)
        values = np.empty((len(next(iter(posterior.hyperparameters().values()))), len(rows)))
        values[:, exact] = super().log_predictive(posterior, own.transform(rows[exact, :1]))  # type: ignore[safe-super]
        masses = self.log_predictive_mass(posterior, *self.limits(rows[~exact], own))
        values[:, ~exact] = masses + self.log_unit(own)
        return values
