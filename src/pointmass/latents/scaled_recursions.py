"""Forward and backward recursions of a chain that multiply probabilities and divide by their sum at each step.

Arrays over rows are (K, n), components first; what a recursion alone reads is (n, K). Sequence s is made of rows
``starts[s]`` to ``starts[s + 1]``. A step that no state can explain has log density −∞; there the chain begins anew, so
that no other step loses its number. Where a reachable state underflows, the recursions in logarithms take over
(`pointmass.latents.log_recursions`).

Source: Rabiner (1989), *Proceedings of the IEEE* 77, section V.A.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from pointmass.latents.compiled import compiled

__all__ = ["scaled_backward", "scaled_forward"]

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
