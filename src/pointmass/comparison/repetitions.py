"""What repetitions say of a method: the share of intervals that hold the truth, and its difference to a reference.

Pure functions of the tidy results of a whole run; errors are those of the repetitions, which are independent data.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

__all__ = [
    "ABOUT_NUMBER",
    "METHOD",
    "coverage_differences",
    "coverage_shares",
    "distinct_numbers",
    "numeric_axes",
    "reference_of",
]

METHOD = ["estimator", "uncertainty"]
"""Columns that name a method."""

ABOUT_NUMBER = ["parameter", "component", "index"]
"""Columns that name a number."""

_SAMPLED = "draws"


def axes_of(results: pd.DataFrame) -> list[str]:
    """Return the columns of the axes of the grid."""
    columns = list(results.columns)
    return columns[columns.index("repetition") + 1 : columns.index("status")]


def numeric_axes(results: pd.DataFrame) -> list[str]:
    """Return the axes of the grid that have at least two values, all of them numbers."""
    axes = [axis for axis in axes_of(results) if pd.api.types.is_numeric_dtype(results[axis])]
    return [axis for axis in axes if results[axis].nunique() > 1]


def reference_of(results: pd.DataFrame) -> str | None:
    """Return the estimator that the others are held against: the sampler that has no ratio to another one."""
    sampled = list(dict.fromkeys(results.loc[results["uncertainty"] == _SAMPLED, "estimator"]))
    compared = set(results.loc[results["metric"] == "sd_ratio", "estimator"])
    return next((name for name in sampled if name not in compared), sampled[0] if sampled else None)


def distinct_numbers(results: pd.DataFrame) -> pd.DataFrame:
    """Return the rows without the last of two weights, which says what the first says."""
    weights = results["parameter"] == "weights"
    last = results.loc[weights, "component"].max() if weights.any() else None
    return results[~(weights & (results["component"] == last))] if last == 1 else results


def coverage_shares(results: pd.DataFrame, axes: list[str]) -> pd.DataFrame:
    """Return the share of data sets whose interval holds the true value, with its binomial standard error.

    Parameters
    ----------
    results : DataFrame
        Tidy results of a run.
    axes : list of str
        Columns to tell apart beside the method and the number.

    Returns
    -------
    DataFrame
        Columns of the method, the number and the axes, then ``share``, ``error`` and ``count``. The error is that of
        Agresti and Coull (1998), (s + 2) of (n + 4), so that a share of 1 has one too.
    """
    rows = results[results["metric"] == "coverage"]
    grouped = rows.groupby([*METHOD, *ABOUT_NUMBER, *axes], dropna=False, sort=False)["value"]
    table = grouped.agg(share="mean", hits="sum", count="size").reset_index()
    shrunk = (table["hits"] + 2.0) / (table["count"] + 4.0)
    table["error"] = np.sqrt(shrunk * (1.0 - shrunk) / (table["count"] + 4.0))
    return table.drop(columns="hits")


def coverage_differences(results: pd.DataFrame, axes: list[str], reference: str) -> pd.DataFrame:
    """Return each method's coverage minus the reference's on the same data sets, with its standard error.

    Returns
    -------
    DataFrame
        Columns of the method, the number and the axes, then ``difference``, ``error`` (the standard deviation of the
        paired differences over the root of their number) and ``count``.
    """
    rows = results[results["metric"] == "coverage"]
    same = [*ABOUT_NUMBER, *axes_of(results), "data", "model", "repetition"]
    judge = rows[(rows["estimator"] == reference) & (rows["uncertainty"] == _SAMPLED)]
    others = rows[rows["estimator"] != reference]
    paired = others.merge(judge[[*same, "value"]], on=list(dict.fromkeys(same)), suffixes=("", "_reference"))
    paired["difference"] = paired["value"] - paired["value_reference"]
    grouped = paired.groupby([*METHOD, *ABOUT_NUMBER, *axes], dropna=False, sort=False)["difference"]
    table = grouped.agg(difference="mean", spread="std", count="size").reset_index()
    table["error"] = table["spread"] / np.sqrt(table["count"])
    return table.drop(columns="spread")
