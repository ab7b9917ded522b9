"""The Pólya–Gamma distribution PG(1, c), which makes a logistic likelihood normal: its moments, and exact draws."""

from __future__ import annotations

import numpy as np
from scipy.special import expit, log_ndtr, ndtri_exp

from pointmass.numerics import Array

__all__ = ["polya_gamma_draws", "polya_gamma_mean", "polya_gamma_variance"]

# Where the two series of the density meet (Devroye 2009).
_MIDDLE = 0.64


def _log_cosh(x: Array) -> Array:
    """Return log cosh x."""
    size = np.abs(x)
    return np.asarray(size + np.log1p(np.exp(-2.0 * size)) - np.log(2.0))


def polya_gamma_mean(c: Array) -> Array:
    """Return tanh(c/2) / 2c, a quarter at zero."""
    size = np.maximum(np.abs(c), 1e-8)
    return np.asarray(np.tanh(0.5 * size) / (2.0 * size))


def polya_gamma_variance(c: Array) -> Array:
    """Return (sinh c − c) / (4c³ cosh²(c/2)), a 24th at zero."""
    size = np.abs(c)
    small, large = np.minimum(size, 1.0), np.maximum(size, 1.0)
    squares = small**2
    series = 1.0 + squares / 20.0 * (1.0 + squares / 42.0 * (1.0 + squares / 72.0 * (1.0 + squares / 110.0)))
    near = series / (24.0 * np.cosh(0.5 * small) ** 2)
    inverse = np.exp(-2.0 * _log_cosh(0.5 * large))
    far = (2.0 * np.tanh(0.5 * large) - large * inverse) / (4.0 * large**3)
    return np.asarray(np.where(size < 1.0, near, far))


def polya_gamma_draws(c: Array, rng: np.random.Generator) -> Array:
    """Return one draw from PG(1, c) for each of c (n,), by Devroye's alternating series.

    Parameters
    ----------
    c : ndarray, shape (n,)
        Tilts; their sign does not matter.
    rng : numpy.random.Generator
        Source of randomness.

    References
    ----------
    Polson, Scott and Windle (2013), Bayesian inference for logistic models using Pólya-Gamma latent variables, *JASA*
    108, section 4; Devroye (2009), *Statistics and Probability Letters* 79.
    """
    tilts = 0.5 * np.abs(np.ravel(np.asarray(c, dtype=float)))
    found, open_ = np.empty(tilts.size), np.arange(tilts.size)
    while open_.size:
        proposed = _proposals(tilts[open_], rng)
        accepted = _accepts(proposed, rng)
        found[open_[accepted]] = proposed[accepted]
        open_ = open_[~accepted]
    return 0.25 * found


def _proposals(tilts: Array, rng: np.random.Generator) -> Array:
    """Return draws of the envelope: exponential beyond the middle, inverse Gaussian below it."""
    rate = np.pi**2 / 8.0 + 0.5 * tilts**2
    beyond = np.log(0.5 * np.pi) - np.log(rate) - rate * _MIDDLE
    above = rng.random(tilts.size) < expit(beyond - _log_mass_below(tilts))
    drawn = _MIDDLE + rng.standard_exponential(tilts.size) / rate
    drawn[~above] = _inverse_gaussians(tilts[~above], rng)
    return np.asarray(drawn)


def _log_mass_below(tilts: Array) -> Array:
    """Return log 2e⁻ᶻ P(X < middle) for X inverse Gaussian with mean 1/z and shape 1."""
    root = 1.0 / np.sqrt(_MIDDLE)
    first = log_ndtr(root * (_MIDDLE * tilts - 1.0)) - tilts
    second = log_ndtr(-root * (_MIDDLE * tilts + 1.0)) + tilts
    return np.asarray(np.log(2.0) + np.logaddexp(first, second))


def _inverse_gaussians(tilts: Array, rng: np.random.Generator) -> Array:
    """Return inverse Gaussian draws with means 1/z and shape 1 that lie below the middle."""
    found, open_ = np.empty(tilts.size), np.arange(tilts.size)
    while open_.size:
        own = tilts[open_]
        wide = own * _MIDDLE < 1.0
        drawn = np.empty(own.size)
        drawn[~wide] = rng.wald(1.0 / own[~wide], 1.0)
        # With the mean beyond the middle: an inverse squared normal, whose tilt is left to the acceptance.
        logs = np.log(rng.random(int(wide.sum()))) + log_ndtr(-1.0 / np.sqrt(_MIDDLE))
        drawn[wide] = 1.0 / ndtri_exp(logs) ** 2
        tilt = np.where(wide, 0.5 * own**2 * drawn, 0.0)
        accepted = (drawn < _MIDDLE) & (rng.standard_exponential(own.size) > tilt)
        found[open_[accepted]] = np.maximum(drawn[accepted], np.finfo(float).tiny)
        open_ = open_[~accepted]
    return found


def _accepts(x: Array, rng: np.random.Generator) -> Array:
    """Return which proposals the alternating series accepts: its partial sums bound the density from both sides."""
    total = _term(0, x)
    level = rng.random(x.size) * total
    accepted, open_ = np.zeros(x.size, dtype=bool), np.ones(x.size, dtype=bool)
    n = 0
    while open_.any():
        n += 1
        total = total + (-1) ** n * _term(n, x)
        settled = open_ & ((level <= total) if n % 2 else (level > total))
        accepted |= settled if n % 2 else False
        open_ &= ~settled
    return accepted


def _term(n: int, x: Array) -> Array:
    """Return the n-th term of the series of the density at tilt zero, less the factor that the tilt shares."""
    half = n + 0.5
    with np.errstate(divide="ignore", over="ignore", under="ignore"):
        below = -1.5 * np.log(0.5 * np.pi * x) - 2.0 * half**2 / x
        return np.asarray(np.pi * half * np.exp(np.where(x <= _MIDDLE, below, -0.5 * half**2 * np.pi**2 * x)))
