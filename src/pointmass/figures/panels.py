"""Small multiples: one panel a number, components side by side."""

from __future__ import annotations

from dataclasses import dataclass
from textwrap import wrap
from typing import TYPE_CHECKING, Any

import numpy as np

from pointmass.comparison import Element, MatchedFits, element_name, elements
from pointmass.figures.style import MethodStyle, method_styles, new_figure, safe_label

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["Panels", "draw_legend", "few_ticks", "lay_out", "panel_grid", "truth_of", "write_name"]

_WIDTH = 7.2  # inches; 691 px in a page
_MOST = 30  # panels; more cannot be read, and the table has every number
_ACROSS = 4
_LINE = 96  # characters of a title across the whole figure
_TICKS = 104  # characters of tick labels across the whole figure, the gaps between them counted as two each


@dataclass(frozen=True)
class Panels:
    """Which numbers are drawn, in which grid.

    Parameters
    ----------
    rows : tuple of tuple of Element
        The grid, row by row.
    left_out : int
        How many numbers have no panel.
    """

    rows: tuple[tuple[Element, ...], ...]
    left_out: int

    @property
    def n_columns(self) -> int:
        """How many panels stand side by side."""
        return max(len(row) for row in self.rows)

    @property
    def shown(self) -> list[Element]:
        """Every number that has a panel."""
        return [element for row in self.rows for element in row]


def lay_out(matched: MatchedFits) -> Panels:
    """Return the grid: a row for each number of a component, pairs of features last."""
    every = elements(matched)
    by_row: dict[tuple[str, tuple[int, ...]], list[Element]] = {}
    for element in every:
        by_row.setdefault((element.parameter, element.index), []).append(element)
    ordered = sorted(by_row.values(), key=lambda row: _is_pair(row[0]))
    across = max(len(row) for row in ordered)
    rows = [row[i : i + _ACROSS] for row in _wrapped(ordered, across) for i in range(0, len(row), _ACROSS)]
    most = max(_MOST // max(len(row) for row in rows), 1)
    shown = tuple(tuple(row) for row in rows[:most])
    return Panels(shown, len(every) - sum(len(row) for row in shown))


def _wrapped(rows: list[list[Element]], across: int) -> list[list[Element]]:
    """Return single numbers (no components) side by side instead of one below the other."""
    return [[element for row in rows for element in row]] if across == 1 else rows


def _is_pair(element: Element) -> bool:
    return len(element.index) == 2 and element.index[0] != element.index[1]


def panel_grid(panels: Panels, panel_height: float) -> tuple[Figure, list[tuple[Element, Axes]]]:
    """Return a figure with one pair of axes for each number."""
    n_rows, n_columns = len(panels.rows), panels.n_columns
    figure = new_figure(_WIDTH, 0.5 + n_rows * panel_height)
    grid = figure.subplots(n_rows, n_columns, squeeze=False)
    placed: list[tuple[Element, Axes]] = []
    for row, row_axes in zip(panels.rows, grid, strict=True):
        placed += zip(row, row_axes, strict=False)
        for unused in row_axes[len(row) :]:
            unused.set_axis_off()
    return figure, placed


def write_name(axes: Axes, matched: MatchedFits, element: Element, n_columns: int) -> None:
    """Write what a panel's number is called above it, in two lines where one is too short."""
    line = _LINE // n_columns - 2
    name = safe_label(element_name(matched, element), 2 * line - 4)
    axes.set_title("\n".join(wrap(name, line, break_on_hyphens=False)), fontsize=8.5, linespacing=1.1)


def few_ticks(axes: Axes, n_columns: int) -> None:
    """Leave as many ticks below a drawn panel as have room for their labels, five at most."""
    for most in (4, 3, 2):
        axes.locator_params(axis="x", nbins=most)
        low, high = axes.get_xlim()
        shown = [tick for tick in axes.get_xticks() if low <= tick <= high]
        labels = axes.xaxis.get_major_formatter().format_ticks(shown)
        if sum(len(label) + 2 for label in labels) <= _TICKS // n_columns:
            return


def draw_legend(figure: Figure, matched: MatchedFits, names: list[str], truth: bool = False) -> None:
    """Draw one legend above all panels: the methods in the order of the comparison, then the truth."""
    from matplotlib.lines import Line2D

    styles = method_styles(matched)
    shown = [fit for fit in matched.fits if fit.name in names]
    handles = [_handle(styles[fit.name], safe_label(fit.label)) for fit in shown]
    if truth:
        handles.append(Line2D([], [], color="#8a93a0", lw=1.2, ls=":", label="truth"))
    if not handles:
        return
    figure.legend(handles=handles, loc="outside upper left", ncols=min(len(handles), 7), handlelength=2.6)


def _handle(style: MethodStyle, label: str) -> Any:
    from matplotlib.lines import Line2D

    return Line2D([], [], ls=style.line, ms=4.5, label=label, **style.marking())


def truth_of(matched: MatchedFits, element: Element) -> float:
    """Return the true value of a number, NaN where it is not known."""
    true = (matched.truth or {}).get(element.parameter)
    return np.nan if true is None else float(true[element.position])
