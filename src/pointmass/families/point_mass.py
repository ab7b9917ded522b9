"""A point estimate is a distribution: all of its mass at one value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from pointmass.errors import PointmassError
from pointmass.families.coordinates import Coordinates
from pointmass.numerics import Array
from pointmass.values import Value

if TYPE_CHECKING:
    from pointmass.families.conjugate import ConjugatePrior

__all__ = ["PointMass", "component_of", "conjugate_of", "point_at_mean"]


@dataclass(frozen=True, eq=False, repr=False)
class PointMass(Value):
    """The distribution that puts all its mass on one value of a block of parameters.

    It answers what posteriors answer, so a sweep never asks which of them stands for the parameters. Given as
    a prior it holds its block known. Its entropy is −∞ and is left out of every objective by convention: what
    stands in the place of −KL is the log prior density.

    Parameters
    ----------
    parameters : dict of str to ndarray, or array_like
        The value of each parameter of the block; a bare array is the value of the block's only parameter.
    conjugate : type, optional
        The conjugate prior of the block, which knows the parameters' constraints; filled in by the model.

    Examples
    --------
    >>> from pointmass import Gaussian, Mixture, PointMass
    >>> Mixture(Gaussian(), n_components=2, weights_prior=PointMass([0.5, 0.5]))
    Mixture(family=Gaussian(), n_components=2, weights_prior=PointMass(parameters=[0.5, 0.5]))
    """

    parameters: Any
    conjugate: type[ConjugatePrior] | None = None

    def __post_init__(self) -> None:
        """Convert the value to arrays and refuse what is not finite."""
        if isinstance(self.parameters, Mapping):
            value: Any = {str(name): _finite(array) for name, array in self.parameters.items()}
        else:
            value = _finite(self.parameters)
        object.__setattr__(self, "parameters", value)

    def options(self) -> dict[str, Any]:
        """Return the value alone: the conjugate prior belongs to the model."""
        return {"parameters": self.parameters}

    def resolved(self, conjugate: type[ConjugatePrior], only: str | None = None) -> PointMass:
        """Return the point with its conjugate prior known; ``only`` names a bare array's parameter."""
        value = self.parameters
        if not isinstance(value, Mapping):
            if only is None:
                names = ", ".join(conjugate.parameter_constraints)
                raise PointmassError(f"PointMass needs a dict with {names} for this block, got a bare array")
            value = {only: value}
        if set(value) != set(conjugate.parameter_constraints):
            names = ", ".join(conjugate.parameter_constraints)
            raise PointmassError(f"PointMass needs the parameters {names}, got {', '.join(value) or 'none'}")
        return PointMass.trusted(parameters=dict(value), conjugate=conjugate)

    @property
    def family(self) -> type[ConjugatePrior]:
        """The class of conjugate priors of the block."""
        if self.conjugate is None:
            raise PointmassError("this PointMass does not know its block yet; give it to a model first")
        return self.conjugate

    @property
    def is_proper(self) -> bool:
        """A point mass integrates to one."""
        return True

    def expected_natural_parameters(self) -> dict[str, Array]:
        """Return the expectations that the likelihood asks for: the values at the point."""
        return self.family.natural_parameters_at(self.parameters)

    def given(self, belief: ConjugatePrior | PointMass, rng: np.random.Generator | None) -> PointMass:
        """Return the point mass itself."""
        return self

    def divergence(self, prior: ConjugatePrior | PointMass) -> float:
        """Return minus the log prior density at the point; zero where the prior is this point."""
        return 0.0 if isinstance(prior, PointMass) else -float(prior.log_density(self.parameters))

    def parameter_mean(self) -> dict[str, Array]:
        """Return the point."""
        return dict(self.parameters)

    def mode(self, floor: float = 0.0) -> PointMass:
        """Return the point mass itself."""
        return self

    def draw(self, rng: np.random.Generator) -> PointMass:
        """Return the point mass itself."""
        return self

    def parameter_sd(self) -> dict[str, Array]:
        """Return zeros: a block that is held known has no spread."""
        return {name: np.zeros_like(array) for name, array in self.parameters.items()}

    def parameter_quantile(self, probability: Array | float) -> dict[str, Array]:
        """Return the point, which is each of its quantiles."""
        axes = np.shape(probability)
        return {name: np.broadcast_to(array, (*axes, *np.shape(array))) for name, array in self.parameters.items()}

    def parameter_draws(self, size: int, rng: np.random.Generator) -> dict[str, Array]:
        """Return ``size`` copies of the point along a leading axis."""
        return {name: np.repeat(array[None], size, axis=0) for name, array in self.parameters.items()}

    @property
    def constraints(self) -> Mapping[str, str]:
        """Kind of each parameter."""
        return self.family.parameter_constraints

    def hyperparameters(self) -> dict[str, Array]:
        """Return the parameters by name, in the order of ``constraints``."""
        return {name: self.parameters[name] for name in self.constraints}

    def shared(self, arrays: dict[str, Array]) -> tuple[str, ...]:
        """Return which parameters all components share."""
        return self.family.shared(arrays)

    def with_hyperparameters(self, values: dict[str, Array]) -> PointMass:
        """Return the point at other values, unchecked."""
        return PointMass.trusted(parameters=values, conjugate=self.conjugate)

    def taken(self, index: int | slice) -> PointMass:
        """Return one draw, or some, of a point whose parameters have a leading axis of draws."""
        return self.with_hyperparameters({name: array[index] for name, array in self.parameters.items()})

    def mapped(self, coordinates: Coordinates) -> PointMass:
        """Return the point in the data's own units, given it in working coordinates."""
        return self.with_hyperparameters(self.family.mapped_parameters(self.parameters, coordinates))


def conjugate_of(belief: ConjugatePrior | PointMass) -> type[ConjugatePrior]:
    """Return the class of conjugate priors that a belief belongs to."""
    return belief.family if isinstance(belief, PointMass) else type(belief)


def component_of(belief: ConjugatePrior | PointMass, component: int) -> ConjugatePrior | PointMass:
    """Return the belief about one component alone, what all components share included."""
    arrays = belief.hyperparameters()
    shared = belief.shared(arrays)
    own = slice(component, component + 1)
    return belief.with_hyperparameters({name: a if name in shared else a[own] for name, a in arrays.items()})


def point_at_mean(belief: ConjugatePrior | PointMass) -> PointMass:
    """Return the point mass at a belief's mean."""
    return belief if isinstance(belief, PointMass) else belief.at(belief.parameter_mean())


def _finite(value: Any) -> Array:
    try:
        array = np.array(value, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise PointmassError(f"PointMass needs numbers, got {value!r}") from error
    if not np.isfinite(array).all():
        raise PointmassError("PointMass needs finite values")
    array.flags.writeable = False
    return array
