"""The comparison in plain words, every number computed from what there is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from pointmass.comparison.advice import advice
from pointmass.comparison.labels import Element, element_name, elements
from pointmass.comparison.matched import MatchedFit, MatchedFits
from pointmass.comparison.reference import LABEL_BOUNDARY
from pointmass.comparison.restarts import optima_of
from pointmass.comparison.spread import Spread
from pointmass.comparison.table import Estimate, estimates, sd_ratio
from pointmass.comparison.words import counted, duration, listed, number, percent, ratio

__all__ = ["write_verdict"]

_FEW = 0.5  # share of starts at the best optimum below which luck matters

_STATUS_WORDS = {
    "max_iter": "stopped at its limit of sweeps before it converged",
    "degenerate": "ended where the likelihood is unbounded, with a component on too few points",
    "boundary": "ended on the boundary of the parameters",
    "saddle": "ended at a saddle of the objective, not at a maximum",
}

_NOT_MIXED = "does not pass its own checks of convergence"


def write_verdict(matched: MatchedFits) -> tuple[str, ...]:
    """Return the verdict, one sentence or two an entry, most important first.

    It says which fit judges the others and whether it may, what the intervals are worth against it, which
    fits have none, where labels make the question ambiguous, and which fits did not come about.

    Parameters
    ----------
    matched : MatchedFits
        Fits in one order of components.

    Returns
    -------
    tuple of str
    """
    counsel = advice(matched)
    judged = [sentence for pair in _judged(matched) if (sentence := _spread_sentence(matched, *pair))]
    first, second = (judged, _reference(matched)) if judged else (_reference(matched), [])
    parts = [*counsel, *first, *_points(matched), *second, *_estimates(matched), *_labels(matched)]
    return (*parts, *_restarts(matched), *_statuses(matched), *_failures(matched))


def _failures(matched: MatchedFits) -> list[str]:
    asked = len(matched.fits) + len(matched.failures)
    if not matched.failures:
        return []
    reasons = [f"{failure.name} ({failure.status}: {failure.reason})" for failure in matched.failures]
    return [f"{len(matched.failures)} of {asked} fits did not come about: {'; '.join(reasons)}."]


def _judged(matched: MatchedFits) -> list[tuple[MatchedFit, Spread]]:
    """Return the kinds of uncertainty that are held against the reference."""
    others = [fit for fit in matched.fits if fit.name != matched.reference.name]
    return [(fit, spread) for fit in others for spread in fit.spreads]


def _spread_sentence(matched: MatchedFits, fit: MatchedFit, spread: Spread) -> str:
    by = "" if spread.method == "draws" else f"’s {spread.method.replace('_', ' ')}"
    what = fit.label + by
    ratios = _ratios(matched, spread)
    if spread.diagnostics.get("exact"):
        return f"{fit.label} gives the exact posterior: the model has no latent variables."
    if not ratios:
        return ""
    ranked = sorted(ratios, key=lambda element: ratios[element])
    low, high = ranked[0], ranked[-1]
    judge = matched.anchor.label
    if len(ranked) == 1:
        return f"{what} gives {ratio(ratios[low])} times the standard deviation of {judge}."
    middle = float(np.median(list(ratios.values())))
    return (
        f"{what} gives between {ratio(ratios[low])} and {ratio(ratios[high])} times the standard "
        f"deviations of {judge} (median {ratio(middle)} over {len(ranked)} numbers); "
        f"{_worst(matched, spread, low, high, ratios)}"
    )


def _ratios(matched: MatchedFits, spread: Spread) -> dict[Element, float]:
    ratios = {element: sd_ratio(matched, spread, element) for element in elements(matched)}
    return {element: value for element, value in ratios.items() if np.isfinite(value) and value > 0}


def _worst(matched: MatchedFits, spread: Spread, low: Element, high: Element, ratios: Mapping[Element, float]) -> str:
    """Return the sentence on the ratio that is farthest from one, in either direction."""
    element = high if abs(np.log(ratios[high])) > abs(np.log(ratios[low])) else low
    reference = matched.reference_spread
    assert reference is not None
    pair = (arrays[element.parameter][element.position] for arrays in (spread.sd, reference.sd))
    own, judged = (number(float(value), 2) for value in pair)
    name, judge = element_name(matched, element), matched.anchor.label
    return f"the farthest off is {name}, {own} where {judge} has {judged}."


def _points(matched: MatchedFits) -> list[str]:
    points = [fit.label for fit in matched.fits if not fit.spreads]
    if not points:
        return []
    gives, say = ("gives", "its point says") if len(points) == 1 else ("give", "their points say")
    return [f"{listed(points)} {gives} no interval: {say} where, and nothing of how sure."]


def _reference(matched: MatchedFits) -> list[str]:
    reference = matched.reference
    reasons = "; ".join(reference.reasons)
    if reference.name is None:
        return [f"There is no reference ({reasons}), so no interval here has been judged."]
    if not reference.reliable:
        if reference.name not in [fit.name for fit in matched.fits]:
            return [f"The reference, {reference.name}, {reasons}, so no interval here has been judged."]
        label = matched[reference.name].label
        return [f"{label} may not be called a reference ({reasons}), so its ratios are withheld."]
    fit = matched.anchor
    checks = _checks(getattr(fit.fit, "diagnostics_", None) or {})
    took = duration(float(fit.fit.elapsed_))
    return [f"The reference is {fit.label}, and its own checks accept it{checks}; it took {took}."]


def _checks(diagnostics: Mapping[str, Any]) -> str:
    rhat, ess = diagnostics.get("max_rhat"), diagnostics.get("min_ess_bulk")
    said = [] if rhat is None else [f"largest split R-hat {number(float(rhat), 4)}"]
    said += [] if ess is None else [f"smallest effective sample size {number(float(ess), 3)}"]
    divergences = diagnostics.get("divergences")
    said += [] if divergences is None else [counted(int(divergences), "divergence")]
    return f" ({', '.join(said)})" if said else ""


def _estimates(matched: MatchedFits) -> list[str]:
    """Return how far the estimates lie from the reference's, in the reference's standard deviations."""
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
        sd = reference.sd.get(element.parameter)
        for fit in matched.fits:
            value = fit.estimate.get(element.parameter)
            centre = anchor.estimate.get(element.parameter)
            if fit is anchor or sd is None or value is None or centre is None or value.shape != centre.shape:
                continue
            if sd[element.position] > 0:
                gap = abs(value[element.position] - centre[element.position]) / sd[element.position]
                gaps[fit.label, element] = float(gap)
    return {pair: gap for pair, gap in gaps.items() if np.isfinite(gap)}


def _disagreement(matched: MatchedFits) -> list[str]:
    """Return the number on which the estimates differ most, in the largest standard deviation given."""
    apart: dict[Element, float] = {}
    found: dict[Element, list[Estimate]] = {}
    for one in estimates(matched):
        found.setdefault(one.element, []).append(one)
    for element, group in found.items():
        values, sd = (
            [one.estimate for one in group],
            max((one.sd for one in group if one.sd > 0), default=0.0),
        )
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


def _labels(matched: MatchedFits) -> list[str]:
    said = []
    if matched.reference.ambiguous:
        share = percent(matched.reference.boundary_share)
        said.append(
            f"{share} of the reference’s draws lie near a label boundary (over {percent(LABEL_BOUNDARY)}): "
            "what is said of a single component is ambiguous."
        )
    for fit in matched.fits:
        if fit.match.tied:
            tied = listed([str(k) for k in fit.match.tied])
            said.append(f"Components {tied} of {fit.label} are interchangeable: their labels are arbitrary.")
    return said


def _restarts(matched: MatchedFits) -> list[str]:
    """Return which fits found their best optimum from fewer than half of their starts."""
    said = []
    for fit in matched.fits:
        optima = optima_of(fit)
        if optima is not None and optima.share_at_best < _FEW:
            share, starts = percent(optima.share_at_best), counted(len(optima.objective), "start")
            said.append(f"Only {share} of {fit.label}’s {starts} reached its best proper optimum.")
    return said


def _statuses(matched: MatchedFits) -> list[str]:
    troubled = [fit for fit in matched.fits if fit.fit.status_ in _STATUS_WORDS]
    return [f"{fit.label} {_trouble(fit)}." for fit in troubled]


def _trouble(fit: MatchedFit) -> str:
    return _NOT_MIXED if fit.fit.kind == "draws" else _STATUS_WORDS[fit.fit.status_]
