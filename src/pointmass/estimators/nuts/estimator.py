"""NUTS: the reference, drawn from the same model written in PyMC."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any, ClassVar

import numpy as np

from pointmass.estimators.ascending import Ascending
from pointmass.estimators.nuts.backend import prepare_backend
from pointmass.estimators.nuts.joint import build_joint
from pointmass.estimators.nuts.likelihoods import LIKELIHOODS
from pointmass.estimators.nuts.samplers import SAMPLERS, Request, Trace
from pointmass.estimators.options import check_choice
from pointmass.estimators.overdispersion import chain_starts
from pointmass.estimators.sampled import Run, Sampled
from pointmass.families.conjugate import Parameters
from pointmass.inference.parallel import thread_count
from pointmass.inference.progress import Progress
from pointmass.models import Rows
from pointmass.numerics import Array

__all__ = ["NUTS"]

_ATTEMPTS = ((0.8, 1), (0.95, 2), (0.99, 4))


class NUTS(Sampled):
    """The No-U-Turn sampler on the observed-data posterior, latents summed out.

    The model is written anew in PyMC's own terms, with exactly the priors of the other methods, so that the draws
    can judge them. They count as a reference only if they pass the gate: split R-hat below 1.01, bulk and tail ESS
    above 400 for every free entry, no divergences, 4 chains or more. Where they do not, sampling is repeated at
    most twice, with ``target_accept`` 0.95 and twice the draws, then 0.99 and four times the draws, thinned so that
    as many are kept; ``diagnostics_`` says what failed and how often it was repeated.

    The first fit of a model compiles it, for half a minute or more; the machine remembers what it compiled, and the
    same process compiles nothing for other data of the same shape.

    Parameters
    ----------
    model : Family or Model
        What is fitted; its priors must be proper.
    chains : int
        Number of chains; a reference needs at least 4. One starts at each distinct optimum of ten variational
        fits, the others are overdispersed (``diagnostics_["starts"]``).
    draws : int
        Draws that each chain keeps, at least 100.
    tune : int
        Transitions that adapt each chain's step size and metric, and are thrown away.
    sampler : {"nutpie", "pymc"}
        Which implementation: nutpie's (chains in threads) or PyMC's own (one chain after the other).
    likelihood : {"pymc", "pointmass"}
        Who computes the likelihood: the model written anew in PyMC's own terms, or, for long chains and many rows,
        the package itself, by one E-step an evaluation: many times faster there, and no longer independent.
    rng, random_state : None, int or numpy.random.Generator
        Seed, in either spelling. One seed gives one result on one machine, whatever the number of threads.

    References
    ----------
    Hoffman and Gelman (2014), *The No-U-Turn Sampler*.

    Examples
    --------
    >>> from pointmass import NUTS, Gaussian, Mixture, load_dataset
    >>> waiting = load_dataset("faithful").X[:, 1]
    >>> nuts = NUTS(Mixture(Gaussian(), 2), rng=0).fit(waiting)  # doctest: +SKIP
    >>> nuts.diagnostics_["reliable"]  # doctest: +SKIP
    True
    """

    method_name: ClassVar[str] = "NUTS"

    def __init__(
        self,
        model: Any,
        *,
        chains: int = 4,
        draws: int = 1000,
        tune: int = 1000,
        sampler: str = "nutpie",
        likelihood: str = "pymc",
        rng: Any = None,
        random_state: Any = None,
    ) -> None:
        self.model = model
        self.chains = chains
        self.draws = draws
        self.tune = tune
        self.sampler = sampler
        self.likelihood = likelihood
        self.rng = rng
        self.random_state = random_state

    def _check_options(self) -> None:
        super()._check_options()
        check_choice("sampler", self.sampler, SAMPLERS)
        check_choice("likelihood", self.likelihood, LIKELIHOODS)

    def _runs(self, rows: Rows, optima: list[Ascending], rng: np.random.Generator) -> Iterator[Run]:
        prepare_backend(self.sampler)
        starts = chain_starts(optima, self.chains, rng)
        progress = Progress(self.method_name)
        progress.announce("compiling (about 30-45 s the first time)")
        started = time.perf_counter()
        joint = build_joint(self.model_, self._working(self.prior_), rows, LIKELIHOODS[self.likelihood])
        sampler = SAMPLERS[self.sampler](joint)
        points = [joint.values(start.beliefs) for start in starts]
        facts: dict[str, Any] = {"sampler": self.sampler, "starts": [start.description for start in starts]}
        transitions, sampling = 0, 0.0
        compiling = time.perf_counter() - started
        for target_accept, factor in _ATTEMPTS:
            request = self._request(points, target_accept, factor, rng, progress)
            started = time.perf_counter()
            trace = sampler.sample(request)
            progress.close()
            compiling += time.perf_counter() - started - trace.seconds
            sampling += trace.seconds
            transitions += self.chains * (request.draws + request.tune)
            facts |= {"target_accept": target_accept, "thinning": factor, **_facts(trace)}
            facts |= {"compile_seconds": compiling, "sampling_seconds": sampling}
            kept = trace.thinned(factor)
            yield Run(joint.parameters(kept.values), transitions, dict(facts), kept.stats)

    def _request(
        self, points: list[Parameters], target_accept: float, factor: int, rng: np.random.Generator, progress: Progress
    ) -> Request:
        return Request(
            starts=points,
            seeds=[int(seed) for seed in rng.integers(2**31 - 1, size=self.chains)],
            draws=self.draws * factor,
            tune=self.tune,
            target_accept=target_accept,
            threads=min(thread_count(), self.chains),
            say=progress.say,
        )


def _facts(trace: Trace) -> dict[str, Any]:
    return {"divergences": int(trace.stats["diverging"].sum()), "min_e_bfmi": _least_bfmi(trace)}


def _least_bfmi(trace: Trace) -> float:
    """Return the smallest E-BFMI of the chains (Betancourt 2016); below 0.3 the energy is explored slowly."""
    energy: Array = trace.stats["energy"]
    change = (np.diff(energy, axis=1) ** 2).sum(axis=1)
    return float((change / ((energy - energy.mean(axis=1, keepdims=True)) ** 2).sum(axis=1)).min())
