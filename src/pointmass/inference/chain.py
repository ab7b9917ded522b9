"""A Markov chain of beliefs: the sweep repeated with draws, where no objective says when to stop."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from pointmass.inference.sweep import Sweep
from pointmass.models import Beliefs

__all__ = ["chain"]


def chain(sweep: Sweep, start: Beliefs, rng: np.random.Generator) -> Iterator[Beliefs]:
    """Yield the belief after each sweep, for ever.

    Parameters
    ----------
    sweep : Sweep
        A sweep that draws components (stochastic EM), or components and parameters (Gibbs sampling).
    start : dict of str to belief
        Belief that enters the first sweep.
    rng : numpy.random.Generator
        Source of the draws.
    """
    beliefs = start
    while True:
        beliefs = sweep.update(sweep.infer(beliefs, rng), beliefs, rng)
        yield beliefs
