"""How each fit went: its objective, its time, its status; and what the samplers say of themselves."""

from __future__ import annotations

import math
from collections import Counter
from typing import Any

from pointmass.comparison import METRICS, MatchedFit, MatchedFits
from pointmass.comparison.words import counted, duration, listed, number, percent
from pointmass.report.tables import Cell, Head, Table

__all__ = ["chain_sentences", "diagnostics_table", "fits_table"]

_DIAGNOSTICS = {
    "max_rhat": ("largest split R-hat", "below 1.01"),
    "min_ess_bulk": ("smallest bulk ESS", "over 400"),
    "min_ess_tail": ("smallest tail ESS", "over 400"),
    "divergences": ("divergences", "none"),
    "boundary_share": ("near a label boundary", "up to 5 %"),
}


def fits_table(matched: MatchedFits) -> Table:
    """Return one row for each fit; a log-likelihood and an ELBO never share a column."""
    elbo = _values(matched, "elbo")
    wrong = _values(matched, "misassigned")
    heads = [Head("method"), Head("status"), Head("log-likelihood", "at the estimate, nats")]
    heads += [Head("ELBO", "bound on the log evidence")] if elbo else []
    heads += [Head("misassigned")] if wrong else []
    heads += [Head("sweeps"), Head("time")]
    rows = [_row(fit, elbo, wrong) for fit in matched.fits]
    caption = "How each fit went. A log-likelihood and an ELBO are different things and are not ranked together."
    return Table(caption, tuple(heads), tuple(rows))


def _values(matched: MatchedFits, metric: str) -> dict[str, float]:
    return {row.method: row.value for row in METRICS[metric](matched)}


def _row(fit: MatchedFit, elbo: dict[str, float], wrong: dict[str, float]) -> tuple[Cell, ...]:
    cells = [Cell(fit.label), Cell(fit.fit.status_.replace("_", " ")), _nats(float(fit.fit.log_likelihood_))]
    cells += [_nats(elbo.get(fit.name, math.nan))] if elbo else []
    cells += [_share(wrong.get(fit.name, math.nan))] if wrong else []
    return (*cells, Cell(f"{int(fit.fit.n_iter_):,}"), Cell(duration(float(fit.fit.elapsed_))))


def _nats(value: float) -> Cell:
    return Cell(number(value, 7), exact=repr(value)) if math.isfinite(value) else Cell("–", faint=True)


def _share(value: float) -> Cell:
    return Cell(percent(value), exact=repr(value)) if math.isfinite(value) else Cell("–", faint=True)


def diagnostics_table(matched: MatchedFits) -> Table | None:
    """Return the samplers' own checks, with the bound that each must keep; None without a sampler."""
    samplers = [fit for fit in matched.fits if getattr(fit.fit, "diagnostics_", None)]
    known = [name for name in _DIAGNOSTICS if any(name in _of(fit) for fit in samplers)]
    if not samplers or not known:
        return None
    heads = [Head("sampler"), Head("accepted"), *(Head(*_DIAGNOSTICS[name]) for name in known)]
    rows = [
        (
            Cell(fit.label),
            Cell("yes" if _of(fit).get("reliable") else "no"),
            *(_diagnostic(name, _of(fit).get(name)) for name in known),
        )
        for fit in samplers
    ]
    return Table("What the samplers’ own checks say; all must hold for a reference.", tuple(heads), tuple(rows))


def chain_sentences(matched: MatchedFits) -> tuple[str, ...]:
    """Return where the chains of each sampler started, and how often it ran again to pass its own checks."""
    samplers = [fit for fit in matched.fits if getattr(fit.fit, "diagnostics_", None)]
    said = [(fit.label, _starts(_of(fit)), _reruns(_of(fit))) for fit in samplers]
    return tuple(f"{label} {'; '.join(filter(None, parts))}." for label, *parts in said if any(parts))


def _starts(diagnostics: dict[str, Any]) -> str:
    starts = Counter(str(start) for start in diagnostics.get("starts") or ())
    where = listed([f"{counted(count, 'chain')} {start}" for start, count in starts.items()])
    return f"started {where}" if where else ""


def _reruns(diagnostics: dict[str, Any]) -> str:
    reruns = int(diagnostics.get("reruns") or 0)
    often = {1: "once", 2: "twice"}.get(reruns, f"{reruns} times")
    return f"ran again {often}, longer, because its draws did not pass its checks" if reruns else ""


def _of(fit: MatchedFit) -> dict[str, Any]:
    return dict(fit.fit.diagnostics_)  # type: ignore[attr-defined]


def _diagnostic(name: str, value: Any) -> Cell:
    if value is None or not math.isfinite(value):
        return Cell("–", faint=True)
    if name == "boundary_share":
        return Cell(percent(float(value)))
    return Cell(f"{value:,}" if isinstance(value, int) else number(float(value), 4), exact=repr(value))
