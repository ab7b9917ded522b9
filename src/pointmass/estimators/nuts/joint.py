"""The PyMC model that a pointmass model is: the same priors, latents summed out, in working coordinates."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from pointmass.estimators.nuts.likelihoods import Likelihood, pymc_terms
from pointmass.estimators.nuts.terms import MODEL_TERMS, Term, latent_and_family
from pointmass.families.conjugate import Parameters
from pointmass.families.point_mass import PointMass
from pointmass.models import Beliefs, Model, Rows
from pointmass.values import snake_case

__all__ = ["Joint", "build_joint"]


@dataclass(frozen=True, eq=False)
class Joint:
    """A PyMC model and the ways between its variables and blocks of parameters.

    Parameters
    ----------
    pymc_model : pymc.Model
        Free variables, and potentials for the rest of the joint density.
    terms : dict of str to Term
        The term of each block, and of each latent that all rows share and that is drawn too.
    prior : dict of str to belief
        Prior of each block, in working coordinates.
    log_likelihood : tensor
        The log likelihood in PyMC's own terms.
    """

    pymc_model: Any
    terms: Mapping[str, Term]
    prior: Beliefs
    log_likelihood: Any

    @property
    def names(self) -> list[str]:
        """Names of the free variables, in PyMC's order."""
        return [variable.name for variable in self.pymc_model.free_RVs]

    @property
    def transforms(self) -> list[str | None]:
        """Names of PyMC's transforms of the free variables, None where a variable is as it is."""
        transforms = (self.pymc_model.rvs_to_transforms[variable] for variable in self.pymc_model.free_RVs)
        return [None if transform is None else transform.name for transform in transforms]

    def parameters(self, values: Parameters) -> dict[str, Parameters]:
        """Return blocks of parameters from draws of the variables, shape (chains, draws, ...)."""
        leading = next(iter(values.values())).shape[:2]
        return {name: self._block(name, values, leading) for name in self.terms}

    def _block(self, name: str, values: Parameters, leading: tuple[int, ...]) -> Parameters:
        prior = self.prior.get(name)
        if isinstance(prior, PointMass):
            return {key: np.broadcast_to(value, (*leading, *value.shape)) for key, value in prior.parameters.items()}
        found = self.terms[name].parameters(values)
        return {key: found[key] for key in (prior.parameter_constraints if prior else found)}

    def values(self, beliefs: Beliefs) -> Parameters:
        """Return the values of the variables at point masses."""
        values: Parameters = {}
        for name, term in self.terms.items():
            if not isinstance(self.prior.get(name), PointMass):
                values |= term.values(beliefs[name].parameters)  # type: ignore[union-attr]
        return values

    def unconstrained(self, points: list[Parameters]) -> list[Parameters]:
        """Return values of the variables in the coordinates of their transforms, one dict a point, by value name."""
        import pytensor

        compiler: Any = pytensor
        model = self.pymc_model
        inputs, outputs = [], []
        for free in model.free_RVs:
            value, transform = free.type(name=free.name), model.rvs_to_transforms[free]
            inputs.append(value)
            outputs.append(value if transform is None else transform.forward(value, *free.owner.inputs))
        forward = compiler.function(inputs, outputs, mode="FAST_COMPILE", on_unused_input="ignore")
        names = [model.rvs_to_values[free].name for free in model.free_RVs]
        return [dict(zip(names, forward(*(point[name] for name in self.names)), strict=True)) for point in points]


def build_joint(model: Model, prior: Beliefs, rows: Rows, likelihood: Likelihood = pymc_terms) -> Joint:
    """Return the joint density of parameters and rows as a PyMC model.

    Parameters
    ----------
    model : Model
        The model; its family and latent must have terms.
    prior : dict of str to belief
        Prior of each block, in working coordinates.
    rows : Rows
        Data, weights (powers of a row's density) and known labels.
    likelihood : callable
        Returns the log likelihood as a tensor (see `pointmass.estimators.nuts.likelihoods`).

    Raises
    ------
    PointmassError
        If a term is missing.
    """
    import pymc as pm

    terms_of = MODEL_TERMS.get(snake_case(type(model).__name__), latent_and_family)
    with pm.Model(check_bounds=False) as pymc_model:
        terms, log_likelihood = terms_of(model, prior, rows)
        joint = Joint(pymc_model, terms, prior, log_likelihood)
        pm.Potential("log_likelihood", likelihood(joint, model, rows))
    return joint
