"""The study that a newcomer starts from."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

from pointmass.errors import PointmassError

__all__ = ["write_first_study"]


def write_first_study(path: Path) -> Path:
    """Write a study with a comment on every key, ready to be run, and return where it is.

    Parameters
    ----------
    path : Path
        The new file; its folder must exist.

    Raises
    ------
    PointmassError
        The file is there already (it is left as it is), or cannot be written.
    """
    content = files("pointmass.experiment").joinpath("templates/study.yaml").read_bytes()
    try:
        with path.open("xb") as file:
            file.write(content)
    except FileExistsError as error:
        raise PointmassError(f"{path}: is there already; give another name: pointmass init NAME.yaml") from error
    except OSError as error:
        raise PointmassError(f"{path}: cannot be written ({error.strerror})") from error
    return path
