"""Yes or no: independent Bernoulli columns, the items of a latent class model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from pointmass.families.beta import Beta
from pointmass.families.checks import check_prior, check_whole_numbers
from pointmass.families.conjugate import Parameters
from pointmass.families.family import Family
from pointmass.numerics import Array

__all__ = ["Bernoulli"]


@dataclass(frozen=True, eq=False, repr=False)
class Bernoulli(Family):
    r"""Zeros and ones in each column, independent given the component.

    .. math:: \log p(x \mid \theta) = \sum_j x_j \log \theta_j + (1 - x_j) \log(1 - \theta_j)

    A mixture of them is the latent class model of yes-or-no items. The statistics are the successes and the failures,
    so that a probability of 0 or 1 is exact.

    Parameters
    ----------
    prior : Beta, PointMass or None
        Prior of the probabilities of one component. None: ``Beta(1, 1)``, uniform.

    Raises
    ------
    PointmassError
        If the prior is of another kind, or, in ``fit``, a value is neither 0 nor 1.

    References
    ----------
    Bishop (2006), *Pattern Recognition and Machine Learning*, section 9.3.3.

    Examples
    --------
    >>> from pointmass import MLE, Bernoulli
    >>> MLE(Bernoulli()).fit([0, 1, 1, 1]).estimate_["probability"]
    array([0.75])
    """

    prior: Any = None

    parameter_dims: ClassVar[dict[str, tuple[str, ...]]] = {"probability": ("feature",)}

    def __post_init__(self) -> None:
        """Refuse priors of another kind."""
        check_prior("Bernoulli", self.prior, Beta)

    def sufficient_statistics(self, rows: Array) -> Array:
        """Return (1, x, 1 − x)."""
        return np.concatenate([np.ones((1, rows.shape[1])), rows, 1.0 - rows])

    def coefficients(self, expected: Parameters) -> Array:
        """Return (0, E[log θ], E[log(1 − θ)])."""
        zero = np.zeros((len(expected["log_probability"]), 1))
        return np.concatenate([zero, expected["log_probability"], expected["log_complement"]], axis=1)

    def mean_statistics(self, parameters: Parameters) -> Array:
        """Return E[t] = (1, θ, 1 − θ)."""
        probability = parameters["probability"]
        return np.concatenate([np.ones((len(probability), 1)), probability, 1.0 - probability], axis=1)

    def check_rows(self, rows: Array) -> None:
        """Refuse what is neither 0 nor 1."""
        check_whole_numbers("Bernoulli", rows, highest=1)

    def default_prior(self, rows: Array, weights: Array | None) -> Beta:
        """Return Beta(1, 1)."""
        return Beta(np.ones(rows.shape[1]), np.ones(rows.shape[1]))

    def starting_prior(self, rows: Array, weights: Array | None) -> Beta:
        """Return Beta(1.5, 1.5), whose mode lies inside: no start has a probability of 0 or 1."""
        return Beta(np.full(rows.shape[1], 1.5), np.full(rows.shape[1], 1.5))

    def flat_prior(self, n_components: int, n_columns: int) -> Beta:
        """Return Beta(1, 1)."""
        size = (n_components, n_columns)
        return Beta.trusted(a=np.ones(size), b=np.ones(size))

    def update(self, prior: Beta, statistics: Array) -> Beta:
        """Return Beta(a + Σ r x, b + Σ r (1 − x))."""
        d = prior.a.shape[1]
        return prior.update(statistics[:, 1 : d + 1], statistics[:, d + 1 :])

    def log_predictive(self, posterior: Beta, rows: Array) -> Array:
        """Return the log probability (K, n) of rows (d, n): the beta-binomial of one trial."""
        a, b = posterior.a, posterior.b
        return np.asarray(np.log(a / (a + b)) @ rows + np.log(b / (a + b)) @ (1.0 - rows))

    def sample(self, parameters: Parameters, labels: Array, rng: np.random.Generator) -> Array:
        """Return rows (n, d)."""
        probability = parameters["probability"][labels]
        return (rng.random(probability.shape) < probability).astype(float)
