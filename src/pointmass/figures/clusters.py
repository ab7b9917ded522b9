"""k-means beside EM: what clusters of equal round shape cannot see."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.optimize import linear_sum_assignment
from threadpoolctl import threadpool_limits

from pointmass.comparison import MatchedFit, MatchedFits
from pointmass.comparison.data import true_labels
from pointmass.comparison.metrics.misassigned import share_misassigned
from pointmass.comparison.words import counted, percent
from pointmass.figures.projection import shown_columns
from pointmass.figures.recipe import Caption
from pointmass.figures.style import GROUPS, INK, bare, new_figure, safe_label, styled
from pointmass.numerics import Array

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["caption_clusters", "lacks_clusters", "plot_clusters"]

_MOST_ROWS = 1200


@dataclass(frozen=True)
class _Clustering:
    """The group of every row according to one of the panels."""

    title: str
    groups: Array
    wrong: Array


@styled
def plot_clusters(matched: MatchedFits) -> Figure:
    """Draw the true groups, those of k-means and those of the fit, rows in the wrong group ringed.

    k-means (scikit-learn, 10 starts, a fixed seed) is given the true number of groups and the raw columns.

    Parameters
    ----------
    matched : MatchedFits
        Fits of a mixture with data whose groups are known.

    Returns
    -------
    matplotlib.figure.Figure
    """
    assert matched.data is not None, lacks_clusters(matched)
    clusterings, columns = _clusterings(matched), shown_columns(matched, most=2)
    figure = new_figure(7.2, 2.9)
    grid = figure.subplots(1, len(clusterings), squeeze=False, sharex=True, sharey=True)[0]
    for axes, clustering in zip(grid, clusterings, strict=True):
        _draw_panel(axes, np.asarray(matched.data.X)[:, columns], clustering)
        axes.set_xlabel(safe_label(matched.columns[columns[0]]))
        if len(columns) == 1:
            bare(axes)
    if len(columns) > 1:
        grid[0].set_ylabel(safe_label(matched.columns[columns[1]]))
    return figure


def _clusterings(matched: MatchedFits) -> list[_Clustering]:
    labels, fit = true_labels(matched.data), _shown_fit(matched)
    assert matched.data is not None and labels is not None and fit is not None
    predicted = fit.predict(np.asarray(matched.data.X))
    k_means = _k_means(np.asarray(matched.data.X, dtype=float), int(labels.max()) + 1)
    return [
        _Clustering("true groups", labels, np.zeros(len(labels), dtype=bool)),
        _clustering("k-means", k_means, labels),
        _clustering(fit.label, predicted, labels),
    ]


def _clustering(name: str, predicted: Array, labels: Array) -> _Clustering:
    groups = _aligned(predicted, labels)
    share = share_misassigned(predicted, labels)
    wrong = (groups != labels) & (labels >= 0)
    return _Clustering(f"{safe_label(name)}: {percent(share)} misassigned", groups, wrong)


def _k_means(rows: Array, n_clusters: int) -> Array:
    from sklearn.cluster import KMeans

    with threadpool_limits(1):  # one start takes less time than waking the threads
        return np.asarray(KMeans(n_clusters, n_init=10, random_state=0).fit_predict(rows))


def _aligned(predicted: Array, labels: Array) -> Array:
    """Return the predicted groups under the names of the true groups that they share most rows with."""
    size, known = int(max(predicted.max(), labels.max())) + 1, labels >= 0
    pairs = predicted[known].astype(int) * size + labels[known].astype(int)
    counts = np.bincount(pairs, minlength=size * size).reshape(size, size)
    _, names = linear_sum_assignment(counts, maximize=True)
    return np.asarray(names[predicted])


def _draw_panel(axes: Axes, rows: Array, clustering: _Clustering) -> None:
    keep = np.arange(0, len(rows), max(1, -(-len(rows) // _MOST_ROWS)))
    shown, groups = rows[keep], clustering.groups[keep]
    height = shown[:, 1] if shown.shape[1] > 1 else groups + _spread_out(len(groups))
    for group in np.unique(groups):
        colour, marker = GROUPS[int(group) % len(GROUPS)] if group >= 0 else ("#8a93a0", ".")
        chosen = groups == group
        axes.scatter(shown[chosen, 0], height[chosen], s=11, color=colour, marker=marker, alpha=0.75, lw=0)
    wrong = clustering.wrong[keep]
    axes.scatter(shown[wrong, 0], height[wrong], s=26, facecolor="none", edgecolor=INK, lw=0.6)
    axes.set_title(clustering.title)


def _spread_out(n: int) -> Array:
    """Return heights that keep the rows of one column apart: the golden-ratio sequence within ± 0.3."""
    return np.asarray(0.6 * (np.arange(n) * 0.6180339887498949 % 1.0) - 0.3, dtype=float)


def _shown_fit(matched: MatchedFits) -> MatchedFit | None:
    """Return EM where it is among the fits of a mixture, else the first of them."""
    able = [fit for fit in matched.fits if fit.assigns]
    return next((fit for fit in able if fit.fit.method_name == "EM"), able[0] if able else None)


def lacks_clusters(matched: MatchedFits) -> str:
    """Return what is missing: data whose groups are known, or a mixture."""
    if true_labels(matched.data) is None:
        return "the groups of the rows are not known"
    if matched.is_sequential:
        return "rows of a chain come in order; the figure states shows them"
    if matched.is_conditional:
        return "groups of a regression are lines, not clouds; the figure regression shows them"
    return "" if _shown_fit(matched) is not None else "no fit has components"


def caption_clusters(matched: MatchedFits) -> Caption:
    """Return how many rows k-means and the fit put into the wrong group."""
    clusterings = _clusterings(matched)
    n_known = int(np.sum(true_labels(matched.data) >= 0))  # type: ignore[operator]
    said = [f"{clustering.title} ({counted(int(clustering.wrong.sum()), 'row')})" for clustering in clusterings[1:]]
    text = f"Of {counted(n_known, 'row')} with a known group: {'; '.join(said)}. Wrong rows are ringed."
    return Caption(text, "Three scatter plots of the data, coloured by true group, by k-means and by the fit.")
