"""Regressions of a 0/1 target, in PyMC: the probabilities themselves, so that nothing hidden of a row is a variable."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from pointmass.estimators.nuts.terms.linear_regression import free_coefficients, lines_of
from pointmass.estimators.nuts.terms.term import Term, variable

__all__ = ["logistic_regression", "probit_regression"]

# Bare numbers would be rounded to single precision.
_ONE = np.ones((1, 1))
_ROOT_TWO = np.full((1, 1), np.sqrt(2.0))
_LOG_TWO = np.full((1, 1), np.log(2.0))


def logistic_regression(family: Any, prior: Any) -> Term:
    """Return Bernoulli probabilities with linear log odds, by the softplus function: 1 − p would lose digits."""
    import pytensor.tensor

    pt: Any = pytensor.tensor
    turned = _turned_lines(family, prior)
    return Term(lambda rows: -pt.softplus(-turned(rows)))


def probit_regression(family: Any, prior: Any) -> Term:
    """Return the standard normal distribution function of the line, or of minus it where the target is 0."""
    turned = _turned_lines(family, prior)
    return Term(lambda rows: _log_normal_distribution(turned(rows)))


def _log_normal_distribution(x: Any) -> Any:
    """Return log Φ(x) by PyTensor's error functions; PyMC's own rounds √2 to single precision."""
    import pytensor.tensor

    pt: Any = pytensor.tensor
    scaled = x / _ROOT_TWO
    below, above = pt.minimum(scaled, 0.0), pt.maximum(scaled, 0.0)
    tail = pt.log(pt.erfcx(-below)) - _LOG_TWO - below**2
    return pt.switch(scaled < 0.0, tail, pt.log1p(-0.5 * pt.erfc(above)))


def _turned_lines(family: Any, prior: Any) -> Callable[[Any], Any]:
    """Return a function from rows (n, d + 1) to the lines (K, n) at their features, minus these where y = 0."""
    lines = lines_of(family, variable(prior, "coefficients", lambda: free_coefficients(prior, _ONE)))
    return lambda rows: (2.0 * rows[None, :, -1] - 1.0) * lines(rows)
