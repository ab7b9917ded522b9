"""The scale on which each parameter is nearly normal: intervals are made there and cannot leave its space."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.special import expit, logit

from pointmass.families.conjugate import Parameters
from pointmass.inference.component_features import parameter_kinds
from pointmass.models import Beliefs, Model
from pointmass.numerics import Array

__all__ = ["Link", "links_of"]


@dataclass(frozen=True)
class Link:
    """A monotone map of single numbers to the real line.

    Attributes
    ----------
    forward : callable
        Number to link scale.
    backward : callable
        Its inverse.
    slope : callable
        Derivative of ``forward`` at a number.
    on_boundary : callable
        Whether a number lies where the link is infinite.
    """

    forward: Callable[[Array], Array]
    backward: Callable[[Array], Array]
    slope: Callable[[Array], Array]
    on_boundary: Callable[[Array], Array]


_BOUNDARY = 1e-10

_REAL = Link(np.asarray, np.asarray, np.ones_like, lambda array: np.zeros(np.shape(array), dtype=bool))
_LOG = Link(np.log, np.exp, lambda array: 1.0 / array, lambda array: array <= 0.0)
_LOGIT = Link(
    logit,
    expit,
    lambda array: 1.0 / (array * (1.0 - array)),
    lambda array: (array <= _BOUNDARY) | (array >= 1.0 - _BOUNDARY),
)


def _by_diagonal(choose: str) -> Callable[[Array], Array]:
    """Return a function of matrices that is the logarithm's on the diagonal and the identity's off it."""

    def apply(matrices: Array) -> Array:
        diagonal = np.broadcast_to(np.eye(matrices.shape[-1], dtype=bool), matrices.shape)
        result = np.array(getattr(_REAL, choose)(matrices))
        result[diagonal] = getattr(_LOG, choose)(matrices[diagonal])
        return result

    return apply


_COVARIANCE = Link(*(_by_diagonal(name) for name in ("forward", "backward", "slope", "on_boundary")))

_LINKS: dict[str, Link] = {
    "real": _REAL,
    "known": _REAL,
    "zero_sum": _REAL,
    "positive": _LOG,
    "unit": _LOGIT,
    "simplex": _LOGIT,
    "covariance": _COVARIANCE,
}


def links_of(model: Model, prior: Beliefs, estimate: Parameters) -> dict[str, Link]:
    """Return the link of each public parameter: logarithm of variances and rates, logit of weights, else none.

    The only weight of one component is no boundary of anything: it is one.
    """
    kinds = parameter_kinds(model.dims, prior)
    certain = {name for name, array in estimate.items() if kinds[name] == "simplex" and array.shape[-1] == 1}
    return {name: _LINKS["known" if name in certain else kinds[name]] for name in estimate}
