"""The figures of a section, drawn once and kept as files and as parts of the page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd
from markupsafe import Markup

from pointmass.comparison import MatchedFits
from pointmass.comparison.selection import Selected
from pointmass.figures import FIGURES, SELECTION_FIGURES, STUDY_FIGURES, Recipe, png_bytes, svg_bytes
from pointmass.report.inline_svg import inline_svg

__all__ = ["Drawing", "draw", "draw_selection", "draw_study"]


@dataclass(frozen=True)
class Drawing:
    """A figure with its words.

    Parameters
    ----------
    name : str
        Its name in the registry.
    file : str
        Its name as a file, without an ending.
    title, caption, alt : str
        Its words.
    svg, png : bytes
        Its pictures; empty if it could not be drawn.
    lacks : str
        Why it could not be drawn.
    """

    name: str
    file: str
    title: str
    caption: str = ""
    alt: str = ""
    svg: bytes = b""
    png: bytes = b""
    lacks: str = ""

    @property
    def inline(self) -> Markup:
        """The figure as an element of a page."""
        return inline_svg(self.svg, self.file, self.alt)


def draw(matched: MatchedFits, names: Sequence[str] | None, prefix: str) -> list[Drawing]:
    """Return the figures of a comparison, those that cannot be drawn with the reason.

    Parameters
    ----------
    matched : MatchedFits
        Fits in one order of components.
    names : sequence of str or None
        Names in `FIGURES`; None draws those that apply and says nothing of the others.
    prefix : str
        What the names of the files begin with.
    """
    return _drawings(FIGURES, matched, names, prefix)


def draw_selection(selected: Selected, names: Sequence[str] | None, prefix: str) -> list[Drawing]:
    """Return the figures of a choice of the number of components; ``names`` as in `draw`, those of its registry."""
    return _drawings(SELECTION_FIGURES, selected, names, prefix)


def draw_study(results: pd.DataFrame, names: Sequence[str] | None) -> list[Drawing]:
    """Return the figures of the tidy results of a whole run; ``names`` as in `draw`, those in `STUDY_FIGURES`."""
    return _drawings(STUDY_FIGURES, results, names, "study-")


def _drawings[Subject](
    registry: Mapping[str, Recipe[Subject]], subject: Subject, names: Sequence[str] | None, prefix: str
) -> list[Drawing]:
    chosen = [name for name in registry if names is None or name in names]
    drawings = [_drawn(name, registry[name], subject, prefix) for name in chosen]
    return [drawing for drawing in drawings if names is not None or not drawing.lacks]


def _drawn[Subject](name: str, recipe: Recipe[Subject], subject: Subject, prefix: str) -> Drawing:
    file = f"{prefix}{name.replace('_', '-')}"
    lacks = recipe.lacks(subject)
    if lacks:
        return Drawing(name, file, recipe.title, lacks=lacks)
    caption, figure = recipe.caption(subject), recipe.plot(subject)
    svg = svg_bytes(figure)
    figure.set_layout_engine("none")  # the panels are in place; placing them again takes most of the time
    return Drawing(name, file, recipe.title, caption.text, caption.alt, svg, png_bytes(figure))
