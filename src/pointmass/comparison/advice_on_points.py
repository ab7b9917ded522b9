"""Counsel on a point: is it enough, with the intervals that its information gives."""

from __future__ import annotations

from collections.abc import Iterator

from pointmass.comparison.labels import Element, element_name
from pointmass.comparison.matched import MatchedFit, MatchedFits
from pointmass.comparison.safety import at
from pointmass.comparison.sd_ratios import sd_ratios
from pointmass.comparison.spread import Spread
from pointmass.comparison.words import number, percent, ratio
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
    if judge is None:
        yield _alone(fit, own)
        return
    yield _beside(matched, fit, own, judge)


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
    ratios = sd_ratios(matched, own.sd, spread.sd)
    gaps = {one: abs(_entry(fit.estimate, one) - _entry(centre, one)) / _entry(spread.sd, one) for one in ratios}
    if not ratios:
        return f"{fit.label} and {other.label} have no number in common to judge."
    farthest = max(gaps, key=lambda element: gaps[element])
    low, high = min(ratios.values()), max(ratios.values())
    enough = gaps[farthest] <= _FAR and low >= _WIDTH[0] and high <= _WIDTH[1]
    return (
        f"{fit.label}’s point with its information-based intervals is {'' if enough else 'not '}enough: "
        f"{element_name(matched, farthest)} lies {number(gaps[farthest], 2)} standard deviations from {other.label}’s "
        f"mean, the others nearer, and its standard deviations are {ratio(low)} to {ratio(high)} times as large."
    )


def _entry(arrays: dict[str, Array], element: Element) -> float:
    return at(arrays, element.parameter, element.position)
