"""A study from a table and a few words, with its configuration written beside its results."""

from __future__ import annotations

import io
import os
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from pointmass.errors import PointmassError
from pointmass.estimators import ESTIMATORS
from pointmass.experiment.atomic import write_atomically
from pointmass.experiment.config import Config, load_config
from pointmass.experiment.document import Document
from pointmass.experiment.problems import Key, Place, hint
from pointmass.experiment.store import Store
from pointmass.families import FAMILIES
from pointmass.models import LATENTS

__all__ = ["quick_study"]

_REFERENCES = ("enumeration", "nuts", "gibbs")


def quick_study(
    table: Path,
    family: str | None,
    latent: str | None = None,
    components: int | None = None,
    columns: Sequence[str] | None = None,
    target: str | None = None,
    methods: Sequence[str] | None = None,
    output: Path | None = None,
) -> tuple[Config, Path]:
    """Return the study that compares several methods on a table, and the folder of its results.

    The configuration is left in the folder as ``config.yaml``, so that it can be changed and run.

    Parameters
    ----------
    table : Path
        A CSV or Parquet file.
    family : str
        The likelihood; None is refused with the names that there are.
    latent : str, optional
        What is not observed, such as ``mixture``; needs ``components``.
    components : int, optional
        How many components.
    columns : sequence of str, optional
        The features; default: all columns.
    target : str, optional
        The column that a regression explains.
    methods : sequence of str, optional
        Names of estimators; default: maximum likelihood (EM where something is not observed), VB and NUTS.
    output : Path, optional
        The folder; default ``reports/<stem of the table>``.

    Raises
    ------
    PointmassError
        Something cannot be used.
    """
    study = {
        "name": _name(table),
        "data": _data(table.as_posix(), columns, target),
        "model": _model(_known_family(family), latent, components),
        "estimators": _estimators(methods, latent),
    }
    load_config(Document(study, "", _options(family, columns, target, methods)))
    folder = output or Path("reports") / table.stem
    Store(folder).prepare()
    study["data"] = _data(Path(os.path.relpath(table, folder)).as_posix(), columns, target)
    write_atomically(folder / "config.yaml", _as_yaml(study))
    return load_config(study, folder=folder), folder


def _options(
    family: str | None, columns: Sequence[str] | None, target: str | None, methods: Sequence[str] | None
) -> dict[Key, Place]:
    """Return where each part of the study was said: by an option of the command line, or by the table itself."""
    said = {
        ("model",): f"--family {family}",
        ("data",): "",  # the message names the file
        ("data", "columns"): f"--columns {','.join(columns or ())}",
        ("data", "target"): f"--target {target}" if target else "--target",
        ("estimators",): f"--methods {','.join(methods or ())}",
    }
    return {key: Place(text, names_key=True) for key, text in said.items()}


def _known_family(family: str | None) -> str:
    if family is None:
        names = ", ".join(sorted(FAMILIES))
        raise PointmassError(
            f"say with --family how the data are distributed: {names}; pointmass list families tells what each is"
        )
    if family not in FAMILIES:
        raise PointmassError(f"--family {family}: there is no such family; {hint(family, FAMILIES)}")
    return family


def _name(table: Path) -> str:
    plain = unicodedata.normalize("NFKD", table.stem.replace("ß", "ss")).encode("ascii", "ignore").decode()
    name = re.sub(r"[^A-Za-z0-9_-]+", "_", plain).strip("_")[:64]
    return name if name[:1].isalpha() else f"data_{name}"[:64].rstrip("_")


def _data(table: str, columns: Sequence[str] | None, target: str | None) -> dict[str, Any]:
    kind = "parquet" if table.lower().endswith((".parquet", ".pq")) else "csv"
    chosen = {"columns": list(columns)} if columns else {}
    return {kind: table} | chosen | ({"target": target} if target else {})


def _model(family: str, latent: str | None, components: int | None) -> Any:
    if latent is None:
        if components is not None:
            raise PointmassError(f"--components needs --latent: one of {', '.join(LATENTS)}")
        return family
    if latent not in LATENTS:
        raise PointmassError(f"there is no latent {latent!r}; {hint(latent, LATENTS)}")
    if components is None:
        raise PointmassError(f"--latent {latent} needs --components: how many")
    count = next(field.name for field in fields(LATENTS[latent]) if field.name.startswith("n_"))  # type: ignore[arg-type]
    return {latent: {"family": family, count: components}}


def _estimators(methods: Sequence[str] | None, latent: str | None) -> dict[str, Any]:
    default = ("mle" if latent is None else "em", "vb", "nuts")
    names = methods or [name for name in default if name in ESTIMATORS]
    reference = next((name for name in _REFERENCES if name in names), None)
    return {name: {"reference": True} if name == reference else {} for name in names}


def _as_yaml(study: dict[str, Any]) -> bytes:
    content = io.BytesIO()
    content.write(b"# Written by pointmass compare; change it and run it: pointmass run config.yaml -o .\n")
    writer = YAML(typ="safe", pure=True)
    writer.default_flow_style = False
    writer.sort_base_mapping_type_on_output = False  # type: ignore[assignment]
    writer.dump(study, content)
    return content.getvalue()
