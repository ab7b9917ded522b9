"""Figures of families whose columns are no variables, but limits of one."""

from __future__ import annotations

from pointmass import EM, VB, CensoredGaussian, compare, load_dataset


def test_the_density_of_limits_shows_the_rows_and_no_ellipse() -> None:
    rows = load_dataset("grouped_normal", n=40, rng=0).X
    figure = compare([EM(CensoredGaussian()).fit(rows), VB(CensoredGaussian()).fit(rows)]).plot("density")
    axes = figure.axes[0]
    assert len(axes.collections) == 1
    assert not axes.lines
