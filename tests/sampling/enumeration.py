"""The exact posterior of a tiny mixture: every assignment of rows to components, with its evidence in closed form."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import product

import numpy as np

from pointmass.families.conjugate import Parameters
from pointmass.inference.projections import identity
from pointmass.inference.sweep import Sweep
from pointmass.latents import ASSIGNMENTS
from pointmass.models import Beliefs, Model, Rows


def assignments(rows: Rows, k: int) -> Iterator[np.ndarray]:
    """Yield every assignment that agrees with the known labels."""
    choices = [
        range(k) if rows.labels is None or label < 0 else [label]
        for label in (np.full(len(rows), -1) if rows.labels is None else rows.labels)
    ]
    return (np.array(labels) for labels in product(*choices))


def log_evidences(model: Model, rows: Rows, prior: Beliefs) -> tuple[np.ndarray, list[Beliefs]]:
    """Return log p(rows, components), in working coordinates, of every assignment, and the posterior given it.

    With every component known the bound at the exact posterior is the log evidence of rows and components.
    """
    evidences, beliefs = [], []
    anywhere = {name: belief.draw(np.random.default_rng(0)) for name, belief in prior.items()}
    for labels in assignments(rows, model.n_components):
        sweep = Sweep(model, replace(rows, labels=labels), prior, identity, ASSIGNMENTS["soft"])
        posterior = sweep(anywhere).beliefs
        evidences.append(sweep(posterior).objective)
        beliefs.append(posterior)
    return np.array(evidences), beliefs


def log_evidence(model: Model, rows: Rows, prior: Beliefs) -> float:
    """Return log p(rows), in the data's units."""
    evidences, _ = log_evidences(model, rows, prior)
    return float(np.logaddexp.reduce(evidences)) - rows.total_weight * rows.coordinates.log_determinant


def posteriors(model: Model, rows: Rows, prior: Beliefs) -> tuple[np.ndarray, list[Beliefs]]:
    """Return the probability of every assignment and the posterior given it."""
    evidences, beliefs = log_evidences(model, rows, prior)
    shares = np.exp(evidences - evidences.max())
    return shares / shares.sum(), beliefs


def exact_draws(model: Model, rows: Rows, prior: Beliefs, size: int, rng: np.random.Generator) -> Parameters:
    """Return independent draws from the posterior, in working coordinates, as the user sees parameters."""
    shares, beliefs = posteriors(model, rows, prior)
    counts = rng.multinomial(size, shares)
    parts = [
        model.public({name: belief.parameter_draws(count, rng) for name, belief in posterior.items()})
        for count, posterior in zip(counts, beliefs, strict=True)
        if count
    ]
    return {name: np.concatenate([part[name] for part in parts]) for name in model.dims}
