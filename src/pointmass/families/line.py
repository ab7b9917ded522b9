"""Conditional families whose target depends on the features through one line a component: what these share."""

from __future__ import annotations

import numpy as np

from pointmass.errors import PointmassError
from pointmass.families.conditional import ConditionalFamily
from pointmass.families.conjugate import Parameters
from pointmass.numerics import Array

__all__ = ["LineFamily"]


class LineFamily(ConditionalFamily):
    """A likelihood of y given (1, x)ᵀ β, with the public parameter ``coefficients``.

    Attributes
    ----------
    fit_intercept : bool
        Whether the first coefficient is that of a constant.
    """

    fit_intercept: bool

    def _check_intercept(self) -> None:
        """Refuse an intercept that is neither asked for nor not."""
        if not isinstance(self.fit_intercept, bool | np.bool_):
            raise PointmassError(
                f"{type(self).__name__}: fit_intercept must be True or False, got {self.fit_intercept!r}",
                path=("fit_intercept",),
            )
        object.__setattr__(self, "fit_intercept", bool(self.fit_intercept))

    def _size(self, n_columns: int) -> int:
        """Return p, the number of coefficients, for rows (x, y) of so many columns."""
        return n_columns - 1 + self.fit_intercept

    def axis_sizes(self, n_columns: int) -> dict[str, int]:
        """Return the number of coefficients."""
        return {"coefficient": self._size(n_columns)}

    def _n_columns(self, parameters: Parameters) -> int:
        return int(np.shape(parameters["coefficients"])[-1]) + 1 - self.fit_intercept

    def _line(self, parameters: Parameters, features: Array) -> Array:
        """Return (1, x)ᵀ β of each component (K, n) at features (n, d)."""
        return np.asarray(parameters["coefficients"] @ self._design(features).T)

    def _design(self, features: Array) -> Array:
        """Return (1, x), shape (n, p), of features (n, d)."""
        return np.column_stack([np.ones(len(features)), features]) if self.fit_intercept else features
