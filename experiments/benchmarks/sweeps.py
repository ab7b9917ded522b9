"""Time of one sweep beside scikit-learn's, same start and same number of sweeps, and the peak memory of ours.

Run with ``make bench``. Every figure is a ratio of medians measured alternately in one process.
"""

from __future__ import annotations

import argparse
import statistics
import time
import tracemalloc
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.mixture import BayesianGaussianMixture, GaussianMixture

from pointmass import EM, VB, Gaussian, Mixture


@dataclass(frozen=True)
class Case:
    """One size of data and the least ratio promised for it."""

    n: int
    d: int
    k: int
    promised: float


CASES = (
    Case(1_000_000, 1, 3, 15.0),
    Case(1_000_000, 2, 3, 15.0),
    Case(200_000, 10, 10, 10.0),
    Case(50_000, 50, 20, 3.0),
)


def make_data(case: Case) -> tuple[np.ndarray, np.ndarray]:
    """Return rows and starting means of a well-spread mixture."""
    rng = np.random.default_rng(20261120)
    means = rng.standard_normal((case.k, case.d)) * 2.0
    labels = rng.integers(case.k, size=case.n)
    return means[labels] + rng.standard_normal((case.n, case.d)), means + 0.1


def parameters(case: Case, means: np.ndarray) -> dict[str, np.ndarray]:
    """Return the common start: equal weights, the given means, unit covariances."""
    return {
        "weights": np.full(case.k, 1.0 / case.k),
        "mean": means,
        "covariance": np.tile(np.eye(case.d), (case.k, 1, 1)),
    }


type Clock = Callable[[], float]


def seconds(task: Callable[[], Any], clock: Clock = time.perf_counter) -> float:
    """Return the time of one call, by the wall's clock or the processor's."""
    started = clock()
    task()
    return clock() - started


def per_sweep(make: Callable[[int], Callable[[], Any]], few: int, many: int, clock: Clock = time.perf_counter) -> float:
    """Return the time of one sweep: the difference of a long and a short fit over the difference in sweeps."""
    return (seconds(make(many), clock) - seconds(make(few), clock)) / (many - few)


def ours(estimator: type, case: Case, X: np.ndarray, means: np.ndarray) -> Callable[[int], Callable[[], Any]]:
    """Return a maker of fits with a given number of plain sweeps."""
    start = parameters(case, means)
    model = Mixture(Gaussian(), case.k)
    return lambda sweeps: lambda: estimator(model, init=start, acceleration="none", tol=0.0, max_iter=sweeps).fit(X)


def theirs(estimator: type, case: Case, X: np.ndarray, means: np.ndarray) -> Callable[[int], Callable[[], Any]]:
    """Return a maker of scikit-learn's fits with a given number of sweeps."""
    fixed = {
        "weights_init": np.full(case.k, 1.0 / case.k),
        "means_init": means,
        "precisions_init": np.tile(np.eye(case.d), (case.k, 1, 1)),
    }
    start = fixed if estimator is GaussianMixture else {}
    return lambda sweeps: (
        lambda: estimator(
            n_components=case.k,
            init_params="random",
            max_iter=sweeps,
            tol=0.0,
            reg_covar=0.0,
            random_state=0,
            **start,
        ).fit(X)
    )


def peak_megabytes(task: Callable[[], Any]) -> float:
    """Return the peak of memory allocated during one call, in MiB; the data are allocated before."""
    tracemalloc.start()
    task()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak / 2**20


def main() -> None:
    """Print one row a case and method."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--cases", type=int, nargs="*", default=range(len(CASES)))
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    print(
        f"{'method':8}{'n':>9}{'d':>4}{'K':>4}{'ours ms':>10}{'sklearn ms':>12}{'ratio':>8}{'promised':>10}"
        f"{'peak MiB':>10}"
    )
    pairs = (("EM", EM, GaussianMixture), ("VB", VB, BayesianGaussianMixture))
    for case in (CASES[index] for index in options.cases):
        X, means = make_data(case)
        for name, own, peer in pairs:
            mine, other = ours(own, case, X, means), theirs(peer, case, X, means)
            times = [(per_sweep(mine, 2, 22), per_sweep(other, 1, 3)) for _ in range(options.repeats)]
            a, b = (1e3 * statistics.median(column) for column in zip(*times, strict=True))
            peak = peak_megabytes(mine(2))
            print(
                f"{name:8}{case.n:9}{case.d:4}{case.k:4}{a:10.2f}{b:12.1f}{b / a:8.1f}{case.promised:10.0f}"
                f"{peak:10.1f}",
                flush=True,
            )


if __name__ == "__main__":
    main()
