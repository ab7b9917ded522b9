"""PyMC's own NUTS, one chain after the other: no processes that could outlive their parent."""

from __future__ import annotations

import logging
import signal
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

import numpy as np

from pointmass.errors import PointmassError
from pointmass.estimators.nuts.backend import reproducible
from pointmass.estimators.nuts.joint import Joint
from pointmass.estimators.nuts.samplers.settings import Request
from pointmass.estimators.nuts.samplers.trace import STATISTICS, Trace, whole

__all__ = ["PyMCSampler"]


class PyMCSampler:
    """A model sampled by PyMC, which compiles it in each call.

    Parameters
    ----------
    joint : Joint
        The model.
    """

    def __init__(self, joint: Joint) -> None:
        self.joint = joint

    def sample(self, request: Request) -> Trace:
        """Return the draws of all chains."""
        import pymc as pm

        with reproducible(), _quietly(), _noticing_interrupts() as interrupts:
            try:
                tree = pm.sample(
                    draws=request.draws,
                    tune=request.tune,
                    chains=len(request.starts),
                    cores=1,
                    random_seed=list(request.seeds),
                    initvals=list(request.starts),
                    init="adapt_diag",
                    nuts={"target_accept": request.target_accept},
                    nuts_sampler="pymc",
                    model=self.joint.pymc_model,
                    progressbar=False,
                    quiet=True,
                    compute_convergence_checks=False,
                )
            except pm.exceptions.SamplingError as error:
                raise PointmassError(f"NUTS could not start ({', '.join(self.joint.names)}): {error}") from error
        values = {name: np.asarray(tree["posterior"][name].values) for name in self.joint.names}
        stats = {name: np.asarray(tree["sample_stats"][name].values) for name in STATISTICS}
        return whole(
            Trace(values, stats, float(tree["posterior"].attrs["sampling_time"])),
            len(request.starts),
            request.draws,
            bool(interrupts),
        )


@contextmanager
def _quietly() -> Iterator[None]:
    """Return a context in which PyMC logs errors alone; what its warnings say is in ``diagnostics_``."""
    logger = logging.getLogger("pymc")
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logger.setLevel(level)


@contextmanager
def _noticing_interrupts() -> Iterator[list[int]]:
    """Yield a list that grows with each Ctrl-C: PyMC catches the exception and returns as if nothing had been."""
    noticed: list[int] = []
    if threading.current_thread() is not threading.main_thread():
        yield noticed
        return
    previous = signal.getsignal(signal.SIGINT)

    def notice(number: int, frame: FrameType | None) -> None:
        noticed.append(number)
        if callable(previous):
            previous(number, frame)

    signal.signal(signal.SIGINT, notice)
    try:
        yield noticed
    finally:
        signal.signal(signal.SIGINT, previous)
