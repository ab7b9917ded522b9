"""The two samplers of the same PyMC model: one file each, one line each in the registry below."""

from __future__ import annotations

from pointmass.estimators.nuts.samplers.nutpie_sampler import NutpieSampler
from pointmass.estimators.nuts.samplers.pymc_sampler import PyMCSampler
from pointmass.estimators.nuts.samplers.settings import Request, Sampler
from pointmass.estimators.nuts.samplers.trace import Trace

__all__ = ["SAMPLERS", "Request", "Sampler", "Trace"]

SAMPLERS: dict[str, type[Sampler]] = {
    "nutpie": NutpieSampler,
    "pymc": PyMCSampler,
}
