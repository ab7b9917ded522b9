"""Default priors of the precisions of a regression's noise and weights, and the coordinates it works in."""

from __future__ import annotations

import numpy as np

from pointmass.families.coordinates import Coordinates
from pointmass.families.design_moments import DesignMoments
from pointmass.families.gamma_precision import GammaPrecision
from pointmass.models.base import Beliefs
from pointmass.models.coefficient_groups import CoefficientGroups
from pointmass.models.shared_coefficients import NOISE, WEIGHTS

__all__ = ["default_priors", "flat_priors", "working_coordinates"]


def default_priors(design: DesignMoments, groups: CoefficientGroups) -> Beliefs:
    """Return weak priors in the units of the target and the features."""
    data = design.joint
    variance = float(data.scales[-1]) ** 2
    slope = variance / float(np.mean(data.scales[:-1] ** 2))
    return _broadcast(GammaPrecision(1.5, 0.05 * variance), GammaPrecision(1.0, slope), groups)


def flat_priors(groups: CoefficientGroups) -> Beliefs:
    """Return priors that are flat in the precisions."""
    flat = GammaPrecision(1.0, 0.0)
    return _broadcast(flat, flat, groups)


def _broadcast(noise: GammaPrecision, weights: GammaPrecision, groups: CoefficientGroups) -> Beliefs:
    return {NOISE: noise.broadcast(1, 1), WEIGHTS: weights.broadcast(1, len(groups.sizes))}


def working_coordinates(design: DesignMoments) -> Coordinates:
    """Return features and target about their mean (or zero), and the target in units of its spread."""
    scale = np.ones(len(design.joint.mean))
    scale[-1] = design.joint.scales[-1]
    return Coordinates(design.joint.mean, scale, given=len(scale) - 1)
