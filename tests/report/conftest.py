"""Runs and pages that several tests read."""

from __future__ import annotations

import numpy as np
import pytest
from comparison.standins import StandIn
from report.runs import config, make_run

from pointmass.comparison import match_fits
from pointmass.datasets import Dataset
from pointmass.report import study_of_comparison, write_report
from pointmass.report.page import page_of
from pointmass.report.rendering import to_html


@pytest.fixture(scope="session")
def run(tmp_path_factory):
    """A finished run of EM and VB with its report."""
    folder = make_run(tmp_path_factory.mktemp("run") / "study", config())
    write_report(folder)
    return folder


@pytest.fixture(scope="session")
def ladder_page():
    """The page of a comparison with a reliable reference."""
    rows = np.concatenate([np.random.default_rng(0).normal(m, 1.0, 60) for m in (0.0, 2.6)])
    fits = {
        "em": StandIn("EM", restarts_=[{"objective": -1.0, "status": "converged"}] * 4),
        "vb": StandIn("VB", "posterior", spread=0.07),
        "nuts": StandIn("NUTS", "draws", spread=0.28),
    }
    data = Dataset(rows, truth={"labels": np.repeat([0, 1], 60), "mean": np.array([[0.0], [2.6]])})
    return to_html(page_of(study_of_comparison(match_fits(fits, data=data), "Ladder")))
