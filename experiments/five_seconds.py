"""What a point estimate costs, in one picture: one number of one model on one data set, by each rung of the ladder.

Run ``python experiments/five_seconds.py``; it writes ``reports/gallery/five_seconds.png`` and ``.svg``.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from scipy import stats

from pointmass import EM, NUTS, VB, Gaussian, Mixture
from pointmass.figures.save import png_bytes, svg_bytes
from pointmass.figures.style import INK, METHOD_STYLES, MUTED, bare, new_figure, styled

N, SEED = 500, 20261126


def rows() -> np.ndarray:
    """Return two overlapping normals: weights 0.4 and 0.6, means 0 and 2.6, both of sd 1."""
    rng = np.random.default_rng(SEED)
    second = rng.random(N) < 0.6
    return rng.normal(2.6 * second, 1.0)


def first_means(draws: np.ndarray) -> np.ndarray:
    """Return the draws of the lower mean."""
    return np.asarray(draws).reshape(-1, 2).min(axis=1)


@styled
def draw(point: float, curves: dict[str, np.ndarray], grid: np.ndarray) -> object:
    """Return the figure: the point as a pin, what each posterior knows as a curve, one axis."""
    figure = new_figure(8.0, 3.0)
    axes = figure.subplots()
    narrow, corrected, referee = (curves[name] for name in ("mean field", "importance", "NUTS"))
    vb, em = METHOD_STYLES["VB"].colour, METHOD_STYLES["EM"].colour
    axes.fill_between(grid, referee, color=INK, alpha=0.12, linewidth=0)
    axes.plot(grid, referee, color=INK, linewidth=1.8)
    axes.plot(grid, corrected, color=vb, linewidth=1.8, linestyle=(0, (3.0, 1.0)))
    axes.plot(grid, narrow, color=vb, linewidth=1.8)
    top = narrow.max()
    axes.vlines(point, 0.0, 1.12 * top, color=em, linewidth=1.6)
    axes.plot([point], [1.12 * top], clip_on=False, **METHOD_STYLES["EM"].marking(), markersize=8)
    _label(axes, point, 1.12 * top, "EM: a point, no width at all", em, (12, -3))
    _label(axes, *_flank(grid, narrow, 0.7), "mean field (VB): much too sure", vb, (12, 0))
    _label(axes, *_flank(grid, corrected, 0.75), "VB corrected without MCMC (dashed)", vb, (12, 8))
    _label(axes, *_flank(grid, referee, 0.4), "MCMC (NUTS), the referee", INK, (12, 4))
    axes.set(ylim=(0.0, 1.2 * top), xlim=(grid[0], grid[-1]))
    axes.set_xlabel("mean of the lower of two overlapping groups, 500 rows", color=MUTED)
    bare(axes)
    return figure


def _flank(grid: np.ndarray, curve: np.ndarray, share: float) -> tuple[float, float]:
    """Return the last place where a curve is at a share of its height."""
    last = np.flatnonzero(curve >= share * curve.max())[-1]
    return float(grid[last]), float(curve[last])


def _label(axes: object, x: float, y: float, text: str, colour: str, offset: tuple[int, int]) -> None:
    axes.annotate(text, (x, y), offset, textcoords="offset points", color=colour, va="center")  # type: ignore[attr-defined]


def main() -> None:
    """Fit, draw, and print the numbers that the picture shows."""
    x, model = rows(), Mixture(Gaussian(), n_components=2)
    em, vb, nuts = EM(model, rng=0).fit(x), VB(model, rng=0).fit(x), NUTS(model, rng=0).fit(x)
    corrected = vb.uncertainty("importance", rng=0)
    known = {
        "mean field": first_means(vb.uncertainty("mean_field", rng=0).draws["mean"]),
        "importance": first_means(corrected.draws["mean"]),
        "NUTS": first_means(nuts.draws_["mean"]),
    }
    point = float(em.estimate_["mean"].min())
    grid = np.linspace(*np.quantile(known["NUTS"], [0.001, 0.999]) + np.array([-0.1, 0.4]), 600)
    figure = draw(point, {name: stats.gaussian_kde(draws)(grid) for name, draws in known.items()}, grid)
    folder = Path(__file__).parents[1] / "reports" / "gallery"
    (folder / "five_seconds.png").write_bytes(png_bytes(figure))
    (folder / "five_seconds.svg").write_bytes(svg_bytes(figure))
    print(f"EM {point:.3f}; sds: " + ", ".join(f"{name} {draws.std():.3f}" for name, draws in known.items()))
    print(f"k-hat {corrected.diagnostics['khat']:.2f}; NUTS reliable: {nuts.diagnostics_['reliable']}")


if __name__ == "__main__":
    main()
