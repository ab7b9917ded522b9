"""What the fits of a comparison say of the log evidence: one line each, comparable because all labellings are meant."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from pointmass.comparison.fit import Fit, name_fits
from pointmass.uncertainty.evidence import Evidence

__all__ = ["EVIDENCE_COLUMNS", "evidence_table", "evidences_of"]

EVIDENCE_COLUMNS = ("fit", "method", "value", "mc_error", "kind", "labellings", "warning")

_ORDER = ("bound", "estimate", "approximation")


def evidences_of(fits: Sequence[Fit] | Mapping[str, Fit], rng: np.random.Generator) -> dict[str, tuple[Evidence, ...]]:
    """Return the statements of every fit that makes one.

    Parameters
    ----------
    fits : sequence of Fit or mapping of str to Fit
        Fitted estimators of the same data.
    rng : numpy.random.Generator
        Source of randomness.
    """
    found = {}
    for name, fit in name_fits(fits).items():
        ask: Any = getattr(fit, "evidence", None)
        found[name] = () if ask is None else tuple(ask(rng=rng))
    return {name: each for name, each in found.items() if each}


def evidence_table(evidences: Mapping[str, Sequence[Evidence]]) -> pd.DataFrame:
    """Return one row for each statement: bounds, then estimates, then approximations, in the order of the fits.

    Parameters
    ----------
    evidences : mapping of str to sequence of Evidence
        By the fits' names (`evidences_of`).

    Returns
    -------
    DataFrame
        Columns `EVIDENCE_COLUMNS`; values and Monte Carlo standard errors in nats.

    Examples
    --------
    >>> from pointmass.uncertainty.evidence import Evidence
    >>> evidence_table({"VB": [Evidence("elbo", -12.5, 0.0, "bound")]}).value.tolist()
    [-12.5]
    """
    pairs = [(name, one) for name, each in evidences.items() for one in each]
    rows = [
        {"fit": name, **{column: getattr(one, column) for column in EVIDENCE_COLUMNS[1:]}}
        for name, one in sorted(pairs, key=lambda pair: _ORDER.index(pair[1].kind))
    ]
    return pd.DataFrame(rows, columns=list(EVIDENCE_COLUMNS))
