"""How narrow a mean field is, from what its own fit can say: its missing information, and its importance weights."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from pointmass.comparison.spread import Spread
from pointmass.numerics import Array

__all__ = [
    "SAFE_RATIO",
    "Narrowness",
    "at",
    "measured_narrowness",
    "narrowness",
    "predicted_narrowness",
    "weights_refuse",
]

SAFE_RATIO = 0.9
"""Mean field is called safe where every ratio of its sd to the corrected one is at least this."""


@dataclass(frozen=True)
class Narrowness:
    """The smallest ratio of mean field's standard deviation to what it should be.

    Parameters
    ----------
    ratio : float
        The ratio; NaN if nothing tells.
    parameter : str
        Name of the parameter whose ratio it is.
    position : tuple of int
        Its place in the parameter's array.
    measured : bool
        Whether importance weights measured it; the missing information predicted it otherwise.
    """

    ratio: float
    parameter: str = ""
    position: tuple[int, ...] = ()
    measured: bool = False

    @property
    def is_safe(self) -> bool:
        """Whether mean field's intervals may pass."""
        return self.ratio >= SAFE_RATIO


_UNKNOWN = Narrowness(float("nan"))


def narrowness(spreads: Sequence[Spread]) -> Narrowness:
    """Return the predicted ratio, or the measured one where accepted importance weights contradict it from below.

    The missing information at an optimum knows nothing of the rest of the posterior, such as the one beside an optimum
    that has emptied a component; importance weights do. They contradict a prediction where theirs is smaller by more
    than two of its Monte Carlo errors.
    """
    by_method = {spread.method: spread for spread in spreads}
    response = by_method.get("linear_response") or by_method.get("importance")
    predicted = _UNKNOWN if response is None else predicted_narrowness(response)
    narrow, wide = by_method.get("mean_field"), by_method.get("importance")
    if narrow is None or wide is None or not wide.diagnostics.get("accepted"):
        return predicted
    measured = measured_narrowness(narrow, wide)
    slack = 1.0 + 2.0 / np.sqrt(2.0 * float(wide.diagnostics["ess"]))  # an sd of S draws is known to 1 / √(2 S)
    return predicted if measured.ratio * slack >= predicted.ratio else measured


def weights_refuse(spreads: Sequence[Spread]) -> bool:
    """Return whether importance weights were asked and cannot vouch for what lies away from the optimum."""
    return any(spread.method == "importance" and not spread.diagnostics.get("accepted") for spread in spreads)


def predicted_narrowness(spread: Spread) -> Narrowness:
    """Return what the missing information predicts: √(1 − f), f the fraction that is missing of a number's."""
    fractions: Mapping[str, Array] = spread.diagnostics.get("missing_information") or {}
    ratios = {name: np.sqrt(np.maximum(1.0 - np.asarray(array), 0.0)) for name, array in fractions.items()}
    return _smallest(ratios, measured=False)


def measured_narrowness(narrow: Spread, wide: Spread) -> Narrowness:
    """Return the smallest ratio of two methods' standard deviations."""
    ratios = {
        name: np.divide(array, wide.sd[name], out=np.full(np.shape(array), np.nan), where=wide.sd[name] > 0)
        for name, array in narrow.sd.items()
    }
    return _smallest(ratios, measured=True)


def _smallest(ratios: Mapping[str, Array], *, measured: bool) -> Narrowness:
    found = [
        Narrowness(float(array[place]), name, place, measured)
        for name, array in ratios.items()
        for place in np.ndindex(np.shape(array))
        if np.isfinite(array[place])
    ]
    return min(found, key=lambda one: one.ratio) if found else _UNKNOWN


def at(arrays: Mapping[str, Array], parameter: str, position: tuple[int, ...]) -> float:
    """Return one number of ``arrays``; NaN where there is no such place."""
    array = arrays.get(parameter)
    if array is None or array.ndim != len(position):
        return float("nan")
    return float(array[position])
