"""What a fit says about its own uncertainty: one file a method, one line each in the registry below."""

from __future__ import annotations

from pointmass.uncertainty.base import Fitted, Method, Uncertainty
from pointmass.uncertainty.draws import draws
from pointmass.uncertainty.mean_field import mean_field
from pointmass.uncertainty.registry import UNCERTAINTIES, available, uncertainty_of

__all__ = [
    "UNCERTAINTIES",
    "Fitted",
    "Method",
    "Uncertainty",
    "available",
    "draws",
    "mean_field",
    "uncertainty_of",
]
