"""Fits of one model with more and more components, each also started from splits of the one before."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from pointmass.comparison.selection.prior_sizes import check_priors
from pointmass.comparison.selection.splitting import split
from pointmass.errors import PointmassError
from pointmass.estimators import EM, VB
from pointmass.estimators.atlas import PROPER, SAME
from pointmass.models import Model
from pointmass.uncertainty import Uncertainty

__all__ = ["Rung", "climb"]


@dataclass(frozen=True)
class Rung:
    """The fits of one number of components.

    Parameters
    ----------
    n_components : int
        The number.
    em : EM
        Maximum likelihood, the best proper optimum of all starts.
    vb : VB
        Variational posterior, the best of its own starts and of one from ``em``.
    random : EM
        The best fit of the random starts alone.
    seed : int
        Of the draws of the corrected posterior.
    """

    n_components: int
    em: EM
    vb: VB
    random: EM
    seed: int

    @property
    def grown(self) -> bool:
        """Whether a split of the fit before led higher than every random start."""
        return self.em is not self.random

    @property
    def share_at_best(self) -> float:
        """The share of random starts that reached the best proper optimum of all starts."""
        best = self.em.objective_history_[-1]
        return sum(one.share for one in self.random.optima_ if one.objective > best - SAME and one.status in PROPER)

    @cached_property
    def corrected(self) -> Uncertainty:
        """The variational posterior corrected by importance weights."""
        return self.vb.uncertainty("importance", rng=self.seed)


def climb(
    model: Model,
    numbers: Sequence[int],
    data: Mapping[str, Any],
    *,
    n_init: int,
    rng: np.random.Generator,
) -> Iterator[Rung]:
    """Yield the fits of each number of components, the fewest first.

    A split leaves the likelihood as it is, at a saddle that the ascent leaves upwards: no proper fit with more
    components has a lower likelihood than the one before, even if the numbers between are left out.

    Parameters
    ----------
    model : Model
        Whose number of components is chosen; the one that it has plays no part.
    numbers : sequence of int
        Numbers of components.
    data : dict
        Arguments of ``fit``.
    n_init : int
        Random starts of each fit.
    rng : numpy.random.Generator
        Source of randomness.
    """
    before: Rung | None = None
    check_priors(model, numbers, _n_columns(data) + model.is_conditional)
    for number in sorted(set(numbers)):
        before = _rung(model.with_components(number), number, data, n_init, rng, before)
        yield before


def _n_columns(data: Mapping[str, Any]) -> int:
    shape = np.shape(data["X"])
    return int(shape[1]) if len(shape) > 1 else 1


def _rung(
    model: Model, number: int, data: Mapping[str, Any], n_init: int, rng: np.random.Generator, before: Rung | None
) -> Rung:
    em = EM(model, n_init=n_init, rng=rng).fit(**data)
    grown = [] if before is None else list(_grown(model, data, rng, before.em))
    highest = max([em, *grown], key=_height)
    best = highest if _is_higher(highest, em) else em
    vb = [VB(model, n_init=n_init, rng=rng).fit(**data), VB(model, init=best, rng=rng).fit(**data)]
    return Rung(number, best, max(vb, key=_height), em, int(rng.integers(2**32)))


def _grown(model: Model, data: Mapping[str, Any], rng: np.random.Generator, before: EM) -> Iterator[EM]:
    """Yield fits from each split of a fit, into more than two where numbers are left out.

    A split that no fit can start from is passed over.
    """
    shared, fewer = [name for name in before.estimate_ if name in model.blocks], before.model_.n_components
    for component in range(fewer):
        start = before.estimate_
        for _ in range(model.n_components - fewer):
            start = split(start, model.dims, shared, component)
        try:
            yield EM(model, init=start, rng=rng).fit(**data)
        except PointmassError:
            continue


def _is_higher(fit: Any, other: Any) -> bool:
    """Return whether a fit is at a better optimum than another, not at the same one to more digits."""
    (proper, height), (other_proper, other_height) = _height(fit), _height(other)
    return proper > other_proper or (proper == other_proper and height > other_height + SAME)


def _height(fit: Any) -> tuple[bool, float]:
    """Return what ranks fits: proper optima first, then the objective."""
    objective = float(fit.objective_history_[-1])
    return fit.status_ in PROPER, objective if np.isfinite(objective) else -np.inf
