"""Coverage of nominal 95 % intervals over repeated data sets from two normals, every method on the same data.

Each data set is one line of a JSON file, appended as it is done: the same command goes on where it stopped.

    python experiments/calibration/coverage.py OUTPUT.jsonl [REPETITIONS]
"""

from __future__ import annotations

import json
import sys
import warnings
from pathlib import Path
from typing import Any

import numpy as np

from pointmass import EM, VB, Gaussian, Gibbs, Mixture, NormalInverseGamma, load_dataset

SEPARATIONS = (2.0, 2.5, 3.0, 4.0, 6.0)
PRIOR = NormalInverseGamma(mean=0.0, kappa=0.05, shape=2.0, scale=1.0)
MODEL = Mixture(Gaussian(prior=PRIOR), n_components=2)
NAMES = ("weight", "mean 1", "mean 2", "precision 1", "precision 2")
N = 200


def numbers(arrays: dict[str, np.ndarray]) -> np.ndarray:
    """Return (S, 5): first weight, means and precisions, the components of each draw ordered by their means."""
    means, weights = arrays["mean"][..., 0], arrays["weights"]
    order = np.argsort(means, axis=-1)
    precisions = 1.0 / arrays["covariance"][..., 0, 0]
    ordered = [np.take_along_axis(array, order, axis=-1) for array in (weights, means, precisions)]
    return np.concatenate([ordered[0][..., :1], ordered[1], ordered[2]], axis=-1)


def closed_form(fit: Any, method: str) -> dict[str, list[float]]:
    """Return the bounds of a method that has no draws of its own: components ordered by the estimate."""
    interval = fit.uncertainty(method, rng=0).interval()
    order = np.argsort(fit.estimate_["mean"][:, 0])
    low, high = ({name: bounds[side] for name, bounds in interval.items()} for side in (0, 1))

    def bounds(first: dict[str, np.ndarray], second: dict[str, np.ndarray]) -> list[float]:
        precisions = 1.0 / second["covariance"][order, 0, 0]
        return [first["weights"][order[0]], *first["mean"][order, 0], *precisions]

    return {"lower": bounds(low, high), "upper": bounds(high, low)}


def of_draws(draws: dict[str, np.ndarray]) -> dict[str, list[float]]:
    """Return equal-tailed bounds and sds of draws, each ordered by itself."""
    values = numbers(draws)
    lower, upper = np.quantile(values, [0.025, 0.975], axis=0)
    return {"lower": lower.tolist(), "upper": upper.tolist(), "sd": values.std(axis=0).tolist()}


def measure(separation: float, repetition: int) -> dict[str, Any]:
    """Return bounds and diagnostics of every method on one data set."""
    data = load_dataset(
        "gaussian_mixture",
        n=N,
        weights=[0.4, 0.6],
        separation=separation,
        dimension=1,
        rng=np.random.default_rng([int(10 * separation), repetition]),
    )
    truth = {name: np.asarray(data.truth[name])[None] for name in ("weights", "mean", "covariance")}
    em, vb = EM(MODEL, rng=0).fit(data.X), VB(MODEL, rng=0).fit(data.X)
    corrected, response = vb.uncertainty("importance", rng=1), vb.uncertainty("linear_response", rng=1)
    gibbs = Gibbs(MODEL, draws=1000, tune=500, rng=2).fit(data.X)
    facts = corrected.diagnostics
    mean_field = closed_form(vb, "mean_field")
    return {
        "separation": separation,
        "repetition": repetition,
        "truth": numbers(truth)[0].tolist(),
        "information": closed_form(em, "information"),
        "mean_field": {**mean_field, "sd": numbers(vb.uncertainty("mean_field", rng=3).draws).std(axis=0).tolist()},
        "linear_response": closed_form(vb, "linear_response"),
        "importance": of_draws(corrected.draws) if corrected.draws is not None else None,
        "gibbs": of_draws({name: array.reshape(-1, *array.shape[2:]) for name, array in gibbs.draws_.items()}),
        "radius": response.diagnostics["spectral_radius"],
        "khat": facts.get("khat"),
        "ess": facts.get("ess"),
        "accepted": facts["accepted"],
        "log_evidence": facts.get("log_evidence"),
        "elbo": vb.elbo_,
        "reliable": gibbs.diagnostics_["reliable"],
        "gibbs_ess": gibbs.diagnostics_["min_ess_bulk"],
        "boundary_share": gibbs.diagnostics_["boundary_share"],
        "em_status": em.status_,
        "em_accepted": em.uncertainty().diagnostics["accepted"],
        "seconds": {"vb": vb.elapsed_, "em": em.elapsed_, "gibbs": gibbs.elapsed_},
    }


def main(output: Path, repetitions: int = 200) -> None:
    """Measure what the file does not yet hold."""
    warnings.simplefilter("ignore")
    lines = output.read_text().splitlines() if output.exists() else []
    done = {(found["separation"], found["repetition"]) for found in map(json.loads, lines)}
    with output.open("a") as file:
        for repetition in range(repetitions):
            for separation in SEPARATIONS:
                if (separation, repetition) not in done:
                    file.write(json.dumps(measure(separation, repetition)) + "\n")
                    file.flush()


if __name__ == "__main__":
    main(Path(sys.argv[1]), *map(int, sys.argv[2:]))
