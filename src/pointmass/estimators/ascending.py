"""EM, MAP and VB: the same ascent with another projection and another prior."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from functools import partial
from itertools import cycle, islice
from typing import Any, ClassVar

import numpy as np

from pointmass.errors import PointmassError
from pointmass.estimators.atlas import PROPER, Optimum, atlas
from pointmass.estimators.base import Estimator
from pointmass.estimators.options import check_choice, check_count, check_tolerance
from pointmass.estimators.routes import STANDINGS, check_model, check_route, route_of
from pointmass.estimators.starts import Start, given_start
from pointmass.families.family import divergence
from pointmass.families.point_mass import point_at_mean
from pointmass.inference.accelerations import ACCELERATIONS
from pointmass.inference.coordinate_ascent import Ascent
from pointmass.inference.initialisation import DETERMINISTIC, INITS, OF_CHAINS, responsibilities_of, sampled_start
from pointmass.inference.progress import Progress
from pointmass.inference.projections import Projection
from pointmass.inference.saddles import is_saddle, leave_saddles
from pointmass.inference.schedules import Batch, Climb, Schedule
from pointmass.inference.sweep import Sweep
from pointmass.latents.assignments import soft
from pointmass.models import Beliefs, Rows
from pointmass.models.rows import block_size
from pointmass.numerics import Array

__all__ = ["Ascending"]

# Optima that differ by less (nats) are one; one that lies more below the best holds less than e⁻¹⁰ of the posterior.
_SAME, _NEGLIGIBLE = 1e-3, 10.0


class Ascending(Estimator):
    """Restarts of one ascent; the best proper optimum wins.

    Parameters
    ----------
    model : Family or Model
        What is fitted.
    init : str, array_like, dict or fitted estimator
        ``"kmeans++"`` (of a chain, two starts in three are ``"narrow"``), ``"narrow"`` (centres as before, each with
        few rows; states of a chain that last for a while, drawn), ``"kmeans"``, ``"random_rows"``,
        ``"random_responsibilities"``; ``"principal"`` (slabs of equal weight across the first principal axis: one
        start, nothing drawn); or responsibilities (n, K), public parameters, or another fit of the same model, which
        make one start.
    n_init : int
        Number of starts.
    assignments : str
        What stands for the component of a row: ``"soft"``, ``"hard"``, ``"draw"``, or ``"sparse"`` (soft, but what is
        small is renewed only every tenth sweep; Neal and Hinton 1998).
    schedule : str or dict
        Which rows a sweep visits before the parameters move: ``"batch"`` (all), ``"incremental"`` (block after block;
        ``{"incremental": {"blocks": 20}}``) or ``"stochastic"`` (random blocks with decaying steps;
        ``{"stochastic": {"blocks": 20, "passes": 20, "forgetting": 0.7}}``). Stochastic steps end near an optimum and
        not at it (status ``"max_iter"``), so what rests on the optimum (standard errors, corrections) is left to a
        batch fit from there.
    acceleration : {"anderson", "squarem", "newton", "expansion", "none"}
        Extrapolation between batch sweeps; it never lowers the objective. ``"newton"`` takes the sweep's exact
        Jacobian, each column of which counts as a sweep; ``"expansion"`` is the plain sweep of a larger model with the
        same likelihood, where there is one (Student-t rows under EM).
    tol : float
        Stop when the predicted remaining gain of the objective is at most this (nats); 0 runs ``max_iter`` sweeps.
    max_iter : int
        Largest number of sweeps of each start, refused ones too; of other schedules, passes over the rows.
    rng, random_state : None, int or numpy.random.Generator
        Seed, in either spelling.
    """

    _assignments: ClassVar[tuple[str, ...]] = ("soft", "hard", "sparse")
    _scored: ClassVar[bool]

    def __init__(
        self,
        model: Any,
        *,
        init: Any = "kmeans++",
        n_init: int = 10,
        assignments: str = "soft",
        schedule: str = "batch",
        acceleration: str = "anderson",
        tol: float = 1e-6,
        max_iter: int = 1000,
        rng: Any = None,
        random_state: Any = None,
    ) -> None:
        self.model = model
        self.init = init
        self.n_init = n_init
        self.assignments = assignments
        self.schedule = schedule
        self.acceleration = acceleration
        self.tol = tol
        self.max_iter = max_iter
        self.rng = rng
        self.random_state = random_state

    def _check_options(self) -> None:
        if isinstance(self.init, str):
            check_choice("init", self.init, INITS)
        check_count("n_init", self.n_init)
        check_count("max_iter", self.max_iter)
        check_tolerance("tol", self.tol)
        check_choice("acceleration", self.acceleration, ACCELERATIONS)
        check_choice("assignments", self.assignments, STANDINGS)
        if self.assignments not in self._assignments:
            raise PointmassError(
                f"{self.method_name} has no {self.assignments!r} assignments: draws of the components with "
                f"{self.kind} parameters are no known algorithm; use Gibbs, or EM for stochastic EM",
                path=("assignments",),
            )
        check_route(self.assignments, self.schedule)

    # -- priors and starts ----------------------------------------------------------------------------------

    @abstractmethod
    def _projection(self) -> Projection:
        """Return what stands for the parameters after an update."""

    @abstractmethod
    def _choose_prior(self, rows: Rows) -> Beliefs:
        """Return the prior of each block in the data's units."""

    def _fit(self, rows: Rows, rng: np.random.Generator) -> None:
        check_model(self.model_, rows, self.assignments, self.schedule)
        self.prior_ = self._choose_prior(rows)
        sweep = self._sweep(rows)
        ascents = self._ascents(sweep, self._weak_prior(rows), rng)
        statuses = [self._status(ascent, sweep) for ascent in ascents]
        best = self._best(ascents, statuses)
        ascents[best], statuses[best] = self._beyond_saddles(ascents[best], statuses[best], sweep, rng)
        if not ascents[best].history:
            raise PointmassError(
                "no start has an objective that can be evaluated; give another init, or a prior nearer to the data",
                path=("init",),
            )
        self._record(ascents[best], statuses[best], sweep)
        self._others = self._distinct(ascents, statuses, ascents[best])
        shift = self.objective_history_[-1] - ascents[best].history[-1]
        self.restarts_ = [
            {"objective": ascent.objective + shift, "status": status, "n_iter": ascent.n_evaluations}
            for ascent, status in zip(ascents, statuses, strict=True)
        ]

    @property
    def _is_smooth(self) -> bool:
        return STANDINGS[self.assignments] is soft

    @property
    def has_optimum(self) -> bool:
        """Whether the fit is the fixed point of a smooth sweep whose data are at hand."""
        return self._is_smooth and hasattr(self, "_data") and self._route(self._data).ends_at_rest

    def sweep_at_fit(self) -> tuple[Sweep, Beliefs]:
        """Return the sweep and the belief, in working coordinates, that it leaves as it is."""
        if not self._is_smooth:
            raise PointmassError(
                f"a fit with {self.assignments} assignments is no fixed point of a smooth sweep; use soft assignments"
            )
        if not hasattr(self, "_data"):
            raise PointmassError("this fit was restored without its data, which the method needs; fit again")
        if not self._route(self._data).ends_at_rest:
            raise PointmassError(
                "the steps of a stochastic schedule end near an optimum, not at it; go on from this fit with "
                "init=this fit and schedule='batch'"
            )
        return self._sweep(self._data), self._working({name: self.belief_[name] for name in self.model_.blocks})

    def _distinct(self, ascents: list[Ascent], statuses: list[str], best: Ascent) -> list[Beliefs]:
        """Return the beliefs at other proper optima that may hold some of the posterior, the best first."""
        ranked = sorted(zip(ascents, statuses, strict=True), key=lambda pair: -pair[0].objective)
        kept: list[Ascent] = [best]
        for ascent, status in ranked:
            apart = min(abs(ascent.objective - other.objective) for other in kept)
            if status == "converged" and apart > _SAME and best.objective - ascent.objective < _NEGLIGIBLE:
                kept.append(ascent)
        return [ascent.beliefs for ascent in kept[1:]]

    @property
    def optima_(self) -> tuple[Optimum, ...]:
        """The distinct optima of the restarts, how often each was reached, and of what kind it is."""
        return atlas(self.restarts_)

    def other_optima(self) -> list[Beliefs]:
        """Return other proper optima of the restarts, in working coordinates, the best first."""
        return list(getattr(self, "_others", []))

    def _sweep(self, rows: Rows) -> Sweep:
        return Sweep(
            self.model_,
            rows,
            self._working(self.prior_),
            self._projection(),
            STANDINGS[self.assignments],
            self._scored,
        )

    def _route(self, rows: Rows) -> Schedule:
        """Return what leads an ascent; where nothing is hidden, one sweep of all rows is exact."""
        return Batch() if self.model_.is_complete(rows) else route_of(self.assignments, self.schedule)

    def _weak_prior(self, rows: Rows) -> Beliefs:
        return self._working(self.model_.weak_prior(rows.observed.values, rows.observed.weights))

    def _ascents(self, sweep: Sweep, weak: Beliefs, rng: np.random.Generator) -> list[Ascent]:
        progress = Progress(self.method_name)
        ascents: list[Ascent] = []
        starts = self._starts(sweep, weak, rng)
        for start in starts:

            def on_step(ascent: Ascent, number: int = len(ascents) + 1) -> None:
                progress.say(f"start {number}, sweep {ascent.n_evaluations}, objective {ascent.objective:.6f}")

            ascents.append(self._ascend(sweep, start(), rng, on_step))
        progress.close()
        return ascents

    def _ascend(
        self, sweep: Sweep, start: Beliefs, rng: np.random.Generator, on_step: Callable[[Ascent], None]
    ) -> Ascent:
        make = ACCELERATIONS[self.acceleration if self._is_smooth else "none"]
        # Weights below one make every gain small: the tolerance shrinks with them, and the sweeps stay the same.
        tol = self.tol * min(1.0, sweep.rows.total_weight / len(sweep.rows))
        climb = Climb(sweep, start, lambda: make(sweep, start), tol, self.max_iter, rng, on_step)
        return self._route(sweep.rows).ascend(climb)

    def _beyond_saddles(
        self, ascent: Ascent, status: str, sweep: Sweep, rng: np.random.Generator
    ) -> tuple[Ascent, str]:
        """Return the ascent gone on from any saddle, and its status; one that cannot be left is called by its name."""
        smooth = self._is_smooth and not self.model_.is_complete(sweep.rows)
        rests = self._route(sweep.rows).ends_at_rest
        if status != "converged" or not smooth or not rests or not sweep.free_blocks:
            return ascent, status
        further = leave_saddles(
            sweep, ascent, lambda beliefs: self._ascend(sweep, beliefs, rng, lambda step: None), self.tol
        )
        status = self._status(further, sweep)
        return further, "saddle" if status == "converged" and is_saddle(sweep, further.beliefs) else status

    def _starts(self, sweep: Sweep, weak: Beliefs, rng: np.random.Generator) -> list[Start]:
        if self.model_.is_complete(sweep.rows):
            return [lambda: self._first(sweep, weak)]
        if not isinstance(self.init, str):
            return [lambda: given_start(self, self.init, sweep, weak)]
        n_starts = 1 if self.init in DETERMINISTIC or self.model_.starts_alike else self.n_init
        kinds = OF_CHAINS if self.init == "kmeans++" and self.model_.is_sequential else (self.init,)
        return [partial(self._prepared, sweep, weak, rng, kind) for kind in islice(cycle(kinds), n_starts)]

    def _first(self, sweep: Sweep, weak: Beliefs) -> Beliefs:
        """Return where a model starts that has nothing to infer; one sweep from anywhere is exact."""
        points = {name: point_at_mean(belief) for name, belief in weak.items()}
        return sweep(points).beliefs

    def _prepared(self, sweep: Sweep, weak: Beliefs, rng: np.random.Generator, init: str = "kmeans++") -> Beliefs:
        """Return one start by the named initialisation."""
        points = sampled_start(init, self.model_, sweep.rows, weak, rng)
        return {name: sweep.prior[name] if name not in sweep.free_blocks else points[name] for name in points}

    # -- results --------------------------------------------------------------------------------------------

    def _status(self, ascent: Ascent, sweep: Sweep) -> str:
        """Return what kind of end an ascent has come to."""
        if ascent.lost or not np.isfinite(ascent.objective):
            return "degenerate"
        return "converged" if ascent.converged else "max_iter"

    def _best(self, ascents: list[Ascent], statuses: list[str]) -> int:
        """Return the index of the best start: a proper optimum before any degenerate one, the first of equals."""
        proper = np.array([status not in ("degenerate", "saddle") for status in statuses])
        objectives = np.array([ascent.objective if np.isfinite(ascent.objective) else -np.inf for ascent in ascents])
        candidates = np.where(proper | ~proper.any(), objectives, -np.inf)
        slack = max(10.0 * self.tol, 1e-10 * abs(candidates.max())) if np.isfinite(candidates.max()) else 0.0
        return int(np.flatnonzero(candidates >= candidates.max() - slack)[0])

    def _record(self, ascent: Ascent, status: str, sweep: Sweep) -> None:
        self.belief_ = self.original(sweep.with_latents(ascent.beliefs))
        self.estimate_ = self.model_.public({name: belief.parameter_mean() for name, belief in self.belief_.items()})
        self.status_ = status
        self.converged_ = status in PROPER
        self.n_iter_ = ascent.n_evaluations
        self.rate_ = ascent.rate
        self.distance_ = float(np.sqrt(2.0 * max(ascent.remaining, 0.0)))
        self.objective_history_ = np.asarray(ascent.history) + self._shift(ascent.beliefs, sweep)
        self.objective_seconds_ = np.asarray(ascent.seconds)
        if status == "max_iter" and self.tol > 0 and self._route(sweep.rows).ends_at_rest:
            self.warnings_.append(
                f"not converged in {self.max_iter} sweeps{self._forecast(ascent)}; raise max_iter, or loosen tol (now "
                f"{self.tol:g} nats)"
            )
        if status == "saddle":
            self.warnings_.append(
                "the fit stands at a saddle of the objective, not at a maximum, and no step beside it gains; "
                "give another init"
            )

    def _forecast(self, ascent: Ascent) -> str:
        """Return how far the optimum still is, and how many plain sweeps would reach it, as far as that is known."""
        if not 0.0 < ascent.rate < 1.0 or not np.isfinite(ascent.remaining) or ascent.remaining <= self.tol:
            return ""
        sweeps = np.log(self.tol / ascent.remaining) / (2.0 * np.log(ascent.rate))
        return (
            f" (about {self.distance_:.2g} posterior standard deviations from the optimum, which plain sweeps would "
            f"need some {float(f'{sweeps:.1g}'):,.0f} more to reach)"
        )

    def _shift(self, beliefs: Beliefs, sweep: Sweep) -> float:
        """Return what the objective gains from working coordinates to the data's units."""
        volume = -sweep.rows.total_weight * self.coordinates_.log_determinant
        if not self._scored:
            return volume
        original = sum(divergence(belief, self.prior_[name]) for name, belief in self.original(beliefs).items())
        return volume + sweep.divergence(beliefs) - original

    def _responsibilities(self, rows: Rows) -> Array:
        return responsibilities_of(self.model_, self._working(self.belief_), rows)[0]

    def _decoding_belief(self) -> Beliefs:
        return self._working(self.belief_)

    def _log_predictive(self, rows: Rows) -> Array:
        beliefs = self._working(self.belief_)
        size = block_size(self.model_.numbers_per_row(rows.values.shape[1]))
        return np.concatenate([self.model_.log_predictive(beliefs, block) for block in rows.blocks(size)])
