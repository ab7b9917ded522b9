"""The predictive density of a target whose coefficients are normal and whose noise precision is gamma or known."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.special import gammaincinv

from pointmass.families.point_mass import PointMass, point_at_mean
from pointmass.models.base import Beliefs
from pointmass.models.rows import Rows
from pointmass.models.shared_coefficients import COEFFICIENTS, NOISE, design_of
from pointmass.numerics import Array

__all__ = ["log_predictive"]

_NODES = 64


def log_predictive(beliefs: Beliefs, rows: Rows) -> Array:
    """Return the log density (n,) of each target: normal in the coefficients, averaged over the noise precision.

    Parameters
    ----------
    beliefs : dict of str to belief
        Of the noise precision and of the coefficients, in working coordinates.
    rows : Rows
        Features and targets.
    """
    expected = beliefs[COEFFICIENTS].expected_natural_parameters()
    z = rows.coordinates.transform(rows.values)
    design = design_of(z[:-1], expected["coefficients"].shape[-1])
    residual = z[-1] - expected["coefficients"][0] @ design
    spread = np.einsum("in,ij,jn->n", design, expected["spread"][0], design)
    precisions = _nodes(beliefs[NOISE])
    variance = spread + 1.0 / precisions[:, None]
    densities = -0.5 * (np.log(2.0 * np.pi * variance) + residual**2 / variance)
    return np.asarray(np.logaddexp.reduce(densities, axis=0) - np.log(len(precisions)))


def _nodes(noise: Any) -> Array:
    """Return precisions of equal probability: the point, or the middles of equal parts of a gamma distribution."""
    if isinstance(noise, PointMass):
        return np.ravel(point_at_mean(noise).parameters["precision"])
    probabilities = (np.arange(_NODES) + 0.5) / _NODES
    return np.ravel(gammaincinv(noise.shape, probabilities) / noise.rate)
