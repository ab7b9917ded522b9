"""Objective against passes over the data: batch, incremental, sparse, stochastic and accelerated sweeps.

Run ``python experiments/schedules.py``; it prints the passes that each needs and writes
``reports/gallery/schedules.png`` and ``.svg``.
"""

from __future__ import annotations

import warnings
from itertools import islice
from pathlib import Path

import numpy as np

from pointmass import EM, Gaussian, Mixture
from pointmass.figures.save import png_bytes, svg_bytes
from pointmass.figures.style import GRID, MUTED, new_figure, styled
from pointmass.inference.acceleration import Anderson, Plain
from pointmass.inference.coordinate_ascent import Ascent, ascend
from pointmass.inference.incremental import IncrementalSweep
from pointmass.inference.sparse import SparseSweep
from pointmass.inference.stochastic import stochastic_passes
from pointmass.inference.sweep import Sweep
from pointmass.models import Beliefs

GALLERY = Path(__file__).parents[1] / "reports" / "gallery"
Trace = tuple[np.ndarray, np.ndarray]  # passes over the data, objective there
LOOKS = {
    "batch": ("#5b6472", "-"),
    "incremental": ("#c4430a", "-"),
    "stochastic": ("#c98500", ":"),
    "sparse": ("#009e73", "--"),
    "accelerated (Anderson)": ("#0072b2", "-."),
}
NEAR = 0.01


def two_normals(n: int = 1000, seed: int = 0) -> tuple[Sweep, Beliefs]:
    """Two normals, weights 0.4 and 0.6, means −1.5 and 1.5, sds 1 (Neal and Hinton 1998)."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=n) + np.where(rng.random(n) < 0.4, -1.5, 1.5)
    start = {"weights": [0.5, 0.5], "mean": [[-0.5], [0.5]], "covariance": np.full((2, 1, 1), x.var())}
    return begun(Mixture(Gaussian(), 2), x[:, None], start)


def thirty_clusters(seed: int = 5) -> tuple[Sweep, Beliefs]:
    """3,000 rows of thirty round clusters in a square of fifty sds."""
    rng = np.random.default_rng(seed)
    centres = rng.uniform(-25.0, 25.0, (30, 2))
    x = centres[rng.integers(30, size=3000)] + rng.normal(size=(3000, 2))
    start = {"weights": np.full(30, 1 / 30), "mean": centres, "covariance": np.tile(4.0 * np.eye(2), (30, 1, 1))}
    return begun(Mixture(Gaussian("spherical"), 30), x, start)


def begun(model: Mixture, x: np.ndarray, start: dict) -> tuple[Sweep, Beliefs]:
    """Return EM's sweep on the data, and where it starts."""
    return EM(model, init=start, max_iter=1, tol=0).fit(x).sweep_at_fit()


def batch(sweep: Sweep, start: Beliefs, passes: int) -> Trace:
    """Plain sweeps."""
    found = []
    ascend(sweep, start, Plain(), tol=0, max_iter=passes, on_step=lambda ascent: found.append(ascent.objective))
    return np.arange(len(found), dtype=float), np.array(found)


def accelerated(sweep: Sweep, start: Beliefs, passes: int) -> Trace:
    """The default: every evaluation counts, refused ones too."""
    found: list[tuple[float, float]] = []

    def note(ascent: Ascent) -> None:
        found.append((ascent.n_evaluations - 1.0, ascent.objective))

    ascend(sweep, start, Anderson(), tol=0, max_iter=passes, on_step=note)
    return tuple(np.array(found).T)


def incremental(sweep: Sweep, start: Beliefs, passes: int, blocks: int) -> Trace:
    """The free energy after each partial step; the first pass is a batch sweep."""
    trace: list[float] = []
    partial = sweep.as_kind(IncrementalSweep, n_blocks=blocks, trace=trace)
    beliefs = start
    for _ in range(passes):
        beliefs = partial(beliefs).beliefs
    return 1.0 + np.arange(len(trace)) / blocks, np.array(trace)


def stochastic(sweep: Sweep, start: Beliefs, passes: int, blocks: int) -> Trace:
    """The batch objective after each pass."""
    rng = np.random.default_rng(1)
    visited = islice(stochastic_passes(sweep, start, rng, n_blocks=blocks, forgetting=0.7), passes)
    found = [sweep(beliefs).objective for beliefs in visited]
    return 1.0 + np.arange(1, len(found) + 1), np.array(found)


def sparse(sweep: Sweep, start: Beliefs, passes: int) -> Trace:
    """The free energy of each sweep against the densities evaluated before it."""
    visited: list[int] = []
    found, beliefs = [], start
    renewed = sweep.as_kind(SparseSweep, visited=visited)
    for _ in range(passes):
        step = renewed(beliefs)
        found.append(step.objective)
        beliefs = step.beliefs
    whole = sweep.model.n_components * len(sweep.rows)
    return np.concatenate([[0.0], np.cumsum(visited)[:-1] / whole]), np.array(found)


def maximum(sweep: Sweep, start: Beliefs) -> float:
    """Return the objective of the optimum that plain sweeps go to."""
    near = ascend(sweep, start, Plain(), tol=1e-3, max_iter=5000).beliefs
    return ascend(sweep, near, Anderson(), tol=1e-9, max_iter=5000).objective


def passes_to(trace: Trace, best: float, gap: float) -> float:
    """Return the passes until within ``gap`` nats of the maximum."""
    near = np.flatnonzero(trace[1] > best - gap)
    return float(trace[0][near[0]]) if near.size else float("inf")


@styled
def draw(panels: dict[str, tuple[dict[str, Trace], float]]) -> object:
    """Return the figure: distance to the maximum against passes, one panel a data set."""
    figure = new_figure(11.0, 3.6)
    every = figure.subplots(1, len(panels))
    for axes, (title, (traces, best)) in zip(every, panels.items(), strict=True):
        axes.axhline(NEAR, color=GRID, linewidth=1.0)
        for name, (at, objective) in traces.items():
            colour, line = LOOKS[name]
            axes.semilogy(at, np.maximum(best - objective, 1e-7), line, color=colour, linewidth=1.6, label=name)
        lowest = max(1e-4, 0.5 * min((best - objective).min() for _, objective in traces.values()))
        axes.set(title=title, xlabel="passes over the data (all densities)", xlim=(0.0, None), ylim=(lowest, None))
        axes.legend(loc="upper right")
    every[0].set_ylabel("nats below the maximum", color=MUTED)
    return figure


def main() -> None:
    """Measure, print and draw."""
    warnings.simplefilter("ignore")
    small, many, large = two_normals(), thirty_clusters(), two_normals(50_000)
    panels = {
        "Two normals 3 sd apart, n = 1,000": (
            {
                "batch": batch(*small, 90),
                "incremental": incremental(*small, 90, 50),
                "accelerated (Anderson)": accelerated(*small, 60),
            },
            maximum(*small),
        ),
        "Thirty clusters, n = 3,000": ({"batch": batch(*many, 60), "sparse": sparse(*many, 150)}, maximum(*many)),
        "Two normals 3 sd apart, n = 50,000": (
            {
                "batch": batch(*large, 30),
                "incremental": incremental(*large, 30, 500),
                "stochastic": stochastic(*large, 28, 500),
            },
            maximum(*large),
        ),
    }
    for title, (traces, highest) in panels.items():
        for name, trace in traces.items():
            told = ", ".join(f"{gap:g} nats {passes_to(trace, highest, gap):.1f}" for gap in (300.0, 1.0, NEAR))
            print(f"{title}, {name}: passes to within {told}")
    figure = draw(panels)
    (GALLERY / "schedules.png").write_bytes(png_bytes(figure))
    (GALLERY / "schedules.svg").write_bytes(svg_bytes(figure))


if __name__ == "__main__":
    main()
