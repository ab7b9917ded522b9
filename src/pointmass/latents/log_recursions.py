"""Forward and backward recursions of a chain in logarithms: about ten times slower than scaled ones, no underflow.

Arrays over rows are (K, n), components first; what a recursion alone reads is (n, K). Sequence s is made of rows
``starts[s]`` to ``starts[s + 1]``.
A step that no state can explain has log density −∞; there the chain begins anew, so that no other step loses its
number.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from pointmass.latents.compiled import compiled

__all__ = ["log_backward", "log_forward", "log_smoothed"]


@compiled
def log_forward(log_densities: Any, log_transitions: Any, start: Any, stop: Any, filtered: Any, scales: Any) -> None:
    """Fill the logarithms of the filtered probabilities, and of the sum at each step, of one sequence.

    Parameters
    ----------
    log_densities : ndarray, shape (K, n)
        Log densities, at the first row of the sequence with the initial log probabilities.
    log_transitions : ndarray, shape (K, K)
        Log transition probabilities.
    start, stop : int
        Rows of the sequence.
    filtered, scales : ndarray, shapes (n, K) and (n,)
        Results.
    """
    k = log_densities.shape[0]
    for t in range(start, stop):
        top = -np.inf
        for j in range(k):
            value = 0.0
            if t > start:
                largest = -np.inf
                for i in range(k):
                    largest = max(largest, filtered[t - 1, i] + log_transitions[i, j])
                value = -np.inf
                if largest > -np.inf:
                    total = 0.0
                    for i in range(k):
                        total += np.exp(filtered[t - 1, i] + log_transitions[i, j] - largest)
                    value = largest + np.log(total)
            value += log_densities[j, t]
            filtered[t, j] = value
            top = max(top, value)
        if top == -np.inf:
            scales[t] = -np.inf
            for j in range(k):
                filtered[t, j] = -np.log(k)
            continue
        total = 0.0
        for j in range(k):
            total += np.exp(filtered[t, j] - top)
        scales[t] = top + np.log(total)
        for j in range(k):
            filtered[t, j] -= scales[t]


@compiled
def log_backward(log_densities: Any, log_transitions: Any, start: Any, stop: Any, scales: Any, after: Any) -> None:
    """Fill log p(y_t+1.. | z_t), shape (n, K), of one sequence, each row divided by the later scales."""
    k = log_densities.shape[0]
    for j in range(k):
        after[stop - 1, j] = 0.0
    for t in range(stop - 1, start, -1):
        for i in range(k):
            if scales[t] == -np.inf:
                after[t - 1, i] = 0.0
                continue
            largest = -np.inf
            for j in range(k):
                largest = max(largest, log_transitions[i, j] + log_densities[j, t] + after[t, j])
            if largest == -np.inf:
                after[t - 1, i] = -np.inf
                continue
            total = 0.0
            for j in range(k):
                total += np.exp(log_transitions[i, j] + log_densities[j, t] + after[t, j] - largest)
            after[t - 1, i] = largest + np.log(total) - scales[t]


@compiled
def log_smoothed(
    log_densities: Any,
    log_transitions: Any,
    start: Any,
    stop: Any,
    filtered: Any,
    scales: Any,
    after: Any,
    smoothed: Any,
    links: Any,
) -> None:
    """Fill the smoothed probabilities (K, n) and the expected transitions (K, K) of one sequence."""
    k = log_densities.shape[0]
    links[:, :] = 0.0
    for t in range(start, stop):
        total = 0.0
        for j in range(k):
            smoothed[j, t] = np.exp(filtered[t, j] + after[t, j])
            total += smoothed[j, t]
        for j in range(k):
            smoothed[j, t] /= total
        if t == start or scales[t] == -np.inf:
            continue
        for i in range(k):
            for j in range(k):
                log_pair = filtered[t - 1, i] + log_transitions[i, j] + log_densities[j, t] + after[t, j] - scales[t]
                links[i, j] += np.exp(log_pair)
