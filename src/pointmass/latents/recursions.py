"""The recursions of a Markov chain over time: forward, backward, Viterbi, draws, and the answer to small changes.

Arrays over rows are (K, n), components first; what a recursion alone reads is (n, K). Sequence s is made of rows
``starts[s]`` to ``starts[s + 1]``. Scaled recursions multiply probabilities and divide by their sum at each step;
those in logarithms, about ten times slower, cannot underflow. In both a step that no state can explain has log
density −∞; there the chain begins anew, so that no other step loses its number.

Sources: Rabiner (1989), *Proceedings of the IEEE* 77, section V.A, for the scaling; Viterbi (1967); Chib (1996),
*Journal of Econometrics* 75, for the draws.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from pointmass.latents.compiled import compiled

__all__ = [
    "change_forward",
    "change_smoothed",
    "draw_paths",
    "log_backward",
    "log_forward",
    "log_smoothed",
    "new_path",
    "scaled_backward",
    "scaled_forward",
    "viterbi",
]

_SMALLEST = 1e-250
_RENEWED = 64


@compiled
def scaled_forward(  # noqa: PLR0912  (one recursion)
    densities: Any,
    log_densities: Any,
    transitions: Any,
    possible: Any,
    starts: Any,
    checked: Any,
    filtered: Any,
    scales: Any,
    lost: Any,
) -> None:
    """Fill the filtered probabilities p(z_t | y_1..t), and the sum at each step.

    Parameters
    ----------
    densities : ndarray, shape (K, n)
        Densities of the rows, the largest of each about one; at the first row of a sequence times the initial
        probabilities.
    log_densities : ndarray, shape (K, n)
        Their logarithms before anything underflowed; read if ``checked``.
    transitions : ndarray, shape (K, K)
        Transition probabilities, rows = from; they need not sum to one.
    possible : ndarray of bool, shape (K, K)
        Transitions that are not zero, though they may underflow.
    starts : ndarray of int, shape (m + 1,)
        First row of each sequence, and n.
    checked : bool
        Whether states that can be reached may underflow; those sequences are marked in ``lost``.
    filtered, scales, lost : ndarray, shapes (n, K), (n,) and (m,)
        Results.
    """
    k = densities.shape[0]
    # One step waits for the one before: sums stay in registers, and the division is done beside the next sums.
    current, previous = np.empty(k), np.empty(k)
    into = np.ascontiguousarray(transitions.T)
    reached = np.zeros(k, np.bool_)
    before = np.zeros(k, np.bool_)
    for s in range(len(starts) - 1):
        lost[s] = False
        inverse = 1.0
        for t in range(starts[s], starts[s + 1]):
            previous, current = current, previous
            total = 0.0
            for j in range(k):
                if t == starts[s]:
                    value = densities[j, t]
                else:
                    value = 0.0
                    for i in range(k):
                        value += into[j, i] * previous[i]
                    value *= densities[j, t] * inverse
                current[j] = value
                total += value
            scales[t] = total
            inverse = 1.0 / total if total > 0.0 else 0.0
            for j in range(k):
                filtered[t, j] = current[j] * inverse
            if total < _SMALLEST:
                lost[s] = True
                break
            if checked:
                for j in range(k):
                    reached[j] = t == starts[s]
                    for i in range(k):
                        if t > starts[s] and before[i] and possible[i, j]:
                            reached[j] = True
                    reached[j] = reached[j] and log_densities[j, t] > -np.inf
                    if reached[j] and filtered[t, j] < _SMALLEST:
                        lost[s] = True
                if lost[s]:
                    break
                before[:] = reached


@compiled
def scaled_backward(  # noqa: PLR0912  (one recursion)
    densities: Any, transitions: Any, starts: Any, filtered: Any, scales: Any, lost: Any, links: Any
) -> None:
    """Turn ``densities`` into the smoothed probabilities p(z_t | y), and add up those of pairs.

    Parameters
    ----------
    densities, transitions, starts, filtered, scales, lost : ndarray
        As `scaled_forward` left them; sequences marked in ``lost`` are passed over.
    links : ndarray, shape (m, K, K)
        Expected numbers of transitions of each sequence, a result.
    """
    k = densities.shape[0]
    after = np.empty(k)
    weighted = np.empty(k)
    for s in range(len(starts) - 1):
        if lost[s]:
            continue
        for i in range(k):
            after[i] = 1.0
            for j in range(k):
                links[s, i, j] = 0.0
        norm = 1.0
        for t in range(starts[s + 1] - 1, starts[s] - 1, -1):
            # Σ filtered · after is one but for rounding: what leaves is divided by it, what goes on seldom needs to be.
            if t % _RENEWED == 0:
                for j in range(k):
                    after[j] *= norm
                norm = 1.0
            inverse = 1.0 / scales[t]
            for j in range(k):
                share = filtered[t, j]
                weighted[j] = densities[j, t] * after[j] * inverse if share > 0.0 else 0.0
                densities[j, t] = share * after[j] * norm if share > 0.0 else 0.0
            if t == starts[s]:
                break
            total = 0.0
            for i in range(k):
                value = 0.0
                for j in range(k):
                    value += transitions[i, j] * weighted[j]
                after[i] = value
                if filtered[t - 1, i] > 0.0:
                    total += filtered[t - 1, i] * value
            norm = 1.0 / total
            for i in range(k):
                share = filtered[t - 1, i] * norm
                for j in range(k):
                    links[s, i, j] += share * weighted[j]
        for i in range(k):
            for j in range(k):
                links[s, i, j] *= transitions[i, j]


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
def log_backward(
    log_densities: Any, log_transitions: Any, start: Any, stop: Any, scales: Any, after: Any
) -> None:
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
