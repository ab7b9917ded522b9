"""The conjugate distribution of Student-t degrees of freedom, given the scales of rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

import numpy as np
from scipy.optimize import brentq
from scipy.special import digamma, gammaln

from pointmass.families.checks import at_least, component_copies
from pointmass.families.conjugate import ConjugatePrior, Parameters
from pointmass.families.log_grid import LogGrid
from pointmass.families.scale_statistics import ScaleStatistics
from pointmass.numerics import Array, summed

__all__ = ["LARGEST_DOF", "DegreesOfFreedom", "normaliser_excess", "normaliser_slope"]

_NAME = "DegreesOfFreedom"

LARGEST_DOF = 1e6
"""Beyond this a row's log density is the normal one to six digits: the mode of the degrees of freedom ends here."""

_SMALLEST_DOF = 1e-3
_LARGE = 1e3


@dataclass(frozen=True, eq=False, repr=False)
class DegreesOfFreedom(ConjugatePrior):
    r"""Distribution of the degrees of freedom ν of scales u ~ Gamma(ν/2, ν/2): a gamma prior, and its posteriors.

    .. math:: p(\nu) \propto \nu^{a - 1} e^{-b \nu} e^{m g(\nu)}, \qquad
              g(\nu) = \tfrac{\nu}{2} \log \tfrac{\nu}{2} - \log\Gamma(\tfrac{\nu}{2}) - \tfrac{\nu}{2}

    since m scales add their number to m and Σ ½ (u − 1 − log u) to b. Its constant and its moments are integrals of
    one smooth density and are taken by quadrature. Density and mode are in ν itself.

    Parameters
    ----------
    shape : float
        a, positive; 1 with rate 0 is flat (for points only).
    rate : float
        b, at least 0. The default prior, shape 2 and rate 0.1, is that of Juárez and Steel (2010).
    count : float
        m, at least 0: how many scales have been seen. A prior leaves it at 0.

    Raises
    ------
    PointmassError
        If a hyperparameter is out of range.

    References
    ----------
    Juárez and Steel (2010), *Journal of Business and Economic Statistics* 28; Liu and Rubin (1995), *Statistica
    Sinica* 5, for the mode.

    Examples
    --------
    >>> from pointmass import DegreesOfFreedom
    >>> DegreesOfFreedom(shape=2.0, rate=0.1).broadcast(1, 1).parameter_mean()["dof"].round(9)
    array([20.])
    """

    shape: Any = 2.0
    rate: Any = 0.1
    count: Any = 0.0

    constraints: ClassVar[dict[str, str]] = {"shape": "positive", "rate": "positive", "count": "positive"}
    parameter_constraints: ClassVar[dict[str, str]] = {"dof": "positive"}

    def __post_init__(self) -> None:
        """Refuse hyperparameters out of range."""
        object.__setattr__(self, "shape", at_least(_NAME, "shape", self.shape, 0.0))
        for name in ("rate", "count"):
            object.__setattr__(self, name, at_least(_NAME, name, getattr(self, name), 0.0, strict=False))

    def broadcast(self, n_components: int, n_columns: int) -> DegreesOfFreedom:
        """Return hyperparameters of shape (K,)."""
        size = (n_components,)
        copies = {name: component_copies(_NAME, name, getattr(self, name), size) for name in self.constraints}
        return DegreesOfFreedom.trusted(**copies)

    @property
    def is_proper(self) -> bool:
        """Whether shape and rate are positive."""
        return bool((self.shape > 0).all() and (self.rate > 0).all())

    def update(self, statistics: ScaleStatistics) -> DegreesOfFreedom:
        """Return the posterior given expected statistics of scales."""
        return DegreesOfFreedom.trusted(
            shape=self.shape, rate=self.rate + statistics.excess, count=self.count + statistics.count
        )

    # -- integrals ------------------------------------------------------------------------------------------

    @cached_property
    def grids(self) -> list[LogGrid]:
        """The distribution of each component's log ν."""
        return [LogGrid.of(_log_density_of_log(a, b, m), np.log((a + 0.5 * m) / b)) for a, b, m in self._each]

    @property
    def _each(self) -> Iterator[tuple[float, float, float]]:
        """The hyperparameters of each component."""
        return zip(self.shape.ravel(), self.rate.ravel(), self.count.ravel(), strict=True)

    def _expected(self, function: Callable[[Array], Array]) -> Array:
        return np.reshape([grid.mean(function) for grid in self.grids], self.shape.shape)

    @property
    def log_partition(self) -> Array:
        """Log normaliser, shape (K,)."""
        return np.reshape([grid.log_total for grid in self.grids], self.shape.shape)

    def expected_natural_parameters(self) -> Parameters:
        """Return E[ν] and E[g(ν)] − g(E[ν])."""
        mean = self._expected(_itself)
        return {"dof": mean, "excess": self._expected(normaliser_excess) - normaliser_excess(mean)}

    @classmethod
    def natural_parameters_at(cls, parameters: Parameters) -> Parameters:
        """Return ν, at most `LARGEST_DOF`, and nothing in excess of g(ν), for degrees of freedom that are known."""
        dof = np.minimum(parameters["dof"], LARGEST_DOF)
        return {"dof": dof, "excess": np.zeros(dof.shape)}

    def log_density(self, parameters: Parameters) -> Array:
        """Return the log density of ν; without its constant where it is improper."""
        dof = np.asarray(parameters["dof"])
        terms = (self.shape - 1.0) * np.log(dof) - self.rate * dof + self.count * normaliser_excess(dof)
        return summed(terms - self.log_partition if self.is_proper else terms, self.shape.ndim)

    def divergence(self, prior: DegreesOfFreedom) -> float:
        """Return KL(self || prior), summed over components (nats)."""
        logs = (self.shape - prior.shape) * self._expected(np.log)
        linear = (self.rate - prior.rate) * self._expected(_itself)
        scales = (self.count - prior.count) * self._expected(normaliser_excess)
        return float((logs - linear + scales + prior.log_partition - self.log_partition).sum())

    # -- moments --------------------------------------------------------------------------------------------

    def parameter_mode(self, floor: float = 0.0) -> Parameters:
        """Return the mode, at most `LARGEST_DOF`; NaN where nothing tells."""
        return {"dof": np.reshape([_mode(a, b, m) for a, b, m in self._each], self.shape.shape)}

    def parameter_mean(self) -> Parameters:
        """Return the mean."""
        return {"dof": self._expected(_itself)}

    def parameter_sd(self) -> Parameters:
        """Return the standard deviation."""
        mean = self._expected(_itself)
        return {"dof": np.sqrt(self._expected(np.square) - mean**2)}

    def parameter_quantile(self, probability: Array | float) -> Parameters:
        """Return the quantile."""
        each = np.stack([grid.quantile(probability) for grid in self.grids], axis=-1)
        return {"dof": each.reshape(*np.shape(probability), *self.shape.shape)}

    def parameter_draws(self, size: int, rng: np.random.Generator) -> Parameters:
        """Return draws with a leading axis."""
        draws = np.stack([grid.draws(size, rng) for grid in self.grids], axis=1)
        return {"dof": draws.reshape(size, *self.shape.shape)}


def normaliser_excess(dof: Array) -> Array:
    """Return g(ν), the log normaliser of Gamma(ν/2, ν/2) at u = 1, where the density is largest but for 1/u."""
    half = 0.5 * np.asarray(dof, dtype=float)
    large = np.maximum(half, _LARGE)
    inverse = 1.0 / large
    stirling = 0.5 * np.log(large / (2.0 * np.pi)) - inverse / 12.0 + inverse**3 / 360.0
    exact = half * np.log(half) - gammaln(half) - half
    return np.where(half > _LARGE, stirling, exact)


def normaliser_slope(dof: Array) -> Array:
    """Return g'(ν) = ½ (log ν/2 − ψ(ν/2)), which is E[½ (u − 1 − log u)]."""
    half = 0.5 * np.asarray(dof, dtype=float)
    large = np.maximum(half, _LARGE)
    series = 0.25 / large + 1.0 / (24.0 * large**2)
    return np.where(half > _LARGE, series, 0.5 * (np.log(half) - digamma(half)))


def _itself(dof: Array) -> Array:
    return dof


def _log_density_of_log(shape: float, rate: float, count: float) -> Callable[[Array], Array]:
    """Return the log density of log ν as a function of log ν, but for its constant."""

    def log_density(log_dof: Array) -> Array:
        dof = np.exp(log_dof)
        return np.asarray(shape * log_dof - rate * dof + count * normaliser_excess(dof))

    return log_density


def _mode(shape: float, rate: float, count: float) -> float:
    """Return the root of (a − 1) / ν + m g'(ν) − b, which falls with ν."""
    if shape == 1.0 and count == 0.0:
        return 0.0 if rate > 0 else np.nan

    def slope(log_dof: float) -> float:
        dof = float(np.exp(log_dof))
        return (shape - 1.0) + dof * (count * float(normaliser_slope(np.asarray(dof))) - rate)

    low, high = np.log(_SMALLEST_DOF), np.log(LARGEST_DOF)
    if slope(high) >= 0:
        return LARGEST_DOF
    return float(np.exp(brentq(slope, low, high, xtol=1e-15, rtol=1e-15))) if slope(low) > 0 else _SMALLEST_DOF
