"""Regressions whose coefficients are latent and shared by all rows: what their models answer alike."""

from __future__ import annotations

import numpy as np

from pointmass.errors import PointmassError
from pointmass.families.conjugate import Parameters
from pointmass.families.linear_regression import LinearRegression
from pointmass.latents.assignments import soft
from pointmass.models.base import Beliefs, Model
from pointmass.models.rows import Rows
from pointmass.models.shared_coefficients import COEFFICIENTS, NOISE
from pointmass.models.statistics import Statistics
from pointmass.numerics import Array

__all__ = ["CoefficientModel"]


class CoefficientModel(Model):
    """A line with normal noise: one component, targets given features.

    Attributes
    ----------
    fit_intercept : bool
        Whether the first coefficient is an intercept.
    """

    fit_intercept: bool
    n_components = 1

    @property
    def _family(self) -> LinearRegression:
        return LinearRegression(self.fit_intercept)

    @property
    def has_latent(self) -> bool:
        """The coefficients."""
        return True

    @property
    def is_conditional(self) -> bool:
        """The last column of a row is the target."""
        return True

    def axis_sizes(self, n_columns: int) -> dict[str, int]:
        """Return the numbers of features and coefficients."""
        return {"feature": n_columns - 1, **self._family.axis_sizes(n_columns)}

    def check(self, values: Array) -> None:
        """Raise `PointmassError` where the rows cannot be used."""
        self.check_support(values)

    def check_support(self, values: Array) -> None:
        """Raise `PointmassError` where rows have no spread that a number can hold."""
        self._family.check_rows(values)

    def data_warnings(self, values: Array, weights: Array | None) -> list[str]:
        """Return what a regression's user should know."""
        return self._family.data_warnings(values, weights)

    def least_rows(self, n_columns: int) -> int:
        """Return 2, which can show a spread: the weights have a prior."""
        return 2

    def collect(self, responsibilities: Array, rows: Rows, beliefs: Beliefs) -> Statistics:
        """Return the statistics under ``beliefs``: there is no component to be responsible."""
        inference = self.infer(beliefs, rows.coordinates)
        return inference.complete(inference.statistics(rows, soft), soft)

    def numbers_per_row(self, n_columns: int) -> int:
        """Return the size of a row's statistics."""
        return (n_columns + 1) * (n_columns + 2) // 2 + 2 * n_columns

    def expected_target(self, parameters: Parameters, features: Array) -> Array:
        """Return E[y | x] (n,)."""
        coefficients = {COEFFICIENTS: np.asarray(parameters[COEFFICIENTS])[None]}
        return np.asarray(self._family.expected_target(coefficients, features)[0])

    def sample(
        self, parameters: Parameters, n: int, rng: np.random.Generator, features: Array | None = None
    ) -> tuple[Array, Array]:
        """Return rows (x, y) with targets drawn at the coefficients, and zeros."""
        if features is None:
            raise PointmassError("a regression draws targets for given features: give X")
        noise = rng.standard_normal(n) / np.sqrt(parameters[NOISE])
        target = self.expected_target(parameters, features) + noise
        return np.column_stack([features, target]), np.zeros(n, dtype=np.intp)

    def interchangeable(self, prior: Beliefs, labels: Array | None) -> Array:
        """Return one group: there is one component."""
        return np.zeros(1, dtype=np.intp)
