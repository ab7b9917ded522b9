"""Waiting times: independent exponential columns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from pointmass.errors import PointmassError
from pointmass.families.checks import check_prior, column_means
from pointmass.families.conjugate import Parameters
from pointmass.families.coordinates import Coordinates
from pointmass.families.family import Family
from pointmass.families.gamma import Gamma
from pointmass.numerics import Array

__all__ = ["Exponential"]


@dataclass(frozen=True, eq=False, repr=False)
class Exponential(Family):
    r"""Waiting times in each column, independent exponential variables.

    .. math:: \log p(x \mid \lambda) = \sum_j (\log \lambda_j - \lambda_j x_j)

    Parameters
    ----------
    prior : Gamma, PointMass or None
        Prior of the rates of one component, in one over the data's units. None: ``Gamma(1, mean)`` for each column,
        worth one row at the data's mean.

    Raises
    ------
    PointmassError
        If the prior is of another kind, or, in ``fit``, a value is negative.

    References
    ----------
    Gelman et al. (2013), *Bayesian Data Analysis*, section 2.6; the predictive is Lomax's distribution.

    Examples
    --------
    >>> from pointmass import MLE, Exponential
    >>> MLE(Exponential()).fit([0.5, 1.0, 4.5]).estimate_["rate"]
    array([0.5])
    """

    prior: Any = None

    parameter_dims: ClassVar[dict[str, tuple[str, ...]]] = {"rate": ("feature",)}

    def __post_init__(self) -> None:
        """Refuse priors of another kind."""
        check_prior("Exponential", self.prior, Gamma)

    def sufficient_statistics(self, rows: Array) -> Array:
        """Return (1, x)."""
        return np.concatenate([np.ones((1, rows.shape[1])), rows])

    def coefficients(self, expected: Parameters) -> Array:
        """Return (Σ E[log λ], −E[λ])."""
        return np.concatenate([expected["log_rate"].sum(1, keepdims=True), -expected["rate"]], axis=1)

    def mean_statistics(self, parameters: Parameters) -> Array:
        """Return E[t] = (1, 1 / λ)."""
        return np.concatenate([np.ones((len(parameters["rate"]), 1)), 1.0 / parameters["rate"]], axis=1)

    def check_rows(self, rows: Array) -> None:
        """Refuse negative values."""
        wrong = np.argwhere(rows < 0)
        if len(wrong):
            row, column = wrong[0]
            raise PointmassError(
                f"Exponential needs values of at least 0, got {rows[row, column]:g} at row {row}, column {column}"
            )

    def default_prior(self, rows: Array, weights: Array | None) -> Gamma:
        """Return Gamma(1, mean)."""
        return Gamma(np.ones(rows.shape[1]), column_means(rows, weights))

    def flat_prior(self, n_components: int, n_columns: int) -> Gamma:
        """Return Gamma(1, 0)."""
        size = (n_components, n_columns)
        return Gamma.trusted(shape=np.ones(size), rate=np.zeros(size))

    def update(self, prior: Gamma, statistics: Array) -> Gamma:
        """Return Gamma(shape + Σ r, rate + Σ r x)."""
        return prior.update(statistics[:, :1], statistics[:, 1:])

    def log_predictive(self, posterior: Gamma, rows: Array) -> Array:
        """Return the Lomax log density (K, n) of rows (d, n)."""
        shape, rate = posterior.shape[..., None], posterior.rate[..., None]
        return np.asarray((np.log(shape / rate) - (shape + 1.0) * np.log1p(rows / rate)).sum(1))

    def sample(self, parameters: Parameters, labels: Array, rng: np.random.Generator) -> Array:
        """Return rows (n, d)."""
        return rng.standard_exponential((len(labels), parameters["rate"].shape[1])) / parameters["rate"][labels]

    # -- numerics -------------------------------------------------------------------------------------------

    @property
    def floor(self) -> float:
        """The lowest variance of a point: a millionth of the data's mean as standard deviation."""
        return 1e-12

    def coordinates(self, rows: Array, weights: Array | None) -> Coordinates:
        """Return waiting times in units of each column's mean."""
        return Coordinates(np.zeros(rows.shape[1]), column_means(rows, weights))

    def degenerate_components(self, parameters: Parameters) -> Array:
        """Return which components have a rate at its ceiling: all their rows are zero."""
        return np.asarray((parameters["rate"] >= 0.999 / np.sqrt(self.floor)).any(1))
