"""The expected log density of statistics, where some probabilities are zero."""

from __future__ import annotations

import numpy as np

from pointmass.models import Beliefs, Statistics
from pointmass.models.frame import Frame

__all__ = ["expected_log_density"]

# Frames write a very low number for the logarithm of zero. An update makes a probability zero where the count is lost
# beside one by rounding: what is left of it adds nothing.
_IMPOSSIBLE, _ROUNDING = -1e200, 1e-15


def expected_log_density(frame: Frame, beliefs: Beliefs, statistics: Statistics) -> float:
    """Return c · s, coefficients under ``beliefs`` times statistics (nats), but for constants of the data."""
    coefficients, totals = frame.coefficients(beliefs), frame.totals(statistics)
    lost = np.abs(totals) <= _ROUNDING * (1.0 + np.abs(totals).max(initial=0.0))
    return float(np.where(lost & (coefficients < _IMPOSSIBLE), 0.0, coefficients) @ totals)
