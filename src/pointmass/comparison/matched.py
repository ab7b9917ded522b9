"""Fits of the same data, their components matched: the value that tables, verdict and figures read."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from pointmass.comparison.data import Sample, as_dataset, sample_of
from pointmass.comparison.evidence import evidences_of
from pointmass.comparison.fit import Failure, Fit, as_fitted, claims_of, columns_of, component_count, name_fits, path_of
from pointmass.comparison.matching import (
    Match,
    assign,
    parameter_cost,
    permute_components,
    responsibility_cost,
)
from pointmass.comparison.reference import Reference, choose_reference
from pointmass.comparison.spread import Spread, spreads_of
from pointmass.datasets import Dataset
from pointmass.numerics import Array
from pointmass.uncertainty.evidence import Evidence

__all__ = ["MatchedFit", "MatchedFits", "match_fits"]

_ROWS = 2000  # rows on which responsibilities are compared: enough for two digits of a share


@dataclass(frozen=True)
class MatchedFit:
    """One fit in the common order of components.

    Parameters
    ----------
    name : str
        What the comparison calls it.
    fit : Fit
        The fitted estimator, in its own order of components.
    match : Match
        How its components were reordered.
    estimate : dict of str to array
        `fit.estimate_` in the common order.
    spreads : tuple of Spread
        Its uncertainty by every method it has, in the common order; empty for a point without an interval.
    """

    name: str
    fit: Fit
    match: Match
    estimate: dict[str, Array]
    spreads: tuple[Spread, ...]

    @property
    def label(self) -> str:
        """The name to show: ``EM`` for an estimator that a configuration calls ``em``."""
        method = self.fit.method_name
        return method if self.name.casefold() == method.casefold() else self.name

    @cached_property
    def n_components(self) -> int | None:
        """Number of components or states; None if the model has none."""
        return component_count(self.fit)

    @property
    def assigns(self) -> bool:
        """Whether it tells of which component a row is."""
        return (self.n_components or 1) > 1 and hasattr(self.fit, "predict_proba")

    @property
    def is_conditional(self) -> bool:
        """Whether it is a regression: its density is that of a target given the rows."""
        return bool(getattr(self.fit.model_, "is_conditional", False))

    @property
    def is_sequential(self) -> bool:
        """Whether it is a chain: its rows are steps in order."""
        return bool(getattr(self.fit.model_, "is_sequential", False))

    def predict(self, rows: Array, target: Array | None = None, lengths: Array | None = None) -> Array:
        """Return the most probable component (n,) of each row, in the common order."""
        return np.asarray(self.responsibilities(rows, target, lengths).argmax(axis=1))

    def responsibilities(self, rows: Array, target: Array | None = None, lengths: Array | None = None) -> Array:
        """Return the probability (n, K) of each component for each row, in the common order."""
        claims = claims_of(self.fit, rows, target, lengths)
        return claims[:, list(self.match.order)] if self.match.order else claims

    def path(self, rows: Array, target: Array | None = None, lengths: Array | None = None) -> Array:
        """Return the most probable path (n,) of a chain, all steps together, in the common order."""
        path = path_of(self.fit, rows, target, lengths)
        return np.asarray(np.argsort(self.match.order)[path]) if self.match.order else path

    def density(self, rows: Array) -> Array:
        """Return the predictive density (n,) of each row: plug-in for points, averaged for posteriors."""
        return np.exp(np.asarray(self.fit.score_samples(as_fitted(self.fit, rows))))


@dataclass(frozen=True)
class MatchedFits:
    """Fits of the same data with their components in one order, that of the anchor.

    The anchor is the reference, or the first fit where there is none.

    Parameters
    ----------
    fits : tuple of MatchedFit
        In the order given.
    reference : Reference
        Which of them judges the others, and whether it may.
    truth : dict of str to array or None
        True parameters in the common order, those that have the shape of the estimates.
    data : Dataset or None
        What was fitted, where it is known.
    failures : tuple of Failure
        Fits that were asked for and are not there.
    level : float
        Probability of the intervals.
    """

    fits: tuple[MatchedFit, ...]
    reference: Reference
    truth: dict[str, Array] | None
    data: Dataset | None
    failures: tuple[Failure, ...]
    level: float

    def __getitem__(self, name: str) -> MatchedFit:
        return next(fit for fit in self.fits if fit.name == name)

    @property
    def is_conditional(self) -> bool:
        """Whether the fits are regressions."""
        return self.anchor.is_conditional

    @property
    def is_sequential(self) -> bool:
        """Whether the fits are chains."""
        return self.anchor.is_sequential

    @property
    def anchor(self) -> MatchedFit:
        """The fit whose order of components is the common one."""
        names = [fit.name for fit in self.fits]
        return self[self.reference.name] if self.reference.name in names else self.fits[0]

    @property
    def reference_spread(self) -> Spread | None:
        """The spread that ratios are taken to; None without a reliable reference."""
        if not self.reference.reliable or self.reference.name is None:
            return None
        return self[self.reference.name].spreads[0]

    @cached_property
    def evidences(self) -> dict[str, tuple[Evidence, ...]]:
        """What each fit says of the log evidence, by name; fits that say nothing are left out."""
        return evidences_of({fit.name: fit.fit for fit in self.fits}, np.random.default_rng(0))

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the data's columns, as far as anyone knows them."""
        return columns_of(self.anchor.fit) or (() if self.data is None else self.data.columns)


def match_fits(
    fits: Sequence[Fit] | Mapping[str, Fit],
    *,
    reference: str | Fit | None = None,
    truth: Mapping[str, Array] | None = None,
    data: object = None,
    failures: Sequence[Failure] = (),
    level: float = 0.95,
    uncertainty: Collection[str] | None = None,
) -> MatchedFits:
    """Bring fits of the same data into one order of components.

    Parameters
    ----------
    fits : sequence of Fit or mapping of str to Fit
        Fitted estimators; equal names of methods get ``_2``, ``_3``, ….
    reference : str or Fit, optional
        The fit that judges the others; by default the first reliable sampler, NUTS before Gibbs.
    truth : mapping of str to array, optional
        True parameters, in any order of components.
    data : Dataset, DataFrame or (n, d) array, optional
        The data fitted; with it components are matched by what they claim of the rows, else by parameters.
    failures : sequence of Failure
        Fits that were asked for and are not there.
    level : float
        Probability of the intervals.
    uncertainty : collection of str, optional
        Which methods of uncertainty to show, each for the fits that have it; by default what costs little.

    Returns
    -------
    MatchedFits

    Raises
    ------
    PointmassError
        There is nothing to compare, a fit is not fitted, or the reference is not among the fits.
    """
    named = name_fits(fits)
    judge = choose_reference(named, reference, failures)
    dataset = as_dataset(data)
    anchor = named[judge.name] if judge.name in named else next(iter(named.values()))
    shown = _shown(anchor, dataset)
    orders = {name: _match(fit, anchor, shown) for name, fit in named.items()}
    matched = tuple(_matched(name, fit, orders[name], level, uncertainty) for name, fit in named.items())
    known = truth if truth is not None else (dataset.truth if dataset is not None else None)
    return MatchedFits(matched, judge, _matched_truth(anchor, known), dataset, tuple(failures), level)


def _matched(name: str, fit: Fit, match: Match, level: float, methods: Collection[str] | None) -> MatchedFit:
    estimate = permute_components(fit.estimate_, match.order)
    return MatchedFit(name, fit, match, estimate, spreads_of(fit, match.order, level, methods))


@dataclass(frozen=True, eq=False)
class _Shown:
    """Rows on which claims are compared, and what the anchor claims of them: for draws that takes a while."""

    sample: Sample
    claims: Array


def _shown(anchor: Fit, data: Dataset | None) -> _Shown | None:
    if data is None or not _assigns(anchor) or component_count(anchor) is None:
        return None
    sample = sample_of(data, _ROWS, in_order=getattr(anchor.model_, "is_sequential", False))
    return _Shown(sample, claims_of(anchor, *sample))


def _match(fit: Any, anchor: Any, shown: _Shown | None) -> Match:
    n_components = component_count(anchor)
    if n_components is None or component_count(fit) != n_components:
        return Match()
    if shown is not None and _assigns(fit):
        claims = shown.claims if fit is anchor else claims_of(fit, *shown.sample)
        return assign(responsibility_cost(shown.claims, claims), "responsibilities")
    cost, distance = parameter_cost(anchor.estimate_, fit.estimate_)
    return assign(cost, "parameters", distance)


def _assigns(fit: Any) -> bool:
    return hasattr(fit, "predict_proba")


def _matched_truth(anchor: Fit, truth: Mapping[str, Array] | None) -> dict[str, Array] | None:
    shapes = {name: np.shape(array) for name, array in anchor.estimate_.items()}
    comparable = {
        name: np.reshape(np.asarray(array, dtype=float), shapes[name])
        for name, array in (truth or {}).items()
        if name in shapes and np.size(array) == np.prod(shapes[name], dtype=int)
    }
    if not comparable:
        return None
    if component_count(anchor) is None:
        return comparable
    shared = {name: anchor.estimate_[name] for name in comparable}
    return permute_components(comparable, assign(parameter_cost(shared, comparable)[0], "parameters").order)
