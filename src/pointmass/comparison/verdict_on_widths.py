"""The part of the verdict on standard deviations: how they compare with the reference's, in one sentence or two."""

from __future__ import annotations

import numpy as np

from pointmass.comparison.labels import Element, element_name, elements
from pointmass.comparison.matched import MatchedFit, MatchedFits
from pointmass.comparison.safety import at
from pointmass.comparison.spread import Spread
from pointmass.comparison.table import sd_ratio
from pointmass.comparison.words import number, ratio

__all__ = ["verdict_on_widths"]

type Ratios = dict[Element, float]


def verdict_on_widths(matched: MatchedFits) -> list[str]:
    """Return the range of ratios of each kind of uncertainty and the one that is farthest from one, if any is known."""
    others = [fit for fit in matched.fits if fit.name != matched.reference.name]
    pairs = [(fit, spread, _ratios(matched, spread)) for fit in others for spread in fit.spreads]
    judged = [pair for pair in pairs if pair[2]]
    if not judged:
        return []
    ranges = "; ".join(f"{_name(fit, spread)} {_range(ratios)}" for fit, spread, ratios in judged)
    return [f"Standard deviations as multiples of {matched.anchor.label}’s: {ranges}. {_worst(matched, judged)}"]


def _ratios(matched: MatchedFits, spread: Spread) -> Ratios:
    ratios = {element: sd_ratio(matched, spread, element) for element in elements(matched)}
    return {element: value for element, value in ratios.items() if np.isfinite(value) and value > 0}


def _name(fit: MatchedFit, spread: Spread) -> str:
    return fit.label if spread.method == "draws" else f"{fit.label}’s {spread.method.replace('_', ' ')}"


def _range(ratios: Ratios) -> str:
    ends = dict.fromkeys(ratio(pick(ratios.values())) for pick in (min, max))
    return " to ".join(ends)


def _worst(matched: MatchedFits, judged: list[tuple[MatchedFit, Spread, Ratios]]) -> str:
    """Return the sentence on the ratio that is farthest from one, in either direction."""
    off = {
        (place, element): abs(float(np.log(value)))
        for place, (_, _, ratios) in enumerate(judged)
        for element, value in ratios.items()
    }
    place, element = max(off, key=lambda pair: off[pair])
    fit, spread, _ = judged[place]
    reference = matched.reference_spread
    assert reference is not None
    own, right = (number(at(one.sd, element.parameter, element.position), 2) for one in (spread, reference))
    where = f"{_name(fit, spread)} on {element_name(matched, element)}"
    return f"The farthest off is {where}: {own} where {matched.anchor.label} has {right}."
