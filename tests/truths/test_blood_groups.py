"""Blood groups of 521 ulcer patients (Clarke et al. 1959): Lange's estimates, and direct maximisation."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.special import softmax
from scipy.stats import multinomial

from pointmass import EM, StructuredMultinomial, load_dataset

MODEL = StructuredMultinomial(cells="blood_groups")


def log_likelihood(frequencies: np.ndarray) -> float:
    a, b, o = frequencies
    cells = [a**2 + 2 * a * o, b**2 + 2 * b * o, 2 * a * b, o**2]
    return float(multinomial.logpmf([186, 38, 13, 284], 521, cells))


def test_the_frequencies_are_langes() -> None:
    """Lange (2002), *Mathematical and Statistical Methods for Genetic Analysis*, table 2.1."""
    fit = EM(MODEL, tol=1e-12).fit(load_dataset("ulcer_patients").X)
    assert fit.estimate_["probabilities"] == pytest.approx([0.2136, 0.0501, 0.7363], abs=6e-5)
    assert fit.status_ == "converged"


def test_the_maximum_is_that_of_direct_search() -> None:
    fit = EM(MODEL, tol=1e-12).fit(load_dataset("ulcer_patients").X)
    best = minimize(lambda v: -log_likelihood(softmax([*v, 0.0])), [-1.0, -2.0], method="BFGS", tol=1e-10)
    assert fit.log_likelihood_ == pytest.approx(-best.fun, abs=1e-8)
    assert fit.estimate_["probabilities"] == pytest.approx(softmax([*best.x, 0.0]), abs=1e-5)
