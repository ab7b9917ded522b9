"""One of several categories in one column."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np

from pointmass.errors import PointmassError
from pointmass.families.checks import check_prior, check_whole_numbers
from pointmass.families.conjugate import Parameters
from pointmass.families.dirichlet import Dirichlet
from pointmass.families.dirichlet_probabilities import DirichletProbabilities, category_prior, log_count_predictive
from pointmass.families.family import Family
from pointmass.numerics import Array

__all__ = ["Categorical"]

_MOST = 10_000


@dataclass(frozen=True, eq=False, repr=False)
class Categorical(Family):
    r"""One column of categories, coded 0, 1, …, C − 1.

    .. math:: p(x \mid \theta) = \theta_x

    Parameters
    ----------
    n_categories : int or None
        C. None: one more than the highest code of the rows that are fitted.
    prior : Dirichlet, PointMass or None
        Prior of the probabilities of one component. None: ``Dirichlet(1)``, uniform.

    Raises
    ------
    PointmassError
        If an option is impossible, or, in ``fit``, a value is no code.

    References
    ----------
    Bishop (2006), *Pattern Recognition and Machine Learning*, section 2.2.

    Examples
    --------
    >>> from pointmass import MLE, Categorical
    >>> MLE(Categorical()).fit([0, 2, 1, 2]).estimate_["probabilities"]
    array([0.25, 0.25, 0.5 ])
    """

    n_categories: int | None = None
    prior: Any = None

    parameter_dims: ClassVar[dict[str, tuple[str, ...]]] = {"probabilities": ("category",)}

    def __post_init__(self) -> None:
        """Refuse numbers of categories that make no sense, and priors of another kind."""
        check_prior("Categorical", self.prior, Dirichlet)
        size = self.n_categories
        if size is not None and (isinstance(size, bool) or not isinstance(size, int | np.integer) or size < 1):
            raise PointmassError(
                f"Categorical: n_categories must be an integer of at least 1, got {size!r}", path=("n_categories",)
            )

    def fitted_to(self, rows: Array) -> Categorical:
        """Return the family with the number of categories of rows (n, 1)."""
        self.check_rows(rows)
        if self.n_categories is not None:
            return self
        highest = int(rows.max())
        if highest >= max(_MOST, 2 * len(rows)):
            raise PointmassError(
                f"code {highest} at row {int(rows.argmax())} would make {highest + 1} categories; encode the "
                "categories as 0, 1, 2, …, or set n_categories"
            )
        return replace(self, n_categories=highest + 1)

    @property
    def _size(self) -> int:
        if self.n_categories is None:
            raise PointmassError("Categorical: the number of categories comes with the data; fit, or set n_categories")
        return self.n_categories

    def axis_sizes(self, n_columns: int) -> dict[str, int]:
        """Return the number of categories."""
        return {"feature": n_columns, "category": self._size}

    def _n_columns(self, parameters: Parameters) -> int:
        return 1

    def sufficient_statistics(self, rows: Array) -> Array:
        """Return 1 and an indicator of each category."""
        indicators = rows == np.arange(self._size)[:, None]
        return np.concatenate([np.ones((1, rows.shape[1])), indicators])

    def coefficients(self, expected: Parameters) -> Array:
        """Return (0, E[log θ])."""
        logs = expected["log_probabilities"]
        return np.concatenate([np.zeros((len(logs), 1)), logs], axis=1)

    def mean_statistics(self, parameters: Parameters) -> Array:
        """Return E[t] = (1, θ)."""
        return np.concatenate([np.ones((len(parameters["probabilities"]), 1)), parameters["probabilities"]], axis=1)

    def check_rows(self, rows: Array) -> None:
        """Refuse several columns, and values that are no code."""
        if rows.shape[1] != 1:
            raise PointmassError(
                f"Categorical is one column of codes, got {rows.shape[1]} columns; Multinomial takes counts of "
                "categories, Bernoulli zeros and ones"
            )
        check_whole_numbers("Categorical", rows, None if self.n_categories is None else self.n_categories - 1)

    def default_prior(self, rows: Array, weights: Array | None) -> Dirichlet:
        """Return Dirichlet(1)."""
        return Dirichlet(np.ones(self._size))

    def starting_prior(self, rows: Array, weights: Array | None) -> Dirichlet:
        """Return Dirichlet(1 + 1 / C), whose mode lies inside: no start has a probability of 0."""
        return Dirichlet(np.full(self._size, 1.0 + 1.0 / self._size))

    def flat_prior(self, n_components: int, n_columns: int) -> DirichletProbabilities:
        """Return Dirichlet(1)."""
        return DirichletProbabilities.trusted(concentration=np.ones((n_components, self._size)))

    def broadcast_prior(self, prior: Any, n_components: int, n_columns: int) -> Any:
        """Return the prior of category probabilities (K, C)."""
        return category_prior(prior, n_components, self._size)

    def update(self, prior: DirichletProbabilities, statistics: Array) -> DirichletProbabilities:
        """Return Dirichlet(concentration + expected counts)."""
        return DirichletProbabilities.trusted(concentration=prior.concentration + statistics[:, 1:])

    def log_predictive(self, posterior: DirichletProbabilities, rows: Array) -> Array:
        """Return the log probability (K, n) of rows (1, n): each category's share of the concentration."""
        return log_count_predictive(posterior.concentration, self.sufficient_statistics(rows)[1:])

    def sample(self, parameters: Parameters, labels: Array, rng: np.random.Generator) -> Array:
        """Return rows (n, 1)."""
        cumulative = parameters["probabilities"].cumsum(-1)[labels]
        return (cumulative < rng.random((len(labels), 1)) * cumulative[:, -1:]).sum(1, keepdims=True).astype(float)
