"""Where mean field fails, what says so beforehand, and what mends it: one panel a quantity over two axes of a grid."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from pointmass.comparison.phases import QUANTITIES, Quantity, by_data_set, by_point
from pointmass.comparison.repetitions import axes_of, numeric_axes
from pointmass.comparison.safety import SAFE_RATIO
from pointmass.comparison.words import counted, number, percent
from pointmass.figures.recipe import Caption
from pointmass.figures.style import INK, MUTED, PAPER, new_figure, safe_label, styled

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["caption_phase_diagram", "lacks_phase_diagram", "plot_phase_diagram"]

_ACROSS = 4
_MOST_SLICES = 3
_DARK, _LIGHT = "#10131a", "#fdfdfd"  # on the colours of the cells, which no page changes
_MAP = "cividis_r"  # Nunez, Anderton & Renslow 2018: the same to eyes that lack red or green


def lacks_phase_diagram(results: pd.DataFrame) -> str:
    """Return what is missing for the figure."""
    if not len(results) or len(numeric_axes(results)) < 2:
        return "two axes of numbers in the grid"
    metrics = set(results["metric"])
    return "" if {"sd_ratio", "missing_information"} <= metrics else "variational fits with a reference beside them"


@styled
def plot_phase_diagram(results: pd.DataFrame) -> Figure:
    """Draw every quantity as a map over the first two numeric axes, once for each value of the other axes.

    Light cells are fine, dark ones are in trouble; each holds its number, a dot where nothing could be measured
    (no reference passed its gate). The line divides the points where the missing information alone predicts a
    mean-field sd of less than 0.9 of what it should be, and is the same in all panels.

    Parameters
    ----------
    results : DataFrame
        Tidy results of a run.

    Returns
    -------
    matplotlib.figure.Figure
    """
    slices = _slices(results)
    height = len(QUANTITIES) // _ACROSS
    figure = new_figure(7.2, (3.7 if len(slices) > 1 else 3.5) * len(slices))
    parts = figure.subfigures(len(slices), 1, squeeze=False)[:, 0]
    x, y = numeric_axes(results)[:2]
    for part, (title, sets) in zip(parts, slices, strict=True):
        points = by_point(sets, [y, x])
        grid = part.subplots(height, _ACROSS, sharex=True, sharey=True)
        for panel, (name, quantity) in zip(grid.ravel(), QUANTITIES.items(), strict=True):
            _draw(panel, points[name].unstack(x), quantity)
            _draw_line(panel, points["predicted"].unstack(x).to_numpy())
        for panel in grid[-1]:
            panel.set_xlabel(safe_label(x.rpartition(".")[2], 24))
        for panel in grid[:, 0]:
            panel.set_ylabel(safe_label(y.rpartition(".")[2], 24))
        if title:
            part.suptitle(safe_label(title, 60), x=0.01, ha="left", fontsize=9.5, color=INK, fontweight="bold")
    return figure


def _slices(results: pd.DataFrame) -> list[tuple[str, pd.DataFrame]]:
    """Return the data sets by the values of the axes that are not drawn."""
    sets = by_data_set(results)
    others = [axis for axis in axes_of(results) if axis not in numeric_axes(results)[:2]]
    others = [axis for axis in others if sets[axis].nunique() > 1]
    if not others:
        return [("", sets)]
    parts = [(_words(others, key), part) for key, part in sets.groupby(others, sort=False)]
    return parts[:_MOST_SLICES]


def _words(axes: list[str], values: Any) -> str:
    return ", ".join(f"{axis.rpartition('.')[2]} {value}" for axis, value in zip(axes, values, strict=True))


def _draw(panel: Axes, table: pd.DataFrame, quantity: Quantity) -> None:
    from matplotlib import colormaps

    values = table.to_numpy()
    shades = np.vectorize(quantity.shade, otypes=[float])(values)
    colours = colormaps[_MAP](0.04 + 0.92 * shades)
    for row, column in np.ndindex(values.shape):
        value, shade = values[row, column], shades[row, column]
        face = colours[row, column] if np.isfinite(value) else "none"
        edge = {"ec": PAPER, "lw": 0.8} if np.isfinite(value) else {"ec": MUTED, "lw": 0.3, "ls": ":"}
        _draw_cell(panel, column, row, face, edge)
        ink = MUTED if not np.isfinite(value) else (_LIGHT if shade > 0.5 else _DARK)
        text = _short(float(value))
        panel.text(column, row, text, ha="center", va="center", fontsize=5.8, color=ink)
    panel.set(xlim=(-0.5, values.shape[1] - 0.5), ylim=(-0.5, values.shape[0] - 0.5))
    panel.set_xticks(range(values.shape[1]), [f"{value:g}" for value in table.columns], fontsize=6.5)
    panel.set_yticks(range(values.shape[0]), [f"{value:g}" for value in table.index], fontsize=6.5)
    panel.tick_params(length=0)
    panel.spines[:].set_visible(False)
    panel.set_title(quantity.title, fontsize=7.6, color=INK)


def _draw_cell(panel: Axes, column: int, row: int, face: Any, edge: dict[str, Any]) -> None:
    from matplotlib.patches import Rectangle

    panel.add_patch(Rectangle((column - 0.5, row - 0.5), 1.0, 1.0, fc=face, **edge))


def _short(value: float) -> str:
    if not np.isfinite(value):
        return "·"
    if abs(value) >= 9.95:
        return f"{value:.0f}"
    text = f"{value:.1f}" if abs(value) >= 0.995 else f"{value:.2f}".replace("0.", ".", 1)
    return text.replace("-", "−")


def _draw_line(panel: Axes, predicted: np.ndarray) -> None:
    """Draw the border, along the edges of cells, of where mean field is predicted to be too narrow."""
    narrow, known = predicted < SAFE_RATIO, np.isfinite(predicted)
    for row, column in np.ndindex(narrow.shape):
        for step, ends in (((0, 1), ([0.5, 0.5], [-0.5, 0.5])), ((1, 0), ([-0.5, 0.5], [0.5, 0.5]))):
            other = (row + step[0], column + step[1])
            if other[0] >= narrow.shape[0] or other[1] >= narrow.shape[1]:
                continue
            if known[row, column] and known[other] and narrow[row, column] != narrow[other]:
                panel.plot(column + np.array(ends[0]), row + np.array(ends[1]), color="#d1495b", lw=1.6, zorder=3)


def caption_phase_diagram(results: pd.DataFrame) -> Caption:
    """Return the words for the figure."""
    sets = by_data_set(results)
    x, y = (axis.rpartition(".")[2] for axis in numeric_axes(results)[:2])
    both = sets.dropna(subset=["predicted", "sd_ratio"])
    predicted = both["predicted"]
    rank = float(predicted.corr(both["sd_ratio"], method="spearman")) if len(both) > 2 else float("nan")
    off = float((np.log(both["sd_ratio"]) - np.log(predicted)).abs().median()) if len(both) else float("nan")
    means = {name: float(sets[name].mean()) for name in ("mean_field", "importance")}
    hard = both["sd_ratio"] < 0.5
    text = (
        f"{counted(len(sets), 'data set')} over {x} and {y}; light is fine, dark is trouble. Mean field’s worst "
        f"standard deviation is less than half the reference’s in {percent(float(hard.mean()))} of the {len(both)} "
        f"with a reliable reference; the missing information, known before any sampling, ranks them (rank correlation "
        f"{number(rank, 2)}) and predicts their ratio within {percent(off)} (median). The red line is "
        f"where that prediction is {SAFE_RATIO:g}. Coverage over all: mean field {number(means['mean_field'], 2)}, "
        f"corrected {number(means['importance'], 2)}, nominal 0.95."
    )
    alt = f"Eight maps over {x} and {y}, one a quantity, a number in each cell; dark cells are in trouble."
    return Caption(text, alt)
