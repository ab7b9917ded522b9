"""Failures before a success: independent geometric columns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from scipy.special import betaln

from pointmass.families.beta import Beta
from pointmass.families.checks import check_prior, check_whole_numbers
from pointmass.families.conjugate import Parameters
from pointmass.families.family import Family
from pointmass.numerics import Array

__all__ = ["Geometric"]


@dataclass(frozen=True, eq=False, repr=False)
class Geometric(Family):
    r"""Numbers of failures before the first success, 0, 1, 2, …, in each column.

    .. math:: \log p(x \mid \theta) = \sum_j \log \theta_j + x_j \log(1 - \theta_j)

    (Where the success is counted too, so that x = 1, 2, …, subtract one.)

    Parameters
    ----------
    prior : Beta, PointMass or None
        Prior of the probabilities of success of one component. None: ``Beta(1, 1)``, uniform.

    Raises
    ------
    PointmassError
        If the prior is of another kind, or, in ``fit``, a value is no whole number of at least 0.

    References
    ----------
    Johnson, Kemp and Kotz (2005), *Univariate Discrete Distributions*, section 5.2; the predictive is
    beta-geometric.

    Examples
    --------
    >>> from pointmass import MLE, Geometric
    >>> MLE(Geometric()).fit([0, 1, 5]).estimate_["probability"].round(4)
    array([0.3333])
    """

    prior: Any = None

    parameter_dims: ClassVar[dict[str, tuple[str, ...]]] = {"probability": ("feature",)}

    def __post_init__(self) -> None:
        """Refuse priors of another kind."""
        check_prior("Geometric", self.prior, Beta)

    def sufficient_statistics(self, rows: Array) -> Array:
        """Return (1, x)."""
        return np.concatenate([np.ones((1, rows.shape[1])), rows])

    def coefficients(self, expected: Parameters) -> Array:
        """Return (Σ E[log θ], E[log(1 − θ)])."""
        constant = expected["log_probability"].sum(1, keepdims=True)
        return np.concatenate([constant, expected["log_complement"]], axis=1)

    def mean_statistics(self, parameters: Parameters) -> Array:
        """Return E[t] = (1, 1 / θ − 1)."""
        probability = parameters["probability"]
        return np.concatenate([np.ones((len(probability), 1)), (1.0 - probability) / probability], axis=1)

    def check_rows(self, rows: Array) -> None:
        """Refuse what is no count."""
        check_whole_numbers("Geometric", rows)

    def default_prior(self, rows: Array, weights: Array | None) -> Beta:
        """Return Beta(1, 1)."""
        return Beta(np.ones(rows.shape[1]), np.ones(rows.shape[1]))

    def starting_prior(self, rows: Array, weights: Array | None) -> Beta:
        """Return Beta(1.5, 1.5), whose mode lies inside."""
        return Beta(np.full(rows.shape[1], 1.5), np.full(rows.shape[1], 1.5))

    def flat_prior(self, n_components: int, n_columns: int) -> Beta:
        """Return Beta(1, 1)."""
        size = (n_components, n_columns)
        return Beta.trusted(a=np.ones(size), b=np.ones(size))

    def update(self, prior: Beta, statistics: Array) -> Beta:
        """Return Beta(a + Σ r, b + Σ r x)."""
        return prior.update(statistics[:, :1], statistics[:, 1:])

    def log_predictive(self, posterior: Beta, rows: Array) -> Array:
        """Return log B(a + 1, b + x) − log B(a, b), shape (K, n), of rows (d, n)."""
        a, b = posterior.a[..., None], posterior.b[..., None]
        return np.asarray((betaln(a + 1.0, b + rows) - betaln(a, b)).sum(1))

    def sample(self, parameters: Parameters, labels: Array, rng: np.random.Generator) -> Array:
        """Return rows (n, d)."""
        return rng.geometric(parameters["probability"][labels]) - 1.0
