"""Classes given hidden units that are on or off: one multinomial logit for every pattern of the units."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np
from scipy.special import log_softmax, softmax

from pointmass.errors import PointmassError
from pointmass.families.checks import check_whole_numbers
from pointmass.families.conditional import ConditionalFamily
from pointmass.families.conjugate import Parameters
from pointmass.families.coordinates import Coordinates
from pointmass.families.data_moments import refuse_tiny_spread
from pointmass.families.design_moments import design_moments
from pointmass.families.logit_statistics import LogitStatistics
from pointmass.families.normal_logits import NormalLogits, centred_rows
from pointmass.families.unit_logits import UnitLogits
from pointmass.numerics import Array

__all__ = ["UnitClasses", "unit_patterns"]

# Standard deviation of each coefficient under the default prior.
_SD = 2.5


def unit_patterns(n_units: int) -> Array:
    """Return every pattern (2^H, H) of units that are off (0) or on (1).

    Examples
    --------
    >>> unit_patterns(2).tolist()
    [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]
    """
    return np.array([[(k >> (n_units - 1 - j)) & 1 for j in range(n_units)] for k in range(2**n_units)], dtype=float)


@dataclass(frozen=True, eq=False, repr=False)
class UnitClasses(ConditionalFamily):
    r"""Class of a row given its hidden units.

    .. math:: p(y = c \mid h) \propto e^{v_c^T (1, h)}, \qquad \sum_c v_c = 0

    A component is a pattern of the units; the coefficients are common to all of them.

    Parameters
    ----------
    n_units : int
        H.
    n_classes : int or None
        C; None is one more than the largest class of the data.
    prior : NormalLogits or None
        Prior of the coefficients (C, 1 + H). None has a standard deviation of 2.5 for each.
    """

    n_units: int
    n_classes: int | None = None
    prior: Any = None

    parameter_dims: ClassVar[dict[str, tuple[str, ...]]] = {"output": ("category", "unit_coefficient")}

    @property
    def _size(self) -> int:
        if self.n_classes is None:
            raise PointmassError("the number of classes comes with the data; fit first")
        return self.n_classes

    @property
    def design(self) -> Array:
        """A constant and the units of every pattern (2^H, 1 + H)."""
        patterns = unit_patterns(self.n_units)
        return np.column_stack([np.ones(len(patterns)), patterns])

    def axis_sizes(self, n_columns: int) -> dict[str, int]:
        """Return the numbers of classes and coefficients."""
        return {"category": self._size, "unit_coefficient": 1 + self.n_units}

    def fitted_to(self, rows: Array) -> UnitClasses:
        """Return the family with the number of classes of rows whose last column is the class."""
        return self if self.n_classes is not None else replace(self, n_classes=int(rows[:, -1].max()) + 1)

    # -- the likelihood -------------------------------------------------------------------------------------

    def sufficient_statistics(self, rows: Array) -> Array:
        """Return 1 and an indicator of each class."""
        indicators = rows[-1] == np.arange(self._size)[:, None]
        return np.concatenate([np.ones((1, rows.shape[1])), indicators])

    def coefficients(self, expected: Parameters) -> Array:
        """Return (0, log p(class | pattern)) (K, 1 + C)."""
        logs = log_softmax(self.design @ expected["logits"].T, axis=1)
        return np.concatenate([np.zeros((len(logs), 1)), logs], axis=1)

    def logit_statistics(self, counts: Array) -> LogitStatistics:
        """Return expected counts (K, 1 + C) of patterns and classes as the statistics of the multinomial logit."""
        return LogitStatistics.of(counts[:, 1:].T, self.design.T)

    def probabilities(self, parameters: Parameters) -> Array:
        """Return p(class | pattern) (K, C) at public parameters."""
        return np.asarray(softmax(self.design @ np.asarray(parameters["output"]).T, axis=1))

    def expected_target(self, parameters: Parameters, features: Array) -> Array:
        """Refuse: classes have no mean."""
        raise PointmassError("classes have no mean; ask for their probabilities")

    def mean_statistics_given(self, parameters: Parameters, features: Array) -> Array:
        """Return 1 and the probability of each class."""
        shares = self.probabilities(parameters)
        return np.concatenate([np.ones((len(shares), 1)), shares], axis=1)

    def sample_target(self, parameters: Parameters, features: Array, labels: Array, rng: np.random.Generator) -> Array:
        """Return classes (n,) of the patterns named by ``labels`` (n,)."""
        cumulative = self.probabilities(parameters).cumsum(axis=1)[labels]
        return (cumulative[:, :-1] < rng.random((len(labels), 1))).sum(axis=1).astype(float)

    # -- the prior ------------------------------------------------------------------------------------------

    def default_prior(self, rows: Array, weights: Array | None) -> NormalLogits:
        """Return the weak prior about equal probabilities."""
        return NormalLogits(precision=_SD**-2)

    def flat_prior(self, n_components: int, n_columns: int) -> UnitLogits:
        """Return the flat prior."""
        return UnitLogits.flat(self._size, 1 + self.n_units)

    def broadcast_prior(self, prior: Any, n_components: int, n_columns: int) -> UnitLogits:
        """Return the prior of so many classes and units."""
        own = prior.broadcast(self._size, 1 + self.n_units)
        return UnitLogits.trusted(mean=own.mean, precision=own.precision)

    def update(self, prior: Any, statistics: Any) -> Any:
        """Refuse: a step needs to know where it starts."""
        raise NotImplementedError("the coefficients have no conjugate update")

    def log_predictive(self, posterior: Any, rows: Array) -> Array:
        """Refuse: there is no posterior to average over."""
        raise NotImplementedError("the coefficients have no conjugate posterior")

    def public(self, parameters: Parameters) -> Parameters:
        """Return the coefficients."""
        return {"output": parameters["logits"]}

    def native(self, parameters: Parameters) -> Parameters:
        """Return the coefficients with rows that sum to zero, whichever class was the reference."""
        return {"logits": centred_rows(np.asarray(parameters["output"], dtype=float))}

    # -- numerics -------------------------------------------------------------------------------------------

    def coordinates(self, rows: Array, weights: Array | None) -> Coordinates:
        """Return features whitened about their mean; classes stay as they are."""
        return design_moments(rows, weights, centred=True).coordinates(proper=True).with_target_as_it_is

    def check_rows(self, rows: Array) -> None:
        """Refuse rows without a feature, features whose spread no number can hold, and classes that are no codes."""
        if rows.shape[1] < 2:
            raise PointmassError("a network needs classes beside the features: fit(X, y)")
        refuse_tiny_spread(rows[:, :-1])
        check_whole_numbers("BernoulliNetwork: y", rows[:, -1:], None if self.n_classes is None else self.n_classes - 1)

    def degenerate_components(self, parameters: Parameters) -> Array:
        """Return False: there is no variance to collapse."""
        return np.zeros(1, dtype=bool)
