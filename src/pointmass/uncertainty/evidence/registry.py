"""Which statements about the log evidence a fit can make."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from pointmass.errors import PointmassError
from pointmass.uncertainty.evidence.approximations import bic, elbo_times_labellings
from pointmass.uncertainty.evidence.bounds import elbo, symmetrised_elbo
from pointmass.uncertainty.evidence.estimates import bridge, enumeration, importance
from pointmass.uncertainty.evidence.value import Evidence, Known

__all__ = ["EVIDENCES", "EvidenceEntry", "evidence_of"]


@dataclass(frozen=True)
class EvidenceEntry:
    """One statement and the kind of fit (``point``, ``posterior``, ``draws``) that can make it.

    Parameters
    ----------
    kind : str
        The kind of fit.
    says : {"bound", "estimate", "approximation"}
        What kind of statement it is.
    method : callable
        A fit, an rng and what is known already to an `Evidence`, or to None where it does not apply.
    """

    kind: str
    says: Literal["bound", "estimate", "approximation"]
    method: Callable[[Any, np.random.Generator, Known], Evidence | None]


EVIDENCES: dict[str, EvidenceEntry] = {
    "elbo": EvidenceEntry("posterior", "bound", elbo),
    "symmetrised_elbo": EvidenceEntry("posterior", "bound", symmetrised_elbo),
    "importance": EvidenceEntry("posterior", "estimate", importance),
    "enumeration": EvidenceEntry("draws", "estimate", enumeration),
    "bridge": EvidenceEntry("draws", "estimate", bridge),
    "elbo_times_labellings": EvidenceEntry("posterior", "approximation", elbo_times_labellings),
    "bic": EvidenceEntry("point", "approximation", bic),
}
"""Every statement by name: bounds, estimates, approximations."""


def evidence_of(fit: Any, rng: np.random.Generator, known: Known = None) -> tuple[Evidence, ...]:
    """Return what a fit says of the log evidence of its model.

    A statement that cannot be made is NaN, with the reason in ``warning``.

    Parameters
    ----------
    fit : fitted estimator
        One that still holds its data.
    rng : numpy.random.Generator
        Source of randomness.
    known : mapping of str to Uncertainty, optional
        What its uncertainty methods gave already; where it is given, nothing that costs more than a fit is computed.

    Examples
    --------
    >>> import numpy as np
    >>> from pointmass import VB, Gaussian, Mixture, load_dataset
    >>> from pointmass.uncertainty.evidence import evidence_of
    >>> fit = VB(Mixture(Gaussian(), 2), rng=0).fit(load_dataset("faithful").X)
    >>> for one in evidence_of(fit, np.random.default_rng(0), known={}):
    ...     print(f"{one.method}: {one.value:.1f} ({one.kind})")
    elbo: -1170.5 (bound)
    symmetrised_elbo: -1169.8 (bound)
    elbo_times_labellings: -1169.8 (approximation)
    """
    found = (_said(name, fit, rng, known) for name, entry in EVIDENCES.items() if entry.kind == fit.kind)
    return tuple(one for one in found if one is not None)


def _said(name: str, fit: Any, rng: np.random.Generator, known: Known) -> Evidence | None:
    entry = EVIDENCES[name]
    try:
        with np.errstate(all="ignore"):
            return entry.method(fit, rng, known)
    except (PointmassError, np.linalg.LinAlgError) as error:
        return Evidence(name, np.nan, np.nan, entry.says, warning=f"it cannot be computed: {error}")
