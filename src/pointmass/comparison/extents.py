"""How far a method spreads a number beside another: by standard deviations, where one says how wide a posterior is.

A posterior with a far, thin tail has a standard deviation that a few draws make, if it has one at all: a normal
mixture's variance, say, in the share of the draws in which its component is empty. Its interval is the better measure.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
from scipy.special import ndtri

from pointmass.comparison.labels import Element, element_name, elements
from pointmass.comparison.matched import MatchedFits
from pointmass.comparison.safety import at
from pointmass.comparison.spread import Spread
from pointmass.comparison.words import listed, number, percent
from pointmass.numerics import Array

__all__ = ["extent", "extent_ratios", "far_draws_in_words", "has_far_draws", "width"]


def has_far_draws(spread: Spread, element: Element) -> bool:
    """Return whether a standard deviation is that of rare draws far outside the interval."""
    return _entry(spread.far, element) == 1.0


def extent(spread: Spread, element: Element, *, by_interval: bool) -> float:
    """Return the standard deviation, or that of a normal with the same interval; NaN where there is none."""
    return _equivalent(spread, element) if by_interval else _entry(spread.sd, element)


def width(spread: Spread, element: Element) -> float:
    """Return the width of the interval; NaN where there is none."""
    return _entry(spread.upper, element) - _entry(spread.lower, element)


def extent_ratios(matched: MatchedFits, own: Spread, other: Spread) -> dict[Element, float]:
    """Return the extent of ``own`` over that of ``other`` for every number that has both, finite and positive.

    Standard deviations are compared, and intervals where the other's standard deviation is that of rare draws.
    """
    found = {}
    for element in elements(matched):
        far = has_far_draws(other, element)
        above, below = (extent(spread, element, by_interval=far) for spread in (own, other))
        if np.isfinite(above) and np.isfinite(below) and above > 0 and below > 0:
            found[element] = above / below
    return found


def far_draws_in_words(matched: MatchedFits, judge: Spread, label: str, compared: Iterable[Element]) -> str:
    """Return the sentence on the numbers whose intervals are compared; nothing where there is none."""
    far = [element for element in compared if has_far_draws(judge, element)]
    if not far:
        return ""
    worst = max(far, key=lambda element: _entry(judge.sd, element) / _equivalent(judge, element))
    names = listed([element_name(matched, element) for element in far])
    sd, wide = number(_entry(judge.sd, worst), 2), number(width(judge, worst), 2)
    example = f" of {element_name(matched, worst)}" if len(far) > 1 else ""
    return (
        f"{label}’s standard deviation of {names} is that of rare draws far out ({sd}{example}, beside a "
        f"{percent(judge.level)} interval {wide} wide), so the intervals are compared there."
    )


def _equivalent(spread: Spread, element: Element) -> float:
    return width(spread, element) / (2.0 * float(ndtri(0.5 + 0.5 * spread.level)))


def _entry(arrays: Mapping[str, Array], element: Element) -> float:
    return at(arrays, element.parameter, element.position)
