"""Where increasing functions of one number cross zero, many of them at once."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from pointmass.numerics import Array

__all__ = ["increasing_root"]

type _Functions = Callable[[Array], Array]

_PRECISION = 4.0 * np.finfo(float).eps
_FARTHEST = 512.0
_MOST_STEPS = 100


def increasing_root(functions: _Functions, count: int) -> Array:
    """Return the roots of increasing functions by inverse quadratic steps, kept within halving brackets.

    Source: Chandrupatla (1997), Advances in Engineering Software 28, 145-149; here without the general solver's work
    around each step, which is a hundred times that of a cheap function.

    Parameters
    ----------
    functions : callable
        From numbers (m,) to values (m,), each function of its own number.
    count : int
        How many there are, m.

    Returns
    -------
    ndarray, shape (m,)
        The roots; infinite where they lie beyond ±512.

    Examples
    --------
    >>> increasing_root(lambda x: x**3 - np.array([8.0, -27.0]), 2)
    array([ 2., -3.])
    """
    low, high, at_low, at_high = _bracket(functions, count)
    root = _within(functions, low, high, at_low, at_high)
    return np.select([at_low > 0, at_high <= 0], [-np.inf, np.inf], root)


def _bracket(functions: _Functions, count: int) -> tuple[Array, Array, Array, Array]:
    """Return two ends and the values there; of different signs, but for roots too far away."""
    low, high = np.full(count, -2.0), np.full(count, 2.0)
    at_low, at_high = functions(low), functions(high)
    while (at_low > 0).any() and low.min() > -_FARTHEST:
        low = np.where(at_low > 0, 2.0 * low, low)
        at_low = functions(low)
    while (at_high <= 0).any() and high.max() < _FARTHEST:
        high = np.where(at_high <= 0, 2.0 * high, high)
        at_high = functions(high)
    return low, high, at_low, at_high


def _within(functions: _Functions, a: Array, b: Array, at_a: Array, at_b: Array) -> Array:
    share = np.full(a.shape, 0.5)
    for _ in range(_MOST_STEPS):
        new = a + share * (b - a)
        at_new = functions(new)
        replaces_a = (at_new > 0) == (at_a > 0)
        c, at_c = np.where(replaces_a, a, b), np.where(replaces_a, at_a, at_b)
        b, at_b = np.where(replaces_a, b, a), np.where(replaces_a, at_b, at_a)
        a, at_a = new, at_new
        best = np.where(np.abs(at_a) < np.abs(at_b), a, b)
        least = _PRECISION * (1.0 + np.abs(best)) / np.maximum(np.abs(b - a), np.finfo(float).tiny)
        if ((least > 0.5) | (at_a == 0) | (at_b == 0)).all():
            break
        share = np.clip(_quadratic_share(a, b, c, at_a, at_b, at_c), least, 1.0 - least)
    return best


def _quadratic_share(a: Array, b: Array, c: Array, at_a: Array, at_b: Array, at_c: Array) -> Array:
    """Return how far from a to b the inverse quadratic through three points is zero; a half where it is no use."""
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        place, height = (a - b) / (c - b), (at_a - at_b) / (at_c - at_b)
        share = at_a / (at_b - at_a) * at_c / (at_b - at_c)
        share = share + (c - a) / (b - a) * at_a / (at_c - at_a) * at_b / (at_c - at_b)
        trusted = (height**2 < place) & ((1.0 - height) ** 2 < 1.0 - place)
    return np.where(trusted, share, 0.5)
