"""What a registry knows of a figure: how to draw it, what to say of it, and what it needs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["Caption", "Recipe"]


@dataclass(frozen=True)
class Caption:
    """The words that go with a figure.

    Parameters
    ----------
    text : str
        What to see, with numbers computed from what is drawn.
    alt : str
        What the figure looks like, for those who cannot see it.
    """

    text: str
    alt: str


@dataclass(frozen=True)
class Recipe[Subject]:
    """A figure of a subject: of one comparison (`MatchedFits`), or of the tidy results of a whole run.

    Parameters
    ----------
    title : str
        Its heading in a report.
    plot : callable
        ``plot_<name>(subject) -> matplotlib Figure``.
    caption : callable
        ``caption_<name>(subject) -> Caption``.
    lacks : callable
        What the figure would need and the subject does not have, in words; empty if it can be drawn.
    """

    title: str
    plot: Callable[[Subject], Figure]
    caption: Callable[[Subject], Caption]
    lacks: Callable[[Subject], str] = lambda subject: ""
