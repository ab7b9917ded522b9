"""Values given on the command line: ``--set data.n=500``, the value being YAML."""

from __future__ import annotations

from collections.abc import Iterable

from pointmass.errors import PointmassError
from pointmass.experiment.document import Document
from pointmass.experiment.problems import Place, Problems
from pointmass.experiment.source import read_text

__all__ = ["override"]


def override(document: Document, assignments: Iterable[str]) -> Document:
    """Return the document with each ``KEY=VALUE`` put in, in order; errors in a value name its ``--set``.

    Raises
    ------
    PointmassError
        An assignment has no ``=`` or no key, its value is not YAML, or its key leads through a plain value.

    Examples
    --------
    >>> override(Document({"seed": 1}, "study.yaml"), ["seed=2", "data.n=1e3"]).tree
    {'seed': 2, 'data': {'n': 1000.0}}
    """
    problems = Problems()
    for assignment in assignments:
        try:
            document = _assign(document, assignment)
        except PointmassError as error:
            problems.add(Place(f"--set {assignment}"), (), str(error))
    problems.raise_if_any()
    return document


def _assign(document: Document, assignment: str) -> Document:
    name, equals, text = assignment.partition("=")
    key = tuple(name.strip().split("."))
    if not equals or "" in key:
        raise PointmassError("write KEY=VALUE with a dotted key, such as data.n=500")
    if key[0] == "grid":
        key = ("grid", ".".join(key[1:])) if len(key) > 1 else key
    return document.replaced(key, read_text(text, "the value").tree, Place(f"--set {assignment}"))
