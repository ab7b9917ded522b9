"""The log evidence on one axis: bounds point to where it lies, estimates bracket it, approximations stay hollow."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pointmass.comparison import MatchedFit, MatchedFits
from pointmass.comparison.words import number
from pointmass.figures.recipe import Caption
from pointmass.figures.style import (
    GRID,
    INK,
    MUTED,
    PAPER,
    MethodStyle,
    method_styles,
    new_figure,
    safe_label,
    styled,
)
from pointmass.uncertainty.evidence import Evidence

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["EVIDENCE_WORDS", "caption_evidence", "lacks_evidence", "plot_evidence"]

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


@styled
def plot_evidence(matched: MatchedFits) -> Figure:
    """Draw every statement about the log evidence on one axis of nats.

    A bar with an arrow is a lower bound and points to where the evidence lies; a filled circle is an estimate, its
    line two Monte Carlo standard errors to either side; a hollow diamond is an approximation, a hollow circle an
    estimate that its own diagnostics do not accept. The dotted line is the estimate of least error.

    Parameters
    ----------
    matched : MatchedFits
        Fits of which one at least says something of the evidence.

    Returns
    -------
    matplotlib.figure.Figure
    """
    lines = _lines(matched)
    every = [line.evidence for line in lines]
    styles = method_styles(matched)
    figure = new_figure(7.2, 0.85 + 0.3 * len(lines))
    axes = figure.subplots()
    _draw_best(axes, every)
    span = float(np.ptp([one.value for one in every])) or 1.0
    for height, line in enumerate(reversed(lines)):
        _draw(axes, line.evidence, styles[line.fit.name], height, 0.045 * span)
    axes.set_yticks(range(len(lines)), [_words(line) for line in reversed(lines)])
    axes.spines["left"].set_visible(False)
    axes.tick_params(axis="y", length=0, pad=7, labelcolor=INK)
    _separate(axes, every)
    axes.set(xlabel="log evidence (nats), all labellings", ylim=(-0.7, len(lines) - 0.3))
    axes.margins(x=0.08)
    return figure


@dataclass(frozen=True)
class _Line:
    fit: MatchedFit
    evidence: Evidence


def _lines(matched: MatchedFits) -> list[_Line]:
    found = [_Line(matched[name], one) for name, each in matched.evidences.items() for one in each]
    kept = [line for line in found if np.isfinite(line.evidence.value)]
    return sorted(kept, key=lambda line: _ORDER.index(line.evidence.kind))


def _words(line: _Line) -> str:
    method = line.evidence.method
    return f"{safe_label(line.fit.label, 24)}, {EVIDENCE_WORDS.get(method, safe_label(method))}"


def _best(every: list[Evidence]) -> Evidence | None:
    """Return the accepted estimate of least error."""
    estimates = [one for one in every if one.kind == "estimate" and not one.warning]
    return min(estimates, key=lambda one: one.mc_error) if estimates else None


def _draw_best(axes: Axes, every: list[Evidence]) -> None:
    """Draw the estimate of least error as a band behind everything."""
    best = _best(every)
    if best is None:
        return
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


def caption_evidence(matched: MatchedFits) -> Caption:
    """Return what the evidence figure shows, in words and numbers."""
    lines = _lines(matched)
    bounds = [line for line in lines if line.evidence.kind == "bound"]
    text = "The log evidence of the model, all labellings meant. Arrows start at lower bounds"
    if bounds:
        top = max(bounds, key=lambda line: line.evidence.value)
        text += f", the highest {number(top.evidence.value, 6)} nats ({_words(top)})"
    best = _best([line.evidence for line in lines])
    if best is not None:
        word = "exact" if best.mc_error == 0 else f"with a Monte Carlo standard error of {number(best.mc_error, 2)}"
        text += f"; the dotted line is the best estimate, {number(best.value, 6)} nats, {word}"
    text += ". Hollow diamonds are approximations: neither bounds nor estimates."
    return Caption(text, f"One line for each of {len(lines)} statements about the log evidence, on one axis of nats.")


def lacks_evidence(matched: MatchedFits) -> str:
    """Return why there is nothing to draw."""
    return "" if _lines(matched) else "no fit says anything of the log evidence"
