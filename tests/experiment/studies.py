"""Small studies that the tests of this folder share."""

from __future__ import annotations

from typing import Any


def study(**changes: Any) -> dict[str, Any]:
    """Return a study that takes milliseconds, with some of its keys replaced."""
    tree: dict[str, Any] = {
        "name": "tiny",
        "seed": 7,
        "data": {"generator": "gaussian", "n": 40},
        "model": "gaussian",
        "estimators": {"mle": {}, "vb": {"n_init": 1}},
    }
    return {**tree, **changes}
