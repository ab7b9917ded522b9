"""What a machine offers: versions, cores, a compiler, a cache; and whether a model can be sampled on it."""

from __future__ import annotations

import os
import platform
import shutil
import time
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from pointmass.estimators import NUTS
from pointmass.estimators.nuts.backend import cache_folder
from pointmass.experiment.provenance import environment, made_by
from pointmass.families import Gaussian
from pointmass.models import Mixture

__all__ = ["Finding", "examine", "warm_up"]

_TWO_GROUPS = [162.1, 158.3, 171.0, 166.4, 163.2, 169.9, 178.8, 174.5, 181.2, 176.3, 172.7, 180.1]


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at.

    Parameters
    ----------
    name : str
        What it is.
    text : str
        How it is; what to do where it is not well.
    fine : bool
        Whether it is well.
    """

    name: str
    text: str
    fine: bool = True

    def __str__(self) -> str:
        return f"{'ok' if self.fine else 'NO':4}{self.name:10}{self.text}"


def examine() -> Iterator[Finding]:
    """Yield what can be seen at once.

    Examples
    --------
    >>> [finding.name for finding in examine()]
    ['versions', 'cores', 'memory', 'disk', 'compiler', 'cache']
    """
    for name, look in _LOOKS.items():
        text, fine = look()
        yield Finding(name, text, fine)


def warm_up() -> Finding:
    """Sample a small mixture, so that what it compiles is in the cache for the first run.

    Returns
    -------
    Finding
        How many seconds it took, or why it failed.
    """
    began = time.monotonic()
    try:
        with warnings.catch_warnings(action="ignore"):  # a chain as short as this is no reference, nor meant to be
            NUTS(Mixture(Gaussian(), 2), chains=1, draws=100, tune=100, rng=0).fit(_TWO_GROUPS)
    except Exception as error:
        return Finding("sampler", f"a small mixture could not be sampled; {type(error).__name__}: {error}", False)
    return Finding("sampler", f"a small mixture compiled and sampled in {time.monotonic() - began:.1f} s")


def _versions() -> tuple[str, bool]:
    versions = made_by()["versions"]
    needed = ("numpy", "scipy", "pymc", "nutpie", "arviz")
    missing = [name for name in needed if name not in versions]
    text = ", ".join(f"{name} {number}" for name, number in versions.items())
    return (f"{text}; missing: {', '.join(missing)}" if missing else text), not missing


def _cores() -> tuple[str, bool]:
    machine, usable = (
        environment(),
        len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
    )
    libraries = [name for name in machine["blas"] if not name.endswith("None")]
    text = f"{usable} of {machine['cores']} can be used, --workers {usable}"
    return ", ".join([text, platform.machine(), *libraries]), True


def _memory() -> tuple[str, bool]:
    try:
        total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    except (ValueError, OSError):
        return "unknown", True
    return f"{total:.1f} GB{'' if total >= 2 else '; NUTS needs about 1 GB for each worker'}", total >= 2


def _disk() -> tuple[str, bool]:
    free = shutil.disk_usage(Path.cwd()).free / 1e9
    writable = os.access(Path.cwd(), os.W_OK)
    return f"{free:.1f} GB free here{'' if writable else '; this folder cannot be written: use -o DIR'}", writable


def _compiler() -> tuple[str, bool]:
    found = shutil.which("g++") or shutil.which("clang++")
    return f"{Path(found).name} is there" if found else "none, and none is needed: models are compiled by numba", True


def _cache() -> tuple[str, bool]:
    folder = cache_folder()
    writable = os.access(next(path for path in (folder, *folder.parents) if path.exists()), os.W_OK)
    shown = str(folder).replace(str(Path.home()), "~")
    if not writable:
        return f"{shown} cannot be written: every run compiles anew; set PYTENSOR_FLAGS=base_compiledir=DIR", False
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 1e6
    return f"{shown}, {size:.0f} MB", True


_LOOKS: dict[str, Callable[[], tuple[str, bool]]] = {
    "versions": _versions,
    "cores": _cores,
    "memory": _memory,
    "disk": _disk,
    "compiler": _compiler,
    "cache": _cache,
}
