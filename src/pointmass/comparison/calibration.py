"""Simulation-based calibration: truths from the prior, data from the model, ranks of the truths among draws."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from pointmass.errors import PointmassError
from pointmass.estimators.base import Estimator
from pointmass.estimators.gate import free_entries
from pointmass.families.conjugate import Parameters
from pointmass.inference.component_features import parameter_kinds
from pointmass.inference.relabelling import reference_of, relabel
from pointmass.models import Beliefs, Model, Rows
from pointmass.numerics import Array
from pointmass.uncertainty.resampling import with_new_latents

__all__ = ["Quantities", "Simulation", "holm", "ranks", "simulate", "uniformity"]

_CENTRE_DRAWS = 1000


@dataclass(frozen=True, eq=False)
class Simulation:
    """Parameters drawn from a prior, and rows drawn from the model at those parameters.

    Parameters
    ----------
    truth : dict of str to ndarray
        Public parameters, with a leading axis of one draw.
    values : ndarray, shape (n, d)
        Rows, the target of a regression last.
    """

    truth: Parameters
    values: Array


def simulate(
    model: Model, n: int, n_columns: int, rng: np.random.Generator, features: Array | None = None
) -> Simulation:
    """Draw parameters from the model's prior, latents that all rows share given these, then rows.

    Parameters
    ----------
    model : Model
        The model, with an explicit proper prior.
    n, n_columns : int
        Number of rows and of columns, the target of a regression among them.
    rng : numpy.random.Generator
        Source of randomness.
    features : ndarray, shape (n, n_columns − 1), optional
        Of a regression, whose model does not describe them; standard normal if they are not given.

    Raises
    ------
    PointmassError
        If a prior is made from the data, or is flat: there is nothing to draw truths from.

    Examples
    --------
    >>> import numpy as np
    >>> from pointmass import Gaussian, NormalInverseGamma
    >>> from pointmass.comparison.calibration import simulate
    >>> from pointmass.models import as_model
    >>> model = as_model(Gaussian(prior=NormalInverseGamma(mean=0.0, kappa=1.0, shape=2.0, scale=2.0)))
    >>> found = simulate(model, 5, 1, np.random.default_rng(0))
    >>> found.truth["mean"].shape, found.values.shape
    ((1, 1), (5, 1))
    """
    probes = rng.standard_normal((2, n, n_columns)) * np.array([1.0, 2.0])[:, None, None]
    prior = _explicit(model.prior(probes[0], None), model.prior(probes[1], None))
    truth = model.public({name: belief.parameter_draws(1, rng) for name, belief in prior.items()})
    rows = Rows(probes[0], model.coordinates(probes[0], None))
    known = with_new_latents(model, {name: array[0] for name, array in truth.items()}, rows, rng)
    given = probes[0][:, :-1] if features is None else features
    values, _ = model.sample(known, n, rng, given if model.is_conditional else None)
    return Simulation(truth, values)


def _explicit(prior: Beliefs, other: Beliefs) -> Beliefs:
    """Return the prior if it is proper and the same for other data."""
    for name, belief in prior.items():
        elsewhere = other[name].hyperparameters()
        if any(not np.array_equal(value, elsewhere[key]) for key, value in belief.hyperparameters().items()):
            raise PointmassError(f"calibration needs an explicit prior of {name}: the default is made from the data")
        if not belief.is_proper:
            raise PointmassError(f"calibration needs a proper prior of {name} to draw truths from")
    return prior


class Quantities:
    """Numbers that parameters have beside one data set, all labelled by one rule that knows the data alone.

    They are the free entries of the relabelled parameters; the products of neighbouring entries' deviations from the
    fit, which depend on the data and see a wrong correlation; the log prior density, the log likelihood and their sum,
    which no labelling changes. (A density's ratio to its value at anything that the data fix has the same ranks.)

    Parameters
    ----------
    fit : Estimator
        A variational fit of the data, which gives labels and centre.
    rng : numpy.random.Generator
        Draws from the fit.

    References
    ----------
    Modrák, Moon, Kim, Bürkner, Huurre, Faltejsková, Gelman and Vehtari (2023), *Simulation-based calibration checking
    for Bayesian computation: the choice of test quantities shapes sensitivity*, for quantities that depend on the data.
    """

    def __init__(self, fit: Estimator, rng: np.random.Generator) -> None:
        self.model: Model = fit.model_
        self.log_joint = fit.log_joint()
        blocks = {name: belief.parameter_draws(_CENTRE_DRAWS, rng) for name, belief in fit.belief_.items()}
        draws = self.model.public(blocks)
        self.centre = {name: np.median(array, axis=0) for name, array in draws.items()}
        self.reference = reference_of(self.model, draws, fit.prior_, self.log_joint.rows)
        self.entries = self._entries(fit.prior_)

    def _entries(self, prior: Beliefs) -> list[tuple[str, tuple[int, ...]]]:
        """Return the place of every free entry; the last entry of a simplex follows from the others."""
        kinds = parameter_kinds(self.model.dims, prior)
        free = free_entries(self.model, prior, np.random.default_rng(0))
        for name, mask in free.items():
            if kinds[name] == "simplex":
                mask[..., -1] = False
        return [(name, tuple(map(int, place))) for name, mask in free.items() for place in np.argwhere(mask)]

    def __call__(self, draws: Parameters) -> dict[str, Array]:
        """Return every quantity (S,) of public parameters with a leading axis of S draws."""
        labelled = draws if self.reference is None else relabel(draws, self.reference).draws
        found = {f"{name}{list(place)}": _entry(labelled[name], place) for name, place in self.entries}
        centred = {
            label: found[label] - self.centre[name][place]
            for label, (name, place) in zip(tuple(found), self.entries, strict=True)
        }
        labels = tuple(found)
        found |= {f"{a} × {b}": centred[a] * centred[b] for a, b in pairwise(labels)}
        log_prior = self.log_joint.log_prior(draws)
        log_likelihood = self.model.log_likelihood(draws, self.log_joint.rows)
        return {
            **found,
            "log prior": log_prior,
            "log likelihood": log_likelihood,
            "log joint": log_prior + log_likelihood,
        }


def _entry(draws: Array, place: tuple[int, ...]) -> Array:
    index: Any = (slice(None), *place)
    return np.asarray(draws[index])


def ranks(truth: Parameters, draws: Parameters, quantities: Quantities, size: int) -> dict[str, int]:
    """Return how many of ``size`` evenly spaced draws lie below the truth, 0 to ``size``, for every quantity.

    Parameters
    ----------
    truth : dict of str to ndarray
        Public parameters with a leading axis of one draw.
    draws : dict of str to ndarray
        Public parameters with a leading axis of at least ``size`` draws; the spacing must make them independent.
    quantities : Quantities
        What is ranked.
    size : int
        Number of draws that are used.

    References
    ----------
    Talts, Betancourt, Simpson, Vehtari and Gelman (2018), *Validating Bayesian inference algorithms with
    simulation-based calibration*.
    """
    total = len(next(iter(draws.values())))
    chosen = np.linspace(0, total - 1, size).round().astype(int)
    true, drawn = quantities(truth), quantities({name: array[chosen] for name, array in draws.items()})
    return {name: int((drawn[name] < true[name]).sum()) for name in true}


def uniformity(found: Array, size: int, rng: np.random.Generator) -> float:
    """Return the p-value of uniform ranks 0 to ``size``, each spread at random over its own share of (0, 1).

    Pointwise tests of the ordered values, combined by Cauchy's method, as ArviZ has them.
    """
    import arviz_stats.base

    module: Any = arviz_stats.base
    spread = (found + rng.random(len(found))) / (size + 1)
    return float(module.array_stats.uniformity_test(spread, method="pot_c")[0])


def holm(p_values: Mapping[str, float]) -> dict[str, float]:
    """Return p-values adjusted for their number (Holm 1979), in the order given.

    Examples
    --------
    >>> from pointmass.comparison.calibration import holm
    >>> holm({"a": 0.01, "b": 0.5, "c": 0.02})
    {'a': 0.03, 'b': 0.5, 'c': 0.04}
    """
    adjusted, largest = {}, 0.0
    for place, name in enumerate(sorted(p_values, key=lambda name: p_values[name])):
        largest = max(largest, min(1.0, (len(p_values) - place) * p_values[name]))
        adjusted[name] = largest
    return {name: adjusted[name] for name in p_values}
