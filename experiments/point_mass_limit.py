"""From a posterior to a point: every row's weight is multiplied by c, the prior stays, and VB becomes EM.

Run ``python experiments/point_mass_limit.py``; it writes ``reports/gallery/point_mass_limit.png`` and ``.svg``.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from scipy import stats

from pointmass import EM, VB, Gaussian, Mixture, NormalInverseGamma, load_dataset
from pointmass.estimators import Estimator
from pointmass.figures.save import png_bytes, svg_bytes
from pointmass.figures.style import METHOD_STYLES, new_figure, styled

FACTORS = 10.0 ** np.arange(0.0, 5.5, 0.5)
SHOWN = 10.0 ** np.arange(0.0, 2.5, 0.5)
LINES = {"weights": "-", "mean": "--", "covariance": ":"}


def ordered(values: np.ndarray, fit: Estimator) -> np.ndarray:
    """Return a parameter of two components, the lower mean first."""
    return values[np.argsort(fit.estimate_["mean"][:, 0])]


def walk(x: np.ndarray) -> tuple[Estimator, dict[float, Estimator]]:
    """Return the EM fit and a VB fit for each factor, all under one fixed prior."""
    prior = NormalInverseGamma(mean=70.0, kappa=0.5, shape=2.0, scale=50.0)
    model = Mixture(Gaussian(prior=prior), n_components=2)
    em = EM(model, rng=0, tol=1e-12, max_iter=10_000).fit(x)
    fits = {
        float(c): VB(model, init=em, tol=1e-11, max_iter=10_000).fit(x, sample_weight=np.full(len(x), c))
        for c in FACTORS
    }
    return em, fits


def gaps(em: Estimator, fits: dict[float, Estimator]) -> dict[str, np.ndarray]:
    """Return c · |EM − VB| of the first component for each parameter, in units of the largest."""
    found = {}
    for name in LINES:
        point = ordered(em.estimate_[name], em).ravel()[0]
        found[name] = np.array([c * abs(ordered(vb.estimate_[name], vb).ravel()[0] - point) for c, vb in fits.items()])
    return found


@styled
def draw(em: Estimator, fits: dict[float, Estimator], found: dict[str, np.ndarray]) -> object:
    """Return the figure: marginal posteriors that close in on the point, and what settles."""
    figure = new_figure(8.4, 3.4)
    left, right = figure.subplots(1, 2)
    _draw_posteriors(left, em, fits)
    for name, line in LINES.items():
        right.semilogx(list(fits), found[name] / found[name][-1], line, color=METHOD_STYLES["VB"].colour, label=name)
    right.axhline(1.0, color=METHOD_STYLES["EM"].colour, linewidth=0.8)
    right.set(
        xlabel="c, the weight of every row", title="c · |EM − VB| settles to a constant (here 1)", ylim=(0.0, None)
    )
    right.legend(loc="lower right")
    return figure


def _draw_posteriors(axes: object, em: Estimator, fits: dict[float, Estimator]) -> None:
    point = float(ordered(em.estimate_["mean"], em)[0, 0])
    grid = np.linspace(point - 4.0, point + 8.0, 2401)
    for number, c in enumerate(SHOWN):
        belief = fits[float(c)].belief_["emission"]
        k = int(np.argmin(belief.mean[:, 0]))
        width = np.sqrt(belief.scale[k, 0] / (belief.shape[k, 0] * belief.kappa[k, 0]))
        density = stats.t.pdf(grid, 2.0 * belief.shape[k, 0], belief.mean[k, 0], width)
        axes.plot(grid, density, color=METHOD_STYLES["VB"].colour, alpha=0.3 + 0.7 * number / (len(SHOWN) - 1))
        axes.annotate(f"c = {c:.3g}", (belief.mean[k, 0], density.max()), xytext=(9, 2), textcoords="offset points")
    axes.axvline(point, color=METHOD_STYLES["EM"].colour, linestyle=METHOD_STYLES["EM"].line)
    axes.set(xlabel="mean of the lower component (minutes)", yticks=[], title="VB's posterior closes in on EM's point")
    axes.set_ylim(0.0)


def main() -> None:
    """Write the figure and print what it shows."""
    dataset = load_dataset("faithful")
    x = dataset.X[::8, dataset.columns.index("waiting")]
    em, fits = walk(x)
    found = gaps(em, fits)
    folder = Path(__file__).parents[1] / "reports" / "gallery"
    folder.mkdir(parents=True, exist_ok=True)
    figure = draw(em, fits, found)
    (folder / "point_mass_limit.png").write_bytes(png_bytes(figure))
    (folder / "point_mass_limit.svg").write_bytes(svg_bytes(figure))
    for name, gap in found.items():
        print(f"{name:12} c |EM - VB| at c = 1: {gap[0]:.6g}, 1e4: {gap[-3]:.6g}, 1e5: {gap[-1]:.6g}")


if __name__ == "__main__":
    main()
