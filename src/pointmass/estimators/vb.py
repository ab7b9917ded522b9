"""VB: the variational posterior under conjugate priors."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from pointmass.estimators.ascending import Ascending
from pointmass.estimators.proper import check_conjugate, proper_prior
from pointmass.inference.acceleration import Anderson
from pointmass.inference.coordinate_ascent import Ascent, ascend
from pointmass.inference.projections import Projection, identity, mode
from pointmass.inference.sweep import Sweep
from pointmass.models import Beliefs, Rows

__all__ = ["VB"]

_PREPARATION_SWEEPS = 100


class VB(Ascending):
    """Variational Bayes: a sweep whose belief is the conjugate posterior.

    The objective, ``elbo_``, keeps every constant: without latents it is the log evidence. Each start is prepared
    by a short EM run. ``assignments="hard"`` is maximization-expectation (Welling and Kurihara 2006).

    References
    ----------
    Attias (1999); Bishop (2006), *Pattern Recognition and Machine Learning*, sections 10.1 and 10.2.

    Examples
    --------
    >>> from pointmass import VB, Gaussian, NormalInverseGamma
    >>> prior = NormalInverseGamma(mean=0.0, kappa=1.0, shape=2.0, scale=2.0)
    >>> vb = VB(Gaussian(prior=prior)).fit([1.0, 2.0, 3.0])
    >>> round(vb.elbo_, 6), vb.estimate_["mean"]
    (-6.126966, array([1.5]))
    """

    kind: ClassVar[str] = "posterior"
    method_name: ClassVar[str] = "VB"
    _project: ClassVar[Projection] = identity
    _scored: ClassVar[bool] = True

    def _choose_prior(self, rows: Rows) -> Beliefs:
        check_conjugate(self.model_, self.method_name)
        return proper_prior(self.model_, rows, self.method_name)

    def _prepared(self, sweep: Sweep, weak: Beliefs, rng: np.random.Generator) -> Beliefs:
        """Return the posterior after a short EM run (with a weak prior, so that nothing collapses)."""
        points = super()._prepared(sweep, weak, rng)
        em = Sweep(sweep.model, sweep.rows, {**weak, **self._held(sweep)}, mode, sweep.assignment)
        run = ascend(em, points, Anderson(), tol=1e-2, max_iter=_PREPARATION_SWEEPS, rng=rng)
        return sweep(run.beliefs, rng).beliefs

    def _held(self, sweep: Sweep) -> Beliefs:
        return {name: belief for name, belief in sweep.prior.items() if name not in sweep.free_blocks}

    def _record(self, ascent: Ascent, status: str, sweep: Sweep) -> None:
        super()._record(ascent, status, sweep)
        self.elbo_ = float(self.objective_history_[-1])
        infinite = [name for name, array in self.estimate_.items() if np.isinf(array).any()]
        if infinite:
            self.warnings_.append(
                f"the posterior mean of {', '.join(infinite)} is infinite: the posterior has too "
                "few degrees of freedom; give a prior with more, or more data"
            )
