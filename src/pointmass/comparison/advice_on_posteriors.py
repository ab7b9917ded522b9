"""Counsel on a variational fit: can its mean field be trusted, can its correction, is MCMC needed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pointmass.comparison.extents import extent_ratios, has_far_draws
from pointmass.comparison.labels import Element, element_name
from pointmass.comparison.matched import MatchedFit, MatchedFits
from pointmass.comparison.restarts import optima_of
from pointmass.comparison.safety import SAFE_RATIO, Narrowness, narrowness, weights_refuse
from pointmass.comparison.spread import Spread
from pointmass.comparison.words import counted, number, percent, ratio

__all__ = ["advice_on_posterior"]

_AGREES = 0.1  # a correction was right where every sd is this near the reference's, relatively
_FEW_HITS = 0.5


def advice_on_posterior(matched: MatchedFits, fit: MatchedFit) -> Iterator[str]:
    """Yield sentences about a variational fit; none where its sweep's response is not known."""
    if any(spread.diagnostics.get("exact") for spread in fit.spreads):
        yield f"{fit.label}’s posterior is exact, for nothing is hidden beside it: MCMC is not needed."
        return
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
    worst = narrowness(fit.spreads)
    if not worst.parameter:
        reasons = "; ".join(response.diagnostics.get("reasons", ())) or "it has no linear response"
        return f"Whether {fit.label}’s mean field can be trusted cannot be said: {reasons}."
    lead = 0 if fit.n_components is None else 1
    element = Element(worst.parameter, worst.position[0] if lead else None, worst.position[lead:])
    how_narrow = _narrowest(worst, element_name(matched, element))
    if worst.is_safe and weights_refuse(fit.spreads):
        return (
            f"Whether {fit.label}’s mean field can be trusted cannot be said: {how_narrow}, but only near its optimum."
        )
    return f"{fit.label}’s mean field {'can' if worst.is_safe else 'cannot'} be trusted: {how_narrow}."


def _narrowest(worst: Narrowness, name: str) -> str:
    times = ratio(worst.ratio, SAFE_RATIO)
    how = (
        "by its importance weights"
        if worst.measured
        else f"{percent(1.0 - worst.ratio**2)} of the information about it is missing"
    )
    if worst.is_safe:
        return f"the narrowest standard deviation, of {name}, is {times} of what it should be ({how})"
    return f"its standard deviation of {name} is {times} of what it should be ({how})"


def _correction(matched: MatchedFits, fit: MatchedFit, corrected: Spread) -> Iterator[str]:
    facts = corrected.diagnostics
    if not facts.get("accepted"):
        reasons = "; ".join(facts.get("reasons", ()))
        yield f"Its importance weights cannot vouch for a correction ({reasons}): MCMC is needed."
        return
    worries = list(_worries(fit, facts))
    told = f"Pareto k̂ {number(float(facts['khat']), 2)} with {counted(round(float(facts['ess'])), 'effective draw')}"
    if worries:
        yield f"Its correction passes its own check ({told}), but {'; '.join(worries)}: MCMC should confirm it."
    else:
        yield f"By its own check its correction by importance weights can be trusted ({told}): MCMC is not needed."
    yield from _was_right(matched, corrected)


def _worries(fit: MatchedFit, facts: Mapping[str, Any]) -> Iterator[str]:
    optima = optima_of(fit)
    if optima is not None and optima.share_at_best < _FEW_HITS and optima.distinct > 1:
        yield f"only {percent(optima.share_at_best)} of the starts reached the best optimum"
    if facts.get("ambiguous_labels"):
        yield f"{percent(float(facts['boundary_share']))} of its draws lie near a label boundary"


def _was_right(matched: MatchedFits, corrected: Spread) -> Iterator[str]:
    """Say whether a reliable reference agrees with an accepted correction."""
    reference = matched.reference_spread
    ratios = {} if reference is None else extent_ratios(matched, corrected, reference)
    if reference is None or not ratios:
        return
    worst = max(ratios, key=lambda element: abs(ratios[element] - 1.0))
    off = abs(ratios[worst] - 1.0)
    judge = matched.anchor.label
    if off <= _AGREES:
        far = any(has_far_draws(reference, element) for element in ratios)
        what = "standard deviation, or interval," if far else "standard deviation"
        yield f"{judge} says that this is right: every corrected {what} is within {percent(off)} of its."
    else:
        times = ratio(ratios[worst], 1.0 + _AGREES if ratios[worst] > 1.0 else 1.0 - _AGREES)
        name = element_name(matched, worst)
        what, so_wide = ("interval", "as wide as") if has_far_draws(reference, worst) else ("standard deviation", "")
        than = f"{so_wide} its own".strip()
        yield f"But {judge} says that this is wrong: the corrected {what} of {name} is {times} times {than}."
