"""The steps of a chain over time, with the state of each: what the fits see behind the data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pointmass.comparison import MatchedFit, MatchedFits
from pointmass.comparison.data import Sample, sample_of
from pointmass.comparison.words import counted, listed, number, percent
from pointmass.figures.panels import draw_legend
from pointmass.figures.projection import shown_columns
from pointmass.figures.recipe import Caption
from pointmass.figures.style import GROUPS, MUTED, method_styles, new_figure, safe_label, styled
from pointmass.numerics import Array

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["caption_states", "lacks_states", "plot_states"]

_MOST_ROWS = 20_000  # steps that are looked at
_MOST_STEPS = 400  # steps that are drawn; more cannot be told apart
_SURE = 0.9


@dataclass(frozen=True, eq=False)
class _Steps:
    """The first steps of the data, and what the fits say of their states.

    Parameters
    ----------
    values : ndarray, shape (n,)
        The one column that is drawn, or the target of a regression; NaN where a step was not observed.
    sample : Sample
        The rows.
    claims : dict of str to ndarray, shape (n, K)
        Probabilities of the states by fit, in the common order.
    """

    values: Array
    sample: Sample
    claims: dict[str, Array]

    def level(self, name: str) -> Array:
        """Return the expected level (n,) of each step: the means of the states' own steps, weighted by probability."""
        claims, seen = self.claims[name], np.isfinite(self.values)
        weight = claims[seen].sum(axis=0)
        means = claims[seen].T @ self.values[seen] / np.maximum(weight, 1e-300)
        return np.asarray(claims @ means)


@styled
def plot_states(matched: MatchedFits) -> Figure:
    """Draw the data over time, each step in the colour of its state, with the expected level of every fit.

    The state of a step is that of the anchor's most probable path (Viterbi); below stand the anchor's probabilities
    of the states given all steps. Only the first 400 steps are drawn, and of several columns the one on which the
    states lie farthest apart.

    Parameters
    ----------
    matched : MatchedFits
        Fits of a hidden Markov model with their data.

    Returns
    -------
    matplotlib.figure.Figure
    """
    steps, anchor = _steps(matched), _anchor(matched)
    figure = new_figure(7.2, 4.4)
    above, below = figure.subplots(2, 1, sharex=True, height_ratios=[3.0, 1.2])
    _draw_steps(above, steps, anchor.path(*steps.sample)[:_MOST_STEPS])
    _draw_levels(above, matched, steps)
    _draw_probabilities(below, steps.claims[anchor.name][:_MOST_STEPS])
    _mark_ends(above, below, steps.sample.lengths)
    above.set_ylabel(safe_label(_name(matched)))
    below.set_xlabel("step")
    draw_legend(figure, matched, list(steps.claims))
    return figure


def _anchor(matched: MatchedFits) -> MatchedFit:
    return matched.anchor if matched.anchor.assigns else _able(matched)[0]


def _able(matched: MatchedFits) -> list[MatchedFit]:
    return [fit for fit in matched.fits if fit.is_sequential and fit.assigns]


def _name(matched: MatchedFits) -> str:
    """Return what the drawn column is called."""
    return "target" if matched.is_conditional else matched.columns[shown_columns(matched, most=1)[0]]


def _steps(matched: MatchedFits) -> _Steps:
    assert matched.data is not None, lacks_states(matched)
    sample = sample_of(matched.data, _MOST_ROWS, in_order=True)
    column = None if matched.is_conditional else shown_columns(matched, most=1)[0]
    values = sample.target if column is None else sample.rows[:, column]
    claims = {fit.name: fit.responsibilities(*sample) for fit in _able(matched)}
    return _Steps(np.asarray(values, dtype=float), sample, claims)


def _draw_steps(axes: Axes, steps: _Steps, path: Array) -> None:
    values = steps.values[:_MOST_STEPS]
    time, size = np.arange(len(values)), 14 if len(values) <= 200 else 7
    axes.plot(time, values, color=MUTED, lw=0.5, alpha=0.5)
    for state in np.unique(path):
        colour, marker = GROUPS[int(state) % len(GROUPS)]
        own = path == state
        axes.scatter(time[own], values[own], s=size, color=colour, marker=marker, lw=0, zorder=3)


def _draw_levels(axes: Axes, matched: MatchedFits, steps: _Steps) -> None:
    styles = method_styles(matched)
    for name in steps.claims:
        level = steps.level(name)[:_MOST_STEPS]
        axes.plot(np.arange(len(level)), level, color=styles[name].colour, ls=styles[name].line, lw=1.1)


def _draw_probabilities(axes: Axes, claims: Array) -> None:
    edges = np.concatenate([np.zeros((len(claims), 1)), np.cumsum(claims, axis=1)], axis=1)
    time = np.arange(len(claims))
    for state in range(claims.shape[1]):
        colour = GROUPS[state % len(GROUPS)][0]
        axes.fill_between(time, edges[:, state], edges[:, state + 1], step="mid", color=colour, alpha=0.75, lw=0)
    axes.set(ylim=(0, 1), xlim=(-0.5, len(claims) - 0.5), ylabel="probability")


def _mark_ends(above: Axes, below: Axes, lengths: Array | None) -> None:
    """Draw a line between neighbouring sequences."""
    ends = np.cumsum([] if lengths is None else lengths)[:-1]
    for end in ends[ends < _MOST_STEPS]:
        above.axvline(end - 0.5, color=MUTED, lw=0.6, ls=":")
        below.axvline(end - 0.5, color=MUTED, lw=0.6, ls=":")


def lacks_states(matched: MatchedFits) -> str:
    """Return what is missing: a chain of several states, or the data."""
    if not _able(matched):
        return "no fit is a chain of several states"
    return "" if matched.data is not None else "the data are not stored with the fits"


def caption_states(matched: MatchedFits) -> Caption:
    """Return how the steps are divided among the states, and how far the fits agree about it."""
    steps, anchor = _steps(matched), _anchor(matched)
    path, claims = anchor.path(*steps.sample), steps.claims[anchor.name]
    shares = np.bincount(path, minlength=claims.shape[1]) / len(path)
    said = listed([f"{percent(float(share))} in state {state}" for state, share in enumerate(shares)])
    unsure = float(np.mean(claims.max(axis=1) < _SURE))
    drawn = f"; the first {_MOST_STEPS} are drawn" if len(path) > _MOST_STEPS else ""
    text = (
        f"{counted(len(path), 'step')}{drawn}. On the most probable path of {anchor.label} they are {said}; the state "
        f"of {percent(unsure)} of the steps is less than {percent(_SURE)} sure. Lines are the expected levels, the "
        f"bands below the probabilities of the states given all steps ({anchor.label}).{_gap(steps, matched, anchor)}"
    )
    return Caption(text, "The data over time coloured by state, with one level line a fit, above bands of probability.")


def _gap(steps: _Steps, matched: MatchedFits, anchor: MatchedFit) -> str:
    """Return which fit is farthest from the anchor in the probabilities of the states (mean total variation)."""
    gaps = {
        fit.label: 0.5 * float(np.abs(steps.claims[fit.name] - steps.claims[anchor.name]).sum(axis=1).mean())
        for fit in _able(matched)
        if fit is not anchor and steps.claims[fit.name].shape == steps.claims[anchor.name].shape
    }
    if not gaps:
        return ""
    worst = max(gaps, key=lambda label: gaps[label])
    return f" {worst} is farthest from it: a step's probabilities differ by {number(gaps[worst], 2)} on average."
