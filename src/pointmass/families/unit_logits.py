"""Logit coefficients of things that have no units of the data: hidden units that are on or off."""

from __future__ import annotations

from dataclasses import dataclass

from pointmass.families.conjugate import Parameters
from pointmass.families.coordinates import Coordinates
from pointmass.families.normal_logits import NormalLogits

__all__ = ["UnitLogits"]


@dataclass(frozen=True, eq=False, repr=False)
class UnitLogits(NormalLogits):
    """Normal prior of logit coefficients that do not change when the data change their units."""

    def mapped(self, coordinates: Coordinates) -> UnitLogits:
        """Return the same distribution."""
        return self

    @classmethod
    def mapped_parameters(cls, parameters: Parameters, coordinates: Coordinates) -> Parameters:
        """Return the parameters as they are."""
        return parameters
