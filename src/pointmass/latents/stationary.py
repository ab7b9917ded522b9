"""Chains whose first state has the stationary distribution of the transition matrix: no conjugate prior, but a mode."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from scipy.optimize import minimize
from scipy.special import xlogy

from pointmass.families.conjugate import Parameters
from pointmass.families.dirichlet import Dirichlet
from pointmass.families.point_mass import PointMass
from pointmass.numerics import Array

__all__ = ["StationaryRows", "stationary_distribution"]

_TINY = 1e-300


def stationary_distribution(transition_matrix: Array) -> Array:
    """Return δ (..., K) with δ A = δ; of a chain that falls apart, the one nearest even shares.

    It solves (I − A + U)ᵀ δ = 1, U the matrix of ones (Zucchini, MacDonald and Langrock 2016, section 1.3.2).

    Parameters
    ----------
    transition_matrix : ndarray, shape (..., K, K)
        Rows that sum to one.

    Examples
    --------
    >>> import numpy as np
    >>> stationary_distribution(np.array([[0.9, 0.1], [0.3, 0.7]])).round(6)
    array([0.75, 0.25])
    """
    matrix = np.asarray(transition_matrix, dtype=float)
    k = matrix.shape[-1]
    system = np.swapaxes(np.eye(k) - matrix + 1.0, -1, -2)
    try:
        solved = np.linalg.solve(system, np.ones((*matrix.shape[:-1], 1)))[..., 0]
    except np.linalg.LinAlgError:
        solved = (np.linalg.pinv(system) @ np.ones((*matrix.shape[:-1], 1)))[..., 0]
    shares = np.maximum(solved, 0.0)
    return np.asarray(shares / shares.sum(axis=-1, keepdims=True))


@dataclass(frozen=True, eq=False, repr=False)
class StationaryRows(Dirichlet):
    """What a stationary chain knows of its transitions: Dirichlet rows, times the probabilities of first states.

    The product is no Dirichlet distribution: its mode alone is known, and is found numerically.

    Parameters
    ----------
    concentration : ndarray, shape (K, K)
        Concentrations of the rows.
    starts : ndarray, shape (K,)
        Expected number of sequences that start in each state.
    """

    starts: Any = 0.0

    constraints: ClassVar[dict[str, str]] = {"concentration": "positive", "starts": "known"}

    def parameter_mode(self, floor: float = 0.0) -> Parameters:
        """Return the mode in the rows themselves, by quasi-Newton steps from where the starts tell nothing of them."""
        counts, k = np.maximum(self.concentration - 1.0, 0.0), len(self.starts)
        plain = super().parameter_mode(floor)["weights"]
        if k == 1:
            return {"weights": plain}
        # Even a mode at zero has its logarithm: coordinates are logs up to a constant in each row.
        start = np.log(np.maximum(plain, 1e-12))
        search: Any = minimize
        found = search(self._loss, start.ravel(), args=(counts,), jac=True, method="L-BFGS-B", options=_OPTIONS)
        rows = _softmax(found.x.reshape(k, k))
        return {"weights": rows if self._gain(rows, counts) >= self._gain(plain, counts) else plain}

    def _gain(self, rows: Array, counts: Array) -> float:
        first = stationary_distribution(rows)
        return float(xlogy(counts, np.maximum(rows, _TINY)).sum() + xlogy(self.starts, np.maximum(first, _TINY)).sum())

    def _loss(self, vector: Array, counts: Array) -> tuple[float, Array]:
        """Return minus the log density per count, and its gradient by the logarithms of the rows."""
        k = len(self.starts)
        rows = _softmax(vector.reshape(k, k))
        first = stationary_distribution(rows)
        # dδ = δ dA (I − A + U)⁻¹, so that the slope by A_ij is δ_i g_j with g = (I − A + U)⁻¹ (n / δ).
        pull = np.linalg.solve(np.eye(k) - rows + 1.0, self.starts / np.maximum(first, _TINY))
        slope = counts + rows * first[:, None] * pull
        gradient = slope - rows * slope.sum(axis=1, keepdims=True)
        scale = max(float(counts.sum()), 1.0)
        return -self._gain(rows, counts) / scale, -gradient.ravel() / scale

    def at(self, parameters: Parameters) -> PointMass:
        """Return the point mass at the rows, which the prior's own class scores."""
        return PointMass.trusted(parameters=parameters, conjugate=Dirichlet)


_OPTIONS = {"maxiter": 500, "ftol": 1e-15, "gtol": 1e-12, "maxcor": 20}


def _softmax(logs: Array) -> Array:
    rows = np.exp(logs - logs.max(axis=1, keepdims=True))
    return np.asarray(rows / rows.sum(axis=1, keepdims=True))
