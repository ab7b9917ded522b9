"""Student-t rows, in PyMC: its own multivariate Student-t density, so that no scale of a row is a variable."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pointmass.estimators.nuts.terms.degrees_of_freedom import degrees_of_freedom, with_freedom
from pointmass.estimators.nuts.terms.normal_inverse_gamma import means_and_deviations
from pointmass.estimators.nuts.terms.normal_inverse_wishart import means_and_factors
from pointmass.estimators.nuts.terms.term import Term, conjugate_of
from pointmass.families.normal_inverse_wishart import NormalInverseWishart
from pointmass.families.product_prior import parts_of
from pointmass.families.student_t import StudentT

__all__ = ["student_t"]


def student_t(family: StudentT, prior: Any) -> Term:
    """Return the densities of K components under the form of prior that the scale has."""
    import pymc as pm
    import pytensor.tensor as pt

    location, freedom = parts_of(prior).values()
    mean, scale, ways = _location(location)
    dof = degrees_of_freedom(freedom)
    k = len(location.hyperparameters()["mean"])

    def log_density(rows: Any) -> Any:
        each = [pm.MvStudentT.dist(nu=dof[j], mu=mean[j], scale=scale(j)) for j in range(k)]
        return pt.stack([pm.logp(one, rows) for one in each])

    return with_freedom(Term(log_density, ways.parameters, ways.values), prior)


def _location(belief: Any) -> tuple[Any, Callable[[int], Any], Term]:
    """Return means (K, d), a function from a component to its scale matrix, and the ways of the free variables."""
    import pytensor.tensor

    pt: Any = pytensor.tensor
    if issubclass(conjugate_of(belief), NormalInverseWishart):
        mean, factor, ways = means_and_factors(belief)
        root = pt.linalg.inv(pt.as_tensor(factor))
        matrices = pt.swapaxes(root, -1, -2) @ root
        tied = root.type.shape[0] == 1
        return pt.as_tensor(mean), lambda j: matrices[0 if tied else j], ways
    mean, deviation = means_and_deviations(belief)
    variances = pt.as_tensor(mean) * 0.0 + pt.as_tensor(deviation) ** 2
    return pt.as_tensor(mean), lambda j: pt.diag(variances[j]), Term(None)
