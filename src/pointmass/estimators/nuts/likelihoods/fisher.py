"""Our log likelihood of the observed data and its slopes, at values of a joint density's variables."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from pointmass.families.point_mass import PointMass, conjugate_of
from pointmass.inference.differences import STENCIL, STEP
from pointmass.inference.projections import identity
from pointmass.inference.sweep import Sweep
from pointmass.latents import ASSIGNMENTS
from pointmass.models import Model, Rows
from pointmass.numerics import Array

if TYPE_CHECKING:
    from pointmass.estimators.nuts.joint import Joint

__all__ = ["Fisher"]

_MOVES, _WEIGHTS = (np.array(column) for column in zip(*STENCIL, strict=True))

# How far a variable moves with a small step of its transform: steps never leave its range, and suit its size.
_SCALES: dict[str | None, Callable[[Array], Array]] = {
    None: np.ones_like,
    "log": np.asarray,
    "simplex": np.asarray,
    "logodds": lambda value: value * (1.0 - value),
}


class Fisher:
    r"""Value and slopes of the observed-data log likelihood by one E-step.

    .. math:: \nabla \log p(y \mid \theta) = \left(\frac{\partial c}{\partial \theta}\right)^{\!\top}
        \mathrm{E}[t(y, z) \mid y, \theta]

    for a complete-data log density c(θ) · t(y, z) + log h (Fisher's identity): the value is the sum of the log
    normalisers, the expected statistics are those of any sweep. The coefficients c are a smooth function of few
    numbers, independent of the number of rows, and their derivative is taken numerically to eleven digits.

    Parameters
    ----------
    joint : Joint
        Variables, and the ways from them to the parameters.
    model : Model
        The model.
    rows : Rows
        Data, weights and known labels.

    References
    ----------
    Fisher (1925), *Proceedings of the Cambridge Philosophical Society* 22; Louis (1982), *JRSS B* 44.
    """

    def __init__(self, joint: Joint, model: Model, rows: Rows) -> None:
        self.joint = joint
        self.names = joint.names
        self.scales = [_SCALES[name] for name in joint.transforms]
        self.sweep = Sweep(model, rows, joint.prior, identity, ASSIGNMENTS["soft"])

    def __call__(self, values: Sequence[Array]) -> tuple[Array, list[Array]]:
        """Return the log likelihood, in working coordinates, and its slope by each variable.

        Where rounding leaves no parameters at all, the likelihood is zero: a sampler takes that for a step too far.
        """
        with np.errstate(all="ignore"):
            try:
                return self._evaluated([np.asarray(value, dtype=float) for value in values])
            except np.linalg.LinAlgError:
                return np.array(-np.inf), [np.zeros_like(value) for value in values]

    def _evaluated(self, values: list[Array]) -> tuple[Array, list[Array]]:
        beliefs = {name: point.taken(0) for name, point in self._points([value[None] for value in values]).items()}
        statistics = self.sweep.infer(beliefs)
        frame = self.sweep.model.frame(beliefs, self.sweep.rows.coordinates)
        steps = STEP * _joined([scale(value) for scale, value in zip(self.scales, values, strict=True)])
        coefficients = frame.coefficients_at(self._points(_around(values, steps)))
        change = np.einsum("m,dmp->dp", _WEIGHTS, coefficients.reshape(len(steps), len(_MOVES), -1))
        return np.array(statistics.log_normaliser), _parted(change @ frame.totals(statistics) / steps, values)

    def _points(self, values: list[Array]) -> dict[str, PointMass]:
        """Return point masses at values of the variables with a leading axis, which the parameters keep."""
        blocks = self.joint.parameters({name: value[None] for name, value in zip(self.names, values, strict=True)})
        return {
            block: PointMass.trusted(
                parameters={name: array[0] for name, array in parameters.items()},
                conjugate=conjugate_of(self.joint.prior[block]),
            )
            for block, parameters in blocks.items()
        }


def _joined(values: Sequence[Array]) -> Array:
    return np.concatenate([np.ravel(value) for value in values])


def _parted(vectors: Array, like: Sequence[Array]) -> list[Array]:
    """Return vectors (..., D) as arrays shaped like the values, after any leading axes."""
    stops = np.cumsum([value.size for value in like])[:-1]
    parts = np.split(vectors, stops, axis=-1)
    return [part.reshape(*part.shape[:-1], *value.shape) for part, value in zip(parts, like, strict=True)]


def _around(values: list[Array], steps: Array) -> list[Array]:
    """Return the values with each of their D entries moved in turn, each by every multiple of its step."""
    moves = np.diag(steps)[:, None, :] * _MOVES[:, None]
    return _parted(_joined(values) + moves.reshape(-1, len(steps)), values)
