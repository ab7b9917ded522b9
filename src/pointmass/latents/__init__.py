"""Latent variables: what says which component, if any, a row came from."""

from __future__ import annotations

from pointmass.latents.assignments import ASSIGNMENTS, Assignment
from pointmass.latents.gate import Gate
from pointmass.latents.hidden_units import HiddenUnits
from pointmass.latents.independent import Independent
from pointmass.latents.latent import Inferred, Latent
from pointmass.latents.markov_chain import MarkovChain
from pointmass.latents.membership import Membership

__all__ = [
    "ASSIGNMENTS",
    "Assignment",
    "Gate",
    "HiddenUnits",
    "Independent",
    "Inferred",
    "Latent",
    "MarkovChain",
    "Membership",
]
