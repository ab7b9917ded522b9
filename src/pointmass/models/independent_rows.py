"""A family alone is a model: independent rows, the first rung of the ladder."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

from pointmass.families.family import Family
from pointmass.latents.independent import Independent
from pointmass.models.discrete import DiscreteModel

__all__ = ["IndependentRows"]

_INDEPENDENT = Independent()


@dataclass(frozen=True, eq=False, repr=False)
class IndependentRows(DiscreteModel):
    """Independent rows of one family; users write the family itself.

    Parameters
    ----------
    family : Family
        Likelihood of a row.
    """

    family: Family
    n_components: ClassVar[int] = 1  # type: ignore[misc]

    @cached_property
    def latent(self) -> Independent:
        """No latent."""
        return _INDEPENDENT

    def to_dict(self) -> Any:
        """Return the family's own tree."""
        return self.family.to_dict()

    def __repr__(self) -> str:
        return repr(self.family)
