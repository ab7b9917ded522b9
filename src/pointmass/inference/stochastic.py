"""The stochastic schedule: parameters move after each block of rows by a step that decays."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from pointmass.inference.sweep import Sweep
from pointmass.models import Beliefs, Rows

__all__ = ["stochastic_passes"]


def stochastic_passes(
    sweep: Sweep, start: Beliefs, rng: np.random.Generator, *, n_blocks: int, forgetting: float
) -> Iterator[Beliefs]:
    """Yield the belief after each pass over the rows in random order, for ever.

    Statistics begin as those of one batch sweep; after block t they are (1 − ρ) S + ρ s, s those of the block scaled to
    all rows, with ρ = (t + number of blocks)^−forgetting.

    Parameters
    ----------
    sweep : Sweep
        With a point: online EM; with a posterior: stochastic variational inference.
    start : dict of str to belief
        Belief that enters the first sweep.
    rng : numpy.random.Generator
        Shuffles rows, or sequences, anew for each pass.
    n_blocks : int
        Number of blocks of a pass, rows permitting; a block of steps that were not observed is passed over.
    forgetting : float
        Exponent of the decay, above 0.5 and at most 1.

    References
    ----------
    Cappé and Moulines (2009), *JRSS B* 71; Hoffman, Blei, Wang and Paisley (2013), *JMLR* 14.
    """
    statistics = sweep.infer(start)
    beliefs = sweep.update(statistics, start)
    total, step = sweep.rows.total_weight, 0
    while True:
        for block in _shuffled(sweep.rows, n_blocks, rng):
            step += 1
            size = (step + n_blocks) ** -forgetting
            found = sweep.model.infer(beliefs, block.coordinates).statistics(block, sweep.assignment)
            statistics = statistics * (1.0 - size) + found * (size * total / block.total_weight)
            beliefs = sweep.update(statistics, beliefs)
        yield beliefs


def _shuffled(rows: Rows, n_blocks: int, rng: np.random.Generator) -> Iterator[Rows]:
    """Yield blocks of rows in random order, or of sequences whole and in theirs."""
    if rows.lengths is None:
        for index in np.array_split(rng.permutation(len(rows)), min(n_blocks, len(rows))):
            yield rows.take(np.sort(index))
        return
    blocks = [block for block in rows.blocks(max(1, -(-len(rows) // n_blocks))) if block.total_weight > 0]
    for place in rng.permutation(len(blocks)):
        yield blocks[place]
