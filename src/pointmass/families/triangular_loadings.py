"""One set of loadings for all rotations of it: the section on which posteriors of factors are described."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from scipy.linalg import qr
from scipy.special import multigammaln

from pointmass.families.conjugate import Parameters
from pointmass.numerics import Array

__all__ = ["TriangularLoadings", "telling_columns"]


@dataclass(frozen=True)
class TriangularLoadings:
    r"""The loadings, of all that a rotation makes of each other, that are triangular in q columns of the data.

    The first of these columns loads on the first factor alone, the second on the first two, …, each on its last one
    positively. That is a function of what a rotation leaves alone, the Cholesky factor of (W Wᵀ) in these columns, so
    that it means the same in every draw of every method. Where the density is the same for all rotations, its integral
    over them is that on the section times

    .. math:: \frac{2^q \pi^{q^2 / 2}}{\Gamma_q(q / 2)} \prod_{i=1}^{q} t_{ii}^{q - i}

    with t the loadings of these columns: the volume of the orthogonal group, signs included, and the Jacobian.

    Parameters
    ----------
    anchors : tuple of int
        The q columns, in order.

    References
    ----------
    Geweke and Zhou (1996), *Review of Financial Studies* 9, for the loadings; Muirhead (1982), *Aspects of Multivariate
    Statistical Theory*, theorems 2.1.13 and 2.1.15, for the volume.

    Examples
    --------
    >>> import numpy as np
    >>> from pointmass.families.triangular_loadings import TriangularLoadings
    >>> TriangularLoadings((0, 1)).turned(np.array([[0.0, -2.0], [1.0, 3.0], [1.0, 0.0]]), np.ones(3))
    array([[ 2.,  0.],
           [-3.,  1.],
           [ 0.,  1.]])
    """

    anchors: tuple[int, ...]

    turns: ClassVar[tuple[str, ...]] = ("loadings",)

    def turned(self, loadings: Array, variance: Array) -> Array:
        """Return loadings (..., d, q) as they are on the section, whatever the noise variances."""
        anchors, q = list(self.anchors), len(self.anchors)
        rotation, upper = np.linalg.qr(np.swapaxes(loadings[..., anchors, :], -1, -2))
        signs = np.where(np.diagonal(upper, axis1=-2, axis2=-1) < 0, -1.0, 1.0)
        turned = loadings @ (rotation * signs[..., None, :])
        turned[..., anchors, :] = np.where(np.tri(q), turned[..., anchors, :], 0.0)
        return np.asarray(turned)

    def free(self, like: Parameters) -> dict[str, Array]:
        """Return which entries of coefficients (d, 1 + q), the mean first, are free on the section."""
        free = {name: np.ones(np.shape(array), dtype=bool) for name, array in like.items()}
        free["coefficients"][list(self.anchors), 1:] = np.tri(len(self.anchors), dtype=bool)
        return free

    def edge(self, parameters: Parameters) -> dict[str, Array]:
        """Return that no entry is known to be cut: pivots that are zero have no information either."""
        return {}

    def log_volume(self, parameters: Parameters) -> Array:
        """Return the log volume of all rotations of coefficients (..., d, 1 + q); −∞ off the section."""
        q = len(self.anchors)
        own = parameters["coefficients"][..., list(self.anchors), 1:]
        pivots = np.diagonal(own, axis1=-2, axis2=-1)
        group = q * np.log(2.0) + 0.5 * q**2 * np.log(np.pi) - multigammaln(0.5 * q, q)
        logs = np.log(np.where(pivots > 0, pivots, 1.0))
        jacobian = logs @ np.arange(q - 1.0, -1.0, -1.0)
        return np.where((pivots > 0).all(-1), group + jacobian, -np.inf)


def telling_columns(loadings: Array) -> tuple[int, ...]:
    """Return the q columns that tell the factors of loadings (d, q) apart best, each beside those before it.

    They are the pivots of an orthogonal decomposition.
    """
    order = qr(loadings.T, mode="r", pivoting=True)[1]
    return tuple(int(column) for column in order[: loadings.shape[1]])
