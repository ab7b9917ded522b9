"""What a report is about: the combinations of data and model of a run, with what became of their fits."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from pointmass.comparison import Failure, MatchedFits

__all__ = ["Provenance", "Section", "Study"]


@dataclass(frozen=True)
class Provenance:
    """Where a report comes from.

    Parameters
    ----------
    facts : tuple of (str, str)
        What is worth knowing, with its name: seed, versions, commit, hash of the configuration.
    config : str
        The configuration as text; empty if there was none.
    command : str
        What to type to make the run again; empty if there is no such command.
    """

    facts: tuple[tuple[str, str], ...] = ()
    config: str = ""
    command: str = ""


@dataclass(frozen=True)
class Section:
    """One data set with one model.

    Parameters
    ----------
    title : str
        What tells it from the other sections.
    slug : str
        Its name in files and anchors.
    facts : tuple of (str, str)
        The data, the model and the values of the axes, with their names.
    matched : MatchedFits or None
        Its fits; None if there is none.
    failures : tuple of Failure
        Its fits that did not come about.
    """

    title: str
    slug: str
    facts: tuple[tuple[str, str], ...]
    matched: MatchedFits | None
    failures: tuple[Failure, ...] = ()

    @property
    def n_asked(self) -> int:
        """How many fits were asked for."""
        return len(self.failures) + (0 if self.matched is None else len(self.matched.fits))


@dataclass(frozen=True)
class Study:
    """All that a report says.

    Parameters
    ----------
    title : str
        Its name.
    sections : tuple of Section
        One for each data set, model, repetition and point of the grid.
    provenance : Provenance
        Where it comes from.
    figures : tuple of str or None
        Names of the figures to draw; None draws all that apply.
    notes : tuple of str
        What must be said before all else.
    results : DataFrame or None
        The tidy results of all sections, where there are several.
    """

    title: str
    sections: tuple[Section, ...]
    provenance: Provenance = Provenance()
    figures: tuple[str, ...] | None = None
    notes: tuple[str, ...] = ()
    results: pd.DataFrame | None = None

    @property
    def failures(self) -> list[tuple[Section, Failure]]:
        """Every fit that did not come about, with its section."""
        return [(section, failure) for section in self.sections for failure in section.failures]
