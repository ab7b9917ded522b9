"""Sweeps until the objective is within 1e-6 nats of the local optimum, every evaluation counted.

Two normals 1.5 standard deviations apart, a thousand rows: plain sweeps creep, accelerated ones do not.
"""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from pointmass import EM, VB, Gaussian, Mixture
from pointmass.estimators import Estimator
from pointmass.inference.accelerations import ACCELERATIONS
from pointmass.inference.coordinate_ascent import Ascent, ascend

_CLOSE = 1e-6
_MOST = 30_000


def evaluations(estimator: Estimator, x: np.ndarray, acceleration: str, best: float) -> int:
    """Return the sweeps evaluated before the objective is within 1e-6 nats of ``best``."""
    sweep, start = sweep_and_start(estimator, x)
    reached: list[int] = []

    def note(ascent: Ascent) -> None:
        if ascent.objective >= best - _CLOSE and not reached:
            reached.append(ascent.n_evaluations)

    ascend(sweep, start, ACCELERATIONS[acceleration](sweep, start), tol=1e-12, max_iter=_MOST, on_step=note)
    return reached[0] if reached else _MOST


def sweep_and_start(estimator: Estimator, x: np.ndarray) -> tuple[Any, Any]:
    """Return the estimator's sweep over the data and the belief that its first start begins with."""
    fitted = estimator.fit(x)
    rows = fitted._data
    sweep = fitted._sweep(rows)
    return sweep, fitted._prepared(sweep, fitted._weak_prior(rows), np.random.default_rng(0))


def best_objective(sweep: Any, start: Any) -> float:
    """Return the objective of the optimum that plain sweeps go to."""
    return ascend(sweep, start, ACCELERATIONS["none"](sweep, start), tol=1e-13, max_iter=_MOST).objective


def main() -> None:
    """Print one row a method and data set, and the medians."""
    warnings.simplefilter("ignore")
    names = list(ACCELERATIONS)
    print("\nSweeps to within 1e-6 nats of the optimum, every evaluation counted")
    print(f"{'method':8}{'data':>6}" + "".join(f"{name:>10}" for name in names) + f"{'plain / anderson':>18}")
    for kind in (EM, VB):
        ratios = []
        for seed in range(12):
            rng = np.random.default_rng(seed)
            x = np.where(rng.random(1000) < 0.4, 0.0, 1.5) + rng.standard_normal(1000)
            estimator = kind(Mixture(Gaussian(), 2), n_init=1, rng=0, max_iter=10)
            best = best_objective(*sweep_and_start(estimator, x))
            counts = {name: evaluations(estimator, x, name, best) for name in names}
            ratios.append(counts["none"] / counts["anderson"])
            row = "".join(f"{counts[name]:10d}" for name in names)
            print(f"{kind.__name__:8}{seed:6d}{row}{ratios[-1]:18.1f}", flush=True)
        print(f"{kind.__name__:8}median{'':{10 * len(names)}}{np.median(ratios):18.1f}")


if __name__ == "__main__":
    main()
