"""Which statements about the log evidence a fit can make."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from pointmass.uncertainty.evidence.approximations import bic, elbo_times_labellings
from pointmass.uncertainty.evidence.bounds import elbo, symmetrised_elbo
from pointmass.uncertainty.evidence.estimates import bridge, enumeration
from pointmass.uncertainty.evidence.value import Evidence

__all__ = ["EVIDENCES", "EvidenceEntry", "evidence_of"]


@dataclass(frozen=True)
class EvidenceEntry:
    """One statement and the kind of fit (``point``, ``posterior``, ``draws``) that can make it.

    Parameters
    ----------
    kind : str
        The kind of fit.
    method : callable
        A fit and an rng to an `Evidence`, or None where it does not apply.
    """

    kind: str
    method: Callable[[Any, np.random.Generator], Evidence | None]


EVIDENCES: dict[str, EvidenceEntry] = {
    "elbo": EvidenceEntry("posterior", elbo),
    "symmetrised_elbo": EvidenceEntry("posterior", symmetrised_elbo),
    "enumeration": EvidenceEntry("draws", enumeration),
    "bridge": EvidenceEntry("draws", bridge),
    "elbo_times_labellings": EvidenceEntry("posterior", elbo_times_labellings),
    "bic": EvidenceEntry("point", bic),
}
"""Every statement by name: bounds, estimates, approximations."""


def evidence_of(fit: Any, rng: np.random.Generator) -> tuple[Evidence, ...]:
    """Return what a fit says of the log evidence of its model.

    Parameters
    ----------
    fit : fitted estimator
        One that still holds its data.
    rng : numpy.random.Generator
        Source of randomness.

    Raises
    ------
    PointmassError
        If the fit was restored without its data.

    Examples
    --------
    >>> import numpy as np
    >>> from pointmass import VB, Gaussian, Mixture, load_dataset
    >>> from pointmass.uncertainty.evidence import evidence_of
    >>> fit = VB(Mixture(Gaussian(), 2), rng=0).fit(load_dataset("faithful").X)
    >>> for one in evidence_of(fit, np.random.default_rng(0)):
    ...     print(f"{one.method}: {one.value:.1f} ({one.kind})")
    elbo: -1170.5 (bound)
    symmetrised_elbo: -1169.8 (bound)
    elbo_times_labellings: -1169.8 (approximation)
    """
    found = (entry.method(fit, rng) for entry in EVIDENCES.values() if entry.kind == fit.kind)
    return tuple(one for one in found if one is not None)
