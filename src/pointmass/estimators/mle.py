"""MLE: maximum likelihood in closed form."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from pointmass.errors import PointmassError
from pointmass.estimators.em import EM
from pointmass.estimators.starts import Start
from pointmass.inference.coordinate_ascent import Ascent
from pointmass.inference.sweep import Sweep
from pointmass.models import Beliefs, Rows

__all__ = ["MLE"]


class MLE(EM):
    """Maximum likelihood in closed form: without latents, with every label known, or where the model has a formula.

    Where nothing is hidden the formula is one sweep. Principal components (`FactorAnalysis` with common noise) have one
    in spite of their latents; there the sweeps of EM begin at it, and what they find is that it stands still.

    Parameters
    ----------
    model : Family or Model
        What is fitted.
    rng, random_state : None, int or numpy.random.Generator
        Not needed; here so that all estimators are called alike.

    Raises
    ------
    PointmassError
        In ``fit``, if the model has latents, ``labels`` does not give them all, and no formula does without.

    Examples
    --------
    >>> from pointmass import MLE, Gaussian
    >>> fit = MLE(Gaussian()).fit([[1.0, 2.0], [3.0, 4.0], [5.0, 0.0]])
    >>> fit.estimate_["mean"]
    array([3., 2.])
    """

    method_name: ClassVar[str] = "MLE"

    def __init__(self, model: Any, *, rng: Any = None, random_state: Any = None) -> None:
        super().__init__(model, rng=rng, random_state=random_state)

    def _check_options(self) -> None:
        """Nothing to check: the closed form has no options."""

    def _rows(self, X: Any, y: Any, sample_weight: Any, labels: Any, lengths: Any) -> Rows:
        rows = super()._rows(X, y, sample_weight, labels, lengths)
        if self.model_.closed_form(rows) is not None:
            return rows
        if self.model_.hides_values(rows):
            raise PointmassError("MLE is a closed form, and there is none where rows hide values; use EM")
        if not self.model_.is_complete(rows):
            raise PointmassError(
                "MLE is a closed form and this model has latent components: give every row's label, or use EM"
            )
        return rows

    def _starts(self, sweep: Sweep, weak: Beliefs, rng: np.random.Generator) -> list[Start]:
        maximum = self.model_.closed_form(sweep.rows)
        return super()._starts(sweep, weak, rng) if maximum is None else [lambda: self.working_points(maximum)]

    def _record(self, ascent: Ascent, status: str, sweep: Sweep) -> None:
        if status == "degenerate" and (sweep.rows.values == sweep.rows.values[0]).all():
            raise PointmassError("all rows are identical, so the likelihood has no maximum; use MAP or VB")
        super()._record(ascent, status, sweep)
