"""What the ranks of `ranks.py` say: p-values of uniformity, power against mean field, and the picture of the gallery.

python experiments/sbc/ranks_figure.py RANKS.jsonl
"""

from __future__ import annotations

import sys
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np
from arviz_stats.ecdf_utils import ecdf_pit
from ranks import CELLS, DRAWS
from records import read

from pointmass.comparison.calibration import holm, uniformity
from pointmass.figures.save import png_bytes
from pointmass.figures.style import GRID, METHOD_STYLES, MUTED, new_figure, styled

GALLERY = Path(__file__).parents[2] / "reports" / "gallery"
SHOWN = "two normals, overlapping"
LOOKS = {"mean field": "VB", "corrected VB": "Enumeration", "Gibbs": "Gibbs", "NUTS": "NUTS"}
HEIGHTS = {"mean field": 0.4}
FEWEST = 100  # fewer simulations say too little to draw
Ranks = dict[tuple[str, str], dict[str, np.ndarray]]


def collected(records: list[dict[str, Any]]) -> Ranks:
    """Return ranks by cell and method, then by quantity: of corrected VB, those on data sets that it accepts."""
    found: dict[tuple[str, str], dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
    for record in records:
        for method, by_quantity in record["ranks"].items():
            if record["facts"][method].get("accepted", True):
                for quantity, rank in by_quantity.items():
                    found[record["task"]["cell"], method][quantity].append(rank)
    return {key: {name: np.array(ranks) for name, ranks in value.items()} for key, value in found.items()}


def p_values(ranks: dict[str, np.ndarray], seed: int = 0) -> dict[str, float]:
    """Return the p-value of each quantity."""
    rng = np.random.default_rng(seed)
    return {name: uniformity(values, DRAWS, rng) for name, values in ranks.items()}


def adjusted(found: Ranks, method: str) -> dict[tuple[str, str], float]:
    """Return the p-values of a method, adjusted over every quantity of every cell."""
    return holm(
        {
            (cell, quantity): value
            for cell in CELLS
            for quantity, value in p_values(found.get((cell, method), {})).items()
        }
    )


def power(ranks: dict[str, np.ndarray], size: int, repetitions: int = 200) -> float:
    """Return how often a random part of the simulations is rejected: smallest p-value, Holm over quantities, 5 %."""
    rng = np.random.default_rng(1)
    total = len(next(iter(ranks.values())))
    rejected = 0
    for repetition in range(repetitions):
        chosen = rng.choice(total, size, replace=False)
        part = {name: values[chosen] for name, values in ranks.items()}
        rejected += min(holm(p_values(part, repetition)).values()) < 0.05
    return rejected / repetitions


@styled
def draw(found: Ranks) -> Any:
    """Return differences of the ranks' ECDF from the uniform one with simultaneous 95 % bands."""
    quantities = list(found[SHOWN, "Gibbs"])
    methods = [method for method in LOOKS if len(found.get((SHOWN, method), {}).get("log joint", ())) >= FEWEST]
    figure = new_figure(2.1 * len(methods) + 0.4, 0.72 * len(quantities) + 1.0)
    figure.supylabel("share of ranks at most as high, minus what uniform ranks have", fontsize=9, color=MUTED)
    grid = figure.subplots(len(quantities), len(methods), sharex=True, squeeze=False)
    for column, method in enumerate(methods):
        ranks = found[SHOWN, method]
        values = holm(p_values(ranks))
        band = ecdf_pit(np.zeros(len(ranks["log joint"])), 0.95, 2000, rng=np.random.default_rng(0))
        for row, quantity in enumerate(quantities):
            _draw_panel(grid[row, column], method, ranks[quantity], band, values[quantity])
        grid[0, column].set_title(f"{method}\n{len(ranks['log joint'])} simulations", pad=8)
        grid[-1, column].set(xlabel="rank, as a share", xticks=[0.0, 0.5, 1.0])
    for row, quantity in enumerate(quantities):
        grid[row, 0].set_ylabel(_wrapped(quantity), rotation=0, ha="right", va="center", fontsize=8)
    return figure


def _wrapped(quantity: str) -> str:
    """Return the name in two lines, without the indices of the only column."""
    return quantity.replace(", 0", "").replace(" × ", "\n× ")


def _draw_panel(axes: Any, method: str, ranks: np.ndarray, band: tuple[np.ndarray, ...], p_value: float) -> None:
    places, _, lower, upper = band
    axes.fill_between(places, lower - places, upper - places, color=GRID, linewidth=0)
    spread = np.sort((ranks + np.random.default_rng(0).random(len(ranks))) / (DRAWS + 1))
    steps = np.searchsorted(spread, places, side="right") / len(spread)
    axes.plot(places, steps - places, color=METHOD_STYLES[LOOKS[method]].colour, linewidth=1.3)
    height = HEIGHTS.get(method, max(1.6 * float(np.abs(upper - places).max()), 0.05))
    axes.set(xlim=(0.0, 1.0), ylim=(-height, height))
    axes.axhline(0.0, color=MUTED, linewidth=0.5)
    label = f"p {p_value:.2f}" if p_value >= 0.005 else ("p < 10⁻⁶" if p_value < 1e-6 else f"p {p_value:.0e}")
    axes.text(0.98, 0.95, label, transform=axes.transAxes, ha="right", va="top", fontsize=7, color=MUTED)


def report(found: Ranks) -> None:
    """Print the smallest adjusted p-value of each method and cell, and the power of small studies."""
    for method in LOOKS:
        values = adjusted(found, method)
        for cell in CELLS:
            of_cell = {name: value for (where, name), value in values.items() if where == cell}
            if of_cell:
                worst = min(of_cell, key=lambda name: of_cell[name])
                size = len(found[cell, method][worst])
                print(f"{method:13} {cell:25} {size:5} simulations  smallest Holm p {of_cell[worst]:.3g}  ({worst})")
    for method in ("mean field", "corrected VB", "Gibbs"):
        ranks = found[SHOWN, method]
        sizes = [size for size in (20, 50, 100, 200) if size < len(ranks["log joint"])]
        shares = "  ".join(f"{size}: {power(ranks, size):.2f}" for size in sizes)
        print(f"{method:13} rejected at {SHOWN}, by number of simulations  {shares}")


def facts(records: list[dict[str, Any]]) -> None:
    """Print what the methods say of themselves, and what they cost."""
    for cell in CELLS:
        for method in LOOKS:
            mine = [record for record in records if record["task"]["cell"] == cell and method in record["facts"]]
            if not mine:
                continue
            seconds = np.array([record["seconds"][method] for record in mine])
            numbers = {
                key: np.array([record["facts"][method][key] for record in mine], dtype=float)
                for key in mine[0]["facts"][method]
            }
            told = "  ".join(
                f"{key} {np.nanmean(v):.3g} (5 % {np.nanquantile(v, 0.05):.3g}, 95 % {np.nanquantile(v, 0.95):.3g})"
                for key, v in numbers.items()
            )
            print(f"{method:13} {cell:25} {np.median(seconds):.2f} s  {told}")


def main(file: Path) -> None:
    """Print the findings and write the figure."""
    records = read(file)
    found = collected(records)
    report(found)
    facts(records)
    (GALLERY / "ranks.png").write_bytes(png_bytes(draw(found)))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
