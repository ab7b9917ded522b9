"""Likelihood families and their conjugate priors: one file each, one line each in the registries below."""

from __future__ import annotations

from pointmass.families.dirichlet import Dirichlet
from pointmass.families.gamma_precision import GammaPrecision
from pointmass.families.gaussian import Gaussian
from pointmass.families.linear_regression import LinearRegression
from pointmass.families.normal import Normal
from pointmass.families.normal_coefficients import NormalCoefficients
from pointmass.families.normal_inverse_gamma import NormalInverseGamma
from pointmass.families.normal_inverse_gamma_coefficients import NormalInverseGammaCoefficients
from pointmass.families.normal_inverse_wishart import NormalInverseWishart
from pointmass.families.point_mass import PointMass
from pointmass.values import Value

__all__ = [
    "FAMILIES",
    "PRIORS",
    "Dirichlet",
    "GammaPrecision",
    "Gaussian",
    "LinearRegression",
    "Normal",
    "NormalCoefficients",
    "NormalInverseGamma",
    "NormalInverseGammaCoefficients",
    "NormalInverseWishart",
    "PointMass",
]

FAMILIES: dict[str, type[Value]] = {
    "gaussian": Gaussian,
    "linear_regression": LinearRegression,
}

PRIORS: dict[str, type[Value]] = {
    "dirichlet": Dirichlet,
    "gamma_precision": GammaPrecision,
    "normal": Normal,
    "normal_coefficients": NormalCoefficients,
    "normal_inverse_gamma": NormalInverseGamma,
    "normal_inverse_gamma_coefficients": NormalInverseGammaCoefficients,
    "normal_inverse_wishart": NormalInverseWishart,
    "point_mass": PointMass,
}
