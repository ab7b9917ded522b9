"""The guarded Newton steps of hidden units: each unit's logit is one of two classes, on and off."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from pointmass.families.conjugate import Parameters
from pointmass.families.logit_statistics import LogitStatistics
from pointmass.families.logit_step import LogitTarget, stepped
from pointmass.families.normal_coefficients import NormalCoefficients
from pointmass.families.normal_logits import NormalLogits
from pointmass.families.point_mass import PointMass
from pointmass.numerics import Array

__all__ = ["UnitsPosterior", "unit_targets"]


def unit_targets(statistics: LogitStatistics, mean: Array, factor: Array) -> list[LogitTarget]:
    """Return what each unit's step may not lower, as a function of the coefficients (2, p) of off and on.

    Parameters
    ----------
    statistics : LogitStatistics
        Sums (H, p) of the features over the rows whose unit is on, and the rows' features.
    mean : ndarray, shape (H, p)
        Of the normal prior of each unit's coefficients.
    factor : ndarray, shape (H, p, p)
        Cholesky factor of its precision; zero where the prior is flat.
    """
    whole = sum(design @ w for design, w in statistics.designs)
    return [
        LogitTarget(
            LogitStatistics(np.stack([whole - on, on]), statistics.designs),
            # With rows of −w/2 and w/2, half the distance counts twice.
            NormalLogits.trusted(mean=np.stack([-0.5 * centre, 0.5 * centre]), precision=2.0 * half @ half.T),
        )
        for on, centre, half in zip(statistics.sums, mean, factor, strict=True)
    ]


@dataclass(frozen=True, eq=False, repr=False)
class UnitsPosterior(NormalCoefficients):
    """Normal priors times the units' logits: what is known of it is a step uphill, as of `LogitPosterior`.

    Parameters
    ----------
    statistics : LogitStatistics
        Expected statistics.
    start : ndarray, shape (H, p)
        Coefficients that entered the sweep.
    """

    statistics: Any = None
    start: Any = None

    def parameter_mode(self, floor: float = 0.0) -> Parameters:
        """Return coefficients at which no unit's posterior density is lower than at the start."""
        targets = unit_targets(self.statistics, self.mean, self.factor)
        pairs = zip(targets, self.start, strict=True)
        found = [stepped(target, np.stack([-0.5 * own, 0.5 * own])) for target, own in pairs]
        return {"coefficients": np.array([on - off for off, on in found])}

    def at(self, parameters: Parameters) -> PointMass:
        """Return the point mass at coefficients, which the prior's own class scores."""
        return PointMass.trusted(parameters=parameters, conjugate=NormalCoefficients)
