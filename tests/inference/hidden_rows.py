"""Models whose rows hide something beside components, with small data sets at random and slow ones."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from pointmass import (
    BayesianRegression,
    CensoredExponential,
    CensoredGaussian,
    FactorAnalysis,
    MeasuredGaussian,
    RandomEffects,
    StructuredMultinomial,
    StudentRegression,
    StudentT,
    load_dataset,
)
from pointmass.families.gamma_precision import GammaPrecision

type Problem = tuple[Any, ...]
"""A model, X, and for regressions y."""


def _factors(rng: np.random.Generator, n: int) -> np.ndarray:
    loadings = rng.normal(size=(5, int(rng.integers(1, 3))))
    noise = rng.uniform(0.1, 1.0, 5)
    return np.asarray(load_dataset("factor_analysis", n=n, loadings=loadings, noise_variance=noise, rng=rng).X)


def factors(rng: np.random.Generator) -> Problem:
    return FactorAnalysis(int(rng.integers(1, 3))), _factors(rng, 25)


def components(rng: np.random.Generator) -> Problem:
    return FactorAnalysis(int(rng.integers(1, 4)), "common"), _factors(rng, 25)


def relevant_factors(rng: np.random.Generator) -> Problem:
    return FactorAnalysis(3, loading_prior=GammaPrecision(1e-3, 1e-3)), _factors(rng, 25)


def censored_times(rng: np.random.Generator, n: int = 20, censored: float = 0.6) -> Problem:
    times = rng.exponential(rng.uniform(0.5, 5.0), n)
    upper = np.where(rng.random(n) < censored, np.nan, times)
    upper[0] = times[0]
    return CensoredExponential(), np.column_stack([times, upper])


def censored_normals(rng: np.random.Generator, n: int = 25, beyond: float = 0.3) -> Problem:
    values = rng.normal(rng.uniform(-3.0, 3.0), rng.uniform(0.5, 2.0), n)
    limit = np.quantile(values, 1.0 - beyond)
    rows = np.column_stack([np.minimum(values, limit), np.where(values > limit, np.nan, values)])
    grouped = rng.random(n) < 0.3
    rows[grouped & (values <= limit)] += [-0.5, 0.5]
    return CensoredGaussian(), rows


def measured(rng: np.random.Generator, n: int = 15, spread: float = 1.0) -> Problem:
    errors = rng.uniform(0.3, 3.0, n)
    return MeasuredGaussian(), np.column_stack([rng.normal(2.0, spread, n) + errors * rng.normal(size=n), errors])


def linked(rng: np.random.Generator, n: int = 60) -> Problem:
    theta = rng.uniform(0.1, 0.9)
    cells = [0.5 + theta / 4, (1 - theta) / 4, (1 - theta) / 4, theta / 4]
    return StructuredMultinomial(cells="linkage"), rng.multinomial(n, cells, 3).astype(float)


def heavy_tails(rng: np.random.Generator) -> Problem:
    return StudentT(), rng.standard_t(rng.uniform(1.0, 8.0), (30, int(rng.integers(1, 3))))


def heavy_errors(rng: np.random.Generator) -> Problem:
    x = rng.normal(size=(30, 2))
    return StudentRegression(), x, 1.0 + x @ [1.0, -0.5] + rng.standard_t(rng.uniform(1.0, 8.0), 30)


def grouped(rng: np.random.Generator) -> Problem:
    between = rng.uniform(0.0, 2.0)
    data = load_dataset("random_effects", n=20, n_groups=6, balanced=False, group_variance=between, rng=rng)
    return RandomEffects(), data.X, data.y


def _weighed(rng: np.random.Generator, relevance: str) -> Problem:
    """A regression some of whose features are correlated, some without use."""
    d = int(rng.integers(1, 4))
    x = rng.normal(size=(25, d)) @ (np.eye(d) + 0.4 * rng.normal(size=(d, d)))
    useful = rng.normal(size=d) * rng.integers(0, 2, d)
    return BayesianRegression(relevance), x, x @ useful + rng.uniform(0.3, 2.0) * rng.normal(size=25)


def weighed(rng: np.random.Generator) -> Problem:
    return _weighed(rng, "common")


def weighed_each(rng: np.random.Generator) -> Problem:
    return _weighed(rng, "each")


SMALL: dict[str, Callable[[np.random.Generator], Problem]] = {
    make.__name__: make
    for make in (
        factors,
        components,
        relevant_factors,
        censored_times,
        censored_normals,
        measured,
        linked,
        heavy_tails,
        heavy_errors,
        grouped,
        weighed,
        weighed_each,
    )
}
