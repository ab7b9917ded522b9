"""The result of every uncertainty method, and what a method may ask of a fit."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

import numpy as np

from pointmass.errors import PointmassError
from pointmass.families.conjugate import Parameters
from pointmass.families.coordinates import Coordinates
from pointmass.inference.log_joint import LogJoint
from pointmass.inference.sweep import Sweep
from pointmass.models import Beliefs, Model
from pointmass.numerics import Array

__all__ = ["Fitted", "Method", "Uncertainty", "check_level", "refused", "unknown_quantile"]


class Fitted(Protocol):
    """The attributes of a fitted estimator that uncertainty methods read."""

    kind: str
    method_name: str
    model_: Model
    estimate_: Parameters
    belief_: Beliefs
    prior_: Beliefs
    status_: str
    coordinates_: Coordinates
    draws_: Parameters
    diagnostics_: Mapping[str, Any]

    @property
    def stored_uncertainty_(self) -> Mapping[str, Uncertainty]:
        """Return what was computed before the fit was stored."""

    @property
    def is_exact(self) -> bool:
        """Return whether a posterior is the exact one."""

    @property
    def hides_something(self) -> bool:
        """Return whether something beside the parameters is unknown: components, or missing cells."""

    @property
    def has_optimum(self) -> bool:
        """Return whether it is the fixed point of a smooth sweep whose data are at hand."""

    def other_optima(self) -> list[Beliefs]:
        """Return other proper optima of the restarts, in working coordinates."""

    def sweep_at_fit(self) -> tuple[Sweep, Beliefs]:
        """Return the sweep and the belief, in working coordinates, that it leaves as it is."""

    def log_joint(self) -> LogJoint:
        """Return the log joint density of the parameters and the data that were fitted."""


type Method = Callable[[Any, float, np.random.Generator], Uncertainty]


def refused(method: str, estimate: Parameters, level: float, reasons: list[str]) -> Uncertainty:
    """Return an uncertainty that a method could not give: NaN throughout, and why."""
    nothing = {name: np.full_like(array, np.nan) for name, array in estimate.items()}
    diagnostics = {"accepted": False, "reasons": reasons}
    return Uncertainty(method, nothing, level, unknown_quantile(nothing), None, diagnostics)


def unknown_quantile(like: Parameters) -> Callable[[Array | float], Parameters]:
    """Return the quantiles, NaN, of parameters shaped as ``like`` of which nothing is known."""

    def quantile(probability: Array | float) -> Parameters:
        return {name: np.full((*np.shape(probability), *array.shape), np.nan) for name, array in like.items()}

    return quantile


def check_level(level: float) -> float:
    """Return ``level``, or say that it is no probability."""
    if isinstance(level, bool) or not isinstance(level, int | float) or not 0.0 < level < 1.0:
        raise PointmassError(f"level must lie between 0 and 1, such as 0.95; got {level!r}")
    return float(level)


@dataclass(frozen=True, eq=False)
class Uncertainty:
    """Standard deviations and intervals of every parameter, by one named method.

    Parameters
    ----------
    method : str
        Name of the method that made it.
    sd : dict of str to ndarray
        Standard deviations, shaped as the estimates; infinite where they do not exist.
    level : float
        Probability of the intervals that ``interval()`` gives.
    quantile : callable
        Probability, a number or an array, to the marginal quantile of every parameter: arrays shaped as the
        estimates, the axes of the probability in front.
    draws : dict of str to ndarray, or None
        Draws with a leading axis.
    diagnostics : dict
        What the method says of itself.
    mean : dict of str to ndarray, or None
        Means of a method that corrects the estimates too.
    elapsed : float
        Seconds that the method took, those of the fit left out; NaN if nobody measured.
    """

    method: str
    sd: Parameters
    level: float
    quantile: Callable[[Array | float], Parameters] = field(repr=False)
    draws: Parameters | None = field(default=None, repr=False)
    diagnostics: Mapping[str, Any] = field(default_factory=dict)
    mean: Parameters | None = field(default=None, repr=False)
    elapsed: float = field(default=float("nan"), repr=False)

    def at(self, level: float) -> Uncertainty:
        """Return the same with another level of its intervals."""
        return replace(self, level=check_level(level))

    def interval(self, level: float | None = None) -> dict[str, tuple[np.ndarray, np.ndarray]]:
        """Return the equal-tailed interval of every parameter.

        Parameters
        ----------
        level : float, optional
            Probability inside; ``self.level`` if None.

        Returns
        -------
        dict of str to (lower, upper)
            Arrays shaped as the estimates.
        """
        tail = 0.5 * (1.0 - (self.level if level is None else check_level(level)))
        ends = self.quantile(np.array([tail, 1.0 - tail]))
        return {name: (ends[name][0], ends[name][1]) for name in self.sd}
