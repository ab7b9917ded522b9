"""The gate: it passes what has converged, and names what has not."""

from __future__ import annotations

import numpy as np
import pytest
from sampling.cases import families, held_models, mixture

from pointmass import Gaussian
from pointmass.estimators.gate import assess, free_entries
from pointmass.models import as_model

FREE = {"mean": np.ones((2, 1), dtype=bool)}


def chains(seed: int = 0, draws: int = 1000) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(4, draws, 2, 1))


def autoregressive(memory: float) -> np.ndarray:
    noise = chains()
    for step in range(1, noise.shape[1]):
        noise[:, step] = memory * noise[:, step - 1] + np.sqrt(1.0 - memory**2) * noise[:, step]
    return noise


def test_independent_chains_pass() -> None:
    found = assess({"mean": chains()}, FREE, 0)
    assert found["reliable"] and found["reasons"] == []
    assert found["max_rhat"] < 1.01 and found["min_ess_bulk"] > 3000


def test_fault_080_a_chain_elsewhere() -> None:
    bad = chains()
    bad[2, :, 1] += 1.0
    found = assess({"mean": bad}, FREE)
    assert not found["reliable"]
    assert found["reasons"][0].startswith("split R-hat of mean[1, 0] is 1.")


def test_a_wider_chain_is_seen_by_the_folded_rank() -> None:
    bad = chains()
    bad[0] *= 3.0
    assert not assess({"mean": bad}, FREE)["reliable"]


def test_slow_chains_have_too_few_effective_draws() -> None:
    reasons = assess({"mean": autoregressive(0.95)}, FREE)["reasons"]
    assert any(reason.startswith("bulk ESS of mean[") for reason in reasons)


def test_a_drifting_chain_is_split() -> None:
    bad = chains() + np.linspace(-1.0, 1.0, 1000)[:, None, None]
    assert any("R-hat" in reason for reason in assess({"mean": bad}, FREE)["reasons"])


def test_stuck_chains_do_not_pass() -> None:
    assert not assess({"mean": np.zeros((4, 1000, 2, 1))}, FREE)["reliable"]
    assert not assess({"mean": np.broadcast_to(np.arange(4.0)[:, None, None, None], (4, 1000, 2, 1))}, FREE)["reliable"]


def test_fault_069_divergences() -> None:
    found = assess({"mean": chains()}, FREE, 3)
    assert found["reasons"] == ["3 divergent transitions"] and found["divergences"] == 3


def test_too_few_chains_or_draws() -> None:
    assert "2 chains: R-hat compares at least 4" in assess({"mean": chains()[:2]}, FREE)["reasons"]
    assert not assess({"mean": chains(draws=100)}, FREE)["reliable"]


def test_entries_that_do_not_count_are_not_looked_at() -> None:
    bad = chains()
    bad[2, :, 1] += 5.0
    assert assess({"mean": bad}, {"mean": np.array([[True], [False]])})["reliable"]


COUNTS = {  # entries of mean and covariance: d = 3 and K = 2 in the first four
    "full": (6, 12),
    "tied": (6, 6),
    "diagonal": (6, 6),
    "spherical": (6, 2),
    "one column, wishart": (2, 2),
    "one column, gamma": (2, 2),
    "one column, tied": (2, 1),
    "default prior": (4, 6),
    "known covariance": (4, 0),
    "as many components as columns": (4, 3),
}


@pytest.mark.parametrize("name", families())
def test_free_entries_are_neither_fixed_nor_copies(name: str) -> None:
    family, d = families()[name]
    model = as_model(mixture(family))
    prior = model.prior(np.random.default_rng(0).normal(size=(20, d)), None)
    free = free_entries(model, prior, np.random.default_rng(1))
    assert (free["mean"].sum(), free["covariance"].sum()) == COUNTS[name]


def test_blocks_held_known_are_not_free() -> None:
    counts = []
    for model, d in held_models().values():
        prior = model.prior(np.random.default_rng(0).normal(size=(20, d)), None)
        free = free_entries(model, prior, np.random.default_rng(1))
        counts.append({name: int(mask.sum()) for name, mask in free.items()})
    assert counts[0]["weights"] == 0 and counts[0]["mean"] == 4
    assert counts[1] == counts[2] == {"weights": 2, "mean": 0, "covariance": 0}
    one = as_model(mixture(Gaussian(), 1))
    free = free_entries(one, one.prior(np.zeros((20, 2)) + np.eye(20, 2), None), np.random.default_rng(1))
    assert free["weights"].sum() == 0
