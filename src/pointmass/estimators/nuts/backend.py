"""PyMC and PyTensor, imported where they are needed and set so that one seed gives one result."""

from __future__ import annotations

import atexit
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from pointmass.errors import PointmassError

__all__ = ["cache_folder", "prepare_backend", "reproducible"]


def prepare_backend(sampler: str) -> None:
    """Make sure that PyMC can be imported and has a folder for compiled code.

    Raises
    ------
    PointmassError
        If PyMC or the sampler is not installed: another one is never taken silently.
    """
    for package in dict.fromkeys(("pymc", sampler)):
        if find_spec(package) is None:
            raise PointmassError(f"NUTS needs {package}, which is not installed; pip install {package}")
    if "pytensor" not in sys.modules and "base_compiledir" not in os.environ.get("PYTENSOR_FLAGS", ""):
        _leave_unwritable_home()


def cache_folder() -> Path:
    """Return where compiled code is kept from one process to the next."""
    import pytensor

    module: Any = pytensor
    return Path(str(module.config.base_compiledir))


def _leave_unwritable_home() -> None:
    """Send compiled code to a folder of this process where the home folder cannot be written."""
    try:
        writable = os.access(Path.home(), os.W_OK)
    except RuntimeError:
        writable = False
    if not writable:
        folder = tempfile.mkdtemp(prefix="pointmass-")
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
        flags = [os.environ.get("PYTENSOR_FLAGS", ""), f"base_compiledir={folder}"]
        os.environ["PYTENSOR_FLAGS"] = ",".join(filter(None, flags))


@contextmanager
def reproducible() -> Iterator[None]:
    """Return a context in which compiled code rounds as it is written.

    With PyTensor's default, fast-math, the process that compiles a model draws other numbers than those that load
    it from the cache.
    """
    import pytensor

    module: Any = pytensor
    with module.config.change_flags(numba__fastmath=False):
        yield
