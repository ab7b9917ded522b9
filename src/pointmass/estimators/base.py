"""What every estimator shares: one way to fit, its beliefs in the data's units, uncertainty, evidence, storage."""

from __future__ import annotations

import time
import warnings
from abc import abstractmethod
from collections.abc import Collection, Mapping
from typing import Any, ClassVar, Self

import numpy as np
from sklearn.utils.validation import check_is_fitted

from pointmass.errors import PointmassError, PointmassWarning
from pointmass.estimators.datatree import fit_to_datatree
from pointmass.estimators.entries import float32_warning, weight_warning
from pointmass.estimators.prediction import Prediction
from pointmass.estimators.validation import check_rng
from pointmass.families.conjugate import Parameters
from pointmass.families.coordinates import Coordinates
from pointmass.families.family import Family
from pointmass.inference.initialisation import log_normalisers_of
from pointmass.inference.log_joint import LogJoint
from pointmass.inference.parallel import one_blas_thread
from pointmass.inference.sweep import Sweep
from pointmass.models import Beliefs, Model, Rows, as_model
from pointmass.numerics import Array
from pointmass.uncertainty import Uncertainty, uncertainty_of
from pointmass.uncertainty.evidence import Evidence, Known, evidence_of

__all__ = ["Estimator"]


class Estimator(Prediction):
    """Base of all methods: subclasses fit, this class checks, predicts and reports.

    Attributes
    ----------
    kind : str
        What stands for the parameters: ``"point"``, ``"posterior"`` or ``"draws"``.
    method_name : str
        Name in tables and figures.
    """

    kind: ClassVar[str]
    method_name: ClassVar[str]
    _weights_are_counts: ClassVar[bool] = True

    def fit(self, X: Any, y: Any = None, *, sample_weight: Any = None, labels: Any = None, lengths: Any = None) -> Self:
        """Fit the model to data.

        Parameters
        ----------
        X : array_like, shape (n, d) or (n,)
            Rows; a vector is one column.
        y : array_like, shape (n,), optional
            Target of a regression; ignored by other models.
        sample_weight : array_like, shape (n,), optional
            Weights of at least 0: a whole number equals so many copies of the row, zero leaves it out.
        labels : array_like of int, shape (n,), optional
            Known components, −1 for unknown.
        lengths : array_like of int, optional
            Lengths of consecutive sequences, for models of chains.

        Returns
        -------
        self
            The fitted estimator.

        Raises
        ------
        PointmassError
            If data, options or priors cannot be used.
        """
        started = time.perf_counter()
        rng = check_rng(getattr(self, "rng", None), getattr(self, "random_state", None))
        self._check_options()
        self.model_: Model = as_model(self.model)
        rows = self._rows(X, y, sample_weight, labels, lengths)
        self.warnings_: list[str] = float32_warning(X, rows.values)
        self.warnings_ += self.model_.data_warnings(rows.observed.values, rows.observed.weights)
        self.warnings_ += weight_warning(rows) if self._weights_are_counts else []
        self.coordinates_: Coordinates = rows.coordinates
        self._data = rows
        self._fit_safely(rows, rng)
        self.elapsed_ = time.perf_counter() - started
        for message in self.warnings_:
            warnings.warn(f"{self.method_name}: {message}", PointmassWarning, stacklevel=2)
        return self

    def _fit_safely(self, rows: Rows, rng: np.random.Generator) -> None:
        """Fit; numbers that overflow on the way are judged by what comes of them, and NaN is never a result."""
        try:
            with one_blas_thread(), np.errstate(all="ignore"):
                self._fit(rows, rng)
                self.log_likelihood_ = self._log_likelihood_at_estimate(rows)
            if any(np.isnan(array).any() for array in self.estimate_.values()):
                raise FloatingPointError("an estimate is no number")
        except (np.linalg.LinAlgError, FloatingPointError) as error:
            raise PointmassError(
                f"{self.method_name} lost all digits of a covariance: the prior, the weights or the start are out of "
                "proportion to the data; move them nearer to it"
            ) from error

    # -- what uncertainty methods ask for -------------------------------------------------------------------

    @property
    def hides_something(self) -> bool:
        """Whether something beside the parameters is unknown: components, effects, or values of the rows."""
        return self._hides_something

    @property
    def has_optimum(self) -> bool:
        """Whether the fit is the fixed point of a smooth sweep whose data are at hand."""
        return False

    @property
    def stored_uncertainty_(self) -> Mapping[str, Uncertainty]:
        """What was computed before the fit was stored; empty for a fit that was never on file."""
        return getattr(self, "_stored_uncertainty", {})

    def sweep_at_fit(self) -> tuple[Sweep, Beliefs]:
        """Return the sweep and the belief, in working coordinates, that it leaves as it is.

        Raises
        ------
        PointmassError
            If the fit is not the fixed point of a smooth sweep, or was restored without its data.
        """
        raise PointmassError(f"{self.method_name} is not the fixed point of a sweep")

    def log_joint(self) -> LogJoint:
        """Return the log joint density of the parameters and the data that were fitted, under ``prior_``.

        Raises
        ------
        PointmassError
            If the fit was restored without its data.
        """
        check_is_fitted(self, "estimate_")
        if not hasattr(self, "_data"):
            raise PointmassError("this fit was restored without its data, which the method needs; fit again")
        return LogJoint(self.model_, self._data, self._working(self.prior_))

    @abstractmethod
    def _check_options(self) -> None:
        """Raise `PointmassError` where an option of the constructor makes no sense."""

    @abstractmethod
    def _fit(self, rows: Rows, rng: np.random.Generator) -> None:
        """Set the fitted attributes."""

    # -- beliefs in working coordinates ---------------------------------------------------------------------

    def _working(self, beliefs: Beliefs) -> Beliefs:
        """Return beliefs given in the data's units, in working coordinates."""
        return {name: belief.mapped(self.coordinates_.inverse) for name, belief in beliefs.items()}

    def original(self, beliefs: Beliefs) -> Beliefs:
        """Return beliefs given in working coordinates, in the data's units."""
        return {name: belief.mapped(self.coordinates_) for name, belief in beliefs.items()}

    def working_points(self, parameters: Parameters) -> Beliefs:
        """Return point masses in working coordinates at public parameters in the data's units."""
        points = self.model_.points(self.model_.native(parameters), self.prior_)
        return self._working(points)

    def _log_likelihood_at_estimate(self, rows: Rows) -> float:
        if not all(np.isfinite(array).all() for array in self.estimate_.values()):
            return float("nan")
        if self.model_.latent_blocks:
            return float(self.model_.log_likelihood({name: a[None] for name, a in self.estimate_.items()}, rows)[0])
        log_density = self._plug_in(rows, self.estimate_)
        return float(log_density.sum() if rows.weights is None else rows.weights @ log_density)

    def _plug_in(self, rows: Rows, parameters: Parameters) -> Array:
        """Return the log density (n,) of rows, in the data's units, at given parameters."""
        return rows.in_units(log_normalisers_of(self.model_, self.working_points(parameters), rows.plain))

    def uncertainty(self, method: str | None = None, level: float = 0.95, rng: Any = None) -> Uncertainty:
        """Return standard deviations and intervals of the parameters.

        Parameters
        ----------
        method : str, optional
            Name of the method; None takes the best that this fit has.
        level : float
            Probability of the intervals.
        rng : None, int or numpy.random.Generator
            Source of randomness for methods that draw.
        """
        check_is_fitted(self, "estimate_")
        with one_blas_thread():
            return uncertainty_of(self, method, level, check_rng(rng, None))

    def evidence(self, rng: Any = None, known: Known = None) -> tuple[Evidence, ...]:
        """Return what the fit says of the log evidence of its model: bounds, estimates, approximations.

        A fit that was read from a file says what it said when it was stored.

        Parameters
        ----------
        rng : None, int or numpy.random.Generator
            Source of randomness for methods that draw.
        known : dict of str to Uncertainty, optional
            What ``uncertainty()`` gave already; where it is given, nothing that costs more than a fit is computed.
        """
        check_is_fitted(self, "estimate_")
        if not hasattr(self, "_data"):
            return tuple(self._stored_evidence)
        with one_blas_thread():
            return evidence_of(self, check_rng(rng, None), known)

    def to_datatree(
        self,
        draws: int = 1000,
        rng: Any = None,
        *,
        uncertainty: Collection[str] | None = None,
        observed_data: bool = False,
        log_likelihood: bool = False,
    ) -> Any:
        """Return the complete fit as an ``xarray.DataTree`` that `load_fit` and ArviZ read.

        Parameters
        ----------
        draws : int
            Draws of a variational posterior (chain 1); sampled posteriors keep their own.
        rng : None, int or numpy.random.Generator
            Source of those draws.
        uncertainty : collection of str, optional
            Which of the fit's uncertainty methods to compute and store; None takes those that cost little.
        observed_data : bool
            Whether to add the rows that were fitted.
        log_likelihood : bool
            Whether to add the log likelihood of each row under each draw.
        """
        check_is_fitted(self, "estimate_")
        with one_blas_thread():
            return fit_to_datatree(self, draws, check_rng(rng, None), uncertainty, observed_data, log_likelihood)

    def __sklearn_tags__(self) -> Any:
        """Return scikit-learn's tags: a regression needs y."""
        tags = super().__sklearn_tags__()
        model = as_model(self.model) if isinstance(self.model, Family | Model) else None
        tags.target_tags.required = model is not None and model.is_conditional
        return tags

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "estimate_")
