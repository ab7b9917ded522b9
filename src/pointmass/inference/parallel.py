"""Blocks of rows on the machine's cores, reduced in a fixed order."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from functools import cache, reduce
from operator import add
from typing import Any, Protocol, cast

import numpy as np
from threadpoolctl import ThreadpoolController

from pointmass.models.rows import Rows, block_size

__all__ = ["Summable", "map_blocks", "one_blas_thread", "sum_blocks", "thread_count"]

# A task of the pool works through several blocks, so that its start costs little: at most so many, and no more
# than leaves this number of tasks to share.
_LARGEST_GROUP = 8
_TASKS = 16


class Summable(Protocol):
    """Anything that can be added to its like."""

    def __add__(self, other: Any, /) -> Any:
        """Return the sum."""


def thread_count() -> int:
    """Return how many threads a sweep may use: ``OMP_NUM_THREADS``, or the cores that this process may use."""
    asked = os.environ.get("OMP_NUM_THREADS", "")
    available = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(int(asked), available) if asked.isdigit() and int(asked) > 0 else available


@cache
def _pool(size: int) -> ThreadPoolExecutor:
    return ThreadPoolExecutor(size, thread_name_prefix="pointmass", initializer=_quiet)


def _quiet() -> None:
    """Let numbers overflow without a warning, as the loop does: what comes of them is judged there."""
    np.seterr(all="ignore")


@cache
def _controller() -> ThreadpoolController:
    return ThreadpoolController()


def one_blas_thread() -> AbstractContextManager[object]:
    """Return a context in which matrix products use one thread: the blocks are what runs in parallel."""
    return cast(AbstractContextManager[object], _controller().limit(limits=1, user_api="blas"))


def map_blocks[T](
    function: Callable[[Rows, np.random.Generator | None], T],
    rows: Rows,
    numbers_per_row: int,
    rng: np.random.Generator | None = None,
) -> Iterator[T]:
    """Yield ``function`` of each block of rows, in the order of the blocks.

    Each block has a generator of its own, so that the draws do not depend on the number of threads.
    """
    return _map(function, list(rows.blocks(block_size(numbers_per_row))), rng)


def _map[T](
    function: Callable[[Rows, np.random.Generator | None], T],
    blocks: list[Rows],
    rng: np.random.Generator | None,
) -> Iterator[T]:
    if len(blocks) == 1:
        return iter([function(blocks[0], rng)])
    generators = [None] * len(blocks) if rng is None else rng.spawn(len(blocks))
    return (_pool(thread_count()).map if thread_count() > 1 else map)(function, blocks, generators)


def sum_blocks[T: Summable](
    function: Callable[[Rows, np.random.Generator | None], T],
    rows: Rows,
    numbers_per_row: int,
    rng: np.random.Generator | None = None,
) -> T:
    """Return the sum of ``function`` over the blocks of rows, added in an order that threads cannot change."""
    size = block_size(numbers_per_row)

    def group(some: Rows, own: np.random.Generator | None) -> T:
        return reduce(add, (function(block, own) for block in some.blocks(size)))

    together = min(max(len(rows) // (_TASKS * size), 1), _LARGEST_GROUP)
    return reduce(add, _map(group, list(rows.blocks(together * size)), rng))
