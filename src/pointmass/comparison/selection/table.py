"""Every criterion of every number of components in one table."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from pointmass.comparison.selection.criteria import CRITERIA, Value
from pointmass.comparison.selection.ladder import Rung
from pointmass.estimators.atlas import PROPER

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["best_number", "selection_table"]


def selection_table(rungs: Iterable[Rung], criteria: Sequence[str]) -> pd.DataFrame:
    """Return one row for each number of components.

    Columns ``n_components, log_likelihood, n_parameters, status, share_at_best, distinct_optima, degenerate_starts,
    grown``, then for each criterion its value (nats, larger is better), ``<criterion>_error``,
    ``<criterion>_difference_error`` (of the difference to the best) and ``<criterion>_note``.
    """
    import pandas as pd

    rungs = list(rungs)
    columns: dict[str, Any] = {}
    for name in criteria:
        columns |= _columns(name, [CRITERIA[name].measure(rung) for rung in rungs])
    return pd.DataFrame([_facts(rung) for rung in rungs]).assign(**columns)


def _facts(rung: Rung) -> dict[str, Any]:
    return {
        "n_components": rung.n_components,
        "log_likelihood": rung.em.log_likelihood_,
        "n_parameters": rung.em.log_joint().size,
        "status": rung.em.status_,
        "share_at_best": rung.share_at_best,
        "distinct_optima": sum(one.status in PROPER for one in rung.random.optima_),
        "degenerate_starts": sum(one.count for one in rung.random.optima_ if one.status == "degenerate"),
        "grown": rung.grown,
    }


def _columns(name: str, found: list[Value]) -> dict[str, Any]:
    best = found[_place_of_best(np.array([one.value for one in found]), np.array([one.note == "" for one in found]))]
    return {
        name: [one.value for one in found],
        f"{name}_error": [one.error for one in found],
        f"{name}_difference_error": [one.error_to(best) for one in found],
        f"{name}_note": [one.note for one in found],
    }


def best_number(table: pd.DataFrame, criterion: str) -> int:
    """Return the number of components that a criterion prefers; values with a note are passed over."""
    place = _place_of_best(table[criterion].to_numpy(float), (table[f"{criterion}_note"] == "").to_numpy(bool))
    return int(table["n_components"].iloc[place])


def _place_of_best(values: np.ndarray, believed: np.ndarray) -> int:
    kept = np.where(believed & np.isfinite(values), values, -np.inf)
    return int(np.argmax(kept if np.isfinite(kept).any() else np.where(np.isfinite(values), values, -np.inf)))
