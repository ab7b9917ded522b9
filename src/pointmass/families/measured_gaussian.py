"""Normal values that were measured with errors of known size: the hierarchical normal model of known variances."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from scipy.special import logsumexp

from pointmass.errors import PointmassError
from pointmass.families.blurred_normal import BlurredNormal
from pointmass.families.censored_gaussian import CensoredGaussian
from pointmass.families.conjugate import Parameters
from pointmass.families.coordinates import Coordinates
from pointmass.families.family import Belief
from pointmass.families.truncated import TruncatedNormal
from pointmass.numerics import Array

__all__ = ["MeasuredGaussian"]

_NODES = 400

# A variance below this share of the rows' own is at its limit of zero, where EM creeps and never arrives.
_LIMIT = 1e-3


@dataclass(frozen=True, eq=False, repr=False)
class MeasuredGaussian(CensoredGaussian):
    r"""Values of a normal population, each measured with a normal error of known standard deviation.

    .. math:: \theta_j \sim N(\mu, \sigma^2), \qquad y_j \mid \theta_j \sim N(\theta_j, s_j^2), \qquad
              y_j \sim N(\mu, \sigma^2 + s_j^2)

    Rows are (y, s): an estimate and its standard error, as in a meta-analysis. The values θ themselves are hidden. The
    maximum of the likelihood may lie at σ² = 0; then EM's variance creeps towards it, and the status is ``boundary``.

    Parameters
    ----------
    covariance : "full"
        One variance σ² for each component.
    prior : NormalInverseGamma, PointMass or None
        Of (μ, σ²), as `Gaussian` has it in one dimension. None: made of the measured values.

    Raises
    ------
    PointmassError
        If the prior is of another kind, or, in ``fit``, an error is negative.

    References
    ----------
    Rubin (1981), *Journal of Educational Statistics* 6; Gelman et al. (2013), *Bayesian Data Analysis*, section 5.4.

    Examples
    --------
    >>> from pointmass import EM, MeasuredGaussian
    >>> fit = EM(MeasuredGaussian(), tol=1e-10).fit([[1.0, 0.5], [5.0, 0.1], [9.0, 0.5]])
    >>> fit.estimate_["mean"].round(3)
    array([5.])
    """

    takes_missing: ClassVar[bool] = False
    between: ClassVar[type[TruncatedNormal | BlurredNormal]] = BlurredNormal

    def is_exact(self, rows: Array) -> Array:
        """Return which rows (n, 2) have no error."""
        return np.asarray(rows[:, 1] == 0.0)

    def limits(self, rows: Array, coordinates: Coordinates) -> tuple[Array, Array]:
        """Return the values and the variances of their errors, in working coordinates."""
        values = coordinates.transform(rows[:, :1])[0]
        return values, (rows[:, 1] / np.exp(coordinates.log_determinant)) ** 2

    def log_unit(self, coordinates: Coordinates) -> float:
        """Return zero: what was measured has a density like any value."""
        return 0.0

    def values_of(self, rows: Array) -> Array:
        """Return the measured values (n, 1)."""
        return rows[:, :1]

    def masked(self, drawn: Array, rows: Array) -> Array:
        """Return drawn values measured with the errors of ``rows``."""
        raise PointmassError(
            "MeasuredGaussian does not say with which errors new values would be measured; use bootstrap"
        )

    def sample(self, parameters: Parameters, labels: Array, rng: np.random.Generator) -> Array:
        """Return rows (n, 2) without errors."""
        return np.asarray(super().sample(parameters, labels, rng) * np.array([1.0, 0.0]))

    def check_rows(self, rows: Array) -> None:
        """Refuse other than two columns, and errors below zero."""
        if rows.shape[1] != 2:
            raise PointmassError(
                "MeasuredGaussian takes two columns, each row's value and the standard deviation of its error, got "
                f"{rows.shape[1]}"
            )
        wrong = np.flatnonzero(rows[:, 1] < 0)
        if wrong.size:
            raise PointmassError(
                f"MeasuredGaussian: errors must be at least 0, got {rows[wrong[0], 1]:g} at row {wrong[0]}"
            )

    def in_working(self, rows: Array, coordinates: Coordinates) -> Array:
        """Return the values and the standard deviations of their errors in working coordinates."""
        values, variances = self.limits(rows, coordinates.of([0]))
        return np.column_stack([values, np.sqrt(variances)])

    def at_limit(
        self, parameters: Parameters, rows: Array, coordinates: Coordinates, prior: Belief
    ) -> dict[str, Array]:
        """Return the variance where it is next to zero."""
        return {"covariance": np.asarray(parameters["covariance"]) < _LIMIT}

    def degenerate_components(self, parameters: Parameters) -> Array:
        """Return none: with errors of known size the likelihood is bounded."""
        return np.zeros(len(parameters["mean"]), dtype=bool)

    def log_predictive_mass(self, posterior: Any, lower: Array, upper: Array) -> Array:
        """Return the log density (K, n) of values with errors of these variances, averaged over the variance σ²."""
        found = []
        for mean, kappa, shape, scale in zip(
            *(np.ravel(getattr(posterior, name)) for name in ("mean", "kappa", "shape", "scale")), strict=True
        ):
            nodes, weights = _gamma_rule(shape)
            variance = scale / nodes[:, None] * (1.0 + 1.0 / kappa) + upper
            logs = -0.5 * (np.log(2.0 * np.pi * variance) + (lower - mean) ** 2 / variance)
            found.append(logsumexp(logs, axis=0, b=weights[:, None]))
        return np.array(found)


def _gamma_rule(shape: float) -> tuple[Array, Array]:
    """Return nodes of Gamma(shape, 1) and weights that sum to one: the trapezoidal rule in the logarithm."""
    root = 9.0 / np.sqrt(shape)
    logs = np.linspace(np.log(shape) - 40.0 / shape - root, np.log(shape + 40.0 + root * shape), _NODES)
    weights = np.exp(shape * (logs - np.log(shape)) - np.exp(logs) + shape)
    return np.exp(logs), weights / weights.sum()
