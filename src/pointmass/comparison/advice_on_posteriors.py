"""Counsel on a variational fit: is its mean field safe, is its correction, is MCMC needed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pointmass.comparison.labels import Element, element_name
from pointmass.comparison.matched import MatchedFit, MatchedFits
from pointmass.comparison.restarts import optima_of
from pointmass.comparison.safety import Narrowness, narrowness
from pointmass.comparison.sd_ratios import sd_ratios
from pointmass.comparison.spread import Spread
from pointmass.comparison.words import counted, number, percent, ratio

__all__ = ["advice_on_posterior"]

_AGREES = 0.1  # a correction was right where every sd is this near the reference's, relatively
_FEW_HITS = 0.5
_SENSITIVE = 0.2


def advice_on_posterior(matched: MatchedFits, fit: MatchedFit) -> Iterator[str]:
    """Yield sentences about a variational fit; none where its sweep's response is not known."""
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
        return f"Whether {fit.label}’s mean field is safe cannot be said: {reasons}."
    lead = 0 if fit.n_components is None else 1
    element = Element(worst.parameter, worst.position[0] if lead else None, worst.position[lead:])
    return _SENTENCES[worst.is_safe, worst.measured](fit.label, worst, element_name(matched, element))


def _safe(label: str, worst: Narrowness, name: str) -> str:
    how = "by its importance weights" if worst.measured else "as predicted"
    return (
        f"{label}’s mean field is safe here: {how}, its standard deviations are at least {ratio(worst.ratio)} of what "
        f"they should be (the least: {name})."
    )


def _predicted_narrow(label: str, worst: Narrowness, name: str) -> str:
    return (
        f"{label}’s mean field is not safe here: {percent(1.0 - worst.ratio**2)} of the information about {name} is "
        f"missing, which makes its standard deviation {ratio(worst.ratio)} of what it should be."
    )


def _measured_narrow(label: str, worst: Narrowness, name: str) -> str:
    return (
        f"{label}’s mean field is not safe here: by its importance weights the standard deviation of {name} is "
        f"{ratio(worst.ratio)} of what it should be."
    )


_SENTENCES = {
    (True, False): _safe,
    (True, True): _safe,
    (False, False): _predicted_narrow,
    (False, True): _measured_narrow,
}


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
    ratios = sd_ratios(matched, corrected.sd, reference.sd)
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
