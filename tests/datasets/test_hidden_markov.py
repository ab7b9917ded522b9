"""Sequences of the generators: the chain and the rows of their truth, and those of ``Model.sample``."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from pointmass import Gaussian, HiddenMarkov, Poisson, load_dataset
from pointmass.datasets import Dataset

MATRIX = [[0.7, 0.2, 0.1], [0.0, 0.6, 0.4], [0.3, 0.3, 0.4]]
CASES = {
    "poisson_hidden_markov": ({"rate": [1.0, 6.0, 20.0]}, Poisson()),
    "gaussian_hidden_markov": ({"mean": [[0.0, 1.0], [4.0, -1.0], [9.0, 3.0]], "sd": [[1.0, 2.0]] * 3}, Gaussian()),
}


def drawn(name: str, **options: object) -> Dataset:
    return load_dataset(name, **CASES[name][0], transition_matrix=MATRIX, initial=[0.5, 0.5, 0.0], **options)


def transitions(states: np.ndarray) -> np.ndarray:
    """Return the number of steps from each of three states to each."""
    return np.bincount(3 * states[:-1] + states[1:], minlength=9).reshape(3, 3)


@pytest.mark.parametrize("name", CASES)
def test_states_follow_the_chain(name):
    data = drawn(name, n=20_000, rng=1)
    counts, matrix = transitions(data.truth["labels"]), np.array(MATRIX)
    totals = counts.sum(axis=1, keepdims=True)
    assert (np.abs(counts - totals * matrix) <= 5 * np.sqrt(totals * matrix * (1 - matrix))).all()
    first = [drawn(name, n=1, rng=seed).truth["labels"][0] for seed in range(400)]
    shares = np.bincount(first, minlength=3) / 400
    assert (np.abs(shares - [0.5, 0.5, 0.0]) <= 5 * np.array([0.025, 0.025, 0.0])).all()


@pytest.mark.parametrize("name", CASES)
def test_sequences_begin_anew(name):
    data = drawn(name, lengths=[1] * 2000, rng=2)
    assert list(data.lengths) == [1] * 2000
    assert abs((data.truth["labels"] == 0).mean() - 0.5) < 5 * 0.5 / np.sqrt(2000)


@pytest.mark.parametrize("name", CASES)
def test_the_model_samples_the_same(name):
    """States, transitions, and each state's mean and variance, within five standard errors of a difference."""
    data, model = drawn(name, n=20_000, rng=3), HiddenMarkov(CASES[name][1], 3)
    parameters = {key: value for key, value in data.truth.items() if key != "labels"}
    rows, states = model.sample(parameters, 20_000, np.random.default_rng(4))
    both = [(np.asarray(data.X), data.truth["labels"]), (rows, states)]
    shares = [transitions(path) / np.maximum(np.bincount(path[:-1], minlength=3)[:, None], 1) for _, path in both]
    least = min(np.bincount(path, minlength=3).min() for _, path in both)
    assert (np.abs(shares[0] - shares[1]) <= 5 * np.sqrt(2 * 0.25 / least)).all()
    for state in range(3):
        own, other = (values[path == state] for values, path in both)
        error = np.sqrt(own.var(axis=0) / len(own) + other.var(axis=0) / len(other))
        assert (np.abs(own.mean(axis=0) - other.mean(axis=0)) <= 5 * error).all()
        assert own.var(axis=0) == pytest.approx(other.var(axis=0), rel=5 * np.sqrt(6 / least))


@pytest.mark.parametrize("name", CASES)
def test_one_seed_is_one_data_set(name):
    same = [drawn(name, n=50, rng=seed).digest for seed in (5, 5, 6)]
    assert [one == other for one, other in pairwise(same)] == [True, False]
