"""One look for every figure: one colour, marker and line a method, and text that no name can break."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import wraps
from typing import TYPE_CHECKING, Any

from pointmass.comparison import MatchedFits

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = [
    "GRID",
    "GROUPS",
    "INK",
    "METHOD_STYLES",
    "MUTED",
    "PAPER",
    "MethodStyle",
    "bare",
    "method_styles",
    "new_figure",
    "safe_label",
    "styled",
]

INK, MUTED, GRID, PAPER = "#1f2430", "#5b6472", "#e3e6eb", "#ffffff"
"""Colours of text and reference, of secondary text, of grid lines, of the page."""

_LONGEST = 40


@dataclass(frozen=True)
class MethodStyle:
    """How one method looks wherever it is drawn.

    Parameters
    ----------
    colour : str
        Its colour, ``#rrggbb``.
    marker : str
        Its marker.
    line : str or tuple
        Its line style.
    hollow : bool
        Whether its marker is not filled: a second fit by the same method.
    """

    colour: str
    marker: str
    line: str | tuple[int, tuple[float, ...]]
    hollow: bool = False

    def marking(self) -> dict[str, Any]:
        """Return the keyword arguments of a marker."""
        face = PAPER if self.hollow else self.colour
        return {"marker": self.marker, "color": self.colour, "mfc": face, "mec": self.colour}


# After Okabe & Ito (2008): points in warm colours, distributions in cool ones, the reference in ink. Orange,
# purple and vermillion are darkened to stand out at 3:1 from white; under simulated colour blindness of three
# kinds (Machado et al. 2009) any two differ by at least 12 in CIE 1976 L*a*b*, and by marker and line too.
METHOD_STYLES: dict[str, MethodStyle] = {
    "MLE": MethodStyle("#c98500", "s", (0, (1.0, 1.2))),
    "EM": MethodStyle("#c4430a", "o", (0, (5.0, 1.6))),
    "MAP": MethodStyle("#c2679a", "D", (0, (5.0, 1.4, 1.0, 1.4))),
    "VB": MethodStyle("#0072b2", "^", (0, (3.0, 1.0))),
    "Gibbs": MethodStyle("#009e73", "v", (0, (7.0, 1.4, 2.0, 1.4))),
    "NUTS": MethodStyle(INK, "P", "solid"),
    "Enumeration": MethodStyle("#4a9fd8", "X", (0, (2.0, 0.8))),
}
"""The look of every method by its name."""

# Groups are no methods: other colours (after Tol 2021, muted), and a marker each.
GROUPS = (
    ("#44aa99", "o"),
    ("#882255", "s"),
    ("#999933", "^"),
    ("#332288", "D"),
    ("#aa4499", "v"),
    ("#117733", "P"),
)
"""Colour and marker of each group of rows."""

_OTHERS = (
    MethodStyle("#6f4bb8", "h", (0, (4.0, 1.0, 1.0, 1.0, 1.0, 1.0))),
    MethodStyle("#7a6a00", "p", (0, (6.0, 2.0))),
    MethodStyle("#8c5a3c", "<", (0, (2.0, 2.0))),
)

_RC = {
    "font.family": ["DejaVu Sans"],
    "font.size": 9.0,
    "axes.titlesize": 9.0,
    "axes.labelsize": 9.0,
    "xtick.labelsize": 8.0,
    "ytick.labelsize": 8.0,
    "legend.fontsize": 9.0,
    "text.color": INK,
    "axes.labelcolor": MUTED,
    "axes.edgecolor": MUTED,
    "axes.linewidth": 0.6,
    "xtick.color": MUTED,
    "ytick.color": MUTED,
    "xtick.major.width": 0.6,
    "ytick.major.width": 0.6,
    "axes.titlelocation": "left",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "axes.formatter.useoffset": False,
    "grid.color": GRID,
    "grid.linewidth": 0.6,
    "figure.facecolor": PAPER,
    "axes.facecolor": "none",
    "lines.linewidth": 1.6,
    "legend.frameon": False,
    "axes.unicode_minus": True,
    "text.usetex": False,
    "hatch.linewidth": 0.6,
}


def styled[**P, R](function: Callable[P, R]) -> Callable[P, R]:
    """Draw with the project's look, and leave the caller's own settings as they were."""

    @wraps(function)
    def drawn(*args: P.args, **kwargs: P.kwargs) -> R:
        import matplotlib as mpl

        with mpl.rc_context(_RC):  # type: ignore[arg-type]
            return function(*args, **kwargs)

    return drawn


def new_figure(width: float, height: float) -> Figure:
    """Return an empty figure of so many inches that no window system and no global state knows of."""
    from matplotlib.figure import Figure
    from matplotlib.layout_engine import ConstrainedLayoutEngine

    engine = ConstrainedLayoutEngine(w_pad=0.06, h_pad=0.06, wspace=0.03, hspace=0.03)
    return Figure(figsize=(width, height), layout=engine)


def bare(axes: Axes) -> None:
    """Take away the y axis, where heights mean nothing but more and less."""
    axes.yaxis.set_visible(False)
    axes.spines["left"].set_visible(False)


def method_styles(matched: MatchedFits) -> dict[str, MethodStyle]:
    """Return the style of every fit by its name in the comparison.

    A second fit by one method has the method's colour with a hollow marker and a dotted line; a method that
    is not ours takes the next spare style.
    """
    seen: dict[str, MethodStyle] = {}
    styles: dict[str, MethodStyle] = {}
    for fit in matched.fits:
        method = fit.fit.method_name
        strangers = sum(name not in METHOD_STYLES for name in seen)
        style = METHOD_STYLES.get(method, _OTHERS[strangers % len(_OTHERS)])
        again = method in seen
        styles[fit.name] = replace(seen[method], line=(0, (1.0, 1.0)), hollow=True) if again else style
        seen.setdefault(method, style)
    return styles


def safe_label(text: object, longest: int = _LONGEST) -> str:
    r"""Return text that can be drawn, whatever it was: no mathematics, no control characters, not too long.

    Examples
    --------
    >>> safe_label(r"price $\frac{1}$"), safe_label("_hidden"), safe_label("a\x00b\nc")
    ('price \\$\\frac{1}\\$', '\u2009_hidden', 'a b c')
    """
    cleaned = "".join(" " if _unprintable(character) else character for character in str(text))
    words = " ".join(cleaned.split()) or "(no name)"
    short = words if len(words) <= longest else words[: longest - 1].rstrip() + "…"
    visible = f"\u2009{short}" if short.startswith("_") else short  # legends skip names with a leading _
    return visible.replace("$", r"\$")


def _unprintable(character: str) -> bool:
    return unicodedata.category(character) in {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
