"""What a grid of data sets says of the methods, point by point: one number a quantity and a point of the grid."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from pointmass.comparison.repetitions import axes_of, reference_of

__all__ = ["PREDICTED", "QUANTITIES", "Quantity", "by_data_set", "by_point"]

_DATA_SET = ["data", "model", "repetition"]


@dataclass(frozen=True)
class Quantity:
    """One number of a data set, and how it is shown.

    Parameters
    ----------
    title : str
        What it is.
    measure : callable
        From tidy results and the columns that name a data set to a value for each.
    fine, trouble : float
        The values at which all is well and at which nothing is.
    logarithmic : bool
        Whether ratios of it count, not differences.
    average : bool
        Whether data sets are averaged; the median is taken otherwise.
    """

    title: str
    measure: Callable[[pd.DataFrame, list[str]], pd.Series]
    fine: float
    trouble: float
    logarithmic: bool = False
    average: bool = False

    def shade(self, value: float) -> float:
        """Return 0 where all is well, 1 where nothing is, between them otherwise.

        Examples
        --------
        >>> QUANTITIES["sd_ratio"].shade(1.0), QUANTITIES["sd_ratio"].shade(0.55)
        (0.0, 0.5)
        """
        ends = np.array([value, self.fine, self.trouble])
        at, fine, trouble = np.log(np.maximum(ends, 1e-12)) if self.logarithmic else ends
        return 0.0 + float(np.clip((at - fine) / (trouble - fine), 0.0, 1.0).round(9))  # never −0


def _of(results: pd.DataFrame, metric: str, uncertainty: str | None = None) -> pd.DataFrame:
    rows = results[results["metric"] == metric]
    return rows if uncertainty is None else rows[rows["uncertainty"] == uncertainty]


def _alone(metric: str, uncertainty: str | None = None) -> Callable[[pd.DataFrame, list[str]], pd.Series]:
    """Return the measure that is one number a data set."""

    def measure(results: pd.DataFrame, same: list[str]) -> pd.Series:
        rows = _of(results, metric, uncertainty)
        return rows[rows["parameter"] == ""].groupby(same, dropna=False)["value"].first()

    return measure


def _over_numbers(metric: str, uncertainty: str, how: str) -> Callable[[pd.DataFrame, list[str]], pd.Series]:
    """Return the measure that summarises all numbers of a data set."""

    def measure(results: pd.DataFrame, same: list[str]) -> pd.Series:
        return _of(results, metric, uncertainty).groupby(same, dropna=False)["value"].agg(how)

    return measure


def _saving(results: pd.DataFrame, same: list[str]) -> pd.Series:
    """Return how many times longer the reference took than the fit with its correction."""
    elapsed = results[(results["metric"] == "elapsed") & (results["parameter"] == "")]
    judge = elapsed[(elapsed["estimator"] == reference_of(results)) & (elapsed["uncertainty"] == "")]
    whole = _of(elapsed, "elapsed", "importance")
    return judge.groupby(same, dropna=False)["value"].first() / whole.groupby(same, dropna=False)["value"].first()


def _predicted(results: pd.DataFrame, same: list[str]) -> pd.Series:
    """Return √(1 − f), f the largest fraction of information that any number misses."""
    rows = _of(results, "missing_information", "linear_response")
    fraction = rows[rows["parameter"] != ""].groupby(same, dropna=False)["value"].max()
    return (1.0 - fraction).clip(lower=0.0) ** 0.5


PREDICTED = Quantity("predicted mean-field sd ÷ whole", _predicted, 1.0, 0.1)
"""What the missing information says, before any sampling, that mean field's worst sd is of what it should be."""

QUANTITIES: dict[str, Quantity] = {
    "missing_information": Quantity("missing information", _alone("missing_information", "linear_response"), 0.2, 1.0),
    "sd_ratio": Quantity("mean-field sd ÷ reference", _over_numbers("sd_ratio", "mean_field", "min"), 1.0, 0.1),
    "mean_field": Quantity(
        "mean-field coverage", _over_numbers("coverage", "mean_field", "mean"), 0.95, 0.4, average=True
    ),
    "information": Quantity("EM coverage", _over_numbers("coverage", "information", "mean"), 0.95, 0.4, average=True),
    "khat": Quantity("Pareto k̂ of the weights", _alone("khat", "importance"), 0.2, 1.0),
    "importance": Quantity(
        "corrected coverage", _over_numbers("coverage", "importance", "mean"), 0.95, 0.4, average=True
    ),
    "evidence_gap": Quantity("log evidence − ELBO (nats)", _alone("evidence_gap"), 0.7, 4.0),
    "saving": Quantity("reference’s time ÷ corrected", _saving, 100.0, 1.0, logarithmic=True),
}
"""Every quantity of the phase diagram by name, in the order of its panels."""


_EVERY = {**QUANTITIES, "predicted": PREDICTED}


def by_data_set(results: pd.DataFrame) -> pd.DataFrame:
    """Return one row for each data set: the axes of the grid, the repetition, every quantity, ``predicted``."""
    axes = axes_of(results)
    same = list(dict.fromkeys([*axes, *_DATA_SET]))
    columns = {name: quantity.measure(results, same) for name, quantity in _EVERY.items()}
    return pd.DataFrame(columns).reset_index(names=same)


def by_point(sets: pd.DataFrame, axes: list[str]) -> pd.DataFrame:
    """Return every quantity at each point of the axes: the mean or the median of its data sets."""
    grouped = sets.groupby(axes, dropna=False)
    columns = {name: grouped[name].agg("mean" if one.average else "median") for name, one in _EVERY.items()}
    return pd.DataFrame(columns)
