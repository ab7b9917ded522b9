"""Standard errors from the observed information of two univariate normals, by finite differences."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy.stats import norm

__all__ = ["parameters", "standard_errors"]


def parameters(fit: Any) -> np.ndarray:
    """Return weight, means and sds, the lower mean first."""
    order = np.argsort(fit.estimate_["mean"].ravel())
    sds = np.sqrt(fit.estimate_["covariance"].ravel()[order])
    return np.array([fit.estimate_["weights"][order[0]], *fit.estimate_["mean"].ravel()[order], *sds])


def standard_errors(fit: Any, x: np.ndarray) -> np.ndarray:
    """Return standard errors of weight, means and sds at an EM fit's estimate."""

    def log_likelihood(p: np.ndarray) -> float:
        first = np.log(p[0]) + norm.logpdf(x, p[1], p[3])
        second = np.log1p(-p[0]) + norm.logpdf(x, p[2], p[4])
        return float(np.logaddexp(first, second).sum())

    at = parameters(fit)
    steps = 1e-4 * np.array([1.0, *at[3:], *at[3:]])
    return np.sqrt(np.diag(np.linalg.inv(-_hessian(log_likelihood, at, steps))))


def _hessian(function: Callable[[np.ndarray], float], at: np.ndarray, steps: np.ndarray) -> np.ndarray:
    moves = np.diag(steps)
    hessian = np.empty((len(at), len(at)))
    for i in range(len(at)):
        for j in range(len(at)):
            corners = [function(at + a * moves[i] + b * moves[j]) * a * b for a in (1, -1) for b in (1, -1)]
            hessian[i, j] = sum(corners) / (4.0 * steps[i] * steps[j])
    return hessian
