"""A page as HTML and as Markdown; everything that a name could break is escaped."""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from pointmass.report.page import Page
from pointmass.report.palette import PALETTE
from pointmass.report.tables import Cell, Table
from pointmass.report.text import clean, escape_markdown, unbroken

__all__ = ["to_html", "to_markdown"]


def to_html(page: Page) -> str:
    """Return the page as one HTML document that needs nothing beside it."""
    script = _script()
    return _html().get_template("report.html.j2").render(page=page, css=_css(), script=script, allowed=_hash(script))


def to_markdown(page: Page) -> str:
    """Return the page as Markdown; its figures are files in ``figures/``."""
    text = _markdown().get_template("report.md.j2").render(page=page, table=_markdown_table, code=_markdown_code)
    lines = text.splitlines()
    kept = [line for i, line in enumerate(lines) if line or (i and lines[i - 1])]
    return "\n".join(kept).strip() + "\n"


@cache
def _html() -> Environment:
    environment = Environment(
        loader=PackageLoader("pointmass.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_cleaned,
    )
    environment.filters["unbroken"] = unbroken
    return environment


@cache
def _markdown() -> Environment:
    return Environment(
        loader=PackageLoader("pointmass.report"),
        autoescape=False,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_escaped,
    )


def _cleaned(value: Any) -> Any:
    return clean(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _escaped(value: Any) -> Any:
    return escape_markdown(value) if isinstance(value, str) and not isinstance(value, Markup) else value


@cache
def _css() -> Markup:
    """Return the style sheet with the colours of the methods, those of the dark page in its own block."""
    sheet = files("pointmass.report").joinpath("static/report.css").read_text(encoding="utf-8")
    light = "".join(f"{name}:{colour};" for colour, (name, _) in PALETTE.items())
    dark = "".join(f"{name}:{value};" for name, value in PALETTE.values())
    screen = "@media screen and (prefers-color-scheme:dark)"
    return Markup(f"{sheet}:root{{{light}}}\n{screen}{{:root{{{dark}}}}}")


@cache
def _script() -> Markup:
    """Return the one script of the page, which copies a table when its button is pressed."""
    return Markup(files("pointmass.report").joinpath("static/report.js").read_text(encoding="utf-8"))


def _hash(script: str) -> str:
    """Return the source expression by which the page's policy allows this script and no other."""
    digest = hashlib.sha256(script.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"


def _markdown_table(table: Table) -> Markup:
    heads = [_joined(head.text, head.detail) for head in table.heads]
    lines = [heads, ["---"] * len(heads), *([_cell(cell) for cell in row] for row in table.rows)]
    body = "\n".join(f"| {' | '.join(line)} |" for line in lines)
    return Markup(f"{escape_markdown(table.caption)}\n\n{body}")


def _markdown_code(text: str) -> Markup:
    """Return lines as an indented block, which nothing in them can end."""
    return Markup("\n".join(f"    {line}" for line in clean(text).splitlines()))


def _cell(cell: Cell) -> str:
    return _joined(cell.text, ", ".join(part for part in (cell.detail, cell.note) if part))


def _joined(text: str, detail: str) -> str:
    return escape_markdown(f"{text} ({detail})" if detail else text)
