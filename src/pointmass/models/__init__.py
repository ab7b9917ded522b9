"""Models: a latent and a family, one file each, one line each in the registry below."""

from __future__ import annotations

from pointmass.models.base import Beliefs, Inference, Model
from pointmass.models.bayesian_regression import BayesianRegression
from pointmass.models.bernoulli_network import BernoulliNetwork
from pointmass.models.discrete import DiscreteModel
from pointmass.models.hidden_markov import HiddenMarkov
from pointmass.models.independent_rows import IndependentRows
from pointmass.models.missing_values import FAMILIES_OF_MISSING_VALUES, MODEL_OF_MISSING_VALUES
from pointmass.models.mixture import Mixture
from pointmass.models.mixture_of_experts import MixtureOfExperts
from pointmass.models.random_effects import RandomEffects
from pointmass.models.registry import LATENTS, MODELS, as_model, model_from_dict
from pointmass.models.rows import Rows
from pointmass.models.statistics import Statistics

__all__ = [
    "FAMILIES_OF_MISSING_VALUES",
    "LATENTS",
    "MODELS",
    "MODEL_OF_MISSING_VALUES",
    "BayesianRegression",
    "Beliefs",
    "BernoulliNetwork",
    "DiscreteModel",
    "HiddenMarkov",
    "IndependentRows",
    "Inference",
    "Mixture",
    "MixtureOfExperts",
    "Model",
    "RandomEffects",
    "Rows",
    "Statistics",
    "as_model",
    "model_from_dict",
]
