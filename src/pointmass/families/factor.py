"""One factor of a product of priors: whose it is, of which class, and which columns it speaks of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pointmass.families.conjugate import ConjugatePrior, Parameters
from pointmass.families.point_mass import PointMass

__all__ = ["Factor"]


@dataclass(frozen=True)
class Factor:
    """What tells one class of products of priors from another, factor by factor.

    Arrays of all factors live in one dict, under their own names after the factor's: ``size_mean``, ``visits_rate``.

    Parameters
    ----------
    name : str
        Name of the part; an empty one leaves the names of its own things as they are.
    conjugate : type
        Class of its prior.
    columns : tuple of int
        Columns of the data that it speaks of.
    floor : float
        The part's lowest variance (`Family.floor`).
    known : bool
        Whether its parameters are held known: then they are all that it has, and nothing moves them.
    """

    name: str
    conjugate: type[ConjugatePrior]
    columns: tuple[int, ...]
    floor: float = 0.0
    known: bool = False

    @property
    def constraints(self) -> dict[str, str]:
        """Kind of each hyperparameter, by its name in the product."""
        return self.parameter_constraints if self.known else self.named(self.conjugate.constraints)

    @property
    def parameter_constraints(self) -> dict[str, str]:
        """Kind of each parameter, by its name in the product."""
        kinds = self.conjugate.parameter_constraints
        return self.named(dict.fromkeys(kinds, "known") if self.known else kinds)

    def named(self, arrays: Mapping[str, Any]) -> dict[str, Any]:
        """Return the part's own things by their names in the product."""
        return {self._full(key): value for key, value in arrays.items()}

    def _full(self, key: str) -> str:
        return f"{self.name}_{key}" if self.name else key

    def own(self, arrays: Mapping[str, Any]) -> Parameters:
        """Return the part's hyperparameters or parameters by its own names, out of those of the product."""
        names = dict.fromkeys((*self.conjugate.constraints, *self.conjugate.parameter_constraints))
        return {key: arrays[full] for key in names if (full := self._full(key)) in arrays}

    def point(self, parameters: Mapping[str, Any]) -> PointMass:
        """Return the point mass of the part at its share of the product's parameters."""
        return PointMass.trusted(parameters=self.own(parameters), conjugate=self.conjugate)

    def belief(self, hyperparameters: Mapping[str, Any]) -> ConjugatePrior | PointMass:
        """Return the part's belief, given the hyperparameters of the product."""
        if self.known:
            return self.point(hyperparameters)
        return self.conjugate.trusted(**self.own(hyperparameters))
