"""The uncertainty of a sampled posterior: standard deviations and quantiles of its draws."""

from __future__ import annotations

import numpy as np

from pointmass.families.conjugate import Parameters
from pointmass.numerics import Array
from pointmass.uncertainty.base import Fitted, Uncertainty

__all__ = ["draws"]


def draws(fit: Fitted, level: float, rng: np.random.Generator) -> Uncertainty:
    """Return what the draws say, all chains together.

    Parameters
    ----------
    fit : fitted estimator
        A fit that holds draws.
    level : float
        Probability of the intervals.
    rng : numpy.random.Generator
        Not used: the draws are already there.
    """
    flat = {name: array.reshape(-1, *array.shape[2:]) for name, array in fit.draws_.items()}

    def quantile(probability: Array | float) -> Parameters:
        return {name: np.quantile(array, probability, axis=0) for name, array in flat.items()}

    sd = {name: array.std(axis=0, ddof=1) for name, array in flat.items()}
    return Uncertainty("draws", sd, level, quantile, flat, dict(fit.diagnostics_))
