"""Text that others gave, made safe to print: in a page, in Markdown, in a file name."""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path

__all__ = ["clean", "escape_latex", "escape_markdown", "slug", "unbroken"]

_KEPT = {"\n", "\t", "\u200c", "\u200d"}  # the last two join letters in some scripts
_GAP = re.compile(r"(?<=[\d∞]) (?=(?:%|ms|s|min|h|nats)(?!\w))|(?<=×) (?=\d)")
_MARKDOWN = re.compile(r"([\\`*_\[\]|~$])")
_LATEX = str.maketrans(
    {character: f"\\{character}" for character in "&%$#_{}"}
    | {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"}
    | {character: f"{{{character}}}" for character in "[]<>`'\"*"}
    | {"−": "$-$", "×": r"$\times$", "\ufffd": "?"}
)


def clean(text: str) -> str:
    r"""Return text without control characters or lone surrogates, with the home folder as ``~``.

    Examples
    --------
    >>> clean("a\x00b\x1b[31mc\udcff")
    'a\ufffdb\ufffd[31mc\ufffd'
    """
    home = str(Path.home())
    shown = text.replace(home, "~") if len(home) > 1 else text
    return "".join(character if _printable(character) else "\ufffd" for character in shown)


def _printable(character: str) -> bool:
    return character in _KEPT or unicodedata.category(character) not in {"Cc", "Cs", "Cf"}


def unbroken(text: str) -> str:
    r"""Return text in which no line ends between a number and its unit.

    Examples
    --------
    >>> unbroken("95 % in 3.1 s, −874.2 nats, sd × 0.50: 12 means")
    '95\xa0% in 3.1\xa0s, −874.2\xa0nats, sd ×\xa00.50: 12 means'
    """
    return _GAP.sub("\u00a0", text)


def escape_markdown(text: str) -> str:
    r"""Return text that Markdown (and the HTML within it) takes literally, on one line.

    Examples
    --------
    >>> escape_markdown("a|b\n<script> [x](javascript:y) `c`")
    'a\\|b &lt;script&gt; \\[x\\](javascript:y) \\`c\\`'
    """
    line = " ".join(clean(text).split())
    escaped = _MARKDOWN.sub(r"\\\1", line)
    return escaped.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def escape_latex(text: str) -> str:
    r"""Return text that LaTeX takes literally, on one line; letters beyond Latin need LuaLaTeX or XeLaTeX.

    Examples
    --------
    >>> print(escape_latex("a_b & 50 %\n\\input{x}"))
    a\_b \& 50 \% \textbackslash{}input\{x\}
    """
    return " ".join(clean(text).split()).translate(_LATEX)


def slug(text: str, longest: int = 40) -> str:
    """Return a name for a file: lower-case letters, digits and hyphens only.

    Examples
    --------
    >>> slug("Two samples / ü <x>"), slug("../..")
    ('two-samples-u-x', 'x')
    """
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:longest].strip("-") or "x"
