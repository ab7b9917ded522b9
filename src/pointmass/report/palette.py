"""The colours of the figures, as variables that a page can give another value in the dark."""

from __future__ import annotations

from pointmass.figures.style import GRID, GROUPS, INK, METHOD_STYLES, MUTED, PAPER

__all__ = ["NAMED", "PALETTE", "as_variable"]

NAMED = {INK: "--ink", MUTED: "--muted", GRID: "--grid", PAPER: "--paper", "#8a93a0": "--faint"}
"""Colours of text, lines and page, under the page's own names."""

PALETTE: dict[str, tuple[str, str]] = {
    style.colour: (f"--method-{name.lower()}", dark)
    for (name, style), dark in zip(
        METHOD_STYLES.items(),
        ("#f0b429", "#ff7a33", "#e59ac4", "#4fa8e8", "#2cc79b", "#f2f4f8", "#8ed0ff"),
        strict=True,
    )
    if style.colour not in NAMED
} | {
    colour: (f"--group-{place}", dark)
    for place, ((colour, _), dark) in enumerate(
        zip(GROUPS, ("#5cc9b6", "#e07bb0", "#c9c95e", "#9d93f2", "#d98ad0", "#5fc27e"), strict=True)
    )
}
"""Colour of a method or a group -> (name of its variable, its value in the dark)."""


def as_variable(colour: str) -> str:
    """Return the CSS value of a colour of a figure: its variable, or itself where it has none.

    Examples
    --------
    >>> as_variable("#1f2430"), as_variable("#abcdef")
    ('var(--ink)', '#abcdef')
    """
    if colour in NAMED:
        return f"var({NAMED[colour]})"
    return f"var({PALETTE[colour][0]})" if colour in PALETTE else colour
