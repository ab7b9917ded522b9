"""What a sampler returns, and the check that it is whole."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pointmass.families.conjugate import Parameters
from pointmass.numerics import Array

__all__ = ["STATISTICS", "Trace", "whole"]

STATISTICS = {
    "diverging": "diverging",
    "energy": "energy",
    "step_size": "step_size",
    "n_steps": "n_steps",
    "tree_depth": "depth",
    "acceptance_rate": "mean_tree_accept",
    "lp": "logp",
}
"""Statistics that are kept: PyMC's name, which is ours, and nutpie's."""


@dataclass(frozen=True, eq=False)
class Trace:
    """Draws after tuning.

    Parameters
    ----------
    values : dict of str to ndarray
        Values of the free variables, shape (chains, draws, ...).
    stats : dict of str to ndarray
        Statistics of the transitions, shape (chains, draws).
    seconds : float
        Time that sampling took, compilation left out.
    """

    values: Parameters
    stats: Parameters
    seconds: float

    def thinned(self, step: int) -> Trace:
        """Return every ``step``-th draw."""
        return Trace(_every(self.values, step), _every(self.stats, step), self.seconds)


def _every(arrays: Parameters, step: int) -> dict[str, Array]:
    return {name: np.ascontiguousarray(array[:, step - 1 :: step]) for name, array in arrays.items()}


def whole(trace: Trace, chains: int, draws: int, interrupted: bool = False) -> Trace:
    """Return the trace if it holds all that was asked for.

    Samplers answer Ctrl-C with the draws made so far and say nothing; a short trace is an interruption.

    Raises
    ------
    KeyboardInterrupt
        If draws or chains are missing, or Ctrl-C was pressed while the sampler ran.
    """
    shapes = {array.shape[:2] for array in (*trace.values.values(), *trace.stats.values())}
    if interrupted or shapes != {(chains, draws)}:
        raise KeyboardInterrupt("sampling was interrupted; the draws made so far are thrown away")
    return trace
