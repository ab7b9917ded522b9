"""What a fit will hold in memory, reckoned before any work; what cannot fit is refused."""

from __future__ import annotations

import os
from pathlib import Path

from pointmass.errors import PointmassError
from pointmass.inference.initialisation import SAMPLE
from pointmass.inference.parallel import thread_count
from pointmass.models import Model
from pointmass.models.rows import block_size

__all__ = ["available_bytes", "check_memory", "required_bytes"]

# A start holds responsibilities about three times over; acceleration remembers about twenty sets of parameters.
_COPIES_OF_START = 3
_COPIES_OF_PARAMETERS = 20


def required_bytes(model: Model, n: int, n_columns: int, longest: int = 1) -> int:
    """Return about how many bytes a fit needs beside its data.

    Parameters
    ----------
    model : Model
        What is fitted.
    n : int
        Number of rows.
    n_columns : int
        Number of columns.
    longest : int
        Rows that cannot be taken apart: those of the longest sequence, all of which a sweep holds at once.
    """
    numbers = model.numbers_per_row(n_columns)
    start = _COPIES_OF_START * model.n_components * min(n, SAMPLE)
    sweep = min(n, thread_count() * max(longest, block_size(numbers))) * numbers
    parameters = _COPIES_OF_PARAMETERS * model.n_components * (1 + n_columns + n_columns * (n_columns + 1) // 2)
    return 8 * (start + sweep + parameters)


def available_bytes() -> float:
    """Return how much memory this process may have: the machine's, or less where a container sets a limit."""
    limits = [float("inf")]
    if hasattr(os, "sysconf") and "SC_PHYS_PAGES" in os.sysconf_names:
        limits.append(float(os.sysconf("SC_PHYS_PAGES")) * os.sysconf("SC_PAGE_SIZE"))
    container = Path("/sys/fs/cgroup/memory.max")
    if container.is_file() and (text := container.read_text().strip()).isdigit():
        limits.append(float(text))
    return min(limits)


def check_memory(model: Model, n: int, n_columns: int, longest: int = 1) -> None:
    """Raise `PointmassError` where a fit needs more memory than there is."""
    required, available = required_bytes(model, n, n_columns, longest), available_bytes()
    if required > available:
        raise PointmassError(
            f"n_components={model.n_components} with {n} rows of {n_columns} columns needs about "
            f"{_readable(required)} of memory, and this machine has {_readable(available)}; use fewer components",
            path=("n_components",),
        )


def _readable(size: float) -> str:
    units = ("bytes", "kB", "MB", "GB", "TB", "PB")
    power = min(max(len(f"{size:.0f}") - 1, 0) // 3, len(units) - 1)
    return f"{size / 1000**power:.3g} {units[power]}"
