"""Paths of a chain: the most probable one, draws given the rows, draws of new ones.

Arrays over rows are (K, n), components first; what a recursion alone reads is (n, K). Sequence s is made of rows
``starts[s]`` to ``starts[s + 1]``.

Sources: Viterbi (1967); Chib (1996), *Journal of Econometrics* 75, for the draws.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from pointmass.latents.compiled import compiled

__all__ = ["draw_paths", "new_path", "viterbi"]


@compiled
def viterbi(log_densities: Any, log_transitions: Any, starts: Any, back: Any, path: Any, scores: Any) -> None:
    """Fill the most probable path (n,), and the log probability of each of its steps (n,).

    Parameters
    ----------
    log_densities : ndarray, shape (K, n)
        Log densities, at first rows with the initial log probabilities.
    log_transitions : ndarray, shape (K, K)
        Log transition probabilities.
    starts : ndarray of int, shape (m + 1,)
        First row of each sequence, and n.
    back : ndarray of int, shape (n, K)
        Best predecessors, scratch; −1 less the best one where the step is impossible and the path begins anew.
    path, scores : ndarray, shape (n,)
        Results.
    """
    k = log_densities.shape[0]
    best = np.empty(k)
    previous = np.empty(k)
    for s in range(len(starts) - 1):
        for t in range(starts[s], starts[s + 1]):
            top = -np.inf
            for j in range(k):
                value, origin = 0.0, 0
                if t > starts[s]:
                    value = -np.inf
                    for i in range(k):
                        if previous[i] + log_transitions[i, j] > value:
                            value, origin = previous[i] + log_transitions[i, j], i
                best[j] = value + log_densities[j, t]
                back[t, j] = origin
                top = max(top, best[j])
            if top == -np.inf:
                for j in range(k):
                    best[j] = 0.0
                    back[t, j] = -1 - np.argmax(previous) if t > starts[s] else -1
            previous[:] = best
        state = np.argmax(best)
        for t in range(starts[s + 1] - 1, starts[s] - 1, -1):
            origin = back[t, state]
            path[t] = state
            scores[t] = log_densities[state, t]
            if origin < 0:
                scores[t] = -np.inf
                origin = -1 - origin
            elif t > starts[s]:
                scores[t] += log_transitions[origin, state]
            state = origin


@compiled
def draw_paths(log_filtered: Any, log_transitions: Any, starts: Any, scales: Any, uniforms: Any, path: Any) -> None:
    """Fill a draw of the path (n,) given all rows: the last state first, then each given the next.

    Parameters
    ----------
    log_filtered : ndarray, shape (n, K)
        Log filtered probabilities.
    log_transitions : ndarray, shape (K, K)
        Log transition probabilities.
    starts : ndarray of int, shape (m + 1,)
        First row of each sequence, and n.
    scales : ndarray, shape (n,)
        Log normaliser of each step; −∞ where the chain begins anew.
    uniforms : ndarray, shape (n,)
        Uniform random numbers.
    path : ndarray of int, shape (n,)
        Result.
    """
    k = log_filtered.shape[1]
    shares = np.empty(k)
    for s in range(len(starts) - 1):
        for t in range(starts[s + 1] - 1, starts[s] - 1, -1):
            linked = t < starts[s + 1] - 1 and scales[t + 1] > -np.inf
            top = -np.inf
            for j in range(k):
                shares[j] = log_filtered[t, j]
                if linked:
                    shares[j] += log_transitions[j, path[t + 1]]
                top = max(top, shares[j])
            total = 0.0
            for j in range(k):
                shares[j] = np.exp(shares[j] - top)
                total += shares[j]
            threshold = uniforms[t] * total
            state, reached = 0, 0.0
            for j in range(k):
                if shares[j] > 0.0:
                    state = j
                    reached += shares[j]
                    if threshold < reached:
                        break
            path[t] = state


@compiled
def new_path(initial: Any, transitions: Any, uniforms: Any, path: Any) -> None:
    """Fill a path (n,) of a new chain, from cumulative initial (K,) and transition (K, K) probabilities."""
    k = len(initial)
    for t in range(len(uniforms)):
        state = 0
        for j in range(k - 1):
            reached = initial[j] if t == 0 else transitions[path[t - 1], j]
            if uniforms[t] >= reached:
                state = j + 1
        path[t] = state
