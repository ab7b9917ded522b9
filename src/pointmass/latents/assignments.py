"""What stands for the component of a row: its posterior, its mode, or a draw."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from pointmass.numerics import Array

__all__ = ["ASSIGNMENTS", "Assignment", "change_of_shares", "clamp", "drawn", "hard", "soft"]

type Assignment = Callable[[Array, np.random.Generator | None], tuple[Array, Array]]


def soft(log_joint: Array, rng: np.random.Generator | None = None) -> tuple[Array, Array]:
    """Return responsibilities and log normalisers; overwrites ``log_joint``.

    Parameters
    ----------
    log_joint : ndarray, shape (K, n)
        log p(x, z = k); −inf where a component is impossible.
    rng : numpy.random.Generator, optional
        Not used.

    Returns
    -------
    responsibilities : ndarray, shape (K, n)
        Columns that sum to one.
    log_normaliser : ndarray, shape (n,)
        log Σ exp(log_joint).
    """
    largest = log_joint.max(axis=0)
    if largest.min() == -np.inf:
        return _soft_where_possible(log_joint, largest)
    log_joint -= largest
    np.exp(log_joint, out=log_joint)
    total = log_joint.sum(axis=0)
    log_joint *= np.reciprocal(total)
    np.log(total, out=total)
    total += largest
    return log_joint, total


def _soft_where_possible(log_joint: Array, largest: Array) -> tuple[Array, Array]:
    """Return what ``soft`` does; a row that no component can explain is shared evenly, at log density −∞."""
    lost = np.isneginf(largest)
    log_joint[:, lost] = 0.0
    responsibilities, log_normaliser = soft(log_joint)
    log_normaliser[lost] = -np.inf
    return responsibilities, log_normaliser


def hard(log_joint: Array, rng: np.random.Generator | None = None) -> tuple[Array, Array]:
    """Return the most probable component as responsibilities of zero and one, and its log joint density."""
    best = log_joint.argmax(axis=0)
    responsibilities = np.zeros_like(log_joint)
    everyone = np.arange(log_joint.shape[1])
    responsibilities[best, everyone] = 1.0
    return responsibilities, log_joint[best, everyone]


def drawn(log_joint: Array, rng: np.random.Generator | None = None) -> tuple[Array, Array]:
    """Return one draw of the component of each row as responsibilities; log normalisers as for ``soft``."""
    if rng is None:
        raise ValueError("drawn assignments need an rng")
    responsibilities, log_normaliser = soft(log_joint)
    cumulative = responsibilities.cumsum(axis=0)
    label = (cumulative < rng.random(cumulative.shape[1]) * cumulative[-1]).sum(axis=0)
    responsibilities = np.zeros_like(responsibilities)
    responsibilities[label, np.arange(len(label))] = 1.0
    return responsibilities, log_normaliser


def change_of_shares(responsibilities: Array, moves: Array, weights: Array | None) -> Array:
    """Return the derivative of weighted soft responsibilities (B, K, n): r_k (δ_k − Σ_l r_l δ_l), a softmax's.

    Parameters
    ----------
    responsibilities : ndarray, shape (K, n)
        Where it is taken.
    moves : ndarray, shape (B, K, n)
        Change δ of each log density; overwritten.
    weights : ndarray, shape (n,), or None
        Weights of the rows.
    """
    moves -= np.einsum("kn,bkn->bn", responsibilities, moves)[:, None, :]
    moves *= responsibilities if weights is None else responsibilities * weights
    return moves


def clamp(log_joint: Array, labels: Array | None) -> None:
    """Make every component but the known one impossible, in place; label −1 is unknown.

    Parameters
    ----------
    log_joint : ndarray, shape (K, ..., n)
        Log densities, those of several draws perhaps.
    labels : ndarray of int, shape (n,), or None
        Known components.
    """
    if labels is None:
        return
    known = np.flatnonzero(labels >= 0)
    kept = log_joint[labels[known], ..., known]
    log_joint[..., known] = -np.inf
    log_joint[labels[known], ..., known] = kept


ASSIGNMENTS: dict[str, Assignment] = {"soft": soft, "hard": hard, "draw": drawn}
