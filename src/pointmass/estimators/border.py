"""From the arguments of ``fit`` and ``predict`` to rows of a model: checked, converted and told apart once."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

from pointmass.estimators.entries import refuse_empty_columns
from pointmass.estimators.memory import check_memory
from pointmass.estimators.sequences import (
    check_lengths,
    check_sequence_weights,
    longest_sequence,
    missing_steps,
    with_missing_targets,
)
from pointmass.estimators.validation import check_enough, check_labels, check_rows, check_target, check_weights
from pointmass.families.coordinates import Coordinates
from pointmass.models import Model, Rows
from pointmass.numerics import Array

__all__ = ["Border"]

_FARTHEST = 1e150
_FAINTEST = 1e-14  # of the largest weight: what is less is lost in the rounding of any sum, and counts as zero


class Border(BaseEstimator):  # type: ignore[misc]
    """Where data enter an estimator: nothing behind it checks them again."""

    model_: Model
    coordinates_: Coordinates
    _hides_something: bool

    @property
    def _min_samples(self) -> int:
        """Fewest rows that a fit takes."""
        return 1

    def _rows(self, X: Any, y: Any, sample_weight: Any, labels: Any, lengths: Any) -> Rows:
        sequential = self.model_.is_sequential
        X = check_rows(
            self,
            X,
            reset=True,
            min_samples=self._min_samples,
            missing_steps=sequential,
            missing_cells=self.model_.takes_missing,
        )
        self._refuse_empty(X)
        self.model_ = self.model_.with_column_names(getattr(self, "feature_names_in_", None))
        values = self._joined(X, y, too_large=True)
        rows = Rows(
            values,
            Coordinates.identity(values.shape[1]),
            check_weights(values, sample_weight),
            check_labels(labels, len(values), self.model_.n_components),
            check_lengths(lengths, len(values), sequential),
            missing_steps(values) if sequential else None,
        )
        rows = self._with_a_cell(self._of_positive_weight(rows))
        observed = rows.observed
        self.model_.check(observed.values)
        self.model_ = self.model_.fitted_to(observed.values)
        self._hides_something = not self.model_.is_complete(rows)
        check_memory(self.model_, len(values), values.shape[1], longest=longest_sequence(rows))
        return replace(rows, coordinates=self.model_.coordinates(observed.values, observed.weights))

    def _of_positive_weight(self, rows: Rows) -> Rows:
        """Return the rows that are not left out."""
        check_sequence_weights(rows)
        if rows.weights is None:
            return rows
        kept = rows.weights > _FAINTEST * rows.weights.max()
        if kept.all():
            return rows
        rows = rows.take(kept)
        check_enough(self, len(rows), self._min_samples)
        return replace(rows, values=np.ascontiguousarray(rows.values))

    def _with_a_cell(self, rows: Rows) -> Rows:
        """Return the independent rows that say something: by an observed cell, or by a known component."""
        if not self.model_.takes_missing or rows.lengths is not None:
            return rows
        kept = ~np.isnan(rows.values).all(axis=1)
        if rows.labels is not None:
            kept |= rows.labels >= 0
        if not kept.all():
            rows = rows.take(kept)
            check_enough(self, len(rows), self._min_samples)
        if rows.weights is not None or not kept.all():
            self._refuse_empty(rows.values)
        return rows

    def _refuse_empty(self, values: Array) -> None:
        """Refuse columns without any cell, where the model needs some of each."""
        if self.model_.takes_missing and (not self.model_.takes_empty_columns or np.isnan(values).all()):
            refuse_empty_columns(values, getattr(self, "feature_names_in_", None))

    def _joined(self, features: Array, y: Any, *, too_large: bool = False) -> Array:
        """Return rows as the model takes them: with the target as last column where it is a regression."""
        if not self.model_.is_conditional:
            return features
        sequential = self.model_.is_sequential
        target = check_target(y, len(features), type(self).__name__, too_large=too_large, missing_steps=sequential)
        rows = np.column_stack([features, target])
        return with_missing_targets(rows) if sequential else rows

    def _new_rows(self, X: Any, y: Any, lengths: Any) -> Rows:
        check_is_fitted(self, "estimate_")
        sequential = self.model_.is_sequential
        missing_cells = self.model_.takes_missing
        values = self._joined(
            check_rows(self, X, reset=False, missing_steps=sequential, missing_cells=missing_cells), y
        )
        rows = Rows(
            values,
            self.coordinates_,
            lengths=check_lengths(lengths, len(values), sequential),
            missing=missing_steps(values) if sequential else None,
        )
        self.model_.check_support(rows.observed.values)
        reach = np.fmax.reduce(np.abs(values), axis=1, keepdims=True)
        # What lies beyond counts as at the border in its direction: its squares would overflow.
        return replace(rows, values=values * np.minimum(1.0, _FARTHEST / np.maximum(reach, 1.0)))
