"""What a fit says of rows it has not seen: components, densities, and rows of its own."""

from __future__ import annotations

import warnings
from abc import abstractmethod
from typing import Any, ClassVar

import numpy as np
from sklearn.base import DensityMixin
from sklearn.utils.validation import check_is_fitted

from pointmass.errors import PointmassError, PointmassWarning, listed
from pointmass.estimators.border import Border
from pointmass.estimators.validation import check_rng, check_rows
from pointmass.families.conjugate import Parameters
from pointmass.inference.initialisation import responsibilities_of
from pointmass.inference.parallel import one_blas_thread
from pointmass.models import Beliefs, Rows
from pointmass.numerics import Array

__all__ = ["Prediction"]


class Prediction(DensityMixin, Border):  # type: ignore[misc]
    """scikit-learn's verbs for new rows; subclasses say how their own belief answers."""

    estimate_: Parameters
    method_name: ClassVar[str]

    @abstractmethod
    def working_points(self, parameters: Parameters) -> Beliefs:
        """Return point masses in working coordinates at public parameters in the data's units."""

    @abstractmethod
    def _responsibilities(self, rows: Rows) -> Array:
        """Return responsibilities (K, n) of new rows."""

    @abstractmethod
    def _log_predictive(self, rows: Rows) -> Array:
        """Return the log predictive density (n,) of new rows in working coordinates."""

    def predict(self, X: Any, y: Any = None, *, lengths: Any = None) -> Array:
        """Return the most probable component of each row, shape (n,); of a regression alone, the mean of y given X.

        Where targets are classes, the most probable class given X.

        Of sequences it is the most probable path, all steps together (Viterbi), at the fit's point or estimate. The
        most probable state of each step alone is ``predict_proba(X).argmax(axis=1)``, which need not be a possible
        path.

        Parameters
        ----------
        X : array_like, shape (n, d)
            Rows.
        y : array_like, shape (n,), optional
            Their targets, which tell the components of a mixture of regressions apart; ignored by other models.
        lengths : array_like of int, optional
            Lengths of consecutive sequences, for models of chains; None is one sequence.
        """
        check_is_fitted(self, "estimate_")
        if self.model_.is_conditional and self.model_.n_components == 1:
            return self.model_.expected_target(self.estimate_, check_rows(self, X, reset=False))
        if not self.model_.is_sequential:
            return np.asarray(self.predict_proba(X, y).argmax(axis=1))
        rows = self._new_rows(X, y, lengths)
        with one_blas_thread(), np.errstate(all="ignore"):
            return np.asarray(responsibilities_of(self.model_, self._decoding_belief(), rows, "hard")[0].argmax(axis=0))

    def _decoding_belief(self) -> Beliefs:
        """Return the belief, in working coordinates, under which a path is decoded."""
        return self.working_points(self.estimate_)

    def predict_proba(self, X: Any, y: Any = None, *, lengths: Any = None) -> Array:
        """Return the probability of each component for each row, shape (n, K); a regression's rows are (X, y).

        Where targets are classes, the probability of each class given X (n, C).

        Of sequences, the probability of each state given the whole sequence (smoothed).
        """
        check_is_fitted(self, "estimate_")
        if self.model_.is_conditional and self.model_.n_components == 1:
            classes = self.model_.class_probabilities(self.estimate_, check_rows(self, X, reset=False))
            if classes is not None:
                return classes
        rows = self._new_rows(X, y, lengths)
        with one_blas_thread(), np.errstate(divide="ignore", over="ignore", invalid="ignore"):
            return np.ascontiguousarray(self._responsibilities(rows).T)

    def score_samples(self, X: Any, y: Any = None, *, lengths: Any = None) -> Array:
        """Return the log predictive density of each row, shape (n,): plug-in for points, averaged else.

        A regression's is the density of y given X; of sequences, log p(y_t | y_<t), whose sum is the log density of
        the sequences.
        """
        rows = self._new_rows(X, y, lengths)
        with one_blas_thread(), np.errstate(divide="ignore", over="ignore", invalid="ignore"):
            scores = rows.in_units(self._log_predictive(rows))
        impossible = np.flatnonzero(np.isneginf(scores))
        if impossible.size:
            message = f"{self.method_name}: {listed('row', impossible[:5])} cannot occur under the fit (probability 0)"
            warnings.warn(message, PointmassWarning, stacklevel=2)
        return scores

    def score(self, X: Any, y: Any = None, *, lengths: Any = None) -> float:
        """Return the mean log predictive density of the rows (nats a row)."""
        return float(self.score_samples(X, y, lengths=lengths).mean())

    def sample(self, n: int = 1, rng: Any = None, *, X: Any = None) -> tuple[Array, Array]:
        """Return rows drawn from the fitted model, and their components.

        Parameters
        ----------
        n : int
            Number of rows.
        rng : None, int or numpy.random.Generator
            Source of randomness.
        X : array_like, shape (n, d), optional
            What a regression draws targets for, one a row, which sets ``n``; ignored by other models.

        Returns
        -------
        X : ndarray, shape (n, d)
            Rows; of a regression, the targets (n,).
        labels : ndarray of int, shape (n,)
            Their components.
        """
        check_is_fitted(self, "estimate_")
        if isinstance(n, bool) or not isinstance(n, int | np.integer) or n < 1:
            raise PointmassError(f"n must be an integer of at least 1, got {n!r}")
        generator = check_rng(rng, None)
        if not self.model_.is_conditional:
            return self.model_.sample(self.estimate_, int(n), generator)
        features = None if X is None else check_rows(self, X, reset=False)
        size = int(n) if features is None else len(features)
        rows, labels = self.model_.sample(self.estimate_, size, generator, features)
        return rows[:, -1], labels
