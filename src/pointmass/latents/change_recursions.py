"""How the recursions of a chain answer small changes of densities and probabilities.

Arrays over rows are (K, n), components first; what a recursion alone reads is (n, K). Sequence s is made of rows
``starts[s]`` to ``starts[s + 1]``.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from pointmass.latents.compiled import compiled

__all__ = ["change_forward", "change_smoothed"]


@compiled
def change_forward(  # noqa: PLR0912  (one recursion)
    filtered: Any,
    smoothed: Any,
    log_transitions: Any,
    starts: Any,
    scales: Any,
    moves: Any,
    initial: Any,
    transitions: Any,
    past: Any,
) -> None:
    """Fill the change of log p(y_1..t, z_1..t), averaged over paths to each state: shape (n, K, B), centred.

    Parameters
    ----------
    filtered : ndarray, shape (n, K)
        Log filtered probabilities.
    smoothed : ndarray, shape (K, n)
        Smoothed probabilities.
    log_transitions : ndarray, shape (K, K)
        Log transition probabilities.
    starts, scales : ndarray, shapes (m + 1,) and (n,)
        Sequences; log normalisers of the steps.
    moves, initial, transitions : ndarray, shapes (B, K, n), (B, K), (B, K, K)
        B directions: changes of log densities, of log initial and of log transition probabilities.
    past : ndarray, shape (n, K, B)
        Result; the mean over the smoothed states is subtracted at each step, so that no digits are lost.
    """
    k = filtered.shape[1]
    b = moves.shape[0]
    shares = np.empty(k)
    for s in range(len(starts) - 1):
        for t in range(starts[s], starts[s + 1]):
            for j in range(k):
                linked = t > starts[s] and scales[t] > -np.inf
                for e in range(b):
                    past[t, j, e] = moves[e, j, t] if scales[t] > -np.inf else 0.0
                    if t == starts[s]:
                        past[t, j, e] += initial[e, j]
                if not linked:
                    continue
                top = -np.inf
                for i in range(k):
                    shares[i] = filtered[t - 1, i] + log_transitions[i, j]
                    top = max(top, shares[i])
                if top == -np.inf:
                    continue
                total = 0.0
                for i in range(k):
                    shares[i] = np.exp(shares[i] - top)
                    total += shares[i]
                for i in range(k):
                    share = shares[i] / total
                    if share > 0.0:
                        for e in range(b):
                            past[t, j, e] += share * (past[t - 1, i, e] + transitions[e, i, j])
            for e in range(b):
                mean = 0.0
                for j in range(k):
                    mean += smoothed[j, t] * past[t, j, e]
                for j in range(k):
                    past[t, j, e] -= mean


@compiled
def change_smoothed(  # noqa: PLR0912  (one recursion)
    log_densities: Any,
    filtered: Any,
    after: Any,
    smoothed: Any,
    log_transitions: Any,
    starts: Any,
    scales: Any,
    weights: Any,
    moves: Any,
    transitions: Any,
    past: Any,
    first: Any,
    links: Any,
) -> None:
    """Turn ``moves`` into the change of the weighted smoothed probabilities, and add up those of pairs.

    The change of a probability is itself times the excess, over its mean, of the expected change of the log joint
    density of the path. Arguments as for `change_forward`, and:

    Parameters
    ----------
    log_densities : ndarray, shape (K, n)
        Log densities.
    after : ndarray, shape (n, K)
        From `log_backward`.
    weights : ndarray, shape (m,)
        Weights of the sequences.
    past : ndarray, shape (n, K, B)
        From `change_forward`.
    first, links : ndarray, shapes (B, K) and (B, K, K)
        Changes of the expected first states and transitions, summed over sequences; results that start at zero.
    """
    k = log_densities.shape[0]
    b = moves.shape[0]
    future = np.zeros((k, b))
    earlier = np.zeros((k, b))
    shares = np.empty(k)
    pairs = np.empty((k, k))
    for s in range(len(starts) - 1):
        future[:, :] = 0.0
        for t in range(starts[s + 1] - 1, starts[s] - 1, -1):
            linked = t > starts[s] and scales[t] > -np.inf
            earlier[:, :] = 0.0
            pairs[:, :] = 0.0
            if linked:
                for i in range(k):
                    top = -np.inf
                    for j in range(k):
                        shares[j] = log_transitions[i, j] + log_densities[j, t] + after[t, j]
                        top = max(top, shares[j])
                    if top == -np.inf:
                        continue
                    total = 0.0
                    for j in range(k):
                        shares[j] = np.exp(shares[j] - top)
                        total += shares[j]
                    pair_share = np.exp(filtered[t - 1, i] + top - scales[t])
                    for j in range(k):
                        share = shares[j] / total
                        pairs[i, j] = weights[s] * pair_share * shares[j]
                        if share > 0.0:
                            for e in range(b):
                                ahead = transitions[e, i, j] + moves[e, j, t] + future[j, e]
                                earlier[i, e] += share * ahead
                                links[e, i, j] += pairs[i, j] * (past[t - 1, i, e] + ahead)
            for e in range(b):
                mean = 0.0
                for j in range(k):
                    mean += smoothed[j, t] * (past[t, j, e] + future[j, e])
                for j in range(k):
                    change = weights[s] * smoothed[j, t] * (past[t, j, e] + future[j, e] - mean)
                    moves[e, j, t] = change
                    if t == starts[s]:
                        first[e, j] += change
            if linked:
                for e in range(b):
                    mean = 0.0
                    for i in range(k):
                        mean += smoothed[i, t - 1] * earlier[i, e]
                    for i in range(k):
                        earlier[i, e] -= mean
                        for j in range(k):
                            links[e, i, j] -= pairs[i, j] * mean
            future[:, :] = earlier
