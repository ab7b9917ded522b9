"""The conjugate prior of a factor analysis whose columns have one noise variance: principal components."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pointmass.families.conjugate import Parameters
from pointmass.families.coordinates import Coordinates
from pointmass.families.factor_coefficients import FactorCoefficients
from pointmass.numerics import Array

__all__ = ["CommonNoiseCoefficients"]


@dataclass(frozen=True, eq=False, repr=False)
class CommonNoiseCoefficients(FactorCoefficients):
    r"""One variance for the noise of all columns: σ² ~ IG(a, b), (μ_j, w_j) | σ² normal for each column j.

    The coefficients have a leading axis of d columns, the variance has one of length one. Density and mode are in
    (coefficients, 1/σ²), as those of `FactorCoefficients`.
    """

    @property
    def n_scaled(self) -> int:
        """How many coefficients are measured in units of the noise variance: those of all columns."""
        return int(self.mean.shape[-1] * self.mean.shape[-2])

    @staticmethod
    def _of_one_variance(array: Array) -> Array:
        """Return what all columns tell together."""
        return np.asarray(array.sum(keepdims=True))

    def expected_natural_parameters(self) -> Parameters:
        """Return those of each column's regression: the precision is the same."""
        return _for_each_column(super().expected_natural_parameters())

    @classmethod
    def natural_parameters_at(cls, parameters: Parameters) -> Parameters:
        """Return those of each column's regression: the precision is the same."""
        return _for_each_column(super().natural_parameters_at(parameters))

    @classmethod
    def mapped_parameters(cls, parameters: Parameters, coordinates: Coordinates) -> Parameters:
        """Return coefficients (..., d, p) and the variance (..., 1) in the data's own units, of which all have one."""
        seen = super().mapped_parameters({**parameters, "noise_variance": np.ones(())}, coordinates)
        return {**seen, "noise_variance": parameters["noise_variance"] * coordinates.scale**2}


def _for_each_column(natural: Parameters) -> Parameters:
    """Return natural parameters with the precision repeated for every column."""
    columns = natural["coefficients"].shape[:-1]
    repeated = {name: np.broadcast_to(natural[name], columns) for name in ("precision", "log_precision")}
    return {**natural, **repeated}
