"""Counts in structured cells with Dirichlet probabilities, in PyMC."""

from __future__ import annotations

from typing import Any

from pointmass.estimators.nuts.terms.term import Term, variable

__all__ = ["structured_multinomial"]


def structured_multinomial(family: Any, prior: Any) -> Term:
    """Return log probabilities of rows of counts, given their totals; what a cell hides is summed out."""
    import pymc as pm
    import pytensor.tensor

    pt: Any = pytensor.tensor
    theta = variable(prior, "probabilities", lambda: pm.Dirichlet("probabilities", a=prior.concentration))
    structure = family.structure
    monomials = pt.prod(theta[:, None, :] ** structure.powers, axis=-1) * structure.coefficients
    cells = monomials @ structure.member.T

    def log_density(rows: Any) -> Any:
        totals = rows.sum(-1).astype("int64")
        return pm.logp(pm.Multinomial.dist(n=totals[None], p=cells[:, None, :]), rows[None])

    return Term(log_density)
