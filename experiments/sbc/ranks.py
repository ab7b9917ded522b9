"""Simulation-based calibration: ranks of truths drawn from the prior among each method's draws.

    python experiments/sbc/ranks.py OUTPUT.jsonl [SIMULATIONS [NUTS_SIMULATIONS]]

The same command goes on where it stopped. `ranks_figure.py` draws and tests what is in the file.
"""

from __future__ import annotations

import sys
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from records import measure_missing

from pointmass import (
    NUTS,
    VB,
    Bernoulli,
    Beta,
    Categorical,
    Dirichlet,
    Exponential,
    Gamma,
    Gaussian,
    Geometric,
    Gibbs,
    HiddenMarkov,
    LinearRegression,
    Mixture,
    Multinomial,
    NormalInverseGamma,
    NormalInverseWishart,
    Poisson,
)
from pointmass.comparison.calibration import Quantities, Simulation, ranks, simulate
from pointmass.estimators.datatree import flat_draws
from pointmass.families.conjugate import Parameters
from pointmass.models import Model, as_model

DRAWS = 99


@dataclass(frozen=True)
class Cell:
    """A model with an explicit prior, and the size of its data sets."""

    model: Model
    n: int
    n_columns: int = 1


GAMMA = NormalInverseGamma(mean=0.0, kappa=0.5, shape=3.0, scale=2.0)
WISHART = NormalInverseWishart(mean=[0.0, 1.0], kappa=0.5, dof=5.0, scale=[[2.0, 0.5], [0.5, 1.0]])
LINE = NormalInverseGamma(mean=[1.0, -1.0], kappa=0.5, shape=3.0, scale=2.0)
COUNTS, HIGH = Gamma(shape=2.0, rate=0.4), Gamma(shape=2.0, rate=0.05)
CELLS = {
    "normal": Cell(as_model(Gaussian(prior=GAMMA)), 10),
    "normal, two columns": Cell(as_model(Gaussian(prior=WISHART)), 10, 2),
    "counts": Cell(as_model(Poisson(prior=COUNTS)), 10),
    "waiting times": Cell(as_model(Exponential(prior=Gamma(shape=2.0, rate=1.0))), 10),
    "failures": Cell(as_model(Geometric(prior=Beta(2.0, 2.0))), 10),
    "answers, two columns": Cell(as_model(Bernoulli(prior=Beta(1.5, 1.0))), 10, 2),
    "categories": Cell(as_model(Categorical(3, prior=Dirichlet(1.5))), 15),
    "counts of categories": Cell(as_model(Multinomial(n_trials=5, prior=Dirichlet(1.5))), 10, 3),
    "line": Cell(as_model(LinearRegression(prior=LINE)), 12, 2),
    "two normals, overlapping": Cell(Mixture(Gaussian(prior=GAMMA), 2, weights_prior=Dirichlet(2.0)), 40),
    "two kinds of counts": Cell(Mixture(Poisson(prior=COUNTS), 2, weights_prior=Dirichlet(2.0)), 40),
    "chain of counts": Cell(
        HiddenMarkov(Poisson(prior=HIGH), 2, initial_prior=Dirichlet(1.0), transition_prior=Dirichlet(1.5)), 40
    ),
}
NUTS_CELLS = ("two normals, overlapping", "normal")
Fits = Callable[[Cell, Simulation, VB, int], tuple[Parameters | None, dict[str, Any]]]


def columns(model: Model, values: np.ndarray) -> tuple[np.ndarray, ...]:
    """Return rows, and of a regression the target beside them."""
    return (values[:, :-1], values[:, -1]) if model.is_conditional else (values,)


def mean_field(cell: Cell, data: Simulation, vb: VB, seed: int) -> tuple[Parameters | None, dict[str, Any]]:
    return vb.uncertainty("mean_field", rng=seed).draws, {"radius": vb.rate_}


def corrected(cell: Cell, data: Simulation, vb: VB, seed: int) -> tuple[Parameters | None, dict[str, Any]]:
    found = vb.uncertainty("importance", rng=seed)
    return found.draws, {name: found.diagnostics.get(name) for name in ("accepted", "khat", "ess")}


def gibbs(cell: Cell, data: Simulation, vb: VB, seed: int) -> tuple[Parameters | None, dict[str, Any]]:
    """Two chains: with four the gate would decide how long they are."""
    fit = Gibbs(cell.model, chains=2, draws=1500, tune=200, rng=seed).fit(*columns(cell.model, data.values))
    return flat_draws(fit.draws_), {"min_ess": fit.diagnostics_["min_ess_bulk"]}


def nuts(cell: Cell, data: Simulation, vb: VB, seed: int) -> tuple[Parameters | None, dict[str, Any]]:
    fit = NUTS(cell.model, chains=2, draws=500, tune=500, rng=seed).fit(*columns(cell.model, data.values))
    return flat_draws(fit.draws_), {name: fit.diagnostics_[name] for name in ("min_ess_bulk", "divergences")}


METHODS: dict[str, Fits] = {"mean field": mean_field, "corrected VB": corrected, "Gibbs": gibbs, "NUTS": nuts}


def methods_of(cell: str) -> list[str]:
    """Return the methods that cost little; without a latent mean field is exact, and there is nothing to correct."""
    return ["mean field", "corrected VB", "Gibbs"] if CELLS[cell].model.has_latent else ["mean field", "Gibbs"]


def measure(cell: str, simulation: int, methods: list[str]) -> dict[str, Any]:
    """Return the ranks by method and quantity on one simulated data set, and what the methods say of themselves."""
    number = list(CELLS).index(cell)
    chosen = CELLS[cell]
    data = simulate(chosen.model, chosen.n, chosen.n_columns, np.random.default_rng([number + 1, simulation]))
    vb = VB(chosen.model, n_init=3, rng=simulation).fit(*columns(chosen.model, data.values))
    quantities = Quantities(vb, np.random.default_rng(simulation))
    record: dict[str, Any] = {"ranks": {}, "facts": {}, "seconds": {}}
    for place, name in enumerate(methods):
        started = time.perf_counter()
        draws, record["facts"][name] = METHODS[name](chosen, data, vb, 1_000_000 * (place + 1) + simulation)
        record["seconds"][name] = round(time.perf_counter() - started, 3)
        if draws is not None:
            record["ranks"][name] = ranks(data.truth, draws, quantities, DRAWS)
    return record


def main(output: Path, simulations: int = 1000, nuts_simulations: int = 200) -> None:
    """Measure what the file does not yet hold."""
    warnings.simplefilter("ignore")
    sizes = [(cell, methods_of(cell), simulations) for cell in CELLS]
    sizes += [(cell, ["NUTS"], nuts_simulations) for cell in NUTS_CELLS]
    tasks = [
        {"cell": cell, "simulation": simulation, "methods": methods}
        for cell, methods, size in sizes
        for simulation in range(size)
    ]
    measure_missing(output, tasks, measure)


if __name__ == "__main__":
    main(Path(sys.argv[1]), *map(int, sys.argv[2:]))
