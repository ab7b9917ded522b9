"""The figures of a section, drawn once and kept as files and as parts of the page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from pointmass.comparison import MatchedFits
from pointmass.figures import FIGURES, png_bytes, svg_bytes
from pointmass.report.inline_svg import inline_svg

__all__ = ["Drawing", "draw"]


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
    drawings = [_drawn(matched, name, prefix) for name in (FIGURES if names is None else names)]
    return [drawing for drawing in drawings if names is not None or not drawing.lacks]


def _drawn(matched: MatchedFits, name: str, prefix: str) -> Drawing:
    recipe, file = FIGURES[name], f"{prefix}{name.replace('_', '-')}"
    lacks = recipe.lacks(matched)
    if lacks:
        return Drawing(name, file, recipe.title, lacks=lacks)
    caption, figure = recipe.caption(matched), recipe.plot(matched)
    svg = svg_bytes(figure)
    figure.set_layout_engine("none")  # the panels are in place; placing them again takes most of the time
    return Drawing(name, file, recipe.title, caption.text, caption.alt, svg, png_bytes(figure))
