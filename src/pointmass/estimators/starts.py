"""Starts that a user gives: responsibilities, parameters, or another fit."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, cast

import numpy as np

from pointmass.errors import PointmassError
from pointmass.inference.initialisation import from_responsibilities
from pointmass.inference.sweep import Sweep
from pointmass.models import Beliefs

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
            raise PointmassError("init is a fit of another model; give a fit of the same one")
        if init.kind == estimator.kind and set(init.belief_) == set(estimator.prior_):
            return cast(Beliefs, estimator._working(init.belief_))
        return _at_parameters(estimator, init.estimate_, sweep)
    return from_responsibilities(_responsibilities(init, sweep), sweep, weak)


def _at_parameters(estimator: Any, parameters: Mapping[str, Any], sweep: Sweep) -> Beliefs:
    try:
        points = estimator._points({name: np.asarray(value, dtype=float) for name, value in parameters.items()})
        # A posterior starts at the update of the E-step under the point; a point starts where it is.
        old = sweep(points).beliefs
    except (np.linalg.LinAlgError, IndexError, ValueError) as error:
        reason = (
            str(error)
            if isinstance(error, PointmassError)
            else "shapes must be those of estimate_, covariances symmetric and positive definite"
        )
        raise PointmassError(f"init: the parameters given cannot be used: {reason}", path=("init",)) from error
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
