"""The pictures of the calibration studies from what was kept of them: `python experiments/calibration/pictures.py`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd

from pointmass.figures.coverage import plot_coverage
from pointmass.figures.phase_diagram import plot_phase_diagram
from pointmass.figures.save import png_bytes, svg_bytes

_KEPT = Path(__file__).parent
_GALLERY = _KEPT.parents[1] / "reports" / "gallery"
_PICTURES: dict[str, Callable[[pd.DataFrame], Any]] = {"coverage": plot_coverage, "phase_diagram": plot_phase_diagram}


def main() -> None:
    """Draw each study."""
    for name, plot in _PICTURES.items():
        figure = plot(pd.read_parquet(_KEPT / f"{name}.parquet"))
        (_GALLERY / f"{name}.png").write_bytes(png_bytes(figure))
        (_GALLERY / f"{name}.svg").write_bytes(svg_bytes(figure))


if __name__ == "__main__":
    main()
