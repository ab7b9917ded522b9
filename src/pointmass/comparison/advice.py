"""Is a point enough, is mean field safe, is its correction, is MCMC needed: what the fits themselves can say.

The rule uses nothing that needs a sampler. How often it errs is measured on the cells of the phase diagram (see the
study of that name).
"""

from __future__ import annotations

from pointmass.comparison.advice_on_points import advice_on_point
from pointmass.comparison.advice_on_posteriors import advice_on_posterior
from pointmass.comparison.matched import MatchedFits

__all__ = ["advice"]

_PARAGRAPHS = {"posterior": advice_on_posterior, "point": advice_on_point}


def advice(matched: MatchedFits) -> list[str]:
    """Return the verdict's first paragraph, one sentence an entry: for each variational fit, then for each point."""
    kinds = [fit for fit in matched.fits if fit.fit.kind in _PARAGRAPHS]
    return [sentence for fit in kinds for sentence in _PARAGRAPHS[fit.fit.kind](matched, fit)]
