"""What is compared where a standard deviation says nothing: a far, thin tail must not decide a verdict."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from comparison.standins import StandIn

from pointmass.comparison import estimates_table, match_fits, write_verdict
from pointmass.comparison.extents import extent_ratios, has_far_draws
from pointmass.comparison.labels import Element
from pointmass.comparison.spread import Spread
from pointmass.report.tables import estimates_grid

MEAN = Element("mean", 0, (0,))
DRAWS = 200_000


def spread_of(draws: np.ndarray, level: float = 0.95, *, keep: bool = True) -> Spread:
    lower, upper = np.quantile(draws, [0.5 - level / 2, 0.5 + level / 2])
    numbers = [{"mean": np.array([[value]])} for value in (draws.std(), lower, upper)]
    return Spread("draws", level, *numbers, {"mean": draws[:, None, None]} if keep else None)


ORDINARY = {
    "normal": lambda rng: rng.normal(size=DRAWS),
    "uniform": lambda rng: rng.uniform(size=DRAWS),
    "exponential": lambda rng: rng.exponential(size=DRAWS),
    "Student-t": lambda rng: rng.standard_t(5, DRAWS),
    "log-normal": lambda rng: rng.lognormal(0.0, 0.7, DRAWS),
    "two modes": lambda rng: np.where(rng.random(DRAWS) < 0.3, -3.0, 3.0) + 0.01 * rng.normal(size=DRAWS),
}


@pytest.mark.parametrize("keep", [True, False])
@pytest.mark.parametrize("level", [0.5, 0.8, 0.95, 0.99])
@pytest.mark.parametrize("name", ORDINARY)
def test_ordinary_tails_skewness_and_modes_are_compared_by_their_standard_deviations(name, level, keep):
    draws = ORDINARY[name](np.random.default_rng(0))
    assert not has_far_draws(spread_of(draws, level, keep=keep), MEAN)


@pytest.mark.parametrize("scale", [1e-6, 1.0, 1e6])
@pytest.mark.parametrize("shift", [-1e3, 0.0])
def test_a_variance_that_does_not_exist_is_found_in_any_unit(scale, shift):
    draws = 1.0 / np.random.default_rng(0).gamma(1.1, 1.0, DRAWS)
    for keep in (True, False):
        assert has_far_draws(spread_of(scale * (draws + shift), keep=keep), MEAN) is True


def test_what_lies_within_an_interval_never_exceeds_half_its_width():
    """Popoviciu: the standard deviation of anything in [a, b] is at most (b − a) / 2, so draws outside are shown."""
    spread = spread_of(np.repeat([-1.0, 1.0], 500), keep=False)
    assert not has_far_draws(spread, MEAN)
    beyond = {"mean": spread.sd["mean"] * 1.001}
    assert has_far_draws(replace(spread, sd=beyond), MEAN)


@pytest.mark.parametrize("keep", [True, False])
def test_an_interval_without_width_decides_nothing(keep):
    assert not has_far_draws(spread_of(np.zeros(100), keep=keep), MEAN)


def with_rare_draws(fit: StandIn) -> StandIn:
    """Send every hundredth draw of the first mean far away: less than the interval leaves out on either side."""
    fit.draws_["mean"][::100, 0] += 1e4
    return fit


@pytest.fixture
def matched():
    fits = {
        "vb": StandIn("VB", "posterior", spread=0.3, seed=1),
        "gibbs": with_rare_draws(StandIn("Gibbs", "draws", spread=0.3)),
    }
    return match_fits(fits)


def test_rare_draws_do_not_decide_the_verdict(matched):
    """Both posteriors are the same but for one draw in a hundred."""
    (about,) = [text for text in write_verdict(matched) if text.startswith("Standard deviations")]
    assert "Gibbs’s standard deviation of mean[0] is that of rare draws far out (995, beside a 95 % interval" in about
    assert about.endswith("so the intervals are compared there.")
    ratios = extent_ratios(matched, matched["vb"].spreads[0], matched.reference_spread)
    assert all(value == pytest.approx(1.0, abs=0.1) for value in ratios.values())


def test_the_page_says_which_ratio_is_one_of_widths_and_the_table_keeps_both_numbers(matched):
    look = {fit.name: ("", "") for fit in matched.fits}
    grid = estimates_grid(matched, look)
    notes = {row[0].text: row[1].note for row in grid.rows}
    assert notes["mean[0]"].startswith("width × ")
    assert notes["mean[1]"].startswith("sd × ")
    assert "“width ×” compares the intervals" in grid.caption
    table = estimates_table(matched).query("method == 'vb' and parameter == 'mean'")
    assert list(table["sd_ratio"] < 0.01) == [True, False]


def test_nothing_is_said_of_widths_without_rare_draws():
    fits = {"vb": StandIn("VB", "posterior", spread=0.3, seed=1), "gibbs": StandIn("Gibbs", "draws", spread=0.3)}
    matched = match_fits(fits)
    assert "rare draws" not in " ".join(write_verdict(matched))
    assert "width" not in estimates_grid(matched, {fit.name: ("", "") for fit in matched.fits}).caption


@pytest.mark.parametrize(
    ("scale", "words"), [(1.0, "None is more than 0 % off."), (1.03, "None is more than 3.0 % off.")]
)
def test_what_is_alike_to_two_digits_is_said_in_percent(scale, words):
    fits = {"vb": StandIn("VB", "posterior", spread=0.3 * scale), "gibbs": StandIn("Gibbs", "draws", spread=0.3)}
    said = " ".join(write_verdict(match_fits(fits)))
    assert words in said
    assert "The farthest off" not in said
