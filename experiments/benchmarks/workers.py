"""How much faster two workers finish a grid of VB fits than one, beside what two processes can do on this machine.

Run with ``python experiments/benchmarks/workers.py``. Everything is measured alternately in one run. The ceiling is
what plain processes reach with the same fits and no run around them: two hyperthreads of one core are no two cores.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

from pointmass.experiment.cell import Task, fit_cell
from pointmass.experiment.config import Config, load_config
from pointmass.experiment.plan import plan
from pointmass.experiment.runner import run

PROMISED = 1.7


def config(repetitions: int) -> Config:
    """Return a grid of VB fits of some tenths of a second each."""
    return load_config(
        {
            "name": "workers",
            "seed": 20261126,
            "repetitions": repetitions,
            "data": {"generator": "gaussian_mixture", "n": 1_000},
            "model": {"mixture": {"family": "gaussian", "n_components": 2}},
            "estimators": {"vb": {"n_init": 5}},
            "uncertainty": ["mean_field"],
            "grid": {"data.separation": [2.0, 4.0]},
        }
    )


def seconds_of_run(study: Config, workers: int) -> float:
    """Return how long a whole run takes, its workers' start included."""
    with tempfile.TemporaryDirectory() as folder:
        began = time.perf_counter()
        run(study, Path(folder) / "run", workers=workers)
        return time.perf_counter() - began


def seconds_of_processes(tasks: list[Task], processes: int) -> float:
    """Return how long plain processes take for the same fits, their start included."""
    began = time.perf_counter()
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        list(pool.map(fit_cell, tasks))
    return time.perf_counter() - began


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repetitions", type=int, default=20)
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    study = config(arguments.repetitions)
    tasks = [Task(planned.cell, planned.digest, study.folder.absolute()) for planned in plan(study)]
    runs, plain = [], []
    for _ in range(arguments.rounds):
        runs.append([seconds_of_run(study, workers) for workers in (1, 2)])
        plain.append([seconds_of_processes(tasks, processes) for processes in (1, 2)])
    ours, ceiling = (statistics.median(one / two for one, two in times) for times in (runs, plain))
    print(f"{len(tasks)} VB fits; seconds with 1 and 2 workers {runs}, with 1 and 2 plain processes {plain}")
    print(f"2 workers are {ours:.2f} times as fast as 1 (promised {PROMISED}); the ceiling here is {ceiling:.2f}")


if __name__ == "__main__":
    main()
