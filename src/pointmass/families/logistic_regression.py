"""Logistic regression: the log odds of a target are linear in the features."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from pointmass.families.augmentation import Augmentation
from pointmass.families.binary_regression import BinaryRegression
from pointmass.families.logistic_augmentation import LogisticAugmentation

__all__ = ["LogisticRegression"]


@dataclass(frozen=True, eq=False, repr=False)
class LogisticRegression(BinaryRegression):
    r"""Logistic regression of a 0/1 target, ``fit(X, y)``.

    .. math:: \log \frac{P(y = 1 \mid x)}{P(y = 0 \mid x)} = (1, x)^T \beta, \qquad \beta \sim N(m, \Sigma)

    Each row hides a Pólya–Gamma variable given which its likelihood is normal in β. `EM` is maximum likelihood, `VB`
    maximises the bound of Jaakkola and Jordan, of which this augmentation makes a proper evidence bound (Durante and
    Rigon 2019), and is too narrow where probabilities are near 0 or 1; `Gibbs` is the sampler of Polson, Scott and
    Windle. ``predict`` gives P(y = 1 | x). Where a plane separates the targets the likelihood has no maximum, which a
    warning says.

    Parameters
    ----------
    fit_intercept : bool
        Whether the first coefficient is that of a constant.
    prior : Normal, NormalCoefficients, PointMass or None
        Prior of one component's coefficients, the intercept first. None: independent normal with standard deviation
        2.5 about zero for the intercept and for each whitened feature, so that it follows every affine map of these.

    Raises
    ------
    PointmassError
        If ``fit_intercept`` is no boolean or the prior is of another kind; in ``fit``, if a target is not 0 or 1.

    References
    ----------
    Jaakkola and Jordan (2000), Bayesian parameter estimation via variational methods, *Statistics and Computing* 10;
    Polson, Scott and Windle (2013), *JASA* 108; Durante and Rigon (2019), *Statistical Science* 34.

    Examples
    --------
    >>> from pointmass import EM, LogisticRegression
    >>> dose, died = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0], [0, 0, 1, 0, 1, 0, 1, 1]
    >>> fit = EM(LogisticRegression()).fit(dose, died)
    >>> fit.estimate_["coefficients"].round(2), fit.predict([4.5]).round(2)
    (array([-2.67,  0.59]), array([0.5]))
    """

    fit_intercept: bool = True
    prior: Any = None

    augmentation: ClassVar[Augmentation] = LogisticAugmentation()
    prior_sd: ClassVar[float] = 2.5
