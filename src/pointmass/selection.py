"""The verb that chooses a number of components: fits, criteria, one table, one picture."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pointmass.comparison.selection import (
    CRITERIA,
    Rung,
    best_number,
    check_selection,
    climb,
    measured,
    preference,
    selection_sentences,
    selection_table,
)
from pointmass.errors import PointmassError
from pointmass.estimators.validation import check_rng
from pointmass.figures.selection import plot_selection
from pointmass.models import as_model

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

__all__ = ["Selection", "select"]


@dataclass(frozen=True)
class Selection:
    """Fits of one model with different numbers of components, and what criteria say of them.

    Parameters
    ----------
    rungs : tuple of Rung
        The fits of each number, ``em`` and ``vb``, the fewest components first.
    table : pandas.DataFrame
        One row for each number: ``n_components, log_likelihood, n_parameters, status, share_at_best,
        distinct_optima, degenerate_starts, grown``, then of each criterion its value (nats, larger is better), its
        error, the error of its difference to the best, and a note.
    criteria : tuple of str
        Names of the criteria.
    """

    rungs: tuple[Rung, ...]
    table: pd.DataFrame
    criteria: tuple[str, ...]

    def best(self, criterion: str = "bic") -> Rung:
        """Return the fits of the number of components that a criterion prefers."""
        if criterion not in self.criteria:
            raise PointmassError(f"there is no criterion {criterion!r} here; there are {', '.join(self.criteria)}")
        if criterion not in measured(self.table, self.criteria):
            raise PointmassError(f"{criterion} has no value here: {self.table[f'{criterion}_note'].iloc[0]}")
        number = best_number(self.table, criterion)
        return next(rung for rung in self.rungs if rung.n_components == number)

    @property
    def verdict(self) -> tuple[str, ...]:
        """What each criterion says, and what it passed over because its value cannot be believed."""
        return selection_sentences(self.table, self.criteria)

    def plot(self) -> Figure:
        """Draw every criterion against the number of components, and how often the best optimum was reached."""
        return plot_selection(self.table, self.criteria)

    def __repr__(self) -> str:
        told = ", ".join(f"{name}: {preference(self.table, name)}" for name in measured(self.table, self.criteria))
        return f"Selection(n_components by {told})"


def select(
    model: Any,
    X: Any,
    y: Any = None,
    *,
    n_components: Iterable[int] = range(1, 8),
    criteria: Sequence[str] = tuple(CRITERIA),
    n_init: int = 10,
    rng: Any = None,
    **data: Any,
) -> Selection:
    """Fit a model with different numbers of components and hold them against each other.

    EM and VB are fitted with each number. EM starts at random and from each split of the fit with the next fewer
    components, so that more components never have a lower likelihood.

    Parameters
    ----------
    model : Mixture or HiddenMarkov
        The model; the number of components that it has plays no part.
    X, y : array_like
        Data, as ``fit`` takes them.
    n_components : iterable of int
        Numbers of components.
    criteria : sequence of str
        ``bic``, ``icl``, ``elbo``, ``log_evidence``, ``loo``; of sequences there is no ``icl`` and no ``loo``.
    n_init : int
        Random starts of each fit.
    rng : None, int or numpy.random.Generator
        Source of randomness.
    **data
        ``sample_weight``, ``labels``, ``lengths``, as ``fit`` takes them.

    Returns
    -------
    Selection

    Raises
    ------
    PointmassError
        There is no number to choose, or no such criterion.

    References
    ----------
    Schwarz (1978); Biernacki, Celeux and Govaert (2000); Vehtari, Gelman and Gabry (2017).

    Examples
    --------
    >>> import numpy as np
    >>> from pointmass import Gaussian, Mixture, select
    >>> x = np.concatenate([np.linspace(-1, 1, 40), np.linspace(9, 11, 40)])
    >>> select(Mixture(Gaussian(), 1), x, n_components=[1, 2, 3], criteria=["bic", "icl"], rng=0)
    Selection(n_components by bic: 2, icl: 2)
    """
    named = as_model(model).with_column_names(getattr(X, "columns", None))
    numbers = check_selection(named, n_components, criteria)
    given = {"X": X, **({} if y is None else {"y": y}), **data}
    rungs = tuple(climb(named, numbers, given, n_init=n_init, rng=check_rng(rng, None)))
    return Selection(rungs, selection_table(rungs, criteria), tuple(criteria))
