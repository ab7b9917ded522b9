"""The log evidence on one axis: bounds point to where it lies, estimates bracket it, approximations stay hollow."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from pointmass.figures.style import (
    GRID,
    INK,
    METHOD_STYLES,
    MUTED,
    PAPER,
    MethodStyle,
    bare,
    new_figure,
    safe_label,
    styled,
)
from pointmass.uncertainty.evidence import Evidence

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["EVIDENCE_WORDS", "plot_evidence"]

EVIDENCE_WORDS = {
    "elbo": "ELBO",
    "symmetrised_elbo": "symmetrised ELBO",
    "bridge": "bridge sampling",
    "importance": "importance sampling",
    "enumeration": "all assignments",
    "elbo_times_labellings": "ELBO + log K!",
    "bic": "BIC",
}
"""What each statement is called where people read it."""

_ORDER = ("bound", "estimate", "approximation")
_STRANGER = MethodStyle(INK, "o", "solid")


@styled
def plot_evidence(evidences: Mapping[str, Sequence[Evidence]]) -> Figure:
    """Draw every statement about the log evidence on one axis of nats.

    Parameters
    ----------
    evidences : mapping of str to sequence of Evidence
        Statements by the fits' names, all labellings meant.

    Returns
    -------
    matplotlib.figure.Figure
        A filled triangle is a lower bound and points to where the evidence lies; a filled circle is an estimate, its
        bar two Monte Carlo standard errors to either side; a hollow diamond is an approximation. The band is the
        estimate of least error.
    """
    lines = _lines(evidences)
    figure = new_figure(6.6, 0.85 + 0.3 * len(lines))
    axes = figure.subplots()
    _draw_best(axes, [one for _, one in lines])
    span = np.ptp([one.value for _, one in lines]) or 1.0
    for height, (name, one) in enumerate(reversed(lines)):
        _draw(axes, one, _style(name), height, 0.045 * span)
    words = [EVIDENCE_WORDS.get(one.method, safe_label(one.method)) for _, one in lines]
    labels = [f"{safe_label(name, 24)}, {each}" for (name, _), each in zip(lines, words, strict=True)]
    bare(axes)
    axes.yaxis.set_visible(True)
    axes.set_yticks(range(len(lines)), labels[::-1])
    axes.tick_params(axis="y", length=0, pad=7, labelcolor=INK)
    _separate(axes, [one for _, one in lines])
    axes.set(xlabel="log evidence (nats), all labellings", ylim=(-0.7, len(lines) - 0.3))
    axes.margins(x=0.08)
    return figure


def _style(name: str) -> MethodStyle:
    """Return the look of the method that a fit is named after."""
    stem = name.split("_", maxsplit=1)[0].casefold()
    return next((style for method, style in METHOD_STYLES.items() if method.casefold() == stem), _STRANGER)


def _lines(evidences: Mapping[str, Sequence[Evidence]]) -> list[tuple[str, Evidence]]:
    pairs = [(name, one) for name, each in evidences.items() for one in each if np.isfinite(one.value)]
    return sorted(pairs, key=lambda pair: _ORDER.index(pair[1].kind))


def _draw_best(axes: Axes, every: list[Evidence]) -> None:
    """Draw the estimate of least error as a band behind everything."""
    estimates = [one for one in every if one.kind == "estimate" and not one.warning]
    if not estimates:
        return
    best = min(estimates, key=lambda one: one.mc_error)
    axes.axvspan(best.value - 2.0 * best.mc_error, best.value + 2.0 * best.mc_error, color=GRID, lw=0, zorder=0)
    axes.axvline(best.value, color=MUTED, lw=1.0, ls=":", zorder=1)


def _draw(axes: Axes, one: Evidence, style: MethodStyle, height: int, reach: float) -> None:
    if one.kind == "bound":
        end = {"arrowstyle": "->", "color": style.colour, "lw": 1.2, "shrinkA": 0, "shrinkB": 0}
        axes.annotate("", (one.value + reach, height), (one.value, height), arrowprops=end, zorder=2)
    if one.mc_error > 0:
        ends = [one.value - 2.0 * one.mc_error, one.value + 2.0 * one.mc_error]
        axes.plot(ends, [height, height], color=style.colour, lw=1.8, zorder=2)
    hollow = one.kind == "approximation" or bool(one.warning)
    marker = {"bound": "|", "estimate": "o", "approximation": "D"}[one.kind]
    size = 9.0 if one.kind == "bound" else 5.5
    face = PAPER if hollow else style.colour
    axes.plot([one.value], [height], marker=marker, ms=size, mew=1.5, color=style.colour, mfc=face, ls="none", zorder=3)


def _separate(axes: Axes, every: list[Evidence]) -> None:
    """Name the three kinds at the right end, with a line between them."""
    for kind, words in zip(_ORDER, ("lower bounds", "estimates", "approximations"), strict=True):
        places = [len(every) - 1 - place for place, one in enumerate(every) if one.kind == kind]
        if not places:
            continue
        middle = 0.5 * (max(places) + min(places))
        axes.text(1.02, middle, words, transform=axes.get_yaxis_transform(), color=MUTED, va="center", fontsize=8.0)
        if min(places) > 0:
            axes.axhline(min(places) - 0.5, color=GRID, lw=0.8, zorder=0)
