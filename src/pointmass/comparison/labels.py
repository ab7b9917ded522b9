"""The elements of parameters, one by one, and what to call them in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pointmass.comparison.matched import MatchedFit, MatchedFits
from pointmass.comparison.matching import SQUARE
from pointmass.numerics import Array

__all__ = ["Element", "element_label", "element_name", "elements", "elements_of"]


@dataclass(frozen=True)
class Element:
    """One number of a parameter.

    Parameters
    ----------
    parameter : str
        Name of the parameter.
    component : int or None
        Its component; None where the parameter has no component axis.
    index : tuple of int
        Where it stands within the component's value.
    """

    parameter: str
    component: int | None
    index: tuple[int, ...]

    @property
    def position(self) -> tuple[int, ...]:
        """The index into the whole array."""
        return self.index if self.component is None else (self.component, *self.index)

    @property
    def index_text(self) -> str:
        """The index as tables write it: ``""``, ``"0"`` or ``"0,1"``."""
        return ",".join(str(i) for i in self.index)


def elements(matched: MatchedFits) -> list[Element]:
    """Return every number that the fits estimate, in reading order, each once.

    A symmetric matrix lists each pair once; what every fit holds at zero by its model (the pairs of a
    diagonal covariance) is left out.
    """
    zeros = _structural_zeros(matched)
    found: dict[Element, None] = {}
    for fit in sorted(matched.fits, key=lambda fit: fit is not matched.anchor):
        found.update(dict.fromkeys(element for element in elements_of(fit) if element not in zeros))
    return list(found)


def elements_of(fit: MatchedFit) -> list[Element]:
    """Return the numbers that one fit estimates, each pair of a symmetric matrix once."""
    lead = 0 if fit.n_components is None else 1
    listed = []
    for name, array in fit.estimate.items():
        symmetric = _is_symmetric(name, array, lead)
        for position in np.ndindex(array.shape):
            index = position[lead:]
            if not symmetric or index[0] <= index[1]:
                listed.append(Element(name, position[0] if lead else None, index))
    return listed


def element_label(
    element: Element, columns: Sequence[str] = (), n_columns: int | None = None, axes: Sequence[str] = ()
) -> str:
    """Return what to call an element: ``mean[0, height]``, ``weights[1]``, ``covariance[a, b]``.

    At one column the column goes without saying. Where ``axes`` names the parameter's axes, only those of columns have
    columns' names.

    Examples
    --------
    >>> element_label(Element("mean", 1, (0,)), ("length", "width"), 2)
    'mean[1, length]'
    >>> element_label(Element("mean", 1, (0,)), ("length",), 1)
    'mean[1]'
    >>> element_label(Element("loadings", None, (1, 0)), ("length", "width"), 2, ("feature", "factor"))
    'loadings[width, 0]'
    """
    parts = [] if element.component is None else [str(element.component)]
    if n_columns != 1:
        named = [columns if axis.startswith("feature") else () for axis in axes] or [columns] * len(element.index)
        parts += [_index_name(element, i, own) for i, own in zip(element.index, named, strict=True)]
    return f"{element.parameter}[{', '.join(parts)}]" if parts else element.parameter


def element_name(matched: MatchedFits, element: Element) -> str:
    """Return what to call an element in this comparison, with the data's own column names where known."""
    if element.parameter == "coefficients":
        return element_label(element, _coefficient_names(matched))
    fit = next((fit for fit in matched.fits if element.parameter in fit.estimate), matched.anchor)
    sizes = fit.estimate.get(element.parameter, np.zeros(())).shape[element.component is not None :]
    axes = fit.fit.model_.dims.get(element.parameter, ())[element.component is not None :]
    columns = matched.columns if "feature" in axes else ()
    return element_label(element, columns, 1 if set(sizes) == {1} else None, axes if columns else ())


def _coefficient_names(matched: MatchedFits) -> tuple[str, ...]:
    """Return the names of the features, that of the intercept before them where there is one."""
    n_coefficients = int(matched.anchor.estimate["coefficients"].shape[-1])
    first = ("intercept",) if n_coefficients > len(matched.columns) else ()
    return (*first, *matched.columns)


def _index_name(element: Element, i: int, columns: Sequence[str]) -> str:
    return columns[i] if i < len(columns) and element.parameter not in SQUARE else str(i)


def _is_symmetric(name: str, array: Array, lead: int) -> bool:
    if array.ndim != lead + 2 or name in SQUARE or array.shape[-1] != array.shape[-2]:
        return False
    scale = float(np.nanmax(np.abs(array), initial=0.0))
    return bool(np.allclose(array, np.swapaxes(array, -1, -2), rtol=0.0, atol=1e-9 * scale, equal_nan=True))


def _structural_zeros(matched: MatchedFits) -> set[Element]:
    values: dict[Element, list[float]] = {}
    for fit in matched.fits:
        for element in elements_of(fit):
            if len(element.index) == 2 and element.index[0] != element.index[1]:
                value = float(fit.estimate[element.parameter][element.position])
                values.setdefault(element, []).append(value)
    return {element for element, numbers in values.items() if not any(numbers)}
