"""How many components: every criterion, in nats below its best, and how often the best optimum was reached."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from pointmass.comparison.selection import CRITERIA, Selected, best_number, measured, preference
from pointmass.figures.recipe import Caption
from pointmass.figures.style import GRID, GROUPS, MUTED, PAPER, new_figure, styled

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["caption_selected", "plot_selected", "plot_selection"]

_DEEPEST = 30.0  # nats below the best that are shown, unless every number of components lies deeper


def plot_selected(selected: Selected) -> Figure:
    """Draw the criteria that a stored selection holds; see `plot_selection`."""
    return plot_selection(selected.table, selected.criteria)


def caption_selected(selected: Selected) -> Caption:
    """Return what the criteria prefer, and how to read the picture."""
    told = [
        f"{CRITERIA[name].title} {preference(selected.table, name)}"
        for name in measured(selected.table, selected.criteria)
    ]
    text = (
        f"Preferred: {', '.join(told)}. Each line is a criterion less its best value (filled); faint values should not "
        "be believed. Below, the share of random starts that reached the best optimum."
    )
    alt = f"Criteria against the number of components, {selected.table['n_components'].min()} to "
    return Caption(text, f"{alt}{selected.table['n_components'].max()}; {', '.join(told)} preferred.")


@styled
def plot_selection(table: pd.DataFrame, criteria: Sequence[str]) -> Figure:
    """Draw the criteria of a selection.

    Each line is a criterion less its best value; the best is filled, values that should not be believed are faint and
    no line goes through them. Bars are standard errors of the difference to the best. Below, the share of random starts
    that reached the best proper optimum.

    Parameters
    ----------
    table : pandas.DataFrame
        From `pointmass.select`.
    criteria : sequence of str
        Names of the criteria that the table holds.

    Returns
    -------
    matplotlib.figure.Figure
    """
    figure = new_figure(6.4, 4.4)
    upper, lower = figure.subplots(2, 1, sharex=True, gridspec_kw={"height_ratios": [3.2, 1.0]})
    shift = np.linspace(-0.12, 0.12, len(criteria))
    for place, name in enumerate(criteria):
        _draw(upper, table, name, place, float(shift[place]))
    _frame(upper, table, criteria)
    lower.bar(table["n_components"], table["share_at_best"], width=0.5, color=GRID, edgecolor=MUTED, linewidth=0.6)
    lower.set(ylim=(0.0, 1.0), ylabel="starts at\nthe best", xlabel="number of components")
    lower.set_xticks(list(table["n_components"]))
    return figure


def _draw(axes: Axes, table: pd.DataFrame, name: str, place: int, shift: float) -> None:
    values = table[name].to_numpy(float)
    if not np.isfinite(values).any():
        return
    believed = (table[f"{name}_note"] == "").to_numpy(bool)
    gaps = values - _best(table, name)
    at, (colour, marker) = table["n_components"].to_numpy(float) + shift, GROUPS[place % len(GROUPS)]
    axes.plot(at, np.where(believed, gaps, np.nan), color=colour, linewidth=1.2, label=CRITERIA[name].title, zorder=2)
    errors = table[f"{name}_difference_error"].to_numpy(float)
    for k in np.flatnonzero(np.isfinite(gaps)):
        face, strength = (colour if gaps[k] == 0.0 else PAPER), (1.0 if believed[k] else 0.35)
        if errors[k] > 0:
            axes.errorbar(at[k], gaps[k], yerr=errors[k], color=colour, elinewidth=0.9, alpha=strength, zorder=2)
        axes.plot(at[k], gaps[k], marker, mfc=face, mec=colour, ms=6, alpha=strength, zorder=3)


def _best(table: pd.DataFrame, name: str) -> float:
    return float(table.loc[table["n_components"] == best_number(table, name), name].iloc[0])


def _frame(axes: Axes, table: pd.DataFrame, criteria: Sequence[str]) -> None:
    gaps = [table[name] - _best(table, name) for name in criteria if table[name].notna().any()]
    second = [np.sort(gap[gap <= 0].to_numpy())[-2] for gap in gaps if (gap <= 0).sum() > 1]
    depth = max(_DEEPEST, 1.3 * float(-min(second, default=-_DEEPEST)))
    lowest = max(-depth, 1.1 * min((float(gap.min()) for gap in gaps), default=-1.0))
    axes.axhline(0.0, color=GRID, linewidth=1.0, zorder=1)
    axes.set(ylim=(min(lowest, -1.0), 0.12 * -min(lowest, -1.0)), ylabel="nats below each criterion’s best")
    axes.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=3)
