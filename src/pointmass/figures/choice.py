"""Components that the features choose: their lines where they are probable, and how probable each is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pointmass.comparison import MatchedFit, MatchedFits
from pointmass.comparison.words import counted, listed, number, percent
from pointmass.figures.panels import draw_legend
from pointmass.figures.projection import thinned
from pointmass.figures.recipe import Caption
from pointmass.figures.style import GROUPS, MUTED, method_styles, new_figure, safe_label, styled
from pointmass.numerics import Array

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["caption_choice", "chosen_by_features", "lacks_choice", "plot_choice"]

_POINTS = 400
_SHOWN = 0.05  # a component is drawn where it is more probable than this


@styled
def plot_choice(matched: MatchedFits) -> Figure:
    """Draw targets over their feature with the mean of every fit, and below how probable the feature makes components.

    Each component of the anchor is a line where its probability exceeds 5 %, in the component's colour, as is its
    probability below; the other fits' probabilities are thinner, in their own style.

    Parameters
    ----------
    matched : MatchedFits
        Fits whose components depend on one feature, with their data.

    Returns
    -------
    matplotlib.figure.Figure
    """
    feature, target = _data(matched)
    styles, fits = method_styles(matched), _able(matched)
    figure = new_figure(7.2, 4.8)
    above, below = figure.subplots(2, 1, sharex=True, height_ratios=[3.0, 1.4])
    kept = thinned(np.column_stack([feature, target]))
    above.scatter(kept[:, 0], kept[:, 1], s=9.0, color=MUTED, alpha=0.45, lw=0)
    grid = np.linspace(feature.min(), feature.max(), _POINTS)
    for fit in fits:
        mean = fit.fit.model_.expected_target(fit.estimate, grid[:, None])
        above.plot(grid, mean, color=styles[fit.name].colour, ls=styles[fit.name].line, lw=1.4)
    _draw_components(above, fits[0], grid)
    for fit in fits:
        _draw_probabilities(below, fit, grid, styles[fit.name].line, 1.8 if fit is fits[0] else 0.9)
    above.set_ylabel("target")
    below.set_ylabel("probability")
    below.set_ylim(-0.03, 1.03)
    below.set_xlabel(safe_label(matched.columns[0]))
    draw_legend(figure, matched, [fit.name for fit in fits])
    return figure


def _able(matched: MatchedFits) -> list[MatchedFit]:
    """Return the fits whose components the features choose, the anchor first."""
    ordered = sorted(matched.fits, key=lambda fit: fit is not matched.anchor)
    return [fit for fit in ordered if chosen_by_features(fit, len(matched.columns))]


def chosen_by_features(fit: MatchedFit, n_features: int) -> bool:
    """Return whether the features of a row tell which component it comes from."""
    choice = getattr(fit.fit.model_, "choice_given", None)
    return fit.is_conditional and choice is not None and choice(fit.estimate, np.zeros((1, n_features))) is not None


def _probabilities(fit: MatchedFit, features: Array) -> Array:
    return np.asarray(fit.fit.model_.choice_given(fit.estimate, features))


def _data(matched: MatchedFits) -> tuple[Array, Array]:
    assert matched.data is not None and matched.data.y is not None, lacks_choice(matched)
    return np.asarray(matched.data.X, dtype=float)[:, 0], np.asarray(matched.data.y, dtype=float)


def _draw_components(axes: Axes, fit: MatchedFit, grid: Array) -> None:
    """Draw the mean of each component where the feature makes it probable."""
    model = fit.fit.model_
    for k, probability in enumerate(_probabilities(fit, grid[:, None])):
        means = model.component_targets(fit.estimate, grid[:, None])[k]
        shown = np.where(probability > _SHOWN, means, np.nan)
        axes.plot(grid, shown, color=GROUPS[k % len(GROUPS)][0], lw=4.0, alpha=0.35, solid_capstyle="round")


def _draw_probabilities(axes: Axes, fit: MatchedFit, grid: Array, line: object, width: float) -> None:
    for k, probability in enumerate(_probabilities(fit, grid[:, None])):
        axes.plot(grid, probability, color=GROUPS[k % len(GROUPS)][0], ls=line, lw=width)


def lacks_choice(matched: MatchedFits) -> str:
    """Return what is missing: one feature that chooses components, or the data."""
    if not matched.is_conditional or not _able(matched):
        return "no fit has components that the features choose"
    if len(matched.columns) != 1:
        return "there is more than one feature"
    return "" if matched.data is not None and matched.data.y is not None else "the data are not stored with the fits"


def caption_choice(matched: MatchedFits) -> Caption:
    """Return where each of the anchor's components is the most probable one, and for how many rows one is sure."""
    feature, target = _data(matched)
    fit = _able(matched)[0]
    grid = np.linspace(feature.min(), feature.max(), _POINTS)
    best = _probabilities(fit, grid[:, None]).argmax(axis=0)
    ranges = [
        f"component {k} from {number(float(grid[best == k].min()))} to {number(float(grid[best == k].max()))}"
        for k in np.unique(best)
    ]
    sure = float((_probabilities(fit, feature[:, None]).max(axis=0) > 0.9).mean())
    text = (
        f"{counted(len(target), 'row')}. By the feature alone {listed(ranges)} is the most probable of {fit.label}; "
        f"{percent(sure)} of the rows have a component that is more probable than 90 %."
    )
    return Caption(text, "Targets over their feature with fitted means, and below the components' probabilities.")
