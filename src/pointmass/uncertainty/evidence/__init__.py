"""The log evidence of a model on one axis: bounds, estimates, and approximations marked so."""

from __future__ import annotations

from pointmass.uncertainty.evidence.bridge import Bridge, bridge_sampling
from pointmass.uncertainty.evidence.registry import EVIDENCES, EvidenceEntry, evidence_of
from pointmass.uncertainty.evidence.value import Evidence, Known

__all__ = ["EVIDENCES", "Bridge", "Evidence", "EvidenceEntry", "Known", "bridge_sampling", "evidence_of"]
