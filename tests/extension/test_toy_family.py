"""The walk-through of CONTRIBUTING.md is code: the family that it prints works in every method and in the report."""

from __future__ import annotations

import re
import sys
import types
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from families.family_contract import CHECKS

import pointmass
from pointmass import EM, MAP, MLE, NUTS, VB, Gamma, Mixture, PointmassError, families, load_fit
from pointmass.estimators import ESTIMATORS
from pointmass.estimators.nuts.terms import FAMILY_TERMS
from pointmass.families.family import Family
from pointmass.models import model_from_dict

CONTRIBUTING = Path(__file__).parents[2] / "CONTRIBUTING.md"


def printed(name: str, content: str, monkeypatch: pytest.MonkeyPatch) -> types.ModuleType:
    """Return the module whose source is the block of CONTRIBUTING.md that holds ``content``."""
    blocks = re.findall(r"```python\n(.*?)```", CONTRIBUTING.read_text(encoding="utf-8"), flags=re.S)
    source = next(block for block in blocks if content in block)
    module = types.ModuleType(name)
    monkeypatch.setitem(sys.modules, name, module)
    exec(compile(source, str(CONTRIBUTING), "exec"), module.__dict__)
    return module


@pytest.fixture
def toy(monkeypatch: pytest.MonkeyPatch) -> Iterator[types.ModuleType]:
    """Return the module printed in CONTRIBUTING.md, its family on one line of the registry."""
    module = printed("pointmass.families.rayleigh", "class Rayleigh", monkeypatch)
    monkeypatch.setitem(families.FAMILIES, "rayleigh", module.Rayleigh)
    yield module


@pytest.fixture
def speeds() -> np.ndarray:
    """Return speeds of two kinds, mean squares 1 and 20."""
    rng = np.random.default_rng(3)
    return np.sqrt(np.concatenate([rng.exponential(1.0, 400), rng.exponential(20.0, 600)]))


def test_alone_it_has_the_closed_form_and_the_exact_posterior(toy: types.ModuleType, speeds: np.ndarray) -> None:
    assert MLE(toy.Rayleigh()).fit(speeds).estimate_["rate"][0] == pytest.approx(1.0 / (speeds**2).mean(), rel=1e-12)
    vb = VB(toy.Rayleigh(prior=Gamma(2.0, 3.0))).fit(speeds)
    n, total = len(speeds), (speeds**2).sum()
    evidence = 2 * np.log(3.0) + float(np.sum(np.log(np.arange(2, n + 2)))) - (n + 2) * np.log(3.0 + total)
    evidence += float(np.log(2.0 * speeds).sum())
    assert vb.elbo_ == pytest.approx(evidence, rel=1e-12)
    assert vb.estimate_["rate"][0] == pytest.approx((n + 2) / (3.0 + total), rel=1e-12)


@pytest.mark.parametrize("estimator", [EM, MAP, VB])
def test_in_a_mixture_it_finds_both_rates(toy: types.ModuleType, speeds: np.ndarray, estimator: type) -> None:
    fit = estimator(Mixture(toy.Rayleigh(), 2), rng=0).fit(speeds)
    assert fit.status_ == "converged"
    assert np.all(np.diff(fit.objective_history_) >= -1e-10 * np.abs(fit.objective_history_[:-1]))
    assert np.sort(1.0 / fit.estimate_["rate"].ravel()) == pytest.approx([1.0, 20.0], rel=0.2)
    restored = load_fit(fit.to_datatree())
    assert np.array_equal(restored.predict_proba(speeds), fit.predict_proba(speeds))


def test_gibbs_agrees_with_the_exact_posterior(toy: types.ModuleType, speeds: np.ndarray) -> None:
    model = toy.Rayleigh(prior=Gamma(2.0, 3.0))
    gibbs, vb = ESTIMATORS["gibbs"](model, rng=0).fit(speeds), VB(model).fit(speeds)
    draws = gibbs.draws_["rate"].ravel()
    error = vb.uncertainty().sd["rate"][0] / np.sqrt(len(draws))
    assert abs(draws.mean() - vb.estimate_["rate"][0]) < 5.0 * error


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_it_holds_the_contract_of_every_family(toy: types.ModuleType, check: Callable[[Family], None]) -> None:
    check(toy.Rayleigh())


def test_configs_and_the_comparison_know_it(toy: types.ModuleType, speeds: np.ndarray) -> None:
    model = model_from_dict({"mixture": {"family": "rayleigh", "n_components": 2}})
    assert model_from_dict(model.to_dict()) == model
    comparison = pointmass.compare([EM(model, rng=0).fit(speeds), VB(model, rng=0).fit(speeds)])
    assert set(comparison.table["parameter"]) == {"weights", "rate"}


def test_a_picture_of_it_stays_in_its_support(toy: types.ModuleType, speeds: np.ndarray) -> None:
    """Outside the support there is no density to draw, and none to score."""
    comparison = pointmass.compare([EM(Mixture(toy.Rayleigh(), 2), rng=0).fit(speeds)])
    axes = comparison.plot("density").axes[0]
    assert axes.get_xlim()[0] >= 0.0
    with pytest.raises(PointmassError, match="positive values"):
        EM(toy.Rayleigh()).fit(speeds).score_samples([[-1.0]])


@pytest.mark.slow
def test_its_term_agrees_with_the_exact_posterior(
    toy: types.ModuleType, speeds: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    term = printed("pointmass.estimators.nuts.terms.rayleigh", "def rayleigh", monkeypatch)
    monkeypatch.setitem(FAMILY_TERMS, "rayleigh", term.rayleigh)
    model = toy.Rayleigh(prior=Gamma(2.0, 3.0))
    nuts, vb = NUTS(model, rng=0).fit(speeds), VB(model).fit(speeds)
    draws, sd = nuts.draws_["rate"].ravel(), vb.uncertainty().sd["rate"][0]
    error = sd / np.sqrt(nuts.diagnostics_["min_ess_bulk"])
    assert abs(draws.mean() - vb.estimate_["rate"][0]) < 5.0 * error
    assert draws.std() == pytest.approx(sd, rel=0.1)
