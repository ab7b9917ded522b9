"""What a report is about: the combinations of data and model of a run, with what became of their fits."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from pointmass.comparison import Failure, MatchedFits
from pointmass.comparison.selection import Selected

__all__ = ["Choice", "Provenance", "Section", "Study"]


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
class Choice:
    """A choice of the number of components.

    Parameters
    ----------
    title : str
        What it is a choice of.
    slug : str
        Its name in files.
    selected : Selected or None
        What came of it; None if it did not come about.
    failure : Failure or None
        Why not.
    """

    title: str
    slug: str
    selected: Selected | None
    failure: Failure | None = None


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
    choices : tuple of Choice
        Choices of the number of components.
    """

    title: str
    sections: tuple[Section, ...]
    provenance: Provenance = Provenance()
    figures: tuple[str, ...] | None = None
    notes: tuple[str, ...] = ()
    results: pd.DataFrame | None = None
    choices: tuple[Choice, ...] = ()

    @property
    def failures(self) -> list[tuple[Section | Choice, Failure]]:
        """Every fit or choice that did not come about, with its section."""
        fits: list[tuple[Section | Choice, Failure]] = [(one, each) for one in self.sections for each in one.failures]
        return fits + [(choice, choice.failure) for choice in self.choices if choice.failure is not None]

    @property
    def n_asked(self) -> int:
        """How many fits and choices were asked for."""
        return sum(section.n_asked for section in self.sections) + len(self.choices)
