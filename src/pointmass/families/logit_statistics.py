"""The sufficient statistics of a multinomial logit: sums over the rows, and the rows' own part, the log partition."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import log_softmax, logsumexp, softmax

from pointmass.numerics import Array

__all__ = ["LogitStatistics"]

type Design = tuple[Array, Array]


@dataclass(frozen=True, eq=False)
class LogitStatistics:
    r"""Additive statistics of K classes given features.

    The log density :math:`\sum_k \gamma_k \cdot t_k - \sum_i w_i \log \sum_k e^{\gamma_k \cdot x_i}` asks of the
    classes their sums t alone, and of the features every row.

    Parameters
    ----------
    sums : ndarray, shape (K, p)
        t, Σ r x.
    designs : tuple of (ndarray (p, n), ndarray (n,))
        Features of blocks of rows, a constant first, and weights.
    """

    sums: Array
    designs: tuple[Design, ...]

    @classmethod
    def of(cls, responsibilities: Array, design: Array) -> LogitStatistics:
        """Return the statistics of weighted responsibilities (K, n) of rows with features (p, n)."""
        return cls(responsibilities @ design.T, ((design, responsibilities.sum(axis=0)),))

    def __add__(self, other: LogitStatistics) -> LogitStatistics:
        """Return the statistics of both sets of rows together."""
        return LogitStatistics(self.sums + other.sums, self.designs + other.designs)

    def __mul__(self, factor: float) -> LogitStatistics:
        """Return the statistics of rows whose weights are multiplied by ``factor``."""
        return LogitStatistics(self.sums * factor, tuple((design, w * factor) for design, w in self.designs))

    def moved(self, step: Array) -> LogitStatistics:
        """Return the statistics with ``step`` (K, p) added to the sums."""
        return LogitStatistics(self.sums + step, self.designs)

    @property
    def total_weight(self) -> float:
        """Σ w, what the rows weigh."""
        return float(sum(w.sum() for _, w in self.designs))

    def bend(self, logits: Array, step: Array) -> float:
        """Return how much more the log partition grows by a step (K, p) from coefficients (K, p) than its slope says.

        Row by row that is log E[e^m] − E[m] of the moves m of the classes' logits, which no row's size cancels.
        """
        return float(
            sum(w @ _excess(log_softmax(logits @ design, axis=0), step @ design) for design, w in self.designs)
        )

    def expected(self, logits: Array) -> Array:
        """Return the sums (K, p) that are expected at coefficients (K, p): the slope of the log partition."""
        return np.asarray(sum((softmax(logits @ design, axis=0) * w) @ design.T for design, w in self.designs))

    def curvature(self, logits: Array, contrasts: Array) -> Array:
        """Return the second derivative (m p, m p) of the log partition by coefficients of contrasts (K, m) of classes.

        Parameters
        ----------
        logits : ndarray, shape (K, p)
            Coefficients of the classes, where it is taken.
        contrasts : ndarray, shape (K, m)
            What each coefficient of a contrast adds to those of the classes.
        """
        m, p = contrasts.shape[1], logits.shape[1]
        total = np.zeros((m, p, m, p))
        for design, w in self.designs:
            shares = softmax(logits @ design, axis=0)
            means = contrasts.T @ shares
            for a in range(m):
                for b in range(a, m):
                    covariance = (contrasts[:, a] * contrasts[:, b]) @ shares - means[a] * means[b]
                    total[a, :, b] += (design * (w * covariance)) @ design.T
                    total[b, :, a] = total[a, :, b].T
        return total.reshape(m * p, m * p)


# Moves beyond which an exponential is left to logarithms.
_LARGE = 30.0


def _excess(log_shares: Array, moves: Array) -> Array:
    """Return log Σ π e^m − Σ π m (n,) for log shares and moves (K, n), exact where one share is nearly 1 too."""
    rows = np.arange(moves.shape[1])
    moves = moves - moves[log_shares.argmax(axis=0), rows]
    shares = np.exp(log_shares)
    near = np.log1p(np.maximum((shares * np.expm1(np.minimum(moves, _LARGE))).sum(axis=0), -1.0 + 1e-16))
    grown = np.where(moves.max(axis=0) > _LARGE, logsumexp(log_shares + moves, axis=0), near)
    return np.asarray(np.maximum(grown - (shares * moves).sum(axis=0), 0.0))
