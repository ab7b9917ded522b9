"""The interface of a conjugate prior, which is also the posterior of a variational or exact fit."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar, Self

import numpy as np

from pointmass.families.coordinates import Coordinates
from pointmass.families.point_mass import PointMass
from pointmass.numerics import Array
from pointmass.values import Value

__all__ = ["ConjugatePrior", "Parameters"]

type Parameters = dict[str, Array]


class ConjugatePrior(Value):
    """A distribution over the parameters of one block, closed under the updates of its likelihood.

    Hyperparameters are fields. As a prior they are given for one component; ``broadcast`` adds the leading
    component axis that every posterior has. Parameters are dicts of arrays with that same axis.

    Attributes
    ----------
    constraints : dict of str to str
        Kind of each hyperparameter (see `pointmass.families.constraints`).
    parameter_constraints : dict of str to str
        Kind of each parameter.
    """

    constraints: ClassVar[Mapping[str, str]]
    parameter_constraints: ClassVar[Mapping[str, str]]
    is_prior: ClassVar[bool] = True

    @abstractmethod
    def broadcast(self, n_components: int, n_columns: int) -> Self:
        """Return the prior with one copy of the hyperparameters for each component."""

    @property
    @abstractmethod
    def is_proper(self) -> bool:
        """Whether the density integrates to one."""

    @abstractmethod
    def expected_natural_parameters(self) -> Parameters:
        """Return the expectations of the parameters that the likelihood asks for, by name."""

    @classmethod
    @abstractmethod
    def natural_parameters_at(cls, parameters: Parameters) -> Parameters:
        """Return the same quantities for parameters that are known."""

    @abstractmethod
    def log_density(self, parameters: Parameters) -> Array:
        """Return the log density, summed over components, in the coordinates that the class names.

        Leading axes of the parameters, those of draws, are kept. A prior that is improper has no constant; a flat
        one is zero everywhere.
        """

    @classmethod
    def log_volume(cls, parameters: Parameters) -> Array:
        """Return log ``|d coordinates of log_density / d parameters|``, summed over components; leading axes kept.

        Zero, as it is here, where the log density is one of the parameters themselves.
        """
        return np.zeros(())

    @abstractmethod
    def divergence(self, prior: Self) -> float:
        """Return the Kullback-Leibler divergence from ``prior``, summed over components (nats)."""

    def given(self, belief: Self | PointMass, rng: np.random.Generator | None) -> ConjugatePrior:
        """Return the prior that an update starts from; nearly always the prior itself.

        A mixture of conjugate priors is conjugate given what it is mixed over: that is taken at its expectation under
        the belief about the parameters, or with an ``rng`` drawn.
        """
        return self

    @abstractmethod
    def parameter_mode(self, floor: float = 0.0) -> Parameters:
        """Return the mode; ``floor`` bounds variances from below where the family has them."""

    @abstractmethod
    def parameter_mean(self) -> Parameters:
        """Return the mean of each parameter; infinite where it does not exist."""

    @abstractmethod
    def parameter_sd(self) -> Parameters:
        """Return the marginal standard deviation of each parameter; infinite where it does not exist."""

    @abstractmethod
    def parameter_quantile(self, probability: Array | float) -> Parameters:
        """Return the marginal quantile of each parameter.

        Parameters
        ----------
        probability : float or ndarray
            Between 0 and 1.

        Returns
        -------
        dict of str to ndarray
            Shaped as the parameters, the axes of ``probability`` in front.
        """

    @abstractmethod
    def parameter_draws(self, size: int, rng: np.random.Generator) -> Parameters:
        """Return ``size`` independent draws with a leading axis."""

    def mode(self, floor: float = 0.0) -> PointMass:
        """Return the point mass at the mode."""
        return self.at(self.parameter_mode(floor))

    def draw(self, rng: np.random.Generator) -> PointMass:
        """Return the point mass at one draw."""
        return self.at({name: array[0] for name, array in self.parameter_draws(1, rng).items()})

    def at(self, parameters: Parameters) -> PointMass:
        """Return the point mass at ``parameters``, which knows this class of priors."""
        return PointMass.trusted(parameters=parameters, conjugate=type(self))

    @classmethod
    def signature(cls) -> Any:
        """Return what tells this class from others of its name, as a plain tree; None where the name is enough."""
        return None

    def hyperparameters(self) -> Parameters:
        """Return the hyperparameters by name, in the order of ``constraints``."""
        return {name: getattr(self, name) for name in self.constraints}

    @classmethod
    def shared(cls, arrays: Parameters) -> tuple[str, ...]:
        """Return which hyperparameters, or parameters, all components share: these have no component axis."""
        return ()

    def with_hyperparameters(self, values: Parameters) -> Self:
        """Return a belief of the same kind with other hyperparameters, unchecked."""
        return type(self).trusted(**values)

    def mapped(self, coordinates: Coordinates) -> Self:
        """Return the same distribution seen from the data's own units, given it in working coordinates."""
        return self

    @classmethod
    def mapped_parameters(cls, parameters: Parameters, coordinates: Coordinates) -> Parameters:
        """Return ``parameters`` in the data's own units, given in working coordinates."""
        return parameters
