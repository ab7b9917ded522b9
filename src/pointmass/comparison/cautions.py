"""What the fits of a comparison warn of, the same thing once."""

from __future__ import annotations

from pointmass.comparison.matched import MatchedFits

__all__ = ["cautions", "shared_cautions"]


def cautions(matched: MatchedFits) -> dict[str, list[str]]:
    """Return each warning with the labels of the fits that give it."""
    told: dict[str, list[str]] = {}
    for fit in matched.fits:
        for warning in fit.fit.warnings_:
            told.setdefault(str(warning), []).append(fit.label)
    return told


def shared_cautions(matched: MatchedFits) -> list[str]:
    """Return the sentence on what every one of several fits warns of: it is a matter of the data, not of a method."""
    every = [text for text, labels in cautions(matched).items() if len(set(labels)) == len(matched.fits) > 1]
    return [f"Every fit warns: {'; '.join(every)}."] if every else []
