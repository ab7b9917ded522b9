"""A page read by the standard library's parser, element by element."""

from __future__ import annotations

from html.parser import HTMLParser
from importlib.resources import files

from markdown_it import MarkdownIt

HTML = {
    *("html", "head", "meta", "title", "style", "body", "a", "div", "header", "main", "section", "footer"),
    *("h1", "h2", "h3", "h4", "p", "strong", "small", "span", "pre", "code", "details", "summary"),
    *("dl", "dt", "dd", "ul", "ol", "li", "figure", "figcaption"),
    *("script", "button"),
    *("table", "caption", "thead", "tbody", "tr", "th", "td"),
}
SVG = {
    *("svg", "g", "path", "defs", "use", "text", "tspan", "clippath", "rect", "image"),
    *("lineargradient", "stop", "pattern"),
}
VOID = {"meta"}
SCRIPT = files("pointmass.report").joinpath("static/report.js").read_text(encoding="utf-8")


class Page(HTMLParser):
    """Elements, attributes and text of a page; balanced, or it says so."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.words: list[str] = []
        self.scripts: list[str] = []
        self.open: list[str] = []
        self.feed(text)
        self.close()
        assert not self.open, f"left open: {self.open}"

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.elements.append((tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag):
        assert self.open, f"</{tag}> without a start"
        assert self.open[-1] == tag, f"</{tag}> closes <{self.open[-1]}>"
        self.open.pop()

    def handle_data(self, data):
        (self.scripts if self.open[-1:] == ["script"] else self.words).append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())

    def all(self, tag: str) -> list[dict[str, str]]:
        return [attributes for name, attributes in self.elements if name == tag]


def code_blocks(markdown: str) -> list[str]:
    """Return the blocks of code of a Markdown document, as a reader of CommonMark finds them."""
    return [token.content for token in MarkdownIt().parse(markdown) if token.type in {"code_block", "fence"}]


def check_harmless(text: str) -> Page:
    """Read a page and make sure that nothing in it could do anything, but for the one script that it comes with."""
    page = Page(text)
    assert page.scripts == [SCRIPT]
    unknown = {tag for tag, _ in page.elements} - HTML - SVG
    assert not unknown, f"unknown elements {unknown}"
    for tag, attributes in page.elements:
        for name, value in attributes.items():
            assert not name.startswith("on"), f"<{tag} {name}={value!r}>"
            if name in {"href", "src", "xlink:href", "action", "formaction", "srcset", "data"}:
                assert value.startswith(("#", "data:image/png;base64,")), f"<{tag} {name}={value[:60]!r}>"
            assert "url(" not in value or "url(#" in value, f"<{tag} {name}={value[:60]!r}>"
    assert "@import" not in text
    assert "url(h" not in text
    assert "http:" not in text.replace("&", "")
    return page
