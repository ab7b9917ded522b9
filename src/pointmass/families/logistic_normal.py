"""The mean of a logistic function of a normal variable."""

from __future__ import annotations

import numpy as np
from scipy.special import expit, log_expit, log_ndtr

from pointmass.numerics import Array

__all__ = ["log_mean_expit"]

# The trapezoidal rule errs by exp(−2π · π / step) where the logistic function has its poles, at ±πi: by rounding.
_STEP = 0.5
_REACH = 9.0
_HALVINGS = 60

# Beyond this standard deviation the logistic distribution's own shape is lost: its variance is all that counts.
_WIDEST = 100.0
_AT_ONCE = 1 << 20


def log_mean_expit(mean: Array, variance: Array) -> Array:
    """Return log E[1 / (1 + exp −ψ)] for ψ ~ N(mean, variance), to rounding (to 1e-8 for deviations above 100).

    The trapezoidal rule on the part of the line where the integrand, which is log-concave with at least the normal's
    curvature, is more than e⁻⁴⁰ of its largest value.

    Parameters
    ----------
    mean, variance : ndarray
        Of one shape.
    """
    shape = np.broadcast_shapes(np.shape(mean), np.shape(variance))
    m = np.broadcast_to(mean, shape).ravel()
    sd = np.sqrt(np.broadcast_to(variance, shape)).ravel()
    found = np.asarray(log_ndtr(m / np.hypot(sd, np.pi / np.sqrt(3.0))))
    near = np.flatnonzero(sd <= _WIDEST)
    order = near[np.argsort(sd[near])]
    start = 0
    while start < len(order):
        some = order[start : start + max(1, _AT_ONCE // _count(sd[order[start]]))]
        some = some[: max(1, _AT_ONCE // _count(sd[some[-1]]))]
        found[some] = _integrals(m[some], sd[some])
        start += len(some)
    return found.reshape(shape)


def _count(sd: float) -> int:
    """Return how many nodes an integral needs."""
    return int(np.ceil(2.0 * _REACH * max(1.0, sd) / _STEP)) + 1


def _integrals(mean: Array, sd: Array) -> Array:
    """Return the log means of variables of similar deviations."""
    nodes = np.linspace(-_REACH, _REACH, _count(float(sd.max())))
    peak = _peaks(mean, sd)
    steps = peak[:, None] + nodes
    logs = log_expit(mean[:, None] + sd[:, None] * steps) - 0.5 * steps**2
    top = logs.max(axis=1)
    total = np.exp(logs - top[:, None]).sum(axis=1) * (nodes[1] - nodes[0])
    return np.asarray(np.minimum(top + np.log(total) - 0.5 * np.log(2.0 * np.pi), 0.0))


def _peaks(mean: Array, sd: Array) -> Array:
    """Return where log expit(m + s u) − u²/2 is largest: the root of u = s expit(−m − s u), in [0, s]."""
    lower, upper = np.zeros_like(mean), sd.copy()
    for _ in range(_HALVINGS):
        middle = 0.5 * (lower + upper)
        rising = sd * expit(-mean - sd * middle) > middle
        lower, upper = np.where(rising, middle, lower), np.where(rising, upper, middle)
    return 0.5 * (lower + upper)
