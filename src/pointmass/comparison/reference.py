"""Which fit the others are held against, and whether it may be trusted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pointmass.comparison.fit import Failure, Fit
from pointmass.errors import PointmassError

__all__ = ["LABEL_BOUNDARY", "Reference", "choose_reference"]

LABEL_BOUNDARY = 0.05
"""Share of reference draws near a label boundary above which label-specific summaries are ambiguous."""

_PREFERENCE = ("Enumeration", "NUTS", "Gibbs")  # exact first; NUTS shares no code with the other methods


@dataclass(frozen=True)
class Reference:
    """The fit that judges the others.

    Parameters
    ----------
    name : str or None
        Its name; None if there is no fit that could judge.
    reliable : bool
        Whether its own diagnostics allow it; ratios to an unreliable reference are withheld.
    reasons : tuple of str
        Why it is not reliable.
    boundary_share : float
        Share of its draws near a label boundary (NaN if not known).
    """

    name: str | None = None
    reliable: bool = False
    reasons: tuple[str, ...] = ()
    boundary_share: float = float("nan")

    @property
    def ambiguous(self) -> bool:
        """Whether so many draws lie near a label boundary that what is said of one component is ambiguous."""
        return self.boundary_share > LABEL_BOUNDARY


def choose_reference(
    fits: Mapping[str, Fit], wanted: str | Fit | None = None, failures: Sequence[Failure] = ()
) -> Reference:
    """Return the reference: the one asked for, else the first reliable one, exact before NUTS before Gibbs.

    An unreliable reference is named, with its reasons, and not trusted.

    Raises
    ------
    PointmassError
        The fit asked for is not among those compared.
    """
    if wanted is not None:
        return _asked_for(fits, wanted, failures)
    samplers = [name for name in fits if fits[name].kind == "draws"]
    judged = [_judge(name, fits[name]) for name in sorted(samplers, key=lambda name: _rank(fits[name]))]
    reliable = [reference for reference in judged if reference.reliable]
    return (reliable + judged + [Reference(reasons=("no sampler is among the fits",))])[0]


def _asked_for(fits: Mapping[str, Fit], wanted: str | Fit, failures: Sequence[Failure]) -> Reference:
    for name, fit in fits.items():
        if wanted is fit or wanted == name:
            return _judge(name, fit)
    for failure in failures:
        if wanted == failure.name:
            reason = f"is not there ({failure.status}: {failure.reason})"
            return Reference(failure.name, False, (reason,))
    known = ", ".join([*fits, *(failure.name for failure in failures)])
    asked = wanted if isinstance(wanted, str) else type(wanted).__name__
    raise PointmassError(f"the reference {asked!r} is not among the fits compared; they are {known}")


def _judge(name: str, fit: Fit) -> Reference:
    diagnostics: Mapping[str, Any] = getattr(fit, "diagnostics_", None) or {}
    reliable = bool(diagnostics.get("reliable", False))
    reasons = tuple(str(reason) for reason in diagnostics.get("reasons", ()))
    if not reliable and not reasons:
        reasons = ("it has no diagnostics that could vouch for it",)
    share = diagnostics.get("boundary_share")
    boundary_share = float("nan") if share is None else float(share)
    return Reference(name, reliable, () if reliable else reasons, boundary_share)


def _rank(fit: Fit) -> int:
    return _PREFERENCE.index(fit.method_name) if fit.method_name in _PREFERENCE else len(_PREFERENCE)
