"""What made a result: versions, commit and machine, without a path, a user or a host."""

from __future__ import annotations

import hashlib
import os
import platform
import subprocess
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from pointmass.experiment.grid import ALGORITHM_VERSION

__all__ = ["environment", "made_by", "version_differences"]

_PACKAGES = ("pointmass", "numpy", "scipy", "scikit-learn", "pymc", "pytensor", "nutpie", "arviz", "xarray")
_PACKAGE_FOLDER = Path(__file__).parents[1]


@cache
def made_by() -> dict[str, Any]:
    """Return what computes results here: versions, the algorithms' version, hash of the source, the commit.

    The commit is None where the package is not run from a git checkout of its own; ``changed`` says whether
    that checkout differs from it.
    """
    commit = _git("rev-parse", "HEAD")
    return {
        "versions": {"python": platform.python_version(), **_versions()},
        "algorithm": ALGORITHM_VERSION,
        "source_sha256": _source_hash(),
        "commit": commit,
        "changed": bool(_git("status", "--porcelain", "--", str(_PACKAGE_FOLDER))) if commit else None,
    }


def environment() -> dict[str, Any]:
    """Return the machine, which may differ between equal results."""
    from threadpoolctl import threadpool_info

    blas = sorted({f"{info['internal_api']} {info.get('version')}" for info in threadpool_info()})
    return {
        "system": platform.system(),
        "machine": platform.machine(),
        "processor": _processor(),
        "cores": os.cpu_count(),
        "blas": blas,
        "threads_per_worker": 1,
    }


def version_differences(before: dict[str, Any], now: dict[str, Any]) -> list[str]:
    """Return in words how the makers of two results differ.

    Examples
    --------
    >>> version_differences({"versions": {"numpy": "2.4.0"}}, {"versions": {"numpy": "2.5.5"}})
    ['numpy 2.4.0, now 2.5.5']
    """
    old, new = before.get("versions", {}), now.get("versions", {})
    found = [f"{name} {old[name]}, now {new.get(name)}" for name in sorted(old) if old[name] != new.get(name)]
    if not found and before.get("source_sha256") != now.get("source_sha256"):
        found = ["the source of pointmass has changed"]
    return found


def _versions() -> dict[str, str]:
    found = {}
    for name in _PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def _source_hash() -> str:
    state = hashlib.sha256()
    for path in sorted(_PACKAGE_FOLDER.rglob("*.py")):
        state.update(path.relative_to(_PACKAGE_FOLDER).as_posix().encode() + b"\0" + path.read_bytes())
    return state.hexdigest()


def _git(*arguments: str) -> str | None:
    """Return git's answer in the package's own checkout; None where there is none."""
    try:
        for command in (("ls-files", "--error-unmatch", "errors.py"), arguments):
            answer = subprocess.run(
                ["git", "--no-optional-locks", "-C", str(_PACKAGE_FOLDER), *command],
                capture_output=True,
                text=True,
                timeout=10,
                check=True,
            )
    except (OSError, subprocess.SubprocessError):
        return None
    return answer.stdout.strip()


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "")
