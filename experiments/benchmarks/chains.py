"""Time of one sweep of a hidden Markov model beside hmmlearn's, same start and same number of sweeps.

Run with ``make bench``. Every figure is a ratio of medians measured alternately in one process. Both work through one
sequence in one thread, so the clock is the processor's, which other programs of the machine disturb least.
"""

from __future__ import annotations

import argparse
import logging
import statistics
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from hmmlearn.hmm import GaussianHMM, PoissonHMM
from sweeps import per_sweep

from pointmass import EM, Gaussian, HiddenMarkov, Poisson

N = 100_000
CLOCK = time.process_time


@dataclass(frozen=True)
class Case:
    """One number of states and the least ratio promised for it."""

    k: int
    promised: float


CASES = (Case(3, 8.0), Case(8, 15.0))


def chain(k: int) -> tuple[np.ndarray, np.ndarray, dict[str, np.ndarray]]:
    """Return states, the level of each, and where both programs start the chain."""
    rng = np.random.default_rng(20261126)
    stay = 0.9
    transitions = np.full((k, k), (1.0 - stay) / (k - 1))
    np.fill_diagonal(transitions, stay)
    moves = rng.random(N) > stay
    steps = np.where(moves, rng.integers(1, k, size=N), 0)
    states = (rng.integers(k) + np.cumsum(steps)) % k
    return states, 3.0 * np.arange(k), {"initial": np.full(k, 1.0 / k), "transition_matrix": transitions}


def gaussian(k: int) -> tuple[Any, np.ndarray, dict[str, np.ndarray], Callable[[], Any]]:
    """Return our model, rows, the start, and a maker of hmmlearn's model at that start."""
    states, levels, start = chain(k)
    rows = (levels[states] + np.random.default_rng(1).normal(size=N))[:, None]
    start |= {"mean": levels[:, None] + 0.3, "covariance": np.full((k, 1, 1), 1.5)}

    def peer() -> Any:
        no_prior = {"covars_prior": 0.0, "covars_weight": 0.0, "min_covar": 0.0}
        made = GaussianHMM(k, covariance_type="diag", init_params="", **no_prior)
        made.means_, made.covars_ = start["mean"], start["covariance"][:, 0]
        return made

    return HiddenMarkov(Gaussian("diagonal"), k), rows, start, peer


def poisson(k: int) -> tuple[Any, np.ndarray, dict[str, np.ndarray], Callable[[], Any]]:
    """Return the same for counts."""
    states, levels, start = chain(k)
    rows = np.random.default_rng(1).poisson(2.0 + 2.0 * levels[states]).astype(float)[:, None]
    start |= {"rate": 2.3 + 2.0 * levels[:, None]}

    def peer() -> Any:
        made = PoissonHMM(k, init_params="")
        made.lambdas_ = start["rate"]
        return made

    return HiddenMarkov(Poisson(), k), rows, start, peer


def makers(
    model: Any, rows: np.ndarray, start: dict[str, np.ndarray], peer: Callable[[], Any], implementation: str
) -> Any:
    """Return makers of our fits and of hmmlearn's with a given number of plain sweeps."""

    def ours(sweeps: int) -> Callable[[], Any]:
        return lambda: EM(model, init=start, acceleration="none", tol=0.0, max_iter=sweeps).fit(rows)

    def theirs(sweeps: int) -> Callable[[], Any]:
        made = peer()
        made.startprob_, made.transmat_ = start["initial"], start["transition_matrix"]
        made.n_iter, made.tol, made.implementation = sweeps, -np.inf, implementation
        values = rows.astype(int) if isinstance(made, PoissonHMM) else rows
        return lambda: made.fit(values)

    return ours, theirs


def main() -> None:
    """Print one row a family, number of states and implementation of hmmlearn."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=5)
    options, _ = parser.parse_known_args()
    warnings.simplefilter("ignore")
    logging.getLogger("hmmlearn").setLevel(logging.ERROR)
    print(f"\n{'chain of':10}{'K':>4}{'hmmlearn':>10}{'ours ms':>10}{'theirs ms':>11}{'ratio':>8}{'promised':>10}")
    for name, made in (("gaussian", gaussian), ("poisson", poisson)):
        for case in CASES:
            problem = made(case.k)
            for implementation in ("log", "scaling"):
                mine, other = makers(*problem, implementation)
                per_sweep(mine, 1, 2)  # compiles
                times = [(per_sweep(mine, 2, 22, CLOCK), per_sweep(other, 1, 4, CLOCK)) for _ in range(options.repeats)]
                a, b = (1e3 * statistics.median(column) for column in zip(*times, strict=True))
                promised = f"{case.promised:10.0f}" if implementation == "log" else f"{'':10}"
                print(f"{name:10}{case.k:4}{implementation:>10}{a:10.2f}{b:11.1f}{b / a:8.1f}{promised}", flush=True)


if __name__ == "__main__":
    main()
