"""What a comparison asks of a fitted estimator, and of a fit that did not come about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import pandas as pd

from pointmass.errors import PointmassError
from pointmass.numerics import Array

__all__ = ["Failure", "Fit", "as_fitted", "claims_of", "columns_of", "component_count", "name_fits", "path_of"]


class Fit(Protocol):
    """The attributes of a fitted estimator that are read here; any object that has them can be compared."""

    method_name: str
    kind: str
    model_: Any
    estimate_: dict[str, Array]
    log_likelihood_: float
    objective_history_: Array
    n_iter_: int
    elapsed_: float
    status_: str
    warnings_: list[str]

    def predict(self, X: Any, y: Any = None, *, lengths: Any = None) -> Array:
        """Return the component of each row (absent where a model has none); of a chain the most probable path."""
        ...

    def predict_proba(self, X: Any, y: Any = None, *, lengths: Any = None) -> Array:
        """Return the probability of each component for each row (absent where a model has none)."""
        ...

    def score_samples(self, X: Any, y: Any = None) -> Array:
        """Return the log predictive density of each row."""
        ...

    def uncertainty(self, method: str | None = None, level: float = 0.95, rng: Any = None) -> Any:
        """Return the spread of the belief about the parameters, by one method."""
        ...


@dataclass(frozen=True)
class Failure:
    """A fit that was asked for and is not there: a comparison names it and never hides it.

    Parameters
    ----------
    name : str
        What the fit would have been called.
    status : str
        ``failed``, ``timeout``, ``killed`` or ``missing``.
    reason : str
        Why, in one sentence.
    """

    name: str
    status: str
    reason: str


def name_fits(fits: Sequence[Fit] | Mapping[str, Fit]) -> dict[str, Fit]:
    """Return the fits by name: a mapping's own keys, or the methods' names, equal ones with ``_2``, ….

    Raises
    ------
    PointmassError
        There is no fit, or one of them has not been fitted.
    """
    named = dict(fits) if isinstance(fits, Mapping) else _numbered(fits)
    if not named:
        raise PointmassError("there is nothing to compare: give at least one fitted estimator")
    for name, fit in named.items():
        if not hasattr(fit, "estimate_"):
            raise PointmassError(f"{name!r} has not been fitted: call its fit(X) before comparing it")
    return {str(name): fit for name, fit in named.items()}


def _numbered(fits: Sequence[Fit]) -> dict[str, Fit]:
    if not isinstance(fits, list | tuple):
        raise PointmassError(f"compare takes a list or a dict of fits, got {type(fits).__name__}")
    named: dict[str, Fit] = {}
    for fit in fits:
        name = getattr(fit, "method_name", type(fit).__name__)
        count, unique = 1, name
        while unique in named:
            count += 1
            unique = f"{name}_{count}"
        named[unique] = fit
    return named


def component_count(fit: Fit) -> int | None:
    """Return the number of mixture components or chain states; None for a model without them."""
    for name, dims in fit.model_.dims.items():
        if "component" in dims:
            return int(np.shape(fit.estimate_[name])[list(dims).index("component")])
    return None


def as_fitted(fit: Fit, rows: Array) -> Any:
    """Return rows with the names of the columns that the fit was given, if it was given any."""
    names = columns_of(fit)
    return pd.DataFrame(rows, columns=list(names)) if names else rows


def claims_of(fit: Fit, rows: Array, target: Array | None, lengths: Array | None = None) -> Array:
    """Return the probability (n, K) of each component for each row.

    Only a regression is shown the target, only a chain the lengths of its sequences.
    """
    return np.asarray(fit.predict_proba(as_fitted(fit, rows), **_given(fit, target, lengths)))


def path_of(fit: Fit, rows: Array, target: Array | None, lengths: Array | None = None) -> Array:
    """Return the component (n,) of each row; of a chain the most probable path, all steps together."""
    return np.asarray(fit.predict(as_fitted(fit, rows), **_given(fit, target, lengths)))


def _given(fit: Fit, target: Array | None, lengths: Array | None) -> dict[str, Any]:
    model = fit.model_
    of_target = {"y": target} if getattr(model, "is_conditional", False) else {}
    return of_target | ({"lengths": lengths} if getattr(model, "is_sequential", False) else {})


def columns_of(fit: Fit) -> tuple[str, ...]:
    """Return the names of the data's columns if the fit knows them, else an empty tuple."""
    return tuple(str(name) for name in getattr(fit, "feature_names_in_", ()))
