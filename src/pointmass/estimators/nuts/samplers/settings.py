"""What a sampler is asked for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from pointmass.estimators.nuts.joint import Joint
from pointmass.estimators.nuts.samplers.trace import Trace
from pointmass.families.conjugate import Parameters

__all__ = ["Request", "Sampler"]


@dataclass(frozen=True, eq=False)
class Request:
    """One call of a sampler.

    Parameters
    ----------
    starts : sequence of dict
        Values of the free variables where each chain starts.
    seeds : sequence of int
        Seed of each chain.
    draws, tune : int
        Transitions kept and transitions that adapt the sampler, for each chain.
    target_accept : float
        Mean acceptance probability that the step size is adapted to.
    threads : int
        Chains that may run at once.
    say : callable
        Takes one line on the state.
    """

    starts: Sequence[Parameters]
    seeds: Sequence[int]
    draws: int
    tune: int
    target_accept: float
    threads: int
    say: Callable[[str], None]


class Sampler(Protocol):
    """A compiled model that can be sampled more than once; making it compiles."""

    def __init__(self, joint: Joint) -> None:
        """Compile."""

    def sample(self, request: Request) -> Trace:
        """Return all that was asked for, or raise."""
