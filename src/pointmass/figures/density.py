"""The data with what each method makes of them: densities over one column, ellipses over two or more."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pointmass.comparison import MatchedFit, MatchedFits
from pointmass.comparison.words import counted, listed, number, percent
from pointmass.errors import PointmassError
from pointmass.figures.panels import draw_legend
from pointmass.figures.projection import MASS, ellipse, shown_columns, thinned
from pointmass.figures.recipe import Caption
from pointmass.figures.style import (
    GRID,
    MUTED,
    PAPER,
    MethodStyle,
    bare,
    method_styles,
    new_figure,
    safe_label,
    styled,
)
from pointmass.numerics import Array

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["caption_density", "lacks_density", "plot_density"]

_GRID = 400
_LEAST_WEIGHT = 0.01


@styled
def plot_density(matched: MatchedFits) -> Figure:
    """Draw the data and, over them, the density or the components of every fit.

    One column: a histogram with the fitted density of every method (the posterior predictive where there is a
    posterior) and the components of the anchor in thin lines. More: every pair of up to four columns, with
    the ellipse of every component that holds 95 % of it at the estimate.

    Parameters
    ----------
    matched : MatchedFits
        Fits with their data.

    Returns
    -------
    matplotlib.figure.Figure
    """
    columns = shown_columns(matched)
    return _histogram(matched) if len(columns) == 1 else _pairs(matched, columns)


def _rows(matched: MatchedFits) -> Array:
    assert matched.data is not None, lacks_density(matched)
    rows = np.asarray(matched.data.X, dtype=float)
    return rows[np.isfinite(rows).all(axis=1)]


def _histogram(matched: MatchedFits) -> Figure:
    from matplotlib.ticker import MaxNLocator

    values, styles = _rows(matched)[:, 0], method_styles(matched)
    figure = new_figure(7.2, 3.5)
    axes = figure.subplots()
    grid = _grid(matched, values)
    whole = _is_whole(grid)
    axes.hist(values, bins=_edges(values, whole).tolist(), density=True, color=GRID, edgecolor=PAPER, lw=0.8)
    _outline_components(axes, matched.anchor, grid, styles[matched.anchor.name])
    for fit in matched.fits:
        marker = "o" if whole else ""
        style = styles[fit.name]
        axes.plot(grid, fit.density(grid[:, None]), color=style.colour, ls=style.line, marker=marker, ms=4)
    axes.set_xlabel(safe_label(matched.columns[0]))
    axes.set_xlim(float(grid[0]) - 0.6 * whole, float(grid[-1]) + 0.6 * whole)
    axes.xaxis.set_major_locator(MaxNLocator(8, integer=whole))
    bare(axes)
    draw_legend(figure, matched, [fit.name for fit in matched.fits])
    return figure


def _grid(matched: MatchedFits, values: Array) -> Array:
    """Return points a little beyond the data, or only as far as the data, or whole numbers: what the family allows."""
    margin = 0.06 * float(np.ptp(values)) or 1.0
    wide = np.linspace(values.min() - margin, values.max() + margin, _GRID)
    for grid in (wide, np.linspace(values.min(), values.max(), _GRID)):
        try:
            matched.anchor.density(grid[:, None])
        except PointmassError:
            continue
        return grid
    return np.unique(np.round(np.linspace(values.min(), values.max(), _GRID)))


def _is_whole(grid: Array) -> bool:
    """Return whether only whole numbers have a probability, which is drawn as points and not as a curve."""
    return bool((grid == np.round(grid)).all())


def _edges(values: Array, whole: bool) -> Array:
    """Return bin edges by the rule of Freedman & Diaconis (1981), never more than 80; a bin for each whole number."""
    if whole and np.ptp(values) < _GRID:
        return np.arange(values.min() - 0.5, values.max() + 1.0)
    n_bins = len(np.histogram_bin_edges(values, "fd")) - 1 if np.ptp(values) > 0 else 1
    return np.histogram_bin_edges(values, int(np.clip(n_bins, 8, 80)))


def _outline_components(axes: Axes, fit: MatchedFit, grid: Array, style: MethodStyle) -> None:
    """Outline weight × density of each component: the fitted density times the responsibility."""
    if not fit.assigns:
        return
    height = fit.density(grid[:, None])
    for share in fit.responsibilities(grid[:, None]).T:
        axes.plot(grid, share * height, color=style.colour, lw=0.8, alpha=0.6)


def _pairs(matched: MatchedFits, columns: list[int]) -> Figure:
    n = len(columns) - 1
    side = {1: 4.6, 2: 3.3}.get(n, 2.4)
    figure = new_figure(7.2, 0.5 + n * (4.2 if n == 1 else side))
    grid = figure.subplots(n, n, squeeze=False, sharex="col", sharey="row")
    for i in range(n):
        for j in range(n):
            if j > i:
                grid[i, j].set_axis_off()
                continue
            _draw_pair(grid[i, j], matched, columns[j], columns[i + 1])
            if i == n - 1:
                grid[i, j].set_xlabel(safe_label(matched.columns[columns[j]]))
            if j == 0:
                grid[i, j].set_ylabel(safe_label(matched.columns[columns[i + 1]]))
    draw_legend(figure, matched, [fit.name for fit in matched.fits if _normals(fit, len(matched.columns))])
    return figure


def _draw_pair(axes: Axes, matched: MatchedFits, a: int, b: int) -> None:
    rows, styles = thinned(_rows(matched)), method_styles(matched)
    size = 9.0 if len(rows) <= 500 else 4.0
    axes.scatter(rows[:, a], rows[:, b], s=size, color=MUTED, alpha=0.45, lw=0, rasterized=len(rows) > 400)
    for fit in matched.fits:
        for mean, covariance in _normals(fit, len(matched.columns)):
            if np.isfinite(mean[[a, b]]).all():
                _draw_normal(axes, mean[[a, b]], covariance[np.ix_([a, b], [a, b])], styles[fit.name])


def _draw_normal(axes: Axes, mean: Array, covariance: Array, style: MethodStyle) -> None:
    outline = ellipse(mean, covariance)
    axes.plot(outline[:, 0], outline[:, 1], color=style.colour, ls=style.line, lw=1.3)
    axes.plot(*mean, ms=5, ls="none", **style.marking())


def _normals(fit: MatchedFit, n_columns: int) -> list[tuple[Array, Array]]:
    """Return mean and covariance of each component that is not empty; nothing where no column is normal."""
    found = _moments(fit)
    if found is None or found[0].shape[-1] != n_columns:
        return []
    return [pair for pair, empty in zip(zip(*found, strict=True), _empty(fit), strict=True) if not empty]


def _moments(fit: MatchedFit) -> tuple[Array, Array] | None:
    """Return means (K, d) and covariances (K, d, d) of normal columns, NaN for others."""
    mean, covariance = fit.estimate.get("mean"), fit.estimate.get("covariance")
    if mean is not None and covariance is not None:
        return np.atleast_2d(mean), covariance.reshape(-1, *covariance.shape[-2:])
    ask = getattr(fit.fit.model_, "normal_moments", None)
    return ask(fit.estimate) if ask else None


def _empty(fit: MatchedFit) -> Array:
    """Return which components (K,) have next to no weight: what is left of them is their prior."""
    weights = np.asarray(fit.estimate.get("weights", 1.0))
    return np.broadcast_to(weights < _LEAST_WEIGHT, fit.n_components or 1)


def lacks_density(matched: MatchedFits) -> str:
    """Return what is missing: the data, or a density of rows."""
    if matched.is_conditional:
        return "a regression has no density of rows; the figure regression shows it"
    if matched.is_sequential:
        return "rows of a chain come in order; the figure states shows them"
    return "" if matched.data is not None else "the data are not stored with the fits"


def _counted_rows(matched: MatchedFits, rows: Array) -> str:
    """Return how many rows can be drawn, and of how many where some have empty cells."""
    total = len(rows) if matched.data is None else len(matched.data.X)
    every = counted(total, "row")
    return every if len(rows) == total else f"{len(rows):,} of {every}, those without an empty cell,"


def caption_density(matched: MatchedFits) -> Caption:
    """Return what the picture of the data shows, in words and numbers."""
    names, rows = [fit.label for fit in matched.fits], _rows(matched)
    if rows.shape[1] == 1:
        text = f"{_counted_rows(matched, rows)} as a histogram, with the density fitted by {listed(names)}."
        return Caption(text + _gap_sentence(matched, rows[:, 0]), "A histogram with fitted density curves.")
    columns = listed([matched.columns[j] for j in shown_columns(matched)])
    outlined = [fit.label for fit in matched.fits if _normals(fit, len(matched.columns))]
    ellipses = f"; the ellipses of {listed(outlined)} hold {percent(MASS)} of each component" if outlined else ""
    text = f"{_counted_rows(matched, rows)} on the columns {columns}{ellipses}."
    hidden = {fit.label: int(_empty(fit).sum()) for fit in matched.fits if _normals(fit, len(matched.columns))}
    told = [f"{counted(number_of, 'component')} of {label}" for label, number_of in hidden.items() if number_of]
    text += f" Not drawn, for their weights are below {percent(_LEAST_WEIGHT)}: {listed(told)}." if told else ""
    if len(thinned(rows)) < len(rows):
        text += f" {counted(len(thinned(rows)), 'row')} are drawn, evenly spread."
    shown = "Scatter plots of the data"
    return Caption(text, f"{shown} with the ellipses of the fitted components." if outlined else f"{shown}.")


def _gap_sentence(matched: MatchedFits, values: Array) -> str:
    """Return the largest distance between two fitted densities, as a share of the area (total variation)."""
    grid = _grid(matched, values)
    step = float(grid[1] - grid[0]) if len(grid) > 1 else 1.0
    anchor = matched.anchor.density(grid[:, None])
    gaps = {
        fit.label: 0.5 * step * float(np.abs(fit.density(grid[:, None]) - anchor).sum())
        for fit in matched.fits
        if fit is not matched.anchor
    }
    if not gaps:
        return ""
    worst = max(gaps, key=lambda label: gaps[label])
    return (
        f" The curve farthest from that of {matched.anchor.label} is {worst}’s: they differ by "
        f"{number(100 * gaps[worst], 2)} % of the area, however much their intervals differ."
    )
