"""The interface of a family of conditional densities: the last column of a row is a target, given the others."""

from __future__ import annotations

from abc import abstractmethod
from typing import ClassVar

import numpy as np

from pointmass.errors import PointmassError
from pointmass.families.conjugate import Parameters
from pointmass.families.family import Family
from pointmass.numerics import Array

__all__ = ["ConditionalFamily"]


class ConditionalFamily(Family):
    """A likelihood p(y | x, θ); its rows are (x, y), and what it says of x is nothing.

    Sufficient statistics, coordinates, priors and kernels are those of any family, of rows (x, y). What is drawn and
    what is expected needs x, so it is asked for by other names.
    """

    is_conditional: ClassVar[bool] = True

    @abstractmethod
    def expected_target(self, parameters: Parameters, features: Array) -> Array:
        """Return E[y | x] (K, n) at public parameters with a component axis, for features (n, d)."""

    @abstractmethod
    def sample_target(self, parameters: Parameters, features: Array, labels: Array, rng: np.random.Generator) -> Array:
        """Return targets (n,) for features (n, d) from the components named by ``labels`` (n,)."""

    @abstractmethod
    def mean_statistics_given(self, parameters: Parameters, features: Array) -> Array:
        """Return the mean of E[t | x, θ] (K, S) over features (n, d)."""

    def mean_statistics(self, parameters: Parameters) -> Array:
        """Refuse: the mean depends on x."""
        raise PointmassError(f"the mean statistics of {type(self).__name__} depend on the features; give them")

    def sample(self, parameters: Parameters, labels: Array, rng: np.random.Generator) -> Array:
        """Refuse: nothing is said of x."""
        raise PointmassError(f"{type(self).__name__} draws targets for given features; give X")
