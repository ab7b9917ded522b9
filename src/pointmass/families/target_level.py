"""Beliefs about the level of a target and about effects that shift it: both are in the target's units alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from pointmass.families.conjugate import Parameters
from pointmass.families.coordinates import Coordinates
from pointmass.families.gamma_precision import target_unit
from pointmass.families.normal_coefficients import NormalCoefficients
from pointmass.families.normal_inverse_gamma_coefficients import NormalInverseGammaCoefficients

__all__ = ["NormalEffects", "TargetLevel"]


@dataclass(frozen=True, eq=False, repr=False)
class TargetLevel(NormalInverseGammaCoefficients):
    """The mean of a target, the one coefficient of a regression without features, and its noise variance."""

    def mapped(self, coordinates: Coordinates) -> Self:
        """Return the same distribution in the target's own units."""
        seen = super().mapped(_of_target(coordinates))
        return self.with_hyperparameters(seen.hyperparameters())

    @classmethod
    def mapped_parameters(cls, parameters: Parameters, coordinates: Coordinates) -> Parameters:
        """Return the level and the noise variance in the target's own units."""
        return super().mapped_parameters(parameters, _of_target(coordinates))


@dataclass(frozen=True, eq=False, repr=False)
class NormalEffects(NormalCoefficients):
    """What each group adds to the level of a target."""

    def mapped(self, coordinates: Coordinates) -> Self:
        """Return the same distribution in the target's own units."""
        unit = target_unit(coordinates)
        return self.trusted(mean=self.mean * unit, factor=self.factor / unit)

    @classmethod
    def mapped_parameters(cls, parameters: Parameters, coordinates: Coordinates) -> Parameters:
        """Return effects in the target's own units."""
        return {"coefficients": parameters["coefficients"] * target_unit(coordinates)}


def _of_target(coordinates: Coordinates) -> Coordinates:
    return coordinates.of([len(coordinates.shift) - 1])
