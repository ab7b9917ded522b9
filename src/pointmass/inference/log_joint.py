"""The log joint density of parameters and observed data in unconstrained coordinates, for batches of draws."""

from __future__ import annotations

import numpy as np

from pointmass.families.conjugate import ConjugatePrior, Parameters
from pointmass.families.constraints import CONSTRAINTS, constrain, log_jacobian, unconstrain
from pointmass.families.point_mass import PointMass, conjugate_of
from pointmass.models import Beliefs, Model, Rows
from pointmass.numerics import Array

__all__ = ["LogJoint"]


class LogJoint:
    r"""The density that samplers, importance weights and bridges need, normalised to integrate to the evidence.

    .. math:: \log p(\theta) + \sum_i w_i \log p(y_i \mid \theta) + \log \left|\frac{d\theta}{du}\right|

    for a vector u of unconstrained coordinates of the free blocks, latents summed out, every constant kept: the
    integral of its exponential over u is p(y), in the data's units, where the prior is proper. The coordinates are
    those of the sweep's working units, which makes them of order one. A block that is held known has none. Where a
    continuous group leaves the density as it is (`Model.sections`), the coordinates are those of one parameter for each
    of its orbits, and the density has the volume of the orbit as a factor.

    Parameters
    ----------
    model : Model
        The model.
    rows : Rows
        Data, weights and known labels.
    prior : dict of str to belief
        Prior of each block, in working coordinates, as a `Sweep` has it.

    Attributes
    ----------
    size : int
        Number of coordinates D.

    Examples
    --------
    >>> import numpy as np
    >>> from pointmass import VB, Gaussian, NormalInverseGamma
    >>> from pointmass.inference.log_joint import LogJoint
    >>> from pointmass.models import Rows, as_model
    >>> model = as_model(Gaussian(prior=NormalInverseGamma(mean=0.0, kappa=1.0, shape=2.0, scale=2.0)))
    >>> values = np.array([[1.0], [2.0], [3.0]])
    >>> rows = Rows(values, model.coordinates(values, None))
    >>> prior = {name: belief.mapped(rows.coordinates.inverse) for name, belief in model.prior(values, None).items()}
    >>> log_joint = LogJoint(model, rows, prior)
    >>> vectors = log_joint.unconstrain({"mean": np.array([[1.5], [2.0]]), "covariance": np.ones((2, 1, 1))})
    >>> vectors.shape, log_joint(vectors).shape
    ((2, 2), (2,))
    """

    def __init__(self, model: Model, rows: Rows, prior: Beliefs) -> None:
        self.model, self.rows, self.prior = model, rows, prior
        with np.errstate(all="ignore"):  # of a flat prior the shapes are wanted, not the values
            self._like = {name: belief.parameter_mean() for name, belief in prior.items()}
        self._free: dict[str, ConjugatePrior] = {
            name: belief for name, belief in prior.items() if not isinstance(belief, PointMass)
        }
        self._sections = {name: section for name, section in model.sections.items() if name in self._free}
        self._kept = {name: self._entries(name) for name in self._free}
        self.size = sum(int(kept.sum()) for kept in self._kept.values())

    def _entries(self, name: str) -> Array:
        """Return which of a block's coordinates are free."""
        kinds = self._free[name].parameter_constraints
        size = sum(CONSTRAINTS[kind].size(np.shape(self._like[name][key])) for key, kind in kinds.items())
        if name not in self._sections:
            return np.ones(size, dtype=bool)
        free = self._sections[name].free(self._like[name])
        return np.concatenate([np.ravel(free[key]) for key in kinds])

    def unconstrain(self, parameters: Parameters) -> Array:
        """Return the coordinates (S, D) of public parameters in the data's units, with a leading axis of S draws."""
        native = self.model.native(parameters)
        working = self._mapped({name: native[name] for name in self._free}, back=True)
        parts = [
            unconstrain(working[name], belief.parameter_constraints, 1)[..., self._kept[name]]
            for name, belief in self._free.items()
        ]
        return np.concatenate(parts, axis=-1)

    def constrain(self, vectors: Array) -> Parameters:
        """Return public parameters in the data's units at coordinates (S, D), with a leading axis of S draws."""
        return self._public(self._working(vectors), len(vectors))

    def __call__(self, vectors: Array) -> Array:
        """Return the log joint density (S,) at coordinates (S, D); −∞ where rounding leaves no covariance."""
        try:
            with np.errstate(all="ignore"):
                values = self._evaluate(np.asarray(vectors, dtype=float))
            return np.where(np.isnan(values), -np.inf, values)
        except np.linalg.LinAlgError:
            if len(vectors) == 1:
                return np.full(1, -np.inf)
            middle = len(vectors) // 2
            return np.concatenate([self(vectors[:middle]), self(vectors[middle:])])

    def log_prior(self, parameters: Parameters) -> Array:
        """Return the log prior density (S,) of public parameters with a leading axis, in working coordinates."""
        native = self.model.native(parameters)
        working = self._mapped({name: native[name] for name in self._free}, back=True)
        size = len(next(iter(parameters.values())))
        return sum((prior.log_density(working[name]) for name, prior in self._free.items()), np.zeros(size))

    def log_prior_density(self, vectors: Array) -> Array:
        """Return the log density (S,) of the coordinates (S, D) under the prior alone."""
        working, total = self._working(vectors), np.zeros(len(vectors))
        for name, prior in self._free.items():
            parameters = working[name]
            total += prior.log_density(parameters) + prior.log_volume(parameters)
            total += log_jacobian(parameters, prior.parameter_constraints, 1)
            if name in self._sections:
                total += self._sections[name].log_volume(parameters)
        return total

    def _evaluate(self, vectors: Array) -> Array:
        likelihood = self.model.log_likelihood(self._public(self._working(vectors), len(vectors)), self.rows)
        return np.asarray(likelihood + self.log_prior_density(vectors))

    def _working(self, vectors: Array) -> dict[str, Parameters]:
        """Return the free blocks' parameters (S, ...) in working coordinates."""
        stops = np.cumsum([int(kept.sum()) for kept in self._kept.values()])[:-1]
        parts = np.split(vectors, stops, axis=-1) if self._free else []
        return {
            name: constrain(_spread(part, self._kept[name]), self._like[name], belief.parameter_constraints)
            for (name, belief), part in zip(self._free.items(), parts, strict=True)
        }

    def _public(self, working: dict[str, Parameters], size: int) -> Parameters:
        known = {
            name: {key: np.broadcast_to(array, (size, *np.shape(array))) for key, array in self._like[name].items()}
            for name in self.prior
            if name not in self._free
        }
        return self.model.public(self._mapped({**working, **known}, back=False))

    def _mapped(self, blocks: dict[str, Parameters], back: bool) -> dict[str, Parameters]:
        coordinates = self.rows.coordinates.inverse if back else self.rows.coordinates
        return {
            name: conjugate_of(self.prior[name]).mapped_parameters(parameters, coordinates)
            for name, parameters in blocks.items()
        }


def _spread(vectors: Array, kept: Array) -> Array:
    """Return vectors (S, ·) with zeros for the entries that are not free."""
    if kept.all():
        return vectors
    whole = np.zeros((*vectors.shape[:-1], len(kept)))
    whole[..., kept] = vectors
    return whole
