"""Loops over time as machine code: compiled at the first call, kept on disk where that is possible."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property, update_wrapper
from typing import Any

__all__ = ["compiled"]


class compiled:
    """A function of arrays, compiled by numba when it is first called; it runs without the interpreter's lock.

    numba itself is imported then, so that models without such loops do not wait for it. Where no folder for
    compiled code can be written, each process compiles for itself.

    Parameters
    ----------
    function : callable
        Code that numba understands, and that calls no other compiled function.
    """

    def __init__(self, function: Callable[..., Any]) -> None:
        self.function = function
        update_wrapper(self, function)

    def __call__(self, *arguments: Any) -> Any:
        """Return what the function returns."""
        return self._machine_code(*arguments)

    @cached_property
    def _machine_code(self) -> Callable[..., Any]:
        import numba

        module: Any = numba
        try:
            code: Callable[..., Any] = module.njit(self.function, cache=True, nogil=True)
        except RuntimeError:
            code = module.njit(self.function, nogil=True)
        return code
