"""What a point estimate costs you: one model, fitted by every method, compared honestly."""

from __future__ import annotations

from importlib import import_module
from typing import Any

_HOMES = {
    "PointmassError": "errors",
    "PointmassWarning": "errors",
    "Gaussian": "families",
    "IncompleteGaussian": "families",
    "LinearRegression": "families",
    "Poisson": "families",
    "Exponential": "families",
    "Bernoulli": "families",
    "Geometric": "families",
    "Categorical": "families",
    "CensoredExponential": "families",
    "CensoredGaussian": "families",
    "MeasuredGaussian": "families",
    "Multinomial": "families",
    "StructuredMultinomial": "families",
    "Product": "families",
    "NormalInverseWishart": "families",
    "NormalInverseGamma": "families",
    "NormalLogits": "families",
    "Normal": "families",
    "NormalCoefficients": "families",
    "Gamma": "families",
    "Beta": "families",
    "Dirichlet": "families",
    "StickBreaking": "families",
    "FactorAnalysis": "families",
    "StudentT": "families",
    "StudentRegression": "families",
    "ProbitRegression": "families",
    "LogisticRegression": "families",
    "DegreesOfFreedom": "families",
    "PointMass": "families",
    "BayesianRegression": "models",
    "BernoulliNetwork": "models",
    "RandomEffects": "models",
    "Mixture": "models",
    "MixtureOfExperts": "models",
    "HiddenMarkov": "models",
    "MLE": "estimators",
    "MAP": "estimators",
    "EM": "estimators",
    "VB": "estimators",
    "Gibbs": "estimators",
    "NUTS": "estimators",
    "Enumeration": "estimators",
    "load_fit": "estimators",
    "load_dataset": "datasets",
    "compare": "api",
    "select": "selection",
    "run_experiment": "api",
}

__version__ = "0.1.0"
__all__ = ["__version__", *_HOMES]  # noqa: PLE0604  (the names below are resolved lazily, PEP 562)


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'pointmass' has no attribute {name!r}")
    value = getattr(import_module(f"pointmass.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
