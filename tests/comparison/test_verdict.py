"""The reference and the verdict: nothing is said that was not computed."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest
from comparison.standins import StandIn

from pointmass.comparison import Failure, estimates_table, match_fits, write_verdict
from pointmass.comparison.cautions import cautions
from pointmass.comparison.fit import name_fits
from pointmass.datasets import Dataset
from pointmass.errors import PointmassError

UNRELIABLE = {"reliable": False, "reasons": ["split R-hat 1.21 is not below 1.01"]}


def text_of(fits, **options):
    return " ".join(write_verdict(match_fits(fits, **options)))


def test_the_reference_is_the_first_reliable_sampler_nuts_before_gibbs():
    fits = [StandIn("Gibbs", "draws", spread=0.2), StandIn("NUTS", "draws", spread=0.2)]
    assert match_fits(fits).reference.name == "NUTS"
    fits[1].diagnostics_ = UNRELIABLE
    assert match_fits(fits).reference.name == "Gibbs"


def test_an_unreliable_reference_is_named_and_not_trusted():
    fits = [StandIn("VB", "posterior", spread=0.1), StandIn("NUTS", "draws", spread=0.2, diagnostics_=UNRELIABLE)]
    matched = match_fits(fits, reference="NUTS")
    assert (matched.reference.name, matched.reference.reliable) == ("NUTS", False)
    assert "NUTS may not be called a reference (split R-hat 1.21 is not below 1.01)" in text_of(fits)


def test_a_reference_without_diagnostics_is_not_trusted():
    reference = match_fits([StandIn("EM"), StandIn("VB", "posterior", spread=0.1)], reference="VB").reference
    assert not reference.reliable
    assert reference.reasons == ("it has no diagnostics that could vouch for it",)


def test_a_reference_may_be_given_as_the_fit_itself(ladder):
    assert match_fits(ladder, reference=ladder["nuts"]).reference.name == "nuts"


def test_an_unknown_reference_is_refused_with_the_known_ones(ladder):
    with pytest.raises(PointmassError, match="'hmc' is not among the fits compared; they are em, vb, nuts"):
        match_fits(ladder, reference="hmc")


def test_a_reference_that_failed_is_named(ladder):
    fits = {"em": ladder["em"], "vb": ladder["vb"]}
    text = text_of(fits, reference="nuts", failures=[Failure("nuts", "killed", "signal 9")])
    assert "The reference, nuts, is not there (killed: signal 9), so no interval here has been judged by it." in text
    assert "1 of 3 fits did not come about: nuts (killed: signal 9)." in text


def narrow_means():
    """A ladder whose VB has a quarter of NUTS's spread, and an eighth in the means."""
    vb = StandIn("VB", "posterior", spread=0.07, seed=1)
    vb.draws_["mean"] = vb.estimate_["mean"] + 0.5 * (vb.draws_["mean"] - vb.estimate_["mean"])
    return match_fits([StandIn("EM"), vb, StandIn("NUTS", "draws", spread=0.28, seed=2)])


def test_the_ratios_in_the_verdict_are_those_of_the_table_and_said_once():
    matched = narrow_means()
    ratios = estimates_table(matched).query("method == 'VB'")["sd_ratio"]
    text = " ".join(write_verdict(matched))
    said = re.findall(r"VB’s mean field (\S+) to ([\d.]+\d)", text)
    assert len(said) == 1
    assert float(said[0][0]) == pytest.approx(ratios.min(), abs=0.005)
    assert float(said[0][1]) == pytest.approx(ratios.max(), abs=0.005)


def test_the_width_that_is_farthest_off_is_named():
    worst = estimates_table(narrow_means()).query("method == 'VB'").nsmallest(1, "sd_ratio").iloc[0]
    text = " ".join(write_verdict(narrow_means()))
    assert f"The farthest off is VB’s mean field on mean[{worst['component']}]" in text


def test_a_reference_that_is_not_accepted_is_said_so_once():
    sampler = StandIn("NUTS", "draws", spread=0.2, diagnostics_=UNRELIABLE, status_="max_iter")
    assert text_of([StandIn("EM"), sampler]).count("NUTS may not be called a reference") == 1
    assert "does not pass its own checks" not in text_of([StandIn("EM"), sampler])
    assert "Gibbs does not pass its own checks" in text_of([sampler, StandIn("Gibbs", "draws", status_="max_iter")])


def test_points_say_that_they_have_no_interval(matched):
    assert any("EM gives no interval" in sentence for sentence in write_verdict(matched))


def test_ambiguous_labels_are_said():
    sampler = StandIn("NUTS", "draws", spread=0.2)
    sampler.diagnostics_["boundary_share"] = 0.12
    assert "12 % of the reference’s draws lie near a label boundary" in text_of([StandIn("EM"), sampler])


@pytest.mark.parametrize("status", ["max_iter", "degenerate", "boundary", "saddle"])
def test_every_status_but_converged_is_said(status):
    assert text_of([StandIn("EM"), StandIn("MAP", status_=status)]).count("MAP") == 2


def test_without_a_reference_nothing_is_judged():
    text = text_of([StandIn("EM"), StandIn("VB", "posterior", spread=0.1)])
    assert text.startswith("There is no reference")
    assert "times" not in text


def test_estimates_that_disagree_are_named():
    moved = {"weights": np.array([0.4, 0.6]), "mean": np.array([[1.0], [2.6]]), "covariance": np.ones((2, 1, 1))}
    text = text_of([StandIn("EM", estimate=moved), StandIn("VB", "posterior", spread=0.1)])
    assert "The estimates differ most on mean[0]: 0 (VB) and 1.00 (EM)" in text


def test_an_uncertainty_that_refuses_itself_is_no_measure_of_how_far_estimates_lie_apart():
    """Refused importance weights have a vast sd, and a mean midway: neither hides that EM and VB found other optima."""
    moved = {"weights": np.array([0.4, 0.6]), "mean": np.array([[1.0], [2.6]]), "covariance": np.ones((2, 1, 1))}
    matched = match_fits([StandIn("EM", estimate=moved), StandIn("VB", "posterior", spread=0.1)])
    own = matched["VB"].spreads[0]
    wide = {name: 40.0 * sd for name, sd in own.sd.items()}
    midway = {name: 0.5 * (value + moved[name]) for name, value in matched["VB"].estimate.items()}
    refused = replace(own, method="importance", sd=wide, mean=midway, diagnostics={"accepted": False})
    without = write_verdict(matched)
    object.__setattr__(matched["VB"], "spreads", (own, refused))
    assert write_verdict(matched)[-1] == without[-1]
    assert "mean[0]: 0 (VB) and 1.00 (EM), 1" in without[-1]


def test_warnings_call_columns_by_their_names():
    table = Dataset(np.ones((5, 2)), columns=("height", "weight"), name="people")
    said = ["column 1 is constant", "columns 0 and 1 are constant", "column 7 is unknown"]
    pairs = {"weights": np.array([0.4, 0.6]), "mean": np.zeros((2, 2)), "covariance": np.stack([np.eye(2)] * 2)}
    told = cautions(match_fits([StandIn("EM", estimate=pairs, warnings_=said)], data=table))
    assert list(told) == ["column 'weight' is constant", "columns 'height' and 'weight' are constant", said[2]]


def test_a_degenerate_fit_without_components_is_not_said_to_have_one():
    single = {"mean": np.zeros(1), "covariance": np.zeros((1, 1))}
    assert "component" not in text_of([StandIn("MLE", estimate=single, status_="degenerate")])


def test_an_exact_posterior_is_called_exact():
    alone = {"mean": np.array([1.0]), "covariance": np.array([[2.0]])}
    fit = StandIn("VB", "posterior", alone, spread=0.1)
    plain = fit.uncertainty

    def exact(*args, **kwargs):
        uncertainty = plain(*args, **kwargs)
        uncertainty.diagnostics = {"exact": True}
        return uncertainty

    fit.uncertainty = exact
    assert text_of([fit]).startswith("VB’s posterior is exact")


def test_equal_names_get_a_number():
    fits = [StandIn("EM"), StandIn("EM"), StandIn("VB", "posterior"), StandIn("EM")]
    assert list(name_fits(fits)) == ["EM", "EM_2", "VB", "EM_3"]


@pytest.mark.parametrize("nothing", [[], {}])
def test_nothing_cannot_be_compared(nothing):
    with pytest.raises(PointmassError, match="nothing to compare"):
        name_fits(nothing)


def test_what_is_not_a_list_of_fits_is_refused():
    with pytest.raises(PointmassError, match="takes a list or a dict of fits, got StandIn"):
        name_fits(StandIn("EM"))
    with pytest.raises(PointmassError, match="'object' has not been fitted"):
        name_fits([object()])


def test_a_best_optimum_that_few_starts_reach_is_said():
    restarts = [{"objective": -float(i), "status": "converged"} for i in range(10)]
    text = text_of([StandIn("EM", restarts_=restarts), StandIn("MAP", restarts_=restarts[:1] * 10)])
    assert "Only 10 % of EM’s 10 starts reached its best proper optimum." in text
    assert "MAP’s" not in text
