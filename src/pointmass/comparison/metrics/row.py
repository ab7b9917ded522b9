"""One number that a metric says of one fit."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["MetricRow"]

_NAN = float("nan")


@dataclass(frozen=True)
class MetricRow:
    """A value with its Monte Carlo error, and what it is about.

    Parameters
    ----------
    method : str
        The fit's name in the comparison.
    metric : str
        Name of the metric.
    value : float
        What was measured.
    mc_error : float
        Its Monte Carlo standard error; NaN where the value is not an estimate from draws.
    uncertainty, parameter : str
        The kind of uncertainty and the parameter that the value is about, or empty.
    component : int or None
        The component, if any.
    index : str
        The index within the component.
    """

    method: str
    metric: str
    value: float
    mc_error: float = _NAN
    uncertainty: str = ""
    parameter: str = ""
    component: int | None = None
    index: str = ""
