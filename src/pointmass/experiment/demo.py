"""The study of ``pointmass demo``: nothing to bring, something to look at within seconds."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

from pointmass.experiment.atomic import write_atomically
from pointmass.experiment.config import Config, load_config
from pointmass.experiment.store import Store

__all__ = ["demo_studies"]


def demo_studies(folder: Path) -> Iterator[Config]:
    """Yield the study without its referee, which takes seconds, then the whole one, for the same folder.

    The fits of the first are those of the second, so nothing is computed twice. The configuration is left in
    the folder as ``config.yaml``.

    Parameters
    ----------
    folder : Path
        Where the results will be.

    Raises
    ------
    PointmassError
        The folder cannot be used.

    Examples
    --------
    >>> import tempfile
    >>> [list(study.settings.estimators) for study in demo_studies(Path(tempfile.mkdtemp()) / "demo")]
    [['em', 'vb'], ['em', 'vb', 'nuts']]
    """
    Store(folder).prepare()
    path = folder / "config.yaml"
    write_atomically(path, files("pointmass.experiment").joinpath("templates/demo.yaml").read_bytes())
    whole = load_config(path)
    quick = {name: options for name, options in whole.tree["estimators"].items() if not options.get("reference")}
    yield load_config({**whole.tree, "estimators": quick}, folder=folder)
    yield whole
