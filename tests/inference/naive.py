"""EM of a Gaussian mixture as a textbook writes it: loops over components, data's own units, no care for digits."""

from __future__ import annotations

import numpy as np
from scipy import stats
from scipy.special import logsumexp

type Parameters = dict[str, np.ndarray]


def log_joint(rows: np.ndarray, theta: Parameters) -> np.ndarray:
    """log π_k + log N(x | μ_k, Σ_k), shape (n, K)."""
    with np.errstate(divide="ignore"):
        log_weights = np.log(theta["weights"])
    return np.array(
        [
            log_weight + np.atleast_1d(stats.multivariate_normal.logpdf(rows, mean, covariance))
            for log_weight, mean, covariance in zip(log_weights, theta["mean"], theta["covariance"], strict=True)
        ]
    ).T


def e_step(rows, theta, labels=None, hard=False):
    """Responsibilities (n, K) and log normalisers (n,)."""
    joint = log_joint(rows, theta)
    if labels is not None:
        for i in np.flatnonzero(labels >= 0):
            joint[i, np.arange(joint.shape[1]) != labels[i]] = -np.inf
    log_normaliser = joint.max(1) if hard else logsumexp(joint, axis=1)
    if hard:
        return (joint.argmax(1)[:, None] == np.arange(joint.shape[1])).astype(float), log_normaliser
    return np.exp(joint - log_normaliser[:, None]), log_normaliser


def m_step(rows, responsibilities, covariance):
    """Weighted moments of each component, restricted to the covariance type."""
    d = rows.shape[1]
    counts = responsibilities.sum(0)
    mean = np.array([r @ rows / r.sum() for r in responsibilities.T])
    scatters = []
    for k, r in enumerate(responsibilities.T):
        step = rows - mean[k]
        scatters.append((r[:, None] * step).T @ step)
    if covariance == "tied":
        matrices = [sum(scatters) / counts.sum()] * len(counts)
    elif covariance == "full":
        matrices = [scatter / count for scatter, count in zip(scatters, counts, strict=True)]
    elif covariance == "diagonal":
        matrices = [np.diag(np.diag(scatter)) / count for scatter, count in zip(scatters, counts, strict=True)]
    else:
        matrices = [
            np.trace(scatter) / (d * count) * np.eye(d) for scatter, count in zip(scatters, counts, strict=True)
        ]
    return {"weights": counts / counts.sum(), "mean": mean, "covariance": np.array(matrices)}


def em_sweep(rows, theta, covariance, weights=None, labels=None, hard=False):
    """The objective at θ and the next θ."""
    responsibilities, log_normaliser = e_step(rows, theta, labels, hard)
    weights = np.ones(len(rows)) if weights is None else weights
    return weights @ log_normaliser, m_step(rows, responsibilities * weights[:, None], covariance)


def log_likelihood(rows, theta):
    return float(logsumexp(log_joint(rows, theta), axis=1).sum())
