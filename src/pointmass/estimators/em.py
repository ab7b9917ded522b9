"""EM: the maximum likelihood estimate of a model with latent variables."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

import numpy as np

from pointmass.estimators.pointwise import Pointwise
from pointmass.models import Beliefs, Rows

__all__ = ["EM"]

_SMALLEST_MEAN, _LARGEST_MEAN = 0.5, 1e6


class EM(Pointwise):
    """Maximum likelihood by expectation-maximisation: a sweep whose belief is a point.

    ``assignments="hard"`` is classification EM (its objective is the classification likelihood),
    ``assignments="draw"`` is stochastic EM (the average of the second half of ``max_iter`` sweeps).
    The model's prior plays no part, except that a `PointMass` given as a prior holds its block known.

    References
    ----------
    Dempster, Laird and Rubin (1977), *JRSS B* 39; Celeux and Govaert (1992); Celeux and Diebolt (1985).

    Examples
    --------
    >>> import numpy as np
    >>> from pointmass import EM, Gaussian, Mixture
    >>> x = np.concatenate([np.linspace(4, 6, 50), np.linspace(14, 16, 50)])
    >>> em = EM(Mixture(Gaussian(), n_components=2), rng=0).fit(x)
    >>> np.sort(em.estimate_["mean"].ravel()).round(3)
    array([ 5., 15.])
    """

    method_name: ClassVar[str] = "EM"
    _assignments: ClassVar[tuple[str, ...]] = ("soft", "hard", "sparse", "draw")
    _scored: ClassVar[bool] = False
    _weights_are_counts: ClassVar[bool] = False

    def _choose_prior(self, rows: Rows) -> Beliefs:
        self._check_rows_suffice(rows)
        return self.model_.flat_prior(rows.values.shape[1])

    def _fit(self, rows: Rows, rng: np.random.Generator) -> None:
        """Fit with weights of ordinary size: the estimate does not depend on their scale, its digits would."""
        unit = _unit_of(rows)
        super()._fit(rows if rows.weights is None else replace(rows, weights=rows.weights / unit), rng)
        self.objective_history_ = self.objective_history_ * unit
        for start in self.restarts_:
            start["objective"] *= unit

    def _check_rows_suffice(self, rows: Rows) -> None:
        """Warn where the likelihood has no proper maximum because the rows do not span the columns."""
        n, d = rows.values.shape
        if n < self.model_.least_rows(d):
            self.warnings_.append(
                f"{n} rows cannot determine a covariance of {d} columns (rank at most {n - 1}); "
                "use MAP or VB, or a diagonal covariance"
            )


def _unit_of(rows: Rows) -> float:
    """Return the power of two that weights of unusual size are measured in, one for others."""
    mean = rows.total_weight / len(rows)
    return 1.0 if _SMALLEST_MEAN < mean < _LARGEST_MEAN else float(np.ldexp(1.0, np.frexp(mean)[1]))
