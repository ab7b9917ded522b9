"""Chains of every family: likelihood, posteriors, the best path and drawn ones are those of every path enumerated."""

from __future__ import annotations

import numpy as np
import pytest
from cases import assert_share
from chains import enumerated, log_weights, paths
from families.family_contract import given
from sampling.cases import binary, coarse, counts, families, heavy_tails, products, regressions, rows_for

from pointmass import MAP, HiddenMarkov
from pointmass.families import FAMILIES
from pointmass.families.coordinates import Coordinates
from pointmass.latents.assignments import drawn
from pointmass.models import Rows, as_model
from pointmass.values import snake_case

EMISSIONS = {**families(), **counts(), **regressions(), **products(), **coarse(), **heavy_tails(), **binary()}
STEPS, DRAWS = 6, 2000

# Rows of limits or with errors of their own have densities that SciPy has too; incomplete ones have their own test of
# every path; loadings make no chain.
ELSEWHERE = {"censored_exponential", "censored_gaussian", "measured_gaussian", "incomplete_gaussian", "factor_analysis"}


def test_every_family_has_a_case() -> None:
    """A new family enters here by its line in the registry."""
    assert {snake_case(type(family).__name__) for family, _ in EMISSIONS.values()} == set(FAMILIES) - ELSEWHERE


@pytest.mark.filterwarnings("ignore::pointmass.PointmassWarning")
@pytest.mark.parametrize("name", EMISSIONS)
def test_a_chain_is_the_sum_over_its_paths(name: str) -> None:
    """Row by row the family alone gives the densities; the chain is all that is under test."""
    family, d = EMISSIONS[name]
    model, rows = rows_for(HiddenMarkov(family, 2), d)
    values = rows.values[:STEPS]
    fit = MAP(model, n_init=1, rng=0, max_iter=3, tol=0.0).fit(*given(family, rows.values))
    one, block = as_model(fit.model_.family), Rows(values, Coordinates.identity(d))
    names = set(fit.estimate_) - {"initial", "transition_matrix"}
    states = [{key: fit.estimate_[key][k : k + 1] for key in names} for k in (0, 1)]
    own = np.concatenate([one.log_likelihood(state, block, pointwise=True) for state in states])
    logs = np.log(fit.estimate_["initial"]), np.log(fit.estimate_["transition_matrix"])
    evidence, shares, links = enumerated(own, *logs)
    data = given(family, values)
    assert fit.score_samples(*data).sum() == pytest.approx(evidence, rel=1e-9, abs=1e-9)
    np.testing.assert_allclose(fit.predict_proba(*data), shares.T, atol=1e-8)
    np.testing.assert_array_equal(fit.predict(*data), paths(2, STEPS)[log_weights(own, *logs).argmax()])
    copies = Rows(np.tile(values, (DRAWS, 1)), block.coordinates, lengths=np.full(DRAWS, STEPS))
    inference = fit.model_.infer(fit.belief_, block.coordinates)
    _, found = inference.infer(copies, drawn, np.random.default_rng(1))
    assert_share(found.responsibilities[1].reshape(DRAWS, STEPS), shares[1].clip(0.0, 1.0))
    pairs = found.links.mean(axis=0)
    np.testing.assert_allclose(pairs, links, atol=5.0 * np.sqrt(STEPS * STEPS / 4.0 / DRAWS))
