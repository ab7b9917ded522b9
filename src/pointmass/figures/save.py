"""Figures as files, byte for byte the same whenever they are made."""

from __future__ import annotations

import io
import warnings
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["png_bytes", "svg_bytes"]

# No date and no version in the files; ids in an SVG are hashes of their content and this salt.
_SETTINGS = {"svg.hashsalt": "pointmass", "svg.fonttype": "none", "savefig.dpi": 160}
_NOTHING = {"Date": None, "Creator": None, "Format": None, "Type": None}


def svg_bytes(figure: Figure) -> bytes:
    """Return the figure as an SVG document with its text kept as text."""
    return _saved(figure, "svg", dict(_NOTHING))


def png_bytes(figure: Figure) -> bytes:
    """Return the figure as a PNG image of 160 dots an inch."""
    return _saved(figure, "png", {"Software": None})


def _saved(figure: Figure, kind: str, metadata: dict[str, None]) -> bytes:
    import matplotlib as mpl

    target = io.BytesIO()
    with mpl.rc_context(_SETTINGS), warnings.catch_warnings():  # type: ignore[arg-type]
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")  # a box is drawn for it
        figure.savefig(target, format=kind, metadata=metadata)
    return target.getvalue()
