"""Whether the prior matters, as importance weights tell (power-scaling; Kallioinen et al. 2024)."""

from __future__ import annotations

from pointmass.comparison.matched import MatchedFits
from pointmass.comparison.words import number

__all__ = ["sensitivity_to_prior"]

_SENSITIVE = 0.2


def sensitivity_to_prior(matched: MatchedFits) -> list[str]:
    """Return a sentence for each accepted correction whose means the prior's power would move."""
    told = [(fit.label, spread.diagnostics) for fit in matched.fits for spread in fit.spreads]
    moved = [(label, float(facts.get("prior_sensitivity", 0.0))) for label, facts in told if facts.get("accepted")]
    return [
        f"The prior of {label} matters: a tenth more of it, as a power, would move the mean of some number by "
        f"{number(0.1 * by, 2)} standard deviations."
        for label, by in moved
        if by > _SENSITIVE
    ]
