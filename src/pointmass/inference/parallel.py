"""Blocks of rows on the machine's cores, reduced in a fixed order."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from functools import cache

import numpy as np
from threadpoolctl import ThreadpoolController

from pointmass.models.rows import Rows

__all__ = ["map_blocks", "one_blas_thread", "thread_count"]


def thread_count() -> int:
    """Return how many threads a sweep may use: ``OMP_NUM_THREADS``, or the cores that this process may use."""
    asked = os.environ.get("OMP_NUM_THREADS", "")
    available = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(int(asked), available) if asked.isdigit() and int(asked) > 0 else available


@cache
def _pool(size: int) -> ThreadPoolExecutor:
    return ThreadPoolExecutor(size, thread_name_prefix="pointmass")


@cache
def _controller() -> ThreadpoolController:
    return ThreadpoolController()


def one_blas_thread() -> AbstractContextManager[object]:
    """Return a context in which matrix products use one thread: the blocks are what runs in parallel."""
    return _controller().limit(limits=1, user_api="blas")


def map_blocks[T](
    function: Callable[[Rows, np.random.Generator | None], T],
    rows: Rows,
    numbers_per_row: int,
    rng: np.random.Generator | None = None,
) -> list[T]:
    """Return ``function`` of each block of rows, in the order of the blocks.

    Each block has a generator of its own, so that the draws do not depend on the number of threads.
    """
    blocks = list(rows.blocks(numbers_per_row))
    if len(blocks) == 1:
        return [function(blocks[0], rng)]
    generators = [None] * len(blocks) if rng is None else rng.spawn(len(blocks))
    if thread_count() == 1:
        return [function(block, own) for block, own in zip(blocks, generators, strict=True)]
    return list(_pool(thread_count()).map(function, blocks, generators))
