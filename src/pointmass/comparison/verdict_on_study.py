"""The verdict of a run over many data sets: in how many of them mean field and its correction can be trusted."""

from __future__ import annotations

from collections.abc import Iterable

from pointmass.comparison.matched import MatchedFit, MatchedFits
from pointmass.comparison.safety import narrowness, weights_refuse
from pointmass.comparison.words import counted

__all__ = ["verdict_on_study"]


def verdict_on_study(comparisons: Iterable[MatchedFits]) -> str:
    """Return one paragraph on the variational fits of many comparisons; empty where there is none to judge.

    Parameters
    ----------
    comparisons : iterable of MatchedFits
        One for each data set and model.
    """
    fits: dict[str, list[MatchedFit]] = {}
    for matched in comparisons:
        for fit in matched.fits:
            if fit.fit.kind == "posterior" and narrowness(fit.spreads).parameter:
                fits.setdefault(fit.label, []).append(fit)
    return " ".join(_sentence(label, group) for label, group in fits.items())


def _sentence(label: str, fits: list[MatchedFit]) -> str:
    trusted = sum(narrowness(fit.spreads).is_safe and not weights_refuse(fit.spreads) for fit in fits)
    said = f"{label}’s mean field can be trusted in {trusted} of {counted(len(fits), 'comparison')}"
    accepted = [
        bool(spread.diagnostics.get("accepted"))
        for fit in fits
        for spread in fit.spreads
        if spread.method == "importance"
    ]
    if not accepted:
        return f"{said}; importance weights were not asked for."
    needed = len(accepted) - sum(accepted)
    passes = f"{said}; its correction passes its own check in {sum(accepted)} of {len(accepted)}"
    others = "the other" if needed == 1 else f"the other {needed}"
    return f"{passes}, and in {others} MCMC is needed." if needed else f"{passes}."
