"""Gaussian rows with missing cells, in PyMC: the normal density of the cells that were observed."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from pointmass.estimators.nuts.terms.normal import means_and_known_factors
from pointmass.estimators.nuts.terms.normal_inverse_gamma import means_and_deviations
from pointmass.estimators.nuts.terms.normal_inverse_wishart import densities, means_and_factors
from pointmass.estimators.nuts.terms.term import Term, form_of
from pointmass.families.cell_patterns import Pattern, patterns_of
from pointmass.families.incomplete_gaussian import IncompleteGaussian
from pointmass.families.normal import Normal
from pointmass.families.normal_inverse_gamma import NormalInverseGamma
from pointmass.families.normal_inverse_wishart import NormalInverseWishart

__all__ = ["incomplete_gaussian"]


def incomplete_gaussian(family: IncompleteGaussian, prior: Any) -> Term:
    """Return the densities of the observed cells under K components; no missing cell is a variable.

    A full covariance has PyMC's multivariate normal of the columns observed, one for each pattern of missing cells;
    independent columns have a normal for each observed cell.
    """
    return form_of(_FORMS, prior)(prior)


def _matrices(means_and_factors: Callable[[Any], tuple[Any, Any, Term]], prior: Any) -> Term:
    import pytensor.tensor

    pt: Any = pytensor.tensor
    mean, factor, ways = means_and_factors(prior)
    complete = densities(mean, factor, ways).output
    k = prior.parameters["mean"].shape[0] if not hasattr(prior, "mean") else len(prior.mean)

    def log_density(rows: Any) -> Any:
        values = np.asarray(rows.data)
        patterns = patterns_of(values)
        root = pt.linalg.inv(pt.as_tensor(factor))
        covariance = pt.swapaxes(root, -1, -2) @ root
        parts = [
            complete(pt.constant(values[each.rows]))
            if each.is_complete
            else _of_pattern(pt.as_tensor(mean), covariance, values[each.rows], each, k)
            for each in patterns
        ]
        order = np.argsort(np.concatenate([each.rows for each in patterns]))
        return pt.concatenate(parts, axis=1)[:, order]

    return Term(log_density, ways.parameters, ways.values)


def _of_pattern(mean: Any, covariance: Any, values: Any, pattern: Pattern, k: int) -> Any:
    """Return log densities (K, n) of rows (n, d) in which the same columns were observed."""
    import pymc as pm
    import pytensor.tensor as pt

    kept = np.flatnonzero(pattern.seen)
    if not kept.size:
        return pt.zeros((k, len(values)))
    tied = covariance.type.shape[0] == 1
    own = [covariance[0 if tied else j][kept[:, None], kept] for j in range(k)]
    return pt.stack([pm.logp(pm.MvNormal.dist(mean[j][kept], cov=own[j]), values[:, kept]) for j in range(k)])


def _columns(prior: Any) -> Term:
    import pymc as pm
    import pytensor.tensor as pt

    mean, deviation = means_and_deviations(prior)

    def log_density(rows: Any) -> Any:
        values = np.asarray(rows.data)
        seen = ~np.isnan(values)
        normal = pm.Normal.dist(mean[:, None, :], deviation[:, None, :])
        return pt.switch(seen[None], pm.logp(normal, np.where(seen, values, 0.0)[None]), 0.0).sum(-1)

    return Term(log_density)


_FORMS: dict[type, Callable[[Any], Term]] = {
    NormalInverseWishart: partial(_matrices, means_and_factors),
    NormalInverseGamma: _columns,
    Normal: partial(_matrices, means_and_known_factors),
}
