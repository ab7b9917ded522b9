"""Where the restarts ended: how rough the objective is, and how many starts would have been enough."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np

from pointmass.comparison import MatchedFit, MatchedFits
from pointmass.comparison.restarts import Optima, optima_of
from pointmass.comparison.words import counted, number, percent
from pointmass.estimators.atlas import PROPER
from pointmass.figures.recipe import Caption
from pointmass.figures.style import INK, MUTED, PAPER, method_styles, new_figure, safe_label, styled

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["caption_optima", "lacks_optima", "plot_optima"]

_HATCHES = {
    "degenerate": "////",
    "boundary": "\\\\\\\\",
    "saddle": "xxxx",
    "max_iter": "....",
    "failed": "++++",
}


@styled
def plot_optima(matched: MatchedFits) -> Figure:
    """Draw, for each fit with restarts, how many of them ended how far from the best proper optimum.

    Ends that are not proper maxima are hatched; those above the best proper one (an unbounded likelihood) lie
    right of zero, at most as far as the worst end lies left.

    Parameters
    ----------
    matched : MatchedFits
        Fits with at least two restarts.

    Returns
    -------
    matplotlib.figure.Figure
    """
    found = _found(matched)
    n_columns = min(len(found), 3)
    n_rows = -(-len(found) // n_columns)
    figure = new_figure(7.2, 0.6 + 2.2 * n_rows)
    grid = list(figure.subplots(n_rows, n_columns, squeeze=False).flat)
    for axes, (fit, optima) in zip(grid, found, strict=False):
        _draw_panel(axes, optima, method_styles(matched)[fit.name].colour)
        axes.set_title(f"{safe_label(fit.label)}: {counted(len(optima.objective), 'start')}")
    for unused in grid[len(found) :]:
        unused.set_axis_off()
    grid[0].set_ylabel("starts")
    figure.supxlabel("nats from the best proper optimum", fontsize=9.0, color=MUTED)
    _draw_legend(figure, found)
    return figure


def _found(matched: MatchedFits) -> list[tuple[MatchedFit, Optima]]:
    pairs = [(fit, optima_of(fit)) for fit in matched.fits]
    return [(fit, optima) for fit, optima in pairs if optima is not None]


def _draw_panel(axes: Axes, optima: Optima, colour: str) -> None:
    from matplotlib.ticker import MaxNLocator

    gaps = optima.gaps
    low, high = min(float(gaps.min()), -1.0), max(float(gaps.max()), 1.0)
    margin = 0.03 * (high - low)
    edges = np.linspace(low - margin, high + margin, 34)
    below = np.zeros(len(edges) - 1)
    for status in _ordered(optima.status):
        counts, _ = np.histogram(gaps[[state == status for state in optima.status]], edges)
        drawn = counts > 0
        left, width = edges[:-1][drawn], np.diff(edges)[drawn]
        axes.bar(left, counts[drawn], width, below[drawn], align="edge", **_bar(status, colour))
        below += counts
    axes.set(xlim=(edges[0] - margin, edges[-1] + margin), ylim=(0, 1.06 * below.max()))
    axes.yaxis.set_major_locator(MaxNLocator(5, integer=True))
    axes.locator_params(axis="x", nbins=5)


def _ordered(statuses: Iterable[str]) -> list[str]:
    return sorted(set(statuses), key=lambda name: (name != "converged", name not in PROPER, name))


def _bar(status: str, colour: str) -> dict[str, Any]:
    if status == "converged":
        return {"color": colour, "lw": 0}
    if status in PROPER:
        return {"facecolor": colour, "edgecolor": PAPER, "lw": 0, "hatch": _HATCHES[status]}
    return {"facecolor": "none", "edgecolor": INK, "lw": 0.6, "hatch": _HATCHES.get(status, "||||")}


def _draw_legend(figure: Figure, found: list[tuple[MatchedFit, Optima]]) -> None:
    from matplotlib.patches import Patch

    statuses = _ordered(status for _, optima in found for status in optima.status)
    handles = [Patch(label=status.replace("_", " "), **_bar(status, MUTED)) for status in statuses]
    figure.legend(handles=handles, loc="outside upper left", ncols=len(handles))


def lacks_optima(matched: MatchedFits) -> str:
    """Return what is missing: a fit with at least two restarts."""
    return "" if _found(matched) else "no fit had more than one start"


def caption_optima(matched: MatchedFits) -> Caption:
    """Return what the restarts show, in words and numbers."""
    found = _found(matched)
    said = [f"{fit.label}: {_said(optima)}" for fit, optima in found]
    return Caption(f"{'; '.join(said)}.", "Histograms of the objective at the end of each restart.")


def _said(optima: Optima) -> str:
    starts, best = counted(len(optima.objective), "start"), f"{number(optima.best, 6)} nats"
    if optima.share_at_best == 1:
        return f"all {starts} reached one optimum ({best})"
    goal = f"the best of {optima.distinct} proper optima" if optima.distinct > 1 else "the one proper optimum"
    return f"{percent(optima.share_at_best)} of {starts} reached {goal} ({best}){_improper(optima)}"


def _improper(optima: Optima) -> str:
    counts = Counter(status for status in optima.status if status not in PROPER)
    return "".join(f", {count} {status}" for status, count in sorted(counts.items()))
