"""Quantiles of beliefs that no family of the registry has as its own prior: many probabilities, each as if alone."""

from __future__ import annotations

import numpy as np
import pytest
from families.conjugate_cases import CASES, gamma_belief
from families.family_contract import assert_quantiles_of_a_belief_are_stacked

from pointmass import VB, FactorAnalysis, StickBreaking
from pointmass.families import InverseGamma, NormalLogits
from pointmass.families.normal_times_gamma import NormalTimesGamma

FACTORS = VB(FactorAnalysis(noise="common"), rng=0).fit(np.random.default_rng(0).standard_normal((40, 3)))
BELIEFS = {
    **{str(case): case.belief for case in CASES},
    "normal times gamma": NormalTimesGamma.of(gamma_belief(2, 3, 0)),
    "normal times gamma, one variance": NormalTimesGamma.of(gamma_belief(2, 3, 0, common=True)),
    "inverse gamma": InverseGamma(3.0, 2.0),
    "inverse gammas": InverseGamma(3.0, 2.0).broadcast(2, 2),
    "logits": NormalLogits(np.zeros((3, 2)), np.eye(2)).broadcast(3, 2),
    "stick breaking": StickBreaking(1.3).broadcast(4),
    **{f"factors: {name}": belief for name, belief in FACTORS.belief_.items()},
}


@pytest.mark.parametrize("belief", BELIEFS.values(), ids=BELIEFS)
def test_quantiles_of_many_probabilities_are_those_of_each(belief):
    assert_quantiles_of_a_belief_are_stacked(belief)
