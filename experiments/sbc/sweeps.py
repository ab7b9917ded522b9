"""The Gibbs sweep of models beyond those of `ranks.py`: ranks of truths among draws that are exchangeable with them.

    python experiments/sbc/sweeps.py OUTPUT.jsonl [SIMULATIONS [CELL ...]]
    python experiments/sbc/sweeps.py --test RANKS.jsonl

Draws lie ten sweeps apart, in a chain that has the truth somewhere in its middle (`pointmass.comparison.exchangeable`).
The same command goes on where it stopped.
"""

from __future__ import annotations

import sys
import warnings
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from ranks import COUNTS, GAMMA, LINE, WISHART, columns
from ranks import Cell as Complete
from records import measure_missing, read

from pointmass import (
    VB,
    BayesianRegression,
    Categorical,
    CensoredExponential,
    CensoredGaussian,
    DegreesOfFreedom,
    Dirichlet,
    Gamma,
    Gaussian,
    HiddenMarkov,
    IncompleteGaussian,
    LinearRegression,
    LogisticRegression,
    MeasuredGaussian,
    Mixture,
    Poisson,
    ProbitRegression,
    Product,
    RandomEffects,
    StickBreaking,
    StructuredMultinomial,
    StudentRegression,
    StudentT,
)
from pointmass.comparison.calibration import Quantities, Simulation, holm, ranks, simulate, uniformity
from pointmass.comparison.exchangeable import exchangeable_draws
from pointmass.families import GammaPrecision, InverseGamma, NormalCoefficients
from pointmass.models import as_model

DRAWS, APART = 19, 10
GROUPS = np.arange(6.0)[:, None]
Coarsen = Callable[[np.ndarray, np.random.Generator], np.ndarray]


def as_it_is(values: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    return values


def cells_lost(values: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return rows a third of whose cells are missing, whatever their values."""
    return np.where(rng.random(values.shape) < 1 / 3, np.nan, values)


def still_running(values: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return times that are known only to be longer than a time of watching."""
    end = rng.exponential(1.0, len(values))
    seen = values[:, 0] <= end
    return np.column_stack([np.where(seen, values[:, 0], end), np.where(seen, values[:, 0], np.nan)])


def rounded(values: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return the whole numbers between which values lie."""
    return np.floor(values[:, :1]) + np.array([0.0, 1.0])


def measured(values: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return values with errors, and the standard deviations of these."""
    errors = rng.uniform(0.2, 2.0, len(values))
    return np.column_stack([values[:, 0] + errors * rng.standard_normal(len(values)), errors])


@dataclass(frozen=True)
class Cell(Complete):
    """A model with an explicit prior, the size of its data sets, and what is left to see of them."""

    seen: Coarsen = as_it_is
    features: np.ndarray | None = None


D2 = Dirichlet(2.0)
CHAIN: dict[str, Any] = {"initial_prior": Dirichlet(1.0), "transition_prior": Dirichlet(1.5)}
COEFFICIENTS = NormalCoefficients([0.3, 0.5], [[0.8, 0.0], [0.3, 0.9]])
MIXED = Product({"size": Gaussian(prior=GAMMA), "visits": Poisson(COUNTS), "colour": Categorical(3, Dirichlet(1.5))})
PRECISION = GammaPrecision(3.0, 2.0)
CELLS = {
    "answers, probit": Cell(as_model(ProbitRegression(prior=COEFFICIENTS)), 20, 2),
    "answers, logistic": Cell(as_model(LogisticRegression(prior=COEFFICIENTS)), 20, 2),
    "linkage": Cell(as_model(StructuredMultinomial(20, Dirichlet([1.5, 0.8]), "linkage")), 1, 4),
    "blood groups": Cell(as_model(StructuredMultinomial(20, Dirichlet([1.5, 0.8, 2.0]), "blood_groups")), 1, 4),
    "missing cells": Cell(as_model(IncompleteGaussian(prior=WISHART)), 15, 2, cells_lost),
    "times still running": Cell(as_model(CensoredExponential(Gamma(2.0, 1.0))), 10, 1, still_running),
    "rounded values": Cell(as_model(CensoredGaussian(prior=GAMMA)), 10, 1, rounded),
    "values with errors": Cell(as_model(MeasuredGaussian(prior=GAMMA)), 10, 1, measured),
    "heavy tails": Cell(as_model(StudentT(prior=GAMMA, dof=4.0)), 15),
    "heavy tails, degrees of freedom": Cell(as_model(StudentT(prior=GAMMA, dof_prior=DegreesOfFreedom(2.5, 0.3))), 15),
    "heavy-tailed line": Cell(as_model(StudentRegression(prior=LINE, dof=3.0)), 15, 2),
    "precisions of a line": Cell(BayesianRegression("each", False, PRECISION, PRECISION), 15, 3),
    "random effects": Cell(
        RandomEffects(GAMMA, InverseGamma(3.0, 2.0), GROUPS), 18, 2, features=np.repeat(GROUPS, 3, axis=0)
    ),
    "two lines": Cell(Mixture(LinearRegression(prior=LINE), 2, weights_prior=D2), 40, 2),
    "mixed columns": Cell(Mixture(MIXED, 2, weights_prior=D2), 30, 3),
    "two normals, two columns": Cell(Mixture(Gaussian(prior=WISHART), 2, weights_prior=D2), 40, 2),
    "two normals, one covariance": Cell(Mixture(Gaussian("tied", WISHART), 2, weights_prior=D2), 40, 2),
    "Dirichlet process": Cell(Mixture(Gaussian(prior=GAMMA), 4, weights_prior=StickBreaking(1.5)), 40),
    "chain of normals": Cell(HiddenMarkov(Gaussian(prior=GAMMA), 2, **CHAIN), 40),
    "chain of lines": Cell(HiddenMarkov(LinearRegression(prior=LINE), 2, **CHAIN), 40, 2),
}


def simulated(cell: Cell, rng: np.random.Generator) -> Simulation:
    """Return parameters of the prior and rows as they are seen."""
    data = simulate(cell.model, cell.n, cell.n_columns, rng, cell.features)
    return Simulation(data.truth, cell.seen(data.values, rng))


def measure(cell: str, simulation: int) -> dict[str, Any]:
    """Return the ranks of one truth by quantity."""
    chosen, number = CELLS[cell], list(CELLS).index(cell)
    rng = np.random.default_rng([number + 101, simulation])
    data = simulated(chosen, rng)
    vb = VB(chosen.model, n_init=1, rng=simulation).fit(*columns(chosen.model, data.values))
    quantities = Quantities(vb, np.random.default_rng(simulation))
    draws = exchangeable_draws(vb, data.truth, DRAWS, APART, rng)
    return {"ranks": ranks(data.truth, draws, quantities, DRAWS)}


def main(output: Path, simulations: int = 1000, *cells: str) -> None:
    """Measure what the file does not yet hold."""
    warnings.simplefilter("ignore")
    tasks = [{"cell": cell, "simulation": number} for cell in cells or CELLS for number in range(simulations)]
    measure_missing(output, tasks, measure)


def report(file: Path) -> None:
    """Print the smallest p-value of each model, adjusted over all quantities of all models."""
    found: dict[tuple[str, str], list[int]] = defaultdict(list)
    for record in read(file):
        for quantity, rank in record["ranks"].items():
            found[record["task"]["cell"], quantity].append(rank)
    rng = np.random.default_rng(0)
    values = holm({key: uniformity(np.array(rank), DRAWS, rng) for key, rank in found.items()})
    for cell in CELLS:
        own = {quantity: value for (where, quantity), value in values.items() if where == cell}
        if own:
            worst = min(own, key=lambda quantity: own[quantity])
            size = len(found[cell, worst])
            print(
                f"{cell:34} {size:5} simulations  {len(own):3} quantities  smallest Holm p {own[worst]:.3g}  ({worst})"
            )


if __name__ == "__main__":
    if sys.argv[1] == "--test":
        report(Path(sys.argv[2]))
    else:
        main(Path(sys.argv[1]), *map(int, sys.argv[2:3]), *sys.argv[3:])
