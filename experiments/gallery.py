"""One picture each of the shipped studies that a single figure of the report shows well.

Run ``python experiments/gallery.py``, or with the names of some studies; it writes ``reports/gallery/<study>.png``. The
configurations are those of ``configs/``, seeds included, without NUTS: a referee in these pictures is Gibbs or
an enumeration, and nothing has to be compiled.
"""

from __future__ import annotations

import sys
from pathlib import Path

from pointmass import compare
from pointmass.datasets import Dataset
from pointmass.estimators import ESTIMATORS
from pointmass.experiment.config import load_config
from pointmass.experiment.grid import Cell, cells_of
from pointmass.experiment.plan import dataset_of
from pointmass.experiment.seeding import generator_from
from pointmass.figures import png_bytes
from pointmass.models import model_from_dict

ROOT = Path(__file__).parents[1]
PICTURES = {
    "beetles": "probability",
    "dyestuff": "marginals",
    "motorcycle": "choice",
    "vaso_constriction": "marginals",
    "xor": "regions",
}
"""Which figure shows a study."""


def fitted(cell: Cell, data: Dataset) -> object:
    """Return the fit of a cell, as a run makes it."""
    options = {name: value for name, value in cell.method.items() if name != "type"}
    model = model_from_dict(cell.model).with_column_names(data.columns)
    estimator = ESTIMATORS[cell.method["type"]](model, rng=generator_from(cell.fit_entropy), **options)
    return estimator.fit(data.X, data.y, sample_weight=data.sample_weight, labels=data.labels, lengths=data.lengths)


def draw(study: str) -> Path:
    """Fit a study and write its picture."""
    config = load_config(ROOT / "configs" / f"{study}.yaml")
    cells = [cell for cell in cells_of(config) if cell.method["type"] != "nuts"]
    data = dataset_of(cells[0], config.folder)
    figure = compare({cell.estimator: fitted(cell, data) for cell in cells}, data=data).plot(PICTURES[study])
    path = ROOT / "reports" / "gallery" / f"{study}.png"
    path.write_bytes(png_bytes(figure))
    return path


def main() -> None:
    """Draw those asked for, or all."""
    for study in sys.argv[1:] or PICTURES:
        print(draw(study))


if __name__ == "__main__":
    main()
