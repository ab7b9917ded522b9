"""Is a point enough, can mean field or its correction be trusted, is MCMC needed: what the fits themselves can say.

The rule uses nothing that needs a sampler. How often it errs is measured on the cells of the phase diagram (see the
study of that name).
"""

from __future__ import annotations

from pointmass.comparison.advice_on_points import advice_on_point
from pointmass.comparison.advice_on_posteriors import advice_on_posterior
from pointmass.comparison.matched import MatchedFits

__all__ = ["advice"]

_SENTENCES = {"point": advice_on_point, "posterior": advice_on_posterior}


def advice(matched: MatchedFits) -> str:
    """Return the answer that the verdict opens with: of each point, then of each variational fit; it may be empty."""
    return " ".join(
        sentence
        for kind, sentences in _SENTENCES.items()
        for fit in matched.fits
        if fit.fit.kind == kind
        for sentence in sentences(matched, fit)
    )
