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

_NEARLY_ALL = 0.9
_UNMOVED = 1e-5  # of a parameter's variance under complete data


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
        """The fraction of information that is missing, direction by direction.

        Directions of which nearly all is missing, and along which no public parameter moves, are left out: a rotation
        is nothing that the data could tell, and nothing that anyone is told.
        """
        found = MissingInformation.of(self.jacobian)
        moved = (found.loadings(self._response) @ found.directions) ** 2
        still = (moved <= _UNMOVED * moved.sum(axis=1, keepdims=True)).all(axis=0)
        return found.without(still & (found.fractions > _NEARLY_ALL))

    @cached_property
    def _response(self) -> Array:
        return self.jacobian.response(self._public)

    @cached_property
    def loadings(self) -> Array:
        """W (size, r): how the public parameters, one vector, answer to directions that complete data tell apart."""
        return self.information.loadings(self._response)

    def _public(self, beliefs: Beliefs) -> Array:
        return flat(self._in_units(self._with_latents(beliefs), "parameter_mean"), self.fit.estimate_)

    def _with_latents(self, beliefs: Beliefs) -> Beliefs:
        """Return the beliefs and what they make, of the same rows, of latents that these share."""
        return self.jacobian.sweep.with_latents(beliefs, self.jacobian.statistics)

    def _in_units(self, beliefs: Beliefs, ask: str) -> Parameters:
        """Return what each belief answers, as public parameters in the data's units."""
        coordinates = self.fit.coordinates_
        return self.fit.model_.public({name: getattr(b.mapped(coordinates), ask)() for name, b in beliefs.items()})

    @cached_property
    def _latent_variances(self) -> Parameters:
        """Variances of the latents that all rows share, at the belief about the parameters."""
        every = self._with_latents(self.jacobian.beliefs)
        latent = {name: every[name] for name in every if name not in self.jacobian.beliefs}
        return {name: sd**2 for name, sd in self._in_units(latent, "parameter_sd").items()} if latent else {}

    def complete_variances(self) -> Parameters:
        """Return each parameter's variance under complete data; a latent's is its own at the belief."""
        return {**self.shaped((self.loadings**2).sum(axis=1)), **self._latent_variances}

    def excess_variances(self) -> Parameters:
        """Return what the latents add to each parameter's variance.

        A latent that all rows share moves with the parameters: theirs is all added to its own variance (Kass and
        Steffey 1989, *JASA* 84).
        """
        info = self.information
        turned = (self.loadings @ info.directions) ** 2
        added = self.shaped(turned @ (info.fractions / (1.0 - info.fractions)))
        moved = self.shaped(turned @ (1.0 / (1.0 - info.fractions)))
        return {name: moved[name] if name in self._latent_variances else array for name, array in added.items()}

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
