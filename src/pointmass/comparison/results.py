"""Metrics of a comparison as one table, and everything it knows in the tidy form of ``results.parquet``."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict

import pandas as pd

from pointmass.comparison.matched import MatchedFits
from pointmass.comparison.metrics import METRICS
from pointmass.comparison.table import estimates_table
from pointmass.errors import PointmassError

__all__ = ["TIDY_COLUMNS", "evaluate_metrics", "tidy_results"]

TIDY_COLUMNS = ("method", "uncertainty", "parameter", "component", "index", "metric", "value", "mc_error")


def evaluate_metrics(matched: MatchedFits, names: Iterable[str] | None = None) -> pd.DataFrame:
    """Return one row for each value of each metric.

    Parameters
    ----------
    matched : MatchedFits
        Fits in one order of components.
    names : iterable of str, optional
        Names in `METRICS`; all of them by default. A metric that does not apply has no rows.

    Returns
    -------
    DataFrame
        Columns `TIDY_COLUMNS`.

    Raises
    ------
    PointmassError
        A name is not registered.
    """
    wanted = list(METRICS if names is None else names)
    unknown = [name for name in wanted if name not in METRICS]
    if unknown:
        raise PointmassError(f"there is no metric {unknown[0]!r}; the metrics are {', '.join(METRICS)}")
    rows = [asdict(row) for name in wanted for row in METRICS[name](matched)]
    return _typed(pd.DataFrame(rows, columns=list(TIDY_COLUMNS)))


def tidy_results(matched: MatchedFits, names: Iterable[str] | None = None) -> pd.DataFrame:
    """Return estimates (``estimate, sd, lower, upper``) and metrics in one long table with `TIDY_COLUMNS`.

    Standard deviations and bounds that do not exist have no rows.
    """
    about = ["method", "uncertainty", "parameter", "component", "index"]
    values = ["estimate", "sd", "lower", "upper"]
    long = estimates_table(matched).melt(about, values, var_name="metric", value_name="value")
    long["mc_error"] = float("nan")
    frames = [long[long["value"].notna()], evaluate_metrics(matched, names)]
    return _typed(pd.concat([frame for frame in frames if len(frame)], ignore_index=True))


def _typed(table: pd.DataFrame) -> pd.DataFrame:
    return table.astype({"component": "Int64", "value": "float64", "mc_error": "float64"})[list(TIDY_COLUMNS)]
