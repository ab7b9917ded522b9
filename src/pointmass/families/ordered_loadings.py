"""One set of loadings for all orders and signs of its factors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from scipy.special import gammaln

from pointmass.families.conjugate import Parameters
from pointmass.numerics import Array

__all__ = ["OrderedLoadings"]

_NO_SIGNAL = 1e-6


@dataclass(frozen=True)
class OrderedLoadings:
    """The loadings whose factors come in the order of their signal, each with a positive sum.

    Signal of a factor is the sum of its squared loadings in units of the noise, Σ_j w_jk² / ψ_j, and the sum is that of
    the loadings in the same units. Where each factor's loadings have a precision of their own, orders and signs are
    what leaves the density as it is; rotations do not.

    Examples
    --------
    >>> import numpy as np
    >>> from pointmass.families.ordered_loadings import OrderedLoadings
    >>> OrderedLoadings().turned(np.array([[1.0, -2.0], [0.0, -2.0]]), np.ones(2))
    array([[2., 1.],
           [2., 0.]])
    """

    turns: ClassVar[tuple[str, ...]] = ("loadings",)

    def turned(self, loadings: Array, variance: Array) -> Array:
        """Return loadings (..., d, q) with their factors in order; noise variances are (..., d), or (..., 1)."""
        signal, sums = _signals(loadings, variance)
        order = np.argsort(-signal, axis=-1, kind="stable")[..., None, :]
        signed = loadings * np.where(sums < 0, -1.0, 1.0)[..., None, :]
        return np.take_along_axis(signed, np.broadcast_to(order, loadings.shape), axis=-1)

    def free(self, like: Parameters) -> dict[str, Array]:
        """Return that every entry of the coefficients (d, 1 + q) is free."""
        return {name: np.ones(np.shape(array), dtype=bool) for name, array in like.items()}

    def edge(self, parameters: Parameters) -> dict[str, Array]:
        """Return the loadings (d, q) of factors that are switched off: these have no order and no sign."""
        loadings = np.asarray(parameters["loadings"])
        signal, _ = _signals(loadings, np.atleast_1d(parameters["noise_variance"]))
        return {"loadings": np.broadcast_to(signal < _NO_SIGNAL, loadings.shape)}

    def log_volume(self, parameters: Parameters) -> Array:
        """Return the log number of orders and signs of coefficients (..., d, 1 + q); −∞ off the section."""
        signal, sums = _signals(parameters["coefficients"][..., 1:], parameters["noise_variance"])
        q = signal.shape[-1]
        inside = (np.diff(signal, axis=-1) <= 0).all(-1) & (sums > 0).all(-1)
        return np.where(inside, gammaln(q + 1.0) + q * np.log(2.0), -np.inf)


def _signals(loadings: Array, variance: Array) -> tuple[Array, Array]:
    """Return the sums (..., q) over columns of squared loadings, and of loadings, in units of the noise."""
    scaled = loadings / np.sqrt(variance)[..., None]
    return (scaled**2).sum(-2), scaled.sum(-2)
