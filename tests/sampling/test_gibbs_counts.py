"""Gibbs against the exact posterior of tiny mixtures of counts, times, answers, lines and mixed columns, enumerated."""

from __future__ import annotations

import numpy as np
import pytest
from families.family_contract import given
from sampling.cases import counts, mixture, products, regressions, supported

from pointmass import Enumeration, Gibbs
from pointmass.inference.component_features import features_of, parameter_kinds
from pointmass.inference.relabelling import Reference, relabel

DRAWS = 1500
CASES = {
    **counts(),
    "product, one part known": products()["product, one part known"],
    "regression": regressions()["regression"],
}
SLOW = ("poisson", "exponential", "product, one part known", "regression")


@pytest.mark.filterwarnings("ignore::pointmass.PointmassWarning")
@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[pytest.mark.slow] if name in SLOW else []) for name in CASES]
)
def test_gibbs_agrees_with_enumeration(name: str) -> None:
    from arviz_stats.base import array_stats

    family, d = CASES[name]
    model = mixture(family)
    X = supported(family, 3.0 + 2.0 * np.random.default_rng(5).normal(size=(9, d)))
    data = given(family, X)
    exact, gibbs = Enumeration(model, rng=0).fit(*data), Gibbs(model, draws=DRAWS, rng=1).fit(*data)
    flat = {key: array.reshape(-1, *array.shape[2:]) for key, array in exact.draws_.items()}
    kinds = parameter_kinds(model.dims, exact.prior_)
    reference = Reference.of(flat, model.dims, kinds, model.interchangeable(exact.prior_, None))
    sampled = {key: array.reshape(-1, *array.shape[2:]) for key, array in gibbs.draws_.items()}
    ours = features_of(relabel(flat, reference).draws, model.dims, kinds).reshape(len(flat["weights"]), -1)
    theirs = features_of(relabel(sampled, reference).draws, model.dims, kinds).reshape(4, DRAWS, -1)
    for a, b in ((np.arctan(ours), np.arctan(theirs)), (np.arctan(ours) ** 2, np.arctan(theirs) ** 2)):
        error = np.hypot(array_stats.mcse(b, chain_axis=0, draw_axis=1), a.std(axis=0) / np.sqrt(len(a)))
        assert (np.abs(b.mean((0, 1)) - a.mean(axis=0)) < 4.5 * error).all()
