"""Mean field's error, predicted from its own missing information before any sampling, and measured against Gibbs.

Seventeen model-data pairs, fixed beforehand. Prints one row a pair and draws the figure of the gallery.

    python experiments/mean_field_error.py [--nuts]
"""

from __future__ import annotations

import sys
import time
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from pointmass import NUTS, VB, Gaussian, Gibbs, Mixture, PointMass, load_dataset
from pointmass.comparison.matching import assign, parameter_cost, permute_components
from pointmass.uncertainty.importance import importance_sample
from pointmass.uncertainty.linearised import Linearised

GALLERY = Path(__file__).parents[1] / "reports" / "gallery"
ESS, GIBBS_ESS = 4000, 10_000


@dataclass(frozen=True)
class Pair:
    """A model and data."""

    name: str
    model: Mixture
    x: np.ndarray


def separated(distance: float, n: int = 500, seed: int = 0) -> np.ndarray:
    """Two normals, weights 0.4 and 0.6, sd 1."""
    rng = np.random.default_rng(seed)
    return (rng.normal(size=n) + distance * (rng.random(n) < 0.6))[:, None]


def pairs() -> list[Pair]:
    """The seventeen pairs: real data first, then two normals ever nearer."""
    faithful, iris, wine = (np.asarray(load_dataset(name).X, dtype=float) for name in ("faithful", "iris", "wine"))
    unit = Gaussian(PointMass([[1.0]]))
    return [
        Pair("faithful, waiting", Mixture(Gaussian(), 2), faithful[:, 1:]),
        Pair("faithful, eruptions", Mixture(Gaussian(), 2), faithful[:, :1]),
        Pair("faithful, full", Mixture(Gaussian(), 2), faithful),
        Pair("faithful, tied", Mixture(Gaussian("tied"), 2), faithful),
        Pair("faithful, diagonal", Mixture(Gaussian("diagonal"), 2), faithful),
        Pair("faithful, tied, K = 3", Mixture(Gaussian("tied"), 3), faithful),
        Pair("iris, full, K = 2", Mixture(Gaussian(), 2), iris),
        Pair("iris, petal length", Mixture(Gaussian(), 2), iris[:, 2:3]),
        Pair("iris, petals, K = 3", Mixture(Gaussian(), 3), iris[:, 2:]),
        Pair("wine, flavanoids", Mixture(Gaussian(), 2), wine[:, [6]]),
        Pair("two normals, 6 sd", Mixture(Gaussian(), 2), separated(6.0)),
        Pair("two normals, 5 sd", Mixture(Gaussian(), 2), separated(5.0)),
        Pair("two normals, 4 sd", Mixture(Gaussian(), 2), separated(4.0)),
        Pair("two normals, 3.5 sd", Mixture(Gaussian(), 2), separated(3.5)),
        Pair("two normals, 3 sd", Mixture(Gaussian(), 2), separated(3.0)),
        Pair("known sd, 3 sd apart", Mixture(unit, 2), separated(3.0)),
        Pair("known sd, 2.5 sd apart", Mixture(unit, 2), separated(2.5)),
    ]


def _moments(draws: dict[str, np.ndarray], weights: np.ndarray) -> dict[str, np.ndarray]:
    means = {name: np.tensordot(weights, array, 1) for name, array in draws.items()}
    return {name: np.sqrt(np.tensordot(weights, (a - means[name]) ** 2, 1)) for name, a in draws.items()}


def _gibbs(pair: Pair) -> Gibbs:
    """Return Gibbs draws whose smallest effective size is at least 10,000, or the longest run tried."""
    for draws in (4000, 16_000):
        fit = Gibbs(pair.model, draws=draws, rng=1).fit(pair.x)
        if fit.diagnostics_["min_ess_bulk"] >= GIBBS_ESS:
            break
    return fit


def _flat(arrays: dict[str, np.ndarray], free: dict[str, np.ndarray]) -> np.ndarray:
    return np.concatenate([np.asarray(arrays[name])[mask] for name, mask in free.items()])


def _free(sd: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Mark what varies, each number once: a symmetric matrix's upper triangle, all weights but the last."""
    free = {name: array > 0 for name, array in sd.items()}
    if "covariance" in free:
        free["covariance"] &= np.triu(np.ones(free["covariance"].shape[-2:], dtype=bool))
    if "weights" in free:
        free["weights"][-1] = False
    return free


def measure(pair: Pair) -> dict[str, Any]:
    """Return every ratio of standard deviations to Gibbs's, what was predicted, and the times."""
    started = time.perf_counter()
    fit = VB(pair.model, rng=0, tol=1e-8, max_iter=5000).fit(pair.x)
    usual = fit.uncertainty("importance", rng=2)
    seconds = time.perf_counter() - started
    narrow, wide = fit.uncertainty("mean_field", rng=0), fit.uncertainty("linear_response", rng=0)
    sample, _, _ = importance_sample(Linearised(fit), np.random.default_rng(3), target=1.3 * ESS, largest=60_000)
    gibbs = _gibbs(pair)
    order = assign(parameter_cost(fit.estimate_, gibbs.estimate_)[0], "parameters").order
    flat = {name: array.reshape(-1, *array.shape[2:]) for name, array in gibbs.draws_.items()}
    judge = permute_components(_moments(flat, np.full(len(flat["mean"]), 1.0 / len(flat["mean"]))), order)
    free = _free(narrow.sd)
    reference = _flat(judge, free)
    return {
        "radius": wide.diagnostics["spectral_radius"],
        "predicted": _flat(narrow.sd, free) / _flat(wide.sd, free),
        "mean_field": _flat(narrow.sd, free) / reference,
        "linear_response": _flat(wide.sd, free) / reference,
        "importance": _flat(_moments(sample.draws, sample.weights), free) / reference,
        "khat": sample.khat,
        "ess": sample.ess,
        "gibbs_ess": gibbs.diagnostics_["min_ess_bulk"],
        "accepted": usual.diagnostics["accepted"],
        "seconds": seconds,
    }


def row(name: str, found: dict[str, Any]) -> str:
    """Return one line of the table: the worst and the median relative error of each method."""
    errors = {key: np.abs(found[key] - 1.0) for key in ("mean_field", "linear_response", "importance")}
    parts = [f"{errors[key].max():7.1%}{np.median(errors[key]):7.1%}" for key in errors]
    tail = f"{found['khat']:6.2f}{found['ess']:7.0f}{found['gibbs_ess']:8.0f}{found['seconds']:6.1f}"
    return f"{name:24}{found['radius']:7.3f}{''.join(parts)}{tail}"


def draw(results: dict[str, dict[str, Any]]) -> Any:
    """Return the figure: predicted against measured ratios of sds, one dot a number, its colour the radius."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6.4, 5.6), layout="constrained")
    axes = figure.subplots()
    axes.plot([0.2, 1.05], [0.2, 1.05], color="0.6", linewidth=1.0, zorder=0)
    radius = np.concatenate([np.full(len(found["predicted"]), found["radius"]) for found in results.values()])
    predicted, measured = (np.concatenate([f[key] for f in results.values()]) for key in ("predicted", "mean_field"))
    dots = axes.scatter(predicted, measured, c=radius, cmap="cividis", s=26, edgecolor="white", linewidth=0.5)
    figure.colorbar(dots, ax=axes, label="largest fraction of missing information")
    axes.set(
        xlabel="predicted from the sweep's Jacobian: mean-field sd / linear-response sd",
        ylabel="measured: mean-field sd / Gibbs sd",
        title="Mean field's error is known before any sampling",
    )
    return figure


def nuts_seconds(pair: Pair) -> list[float]:
    """Return the time of two NUTS fits in one process, the first with its compilation."""
    return [NUTS(pair.model, rng=seed).fit(pair.x).elapsed_ for seed in (0, 1)]


def main() -> None:
    """Print the table and write the figure."""
    warnings.simplefilter("ignore")
    print(
        f"{'pair':24}{'radius':>7}{'mean field':>14}{'lin. response':>14}{'importance':>14}{'k-hat':>6}{'ESS':>7}"
        f"{'Gibbs':>8}{'s':>6}   (relative error of the sd: worst, median)"
    )
    results = {}
    for pair in pairs():
        results[pair.name] = measure(pair)
        print(row(pair.name, results[pair.name]), flush=True)
    figure = draw(results)
    figure.savefig(GALLERY / "mean_field_error.png", dpi=160)
    figure.savefig(GALLERY / "mean_field_error.svg")
    if "--nuts" in sys.argv[1:]:
        for pair in pairs()[:1]:
            first, second = nuts_seconds(pair)
            print(f"NUTS on {pair.name}: {first:.1f} s with compilation, {second:.1f} s without")


if __name__ == "__main__":
    main()
