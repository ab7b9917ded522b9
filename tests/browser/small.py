"""Every shipped study, small: the same configuration with fewer draws, rows, repetitions and points of the grid.

A page does not look different for more draws. One study keeps NUTS, whose compilation takes half a minute; in the
others Gibbs, of few draws, stands in its place, where the model has it.
"""

from __future__ import annotations

from pathlib import Path

CONFIGS = sorted((Path(__file__).parents[2] / "configs").glob("*.yaml"))

_FEW = ("draws=200", "tune=100")
_SMALL_GRIDS = {
    "coverage": ("repetitions=3", "grid={data.separation: [2.0, 6.0]}"),
    "phase_diagram": ("repetitions=2", "grid={data.separation: [2.0, 6.0], data.n: [50, 200]}"),
    "phase_diagram_nuts": ("grid={data.separation: [2.0, 6.0], data.n: [50]}",),
    "heights": ("data.n=300",),
}
_KEEPS_NUTS = {"heights", "motorcycle"}  # the gate of experts has no step for Gibbs


def overrides(config: Path) -> list[str]:
    """Return the ``--set`` of a study that make it small."""
    text = config.read_text(encoding="utf-8")
    samplers = [name for name in ("gibbs", "nuts") if f"\n  {name}:" in text]
    few = [f"estimators.{name}.{setting}" for name in samplers for setting in _FEW]
    stand_ins = ["estimators.nuts.type=gibbs"] if "nuts" in samplers and config.stem not in _KEEPS_NUTS else []
    return [*few, *stand_ins, *_SMALL_GRIDS.get(config.stem, ())]
