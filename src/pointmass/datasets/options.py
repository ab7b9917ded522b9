"""Checks of options: one sentence each, naming the option, its value and the remedy."""

from __future__ import annotations

import inspect
import operator
from collections.abc import Callable, Iterable, Mapping
from difflib import get_close_matches
from math import inf, isfinite, prod
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pointmass.errors import PointmassError

__all__ = [
    "MEMORY_LIMIT",
    "as_choice",
    "as_count",
    "as_covariance",
    "as_generator",
    "as_number",
    "as_real_array",
    "as_weights",
    "check_keywords",
    "check_memory",
    "nearest",
    "unknown_name",
]

#: Bytes that one array of a data set may take.
MEMORY_LIMIT = 8 * 10**9


def nearest(name: object, known: Iterable[str]) -> str:
    """Return the remedy for an unknown name: the nearest known one, or all of them.

    Examples
    --------
    >>> nearest("hieghts", ["heights", "gaussian"])
    "did you mean 'heights'?"
    >>> nearest("xyz", ["heights", "gaussian"])
    'use gaussian or heights'
    """
    names = sorted(known)
    close = get_close_matches(str(name), names, n=1)
    if close:
        return f"did you mean {close[0]!r}?"
    return "use " + (f"{', '.join(names[:-1])} or {names[-1]}" if len(names) > 1 else "".join(names))


def unknown_name(what: str, name: object, known: Iterable[str], path: tuple[str, ...] = ()) -> PointmassError:
    """Return the error for a name that no registry, header or signature has.

    Examples
    --------
    >>> print(unknown_name("data set", "irsi", ["iris", "wine"]))
    there is no data set 'irsi': did you mean 'iris'?
    """
    return PointmassError(f"there is no {what} {name!r}: {nearest(name, known)}", path=path)


def check_keywords(what: str, function: Callable[..., Any], options: Mapping[str, Any]) -> None:
    """Refuse options that the function does not take.

    Raises
    ------
    PointmassError
        If an option is unknown; its ``path`` is the option.
    """
    known = inspect.signature(function).parameters
    for name in options:
        if name not in known:
            raise unknown_name(f"option of {what} called", name, known, path=(str(name),))


def as_count(name: str, value: object, minimum: int = 1) -> int:
    """Return a whole number; refuse floats, text and booleans.

    Examples
    --------
    >>> as_count("n", 500)
    500
    """
    if isinstance(value, bool | np.bool_) or not hasattr(value, "__index__"):
        raise PointmassError(f"{name} must be a whole number, got {value!r}: write e.g. 100", path=(name,))
    if (count := operator.index(value)) < minimum:
        raise PointmassError(f"{name} must be at least {minimum}, got {value!r}: raise it", path=(name,))
    return count


def as_number(name: str, value: object, minimum: float = -inf) -> float:
    """Return a finite number that is at least ``minimum``."""
    if isinstance(value, bool | np.bool_) or not isinstance(value, int | float | np.number):
        raise PointmassError(f"{name} must be a number, got {value!r}: write e.g. 2.5", path=(name,))
    try:
        number = float(value)
    except (OverflowError, TypeError):
        number = inf
    if not isfinite(number) or number < minimum:
        least = "" if minimum == -inf else f" of at least {minimum:g}"
        raise PointmassError(f"{name} must be a finite number{least}, got {value!r}: change it", path=(name,))
    return number


def as_choice(name: str, value: object, allowed: Iterable[str]) -> str:
    """Return one of the allowed words."""
    words = tuple(allowed)
    if not isinstance(value, str) or value not in words:
        raise PointmassError(f"{name} has no choice {value!r}: {nearest(value, words)}", path=(name,))
    return value


def as_real_array(name: str, value: ArrayLike, dimensions: tuple[int, ...]) -> NDArray[np.float64]:
    """Return a float64 copy that is finite, not empty and has one of the numbers of axes."""
    try:
        array = np.array(value)
    except ValueError:
        raise PointmassError(f"{name} has rows of unequal length: make them equal", path=(name,)) from None
    if array.dtype.kind not in "iuf" or not np.isfinite(array).all():
        raise PointmassError(f"{name} must hold finite numbers, got {_shown(value)}: correct it", path=(name,))
    if array.ndim not in dimensions or array.size == 0:
        axes = " or ".join(map(str, dimensions))
        raise PointmassError(
            f"{name} must have {axes} axes and not be empty, got shape {array.shape}: nest its lists so",
            path=(name,),
        )
    return array.astype(np.float64)


def as_weights(name: str, value: ArrayLike) -> NDArray[np.float64]:
    """Return weights of components, positive and summing to 1.

    Examples
    --------
    >>> as_weights("weights", [0.4, 0.6])
    array([0.4, 0.6])
    """
    weights = as_real_array(name, value, (1,))
    if (weights <= 0).any():
        raise PointmassError(f"{name} must be positive, got {_shown(value)}: drop others", path=(name,))
    total = float(weights.sum())
    if abs(total - 1) > 1e-8:
        raise PointmassError(f"{name} must sum to 1, not {total:.10g}: divide each by the sum", path=(name,))
    return weights / total


def as_covariance(name: str, covariance: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return a (d, d) covariance made exactly symmetric; refuse one that is not positive definite.

    ``name`` may carry an index, as in ``covariances[1]``; the error's path is the option without it.
    """
    path = (name.partition("[")[0],)
    if covariance.ndim != 2 or covariance.shape[0] != covariance.shape[1]:
        raise PointmassError(f"{name} must be square, got shape {covariance.shape}: make it so", path=path)
    asymmetry = float(np.abs(covariance - covariance.T).max())
    if asymmetry > 1e-10 * float(np.abs(covariance).max()):
        raise PointmassError(
            f"{name} must be symmetric, its halves differ by {asymmetry:.3g}: make them equal", path=path
        )
    symmetric = (covariance + covariance.T) / 2
    smallest, largest = np.linalg.eigvalsh(symmetric)[[0, -1]]
    if smallest <= 1e-14 * largest:
        raise PointmassError(
            f"{name} must be positive definite, its smallest eigenvalue is {smallest:.3g}: correct it",
            path=path,
        )
    return symmetric


def as_generator(rng: object) -> np.random.Generator:
    """Return a NumPy Generator from a Generator (consumed), a seed of at least 0, or None."""
    if rng is None or isinstance(rng, np.random.Generator):
        return np.random.default_rng(rng)
    return np.random.default_rng(as_count("rng", rng, minimum=0))


def check_memory(**sizes: int) -> None:
    """Refuse an array of float64 with these sizes if it would exceed `MEMORY_LIMIT`.

    Examples
    --------
    >>> check_memory(n=10**10, dimension=2)
    Traceback (most recent call last):
    pointmass.errors.PointmassError: n=10000000000 with dimension=2 needs 160 GB: lower n to stay below 8 GB
    """
    if (size := 8 * prod(sizes.values())) > MEMORY_LIMIT:
        what = " with ".join(f"{name}={value}" for name, value in sizes.items())
        culprit = max(sizes, key=lambda name: sizes[name])
        raise PointmassError(
            f"{what} needs {size / 1e9:.0f} GB: lower {culprit} to stay below {MEMORY_LIMIT / 1e9:.0f} GB",
            path=(culprit,),
        )


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
