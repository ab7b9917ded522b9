"""Regressions: data with the fitted lines and their bands, or predicted against observed targets."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.special import ndtri

from pointmass.comparison import MatchedFit, MatchedFits
from pointmass.comparison.words import counted, listed, number, percent
from pointmass.figures.choice import chosen_by_features
from pointmass.figures.panels import draw_legend
from pointmass.figures.projection import MASS, thinned
from pointmass.figures.recipe import Caption
from pointmass.figures.style import MUTED, MethodStyle, method_styles, new_figure, safe_label, styled
from pointmass.numerics import Array

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["caption_regression", "lacks_regression", "plot_regression"]


@styled
def plot_regression(matched: MatchedFits) -> Figure:
    """Draw the targets over one feature with every fit's lines, or each fit's predictions against the targets.

    One feature: the line of every component of every fit, with the band about the anchor's that holds 95 % of its
    targets at the estimate. More: one panel a fit, each row predicted by its own component.

    Parameters
    ----------
    matched : MatchedFits
        Fits of a regression with their data.

    Returns
    -------
    matplotlib.figure.Figure
    """
    features, target = _data(matched)
    return _lines(matched, features[:, 0], target) if features.shape[1] == 1 else _predictions(matched)


def _data(matched: MatchedFits) -> tuple[Array, Array]:
    assert matched.data is not None and matched.data.y is not None, lacks_regression(matched)
    return np.asarray(matched.data.X, dtype=float), np.asarray(matched.data.y)


def _coefficients(fit: MatchedFit) -> Array:
    """Return coefficients (K, p)."""
    return np.atleast_2d(fit.estimate["coefficients"])


_NOISES = {"noise_variance", "noise_precision"}


def _noise(fit: MatchedFit) -> Array:
    """Return the sd of the noise of each component (K,)."""
    if "noise_variance" in fit.estimate:
        return np.sqrt(np.atleast_1d(fit.estimate["noise_variance"]))
    return np.atleast_1d(1.0 / np.sqrt(fit.estimate["noise_precision"]))


def _means(fit: MatchedFit, features: Array) -> Array:
    """Return the mean of the target under each component (K, n)."""
    coefficients = _coefficients(fit)
    slopes = coefficients[:, -features.shape[1] :]
    intercept = coefficients[:, :1] if coefficients.shape[1] > features.shape[1] else 0.0
    return np.asarray(intercept + slopes @ features.T)


def _lines(matched: MatchedFits, feature: Array, target: Array) -> Figure:
    styles = method_styles(matched)
    figure = new_figure(7.2, 4.2)
    axes = figure.subplots()
    kept = thinned(np.column_stack([feature, target]))
    size = 9.0 if len(kept) <= 500 else 4.0
    axes.scatter(kept[:, 0], kept[:, 1], s=size, color=MUTED, alpha=0.45, lw=0, rasterized=len(kept) > 400)
    grid = np.linspace(feature.min(), feature.max(), 100)
    _draw_bands(axes, matched.anchor, grid, styles[matched.anchor.name])
    for fit in matched.fits:
        for line in _means(fit, grid[:, None]):
            axes.plot(grid, line, color=styles[fit.name].colour, ls=styles[fit.name].line, lw=1.3)
    axes.set_xlabel(safe_label(matched.columns[0]))
    axes.set_ylabel("target")
    draw_legend(figure, matched, [fit.name for fit in matched.fits])
    return figure


def _draw_bands(axes: Axes, fit: MatchedFit, grid: Array, style: MethodStyle) -> None:
    reach = float(ndtri(0.5 + 0.5 * MASS))
    for line, sd in zip(_means(fit, grid[:, None]), _noise(fit), strict=True):
        axes.fill_between(grid, line - reach * sd, line + reach * sd, color=style.colour, alpha=0.12, lw=0)


def _predictions(matched: MatchedFits) -> Figure:
    styles, (features, target) = method_styles(matched), _data(matched)
    across = min(len(matched.fits), 3)
    down = -(-len(matched.fits) // across)
    figure = new_figure(7.2, 0.5 + 2.5 * down)
    grid = figure.subplots(down, across, squeeze=False, sharex=True, sharey=True)
    for axes in grid.ravel()[len(matched.fits) :]:
        axes.set_axis_off()
    for axes, fit in zip(grid.ravel(), matched.fits, strict=False):
        points = thinned(np.column_stack([_predicted(fit, features, target), target]))
        axes.scatter(points[:, 0], points[:, 1], s=6.0, color=styles[fit.name].colour, alpha=0.5, lw=0)
        axes.axline((float(target.mean()),) * 2, slope=1.0, color=MUTED, lw=0.8)
        axes.set_title(safe_label(fit.label), fontsize=8.5)
    grid[-1, 0].set_xlabel("predicted")
    grid[-1, 0].set_ylabel("observed")
    return figure


def _predicted(fit: MatchedFit, features: Array, target: Array) -> Array:
    """Return each row's prediction by the component that it most probably belongs to."""
    means = _means(fit, features)
    if len(means) == 1:
        return np.asarray(means[0])
    return np.asarray(means[fit.predict(features, target), np.arange(len(target))])


def lacks_regression(matched: MatchedFits) -> str:
    """Return what is missing: fits of a regression, or their data."""
    if not matched.is_conditional or any("coefficients" not in fit.estimate for fit in matched.fits):
        return "the fits are no regressions"
    if any(chosen_by_features(fit, len(matched.columns)) for fit in matched.fits):
        return "no line holds for all features: they choose the component"
    if any(not _NOISES & set(fit.estimate) for fit in matched.fits):
        return "the fits have no noise about a line; the figure probability shows targets of 0 and 1"
    return "" if matched.data is not None and matched.data.y is not None else "the data are not stored with the fits"


def caption_regression(matched: MatchedFits) -> Caption:
    """Return how far the targets lie from their predictions, fit by fit."""
    features, target = _data(matched)
    spread = float(target.std())
    errors = [
        f"{number(float(np.sqrt(np.mean((target - _predicted(fit, features, target)) ** 2))))} ({fit.label})"
        for fit in matched.fits
    ]
    text = (
        f"{counted(len(target), 'row')}. The root mean square of the residuals is {listed(errors)}; the targets' "
        f"standard deviation is {number(spread)}."
    )
    if features.shape[1] == 1:
        text += f" The bands hold {percent(MASS)} of the targets about the lines of {matched.anchor.label}."
        return Caption(text, "A scatter plot of targets over their feature, with the fitted lines and bands.")
    return Caption(text, "Observed targets against predicted ones, one panel a fit, with the line of equality.")
