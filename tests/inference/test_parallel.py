"""Blocks and threads are ways to compute, not parts of the answer."""

from __future__ import annotations

import numpy as np
import pytest
from cases import COVARIANCES, clusters, mixtures, responsibilities
from inference.sweeps import bench

from pointmass import EM
from pointmass.inference import parallel
from pointmass.models import rows as rows_module
from pointmass.models.rows import block_size

ROWS = clusters(6000, d=3, k=2, seed=2)
START = responsibilities(6000, 2)


def step(covariance, **options):
    ready = bench(mixtures(2)[covariance], ROWS, **options)
    result = ready.sweep(ready.posterior(START))
    return result.objective, ready.public(result.beliefs)


@pytest.mark.parametrize("covariance", COVARIANCES)
@pytest.mark.parametrize("weights", [None, np.linspace(0.1, 3.0, 6000)], ids=["plain", "weighted"])
def test_block_sizes_agree(covariance, weights, monkeypatch):
    objective, public = step(covariance, weights=weights)
    for numbers in (256, 1000, 2999):
        monkeypatch.setattr("pointmass.inference.parallel.block_size", lambda _, size=numbers: size)
        other, parameters = step(covariance, weights=weights)
        assert other == pytest.approx(objective, rel=1e-10)
        for name, array in public.items():
            np.testing.assert_allclose(parameters[name], array, rtol=1e-10)


@pytest.mark.parametrize("assignments", ["soft", "hard"])
def test_threads_change_no_bit(assignments, monkeypatch):
    monkeypatch.setattr("pointmass.inference.parallel.block_size", lambda _: 256)
    found = []
    for threads in (1, 2, 5):
        monkeypatch.setattr("pointmass.inference.parallel.thread_count", lambda threads=threads: threads)
        found.append(step("full", assignments=assignments))
    for objective, public in found[1:]:
        assert objective == found[0][0]
        for name, array in public.items():
            np.testing.assert_array_equal(array, found[0][1][name])


def test_threads_change_no_bit_of_a_drawn_fit(monkeypatch):
    monkeypatch.setattr("pointmass.inference.parallel.block_size", lambda _: 256)
    found = []
    for threads in (1, 3):
        monkeypatch.setattr("pointmass.inference.parallel.thread_count", lambda threads=threads: threads)
        found.append(EM(mixtures(2)["full"], assignments="draw", n_init=1, max_iter=10, rng=5).fit(ROWS).estimate_)
    for name, array in found[0].items():
        np.testing.assert_array_equal(found[1][name], array)


def test_thread_count_follows_the_environment(monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    assert parallel.thread_count() == 1
    for nonsense in ("", "many", "0", "100000"):
        monkeypatch.setenv("OMP_NUM_THREADS", nonsense)
        assert 1 <= parallel.thread_count() < 100_000


def test_a_block_fits_the_cache_and_is_never_tiny():
    assert block_size(10) * 10 * 8 <= rows_module._CACHE_BYTES
    assert block_size(10**9) == 256


def test_rows_come_in_order_and_whole():
    from_blocks = np.concatenate([block.values for block in bench(mixtures(2)["full"], ROWS).rows.blocks(700)])
    np.testing.assert_array_equal(from_blocks, ROWS)
