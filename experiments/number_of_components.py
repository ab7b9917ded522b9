"""How many components Old Faithful has, by every criterion.

Run ``python experiments/number_of_components.py``; it prints the table and writes
``reports/gallery/number_of_components.png`` and ``.svg``.
"""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np

from pointmass import Gaussian, Mixture, load_dataset, select
from pointmass.figures.save import png_bytes, svg_bytes

GALLERY = Path(__file__).parents[1] / "reports" / "gallery"
COLUMNS = ["n_components", "log_likelihood", "bic", "icl", "elbo", "log_evidence", "log_evidence_error", "loo"]


def main() -> None:
    """Select, print and draw."""
    warnings.simplefilter("ignore")
    rows = np.asarray(load_dataset("faithful").X, dtype=float)
    found = select(Mixture(Gaussian("tied"), 1), rows, n_components=range(1, 6), rng=0)
    differences = ["loo_difference_error", "share_at_best", "log_evidence_note", "loo_note"]
    print(found.table[[*COLUMNS, *differences]].round(2).to_string(index=False))
    print(found)
    figure = found.plot()
    (GALLERY / "number_of_components.png").write_bytes(png_bytes(figure))
    (GALLERY / "number_of_components.svg").write_bytes(svg_bytes(figure))


if __name__ == "__main__":
    main()
