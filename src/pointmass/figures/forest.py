"""Estimates with their intervals, one panel a number: a point stands alone, and that is what it says."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pointmass.comparison import Element, Estimate, MatchedFits, element_name, estimates
from pointmass.comparison.words import counted, listed, percent, ratio
from pointmass.figures.panels import draw_legend, few_ticks, lay_out, panel_grid, truth_of, write_name
from pointmass.figures.recipe import Caption
from pointmass.figures.style import GRID, INK, MethodStyle, bare, method_styles, safe_label, styled

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["caption_forest", "plot_forest"]

_FAR = 15.0  # half-widths of the widest interval; estimates beyond are drawn as an arrow at the edge


@styled
def plot_forest(matched: MatchedFits) -> Figure:
    """Draw every method's estimate and interval, number by number.

    The band behind a panel is the interval of a reliable reference. A point is drawn as a point, without a
    bar: it has no interval.

    Parameters
    ----------
    matched : MatchedFits
        Fits in one order of components.

    Returns
    -------
    matplotlib.figure.Figure
    """
    lines: dict[Element, list[Estimate]] = {}
    for line in estimates(matched):
        lines.setdefault(line.element, []).append(line)
    n_lines, panels = max(len(group) for group in lines.values()), lay_out(matched)
    figure, placed = panel_grid(panels, panel_height=0.52 + 0.13 * n_lines)
    styles = method_styles(matched)
    for element, axes in placed:
        _draw_panel(axes, matched, lines[element], styles)
        write_name(axes, matched, element, panels.n_columns)
        few_ticks(axes, panels.n_columns)
    for row in range(len(panels.rows)):
        first = panels.rows[row][0]
        _name_lines(next(axes for element, axes in placed if element == first), matched, lines[first])
    if any(np.isfinite(truth_of(matched, element)) for element in panels.shown):
        draw_legend(figure, matched, [], truth=True)
    return figure


def _name_lines(axes: Axes, matched: MatchedFits, lines: list[Estimate]) -> None:
    """Write the methods' names beside the lines of the leftmost panel."""
    axes.yaxis.set_visible(True)
    axes.set_yticks(range(len(lines)), [safe_label(_title(matched, line), 24) for line in reversed(lines)])
    axes.tick_params(axis="y", length=0, pad=7, labelcolor=INK)


def _title(matched: MatchedFits, line: Estimate) -> str:
    """Return the method's name, with the kind of uncertainty where the method has several."""
    fit = matched[line.method]
    return fit.label if len(fit.spreads) < 2 else f"{fit.label}, {line.uncertainty.replace('_', ' ')}"


def _draw_panel(axes: Axes, matched: MatchedFits, lines: list[Estimate], styles: dict[str, MethodStyle]) -> None:
    element = lines[0].element
    low, high = _limits(lines, truth_of(matched, element))
    for line in lines:
        if matched.reference.reliable and line.method == matched.reference.name:
            axes.axvspan(line.lower, line.upper, color=GRID, lw=0, zorder=0)
    for height, line in enumerate(reversed(lines)):
        _draw_line(axes, line, styles[line.method], height, (low, high))
    axes.axvline(truth_of(matched, element), color="#8a93a0", lw=1.2, ls=":", zorder=1)
    axes.set(xlim=(low, high), ylim=(-0.7, len(lines) - 0.3))
    bare(axes)


def _draw_line(axes: Axes, line: Estimate, style: MethodStyle, height: int, limits: tuple[float, float]) -> None:
    low, high = limits
    if np.isfinite(line.lower) and np.isfinite(line.upper):
        axes.plot([line.lower, line.upper], [height, height], color=style.colour, lw=1.8, zorder=2)
    if low <= line.estimate <= high:
        axes.plot([line.estimate], [height], ms=5, ls="none", zorder=3, **style.marking())
    elif np.isfinite(line.estimate):
        edge, arrow = (low, "<") if line.estimate < low else (high, ">")
        marking = style.marking() | {"marker": arrow}
        axes.plot([edge], [height], ms=6, ls="none", clip_on=False, zorder=3, **marking)


def _limits(lines: list[Estimate], truth: float) -> tuple[float, float]:
    """Return limits that hold all intervals, and what points lie near enough to them."""
    bounds = np.array([bound for line in lines for bound in (line.lower, line.upper)])
    points = np.array([line.estimate for line in lines] + [truth])
    bounds, points = bounds[np.isfinite(bounds)], points[np.isfinite(points)]
    if len(bounds):
        centre, half = (bounds.max() + bounds.min()) / 2, (bounds.max() - bounds.min()) / 2
        points = points[np.abs(points - centre) <= _FAR * half]
    every = np.concatenate([bounds, points])
    low, high = (float(every.min()), float(every.max())) if len(every) else (0.0, 0.0)
    margin = 0.06 * (high - low) or 0.05 * abs(high) or 1.0
    return low - margin, high + margin


def caption_forest(matched: MatchedFits) -> Caption:
    """Return what the forest plot shows, in words and numbers."""
    panels = lay_out(matched)
    points = [fit.label for fit in matched.fits if not fit.spreads]
    text = f"Estimates with {percent(matched.level)} intervals for {counted(len(panels.shown), 'number')}."
    if points:
        text += f" {listed(points)} {'is a point' if len(points) == 1 else 'are points'}: no interval."
    text += _ratio_sentence(matched)
    if panels.left_out:
        text += f" {counted(panels.left_out, 'number')} more in the table."
    alt = f"Small panels, one a number, each with one line for {listed([fit.label for fit in matched.fits])}."
    return Caption(text, alt)


def _ratio_sentence(matched: MatchedFits) -> str:
    others = [one for one in estimates(matched) if one.method != matched.reference.name and one.extent_ratio > 0]
    if not others:
        return ""
    least = min(others, key=lambda one: one.extent_ratio)
    what = "width" if np.isfinite(least.width_ratio) else "standard deviation"
    return (
        f" Grey bands are the intervals of {matched.anchor.label}; the narrowest beside them is "
        f"{matched[least.method].label}’s of {element_name(matched, least.element)}, with "
        f"{ratio(least.extent_ratio)} times the {what}."
    )
