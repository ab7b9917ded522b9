"""Counsel on a point: is it enough, with the intervals that its information gives."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from pointmass.comparison.extents import extent, extent_ratios, has_far_draws
from pointmass.comparison.labels import Element, element_name
from pointmass.comparison.matched import MatchedFit, MatchedFits
from pointmass.comparison.safety import at
from pointmass.comparison.spread import Spread
from pointmass.comparison.words import listed, percent, ratio
from pointmass.numerics import Array

__all__ = ["advice_on_point"]

_FAR = 0.5  # a point is enough where no number lies farther, in sds, from the corrected mean
_TRUSTED = ("mean_field", "importance")  # where they accept themselves: a mean field does where it is exact
_WIDTH = (0.8, 1.25)  # and where its sds are between these multiples of the corrected ones


def advice_on_point(matched: MatchedFits, fit: MatchedFit) -> Iterator[str]:
    """Yield a sentence about a point with its information-based intervals; none where it has no such intervals."""
    own = next((spread for spread in fit.spreads if spread.method == "information"), None)
    if own is None:
        return
    if not own.diagnostics.get("accepted"):
        yield f"{fit.label}’s point is not enough: {'; '.join(own.diagnostics.get('reasons', ()))}."
        return
    judge = _corrected_posterior(matched)
    yield _alone(fit, own) if judge is None else _beside(matched, fit, own, judge)


def _alone(fit: MatchedFit, own: Spread) -> str:
    radius = float(own.diagnostics["spectral_radius"])
    return (
        f"{fit.label}’s intervals rest on the information at its optimum, of which up to {percent(radius)} is missing; "
        "whether they are enough takes a posterior to say."
    )


def _corrected_posterior(matched: MatchedFits) -> tuple[MatchedFit, Spread] | None:
    """Return the posterior to hold a point against: a reliable reference, an exact posterior, or a corrected one."""
    if matched.reference_spread is not None:
        return matched.anchor, matched.reference_spread
    for fit in matched.fits:
        for spread in fit.spreads:
            if spread.method in _TRUSTED and spread.diagnostics.get("accepted"):
                return fit, spread
    return None


def _beside(matched: MatchedFits, fit: MatchedFit, own: Spread, judge: tuple[MatchedFit, Spread]) -> str:
    other, spread = judge
    centre = other.estimate if spread.mean is None else spread.mean
    ratios = extent_ratios(matched, own, spread)
    gaps = {
        one: abs(_entry(fit.estimate, one) - _entry(centre, one))
        / extent(spread, one, by_interval=has_far_draws(spread, one))
        for one in ratios
    }
    if not ratios:
        return f"{fit.label} and {other.label} have no number in common to judge."
    faults = [*_too_far(matched, gaps, other), *_too_wide(matched, ratios, judge)]
    return f"{fit.label}’s point is not enough: {listed(faults)}." if faults else _enough(fit, gaps, ratios, other)


def _enough(fit: MatchedFit, gaps: Mapping[Element, float], ratios: Mapping[Element, float], other: MatchedFit) -> str:
    gap, off = max(gaps.values()), max(abs(one - 1.0) for one in ratios.values())
    return (
        f"{fit.label}’s point with its information-based intervals is enough: no number lies farther than "
        f"{ratio(gap, _FAR)} standard deviations from {other.label}’s mean, and no standard deviation is more than "
        f"{percent(off)} from {other.label}’s."
    )


def _too_far(matched: MatchedFits, gaps: Mapping[Element, float], other: MatchedFit) -> Iterator[str]:
    farthest = max(gaps, key=lambda element: gaps[element])
    if gaps[farthest] > _FAR:
        name, gap = element_name(matched, farthest), ratio(gaps[farthest], _FAR)
        yield f"{name} lies {gap} standard deviations from {other.label}’s mean"


def _too_wide(matched: MatchedFits, ratios: Mapping[Element, float], judge: tuple[MatchedFit, Spread]) -> Iterator[str]:
    """Say which standard deviation is out of bounds, the farthest on the logarithmic scale."""
    other, spread = judge
    off = [one for one, value in ratios.items() if not _WIDTH[0] <= value <= _WIDTH[1]]
    if off:
        worst = max(off, key=lambda element: abs(np.log(ratios[element])))
        limit = _WIDTH[ratios[worst] > 1.0]
        name, times = element_name(matched, worst), ratio(ratios[worst], limit)
        if has_far_draws(spread, worst):
            yield f"its interval of {name} is {times} times as wide as {other.label}’s"
        else:
            yield f"its standard deviation of {name} is {times} times {other.label}’s"


def _entry(arrays: Mapping[str, Array], element: Element) -> float:
    return at(arrays, element.parameter, element.position)
