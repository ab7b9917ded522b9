"""The verbs of a notebook: compare fits, run an experiment. Comparison, figures and report meet here."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pointmass.comparison import (
    Fit,
    MatchedFits,
    estimates_table,
    evaluate_metrics,
    evidence_table,
    match_fits,
    write_verdict,
)
from pointmass.datasets import Dataset
from pointmass.errors import PointmassError
from pointmass.experiment.config import Config
from pointmass.experiment.runner import Run, run
from pointmass.figures import FIGURES
from pointmass.numerics import Array
from pointmass.report import study_of_comparison, write_page, write_report

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

__all__ = ["Comparison", "compare", "run_experiment"]


@dataclass(frozen=True)
class Comparison:
    """Fits of the same data held against each other.

    Parameters
    ----------
    matched : MatchedFits
        The fits in one order of components, with their reference, data and truth.
    """

    matched: MatchedFits

    @cached_property
    def table(self) -> pd.DataFrame:
        """Every estimate with its interval.

        Columns ``method, uncertainty, parameter, component, index, estimate, sd, lower, upper, level,
        sd_ratio``; a point without an interval has the uncertainty ``"none"`` and NaN for what it lacks.
        """
        return estimates_table(self.matched)

    @cached_property
    def metrics(self) -> pd.DataFrame:
        """What is measured of each fit.

        Columns ``method, uncertainty, parameter, component, index, metric, value, mc_error``.
        """
        return evaluate_metrics(self.matched)

    @cached_property
    def evidence(self) -> pd.DataFrame:
        """What each fit says of the log evidence: bounds, estimates, approximations, all labellings meant.

        Columns ``fit, method, value, mc_error, kind, labellings, warning``; nats.
        """
        return evidence_table(self.matched.evidences)

    @cached_property
    def verdict(self) -> str:
        """The comparison in words, one paragraph a finding."""
        return "\n\n".join(write_verdict(self.matched))

    def plot(self, name: str) -> Figure:
        """Draw one of the figures.

        Parameters
        ----------
        name : str
            ``forest``, ``marginals``, ``density``, ``clusters``, ``evidence``, ``objective`` or ``optima``.

        Returns
        -------
        matplotlib.figure.Figure

        Raises
        ------
        PointmassError
            There is no such figure, or the comparison lacks what it needs.
        """
        if name not in FIGURES:
            raise PointmassError(f"there is no figure {name!r}; the figures are {', '.join(FIGURES)}")
        lacks = FIGURES[name].lacks(self.matched)
        if lacks:
            raise PointmassError(f"the figure {name!r} cannot be drawn: {lacks}")
        return FIGURES[name].plot(self.matched)

    def to_html(self, path: str | Path) -> Path:
        """Write the comparison as one self-contained page and return where it is."""
        return write_page(study_of_comparison(self.matched), path)

    def __repr__(self) -> str:
        names = ", ".join(fit.name for fit in self.matched.fits)
        return f"Comparison({names}; reference: {self.matched.reference.name or 'none'})"


def compare(
    fits: Sequence[Fit] | Mapping[str, Fit],
    reference: str | Fit | None = None,
    truth: Mapping[str, Array] | None = None,
    data: Any = None,
    uncertainty: Collection[str] | None = None,
) -> Comparison:
    """Hold fits of the same data against each other, components matched.

    Parameters
    ----------
    fits : list of fitted estimators, or dict of name to fitted estimator
        Equal names of methods get ``_2``, ``_3``, ….
    reference : str or fitted estimator, optional
        The fit that judges the others; by default the first reliable sampler, NUTS before Gibbs. One that its
        own diagnostics do not accept is named, and its ratios are withheld.
    truth : dict of str to array, optional
        True parameters by name, in any order of components.
    data : Dataset, DataFrame or array, optional
        The data that were fitted; by default those that a fit still holds. A fit read from a file holds none.

    uncertainty : collection of str, optional
        Which methods of uncertainty to show, such as ``["information", "mean_field", "importance"]``, each for the
        fits that have it; by default those that cost little.

    Returns
    -------
    Comparison

    Raises
    ------
    PointmassError
        There is nothing to compare, a fit is not fitted, or the reference is not among the fits.

    Examples
    --------
    >>> import numpy as np
    >>> from pointmass import MLE, VB, Gaussian, compare
    >>> x = np.random.default_rng(0).normal(size=50)
    >>> comparison = compare([MLE(Gaussian()).fit(x), VB(Gaussian()).fit(x)])
    >>> comparison.table[["method", "uncertainty"]].drop_duplicates().values.tolist()
    [['MLE', 'information'], ['VB', 'mean_field']]
    """
    held = data if data is not None else _held_data(fits)
    matched = match_fits(fits, reference=reference, truth=truth, data=held, uncertainty=uncertainty)
    return Comparison(matched)


def _held_data(fits: Sequence[Fit] | Mapping[str, Fit]) -> Dataset | None:
    """Return the rows that one of the fits still holds, if any."""
    for fit in fits.values() if isinstance(fits, Mapping) else fits:
        rows = getattr(fit, "_data", None)
        if rows is not None:
            return Dataset(*fit.model_.features_and_target(rows.values))
    return None


def run_experiment(
    config: str | Path | Mapping[str, Any] | Config,
    output: str | Path | None = None,
    *,
    workers: int = 1,
    fresh: bool = False,
    dask: str | None = None,
) -> Run:
    """Run a study, or go on with it, and write its report.

    Parameters
    ----------
    config : path, mapping or Config
        The study, as a YAML file, as the tree that it would hold, or checked already.
    output : path, optional
        The folder of the results; ``reports/<name>`` by default.
    workers : int
        How many processes fit cells at the same time.
    fresh : bool
        Whether to throw away what the folder has.
    dask : str, optional
        Address of the scheduler of a dask cluster that fits the cells, instead of local processes; its workers
        need ``pointmass`` and, for data in files, the same file system.

    Returns
    -------
    Run
        Where the results are, the tidy table, and the exit status: 0 if every cell is done, else 1.

    Raises
    ------
    PointmassError
        The configuration, the data or the folder cannot be used, or the run was interrupted.
    """
    finished = run(config, output, workers=workers, fresh=fresh, dask=dask)
    write_report(finished.path)
    return finished
