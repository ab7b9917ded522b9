"""Targets of 0 and 1: fitted probabilities over one feature with their band, or against observed shares."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pointmass.comparison import MatchedFit, MatchedFits
from pointmass.comparison.words import counted, listed, number, percent
from pointmass.figures.panels import draw_legend
from pointmass.figures.recipe import Caption
from pointmass.figures.style import MUTED, MethodStyle, method_styles, new_figure, safe_label, styled
from pointmass.numerics import Array

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["caption_probability", "lacks_probability", "plot_probability"]

_GROUPS, _LEAST = 10, 8  # of about so many targets at least: the share of a few says little
_MOST_DRAWS = 300
_UNIT = (-0.04, 1.04)
_SMALLEST, _LARGEST = 12.0, 110.0  # areas of points


@styled
def plot_probability(matched: MatchedFits) -> Figure:
    """Draw every fit's probability that the target is 1.

    One feature: curves at the estimates, with a band that holds the draws of the anchor or the first fit that has
    any, and the share of ones at each
    value of the feature, or in up to ten groups of neighbours. More: one panel a fit, shares against mean
    probabilities in such groups.

    Parameters
    ----------
    matched : MatchedFits
        Fits of targets 0 and 1 with their data.

    Returns
    -------
    matplotlib.figure.Figure
    """
    features, target, weights = _data(matched)
    if features.shape[1] == 1:
        return _curves(matched, features[:, 0], target, weights)
    return _calibration(matched, features, target, weights)


def _data(matched: MatchedFits) -> tuple[Array, Array, Array]:
    data = matched.data
    assert data is not None and data.y is not None, lacks_probability(matched)
    weights = np.ones(len(data.y)) if data.sample_weight is None else np.asarray(data.sample_weight)
    return np.asarray(data.X, dtype=float), np.asarray(data.y), weights


def _probability(fit: MatchedFit, features: Array) -> Array:
    """Return the probability of a 1 (n,) at the estimate."""
    return np.asarray(fit.fit.model_.expected_target(fit.estimate, features))


def _banded(matched: MatchedFits) -> MatchedFit | None:
    """Return the fit whose draws make the band: the anchor, or the first other one that has any."""
    drawn = [fit for fit in (matched.anchor, *matched.fits) if any(spread.draws is not None for spread in fit.spreads)]
    return drawn[0] if drawn else None


def _band(fit: MatchedFit, features: Array, level: float) -> tuple[Array, Array]:
    """Return the quantiles (n,) between which the probabilities at so many of the fit's draws lie."""
    draws = [spread.draws for spread in fit.spreads if spread.draws is not None][-1]
    size = len(next(iter(draws.values())))
    chosen = range(0, size, max(1, size // _MOST_DRAWS))
    model = fit.fit.model_
    curves = [model.expected_target({name: a[s] for name, a in draws.items()}, features) for s in chosen]
    lower, upper = np.quantile(curves, [0.5 - 0.5 * level, 0.5 + 0.5 * level], axis=0)
    return np.asarray(lower), np.asarray(upper)


def _groups(order: Array, weights: Array) -> Array:
    """Return a group number for each row: equal values together where these are few, else equal parts by rank."""
    values, places = np.unique(order, return_inverse=True)
    size = int(np.clip(weights.sum() // _LEAST, 2, _GROUPS))
    if len(values) <= 2 * size:
        return np.asarray(places)
    each = np.bincount(places, weights=weights)
    middle = (np.cumsum(each) - 0.5 * each) / each.sum()
    return np.asarray(np.minimum((middle * size).astype(int), size - 1)[places])


def _shares(place: Array, target: Array, weights: Array, groups: Array) -> tuple[Array, Array, Array]:
    """Return mean places, shares of ones and areas of the points of groups."""
    total = np.bincount(groups, weights=weights)
    kept = total > 0
    means, ones = (np.bincount(groups, weights=weights * each)[kept] / total[kept] for each in (place, target))
    return means, ones, _SMALLEST + (_LARGEST - _SMALLEST) * total[kept] / total.max()


def _curves(matched: MatchedFits, feature: Array, target: Array, weights: Array) -> Figure:
    styles = method_styles(matched)
    figure = new_figure(7.2, 4.2)
    axes = figure.subplots()
    grid = np.linspace(feature.min(), feature.max(), 200)
    _draw_band(axes, matched, grid, styles)
    for fit in matched.fits:
        axes.plot(
            grid, _probability(fit, grid[:, None]), color=styles[fit.name].colour, ls=styles[fit.name].line, lw=1.3
        )
    means, ones, sizes = _shares(feature, target, weights, _groups(feature, weights))
    axes.scatter(means, ones, s=sizes, color=MUTED, alpha=0.6, lw=0, zorder=3)
    axes.set_xlabel(safe_label(matched.columns[0]))
    axes.set_ylabel("probability of 1")
    axes.set_ylim(*_UNIT)
    draw_legend(figure, matched, [fit.name for fit in matched.fits])
    return figure


def _draw_band(axes: Axes, matched: MatchedFits, grid: Array, styles: dict[str, MethodStyle]) -> None:
    fit = _banded(matched)
    if fit is not None:
        axes.fill_between(
            grid, *_band(fit, grid[:, None], matched.level), color=styles[fit.name].colour, alpha=0.15, lw=0
        )


def _calibration(matched: MatchedFits, features: Array, target: Array, weights: Array) -> Figure:
    styles = method_styles(matched)
    across = min(len(matched.fits), 3)
    down = -(-len(matched.fits) // across)
    figure = new_figure(7.2, 0.5 + 2.5 * down)
    panels = figure.subplots(down, across, squeeze=False, sharex=True, sharey=True)
    for axes in panels.ravel()[len(matched.fits) :]:
        axes.set_axis_off()
    for axes, fit in zip(panels.ravel(), matched.fits, strict=False):
        chances = _probability(fit, features)
        means, ones, sizes = _shares(chances, target, weights, _groups(chances, weights))
        axes.axline((0.0, 0.0), slope=1.0, color=MUTED, lw=0.8)
        axes.scatter(means, ones, s=sizes, color=styles[fit.name].colour, alpha=0.7, lw=0)
        axes.set_title(safe_label(fit.label), fontsize=8.5)
        axes.set(xlim=_UNIT, ylim=_UNIT)
    panels[-1, 0].set_xlabel("fitted probability of 1")
    panels[-1, 0].set_ylabel("share of ones")
    return figure


def lacks_probability(matched: MatchedFits) -> str:
    """Return what is missing: targets 0 and 1, fits of their probability, or the data."""
    if not matched.is_conditional or any(set(fit.estimate) != {"coefficients"} for fit in matched.fits):
        return "the fits give no probability of a target 0 or 1"
    if matched.data is None or matched.data.y is None:
        return "the data are not stored with the fits"
    return "" if np.isin(matched.data.y, (0.0, 1.0)).all() else "the targets are not 0 and 1"


def caption_probability(matched: MatchedFits) -> Caption:
    """Return how far fitted probabilities lie from the targets, fit by fit, and how wide the band is."""
    features, target, weights = _data(matched)
    scores = [
        f"{number(float(np.average((target - _probability(fit, features)) ** 2, weights=weights)))} ({fit.label})"
        for fit in matched.fits
    ]
    text = (
        f"{counted(round(float(weights.sum())), 'target')}, {percent(float(np.average(target, weights=weights)))} of "
        f"them 1. The mean squared distance of the targets from their fitted probabilities is {listed(scores)}."
    )
    if features.shape[1] > 1:
        return Caption(text, "Observed shares of ones against fitted probabilities, one panel a fit.")
    fit = _banded(matched)
    if fit is not None:
        lower, upper = _band(fit, np.linspace(features.min(), features.max(), 200)[:, None], matched.level)
        widest = number(float((upper - lower).max()))
        text += f" The band holds {percent(matched.level)} of {fit.label}’s curves; it is at most {widest} wide."
    return Caption(text, "Curves of fitted probabilities over the feature, with observed shares of ones as points.")
