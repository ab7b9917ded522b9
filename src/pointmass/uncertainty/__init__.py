"""What a fit says about its own uncertainty: one file a method, one line each in the registry below."""

from __future__ import annotations

from pointmass.uncertainty.base import Fitted, Method, Uncertainty
from pointmass.uncertainty.bootstrap import bootstrap, bootstrap_bayesian, bootstrap_parametric
from pointmass.uncertainty.draws import draws
from pointmass.uncertainty.importance import importance
from pointmass.uncertainty.information import information
from pointmass.uncertainty.linear_response import linear_response
from pointmass.uncertainty.mean_field import mean_field
from pointmass.uncertainty.registry import UNCERTAINTIES, available, quick, unasked, uncertainty_of
from pointmass.uncertainty.sandwich import sandwich

__all__ = [
    "UNCERTAINTIES",
    "Fitted",
    "Method",
    "Uncertainty",
    "available",
    "bootstrap",
    "bootstrap_bayesian",
    "bootstrap_parametric",
    "draws",
    "importance",
    "information",
    "linear_response",
    "mean_field",
    "quick",
    "sandwich",
    "unasked",
    "uncertainty_of",
]
