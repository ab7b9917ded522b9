"""Cohen's tones (De Veaux 1989): two lines, memory and what was heard, with the figures usually given for them."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats
from scipy.optimize import minimize

from pointmass import EM, LinearRegression, Mixture, load_dataset


def test_two_lines() -> None:
    """Their usual figures, and SciPy's search of the same likelihood from the two hypotheses: 2, and the stretch."""
    data = load_dataset("tones")
    fit = EM(Mixture(LinearRegression(), 2), tol=1e-10, rng=0).fit(data.X, data.y)
    order = np.argsort(fit.estimate_["coefficients"][:, 1])
    weights, lines = fit.estimate_["weights"][order], fit.estimate_["coefficients"][order]
    sds = np.sqrt(fit.estimate_["noise_variance"][order])
    assert weights == pytest.approx([0.698, 0.302], abs=5e-4)
    assert lines == pytest.approx(np.array([[1.916, 0.043], [-0.019, 0.992]]), abs=5e-4)
    assert sds == pytest.approx([0.046, 0.133], abs=5e-4)
    assert {start["status"] for start in fit.restarts_} == {"converged"}

    def loss(vector: np.ndarray) -> float:
        first, second = (
            stats.norm.logpdf(data.y, a + b * data.X[:, 0], np.exp(log_sd))
            for a, b, log_sd in (vector[1:4], vector[4:7])
        )
        return -float(np.logaddexp(first - np.logaddexp(0, -vector[0]), second - np.logaddexp(0, vector[0])).sum())

    found = minimize(loss, [0.0, 2.0, 0.0, -2.0, 0.0, 1.0, -2.0], method="BFGS", options={"gtol": 1e-6})
    assert fit.log_likelihood_ == pytest.approx(-found.fun, abs=1e-7)
    assert lines.ravel() == pytest.approx(found.x[[1, 2, 4, 5]], abs=1e-4)
