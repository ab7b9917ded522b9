"""Targets on one of several lines, which line depending on the features."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from pointmass.datasets.dataset import Dataset
from pointmass.datasets.generators.line_targets import check_lines, line_targets
from pointmass.datasets.options import as_count, as_generator, as_real_array, check_memory
from pointmass.errors import PointmassError

__all__ = ["mixture_of_experts"]


def mixture_of_experts(
    *,
    gate: ArrayLike = ((0.0, -1.5), (0.0, 1.5)),
    coefficients: ArrayLike = ((0.0, 1.0), (1.0, -1.0)),
    noise_sd: ArrayLike = (0.4, 0.6),
    n: int = 400,
    rng: np.random.Generator | int | None = None,
) -> Dataset:
    """Draw n targets of independent standard normal features, each on one of K lines that the features make probable.

    Parameters
    ----------
    gate : array of shape (K, d + 1)
        Intercept and slopes of the log probability of each line, up to what all have in common.
    coefficients : array of shape (K, d + 1)
        Intercept and slopes of each line.
    noise_sd : array of shape (K,)
        Standard deviation of the noise about each line.
    n : int
        Number of rows.
    rng : numpy.random.Generator, int or None
        Source of randomness; a Generator is consumed.

    Returns
    -------
    Dataset
        Features in ``X``, targets in ``y``; truth ``gate`` (its rows less their mean), ``coefficients``,
        ``noise_variance`` and ``labels``.

    Raises
    ------
    PointmassError
        If an option is impossible.

    References
    ----------
    Jacobs, Jordan, Nowlan and Hinton (1991), Adaptive mixtures of local experts, *Neural Computation* 3.

    Examples
    --------
    >>> data = mixture_of_experts(n=100, rng=0)
    >>> data.X.shape, data.truth["gate"].shape, data.labels is None
    ((100, 1), (2, 2), True)
    """
    lines, noise = as_real_array("coefficients", coefficients, (2,)), as_real_array("noise_sd", noise_sd, (1,))
    choice, size, generator = as_real_array("gate", gate, (2,)), as_count("n", n), as_generator(rng)
    check_lines(len(noise), lines, noise)
    if choice.shape != lines.shape:
        raise PointmassError(
            f"gate has shape {choice.shape}: give that of the coefficients, {lines.shape}", path=("gate",)
        )
    check_memory(n=size, dimension=lines.shape[1], n_components=len(lines))
    features = generator.standard_normal((size, lines.shape[1] - 1))
    # The largest of log probabilities with independent Gumbel noise has these probabilities.
    scores = choice[:, 0] + features @ choice[:, 1:].T
    labels = np.argmax(scores + generator.gumbel(size=scores.shape), axis=1)
    target = line_targets(features, lines[labels], noise[labels], generator)
    truth = {"gate": choice - choice.mean(axis=0), "coefficients": lines, "noise_variance": noise**2, "labels": labels}
    return Dataset(features, target, truth=truth, name="mixture_of_experts", source="generator mixture_of_experts")
