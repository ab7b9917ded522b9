"""The posterior itself, by importance weights on proposals from linear response."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from pointmass.errors import PointmassError
from pointmass.families.conjugate import Parameters
from pointmass.inference.folding import Folding
from pointmass.inference.importance import Weighted, sample_weighted
from pointmass.inference.proposals import Proposal, Student
from pointmass.inference.relabelling import Reference, reference_of
from pointmass.numerics import Array
from pointmass.uncertainty.adapting import DOF, Plan
from pointmass.uncertainty.base import Fitted, Uncertainty, refused
from pointmass.uncertainty.emptied import emptied_proposal
from pointmass.uncertainty.linearised import Linearised
from pointmass.uncertainty.response_draws import ResponseDraws

__all__ = ["importance", "importance_sample"]

_PILOT = 2000
_LARGEST = 20_000
_TARGET = 1000
_LEAST_ESS = 100
_MOST_OTHERS = 3
_ROUNDS = 2
_GOOD_KHAT, _GOOD_EFFICIENCY = 0.5, 0.2
_AMBIGUOUS = 0.05
_RESAMPLED = 4000


def importance(fit: Fitted, level: float, rng: np.random.Generator) -> Uncertainty:
    """Return moments and intervals of the posterior with the latents summed out, and the log evidence.

    Proposals are Student-t about the linear response, with a wide defensive component, the restarts' other proper
    optima, and the beliefs that are left when a component loses its rows; weights are folded over labels and Pareto
    smoothed. ``khat`` says when not to believe any of it; it cannot see a mode that no proposal covers.

    Parameters
    ----------
    fit : fitted estimator
        A posterior at the optimum of a soft sweep.
    level : float
        Probability of the intervals.
    rng : numpy.random.Generator
        Source of the draws.

    References
    ----------
    Yao, Vehtari, Simpson and Gelman (2018), *ICML* 35; Vehtari et al. (2024), *JMLR* 25; Hesterberg (1995),
    *Technometrics* 37, for the defensive component.

    Examples
    --------
    >>> from pointmass import VB, Gaussian, NormalInverseGamma
    >>> prior = NormalInverseGamma(mean=0.0, kappa=1.0, shape=2.0, scale=2.0)
    >>> found = VB(Gaussian(prior=prior)).fit([1.0, 2.0, 3.0]).uncertainty("importance", rng=0)
    >>> abs(found.diagnostics["log_evidence"] + 6.126966) < 5 * found.diagnostics["log_evidence_error"]
    True
    """
    linearised = Linearised(fit)
    if not linearised.information.tells_all:
        return refused("importance", fit.estimate_, level, [f"no proposal: {linearised.information.failing}"])
    try:
        sample, folding, rounds = importance_sample(linearised, rng)
    except PointmassError as error:
        return refused("importance", fit.estimate_, level, [str(error)])
    every = linearised.fit.model_.with_latent_draws(sample.draws, linearised.jacobian.sweep.rows, rng)
    sample = replace(sample, draws=every)
    draws = sample.resampled(_RESAMPLED, rng)
    share = folding.boundary_share(draws)
    facts = {
        **linearised.facts(),
        **_facts(sample, _switched_off(fit)),
        "adaptations": rounds,
        "labellings": "all" if folding.is_complete else "exchanges of two components",
        "boundary_share": share,
        "ambiguous_labels": share > _AMBIGUOUS,
        "prior_sensitivity": _prior_sensitivity(sample, folding),
    }
    return Uncertainty(
        method="importance",
        sd=_sds(sample),
        level=level,
        quantile=lambda probability: _quantiles(sample, probability),
        draws=draws,
        diagnostics=facts,
        mean=_means(sample),
    )


def importance_sample(
    linearised: Linearised, rng: np.random.Generator, target: float = _TARGET, largest: int = _LARGEST
) -> tuple[Weighted, Folding, int]:
    """Return fresh weighted draws of about ``target`` effective draws, the folding, and the rounds of adaptation."""
    response = ResponseDraws(linearised, rng)
    folding = Folding(response.log_joint, _reference(linearised.fit, response))
    plans = [Plan.of(response.wide, _others(linearised, rng))]
    pilots = [sample_weighted(plans[0].proposal, folding, _PILOT, rng)]
    while len(plans) <= _ROUNDS and not _is_good(pilots[-1]):
        plans.append(plans[-1].adapted(pilots[-1]))
        pilots.append(sample_weighted(plans[-1].proposal, folding, _PILOT, rng))
    best = min(range(len(pilots)), key=lambda place: (pilots[place].khat, -pilots[place].ess))
    wanted = 1.2 * target * len(pilots[best].weights) / pilots[best].ess
    size = int(np.clip(wanted, 2 * _PILOT, largest))
    return sample_weighted(plans[best].proposal, folding, size, rng), folding, len(plans) - 1


def _reference(fit: Fitted, response: ResponseDraws) -> Reference | None:
    return reference_of(fit.model_, response.public, fit.prior_, response.log_joint.rows)


def _others(linearised: Linearised, rng: np.random.Generator) -> list[Proposal]:
    """Return proposals about other proper optima of the restarts that have a linear response, and an emptied one."""
    found: list[Proposal] = []
    for beliefs in linearised.fit.other_optima()[:_MOST_OTHERS]:
        other = Linearised(linearised.fit, beliefs)
        if other.information.tells_all:
            found.append(Student.about(ResponseDraws(other, rng).wide, DOF))
    emptied = emptied_proposal(linearised.jacobian.sweep, linearised.jacobian.beliefs)
    return found if emptied is None else [*found, emptied]


def _is_good(pilot: Weighted) -> bool:
    return pilot.khat < _GOOD_KHAT and pilot.ess > _GOOD_EFFICIENCY * len(pilot.weights)


def _switched_off(fit: Fitted) -> list[str]:
    """Return a sentence on entries that a section cannot place, such as loadings of a factor that is not needed.

    Few effective draws may pass or not, as it happens: they lie about the fit, which calls these entries zero.
    """
    marked = [n for one in fit.model_.sections.values() for n, at in one.edge(fit.estimate_).items() if at.any()]
    return [
        f"some {name} are switched off: they have no order and no sign, and no proposal about the fit covers what else "
        "the posterior makes of them"
        for name in marked
    ]


def _facts(sample: Weighted, unplaced: list[str]) -> dict[str, Any]:
    reasons = list(unplaced)
    if np.isinf(sample.khat):
        reasons.append("a few draws hold all the weight, so that Pareto k̂ is infinite")
    elif sample.khat > sample.largest_khat:
        reasons.append(f"Pareto k̂ is {sample.khat:.2f}, above {sample.largest_khat:.2f}")
    if sample.ess < _LEAST_ESS:
        reasons.append(f"only {sample.ess:.0f} effective draws")
    return {
        "accepted": not reasons,
        "reasons": reasons,
        "khat": sample.khat,
        "ess": sample.ess,
        "n_draws": len(sample.weights),
        "log_evidence": sample.log_evidence,
        "log_evidence_error": sample.log_evidence_error,
    }


def _prior_sensitivity(sample: Weighted, folding: Folding) -> float:
    """Return how far, in sds, some mean moves for each unit of the log power that the prior is raised to.

    The derivative of E[g] by log α under the prior to the power α is Cov(g, log prior), at α = 1.
    """
    log_prior = folding.log_joint.log_prior(sample.draws)
    centred = log_prior - sample.weights @ log_prior
    means, sds = _means(sample), _sds(sample)
    largest = 0.0
    for name, array in sample.draws.items():
        moved = np.abs(np.tensordot(sample.weights * centred, array - means[name], axes=1))
        largest = max(largest, float((moved / np.where(sds[name] > 0, sds[name], np.inf)).max()))
    return largest


def _means(sample: Weighted) -> Parameters:
    return {name: np.tensordot(sample.weights, array, axes=1) for name, array in sample.draws.items()}


def _sds(sample: Weighted) -> Parameters:
    means = _means(sample)
    return {
        name: np.sqrt(np.tensordot(sample.weights, (array - means[name]) ** 2, axes=1))
        for name, array in sample.draws.items()
    }


def _quantiles(sample: Weighted, probability: Array | float) -> Parameters:
    return {
        name: np.quantile(array, probability, axis=0, weights=sample.weights, method="inverted_cdf")
        for name, array in sample.draws.items()
    }
