"""Models by name, and their way to and from the tree of a config."""

from __future__ import annotations

from typing import Any

from pointmass.errors import PointmassError
from pointmass.families import FAMILIES
from pointmass.families.family import Family
from pointmass.models.base import Model
from pointmass.models.bayesian_regression import BayesianRegression
from pointmass.models.bernoulli_network import BernoulliNetwork
from pointmass.models.building import build
from pointmass.models.hidden_markov import HiddenMarkov
from pointmass.models.independent_rows import IndependentRows
from pointmass.models.mixture import Mixture
from pointmass.models.mixture_of_experts import MixtureOfExperts
from pointmass.models.random_effects import RandomEffects
from pointmass.values import Value

__all__ = ["LATENTS", "MODELS", "as_model", "model_from_dict"]

LATENTS: dict[str, type[Value]] = {
    "mixture": Mixture,
    "hidden_markov": HiddenMarkov,
    "mixture_of_experts": MixtureOfExperts,
}

MODELS: dict[str, type[Value]] = {
    "bayesian_regression": BayesianRegression,
    "bernoulli_network": BernoulliNetwork,
    "random_effects": RandomEffects,
}
"""Models that are no latent with a family."""


def as_model(model: Any) -> Model:
    """Return ``model``, a family alone being a model of independent rows.

    Raises
    ------
    PointmassError
        If ``model`` is neither a model nor a family.
    """
    if isinstance(model, Family):
        return IndependentRows(model)
    if not isinstance(model, Model):
        raise PointmassError(
            f"model must be a family such as Gaussian() or a model such as Mixture(...), got {model!r}"
        )
    return model


def model_from_dict(tree: Any) -> Model:
    """Return the model that a config's ``model:`` tree describes; the inverse of ``Model.to_dict``.

    Parameters
    ----------
    tree : str or dict
        A registered name, or one key (the name) with a dict of options.

    Raises
    ------
    PointmassError
        On unknown names, options or values, all of them; the ``path`` of `PointmassError.each` leads to each place.

    Examples
    --------
    >>> from pointmass.models import model_from_dict
    >>> model_from_dict({"mixture": {"family": "gaussian", "n_components": 2}})
    Mixture(family=Gaussian(), n_components=2)
    """
    return as_model(build(tree, {**LATENTS, **MODELS, **FAMILIES}, "model"))
