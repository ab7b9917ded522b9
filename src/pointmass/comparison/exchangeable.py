"""Draws of a Gibbs sweep that are exchangeable with the truth, however slowly the chain forgets."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import islice

import numpy as np

from pointmass.estimators.base import Estimator
from pointmass.estimators.overdispersion import in_units
from pointmass.families.conjugate import Parameters
from pointmass.inference.chain import chain
from pointmass.inference.projections import draw
from pointmass.inference.sweep import Sweep
from pointmass.latents.assignments import drawn
from pointmass.models import Beliefs

__all__ = ["exchangeable_draws"]


def exchangeable_draws(
    fit: Estimator, truth: Parameters, size: int, sweeps: int, rng: np.random.Generator
) -> Parameters:
    """Return draws among which the truth is any one, if the Gibbs sweep leaves the posterior as it is.

    A truth drawn from the prior is a draw from the posterior of the data that were made from it. It is put at a random
    place of a stationary chain: as many draws as the place says are made before it, the others after it, both by the
    same sweep, which is reversible where it draws the latents given the parameters and then these given the latents.
    So ranks of the truth are exactly uniform, whatever the autocorrelation. A chain that starts where it should be
    shows errors of the sweep, not of starts or warm-up.

    Parameters
    ----------
    fit : VB
        A fit of the data: their rows, the prior and working coordinates.
    truth : dict of str to ndarray
        Public parameters with a leading axis of one draw.
    size : int
        Number of draws S.
    sweeps : int
        Sweeps from one draw to the next: more of them let an error of the sweep show.
    rng : numpy.random.Generator
        Source of the place and the draws.

    Returns
    -------
    dict of str to ndarray
        Public parameters with a leading axis of S draws.

    References
    ----------
    Besag and Clifford (1989), *Generalized Monte Carlo significance tests*, Biometrika 76, section 2; Gandy and Scott
    (2020), *Unit testing for MCMC and other Monte Carlo methods*.

    Examples
    --------
    >>> import numpy as np
    >>> from pointmass import VB, Dirichlet, Gaussian, Mixture, NormalInverseGamma
    >>> from pointmass.comparison.calibration import simulate
    >>> from pointmass.comparison.exchangeable import exchangeable_draws
    >>> prior = NormalInverseGamma(mean=0.0, kappa=0.5, shape=3.0, scale=2.0)
    >>> model = Mixture(Gaussian(prior=prior), 2, weights_prior=Dirichlet(2.0))
    >>> data = simulate(model, 40, 1, np.random.default_rng(0))
    >>> fit = VB(model, rng=0).fit(data.values)
    >>> exchangeable_draws(fit, data.truth, 9, 5, np.random.default_rng(1))["mean"].shape
    (9, 2, 1)
    """
    sweep, _ = fit.sweep_at_fit()
    gibbs = replace(sweep, project=draw, assignment=drawn)
    start = fit.working_points({name: array[0] for name, array in truth.items()})
    place = int(rng.integers(size + 1))
    kept = [beliefs for count in (place, size - place) for beliefs in islice(_every(gibbs, start, sweeps, rng), count)]
    return fit.model_.public(in_units(fit, kept))


def _every(sweep: Sweep, start: Beliefs, sweeps: int, rng: np.random.Generator) -> Iterator[Beliefs]:
    """Yield the state after every so many sweeps."""
    return islice(chain(sweep, start, rng), sweeps - 1, None, sweeps)
