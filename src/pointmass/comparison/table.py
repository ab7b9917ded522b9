"""The table of a comparison: one row for each number, method and kind of uncertainty."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from pointmass.comparison.extents import has_far_draws, width
from pointmass.comparison.labels import Element, elements, elements_of
from pointmass.comparison.matched import MatchedFit, MatchedFits
from pointmass.comparison.spread import Spread
from pointmass.numerics import Array

__all__ = ["COLUMNS", "NO_UNCERTAINTY", "Estimate", "estimates", "estimates_table", "sd_ratio"]

COLUMNS = (
    "method",
    "uncertainty",
    "parameter",
    "component",
    "index",
    "estimate",
    "sd",
    "lower",
    "upper",
    "level",
    "sd_ratio",
)

NO_UNCERTAINTY = "none"
"""The kind of uncertainty of a point that has no interval: its sd, bounds and ratio are NaN."""


@dataclass(frozen=True)
class Estimate:
    """What one method says of one number, with one kind of uncertainty.

    Parameters
    ----------
    method : str
        The fit's name in the comparison.
    uncertainty : str
        The kind of uncertainty, `NO_UNCERTAINTY` for a point without one.
    element : Element
        The number.
    estimate : float
        Its estimate; a posterior's is its mean, as this kind of uncertainty corrects it.
    sd, lower, upper, level : float
        Standard deviation and equal-tailed interval of that probability; NaN where there is none.
    sd_ratio : float
        ``sd`` over the reference's; NaN without a reliable reference.
    width_ratio : float
        Width of the interval over the reference's, where the reference's sd is that of rare draws; NaN elsewhere.
    refused : bool
        Whether the uncertainty does not accept itself.
    """

    method: str
    uncertainty: str
    element: Element
    estimate: float
    sd: float = np.nan
    lower: float = np.nan
    upper: float = np.nan
    level: float = np.nan
    sd_ratio: float = np.nan
    width_ratio: float = np.nan
    refused: bool = False

    @property
    def extent_ratio(self) -> float:
        """The ratio that says how wide this is beside the reference."""
        return self.width_ratio if np.isfinite(self.width_ratio) else self.sd_ratio

    def as_row(self) -> dict[str, Any]:
        """Return the row of the table; half a character in a name, which no table can hold, becomes ``?``."""
        about = {
            "parameter": self.element.parameter,
            "component": self.element.component,
            "index": self.element.index_text,
        }
        row = about | {name: getattr(self, name) for name in COLUMNS if name not in about}
        return row | {"method": self.method.encode("utf-8", "replace").decode()}


def estimates_table(matched: MatchedFits) -> pd.DataFrame:
    """Return every estimate with its interval and its sd as a ratio to the reference's.

    Parameters
    ----------
    matched : MatchedFits
        Fits in one order of components.

    Returns
    -------
    DataFrame
        Columns `COLUMNS`. ``component`` is an integer (missing where the parameter has none), ``index`` is
        ``""``, ``"0"`` or ``"0,1"``; a symmetric matrix lists each pair once. A point without an interval has
        the uncertainty ``"none"`` and NaN in ``sd``, ``lower``, ``upper`` and ``sd_ratio``; ``sd_ratio`` is
        NaN throughout without a reliable reference.
    """
    table = pd.DataFrame([one.as_row() for one in estimates(matched)], columns=list(COLUMNS))
    return table.astype({"component": "Int64"})


def estimates(matched: MatchedFits) -> list[Estimate]:
    """Return the rows of the table as values, method by method."""
    wanted = elements(matched)
    return [one for fit in matched.fits for one in _estimates(matched, fit, wanted)]


def sd_ratio(matched: MatchedFits, spread: Spread, element: Element) -> float:
    """Return sd / reference sd of one number; NaN without a reliable reference or a spread to divide by."""
    reference = matched.reference_spread
    if reference is None:
        return np.nan
    below = _value(reference.sd, element)
    return _value(spread.sd, element) / below if below > 0 else np.nan


def _estimates(matched: MatchedFits, fit: MatchedFit, wanted: list[Element]) -> Iterator[Estimate]:
    own = set(elements_of(fit))
    for spread in fit.spreads or (None,):
        for element in wanted:
            if element in own:
                yield _estimate(matched, fit, spread, element)


def _estimate(matched: MatchedFits, fit: MatchedFit, spread: Spread | None, element: Element) -> Estimate:
    value = _value(fit.estimate, element)
    if spread is None:
        return Estimate(fit.name, NO_UNCERTAINTY, element, value)
    value = value if spread.mean is None else _value(spread.mean, element)
    sd, lower, upper = (_value(arrays, element) for arrays in (spread.sd, spread.lower, spread.upper))
    ratio, widths = sd_ratio(matched, spread, element), _width_ratio(matched, spread, element)
    refused = not spread.diagnostics.get("accepted", True)
    return Estimate(fit.name, spread.method, element, value, sd, lower, upper, spread.level, ratio, widths, refused)


def _width_ratio(matched: MatchedFits, spread: Spread, element: Element) -> float:
    reference = matched.reference_spread
    if reference is None or not has_far_draws(reference, element):
        return np.nan
    return width(spread, element) / width(reference, element)


def _value(arrays: dict[str, Array], element: Element) -> float:
    """Return one number of a parameter; NaN where the parameter or the component is not there."""
    array = arrays.get(element.parameter)
    if array is None or array.ndim != len(element.position):
        return np.nan
    inside = all(i < n for i, n in zip(element.position, array.shape, strict=True))
    return float(array[element.position]) if inside else np.nan
