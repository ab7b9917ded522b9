"""A run of 1,000 cells of a small model: what a cell costs beyond its fit, and how heavy and slow its report is.

Run with ``python experiments/benchmarks/cells.py``; with Chromium and the extra ``browser`` it opens the page too.
Seconds are of the processor, of this process and its workers together, so that a busy machine counts less; the clock's
are printed beside them.
"""

from __future__ import annotations

import argparse
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pointmass.estimators import ESTIMATORS
from pointmass.experiment.config import Config, load_config
from pointmass.experiment.grid import cells_of
from pointmass.experiment.plan import dataset_of
from pointmass.experiment.runner import run
from pointmass.models import model_from_dict
from pointmass.report import write_report

sys.path.insert(0, str(Path(__file__).parents[2] / "tests"))

from browser import chromium


@dataclass
class Cost:
    """Seconds of the processor and of the clock."""

    processor: float = 0.0
    clock: float = 0.0

    def each(self, count: int) -> str:
        return f"{1e3 * self.processor / count:.0f} ms of the processor, {1e3 * self.clock / count:.0f} ms of the clock"


def config(repetitions: int) -> Config:
    """Return a study of two cells a repetition."""
    return load_config(
        {
            "name": "cells",
            "seed": 20261126,
            "repetitions": repetitions,
            "data": {"generator": "gaussian_mixture", "n": 100, "dimension": 1},
            "model": {"mixture": {"family": "gaussian", "n_components": 2}},
            "estimators": {"em": {"n_init": 2}, "vb": {"n_init": 2}},
            "uncertainty": ["information", "mean_field", "linear_response"],
        }
    )


def fit_alone(study: Config) -> None:
    """Do what a user would do in a loop: the data, the fit, its intervals."""
    for cell in cells_of(study):
        data = dataset_of(cell, study.folder)
        options = {name: value for name, value in cell.method.items() if name != "type"}
        fit = ESTIMATORS[cell.method["type"]](model_from_dict(cell.model), rng=0, **options).fit(data.X)
        for method in {"point": ["information"], "posterior": ["mean_field", "linear_response"]}[fit.kind]:
            fit.uncertainty(method)


@contextmanager
def measured() -> Iterator[Cost]:
    """Measure what happens inside."""
    cost, began, before = Cost(), time.perf_counter(), _processor()
    yield cost
    cost.processor, cost.clock = _processor() - before, time.perf_counter() - began


def _processor() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def _cost_of(work: Callable[..., Any], *arguments: Any) -> Cost:
    with measured() as cost:
        work(*arguments)
    return cost


def opened(page: Path) -> str:
    """Return how long the page takes to load in Chromium."""
    if not chromium.binary():
        return "not opened: no chromium with chromedriver here"
    browser = chromium.start()
    try:
        seconds = sorted(browser.open(page).seconds for _ in range(3))
    finally:
        browser.driver.quit()
    return f"opens in {seconds[1]:.2f} s (median of 3; at most 2 promised)"


def main() -> None:
    """Measure and print."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--cells", type=int, default=1000)
    count = arguments.parse_args().cells // 2 * 2
    study = config(count // 2)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "run"
        alone, whole, report = _cost_of(fit_alone, study), _cost_of(run, study, path), _cost_of(write_report, path)
        beyond = Cost(whole.processor - alone.processor, whole.clock - alone.clock)
        page = path / "report.html"
        print(f"{count} cells, a fit with its intervals: {alone.each(count)}")
        print(f"a cell of the run beyond that: {beyond.each(count)} (at most 150 promised)")
        print(f"the report, a cell: {report.each(count)}")
        print(f"report.html: {page.stat().st_size / 1e6:.2f} MB (at most 5 promised), {opened(page)}")


if __name__ == "__main__":
    main()
