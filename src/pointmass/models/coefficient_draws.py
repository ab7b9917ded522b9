"""What a regression with latent coefficients says at many draws of its precisions: evidence, and coefficients."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from pointmass.families.conjugate import Parameters
from pointmass.families.normal_coefficients import NormalCoefficients
from pointmass.latents.assignments import soft
from pointmass.models.rows import Rows
from pointmass.models.shared_coefficients import COEFFICIENTS, SUMS, SharedCoefficients
from pointmass.numerics import Array

if TYPE_CHECKING:
    from pointmass.models.bayesian_regression import BayesianRegression

__all__ = ["drawn_coefficients", "log_evidences"]


def log_evidences(model: BayesianRegression, draws: Parameters, rows: Rows) -> Array:
    """Return log p(y | τ, λ) (S,), per unit of the data, at S draws of the precisions.

    Parameters
    ----------
    model : BayesianRegression
        The model.
    draws : dict of str to ndarray
        Public parameters with one leading axis.
    rows : Rows
        Data.
    """
    volume = rows.total_weight * rows.coordinates.log_determinant
    each = _each(model, draws, rows)
    return np.array([one.log_normaliser(sums, one.posterior(sums)) - volume for one, sums in each])


def drawn_coefficients(model: BayesianRegression, draws: Parameters, rows: Rows, rng: np.random.Generator) -> Array:
    """Return one draw from p(β | y, τ, λ), in the data's units, shape (S, p), at each draw of the precisions."""
    found = [one.posterior(sums).parameter_draws(1, rng)[COEFFICIENTS][0, 0] for one, sums in _each(model, draws, rows)]
    return NormalCoefficients.mapped_parameters({COEFFICIENTS: np.array(found)}, rows.coordinates)[COEFFICIENTS]


def _each(model: BayesianRegression, draws: Parameters, rows: Rows) -> Iterator[tuple[SharedCoefficients, Any]]:
    """Yield the E-step at each draw and the sums over the rows, taken once."""
    flat, back = model.flat_prior(rows.values.shape[1]), rows.coordinates.inverse
    native = {name: model.native(draws)[name] for name in model.blocks}
    like = model.infer(flat, rows.coordinates)
    sums = like.statistics(rows, soft).parts[SUMS]
    for s in range(len(next(iter(draws.values())))):
        one = {name: {key: array[s] for key, array in values.items()} for name, values in native.items()}
        points = {name: point.mapped(back) for name, point in model.points(one, flat).items()}
        yield model.infer(points, rows.coordinates), sums
