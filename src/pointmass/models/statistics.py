"""The one thing that leaves an E-step: expected sufficient statistics, additive over blocks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

__all__ = ["Statistics"]


@dataclass(frozen=True, eq=False)
class Statistics:
    """Expected statistics of every parameter block, and the log normaliser of the rows they came from.

    Parameters
    ----------
    parts : dict of str to object
        Statistics by block; each supports ``+`` and multiplication by a number.
    log_normaliser : float
        Σ weight · log normaliser (nats).
    """

    parts: Mapping[str, Any]
    log_normaliser: float

    def __add__(self, other: Statistics) -> Statistics:
        """Return the statistics of both sets of rows together."""
        parts = {name: part + other.parts[name] for name, part in self.parts.items()}
        return Statistics(parts, self.log_normaliser + other.log_normaliser)

    def __mul__(self, factor: float) -> Statistics:
        """Return the statistics of rows whose weights are multiplied by ``factor``."""
        return Statistics({name: part * factor for name, part in self.parts.items()}, self.log_normaliser * factor)
