"""A belief of which only the expected natural parameters are known: all that a kernel asks for."""

from __future__ import annotations

from dataclasses import dataclass

from pointmass.families.conjugate import Parameters

__all__ = ["Expected"]


@dataclass(frozen=True, eq=False)
class Expected:
    """What stands for a belief in a sweep.

    Parameters
    ----------
    expected : dict of str to ndarray
        The belief's expected natural parameters.
    """

    expected: Parameters

    def expected_natural_parameters(self) -> Parameters:
        """Return them."""
        return self.expected
