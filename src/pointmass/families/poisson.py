"""Counts: independent Poisson columns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from scipy.special import betaln

from pointmass.families.checks import check_prior, check_whole_numbers, column_means
from pointmass.families.conjugate import Parameters
from pointmass.families.family import Family
from pointmass.families.gamma import Gamma
from pointmass.numerics import Array, log_factorial

__all__ = ["Poisson"]


@dataclass(frozen=True, eq=False, repr=False)
class Poisson(Family):
    r"""Counts in each column, independent Poisson variables.

    .. math:: \log p(x \mid \lambda) = \sum_j (x_j \log \lambda_j - \lambda_j - \log x_j!)

    Parameters
    ----------
    prior : Gamma, PointMass or None
        Prior of the rates of one component. None: ``Gamma(1, 1 / mean)`` for each column: the exponential
        distribution with the data's mean, worth one over that mean of a row.

    Raises
    ------
    PointmassError
        If the prior is of another kind, or, in ``fit``, a value is no whole number of at least 0.

    References
    ----------
    Gelman et al. (2013), *Bayesian Data Analysis*, section 2.6; the predictive is negative binomial.

    Examples
    --------
    >>> from pointmass import MLE, Poisson
    >>> MLE(Poisson()).fit([0, 2, 4]).estimate_["rate"]
    array([2.])
    """

    prior: Any = None

    parameter_dims: ClassVar[dict[str, tuple[str, ...]]] = {"rate": ("feature",)}

    def __post_init__(self) -> None:
        """Refuse priors of another kind."""
        check_prior("Poisson", self.prior, Gamma)

    def sufficient_statistics(self, rows: Array) -> Array:
        """Return (1, x)."""
        return np.concatenate([np.ones((1, rows.shape[1])), rows])

    def log_base_measure(self, rows: Array) -> Array:
        """Return −Σ log x!."""
        return -log_factorial(rows).sum(0)

    def coefficients(self, expected: Parameters) -> Array:
        """Return (−Σ E[λ], E[log λ])."""
        return np.concatenate([-expected["rate"].sum(1, keepdims=True), expected["log_rate"]], axis=1)

    def mean_statistics(self, parameters: Parameters) -> Array:
        """Return E[t] = (1, λ)."""
        return np.concatenate([np.ones((len(parameters["rate"]), 1)), parameters["rate"]], axis=1)

    def check_rows(self, rows: Array) -> None:
        """Refuse what is no count."""
        check_whole_numbers("Poisson", rows)

    def default_prior(self, rows: Array, weights: Array | None) -> Gamma:
        """Return Gamma(1, 1 / mean)."""
        return Gamma(np.ones(rows.shape[1]), 1.0 / column_means(rows, weights))

    def starting_prior(self, rows: Array, weights: Array | None) -> Gamma:
        """Return Gamma(2, 1 / mean), whose mode is the mean: no start has a rate of zero."""
        return Gamma(np.full(rows.shape[1], 2.0), 1.0 / column_means(rows, weights))

    def flat_prior(self, n_components: int, n_columns: int) -> Gamma:
        """Return Gamma(1, 0)."""
        size = (n_components, n_columns)
        return Gamma.trusted(shape=np.ones(size), rate=np.zeros(size))

    def update(self, prior: Gamma, statistics: Array) -> Gamma:
        """Return Gamma(shape + Σ r x, rate + Σ r)."""
        return prior.update(statistics[:, 1:], statistics[:, :1])

    def log_predictive(self, posterior: Gamma, rows: Array) -> Array:
        """Return the negative binomial log probability (K, n) of rows (d, n)."""
        shape, rate = posterior.shape[..., None], posterior.rate[..., None]
        seen = np.maximum(rows, 1.0)
        ratio = np.where(rows > 0, -np.log(seen) - betaln(shape, seen), 0.0)  # log Γ(a + x) / (Γ(a) x!)
        return np.asarray((ratio - shape * np.log1p(1.0 / rate) - rows * np.log1p(rate)).sum(1))

    def sample(self, parameters: Parameters, labels: Array, rng: np.random.Generator) -> Array:
        """Return rows (n, d)."""
        return rng.poisson(parameters["rate"][labels]).astype(float)
