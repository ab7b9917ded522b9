"""How each fit approached the top of its own objective; log-likelihoods and ELBOs never share a panel."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pointmass.comparison import MatchedFit, MatchedFits
from pointmass.comparison.words import counted, listed, number
from pointmass.figures.panels import draw_legend
from pointmass.figures.recipe import Caption
from pointmass.figures.style import method_styles, new_figure, styled
from pointmass.numerics import Array

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["caption_objective", "lacks_objective", "plot_objective"]

_PANELS = {"point": "points: log-likelihood or log-posterior", "posterior": "posteriors: ELBO"}
_SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_LEAST = 1e-9  # nats; differences below this are rounding


@styled
def plot_objective(matched: MatchedFits) -> Figure:
    """Draw how many nats each winning start was below its own final objective, by sweep and by second.

    Objectives of different kinds cannot be compared, their approach can: each curve is relative to its own
    end, and points and ELBOs have panels of their own.

    Parameters
    ----------
    matched : MatchedFits
        Fits with an `objective_history_` of at least three values.

    Returns
    -------
    matplotlib.figure.Figure
    """
    groups = _groups(matched)
    figure = new_figure(7.2, 5.0)
    grid = figure.subplots(2, len(groups), squeeze=False, sharey=True)
    for (upper, lower), (kind, fits) in zip(grid.T, groups.items(), strict=True):
        _draw_panel(upper, matched, fits, by_second=False)
        _draw_panel(lower, matched, fits, by_second=True)
        upper.set(title=_PANELS.get(kind, kind), xlabel="accepted sweep")
        lower.set(xlabel="seconds")
    for axes in grid[:, 0]:
        axes.set_ylabel("nats below its end")
    draw_legend(figure, matched, [fit.name for fits in groups.values() for fit in fits])
    return figure


def _groups(matched: MatchedFits) -> dict[str, list[MatchedFit]]:
    groups: dict[str, list[MatchedFit]] = {}
    for fit in matched.fits:
        if fit.fit.kind in _PANELS and len(_history(fit)) > 2:
            groups.setdefault(fit.fit.kind, []).append(fit)
    return groups


def _history(fit: MatchedFit) -> Array:
    history = np.asarray(getattr(fit.fit, "objective_history_", ()), dtype=float)
    return history[np.isfinite(history)]


def _seconds(fit: MatchedFit) -> Array:
    """Return when each value of the history was known; NaN of a stand-in that nobody timed."""
    history = np.asarray(fit.fit.objective_history_, dtype=float)
    seconds = getattr(fit.fit, "objective_seconds_", np.full(len(history), np.nan))
    return np.asarray(seconds, dtype=float)[np.isfinite(history)]


def _draw_panel(axes: Axes, matched: MatchedFits, fits: list[MatchedFit], *, by_second: bool) -> None:
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    styles = method_styles(matched)
    for fit in fits:
        history, style = _history(fit), styles[fit.name]
        gap = np.maximum(history[-1] - history[:-1], _LEAST)
        at = _seconds(fit)[: len(gap)] if by_second else np.arange(len(gap))
        axes.plot(at, gap, ls=style.line, ms=3.5, markevery=max(1, len(gap) // 12), **style.marking())
    axes.set_yscale("log")
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: _power(value)))
    axes.yaxis.set_minor_locator(MaxNLocator(1))
    axes.yaxis.minorticks_off()
    axes.xaxis.set_major_locator(MaxNLocator(6, integer=not by_second))
    axes.grid(visible=True, axis="y")


def _power(value: float) -> str:
    """Return a power of ten as text, small ones with an exponent."""
    exponent = round(np.log10(value))
    return f"{value:g}" if exponent > -4 else f"10{str(exponent).translate(_SUPERSCRIPTS)}"


def lacks_objective(matched: MatchedFits) -> str:
    """Return what is missing: a fit that took more than two sweeps."""
    return "" if _groups(matched) else "no fit needed more than two sweeps"


def caption_objective(matched: MatchedFits) -> Caption:
    """Return what the traces show, in words and numbers."""
    drawn = [fit for fits in _groups(matched).values() for fit in fits]
    each = [
        f"{fit.label} rose by {number(float(_history(fit)[-1] - _history(fit)[0]))} nats in "
        f"{counted(len(_history(fit)) - 1, 'accepted sweep')}"
        for fit in drawn
    ]
    text = f"From its winning start {'; '.join(each)}. A straight line is a constant rate of convergence. "
    text += "Below, the same by the clock."
    alt = f"Curves falling towards zero on a logarithmic axis, one for {listed([fit.label for fit in drawn])}."
    return Caption(text, alt)
