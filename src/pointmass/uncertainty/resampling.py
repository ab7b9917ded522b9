"""New data as they might have been: rows drawn again, weighed again, or drawn from the fitted model."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from pointmass.errors import PointmassError
from pointmass.families.conjugate import Parameters
from pointmass.models import Model, Rows
from pointmass.numerics import Array

__all__ = ["Resampling", "bayesian", "nonparametric", "parametric", "with_new_latents"]

type Resampling = Callable[[Any, Parameters, Rows, np.random.Generator], Rows]


def with_new_latents(model: Model, estimate: Parameters, rows: Rows, rng: np.random.Generator) -> Parameters:
    """Return an estimate with what all rows share, such as effects of groups, drawn anew given the parameters."""
    latent = model.latent_blocks
    if not latent:
        return estimate
    given = {name: np.asarray(array)[None] for name, array in estimate.items() if name not in latent}
    drawn = model.with_latent_draws(given, rows.take(slice(0)), rng)
    return {name: array[0] for name, array in drawn.items()}


def nonparametric(model: Model, truth: Parameters, rows: Rows, rng: np.random.Generator) -> Rows:
    """Return as many independent units as there are, drawn with replacement (Efron 1979); labels go with rows.

    A weight is a number of copies: so many are in the urn.
    """
    weights = _unit_weights(model, rows)
    total = max(1, round(weights.sum()))
    counts = rng.multinomial(total, weights / weights.sum())
    return _weighted(rows, counts * (weights.sum() / total))


def bayesian(model: Model, truth: Parameters, rows: Rows, rng: np.random.Generator) -> Rows:
    """Return all independent units with exponential weights that sum to what they summed to (Rubin 1981).

    A unit of weight w stands for w copies, whose weights together are a Gamma(w) number.
    """
    weights = _unit_weights(model, rows)
    drawn = rng.standard_gamma(weights)
    return _weighted(rows, drawn * (weights.sum() / drawn.sum()))


def parametric(model: Any, truth: Parameters, rows: Rows, rng: np.random.Generator) -> Rows:
    """Return as many rows, or sequences, drawn at ``truth``; components are known, and cells missing, as they were."""
    places, lengths = _copies(rows)
    given = np.split(model.features_and_target(rows.values)[0][places], np.cumsum(lengths)[:-1])
    parts = [model.sample(truth, len(each), rng, each) for each in given]
    values, components = (np.concatenate(each) for each in zip(*parts, strict=True))
    like = replace(rows, weights=None, lengths=None).take(places)
    return replace(
        like,
        values=model.masked(values, like.values),
        labels=None if like.labels is None else np.where(like.labels >= 0, components, -1),
        lengths=None if rows.lengths is None else lengths,
    )


def _copies(rows: Rows) -> tuple[Array, Array]:
    """Return the places of rows, and lengths of sequences, each unit as often as its weight says.

    They are as many units as the weights sum to, the first ones again where rounding leaves too few. Independent rows
    are one sequence.
    """
    weights = _weights_of_units(rows)
    units = np.repeat(np.arange(len(weights)), np.round(weights).astype(np.intp))
    units = np.resize(units if units.size else np.arange(len(weights)), max(1, round(weights.sum())))
    if rows.lengths is None:
        return units, np.array([len(units)])
    lengths = np.asarray(rows.lengths)
    starts = np.cumsum(lengths) - lengths
    places = [np.arange(start, start + length) for start, length in zip(starts[units], lengths[units], strict=True)]
    return np.concatenate(places), lengths[units]


def _unit_weights(model: Model, rows: Rows) -> Array:
    """Return the weight of each independent unit: of each row, or of each sequence."""
    if model.latent_blocks:
        raise PointmassError(
            f"the bootstrap draws independent units again, and rows that share {', '.join(model.latent_blocks)} are "
            "not independent; use bootstrap_parametric or information"
        )
    if rows.n_units < 2:
        unit = "row" if rows.lengths is None else "sequence"
        raise PointmassError(
            f"the bootstrap draws independent units again, and one {unit} is one unit; use bootstrap_parametric"
        )
    return _weights_of_units(rows)


def _weights_of_units(rows: Rows) -> Array:
    if rows.lengths is None:
        return np.ones(len(rows)) if rows.weights is None else rows.weights
    starts = np.concatenate([[0], np.cumsum(rows.lengths)[:-1]])
    return np.ones(len(starts)) if rows.weights is None else rows.weights[starts]


def _weighted(rows: Rows, weights: Array) -> Rows:
    """Return the units of positive weight with their weights."""
    if rows.lengths is None:
        return replace(rows.take(weights > 0), weights=weights[weights > 0])
    each = np.repeat(weights, rows.lengths)
    return replace(rows.take(each > 0), weights=each[each > 0])
