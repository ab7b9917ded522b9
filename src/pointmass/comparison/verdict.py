"""The comparison in plain words, every number computed from what there is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pointmass.comparison.advice import advice
from pointmass.comparison.cautions import shared_cautions
from pointmass.comparison.matched import MatchedFit, MatchedFits
from pointmass.comparison.reference import LABEL_BOUNDARY
from pointmass.comparison.restarts import optima_of
from pointmass.comparison.sensitivity import sensitivity_to_prior
from pointmass.comparison.verdict_on_estimates import verdict_on_estimates
from pointmass.comparison.verdict_on_widths import verdict_on_widths
from pointmass.comparison.words import counted, duration, listed, number, percent

__all__ = ["write_verdict"]

_FEW = 0.5  # share of starts at the best optimum below which luck matters

_STATUS_WORDS = {
    "max_iter": "stopped at its limit of sweeps before it converged",
    "degenerate": "ended where the likelihood is unbounded: a spread ran down to its floor",
    "boundary": "ended on the boundary of the parameters",
    "saddle": "ended at a saddle of the objective, not at a maximum",
}

_NOT_MIXED = "does not pass its own checks of convergence"


def write_verdict(matched: MatchedFits) -> tuple[str, ...]:
    """Return the verdict, one paragraph an entry, most important first.

    It opens with the answer: is a point enough, can a variational posterior be trusted, is MCMC needed. Then it says
    what every fit warns of, what judged them and whether it may, what the intervals are worth against it, how far
    apart the estimates are, where labels make the question ambiguous, and which fits did not come about.

    Parameters
    ----------
    matched : MatchedFits
        Fits in one order of components.

    Returns
    -------
    tuple of str
    """
    answer = advice(matched)
    return (
        *([answer] if answer else []),
        *shared_cautions(matched),
        *_reference(matched),
        *verdict_on_widths(matched),
        *_points(matched),
        *verdict_on_estimates(matched),
        *_labels(matched),
        *sensitivity_to_prior(matched),
        *_restarts(matched),
        *_statuses(matched),
        *_failures(matched),
    )


def _failures(matched: MatchedFits) -> list[str]:
    asked = len(matched.fits) + len(matched.failures)
    if not matched.failures:
        return []
    reasons = [f"{failure.name} ({failure.status}: {failure.reason})" for failure in matched.failures]
    return [f"{len(matched.failures)} of {asked} fits did not come about: {'; '.join(reasons)}."]


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
        return [f"There is no reference ({reasons}), so no interval here has been judged by one."]
    if not reference.reliable:
        if reference.name not in [fit.name for fit in matched.fits]:
            return [f"The reference, {reference.name}, {reasons}, so no interval here has been judged by it."]
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
    """Return which fits ended in trouble; of a reference that is not accepted, that has been said with its reasons."""
    said = "" if matched.reference.reliable else matched.reference.name
    troubled = [fit for fit in matched.fits if fit.fit.status_ in _STATUS_WORDS and fit.name != said]
    return [f"{fit.label} {_trouble(fit)}." for fit in troubled]


def _trouble(fit: MatchedFit) -> str:
    return _NOT_MIXED if fit.fit.kind == "draws" else _STATUS_WORDS[fit.fit.status_]
