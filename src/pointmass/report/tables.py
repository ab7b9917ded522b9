"""The tables of a report, as values that HTML and Markdown print alike."""

from __future__ import annotations

import math
from dataclasses import dataclass

from pointmass.comparison import (
    NO_UNCERTAINTY,
    Element,
    Estimate,
    MatchedFits,
    element_name,
    elements,
    estimates,
)
from pointmass.comparison.words import counted, number, percent, ratio

__all__ = ["Cell", "Head", "Table", "estimates_grid"]


@dataclass(frozen=True)
class Head:
    """The head of a column.

    Parameters
    ----------
    text, detail : str
        What it says, and in smaller letters below.
    colour, mark : str
        Colour and marker of the method whose column it is.
    """

    text: str
    detail: str = ""
    colour: str = ""
    mark: str = ""


@dataclass(frozen=True)
class Cell:
    """One cell of a table.

    Parameters
    ----------
    text : str
        What it says.
    detail, note : str
        What it says in smaller letters below.
    exact : str
        The number with all its digits.
    ratio : float
        A share to draw as a bar; NaN for none.
    faint : bool
        Whether it says that something is not there.
    link : str
        The id of what it names on the page.
    """

    text: str
    detail: str = ""
    note: str = ""
    exact: str = ""
    ratio: float = math.nan
    faint: bool = False
    link: str = ""


@dataclass(frozen=True)
class Table:
    """A table with a head for each column; the first cell of a row is its head.

    Parameters
    ----------
    caption : str
        What it shows.
    heads : tuple of Head
        One for each column.
    rows : tuple of tuple of Cell
        Row by row.
    """

    caption: str
    heads: tuple[Head, ...]
    rows: tuple[tuple[Cell, ...], ...]


def estimates_grid(matched: MatchedFits, look: dict[str, tuple[str, str]]) -> Table:
    """Return every number as a row and every method, with its kind of uncertainty, as a column.

    Parameters
    ----------
    matched : MatchedFits
        Fits in one order of components.
    look : dict of str to (str, str)
        Colour and mark of each fit.
    """
    found = {(one.method, one.uncertainty, one.element): one for one in estimates(matched)}
    columns = list(dict.fromkeys((method, kind) for method, kind, _ in found))
    heads = [Head("parameter"), *(_head(matched, method, kind, look[method]) for method, kind in columns)]
    rows = []
    for element in elements(matched):
        row = [found.get((method, kind, element)) for method, kind in columns]
        cells = [_cell(matched, one, _decimals(row)) for one in row]
        rows.append((Cell(element_name(matched, element), _truth(matched, element, _decimals(row))), *cells))
    return Table(_caption(matched, len(rows)), tuple(heads), tuple(rows))


def _head(matched: MatchedFits, method: str, kind: str, look: tuple[str, str]) -> Head:
    detail = "point" if kind == NO_UNCERTAINTY else kind.replace("_", " ")
    judges = matched.reference.reliable and method == matched.reference.name
    return Head(matched[method].label, f"{detail}, the reference" if judges else detail, *look)


def _cell(matched: MatchedFits, one: Estimate | None, decimals: int | None) -> Cell:
    if one is None:
        return Cell("–", faint=True)
    text, exact = fixed(one.estimate, decimals), repr(one.estimate)
    if one.uncertainty == NO_UNCERTAINTY or math.isnan(one.lower) or math.isnan(one.upper):
        return Cell(text, "no interval", exact=exact, faint=True)
    interval = f"{fixed(one.lower, decimals)} to {fixed(one.upper, decimals)}"
    if one.method == matched.reference.name or not math.isfinite(one.extent_ratio):
        return Cell(text, interval, exact=exact)
    what = "width" if math.isfinite(one.width_ratio) else "sd"
    return Cell(text, interval, f"{what} × {ratio(one.extent_ratio)}", exact, one.extent_ratio)


def _truth(matched: MatchedFits, element: Element, decimals: int | None) -> str:
    true = (matched.truth or {}).get(element.parameter)
    return "" if true is None else f"truth {fixed(float(true[element.position]), decimals)}"


def _decimals(row: list[Estimate | None]) -> int | None:
    """Return the decimals that show two digits of the smallest standard deviation of a row."""
    sds = [one.sd for one in row if one is not None and math.isfinite(one.sd) and one.sd > 0]
    if not sds:
        return None
    decimals = 1 - math.floor(math.log10(min(sds)))
    return decimals if 0 <= decimals <= 8 else None


def fixed(value: float, decimals: int | None) -> str:
    """Return a number with so many decimals; with four significant digits where there is no such number.

    Examples
    --------
    >>> fixed(1.23456, 2), fixed(-0.5, None), fixed(1234.5, 0), fixed(-0.001, 2)
    ('1.23', '−0.5000', '1,234', '0.00')
    """
    if decimals is None or not math.isfinite(value) or abs(value) >= 1e9:
        return number(value, 4)
    return f"{value:z,.{decimals}f}".replace("-", "−")


def _caption(matched: MatchedFits, n_rows: int) -> str:
    text = f"{counted(n_rows, 'number')}: estimate and {percent(matched.level)} interval by each method."
    if matched.reference_spread is None:
        return f"{text} No reliable reference, so no ratio."
    text = f"{text} “sd ×” is the standard deviation over that of {matched.anchor.label}."
    if any(math.isfinite(one.width_ratio) for one in estimates(matched)):
        text += " “width ×” compares the intervals, where that standard deviation is one of rare draws far out."
    return text
