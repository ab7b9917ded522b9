"""The part of the verdict on standard deviations: how they compare with the reference's, in one sentence or two."""

from __future__ import annotations

import numpy as np

from pointmass.comparison.extents import extent, extent_ratios, far_draws_in_words, has_far_draws, width
from pointmass.comparison.labels import Element, element_name
from pointmass.comparison.matched import MatchedFit, MatchedFits
from pointmass.comparison.spread import Spread
from pointmass.comparison.words import number, percent, ratio

__all__ = ["verdict_on_widths"]

_ALIKE = 0.05  # on the logarithmic scale: two digits of two standard deviations hardly tell them apart

type Ratios = dict[Element, float]


def verdict_on_widths(matched: MatchedFits) -> list[str]:
    """Return the range of ratios of each kind of uncertainty and the one that is farthest from one, if any is known."""
    others = [fit for fit in matched.fits if fit.name != matched.reference.name]
    reference = matched.reference_spread
    if reference is None:
        return []
    pairs = [(fit, spread, extent_ratios(matched, spread, reference)) for fit in others for spread in fit.spreads]
    judged = [pair for pair in pairs if pair[2]]
    if not judged:
        return []
    ranges = "; ".join(f"{_name(fit, spread)} {_range(ratios)}" for fit, spread, ratios in judged)
    label = matched.anchor.label
    compared = dict.fromkeys(element for _, _, ratios in judged for element in ratios)
    about = far_draws_in_words(matched, reference, label, compared)
    said = f"Standard deviations as multiples of {label}’s: {ranges}. {_worst(matched, judged, reference)} {about}"
    return [said.rstrip()]


def _name(fit: MatchedFit, spread: Spread) -> str:
    return fit.label if spread.method == "draws" else f"{fit.label}’s {spread.method.replace('_', ' ')}"


def _range(ratios: Ratios) -> str:
    ends = dict.fromkeys(ratio(pick(ratios.values())) for pick in (min, max))
    return " to ".join(ends)


def _worst(matched: MatchedFits, judged: list[tuple[MatchedFit, Spread, Ratios]], reference: Spread) -> str:
    """Return the sentence on the ratio that is farthest from one, in either direction."""
    off = {
        (place, element): abs(float(np.log(value)))
        for place, (_, _, ratios) in enumerate(judged)
        for element, value in ratios.items()
    }
    place, element = max(off, key=lambda pair: off[pair])
    fit, spread, _ = judged[place]
    if off[place, element] < _ALIKE:
        return f"None is more than {percent(abs(judged[place][2][element] - 1.0))} off."
    where = f"{_name(fit, spread)} on {element_name(matched, element)}"
    if has_far_draws(reference, element):
        own, right = (number(width(one, element), 2) for one in (spread, reference))
        return f"The farthest off is {where}: an interval {own} wide where that of {matched.anchor.label} is {right}."
    own, right = (number(extent(one, element, by_interval=False), 2) for one in (spread, reference))
    return f"The farthest off is {where}: {own} where {matched.anchor.label} has {right}."
