"""A figure's SVG as part of a page: nothing that leaks out of it, nothing that reaches out."""

from __future__ import annotations

import re

from markupsafe import Markup, escape

from pointmass.report.palette import NAMED, PALETTE, as_variable
from pointmass.report.text import clean

__all__ = ["inline_svg"]

_OPENING = re.compile(r'<svg\b[^>]*viewBox="([^"]+)"[^>]*>')
_LEFT_OUT = re.compile(r"<metadata>.*?</metadata>|<style[^>]*>.*?</style>|<!--.*?-->", re.DOTALL)
_ID = re.compile(r'\bid="([^"]+)"')
_REFERENCE = re.compile(r'(href="#|url\(#)')
_PATH = re.compile(r' d="([^"]*)"')
_DECIMALS = re.compile(r"-?\d+\.\d{3,}")
_COLOUR = re.compile("|".join(re.escape(colour) for colour in (*NAMED, *PALETTE)))


def inline_svg(document: bytes, name: str, alt: str) -> Markup:
    """Return the ``<svg>`` element of a figure for a page.

    Its ids carry the figure's name, so that two figures do not share any; colours are the page's variables;
    coordinates have two decimals (a hundredth of a point).

    Parameters
    ----------
    document : bytes
        What matplotlib saved.
    name : str
        A name that no other figure of the page has, of letters, digits and hyphens.
    alt : str
        What the figure looks like.
    """
    text = _LEFT_OUT.sub("", document.decode())
    opening = _OPENING.search(text)
    if opening is None:
        raise ValueError("the document has no <svg> element with a viewBox")
    body = text[opening.end() : text.rindex("</svg>")]
    body = _ID.sub(lambda found: f'id="{name}-{found[1]}"', body).replace("xlink:href", "href")
    body = _REFERENCE.sub(lambda found: f"{found[1]}{name}-", body)
    body = _PATH.sub(lambda path: f' d="{_rounded(path[1])}"', body)
    body = _COLOUR.sub(lambda colour: as_variable(colour[0]), body)
    width = float(opening[1].split()[2]) * 4 / 3
    head = f'<svg viewBox="{opening[1]}" width="{width:.0f}" role="img" aria-label="{escape(clean(alt))}">'
    return Markup(f"{head}{body}</svg>")


def _rounded(path: str) -> str:
    return _DECIMALS.sub(lambda digits: f"{float(digits[0]):.2f}", " ".join(path.split()))
