"""Which families integrate out cells that were not observed, for whoever has to name one."""

from __future__ import annotations

from pointmass.families import FAMILIES, Product
from pointmass.families.family import Family

__all__ = ["FAMILIES_OF_MISSING_VALUES", "MODEL_OF_MISSING_VALUES"]


def _classes() -> dict[str, type[Family]]:
    """Return them by name; where a whole column may be empty, NaN has another meaning."""
    families = {name: kind for name, kind in FAMILIES.items() if issubclass(kind, Family)}
    return {name: kind for name, kind in families.items() if kind.takes_missing and not kind.takes_empty_columns}


FAMILIES_OF_MISSING_VALUES = " or ".join(_classes())
"""As a configuration names them."""

MODEL_OF_MISSING_VALUES = (
    f"a model of missing values ({' or '.join(kind.__name__ for kind in _classes().values())}, "
    f"not in a {Product.__name__})"
)
"""As a notebook names them."""
