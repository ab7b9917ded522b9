"""The density of counts is drawn at whole numbers, where it is a probability, and nowhere else."""

from __future__ import annotations

import numpy as np
import pytest

import pointmass
from pointmass import VB, Poisson


def test_counts_are_points_of_probability() -> None:
    rows = np.random.default_rng(0).poisson(2.0, 300).astype(float)
    fit = VB(Poisson(), rng=0).fit(rows)
    axes = pointmass.compare([fit]).plot("density").axes[0]
    line = axes.get_lines()[-1]
    whole = np.arange(rows.max() + 1)
    assert np.asarray(line.get_xdata()) == pytest.approx(whole)
    assert np.asarray(line.get_ydata()) == pytest.approx(np.exp(fit.score_samples(whole)))
    heights = [patch.get_height() for patch in axes.patches]
    assert heights == pytest.approx(np.bincount(rows.astype(int)) / 300)
