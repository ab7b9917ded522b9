"""Coverage along an axis of a grid, every method, and its difference to the reference on the same data sets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from pointmass.comparison.labels import Element, element_label
from pointmass.comparison.repetitions import (
    ABOUT_NUMBER,
    METHOD,
    coverage_differences,
    coverage_shares,
    distinct_numbers,
    numeric_axes,
    reference_of,
)
from pointmass.comparison.words import counted, number
from pointmass.figures.recipe import Caption
from pointmass.figures.style import INK, METHOD_STYLES, MUTED, MethodStyle, new_figure, safe_label, styled

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["UNCERTAINTY_STYLES", "caption_coverage", "lacks_coverage", "plot_coverage"]

_LEVEL = 0.95
_MOST = 6
_AGREEMENT = 0.02

UNCERTAINTY_STYLES: dict[str, MethodStyle] = {
    "draws": METHOD_STYLES["Gibbs"],
    "information": METHOD_STYLES["EM"],
    "sandwich": METHOD_STYLES["MLE"],
    "bootstrap": METHOD_STYLES["MAP"],
    "mean_field": METHOD_STYLES["VB"],
    "linear_response": METHOD_STYLES["Enumeration"],
    "importance": MethodStyle(INK, "D", "solid"),
}
"""The look of every kind of uncertainty where several of one estimator stand side by side."""

_WORDS = {"draws": "", "mean_field": "mean field", "linear_response": "linear response"}


def lacks_coverage(results: pd.DataFrame) -> str:
    """Return what is missing for the figure."""
    if not len(results) or results["repetition"].nunique() < 2:
        return "a study of at least two repetitions"
    if not numeric_axes(results):
        return "an axis of numbers in the grid"
    return "" if (results["metric"] == "coverage").any() else "intervals of numbers whose true values are known"


@styled
def plot_coverage(results: pd.DataFrame) -> Figure:
    """Draw the coverage of every method along the first numeric axis, and below it the paired differences.

    Points are shares of data sets with their standard errors; below, each method's share minus the reference's on the
    same data sets, the band at ± 0.02. Components are ordered by themselves, never by the truth.

    Parameters
    ----------
    results : DataFrame
        Tidy results of a run.

    Returns
    -------
    matplotlib.figure.Figure
    """
    axis, reference = numeric_axes(results)[0], reference_of(results)
    shares = coverage_shares(distinct_numbers(results), [axis])
    numbers, places = _numbers(shares), sorted(set(shares[axis]))
    figure = new_figure(7.2, 4.6 if reference else 2.7)
    grid = figure.subplots(2 if reference else 1, len(numbers), sharex=True, sharey="row", squeeze=False)
    for panel, about in zip(grid[0], numbers, strict=True):
        _draw(panel, shares[_is(shares, about)], axis, "share")
        panel.axhline(_LEVEL, color=MUTED, lw=0.8, ls=":", zorder=1)
        panel.set_title(safe_label(_name(about), 24))
    grid[0, 0].set(ylabel="coverage", ylim=(min(0.6, shares["share"].min() - 0.05), 1.01))
    if reference:
        differences = coverage_differences(distinct_numbers(results), [axis], reference)
        for panel, about in zip(grid[1], numbers, strict=True):
            panel.axhspan(-_AGREEMENT, _AGREEMENT, color=MUTED, alpha=0.18, lw=0, zorder=0)
            panel.axhline(0.0, color=MUTED, lw=0.8, ls=":", zorder=1)
            shown = _is(differences, about) & (differences["uncertainty"] != "mean_field")
            _draw(panel, differences[shown], axis, "difference")
        grid[1, 0].set_ylabel(f"minus {safe_label(reference, 16)}’s")
    for panel in grid[-1]:
        panel.set_xlabel(safe_label(axis.rpartition(".")[2], 24))
        panel.set_xticks(range(len(places)), [f"{value:g}" for value in places], fontsize=7)
    _draw_legend(figure, shares)
    return figure


def _numbers(table: pd.DataFrame) -> list[tuple[Any, ...]]:
    return list(table[ABOUT_NUMBER].drop_duplicates().itertuples(index=False, name=None))[:_MOST]


def _is(table: pd.DataFrame, about: tuple[Any, ...]) -> pd.Series:
    parameter, component, index = about
    of_component = table["component"].isna() if pd.isna(component) else table["component"] == component
    return pd.Series((table["parameter"] == parameter) & (table["index"] == index) & of_component)


def _name(about: tuple[Any, ...]) -> str:
    parameter, component, index = about
    place = tuple(int(part) for part in str(index).split(",") if part)
    alone = set(place) == {0}
    return element_label(Element(str(parameter), None if pd.isna(component) else int(component), place), (), int(alone))


def _draw(panel: Axes, table: pd.DataFrame, axis: str, value: str) -> None:
    methods = _methods(table)
    places = sorted(set(table[axis]))
    for place, (estimator, uncertainty) in enumerate(methods):
        own = table[(table["estimator"] == estimator) & (table["uncertainty"] == uncertainty)].sort_values(axis)
        style = UNCERTAINTY_STYLES.get(uncertainty, METHOD_STYLES["NUTS"])
        moved = own[axis].map(places.index) + 0.09 * (place - 0.5 * (len(methods) - 1))
        look = {"ls": style.line, "lw": 1.1, "ms": 3.2, "elinewidth": 0.8, **style.marking()}
        panel.errorbar(moved, own[value], own["error"], **look)
    panel.grid(axis="y")


def _methods(table: pd.DataFrame) -> list[tuple[str, str]]:
    """Return the methods, estimators in their order, each with the least of corrections first."""
    order = list(UNCERTAINTY_STYLES)
    found = list(table[METHOD].drop_duplicates().itertuples(index=False, name=None))
    estimators = list(dict.fromkeys(estimator for estimator, _ in found))
    return sorted(found, key=lambda key: (estimators.index(key[0]), order.index(key[1]) if key[1] in order else 99))


def _label(estimator: str, uncertainty: str) -> str:
    words = _WORDS.get(uncertainty, uncertainty)
    return safe_label(f"{estimator}, {words}" if words else estimator)


def _draw_legend(figure: Figure, table: pd.DataFrame) -> None:
    from matplotlib.lines import Line2D

    handles = []
    for estimator, uncertainty in _methods(table):
        style = UNCERTAINTY_STYLES.get(uncertainty, METHOD_STYLES["NUTS"])
        label = _label(estimator, uncertainty)
        handles.append(Line2D([], [], ls=style.line, ms=4.0, label=label, **style.marking()))
    figure.legend(handles=handles, loc="outside upper left", ncols=3, handlelength=3.0)


def caption_coverage(results: pd.DataFrame) -> Caption:
    """Return the words for the figure."""
    axis = numeric_axes(results)[0]
    shares = coverage_shares(distinct_numbers(results), [axis])
    hard = shares[shares[axis] == shares[axis].min()]
    where = f"{axis.rpartition('.')[2]} {shares[axis].min():g}"
    count = int(shares["count"].max())
    text = (
        f"Share of {counted(count, 'data set')} a point whose nominal {_LEVEL:.0%} interval holds the true value, with "
        f"standard errors. At {where}, averaged over the numbers: {_listed(hard)}. "
    )
    reference = reference_of(results)
    if reference:
        text += f"Below: the same minus {reference}’s on the same data sets; the band is ± {_AGREEMENT:g}."
    return Caption(text, f"Lines of coverage against {axis.rpartition('.')[2]}, one panel a number, one line a method.")


def _listed(table: pd.DataFrame) -> str:
    means = table.groupby(METHOD, sort=False)["share"].mean()
    return "; ".join(f"{_label(*key)} {number(float(means[key]), 2)}" for key in _methods(table))
