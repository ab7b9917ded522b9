"""VB: the variational posterior under conjugate priors."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from pointmass.estimators.ascending import Ascending
from pointmass.estimators.options import check_choice
from pointmass.estimators.proper import check_conjugate, proper_prior
from pointmass.inference.acceleration import Anderson
from pointmass.inference.coordinate_ascent import Ascent, ascend
from pointmass.inference.projections import Projection, identity, mode, product
from pointmass.inference.sweep import Sweep
from pointmass.models import Beliefs, Rows

__all__ = ["VB"]

_PREPARATION_SWEEPS = 100
_BELIEFS: dict[str, Projection] = {"joint": identity, "factorised": product}


class VB(Ascending):
    """Variational Bayes: a sweep whose belief is the conjugate posterior.

    The objective, ``elbo_``, keeps every constant: without latents it is the log evidence. Each start is prepared
    by a short EM run. ``assignments="hard"`` is maximization-expectation (Welling and Kurihara 2006).

    Parameters
    ----------
    model, init, n_init, assignments, schedule, acceleration, tol, max_iter, rng, random_state
        As `EM` has them.
    belief : {"joint", "factorised"}
        What stands for a mean and its variance: their joint conjugate posterior, or a product of a normal and a gamma
        distribution, as textbooks have it, which is narrower.

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
    _scored: ClassVar[bool] = True

    def __init__(
        self,
        model: Any,
        *,
        init: Any = "kmeans++",
        n_init: int = 10,
        assignments: str = "soft",
        schedule: str = "batch",
        acceleration: str = "anderson",
        belief: str = "joint",
        tol: float = 1e-6,
        max_iter: int = 1000,
        rng: Any = None,
        random_state: Any = None,
    ) -> None:
        super().__init__(
            model,
            init=init,
            n_init=n_init,
            assignments=assignments,
            schedule=schedule,
            acceleration=acceleration,
            tol=tol,
            max_iter=max_iter,
            rng=rng,
            random_state=random_state,
        )
        self.belief = belief

    def _check_options(self) -> None:
        super()._check_options()
        check_choice("belief", self.belief, _BELIEFS)

    def _projection(self) -> Projection:
        return _BELIEFS[self.belief]

    @property
    def is_exact(self) -> bool:
        """Whether the posterior is the exact one: nothing is hidden, and nothing is taken apart."""
        return not self.hides_something and self.belief == "joint"

    @property
    def has_optimum(self) -> bool:
        """Whether the fit is the fixed point of a smooth sweep of joint beliefs whose data are at hand."""
        return self.belief == "joint" and super().has_optimum

    def _choose_prior(self, rows: Rows) -> Beliefs:
        check_conjugate(self.model_, self.method_name)
        return proper_prior(self.model_, rows, self.method_name)

    def _prepared(self, sweep: Sweep, weak: Beliefs, rng: np.random.Generator, init: str = "kmeans++") -> Beliefs:
        """Return the posterior after a short EM run (with a weak prior, so that nothing collapses)."""
        points = super()._prepared(sweep, weak, rng, init)
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
