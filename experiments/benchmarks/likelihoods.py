"""NUTS on a chain of 10,000 steps: one gradient, and a short run, with each way to the likelihood.

Run with ``make bench``. Gradients are those of the function that nutpie samples, timed alternately in one process
and one thread by the processor's clock, which other programs of the machine disturb least.
"""

from __future__ import annotations

import argparse
import statistics
import time
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
from sweeps import seconds

from pointmass import EM, NUTS, Gaussian, HiddenMarkov
from pointmass.estimators.nuts.backend import prepare_backend
from pointmass.estimators.nuts.joint import build_joint
from pointmass.estimators.nuts.likelihoods import LIKELIHOODS
from pointmass.estimators.nuts.samplers import SAMPLERS

N = 10_000
STATES = (2, 3, 4)


def series(k: int) -> np.ndarray:
    """Return rows (n, 1) of K normal states 3 sd apart that last for ten steps on average."""
    rng = np.random.default_rng(20261126)
    states = np.cumsum(np.where(rng.random(N) < 0.1, rng.integers(1, k, size=N), 0)) % k
    return (3.0 * states + rng.normal(size=N))[:, None]


def gradient(fit: EM, likelihood: str) -> Callable[[], Any]:
    """Return a call of the compiled log posterior and its gradient near a fit."""
    joint = build_joint(fit.model_, fit._working(fit.prior_), fit._data, LIKELIHOODS[likelihood])
    _, beliefs = fit.sweep_at_fit()
    place = joint.unconstrained([joint.values(beliefs)])[0].values()
    vector = np.concatenate([np.ravel(part) for part in place]).astype(float)
    function = SAMPLERS["nutpie"](joint).compiled.logp_func
    function(vector)
    return lambda: function(vector + 0.01)


def main() -> None:
    """Print one row a number of states, and one a short run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=20)
    options, _ = parser.parse_known_args()
    warnings.simplefilter("ignore")
    prepare_backend("nutpie")
    print(f"\n{'gradient':10}{'K':>4}{'pymc ms':>10}{'pointmass ms':>14}{'ratio':>8}{'promised':>10}")
    for k in STATES:
        fit = EM(HiddenMarkov(Gaussian(), k), rng=0, n_init=2).fit(series(k))
        calls = {name: gradient(fit, name) for name in LIKELIHOODS}
        times = [
            {name: seconds(call, time.process_time) for name, call in calls.items()} for _ in range(options.repeats)
        ]
        theirs, ours = (1e3 * statistics.median(each[name] for each in times) for name in ("pymc", "pointmass"))
        print(f"{'':10}{k:4}{theirs:10.2f}{ours:14.2f}{theirs / ours:8.1f}{5:10}", flush=True)
    print(f"\n{'run, K = 3':12}{'compile s':>10}{'sampling s':>12}{'divergences':>13}{'ESS (bulk)':>12}")
    for name in LIKELIHOODS:
        model = HiddenMarkov(Gaussian(), 3)
        facts = NUTS(model, likelihood=name, chains=2, draws=100, tune=100, rng=0).fit(series(3)).diagnostics_
        print(
            f"{name:12}{facts['compile_seconds']:10.1f}{facts['sampling_seconds']:12.1f}{facts['divergences']:13}"
            f"{facts['min_ess_bulk']:12.0f}",
            flush=True,
        )


if __name__ == "__main__":
    main()
