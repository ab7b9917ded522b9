"""nutpie's NUTS: compiled once, one sampler a chain, in threads that end when Python is interrupted."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

import numpy as np

from pointmass.errors import PointmassError
from pointmass.estimators.nuts.backend import reproducible
from pointmass.estimators.nuts.joint import Joint
from pointmass.estimators.nuts.samplers.reuse import compiled_for
from pointmass.estimators.nuts.samplers.settings import Request
from pointmass.estimators.nuts.samplers.trace import STATISTICS, Trace, whole
from pointmass.numerics import Array

__all__ = ["NutpieSampler"]

_PAUSE = 0.02
_BESIDE = 1e-3


class NutpieSampler:
    """A model compiled by nutpie.

    nutpie takes one function of a seed that says where chains start, and jitters about it by default. Here each
    chain is a run of its own whose function returns that chain's start: chains start where they are told to, and
    what a chain draws depends neither on the number of threads nor on the other chains.

    Parameters
    ----------
    joint : Joint
        What to compile.
    """

    def __init__(self, joint: Joint) -> None:
        import nutpie

        self.joint = joint
        with reproducible():
            self.compiled = compiled_for(joint.pymc_model, nutpie.compile_pymc_model)

    def sample(self, request: Request) -> Trace:
        """Return the draws of all chains."""
        starts = self._vectors(request)
        started = time.perf_counter()
        trees = self._chains(starts, request)
        trace = _together(trees, self.joint.names, time.perf_counter() - started)
        return whole(trace, len(request.starts), request.draws)

    def _chains(self, starts: list[Array], request: Request) -> list[Any]:
        """Return the result of each chain, as many at a time as there are threads."""
        running: dict[int, Any] = {}
        finished: dict[int, Any] = {}
        try:
            while len(finished) < len(starts):
                while len(running) < request.threads and len(running) + len(finished) < len(starts):
                    number = len(running) + len(finished)
                    running[number] = self._start(starts[number], number, request)
                self._collect(running, finished)
                request.say(f"{len(finished)} of {len(starts)} chains")
        finally:
            for sampler in running.values():
                sampler.cancel()
        return [finished[number] for number in range(len(starts))]

    def _vectors(self, request: Request) -> list[Array]:
        points = self.joint.unconstrained(list(request.starts))
        return [np.concatenate([np.ravel(part) for part in point.values()]).astype(float) for point in points]

    def _start(self, start: Array, number: int, request: Request) -> Any:
        import nutpie

        return nutpie.sample(
            replace(self.compiled, initial_point_func=_Start(start)),
            chains=1,
            cores=1,
            seed=request.seeds[number],
            draws=request.draws,
            tune=request.tune,
            target_accept=request.target_accept,
            save_warmup=False,
            progress_bar=False,
            blocking=False,
        )

    def _collect(self, running: dict[int, Any], finished: dict[int, Any]) -> None:
        """Move chains that have ended from ``running`` to ``finished``; the waits are short, so that Ctrl-C works."""
        for number, sampler in list(running.items()):
            try:
                finished[number] = sampler.wait(timeout=_PAUSE)
            except TimeoutError:
                continue
            except RuntimeError as error:
                reason = str(error).partition("\n\nStack")[0].replace("\n", " ")
                variables = ", ".join(self.joint.names)
                raise PointmassError(f"NUTS could not sample chain {number + 1} of {variables}: {reason}") from error
            del running[number]


class _Start:
    """Where a chain starts; a second try, after a gradient that is zero, is a little beside it."""

    def __init__(self, point: Array) -> None:
        self.point = point
        self.tries = 0

    def __call__(self, seed: int) -> Array:
        self.tries += 1
        beside = np.random.default_rng(seed).standard_normal(self.point.size) if self.tries > 1 else 0.0
        return np.asarray(self.point + _BESIDE * beside)


def _together(trees: list[Any], names: list[str], seconds: float) -> Trace:
    values = {name: np.concatenate([tree["posterior"][name].values for tree in trees]) for name in names}
    stats = {
        ours: np.concatenate([tree["sample_stats"][theirs].values for tree in trees])
        for ours, theirs in STATISTICS.items()
    }
    return Trace(values, stats, seconds)
