"""Marginal posteriors of all methods on one axis; a point is drawn as a point."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.stats import gaussian_kde

from pointmass.comparison import Element, MatchedFit, MatchedFits, element_name
from pointmass.comparison.words import counted, listed, ratio
from pointmass.figures.panels import draw_legend, few_ticks, lay_out, panel_grid, truth_of, write_name
from pointmass.figures.recipe import Caption
from pointmass.figures.style import MethodStyle, bare, method_styles, styled
from pointmass.numerics import Array

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["caption_marginals", "lacks_marginals", "plot_marginals"]

_GRID = 120
_MOST_DRAWS = 4000  # more do not change a curve that one can see
_TAIL = 0.001  # share of draws at either end that the axes leave out


@styled
def plot_marginals(matched: MatchedFits) -> Figure:
    """Draw the marginal posterior of every number by every method that has draws, points as pins.

    Parameters
    ----------
    matched : MatchedFits
        Fits in one order of components.

    Returns
    -------
    matplotlib.figure.Figure
    """
    panels = lay_out(matched)
    figure, placed = panel_grid(panels, panel_height=1.35)
    styles = method_styles(matched)
    for element, axes in placed:
        _draw_panel(axes, matched, element, styles)
        write_name(axes, matched, element, panels.n_columns)
        few_ticks(axes, panels.n_columns)
    has_truth = any(np.isfinite(truth_of(matched, element)) for element in panels.shown)
    draw_legend(figure, matched, [fit.name for fit in matched.fits], has_truth)
    return figure


def _draw_panel(axes: Axes, matched: MatchedFits, element: Element, styles: dict[str, MethodStyle]) -> None:
    curves = {fit.name: _curve(fit, element) for fit in matched.fits}
    drawn = {name: curve for name, curve in curves.items() if curve is not None}
    top = max((float(heights.max()) for _, heights in drawn.values()), default=1.0)
    for name, (grid, heights) in drawn.items():
        axes.plot(grid, heights, color=styles[name].colour, ls=styles[name].line)
        axes.fill_between(grid, heights, color=styles[name].colour, alpha=0.08, lw=0)
    points = [fit for fit in matched.fits if curves[fit.name] is None and element.parameter in fit.estimate]
    for place, fit in enumerate(points):
        _draw_pin(axes, fit, element, top * (0.92 - 0.14 * place), styles[fit.name])
    axes.axvline(truth_of(matched, element), color="#8a93a0", lw=1.2, ls=":", zorder=1)
    axes.set_ylim(0, 1.06 * top)
    bare(axes)


def _draw_pin(axes: Axes, fit: MatchedFit, element: Element, height: float, style: MethodStyle) -> None:
    value = float(fit.estimate[element.parameter][element.position])
    axes.plot([value, value], [0, height], color=style.colour, lw=1.1)
    axes.plot([value], [height], ms=5, ls="none", **style.marking())


def _curve(fit: MatchedFit, element: Element) -> tuple[Array, Array] | None:
    """Return a grid and the density of the draws on it; None for what has no draws or does not vary."""
    draws = _draws(fit, element)
    if draws is None or not np.ptp(draws) > 0:
        return None
    low, high = np.quantile(draws, [_TAIL, 1 - _TAIL])
    inside = draws[(draws >= low) & (draws <= high)]
    grid = np.linspace(low, high, _GRID)
    return grid, np.asarray(gaussian_kde(inside)(grid))


def _draws(fit: MatchedFit, element: Element) -> Array | None:
    drawn = [spread.draws for spread in fit.spreads if spread.draws is not None]
    if not drawn or element.parameter not in drawn[0]:
        return None
    values = np.moveaxis(drawn[0][element.parameter], 0, -1)[element.position]
    finite = values[np.isfinite(values)]
    return np.asarray(finite[:: max(1, -(-len(finite) // _MOST_DRAWS))])


def lacks_marginals(matched: MatchedFits) -> str:
    """Return what is missing: at least one fit with draws."""
    drawn = any(spread.draws is not None for fit in matched.fits for spread in fit.spreads)
    return "" if drawn else "no fit has a posterior to draw from"


def caption_marginals(matched: MatchedFits) -> Caption:
    """Return what the marginal posteriors show, in words and numbers."""
    panels = lay_out(matched)
    curves = [fit.label for fit in matched.fits if any(spread.draws is not None for spread in fit.spreads)]
    pins = [fit.label for fit in matched.fits if fit.label not in curves]
    text = f"Marginal posteriors of {listed(curves)}"
    text += f"; {listed(pins)} {'stands' if len(pins) == 1 else 'stand'} as pins." if pins else "."
    text += _height_sentence(matched, panels.shown)
    if panels.left_out:
        text += f" {counted(panels.left_out, 'number')} more in the table."
    return Caption(text, f"Small panels, one a number, each with the density curves of {listed(curves)}.")


def _height_sentence(matched: MatchedFits, shown: list[Element]) -> str:
    """Return how much taller the narrowest curve is than the reference's: the mark of overconfidence."""
    reference = matched.reference.name
    if not matched.reference.reliable or reference is None:
        return ""
    peaks = [
        (float(curve[1].max() / judged[1].max()), fit.label, element)
        for element in shown
        if (judged := _curve(matched[reference], element)) is not None
        for fit in matched.fits
        if fit.name != reference and (curve := _curve(fit, element)) is not None
    ]
    if not peaks:
        return ""
    height, label, element = max(peaks, key=lambda peak: peak[0])
    name = element_name(matched, element)
    judge = matched.anchor.label
    return f" The peak farthest above {judge}’s is {label}’s of {name}: {ratio(height)} times as high."
