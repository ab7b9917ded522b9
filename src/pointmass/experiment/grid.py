"""Cells: each is one data set, one model, one estimator and one repetition, and knows its own key."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import product
from typing import Any

from pointmass.estimators import ESTIMATORS
from pointmass.experiment.axes import Axis, Coordinates
from pointmass.experiment.canonical import content_hash
from pointmass.experiment.choosing import SELECT
from pointmass.experiment.config import Config
from pointmass.experiment.seeding import data_entropy, fit_entropy
from pointmass.uncertainty import UNCERTAINTIES

__all__ = ["ALGORITHM_VERSION", "Cell", "cell_key", "cells_of"]

ALGORITHM_VERSION = 3
"""Part of every key: raised when results, or how they are stored, change although settings do not: cells run again."""


@dataclass(frozen=True)
class Cell:
    """One fit of a study.

    Parameters
    ----------
    data : dict
        Settings of the data, defaults left out.
    model : tree
        The model as its ``to_dict`` gives it.
    estimator : str
        The estimator's name in the study.
    method : dict
        Its registered type under ``type``, and the options that are not defaults.
    uncertainty : tuple of str
        The uncertainty methods asked for, those that such an estimator has.
    repetition : int
        From 0.
    seed : int
        The seed of the study.
    axes : dict
        The values of the grid's axes here.
    """

    data: dict[str, Any]
    model: Any
    estimator: str
    method: dict[str, Any]
    uncertainty: tuple[str, ...]
    repetition: int
    seed: int
    axes: Coordinates = field(default_factory=dict)

    @property
    def data_entropy(self) -> list[int]:
        """What the data are drawn from."""
        return data_entropy(self.seed, self.data, self.repetition)

    @property
    def fit_entropy(self) -> list[int]:
        """What the fit draws from."""
        return fit_entropy(self.seed, self.data, self.model, self.method, self.repetition)


def cells_of(config: Config) -> Iterator[Cell]:
    """Yield the cells of a study, one repetition after the other.

    Where a number of components is chosen, the whole choice is one cell: its fits start from one another.
    An axis below one estimator varies that estimator alone. Nothing is built before it is asked for.
    """
    shared = [axis for axis in config.axes if axis.section[0] != "estimators"]
    first = config.settings.first_repetition
    for repetition in range(first, first + config.settings.repetitions):
        for outer in _points(shared):
            for name in config.settings.estimators:
                own = [axis for axis in config.axes if axis.section == ("estimators", name)]
                for inner in _points(own):
                    yield _cell(config, name, repetition, {**outer, **inner})
            if config.settings.select is not None:
                yield _selection(config, repetition, outer)


def _selection(config: Config, repetition: int, coordinates: Coordinates) -> Cell:
    """Return the cell that chooses a number of components; the one that the model has plays no part."""
    choice = config.selection(coordinates)
    return Cell(
        data=config.data(coordinates),
        model=config.model(coordinates).with_components(choice.n_components[0]).to_dict(),
        estimator=SELECT,
        method=choice.to_dict(),
        uncertainty=(),
        repetition=repetition,
        seed=config.seed(coordinates),
        axes=coordinates,
    )


def cell_key(cell: Cell, digest: str) -> str:
    """Return the key of a cell: 32 hexadecimal digits of the hash of everything that determines its result.

    Parameters
    ----------
    cell : Cell
    digest : str
        Hash of the data themselves.
    """
    content = {
        "algorithm": ALGORITHM_VERSION,
        "data": digest,
        "model": cell.model,
        "estimator": cell.method,
        "uncertainty": sorted(cell.uncertainty),
        "repetition": cell.repetition,
        "seed": cell.seed,
    }
    return content_hash(content).hex()[:32]


def _points(axes: list[Axis]) -> Iterator[Coordinates]:
    for values in product(*(axis.values for axis in axes)):
        yield {axis.name: value for axis, value in zip(axes, values, strict=True)}


def _cell(config: Config, name: str, repetition: int, coordinates: Coordinates) -> Cell:
    choice = config.estimator(name, coordinates)
    kind = ESTIMATORS[choice.type].kind
    return Cell(
        data=config.data(coordinates),
        model=config.model(coordinates).to_dict(),
        estimator=name,
        method=choice.to_dict(),
        uncertainty=tuple(method for method in config.uncertainty if UNCERTAINTIES[method].kind == kind),
        repetition=repetition,
        seed=config.seed(coordinates),
        axes=coordinates,
    )
