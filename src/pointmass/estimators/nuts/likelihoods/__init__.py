"""Ways to the log likelihood that NUTS samples: one file each, one line each in the registry below."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pointmass.estimators.nuts.likelihoods.expected_statistics import expected_statistics
from pointmass.estimators.nuts.likelihoods.pymc_terms import pymc_terms

__all__ = ["LIKELIHOODS", "Likelihood", "expected_statistics", "pymc_terms"]

type Likelihood = Callable[[Any, Any, Any], Any]
"""Takes the `Joint`, the model and its rows in the context of the PyMC model, and returns a scalar tensor."""

LIKELIHOODS: dict[str, Likelihood] = {
    "pymc": pymc_terms,
    "pointmass": expected_statistics,
}
