"""Where randomness comes from: the content of a cell, never its position.

Data are seeded by their settings and the repetition, so that every estimator sees the same rows. A fit is
seeded by data, model, estimator and repetition, so that a new value on an axis changes no old result.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from pointmass.experiment.canonical import content_hash

__all__ = ["data_entropy", "fit_entropy", "generator_from"]


def data_entropy(seed: int, data: Any, repetition: int) -> list[int]:
    """Return the entropy of one data set: the seed and eight words of a hash.

    Parameters
    ----------
    seed : int
        The seed of the study, at least 0.
    data : tree
        The settings of the data, defaults left out.
    repetition : int
        Which repetition, from 0.

    Examples
    --------
    >>> len(data_entropy(1, {"generator": "heights"}, 0))
    9
    """
    return [seed, *_words([data, repetition])]


def fit_entropy(seed: int, data: Any, model: Any, estimator: Any, repetition: int) -> list[int]:
    """Return the entropy of one fit; arguments as in :func:`data_entropy`, each a tree of settings."""
    return [seed, *_words([data, model, estimator, repetition])]


def generator_from(entropy: list[int], *stream: int) -> np.random.Generator:
    """Return the generator of one entropy, or a further stream of it that shares nothing with the first.

    Examples
    --------
    >>> generator_from([1, 2]).integers(100) == generator_from([1, 2]).integers(100)
    np.True_
    """
    return np.random.default_rng(np.random.SeedSequence(entropy, spawn_key=stream))


def _words(value: Any) -> list[int]:
    return [int(word) for word in np.frombuffer(content_hash(value), dtype=">u4")]
