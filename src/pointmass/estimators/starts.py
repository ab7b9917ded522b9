"""Starts that a user gives: responsibilities, parameters, or another fit."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, cast

import numpy as np

from pointmass.errors import PointmassError
from pointmass.families.family import Belief
from pointmass.families.point_mass import PointMass
from pointmass.inference.initialisation import from_responsibilities
from pointmass.inference.sweep import Sweep
from pointmass.latents.assignments import soft
from pointmass.models import Beliefs
from pointmass.models.parameters import check_parameters

__all__ = ["Start", "given_start"]

type Start = Callable[[], Beliefs]


def given_start(estimator: Any, init: Any, sweep: Sweep, weak: Beliefs) -> Beliefs:
    """Return the belief at which an ascent starts, in working coordinates.

    Parameters
    ----------
    estimator : Estimator
        Whose model and coordinates are used.
    init : array_like (n, K), dict, or fitted estimator
        Responsibilities, public parameters, or a fit of the same model.
    sweep : Sweep
        The sweep that will be repeated.
    weak : dict of str to belief
        A weak proper prior in working coordinates.
    """
    if isinstance(init, Mapping):
        return _at_parameters(estimator, init, sweep)
    if hasattr(init, "estimate_"):
        if init.model_.dims != estimator.model_.dims or init.model_.n_components != estimator.model_.n_components:
            raise PointmassError("init is a fit of another model; give a fit of the same one", path=("init",))
        if init.kind == estimator.kind and _alike(init.belief_, estimator.prior_):
            return _with_what_is_known(cast(Beliefs, estimator._working(init.belief_)), sweep)
        return _at_parameters(estimator, init.estimate_, sweep)
    return from_responsibilities(_responsibilities(init, sweep), sweep, weak)


def _alike(beliefs: Beliefs, prior: Beliefs) -> bool:
    """Return whether the beliefs are posteriors of these priors: the same classes, the same shapes."""
    return set(beliefs) == set(prior) and all(
        type(beliefs[name]) is type(prior[name]) and _shapes(beliefs[name]) == _shapes(prior[name]) for name in prior
    )


def _shapes(belief: Belief) -> list[tuple[int, ...]]:
    return [np.shape(array) for array in belief.hyperparameters().values()]


def _with_what_is_known(beliefs: Beliefs, sweep: Sweep) -> Beliefs:
    """Return the beliefs with every block, and every array, that the sweep holds known."""
    kept = {}
    for name, belief in beliefs.items():
        prior = sweep.prior[name]
        known = [key for key, kind in belief.constraints.items() if kind == "known"]
        values = {**belief.hyperparameters(), **{key: prior.hyperparameters()[key] for key in known}}
        kept[name] = prior if isinstance(prior, PointMass) else belief.with_hyperparameters(values)
    return kept


def _at_parameters(estimator: Any, parameters: Mapping[str, Any], sweep: Sweep) -> Beliefs:
    try:
        arrays = {name: np.array(value, dtype=float) for name, value in parameters.items()}
        check_parameters(arrays, sweep.model.dims, sweep.model.axis_sizes(sweep.rows.values.shape[1]))
        points = _with_what_is_known(estimator.working_points(arrays), sweep)
        # A posterior starts at the update of the E-step under the point; a point starts where it is.
        old = replace(sweep, assignment=soft)(points).beliefs
    except (np.linalg.LinAlgError, TypeError, ValueError) as error:
        raise PointmassError(f"init: the parameters given cannot be used: {error}", path=("init",)) from error
    same_kind = all(type(old[name]) is type(points[name]) for name in old)
    return points if same_kind else old


def _responsibilities(init: Any, sweep: Sweep) -> np.ndarray:
    shape = (len(sweep.rows), sweep.model.n_components)
    try:
        array = np.asarray(init, dtype=float)
    except (TypeError, ValueError) as error:
        raise PointmassError(
            f"init must be a name, responsibilities, parameters or a fit, got {init!r}", path=("init",)
        ) from error
    if array.shape != shape:
        raise PointmassError(
            f"init: responsibilities must have shape {shape} (rows of weight zero left out), got {array.shape}",
            path=("init",),
        )
    if not np.isfinite(array).all() or (array < 0).any() or np.abs(array.sum(1) - 1.0).max() > 1e-6:
        raise PointmassError("init: responsibilities must be at least 0 and each row must sum to 1", path=("init",))
    return np.ascontiguousarray(array.T)
