"""Every path of a short chain: what the recursions must equal."""

from __future__ import annotations

from itertools import product

import numpy as np


def paths(k: int, n: int) -> np.ndarray:
    return np.array(list(product(range(k), repeat=n)))


def log_weights(log_joint: np.ndarray, log_initial: np.ndarray, log_transitions: np.ndarray) -> np.ndarray:
    """Return the log joint density of each path with the rows of one sequence."""
    k, n = log_joint.shape
    every = paths(k, n)
    total = log_initial[every[:, 0]] + log_joint[every, np.arange(n)].sum(axis=1)
    return total + log_transitions[every[:, :-1], every[:, 1:]].sum(axis=1)


def enumerated(
    log_joint: np.ndarray, log_initial: np.ndarray, log_transitions: np.ndarray
) -> tuple[float, np.ndarray, np.ndarray]:
    """Return the log evidence, the state probabilities (K, n) and the expected transitions (K, K)."""
    k, n = log_joint.shape
    every, logs = paths(k, n), log_weights(log_joint, log_initial, log_transitions)
    evidence = float(np.logaddexp.reduce(logs))
    shares = np.exp(logs - evidence)
    states = np.array([[shares[every[:, t] == j].sum() for t in range(n)] for j in range(k)])
    links = np.zeros((k, k))
    for i, j, t in product(range(k), range(k), range(n - 1)):
        links[i, j] += shares[(every[:, t] == i) & (every[:, t + 1] == j)].sum()
    return evidence, states, links


def random_chain(k: int, rng: np.random.Generator, zeros: bool = False) -> tuple[np.ndarray, np.ndarray]:
    """Return log initial and log transition probabilities; with ``zeros`` some transitions are impossible."""
    initial, transitions = rng.dirichlet(np.ones(k)), rng.dirichlet(np.ones(k), size=k)
    if zeros:
        transitions = np.triu(transitions) + 1e-300 * np.eye(k)
        transitions /= transitions.sum(axis=1, keepdims=True)
    with np.errstate(divide="ignore"):
        return np.log(initial), np.log(transitions)
