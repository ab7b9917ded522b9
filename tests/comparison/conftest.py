"""Stand-in fits of the shapes that comparisons meet."""

from __future__ import annotations

import pytest
from comparison.standins import StandIn

from pointmass.comparison import match_fits


@pytest.fixture(scope="session")
def ladder():
    """EM, a relabelled VB with a quarter of the spread, and a reliable NUTS."""
    return {
        "em": StandIn("EM"),
        "vb": StandIn("VB", "posterior", spread=0.07, order=[1, 0], seed=1),
        "nuts": StandIn("NUTS", "draws", spread=0.28, seed=2),
    }


@pytest.fixture(scope="session")
def matched(ladder):
    return match_fits(ladder)
