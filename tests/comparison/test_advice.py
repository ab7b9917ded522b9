"""The verdict's counsel: each answer from numbers that the fits themselves hold, and judged where there is a judge."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from cases import faithful, two_normals
from comparison.standins import StandIn

from pointmass import EM, VB, Gaussian, Mixture, compare
from pointmass.comparison import match_fits, verdict_on_study
from pointmass.comparison.advice import advice
from pointmass.comparison.safety import narrowness, predicted_narrowness
from pointmass.comparison.spread import Spread

MODEL = Mixture(Gaussian(), 2)
GOOD = {"accepted": True, "reasons": [], "spectral_radius": 0.3}
METHODS = ["information", "mean_field", "linear_response", "importance"]


def spread(method="linear_response", scale=1.0, missing=0.0, **diagnostics):
    sd = {"weights": np.full(2, 0.02), "mean": np.full((2, 2), 0.1), "covariance": np.full((2, 2, 2), 0.2)}
    fractions = {name: np.full_like(array, missing) for name, array in sd.items()}
    sd = {name: scale * array for name, array in sd.items()}
    facts = {"missing_information": fractions, "accepted": True, "reasons": [], **diagnostics}
    return Spread(method, 0.95, sd, sd, sd, None, facts)


def told(*, fits, spreads, reference_scale=None):
    """What is said of stand-ins whose uncertainty is given."""
    matched = match_fits(fits)
    for fit in matched.fits:
        object.__setattr__(fit, "spreads", spreads.get(fit.name, fit.spreads))
    if reference_scale is not None:
        judge = spread("draws", reference_scale)
        object.__setattr__(matched, "reference", SimpleNamespace(name="Gibbs", reliable=True))
        object.__setattr__(matched["Gibbs"], "spreads", (judge,))
    return advice(matched)


def posterior():
    return StandIn("VB", "posterior", spread=0.1)


def gibbs():
    return StandIn("Gibbs", "draws", spread=0.1)


@pytest.mark.parametrize(("missing", "safe"), [(0.0, True), (0.18, True), (0.2, False), (0.9, False)])
def test_mean_field_is_safe_where_a_tenth_of_an_sd_is_not_missing(missing, safe):
    one = spread(missing=missing)
    assert predicted_narrowness(one).ratio == pytest.approx(np.sqrt(1.0 - missing))
    assert narrowness([one]).is_safe is safe
    text = told(fits=[posterior()], spreads={"VB": (one,)})
    assert ("mean field can be trusted" in text) is safe
    assert ("mean field cannot be trusted" in text) is not safe


@pytest.mark.parametrize(
    ("accepted", "word"),
    [
        (True, "cannot be trusted: its standard deviation of weights[0] is 0.14"),
        (False, "can be trusted cannot be said: "),
    ],
)
def test_accepted_weights_see_what_the_missing_information_cannot(accepted, word):
    """A component that the optimum has emptied misses no information, and yet the posterior lies elsewhere too."""
    wide = spread("importance", 7.0, khat=0.4, ess=900.0, accepted=accepted, reasons=["Pareto k̂ is 0.93"])
    spreads = {"VB": (spread("mean_field"), spread(missing=0.01), wide)}
    assert f"mean field {word}" in told(fits=[posterior()], spreads=spreads)


@pytest.mark.parametrize(("ratio", "safe"), [(1.15, True), (1.3, False)])
def test_noise_of_the_weights_does_not_make_a_mean_field_unsafe(ratio, safe):
    """200 effective draws know an sd to 5 %: 1 / 1.15 is within two errors of the prediction, 1 / 1.3 is not."""
    wide = spread("importance", ratio, khat=0.4, ess=200.0)
    assert narrowness((spread("mean_field"), spread(missing=0.1), wide)).is_safe is safe


def test_a_mean_field_whose_weights_are_refused_is_not_called_safe_in_one_breath_with_mcmc():
    """The missing information knows the posterior near its optimum alone."""
    refused = spread("importance", khat=0.9, ess=20.0, accepted=False, reasons=["Pareto k̂ is 0.93"])
    near = (spread("mean_field"), spread(missing=0.02), refused)
    text = told(fits=[posterior()], spreads={"VB": near})
    assert text.startswith("Whether VB’s mean field can be trusted cannot be said: the narrowest standard deviation")
    assert text.endswith(
        "but only near its optimum. Its importance weights cannot vouch for a correction (Pareto k̂ is "
        "0.93): MCMC is needed."
    )
    matched = match_fits([posterior()])
    object.__setattr__(matched.fits[0], "spreads", near)
    assert "can be trusted in 0 of 1 comparison;" in verdict_on_study([matched])


def test_an_accepted_correction_needs_no_mcmc_and_a_refused_one_does():
    facts = {"khat": 0.2, "ess": 900.0}
    good = told(fits=[posterior()], spreads={"VB": (spread(missing=0.5), spread("importance", **facts))})
    assert "MCMC is not needed" in good
    bad = spread("importance", **facts, accepted=False, reasons=["Pareto k̂ is 0.93, above 0.70"])
    refused = told(fits=[posterior()], spreads={"VB": (spread(missing=0.5), bad)})
    assert "Pareto k̂ is 0.93, above 0.70" in refused
    assert "MCMC is needed" in refused


@pytest.mark.parametrize("facts", [{"ambiguous_labels": True, "boundary_share": 0.2}, {}])
def test_worries_ask_for_confirmation(facts):
    fit = posterior()
    if not facts:
        ends = [{"objective": value, "status": "converged", "n_iter": 9} for value in (-1.0, -3.0, -3.0, -3.0)]
        fit.restarts_ = ends
    one = spread("importance", khat=0.2, ess=900.0, **facts)
    text = told(fits=[fit], spreads={"VB": (spread(missing=0.5), one)})
    assert "MCMC should confirm it" in text


@pytest.mark.parametrize(("scale", "word"), [(1.05, "right"), (1.3, "wrong"), (0.6, "wrong")])
def test_a_reference_says_whether_that_was_right(scale, word):
    spreads = {"VB": (spread(missing=0.5), spread("importance", scale, khat=0.2, ess=900.0))}
    text = told(fits=[posterior(), gibbs()], spreads=spreads, reference_scale=1.0)
    assert f"Gibbs says that this is {word}" in text


@pytest.mark.parametrize(("scale", "enough"), [(1.0, True), (0.7, False), (1.4, False)])
def test_a_point_is_enough_where_its_intervals_are_those_of_a_posterior(scale, enough):
    spreads = {"EM": (spread("information", scale, spectral_radius=0.3),)}
    text = told(fits=[StandIn("EM"), gibbs()], spreads=spreads, reference_scale=1.0)
    assert ("is enough" in text) is enough
    assert ("is not enough" in text) is not enough


def test_the_answer_opens_with_the_point_then_the_posterior_then_mcmc():
    facts = {"khat": 0.2, "ess": 900.0}
    spreads = {
        "EM": (spread("information", spectral_radius=0.3),),
        "VB": (spread(missing=0.5), spread("importance", **facts)),
    }
    text = told(fits=[posterior(), StandIn("EM")], spreads=spreads)
    answers = [text.index(words) for words in ("EM’s point", "VB’s mean field", "MCMC is not needed")]
    assert answers == sorted(answers)


@pytest.mark.parametrize(("scale", "shown"), [(0.798, "0.798"), (0.7996, "0.7996"), (0.7, "0.70"), (1.2504, "1.2504")])
def test_a_refused_width_is_never_rounded_to_its_limit(scale, shown):
    spreads = {"EM": (spread("information", scale, spectral_radius=0.3),)}
    text = told(fits=[StandIn("EM"), gibbs()], spreads=spreads, reference_scale=1.0)
    assert f"is {shown} times Gibbs’s" in text


def test_a_point_that_is_far_away_is_not_enough():
    moved = {"weights": np.array([0.4, 0.6]), "mean": np.array([[0.0], [2.7]]), "covariance": np.ones((2, 1, 1))}
    point, judge = StandIn("EM", estimate=moved), gibbs()
    spreads = {"EM": (Spread("information", 0.95, *[{"mean": np.full((2, 1), 0.1)}] * 3, None, GOOD),)}
    matched = match_fits([point, judge])
    for name, own in {**spreads, "Gibbs": (Spread("draws", 0.95, *[{"mean": np.full((2, 1), 0.1)}] * 3),)}.items():
        object.__setattr__(matched[name], "spreads", own)
    assert "EM’s point is not enough: mean[1] lies 1.0" in advice(matched)


def test_a_point_on_the_boundary_is_not_enough():
    one = spread("information", accepted=False, reasons=["weights lies on the boundary of its space"])
    text = told(fits=[StandIn("EM")], spreads={"EM": (one,)})
    assert "EM’s point is not enough: weights lies on the boundary of its space." in text


def test_real_fits_far_apart_and_near():
    """Old Faithful's groups are far apart: mean field passes; two normals 2.6 sd apart: it does not."""
    apart = compare([EM(MODEL, rng=0).fit(faithful()), VB(MODEL, rng=0).fit(faithful())], uncertainty=METHODS)
    assert "mean field can be trusted" in apart.verdict
    x = two_normals(500, separation=2.6, seed=3)
    near = compare([EM(MODEL, rng=0).fit(x), VB(MODEL, rng=0).fit(x)], uncertainty=METHODS)
    assert "mean field cannot be trusted" in near.verdict
    assert "MCMC is not needed" in near.verdict


def test_an_exact_posterior_tells_whether_a_point_is_enough():
    rows = two_normals(50)
    told = str(compare([fit.fit(rows) for fit in (EM(Gaussian()), VB(Gaussian()))]).verdict)
    assert "EM’s point with its information-based intervals is enough" in told
    assert "from VB’s mean" in told


def test_a_study_counts_what_its_comparisons_say():
    refused = spread("importance", khat=0.9, ess=20.0, accepted=False)
    cases = [
        (spread("mean_field"), spread(missing=missing), weights)
        for missing, weights in [(0.0, spread("importance", khat=0.2, ess=900.0)), (0.5, refused), (0.9, refused)]
    ]
    comparisons = [match_fits([posterior()]) for _ in cases]
    for matched, own in zip(comparisons, cases, strict=True):
        object.__setattr__(matched.fits[0], "spreads", own)
    said = verdict_on_study(comparisons)
    assert "VB’s mean field can be trusted in 1 of 3 comparisons" in said
    assert "passes its own check in 1 of 3, and in the other 2 MCMC is needed" in said
    assert verdict_on_study(comparisons[:2]).endswith(
        "passes its own check in 1 of 2, and in the other MCMC is needed."
    )
    assert verdict_on_study(comparisons[:1]).endswith("passes its own check in 1 of 1.")
    assert verdict_on_study([match_fits([StandIn("EM")])]) == ""
