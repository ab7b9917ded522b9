"""Is a point enough, is mean field safe, is its correction, is MCMC needed: what the fits themselves can say.

The rule uses nothing that needs a sampler. Its thresholds stand here, in one place; how often it errs is measured on
the cells of the phase diagram (see the study of that name).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from pointmass.comparison.labels import Element, element_name, elements
from pointmass.comparison.matched import MatchedFit, MatchedFits
from pointmass.comparison.restarts import optima_of
from pointmass.comparison.spread import Spread
from pointmass.comparison.words import counted, number, percent, ratio
from pointmass.numerics import Array

__all__ = ["advice", "is_mean_field_safe", "predicted_ratio"]

SAFE_RATIO = 0.9
"""Mean field is called safe where every predicted ratio of its sd to the corrected one is at least this."""

FAR = 0.5
"""A point is called enough where no number lies farther, in sds, from the corrected mean."""

WIDTH = (0.8, 1.25)
"""A point's intervals are called enough where its sds are between these multiples of the corrected ones."""

_AGREES = 0.1  # a correction was right where every sd is this near the reference's, relatively
_FEW_HITS = 0.5
_SENSITIVE = 0.2


def advice(matched: MatchedFits) -> list[str]:
    """Return the verdict's first paragraph, one sentence an entry: for each variational fit, then for each point."""
    kinds = [fit for fit in matched.fits if fit.fit.kind in _PARAGRAPHS]
    return [sentence for fit in kinds for sentence in _PARAGRAPHS[fit.fit.kind](matched, fit)]


def predicted_ratio(spread: Spread) -> tuple[float, tuple[str, tuple[int, ...]] | None]:
    """Return the smallest ratio of mean field's sd to the corrected one, and which number's it is.

    √(1 − f), f the fraction of its information that is missing (`Spread.diagnostics`).
    """
    fractions: Mapping[str, Array] = spread.diagnostics.get("missing_information") or {}
    found = [
        (float(np.sqrt(max(1.0 - float(array[position]), 0.0))), (name, position))
        for name, array in fractions.items()
        for position in np.ndindex(np.shape(array))
    ]
    return min(found, key=lambda pair: pair[0]) if found else (float("nan"), None)


def is_mean_field_safe(spread: Spread) -> bool:
    """Return whether mean field's own missing information lets its intervals pass."""
    return predicted_ratio(spread)[0] >= SAFE_RATIO


# -- a variational fit ----------------------------------------------------------------------------------------


def _of_posterior(matched: MatchedFits, fit: MatchedFit) -> Iterator[str]:
    by_method = {spread.method: spread for spread in fit.spreads}
    response = by_method.get("linear_response") or by_method.get("importance")
    if response is None:
        return
    yield _mean_field(matched, fit, response)
    corrected = by_method.get("importance")
    if corrected is None:
        yield f"Importance weights were not asked for, so nothing vouches for {fit.label}’s correction."
        return
    yield from _correction(matched, fit, corrected)


def _mean_field(matched: MatchedFits, fit: MatchedFit, response: Spread) -> str:
    worst, where = predicted_ratio(response)
    if where is None:
        reasons = "; ".join(response.diagnostics.get("reasons", ())) or "it has no linear response"
        return f"Whether {fit.label}’s mean field is safe cannot be said: {reasons}."
    name = element_name(matched, _element(fit, *where))
    if worst >= SAFE_RATIO:
        return (
            f"{fit.label}’s mean field is safe here: its standard deviations are predicted to be at least "
            f"{ratio(worst)} of what they should be (the least: {name})."
        )
    return (
        f"{fit.label}’s mean field is not safe here: {percent(1.0 - worst**2)} of the information about {name} is "
        f"missing, which makes its standard deviation {ratio(worst)} of what it should be."
    )


def _element(fit: MatchedFit, name: str, position: tuple[int, ...]) -> Element:
    lead = 0 if fit.n_components is None else 1
    return Element(name, position[0] if lead else None, position[lead:])


def _correction(matched: MatchedFits, fit: MatchedFit, corrected: Spread) -> Iterator[str]:
    facts = corrected.diagnostics
    if not facts.get("accepted"):
        yield f"Its correction is not safe either ({'; '.join(facts.get('reasons', ()))}): MCMC is needed."
        return
    worries = list(_worries(fit, facts))
    told = f"Pareto k̂ {number(float(facts['khat']), 2)} with {counted(round(float(facts['ess'])), 'effective draw')}"
    if worries:
        yield f"Its correction passes its own check ({told}), but {'; '.join(worries)}: MCMC should confirm it."
    else:
        yield f"Its correction by importance weights is safe ({told}): MCMC is not needed."
    yield from _was_right(matched, corrected)
    yield from _sensitivity(facts)


def _worries(fit: MatchedFit, facts: Mapping[str, Any]) -> Iterator[str]:
    optima = optima_of(fit)
    if optima is not None and optima.share_at_best < _FEW_HITS and optima.distinct > 1:
        yield f"only {percent(optima.share_at_best)} of the starts reached the best optimum"
    if facts.get("ambiguous_labels"):
        yield f"{percent(float(facts['boundary_share']))} of its draws lie near a label boundary"


def _was_right(matched: MatchedFits, corrected: Spread) -> Iterator[str]:
    """Say whether a reliable reference agrees with an accepted correction."""
    reference = matched.reference_spread
    if reference is None:
        return
    ratios = _ratios(matched, corrected.sd, reference.sd)
    if not ratios:
        return
    worst = max(ratios, key=lambda element: abs(ratios[element] - 1.0))
    off = abs(ratios[worst] - 1.0)
    verdict = "That was right" if off <= _AGREES else "That was wrong"
    yield (
        f"{verdict}: the corrected standard deviations are within {percent(off)} of {matched.anchor.label}’s "
        f"(the farthest: {element_name(matched, worst)})."
    )


def _sensitivity(facts: Mapping[str, Any]) -> Iterator[str]:
    moved = float(facts.get("prior_sensitivity", 0.0))
    if moved > _SENSITIVE:
        yield (
            f"The prior matters: a tenth more of it, as a power, would move some mean by {number(0.1 * moved, 2)} "
            "standard deviations."
        )


# -- a point --------------------------------------------------------------------------------------------------


def _of_point(matched: MatchedFits, fit: MatchedFit) -> Iterator[str]:
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
    """Return the best posterior there is to hold a point against: a reliable reference, or an accepted correction."""
    if matched.reference_spread is not None:
        return matched.anchor, matched.reference_spread
    for fit in matched.fits:
        for spread in fit.spreads:
            if spread.method == "importance" and spread.diagnostics.get("accepted"):
                return fit, spread
    return None


def _beside(matched: MatchedFits, fit: MatchedFit, own: Spread, judge: tuple[MatchedFit, Spread]) -> str:
    other, spread = judge
    centre = other.estimate if spread.mean is None else spread.mean
    ratios = _ratios(matched, own.sd, spread.sd)
    gaps = {one: abs(_at(fit.estimate, one) - _at(centre, one)) / _at(spread.sd, one) for one in ratios}
    if not ratios:
        return f"{fit.label} and {other.label} have no number in common to judge."
    farthest = max(gaps, key=lambda element: gaps[element])
    low, high = min(ratios.values()), max(ratios.values())
    enough = gaps[farthest] <= FAR and low >= WIDTH[0] and high <= WIDTH[1]
    return (
        f"{fit.label}’s point with its information-based intervals is {'' if enough else 'not '}enough: "
        f"{element_name(matched, farthest)} lies {number(gaps[farthest], 2)} standard deviations from {other.label}’s "
        f"mean, the others nearer, and its standard deviations are {ratio(low)} to {ratio(high)} times as large."
    )


def _ratios(matched: MatchedFits, own: dict[str, Array], other: dict[str, Array]) -> dict[Element, float]:
    found = {}
    for element in elements(matched):
        above, below = _at(own, element), _at(other, element)
        if np.isfinite(above) and np.isfinite(below) and above > 0 and below > 0:
            found[element] = above / below
    return found


def _at(arrays: dict[str, Array], element: Element) -> float:
    array = arrays.get(element.parameter)
    if array is None or array.ndim != len(element.position):
        return float("nan")
    return float(array[element.position])


_PARAGRAPHS = {"posterior": _of_posterior, "point": _of_point}
