"""The product of independent distributions that is nearest to a conjugate posterior."""

from __future__ import annotations

from functools import singledispatch

from pointmass.errors import PointmassError
from pointmass.families.conjugate import ConjugatePrior
from pointmass.families.normal import Normal
from pointmass.families.normal_inverse_gamma import NormalInverseGamma
from pointmass.families.normal_times_gamma import NormalTimesGamma
from pointmass.families.product_prior import ProductPrior

__all__ = ["factorised"]


@singledispatch
def factorised(posterior: ConjugatePrior) -> ConjugatePrior:
    """Return the product, one factor for each parameter, nearest to ``posterior`` in KL(product || posterior).

    A posterior of one parameter is its own.

    Raises
    ------
    PointmassError
        If the posterior has several parameters and no such form here.

    Examples
    --------
    >>> from pointmass import Dirichlet
    >>> from pointmass.families.factorised import factorised
    >>> factorised(Dirichlet(1.0))
    Dirichlet()
    """
    if len(posterior.parameter_constraints) > 1:
        raise PointmassError(
            f"{type(posterior).__name__} has no factorised form; use belief='joint', which is nearer to the posterior, "
            "or a NormalInverseGamma prior",
            path=("belief",),
        )
    return posterior


@factorised.register
def _(posterior: Normal) -> Normal:
    return posterior  # its covariance is known: the mean is all there is


@factorised.register
def _(posterior: NormalInverseGamma) -> NormalTimesGamma:
    return NormalTimesGamma.of(posterior)


@factorised.register
def _(posterior: ProductPrior) -> ProductPrior:
    return posterior.with_parts(lambda name, part: factorised(part))
