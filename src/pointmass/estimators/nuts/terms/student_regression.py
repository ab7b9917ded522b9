"""Regressions with Student-t errors, in PyMC: its own density, so that no scale of a row is a variable."""

from __future__ import annotations

from typing import Any

from pointmass.estimators.nuts.terms.degrees_of_freedom import degrees_of_freedom, with_freedom
from pointmass.estimators.nuts.terms.linear_regression import lines_and_variances
from pointmass.estimators.nuts.terms.term import Term
from pointmass.families.product_prior import parts_of
from pointmass.families.student_regression import StudentRegression

__all__ = ["student_regression"]


def student_regression(family: StudentRegression, prior: Any) -> Term:
    """Return Student-t densities of the targets about K lines."""
    import pymc as pm
    import pytensor.tensor as pt

    location, freedom = parts_of(prior).values()
    lines, variance = lines_and_variances(family, location)
    dof = pt.as_tensor(degrees_of_freedom(freedom))

    def log_density(rows: Any) -> Any:
        errors = pm.StudentT.dist(nu=dof[:, None], mu=lines(rows), sigma=pt.sqrt(variance)[:, None])
        return pm.logp(errors, rows[None, :, -1])

    return with_freedom(Term(log_density), prior)
