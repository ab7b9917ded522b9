"""How the documentation is built: ``make docs``."""

from __future__ import annotations

from importlib.metadata import version as installed

project = "pointmass"
author = "the pointmass authors"
version = release = installed("pointmass")
extensions = [
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.mathjax",
    "numpydoc",
    "myst_parser",
]
myst_enable_extensions = ["dollarmath"]
myst_heading_anchors = 3
autosummary_generate = True
autodoc_typehints = "none"
autodoc_default_options = {"members": True, "inherited-members": "object, ValueError, UserWarning"}
numpydoc_show_class_members = False
numpydoc_class_members_toctree = False
exclude_patterns = ["_build"]
html_theme = "furo"
html_title = "pointmass"
html_static_path: list[str] = []


def _is_routing(app: object, what: str, name: str, obj: object, skip: bool, options: object) -> bool | None:
    """Leave out scikit-learn's metadata routing, whose references lead to its own pages."""
    return True if name == "get_metadata_routing" or name.endswith("_request") else None


def setup(app: object) -> None:
    """Connect the rule."""
    app.connect("autodoc-skip-member", _is_routing)  # type: ignore[attr-defined]
