"""Counts of categories in each row."""

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
from pointmass.numerics import Array, log_factorial

__all__ = ["Multinomial"]


@dataclass(frozen=True, eq=False, repr=False)
class Multinomial(Family):
    r"""Rows of counts of C categories, one category a column, given their total.

    .. math:: p(x \mid \theta) = \frac{(\sum_c x_c)!}{\prod_c x_c!} \prod_c \theta_c^{x_c}

    Parameters
    ----------
    n_trials : int or None
        Total of the rows that are drawn; the rows that are fitted may have any totals. None: the mean of their
        totals, rounded.
    prior : Dirichlet, PointMass or None
        Prior of the probabilities of one component. None: ``Dirichlet(1)``, uniform.

    Raises
    ------
    PointmassError
        If an option is impossible, or, in ``fit``, a value is no count.

    References
    ----------
    Bishop (2006), *Pattern Recognition and Machine Learning*, section 2.2; the predictive is Dirichlet-multinomial.

    Examples
    --------
    >>> from pointmass import MLE, Multinomial
    >>> MLE(Multinomial()).fit([[3, 1, 0], [1, 2, 1]]).estimate_["probabilities"]
    array([0.5  , 0.375, 0.125])
    """

    n_trials: int | None = None
    prior: Any = None

    parameter_dims: ClassVar[dict[str, tuple[str, ...]]] = {"probabilities": ("category",)}

    def __post_init__(self) -> None:
        """Refuse numbers of trials that make no sense, and priors of another kind."""
        check_prior(type(self).__name__, self.prior, Dirichlet)
        size = self.n_trials
        if size is not None and (isinstance(size, bool) or not isinstance(size, int | np.integer) or size < 1):
            raise PointmassError(
                f"{type(self).__name__}: n_trials must be an integer of at least 1, got {size!r}", path=("n_trials",)
            )

    def fitted_to(self, rows: Array) -> Multinomial:
        """Return the family with the total of the rows (n, C)."""
        if self.n_trials is not None:
            return self
        return replace(self, n_trials=max(1, round(float(rows.sum(1).mean()))))

    @property
    def _trials(self) -> int:
        if self.n_trials is None:
            raise PointmassError(
                f"{type(self).__name__}: the number of trials comes with the data; fit, or set n_trials"
            )
        return self.n_trials

    def axis_sizes(self, n_columns: int) -> dict[str, int]:
        """Return the number of columns, which are the categories."""
        return {"feature": n_columns, "category": n_columns}

    def sufficient_statistics(self, rows: Array) -> Array:
        """Return (1, x)."""
        return np.concatenate([np.ones((1, rows.shape[1])), rows])

    def log_base_measure(self, rows: Array) -> Array:
        """Return the log multinomial coefficient."""
        return np.asarray(log_factorial(rows.sum(0)) - log_factorial(rows).sum(0))

    def coefficients(self, expected: Parameters) -> Array:
        """Return (0, E[log θ])."""
        logs = expected["log_probabilities"]
        return np.concatenate([np.zeros((len(logs), 1)), logs], axis=1)

    def mean_statistics(self, parameters: Parameters) -> Array:
        """Return E[t] = (1, n θ), n the number of trials."""
        counts = self._trials * parameters["probabilities"]
        return np.concatenate([np.ones((len(counts), 1)), counts], axis=1)

    def check_rows(self, rows: Array) -> None:
        """Refuse what is no count."""
        check_whole_numbers(type(self).__name__, rows)

    def default_prior(self, rows: Array, weights: Array | None) -> Dirichlet:
        """Return Dirichlet(1)."""
        return Dirichlet(np.ones(rows.shape[1]))

    def starting_prior(self, rows: Array, weights: Array | None) -> Dirichlet:
        """Return Dirichlet(1 + 1 / C), whose mode lies inside: no start has a probability of 0."""
        return Dirichlet(np.full(rows.shape[1], 1.0 + 1.0 / rows.shape[1]))

    def flat_prior(self, n_components: int, n_columns: int) -> DirichletProbabilities:
        """Return Dirichlet(1)."""
        return DirichletProbabilities.trusted(concentration=np.ones((n_components, n_columns)))

    def broadcast_prior(self, prior: Any, n_components: int, n_columns: int) -> Any:
        """Return the prior of category probabilities (K, C)."""
        return category_prior(prior, n_components, n_columns)

    def update(self, prior: DirichletProbabilities, statistics: Array) -> DirichletProbabilities:
        """Return Dirichlet(concentration + expected counts)."""
        return DirichletProbabilities.trusted(concentration=prior.concentration + statistics[:, 1:])

    def log_predictive(self, posterior: DirichletProbabilities, rows: Array) -> Array:
        """Return the Dirichlet-multinomial log probability (K, n) of rows (C, n)."""
        return log_count_predictive(posterior.concentration, rows) + self.log_base_measure(rows)

    def sample(self, parameters: Parameters, labels: Array, rng: np.random.Generator) -> Array:
        """Return rows (n, C)."""
        shares = parameters["probabilities"] / parameters["probabilities"].sum(-1, keepdims=True)
        return rng.multinomial(self._trials, shares[labels]).astype(float)
