"""The exact posterior of small problems: every assignment of rows to components, or one or two free coordinates."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from operator import itemgetter
from typing import Any, ClassVar

import numpy as np

from pointmass.errors import PointmassError
from pointmass.estimators.copies import check_copies, copied, unknown
from pointmass.estimators.proper import check_conjugate
from pointmass.estimators.sampled import Run, Sampled
from pointmass.estimators.vb import VB
from pointmass.families.conjugate import Parameters
from pointmass.families.point_mass import conjugate_of
from pointmass.inference.labelled import Labelled, labelled
from pointmass.inference.labellings import labellings, rows_within
from pointmass.inference.log_joint import LogJoint
from pointmass.inference.quadrature import integrate
from pointmass.models import DiscreteModel, Rows
from pointmass.numerics import Array

__all__ = ["Enumeration"]

_LARGEST, _LARGEST_SLOW = 300_000, 30_000
_MOST_ROWS = 5000  # the plane needs some 50,000 likelihoods
_NEGLIGIBLE = 1e-14

type _Found = tuple[dict[str, Parameters], dict[str, Any]]


class Enumeration(Sampled):
    """The exact posterior and log evidence of a small problem, for comparison with every other method.

    Given the component of every row the posterior is conjugate and its evidence has a closed form. The posterior is
    the mixture of these over all assignments of rows to components, each weighted with its evidence; assignments that
    permutations of equal components carry into each other are visited once. At most 300,000 may be left: 19 rows with
    two components under one prior, 13 with three (30,000 where components share a parameter, such as a tied
    covariance, or where rows depend on each other). A model with one free coordinate (known components with unknown
    weights, say) is integrated by quadrature instead, whatever the number of rows; so is one of two without
    components whose rows hide values (a binary regression on one feature, a censored normal), for up to 5,000 rows.

    The draws are independent draws from this posterior, on the same labels as those of `Gibbs` and `NUTS`; they err
    by their number alone. The log evidence has no Monte Carlo error; neither has ``estimate_`` where no components
    are exchangeable (else it is the mean of the draws on one labelling).

    Parameters
    ----------
    model : Family or Model
        What is fitted; its priors must be proper.
    draws : int
        Draws in each of four independent sets, at least 100.
    rng, random_state : None, int or numpy.random.Generator
        Seed, in either spelling.

    Attributes
    ----------
    log_evidence_ : float
        log p(y), all labellings together (nats).

    Raises
    ------
    PointmassError
        In ``fit``, if there are too many assignments, or a prior is flat.

    Examples
    --------
    >>> from pointmass import VB, Enumeration, Gaussian, Mixture
    >>> rows = [0.1, 0.4, -0.3, 0.6, -0.8, 2.9, 3.2, 3.4, 2.5, 3.9]
    >>> model = Mixture(Gaussian(), 2)
    >>> exact = Enumeration(model, rng=0).fit(rows)
    >>> bool(VB(model, rng=0).fit(rows).elbo_ < exact.log_evidence_)
    True
    >>> exact.diagnostics_["assignments"]
    1024
    """

    method_name: ClassVar[str] = "Enumeration"
    chains: ClassVar[int] = 4  # type: ignore[misc]
    tune: ClassVar[int] = 0  # type: ignore[misc]

    def __init__(self, model: Any, *, draws: int = 2500, rng: Any = None, random_state: Any = None) -> None:
        self.model = model
        self.draws = draws
        self.rng = rng
        self.random_state = random_state

    def _log_joint(self, rows: Rows) -> LogJoint:
        return LogJoint(self.model_, rows, self._working(self.prior_))

    def _check_rows(self, rows: Rows) -> None:
        check_conjugate(self.model_, self.method_name)
        if not isinstance(self.model_, DiscreteModel):
            raise PointmassError(f"{self.method_name} visits assignments to components, and this model has none")
        if self._log_joint(rows).size == 1 or self._is_plane(rows):
            return
        if self.model_.hides_values(rows):
            raise PointmassError(
                f"{self.method_name} visits assignments to components, and values are hidden beside them; use Gibbs or "
                "NUTS"
            )
        if self.model_.n_components == 1:
            return
        check_copies(self.method_name, rows)
        free = unknown(rows)
        count = int(free.sum() if rows.weights is None else rows.weights[free].sum())
        largest = _LARGEST if self._given_components(rows).fast else _LARGEST_SLOW
        most = rows_within(self.model_.interchangeable(self.prior_, rows.labels), largest)
        if count > most:
            raise PointmassError(
                f"{self.method_name} visits every assignment of rows to components, at most {largest:,} of them: "
                f"{most} rows of unknown component for this model, and there are {count}; use Gibbs or NUTS"
            )

    def _is_plane(self, rows: Rows) -> bool:
        """Return whether quadrature over two coordinates is the way."""
        free = self.model_.n_components == 1 and self.model_.hides_values(rows) and self._log_joint(rows).size == 2
        if free and len(rows) > _MOST_ROWS:
            raise PointmassError(
                f"{self.method_name} integrates over two coordinates with at most {_MOST_ROWS:,} rows, and there are "
                f"{len(rows):,}; use Gibbs or NUTS, or weights for rows that are equal"
            )
        return free

    def _given_components(self, rows: Rows) -> Labelled:
        model: Any = self.model_
        return labelled(model, rows, self._working(self.prior_))

    def _runs(self, rows: Rows, optima: list[VB], rng: np.random.Generator) -> Iterator[Run]:
        started = time.perf_counter()
        self._mean: Parameters = {}
        log_joint = self._log_joint(rows)
        few = log_joint.size <= 2 and self.model_.n_components == 1 and self.model_.hides_values(rows)
        smooth = few or (log_joint.size == 1 and self.model_.has_latent)
        parameters, facts = self._integrated(log_joint, rng) if smooth else self._enumerated(rows, rng)
        shape = (self.chains, self.draws)
        reshaped = {
            name: {key: array.reshape(*shape, *array.shape[1:]) for key, array in block.items()}
            for name, block in parameters.items()
        }
        facts |= {"log_evidence": self.log_evidence_, "sampling_seconds": time.perf_counter() - started}
        yield Run(reshaped, facts["assignments"], facts)

    def _conclude(self) -> None:
        super()._conclude()
        for name, exact in self._mean.items():
            if np.isfinite(exact).all():
                self.estimate_[name] = exact

    def _integrated(self, log_joint: LogJoint, rng: np.random.Generator) -> _Found:
        """Return draws in working coordinates, by quadrature."""
        found = integrate(log_joint)
        self.log_evidence_ = found.log_evidence
        native = self.model_.native(found.draws(self.chains * self.draws, rng))
        back = self.coordinates_.inverse
        working = {
            name: conjugate_of(self.prior_[name]).mapped_parameters(block, back) for name, block in native.items()
        }
        self._mean = {name: found.expectation(itemgetter(name)) for name in self.model_.dims}
        return working, {"sampler": "quadrature", "assignments": 0, "log_evidence_error": found.error}

    def _enumerated(self, rows: Rows, rng: np.random.Generator) -> _Found:
        """Return draws in working coordinates, from the mixture over all assignments."""
        one = self.model_.n_components == 1
        rows = replace(rows, labels=np.zeros(len(rows), dtype=np.intp)) if one else copied(rows)
        known = np.full(len(rows), -1) if rows.labels is None else rows.labels
        groups = self.model_.interchangeable(self.prior_, rows.labels)
        found = labellings(known, groups)
        components = self._given_components(rows)
        evidences = components.log_evidences(found.labels) + found.log_counts
        total = float(np.logaddexp.reduce(evidences))
        self.log_evidence_ = total - rows.total_weight * self.coordinates_.log_determinant
        chosen = _drawn(np.exp(evidences - total), self.chains * self.draws, rng)
        if len(np.unique(groups)) == len(groups):
            likely = np.exp(evidences - total) > _NEGLIGIBLE
            weights = np.exp(evidences[likely] - total)
            native = components.mean(found.labels[likely], weights / weights.sum())
            self._mean = self.model_.public({name: self._mapped(name, block) for name, block in native.items()})
        count = int(np.exp(found.log_counts).sum().round())
        return components.draws(found.labels[chosen], rng), {"sampler": "enumeration", "assignments": count}


def _drawn(probabilities: Array, size: int, rng: np.random.Generator) -> Array:
    cumulative = probabilities.cumsum()
    return np.asarray(np.searchsorted(cumulative, rng.random(size) * cumulative[-1], side="right"))
