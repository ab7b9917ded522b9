"""A fit's sweep, linearised at its optimum: what every method that rests on the Jacobian shares."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from pointmass.errors import PointmassError
from pointmass.families.conjugate import Parameters
from pointmass.inference.jacobian import LARGEST_DENSE, Jacobian
from pointmass.inference.missing_information import MissingInformation
from pointmass.models import Beliefs
from pointmass.numerics import Array
from pointmass.uncertainty.base import Fitted

__all__ = ["Linearised"]


@dataclass(frozen=True, eq=False)
class Linearised:
    """The Jacobian of a fit's sweep at its belief, and the public parameters' answer to the statistics.

    Parameters
    ----------
    fit : fitted estimator
        A fit whose belief is the fixed point of a sweep.
    beliefs : dict of str to belief, optional
        Another fixed point of the same sweep, in working coordinates.
    """

    fit: Fitted
    beliefs: Beliefs | None = None

    @cached_property
    def jacobian(self) -> Jacobian:
        """The derivative of the sweep at the fit's belief."""
        sweep, beliefs = self.fit.sweep_at_fit()
        jacobian = Jacobian(sweep, beliefs if self.beliefs is None else self.beliefs)
        if not jacobian.is_dense:
            raise PointmassError(
                f"the Jacobian of this fit has {jacobian.frame.size} rows, more than the {LARGEST_DENSE} that are held "
                "as a matrix; use fewer components or columns, or the bootstrap"
            )
        return jacobian

    @cached_property
    def information(self) -> MissingInformation:
        """The fraction of information that is missing, direction by direction."""
        return MissingInformation.of(self.jacobian)

    @cached_property
    def loadings(self) -> Array:
        """W (size, r): how the public parameters, one vector, answer to directions that complete data tell apart."""
        return self.information.loadings(self.jacobian.response(self._public))

    def _public(self, beliefs: Beliefs) -> Array:
        coordinates = self.fit.coordinates_
        blocks = {name: belief.mapped(coordinates).parameter_mean() for name, belief in beliefs.items()}
        return flat(self.fit.model_.public(blocks), self.fit.estimate_)

    def complete_variances(self) -> Parameters:
        """Return each parameter's variance under complete data."""
        return self.shaped((self.loadings**2).sum(axis=1))

    def excess_variances(self) -> Parameters:
        """Return what the latents add to each parameter's variance."""
        info = self.information
        turned = self.loadings @ info.directions
        return self.shaped((turned**2) @ (info.fractions / (1.0 - info.fractions)))

    def shaped(self, vector: Array) -> Parameters:
        """Return one vector as arrays shaped like the estimates."""
        shaped, start = {}, 0
        for name, array in self.fit.estimate_.items():
            shaped[name] = vector[start : start + array.size].reshape(array.shape)
            start += array.size
        return shaped

    def facts(self) -> dict[str, Any]:
        """Return what the missing information says: its largest fraction, and each parameter's."""
        complete, excess = self.complete_variances(), self.excess_variances()
        fractions = {}
        for name, variance in complete.items():
            total = variance + excess[name]
            fractions[name] = np.divide(excess[name], total, out=np.zeros_like(total), where=total > 0)
        return {"spectral_radius": self.information.radius, "missing_information": fractions}


def flat(parameters: Parameters, like: Parameters) -> Array:
    """Return parameters as one vector, in the order of ``like``."""
    return np.concatenate([np.ravel(parameters[name]) for name in like])
