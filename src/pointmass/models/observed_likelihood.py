"""The likelihood of the observed data at many draws of the parameters: blocks of rows times blocks of draws."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from pointmass.families.conjugate import Parameters
from pointmass.families.point_mass import PointMass, conjugate_of
from pointmass.latents.assignments import clamp
from pointmass.models.missing import spread
from pointmass.models.row_design import row_design
from pointmass.models.rows import Rows, block_size
from pointmass.models.stacking import stacked
from pointmass.numerics import Array

if TYPE_CHECKING:
    from pointmass.models.discrete import DiscreteModel

__all__ = ["log_likelihood"]

_EMISSION = "emission"

# Log densities of a block of draws on a block of rows that are held at once.
_LARGEST_BLOCK = 1 << 18

type Draws = Mapping[str, PointMass]


def log_likelihood(model: DiscreteModel, draws: Parameters, rows: Rows, pointwise: bool) -> Array:
    """Return what `Model.log_likelihood` promises, for a discrete latent and a family."""
    points = _working_points(model, draws, rows)
    parts = []
    for block in rows.blocks(block_size(model.numbers_per_row(rows.values.shape[1]))):
        densities = block.in_units(_of_block(model, points, block))
        parts.append(densities if pointwise else _total(densities, block.weights))
    return np.concatenate(parts, axis=1) if pointwise else np.asarray(sum(parts))


def _total(densities: Array, weights: Array | None) -> Array:
    return np.asarray(densities.sum(axis=1) if weights is None else densities @ weights)


def _working_points(model: DiscreteModel, draws: Parameters, rows: Rows) -> Draws:
    flat = model.flat_prior(rows.values.shape[1])
    back = rows.coordinates.inverse
    classes = {name: conjugate_of(belief) for name, belief in flat.items()}
    return {
        name: PointMass.trusted(parameters=classes[name].mapped_parameters(parameters, back), conjugate=classes[name])
        for name, parameters in model.native(draws).items()
    }


def _of_block(model: DiscreteModel, points: Draws, block: Rows) -> Array:
    """Return log densities (S, n) of a block of rows, in working coordinates."""
    size = len(next(iter(points[_EMISSION].parameters.values())))
    step = max(1, _LARGEST_BLOCK // max(1, model.n_components * len(block)))
    some = [{name: point.taken(slice(s, s + step)) for name, point in points.items()} for s in range(0, size, step)]
    return np.concatenate([_log_normalisers(model, each, block) for each in some])


def _log_normalisers(model: DiscreteModel, points: Draws, block: Rows) -> Array:
    k = model.n_components
    every: Any = stacked(points[_EMISSION])
    offset = model.latent.offset(points)
    size = len(next(iter(points[_EMISSION].parameters.values())))
    offsets = np.broadcast_to(offset, (size, k)).T.ravel()
    kernel = model.family.kernel(every, offsets, block.coordinates)
    observed = block.observed.values
    log_joint = kernel.log_density(kernel.features(observed), observed).reshape(k, size, -1)
    log_joint = spread(log_joint, block.missing)
    rows_alone = model.latent.row_offset(points, row_design(model.latent, block, block.coordinates))
    if rows_alone is not None:
        log_joint += np.swapaxes(rows_alone, 0, 1)
    clamp(log_joint, block.labels)
    return model.latent.log_normalisers(log_joint, points, block.lengths)
