"""What the fits of a comparison warn of, the same thing once."""

from __future__ import annotations

import re
from collections.abc import Sequence

from pointmass.comparison.matched import MatchedFits
from pointmass.comparison.words import listed

__all__ = ["cautions", "shared_cautions"]

_COLUMNS = re.compile(r"\bcolumns? (\d+(?:(?:, | and )\d+)*)")


def cautions(matched: MatchedFits) -> dict[str, list[str]]:
    """Return each warning with the labels of the fits that give it; columns that have names go by them."""
    told: dict[str, list[str]] = {}
    for fit in matched.fits:
        for warning in fit.fit.warnings_:
            told.setdefault(_with_names(str(warning), matched.columns), []).append(fit.label)
    return told


def _with_names(warning: str, columns: Sequence[str]) -> str:
    """Return a warning with the names of the columns whose numbers, from 0, it gives."""

    def named(found: re.Match[str]) -> str:
        places = [int(digits) for digits in re.findall(r"\d+", found[1])]
        if max(places) >= len(columns):
            return found[0]
        return f"{'column' if len(places) == 1 else 'columns'} {listed([repr(columns[place]) for place in places])}"

    return _COLUMNS.sub(named, warning)


def shared_cautions(matched: MatchedFits) -> list[str]:
    """Return the sentence on what every one of several fits warns of: it is a matter of the data, not of a method."""
    every = [text for text, labels in cautions(matched).items() if len(set(labels)) == len(matched.fits) > 1]
    return [f"Every fit warns: {'; '.join(every)}."] if every else []
