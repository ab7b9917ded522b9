"""Probit regression: a target is 1 where a hidden normal value is positive."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from pointmass.families.augmentation import Augmentation
from pointmass.families.binary_regression import BinaryRegression
from pointmass.families.normal_augmentation import NormalAugmentation

__all__ = ["ProbitRegression"]


@dataclass(frozen=True, eq=False, repr=False)
class ProbitRegression(BinaryRegression):
    r"""Probit regression of a 0/1 target, ``fit(X, y)``.

    .. math:: P(y = 1 \mid x) = \Phi\big((1, x)^T \beta\big), \qquad \beta \sim N(m, \Sigma)

    Each row hides a normal value of variance one about its linear predictor, of which y is the sign: given these
    values it is a linear regression with known noise. `EM` is maximum likelihood, `Gibbs` the sampler of Albert and
    Chib, `VB` a normal posterior beside truncated normals, which is too narrow: it takes the hidden values for known.
    ``predict`` gives P(y = 1 | x). Where a plane separates the targets the likelihood has no maximum, which a warning
    says.

    Parameters
    ----------
    fit_intercept : bool
        Whether the first coefficient is that of a constant.
    prior : Normal, NormalCoefficients, PointMass or None
        Prior of one component's coefficients, the intercept first. None: independent normal with standard deviation
        1.5 about zero for the intercept and for each whitened feature, so that it follows every affine map of these.

    Raises
    ------
    PointmassError
        If ``fit_intercept`` is no boolean or the prior is of another kind; in ``fit``, if a target is not 0 or 1.

    References
    ----------
    Albert and Chib (1993), Bayesian analysis of binary and polychotomous response data, *JASA* 88.

    Examples
    --------
    >>> from pointmass import EM, ProbitRegression
    >>> dose, died = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0], [0, 0, 1, 0, 1, 0, 1, 1]
    >>> fit = EM(ProbitRegression()).fit(dose, died)
    >>> fit.estimate_["coefficients"].round(2), fit.predict([4.5]).round(2)
    (array([-1.68,  0.37]), array([0.5]))
    """

    fit_intercept: bool = True
    prior: Any = None

    augmentation: ClassVar[Augmentation] = NormalAugmentation()
    prior_sd: ClassVar[float] = 1.5
