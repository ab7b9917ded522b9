"""The part of the verdict on estimates: how far apart they are, in standard deviations."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from pointmass.comparison.extents import extent, has_far_draws
from pointmass.comparison.labels import Element, element_name, elements
from pointmass.comparison.matched import MatchedFit, MatchedFits
from pointmass.comparison.spread import Spread
from pointmass.comparison.table import Estimate, estimates
from pointmass.comparison.words import number

__all__ = ["verdict_on_estimates"]


def verdict_on_estimates(matched: MatchedFits) -> list[str]:
    """Return how far the estimates lie from the reference's, or without one from each other, in standard deviations."""
    reference = matched.reference_spread
    gaps = {} if reference is None else _gaps(matched, reference)
    if not gaps:
        return _disagreement(matched)
    (fit, element), gap = max(gaps.items(), key=lambda item: item[1])
    return [
        f"No estimate lies farther than {number(gap, 2)} standard deviations of {matched.anchor.label} from "
        f"its mean (the farthest: {fit}, {element_name(matched, element)})."
    ]


def _gaps(matched: MatchedFits, reference: Spread) -> dict[tuple[str, Element], float]:
    anchor, gaps = matched.anchor, {}
    for element in elements(matched):
        sd = extent(reference, element, by_interval=has_far_draws(reference, element))
        for fit in matched.fits:
            value = fit.estimate.get(element.parameter)
            centre = anchor.estimate.get(element.parameter)
            if fit is anchor or value is None or centre is None or value.shape != centre.shape:
                continue
            if sd > 0:
                gap = abs(value[element.position] - centre[element.position]) / sd
                gaps[fit.label, element] = float(gap)
    return {pair: gap for pair, gap in gaps.items() if np.isfinite(gap)}


def _disagreement(matched: MatchedFits) -> list[str]:
    """Return the number on which the estimates differ most, in the largest standard deviation that counts."""
    apart: dict[Element, float] = {}
    found: dict[Element, list[Estimate]] = {}
    for one in _believed(matched):
        found.setdefault(one.element, []).append(one)
    for element, group in found.items():
        values, sd = [one.estimate for one in group], _largest_sd(group)
        if np.isfinite(values).all() and np.isfinite(sd) and sd > 0:
            apart[element] = float(np.ptp(values)) / sd
    if len(matched.fits) < 2 or not apart:
        return []
    worst = max(apart, key=lambda element: apart[element])
    if apart[worst] < 0.1:
        return [f"The estimates agree to within {number(apart[worst], 1)} standard deviations."]
    low, high = (pick(found[worst], key=lambda one: one.estimate) for pick in (min, max))
    between = " and ".join(f"{number(one.estimate)} ({matched[one.method].label})" for one in (low, high))
    far = f"{number(apart[worst], 2)} standard deviations apart"
    return [f"The estimates differ most on {element_name(matched, worst)}: {between}, {far}."]


def _believed(matched: MatchedFits) -> list[Estimate]:
    """Return every estimate; where an uncertainty refuses itself, not its correction but its fit's own."""
    return [_own(matched[one.method], one) if one.refused else one for one in estimates(matched)]


def _own(fit: MatchedFit, one: Estimate) -> Estimate:
    return replace(one, estimate=float(fit.estimate[one.element.parameter][one.element.position]))


def _largest_sd(group: list[Estimate]) -> float:
    """Return the largest standard deviation that is accepted, where none is the largest, 0 without any."""
    given = [one for one in group if one.sd > 0]
    accepted = [one for one in given if not one.refused]
    return max((one.sd for one in accepted or given), default=0.0)
