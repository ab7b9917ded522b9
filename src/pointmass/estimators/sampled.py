"""What Gibbs and NUTS share: where chains start, one labelling, the gate, predictions averaged over draws."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import reduce
from typing import Any, ClassVar

import numpy as np

from pointmass.errors import PointmassError
from pointmass.estimators.ascending import Ascending
from pointmass.estimators.base import Estimator
from pointmass.estimators.datatree import flat_draws
from pointmass.estimators.gate import LEAST_CHAINS, LEAST_ESS, assess, free_entries
from pointmass.estimators.options import check_count
from pointmass.estimators.overdispersion import posterior_optima, reference_draws
from pointmass.estimators.proper import proper_prior
from pointmass.families.conjugate import Parameters
from pointmass.families.point_mass import conjugate_of
from pointmass.inference.initialisation import log_normalisers_of, responsibilities_of
from pointmass.inference.relabelling import Reference, reference_of, relabel
from pointmass.models import Beliefs, Rows
from pointmass.numerics import Array

__all__ = ["Run", "Sampled"]

_LEAST_DRAWS = 100
_REFERENCE_DRAWS = 1000
_PREDICTIVE_DRAWS = 500
_LARGEST_SIZE = 2.5e8
_AMBIGUOUS = 0.05


@dataclass(frozen=True, eq=False)
class Run:
    """Draws of one attempt, in working coordinates.

    Parameters
    ----------
    parameters : dict of str to dict
        Parameters by block, each array with leading axes (chains, draws).
    sweeps : int
        Sweeps or transitions done so far, tuning included, all chains together.
    facts : dict
        What goes to ``diagnostics_`` as it is.
    stats : dict of str to ndarray
        Statistics of the sampler, shape (chains, draws).
    """

    parameters: Mapping[str, Parameters]
    sweeps: int
    facts: Mapping[str, Any]
    stats: Parameters = field(default_factory=dict)


class Sampled(Estimator):
    """Estimators whose result is draws of the parameters.

    Parameters
    ----------
    model : Family or Model
        What is fitted; its priors must be proper.
    chains : int
        Number of chains; a reference needs at least 4.
    draws : int
        Draws that each chain keeps, at least 100.
    tune : int
        Sweeps or transitions that each chain makes first and throws away.
    rng, random_state : None, int or numpy.random.Generator
        Seed, in either spelling.
    """

    kind: ClassVar[str] = "draws"

    chains: int
    draws: int
    tune: int

    def _check_options(self) -> None:
        check_count("chains", self.chains)
        check_count("draws", self.draws, lowest=_LEAST_DRAWS)
        check_count("tune", self.tune, lowest=0)

    @abstractmethod
    def _runs(self, rows: Rows, optima: list[Ascending], rng: np.random.Generator) -> Iterator[Run]:
        """Yield attempts, each better than the last, until none is left."""

    def _fit(self, rows: Rows, rng: np.random.Generator) -> None:
        self.prior_ = proper_prior(self.model_, rows, self.method_name)
        self.belief_: Beliefs = {}
        self.restarts_: list[dict[str, Any]] = []
        self.objective_history_ = self.objective_seconds_ = np.zeros(0)
        free = free_entries(self.model_, self.prior_, np.random.default_rng(0))
        self._check_size(free)
        self._check_rows(rows)
        if self.model_.conjugate is None:
            raise PointmassError(
                f"{self.method_name} does not draw from the posterior of {self.model_!r}, which has as many equal "
                "modes as its units have orders and signs; use MAP with its information, or the bootstrap"
            )
        optima = posterior_optima(self.model_, rows, rng)
        reference = self._reference(optima[0], rows, rng)
        for reruns, run in enumerate(self._runs(rows, optima, rng)):
            self._take(run, reference, free, rows, rng)
            self.diagnostics_["reruns"] = reruns
            if self.diagnostics_["reliable"] or not self._could_pass():
                break
        self._conclude()

    def _check_size(self, free: Mapping[str, Array]) -> None:
        """Refuse what leaves nothing to draw, or more than memory is likely to hold."""
        if not any(mask.any() for mask in free.values()):
            raise PointmassError(f"{self.method_name} has nothing to draw: every block of the model is held known")
        size = float(self.chains) * self.draws * sum(mask.size for mask in free.values())
        if size > _LARGEST_SIZE:
            raise PointmassError(
                f"{self.chains} chains of {self.draws} draws would hold {8.0 * size / 2**30:.1f} GiB of parameters; "
                "ask for fewer draws"
            )

    def _check_rows(self, rows: Rows) -> None:
        """Raise `PointmassError` where the rows or their weights cannot be sampled."""
        return None

    def _could_pass(self) -> bool:
        return bool(self.chains >= LEAST_CHAINS and self.chains * self.draws > LEAST_ESS)

    # -- one labelling and the gate -------------------------------------------------------------------------

    def _reference(self, fit: Ascending, rows: Rows, rng: np.random.Generator) -> Reference | None:
        """Return the labels of a fit at the best optimum, or None where there is nothing to label."""
        blocks = reference_draws(fit, _REFERENCE_DRAWS, rng)
        return reference_of(self.model_, self.model_.public(blocks), self.prior_, rows)

    def _take(
        self,
        run: Run,
        reference: Reference | None,
        free: Mapping[str, Array],
        rows: Rows,
        rng: np.random.Generator,
    ) -> None:
        """Make the run's draws the result so far, with those of latents that all rows share."""
        public = self.model_.public(
            {name: self._mapped(name, parameters) for name, parameters in run.parameters.items()}
        )
        share = 0.0
        if reference is not None:
            relabelled = relabel(flat_draws(public), reference)
            share = relabelled.boundary_share
            public = {name: relabelled.draws[name].reshape(array.shape) for name, array in public.items()}
        public = self._with_latent_draws(public, rows, rng)
        self.draws_: Parameters = public
        self.sample_stats_ = dict(run.stats)
        self.n_iter_ = run.sweeps
        every = {name: free.get(name, np.ones(array.shape[2:], dtype=bool)) for name, array in public.items()}
        found = assess(public, every, run.facts.get("divergences"))
        labels = {"boundary_share": share, "ambiguous_labels": share > _AMBIGUOUS}
        self.diagnostics_: dict[str, Any] = {**found, **labels, **run.facts}

    def _with_latent_draws(self, draws: Parameters, rows: Rows, rng: np.random.Generator) -> Parameters:
        leading = next(iter(draws.values())).shape[:2]
        every = self.model_.with_latent_draws(flat_draws(draws), rows, rng)
        return {name: array.reshape(*leading, *array.shape[1:]) for name, array in every.items()}

    def _mapped(self, block: str, parameters: Parameters) -> Parameters:
        conjugate = self.model_.latent_blocks.get(block) or conjugate_of(self.prior_[block])
        return conjugate.mapped_parameters(parameters, self.coordinates_)

    def _conclude(self) -> None:
        self.estimate_ = {name: array.mean(axis=(0, 1)) for name, array in self.draws_.items()}
        reliable = self.diagnostics_["reliable"]
        self.status_ = "converged" if reliable else "max_iter"
        self.converged_ = reliable
        if not reliable:
            self.warnings_.append(f"not reliable as a reference: {'; '.join(self.diagnostics_['reasons'])}")
        if self.diagnostics_["ambiguous_labels"]:
            self.warnings_.append(
                f"{self.diagnostics_['boundary_share']:.0%} of the draws lie near a label boundary: the posterior "
                "does not tell the components apart, and summaries of single components are ambiguous"
            )

    # -- prediction -----------------------------------------------------------------------------------------

    def _thinned(self) -> list[Parameters]:
        """Return at most 500 draws, evenly spaced over the chains."""
        flat = flat_draws(self.draws_)
        size = len(next(iter(flat.values())))
        chosen = np.linspace(0, size - 1, min(size, _PREDICTIVE_DRAWS)).astype(int)
        return [{name: array[index] for name, array in flat.items()} for index in chosen]

    def _responsibilities(self, rows: Rows) -> Array:
        parts = (responsibilities_of(self.model_, self.working_points(draw), rows)[0] for draw in self._thinned())
        total = reduce(np.add, parts)
        return np.asarray(total / total.sum(axis=0))

    def _log_predictive(self, rows: Rows) -> Array:
        draws = self._thinned()
        parts = (_up_to(log_normalisers_of(self.model_, self.working_points(draw), rows), rows) for draw in draws)
        return _steps(reduce(np.logaddexp, parts) - np.log(len(draws)), rows)


def _up_to(log_densities: Array, rows: Rows) -> Array:
    """Return log p(y_1..t) (n,) of each step of a sequence, from log p(y_t | y_<t); of independent rows their own."""
    if rows.lengths is None:
        return log_densities
    sums = np.cumsum(log_densities)
    first = np.cumsum(rows.lengths) - rows.lengths
    return np.asarray(sums - np.repeat(sums[first] - log_densities[first], rows.lengths))


def _steps(up_to: Array, rows: Rows) -> Array:
    """Return log p(y_t | y_<t) (n,) again."""
    if rows.lengths is None:
        return np.asarray(up_to)
    steps = np.diff(up_to, prepend=0.0)
    first = np.cumsum(rows.lengths) - rows.lengths
    steps[first] = up_to[first]
    return steps
