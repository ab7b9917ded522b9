"""The shape of a configuration file: which keys there are, of which type and in which range.

Names of models, estimators, generators and their options are checked against the registries elsewhere
(:mod:`pointmass.experiment.checks`); here stands what is true of every study.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Discriminator, Field, Tag

__all__ = ["DATA_SETTINGS", "NAME_PATTERN", "EstimatorSettings", "SelectSettings", "Settings"]

NAME_PATTERN = r"^[A-Za-z][A-Za-z0-9_-]{0,63}$"

Name = Annotated[str, Field(pattern=NAME_PATTERN)]
ColumnName = Annotated[str, Field(min_length=1)]
Choice = Annotated[
    Annotated[Literal["default", "none"], Tag("word")] | Annotated[tuple[str, ...], Tag("list")],
    Discriminator(lambda tree: "list" if isinstance(tree, list | tuple) else "word"),
]
NameOrMapping = Annotated[
    Annotated[str, Tag("name")] | Annotated[dict[str, Any], Tag("mapping")],
    Discriminator(lambda tree: "name" if isinstance(tree, str) else "mapping"),
]


class _Strict(BaseModel):
    model_config = ConfigDict(strict=True, frozen=True, extra="forbid", allow_inf_nan=False)


class _TableSettings(_Strict):
    """Which columns of a table are features, and which say something else about a row."""

    columns: tuple[ColumnName, ...] | None = Field(None, min_length=1, description="the features; default: all numbers")
    target: ColumnName | None = Field(None, description="the column that a regression explains")
    labels: ColumnName | None = Field(None, description="known components, -1 or empty for unknown")
    weights: ColumnName | None = Field(None, description="the weight of each row")
    sequence: ColumnName | None = Field(None, description="rows of one sequence share a value")


class GeneratorSettings(BaseModel):
    """Generated data: the generator's options stand beside its name."""

    model_config = ConfigDict(strict=True, frozen=True, extra="allow", allow_inf_nan=False)

    generator: str


class CsvSettings(_TableSettings):
    """Data from a CSV file; the path is relative to the configuration."""

    csv: str = Field(min_length=1)


class ParquetSettings(_TableSettings):
    """Data from a Parquet file; the path is relative to the configuration."""

    parquet: str = Field(min_length=1)


class BundledSettings(_TableSettings):
    """Data that come with pointmass or scikit-learn."""

    dataset: str


DATA_SETTINGS: dict[str, type[BaseModel]] = {
    "generator": GeneratorSettings,
    "csv": CsvSettings,
    "parquet": ParquetSettings,
    "dataset": BundledSettings,
}


def _data_source(tree: Any) -> str | None:
    named = [source for source in DATA_SETTINGS if source in tree] if isinstance(tree, dict) else []
    return named[0] if len(named) == 1 else None


Data = Annotated[
    Annotated[GeneratorSettings, Tag("generator")]
    | Annotated[CsvSettings, Tag("csv")]
    | Annotated[ParquetSettings, Tag("parquet")]
    | Annotated[BundledSettings, Tag("dataset")],
    Discriminator(
        _data_source,
        custom_error_type="data_source",
        custom_error_message=f"give exactly one of {', '.join(DATA_SETTINGS)}",
    ),
]


class EstimatorSettings(BaseModel):
    """One estimator; its options stand beside ``type`` and ``reference``."""

    model_config = ConfigDict(strict=True, frozen=True, extra="allow", allow_inf_nan=False)

    type: str | None = Field(None, description="the registered name; default: the key")
    reference: bool = Field(False, description="the other methods are compared with this one")


Estimator = Annotated[EstimatorSettings, BeforeValidator(lambda tree: {} if tree is None else tree)]


class SelectSettings(_Strict):
    """How many components: the model with each number, fitted by EM and VB and judged by criteria."""

    n_components: tuple[Annotated[int, Field(ge=1)], ...] = Field(
        min_length=1, description="the numbers to choose from"
    )
    criteria: tuple[str, ...] | None = Field(None, min_length=1, description="default: all of them")
    n_init: int = Field(10, ge=1, description="random starts of each fit")


class Settings(_Strict):
    """A study: data, a model, the estimators to fit it with, and what to vary.

    Examples
    --------
    >>> data = {"generator": "heights"}
    >>> settings = Settings(name="tiny", data=data, model="gaussian", estimators={"em": {}})
    >>> settings.seed, settings.repetitions
    (0, 1)
    """

    name: Name = Field(description="names the folder of the results, reports/<name>/")
    seed: int = Field(0, ge=0, lt=2**63, description="everything random follows from it")
    repetitions: int = Field(1, ge=1, description="how often to generate the data anew and fit them")
    first_repetition: int = Field(
        0, ge=0, description="number of the first one: a long study can be divided among several runs"
    )
    data: Data
    model: NameOrMapping = Field(description="a name, or a name with options: {mixture: {…}}")
    estimators: dict[Name, Estimator] = Field({}, description="may be left out where select is given")
    select: SelectSettings | None = Field(None, description="choose the number of components")
    uncertainty: Choice = Field("default", description="methods; each applies to the estimators that have it")
    metrics: Choice = "default"
    figures: Choice = "default"
    grid: dict[str, Annotated[list[Any], Field(min_length=1)]] = Field({}, description="dotted keys with values to try")
    time_limit: float | None = Field(None, gt=0, description="seconds that one fit may take")
    max_cells: int = Field(10_000, ge=1, description="refuse to start more fits than this")
