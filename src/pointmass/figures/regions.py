"""Classes over two features: what each fit predicts where, and how sure it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pointmass.comparison import MatchedFit, MatchedFits
from pointmass.comparison.words import counted, listed, percent
from pointmass.figures.recipe import Caption
from pointmass.figures.style import GROUPS, INK, MUTED, new_figure, safe_label, styled
from pointmass.numerics import Array

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["caption_regions", "lacks_regions", "plot_regions"]

_ACROSS = 120
_MARGIN = 0.15


@styled
def plot_regions(matched: MatchedFits) -> Figure:
    """Draw the most probable class over two features, the paler the less sure, with the rows; one panel a fit.

    Parameters
    ----------
    matched : MatchedFits
        Fits that give probabilities of classes, with their data.

    Returns
    -------
    matplotlib.figure.Figure
    """
    features, target = _data(matched)
    fits = _able(matched)
    across = min(len(fits), 3)
    down = -(-len(fits) // across)
    figure = new_figure(7.2, 0.3 + 2.6 * down)
    panels = figure.subplots(down, across, squeeze=False, sharex=True, sharey=True)
    for axes in panels.ravel()[len(fits) :]:
        axes.set_axis_off()
    for axes, fit in zip(panels.ravel(), fits, strict=False):
        _draw_classes(axes, fit, features)
        _draw_rows(axes, features, target)
        axes.set_title(safe_label(fit.label), fontsize=8.5)
        axes.set_xlabel(safe_label(matched.columns[0]))
    panels[0, 0].set_ylabel(safe_label(matched.columns[1]))
    return figure


def _probabilities(fit: MatchedFit, features: Array) -> Array | None:
    classes = getattr(fit.fit.model_, "class_probabilities", None)
    found: Array | None = None if classes is None else classes(fit.estimate, features)
    return found


def _able(matched: MatchedFits) -> list[MatchedFit]:
    nothing = np.zeros((1, len(matched.columns)))
    return [fit for fit in matched.fits if fit.is_conditional and _probabilities(fit, nothing) is not None]


def _data(matched: MatchedFits) -> tuple[Array, Array]:
    assert matched.data is not None and matched.data.y is not None, lacks_regions(matched)
    return np.asarray(matched.data.X, dtype=float), np.asarray(matched.data.y, dtype=int)


def _draw_classes(axes: Axes, fit: MatchedFit, features: Array) -> None:
    """Draw the most probable class of each point of a grid in its colour, on white by how sure it is."""
    from matplotlib.colors import to_rgb

    low, high = features.min(axis=0), features.max(axis=0)
    reach = _MARGIN * (high - low)
    sides = [np.linspace(low[j] - reach[j], high[j] + reach[j], _ACROSS) for j in (0, 1)]
    grid = np.stack(np.meshgrid(*sides), axis=-1).reshape(-1, 2)
    probabilities = _probabilities(fit, grid)
    assert probabilities is not None
    k = probabilities.shape[1]
    colours = np.array([to_rgb(GROUPS[c % len(GROUPS)][0]) for c in range(k)])[probabilities.argmax(axis=1)]
    sure = ((probabilities.max(axis=1) - 1.0 / k) / (1.0 - 1.0 / k))[:, None]
    image = (1.0 - 0.55 * sure * (1.0 - colours)).reshape(_ACROSS, _ACROSS, 3)
    extent = (sides[0][0], sides[0][-1], sides[1][0], sides[1][-1])
    axes.imshow(image, origin="lower", extent=extent, aspect="auto", interpolation="nearest")


def _draw_rows(axes: Axes, features: Array, target: Array) -> None:
    for c in np.unique(target):
        colour, marker = GROUPS[c % len(GROUPS)]
        own = np.unique(features[target == c], axis=0)
        axes.scatter(own[:, 0], own[:, 1], s=16.0, color=colour, marker=marker, edgecolor=INK, lw=0.4, label=str(c))
    axes.tick_params(colors=MUTED)


def lacks_regions(matched: MatchedFits) -> str:
    """Return what is missing: classes of two features, or the data."""
    if not matched.is_conditional or not _able(matched):
        return "no fit gives probabilities of classes"
    if len(matched.columns) != 2:
        return "there are not two features"
    return "" if matched.data is not None and matched.data.y is not None else "the data are not stored with the fits"


def caption_regions(matched: MatchedFits) -> Caption:
    """Return how many rows each fit gets right, and how sure it is of them."""
    features, target = _data(matched)
    said = []
    for fit in _able(matched):
        probabilities = _probabilities(fit, features)
        assert probabilities is not None
        right = float((probabilities.argmax(axis=1) == target).mean())
        mean = float(probabilities[np.arange(len(target)), target].mean())
        said.append(
            f"{fit.label} has {percent(right)} of them right and gives the true class {percent(mean)} on average"
        )
    text = f"{counted(len(target), 'row')}: {listed(said)}. Paler means less sure."
    return Caption(text, "Panels, one a fit, with the most probable class over two features as coloured regions.")
