"""Likelihood families and their conjugate priors: one file each, one line each in the registries below."""

from __future__ import annotations

from pointmass.families.bernoulli import Bernoulli
from pointmass.families.beta import Beta
from pointmass.families.categorical import Categorical
from pointmass.families.censored_exponential import CensoredExponential
from pointmass.families.censored_gaussian import CensoredGaussian
from pointmass.families.common_noise_coefficients import CommonNoiseCoefficients
from pointmass.families.degrees_of_freedom import DegreesOfFreedom
from pointmass.families.dirichlet import Dirichlet
from pointmass.families.dirichlet_probabilities import DirichletProbabilities
from pointmass.families.exponential import Exponential
from pointmass.families.factor_analysis import FactorAnalysis
from pointmass.families.factor_coefficients import FactorCoefficients
from pointmass.families.gamma import Gamma
from pointmass.families.gamma_precision import GammaPrecision
from pointmass.families.gaussian import Gaussian
from pointmass.families.generalised_dirichlet import GeneralisedDirichlet
from pointmass.families.geometric import Geometric
from pointmass.families.incomplete_gaussian import IncompleteGaussian
from pointmass.families.inverse_gamma import InverseGamma
from pointmass.families.linear_regression import LinearRegression
from pointmass.families.logistic_regression import LogisticRegression
from pointmass.families.measured_gaussian import MeasuredGaussian
from pointmass.families.multinomial import Multinomial
from pointmass.families.normal import Normal
from pointmass.families.normal_coefficients import NormalCoefficients
from pointmass.families.normal_inverse_gamma import NormalInverseGamma
from pointmass.families.normal_inverse_gamma_coefficients import NormalInverseGammaCoefficients
from pointmass.families.normal_inverse_wishart import NormalInverseWishart
from pointmass.families.normal_logits import NormalLogits
from pointmass.families.normal_times_gamma import NormalTimesGamma
from pointmass.families.point_mass import PointMass
from pointmass.families.poisson import Poisson
from pointmass.families.probit_regression import ProbitRegression
from pointmass.families.product import Product
from pointmass.families.product_prior import ProductPrior
from pointmass.families.relevant_coefficients import RelevantCoefficients, RelevantCommonNoiseCoefficients
from pointmass.families.stick_breaking import StickBreaking
from pointmass.families.structured_multinomial import StructuredMultinomial
from pointmass.families.student_regression import StudentRegression
from pointmass.families.student_t import StudentT
from pointmass.families.target_level import NormalEffects, TargetLevel
from pointmass.families.unit_logits import UnitLogits
from pointmass.values import Value

__all__ = [
    "FAMILIES",
    "POSTERIORS",
    "PRIORS",
    "Bernoulli",
    "Beta",
    "Categorical",
    "CensoredExponential",
    "CensoredGaussian",
    "DegreesOfFreedom",
    "Dirichlet",
    "DirichletProbabilities",
    "Exponential",
    "FactorAnalysis",
    "FactorCoefficients",
    "Gamma",
    "GammaPrecision",
    "Gaussian",
    "GeneralisedDirichlet",
    "Geometric",
    "IncompleteGaussian",
    "InverseGamma",
    "LinearRegression",
    "LogisticRegression",
    "MeasuredGaussian",
    "Multinomial",
    "Normal",
    "NormalCoefficients",
    "NormalInverseGamma",
    "NormalInverseGammaCoefficients",
    "NormalInverseWishart",
    "NormalLogits",
    "NormalTimesGamma",
    "PointMass",
    "Poisson",
    "ProbitRegression",
    "Product",
    "ProductPrior",
    "StickBreaking",
    "StructuredMultinomial",
    "StudentRegression",
    "StudentT",
    "UnitLogits",
]

FAMILIES: dict[str, type[Value]] = {
    "bernoulli": Bernoulli,
    "categorical": Categorical,
    "censored_exponential": CensoredExponential,
    "censored_gaussian": CensoredGaussian,
    "exponential": Exponential,
    "factor_analysis": FactorAnalysis,
    "gaussian": Gaussian,
    "geometric": Geometric,
    "incomplete_gaussian": IncompleteGaussian,
    "linear_regression": LinearRegression,
    "logistic_regression": LogisticRegression,
    "measured_gaussian": MeasuredGaussian,
    "multinomial": Multinomial,
    "poisson": Poisson,
    "probit_regression": ProbitRegression,
    "product": Product,
    "structured_multinomial": StructuredMultinomial,
    "student_t": StudentT,
    "student_regression": StudentRegression,
}

PRIORS: dict[str, type[Value]] = {
    "beta": Beta,
    "degrees_of_freedom": DegreesOfFreedom,
    "dirichlet": Dirichlet,
    "dirichlet_probabilities": DirichletProbabilities,
    "gamma": Gamma,
    "generalised_dirichlet": GeneralisedDirichlet,
    "inverse_gamma": InverseGamma,
    "gamma_precision": GammaPrecision,
    "normal": Normal,
    "normal_coefficients": NormalCoefficients,
    "normal_inverse_gamma": NormalInverseGamma,
    "normal_inverse_gamma_coefficients": NormalInverseGammaCoefficients,
    "normal_inverse_wishart": NormalInverseWishart,
    "normal_logits": NormalLogits,
    "point_mass": PointMass,
    "stick_breaking": StickBreaking,
}

POSTERIORS: dict[str, type[Value]] = {
    **PRIORS,
    "common_noise_coefficients": CommonNoiseCoefficients,
    "factor_coefficients": FactorCoefficients,
    "normal_effects": NormalEffects,
    "relevant_coefficients": RelevantCoefficients,
    "relevant_common_noise_coefficients": RelevantCommonNoiseCoefficients,
    "target_level": TargetLevel,
    "normal_times_gamma": NormalTimesGamma,
    "product_prior": ProductPrior,
    "unit_logits": UnitLogits,
}
