"""One compiled log density for many data sets: what the data make of it are inputs, so its form is compiled once."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import numpy as np

__all__ = ["Reusable", "compiled_for"]

_REWRITES = ("canonicalize", "stabilize", "local_remove_check_parameter")
_KEPT = 4
_lock = threading.Lock()
_compiled: list[tuple[Reusable, Any]] = []


class Reusable:
    """A PyMC model whose log density takes what its data made of it as inputs.

    Parameters
    ----------
    model : pymc.Model
        The model.
    """

    def __init__(self, model: Any) -> None:
        from pytensor.graph.replace import graph_replace
        from pytensor.graph.rewriting.utils import rewrite_graph
        from pytensor.graph.traversal import ancestors

        self._model = model
        density: Any = rewrite_graph(model.logp(), include=_REWRITES)
        numbers = [variable for variable in ancestors([density]) if _is_of_data(variable)]
        self.inputs = [_input(place, number) for place, number in enumerate(numbers)]
        self._density = graph_replace([density], dict(zip(numbers, self.inputs, strict=True)), strict=False)[0]

    def compiled(self, compile_model: Callable[[Any], Any]) -> Any:
        """Return the model compiled with these inputs."""
        from pytensor.graph.replace import clone_replace

        # The compiler asks the model, for this alone, and rewrites what it is given.
        self._model.logp = lambda: clone_replace([self._density])[0]
        try:
            return compile_model(self._model)
        finally:
            del self._model.logp

    @property
    def values(self) -> dict[str, np.ndarray]:
        """The inputs' values by name."""
        return {each.name: each.get_value() for each in self.inputs}

    def has_form_of(self, other: Reusable) -> bool:
        """Return whether both compute the same from their inputs, variables and transforms included."""
        from pytensor.graph.basic import equal_computations

        (ours, our_leaves), (theirs, their_leaves) = self._form(), other._form()
        if len(ours) != len(theirs) or [each.name for each in our_leaves] != [each.name for each in their_leaves]:
            return False
        return bool(equal_computations(ours, theirs, our_leaves, their_leaves))

    def _form(self) -> tuple[list[Any], list[Any]]:
        return [self._density, *self._model.unobserved_value_vars], [*self.inputs, *self._model.value_vars]


def compiled_for(model: Any, compile_model: Callable[[Any], Any]) -> Any:
    """Return the compiled model: of its own, or one of the same form with this one's numbers.

    Parameters
    ----------
    model : pymc.Model
        The model.
    compile_model : callable
        nutpie's compiler.
    """
    own = Reusable(model)
    with _lock:
        for other, compiled in _compiled:
            if own.has_form_of(other):
                return compiled.with_data(**own.values)
    compiled = own.compiled(compile_model)
    with _lock:
        _compiled.insert(0, (own, compiled))
        del _compiled[_KEPT:]
    return compiled


def _is_of_data(variable: Any) -> bool:
    """Return whether a variable of a graph is a number that data may have made: none that is round all over."""
    from pytensor.tensor.variable import TensorConstant

    if not isinstance(variable, TensorConstant) or variable.dtype != "float64":
        return False
    first = np.ravel(variable.data)[:1]
    return bool((variable.data != first).any() or (np.isfinite(first) & (first % 0.5 != 0.0)).any())


def _input(place: int, number: Any) -> Any:
    import pytensor

    module: Any = pytensor
    return module.shared(number.data, name=f"number_{place}", shape=number.type.shape)
