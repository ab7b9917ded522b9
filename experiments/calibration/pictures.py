"""The picture of the coverage study from what was kept of it: `python experiments/calibration/pictures.py`."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from pointmass.figures.coverage import plot_coverage
from pointmass.figures.save import png_bytes, svg_bytes

_KEPT = Path(__file__).parent
_GALLERY = _KEPT.parents[1] / "reports" / "gallery"


def main() -> None:
    """Draw all parts of the study as one."""
    parts = map(pd.read_parquet, sorted(_KEPT.glob("coverage*.parquet")))
    figure = plot_coverage(pd.concat(parts, ignore_index=True))
    (_GALLERY / "coverage.png").write_bytes(png_bytes(figure))
    (_GALLERY / "coverage.svg").write_bytes(svg_bytes(figure))


if __name__ == "__main__":
    main()
