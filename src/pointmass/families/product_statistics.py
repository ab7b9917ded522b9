"""The sufficient statistics of a product of families: those of each part, as it keeps them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

__all__ = ["ProductStatistics"]


@dataclass(frozen=True, eq=False)
class ProductStatistics:
    """Additive statistics of several parts.

    Parameters
    ----------
    parts : tuple
        The statistics of each part; each supports ``+`` and multiplication by a number.
    """

    parts: tuple[Any, ...]

    def __add__(self, other: ProductStatistics) -> ProductStatistics:
        """Return the statistics of both sets of rows together."""
        return ProductStatistics(tuple(own + more for own, more in zip(self.parts, other.parts, strict=True)))

    def __mul__(self, factor: float) -> ProductStatistics:
        """Return the statistics of rows whose weights are multiplied by ``factor``."""
        return ProductStatistics(tuple(part * factor for part in self.parts))
