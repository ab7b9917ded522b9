"""The command ``pointmass``; heavy modules are imported inside its commands, so that help is instant."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer

from pointmass import PointmassError, __version__

__all__ = ["app", "main"]

_SYSTEM_FAILED, _BAD_INPUT, _INTERRUPTED, _PIPE_CLOSED = 1, 2, 130, 141

app = typer.Typer(
    name="pointmass",
    help="Fit one model by every method, on the same data and priors, and report what each does not know.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

ConfigPath = Annotated[Path, typer.Argument(metavar="CONFIG.yaml", help="The study.")]
Output = Annotated[Path | None, typer.Option("-o", "--output", metavar="DIR", help="Folder of the results.")]
Overrides = Annotated[
    list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="Replace a value: --set data.n=500.")
]
Workers = Annotated[int, typer.Option(min=1, metavar="N", help="How many processes fit at the same time.")]
Fresh = Annotated[bool, typer.Option("--fresh", help="Throw away what the folder has.")]

Dask = Annotated[
    str | None, typer.Option("--dask", metavar="ADDRESS", help="Fit on a dask cluster: tcp://host:8786, not --workers.")
]


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"pointmass {__version__}")
        raise typer.Exit


@app.callback()
def _common(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    pass


@app.command("run")
def run_command(
    config: ConfigPath,
    output: Output = None,
    overrides: Overrides = None,
    workers: Workers = 1,
    dask: Dask = None,
    fresh: Fresh = False,
) -> None:
    """Run a study, or go on with it; the results are in reports/<name>/ or DIR."""
    from pointmass.experiment.config import load_config

    _run(load_config(config, overrides or ()), output, workers, fresh, dask)


@app.command("compare")
def compare_command(
    data: Annotated[Path, typer.Argument(metavar="DATA.csv", help="A table, one row a line (CSV or Parquet).")],
    family: Annotated[
        str | None, typer.Option(metavar="NAME", help="The likelihood, needed: see pointmass list families.")
    ] = None,
    latent: Annotated[
        str | None, typer.Option(metavar="NAME", help="What is not observed: see pointmass list latents.")
    ] = None,
    components: Annotated[int | None, typer.Option(min=1, metavar="K", help="How many components or states.")] = None,
    columns: Annotated[str | None, typer.Option(metavar="A,B", help="The features; default: all.")] = None,
    target: Annotated[str | None, typer.Option(metavar="C", help="The column that a regression explains.")] = None,
    methods: Annotated[
        str | None, typer.Option(metavar="A,B", help="Estimators; default: em (mle without a latent), vb and nuts.")
    ] = None,
    output: Output = None,
    workers: Workers = 1,
    fresh: Fresh = False,
) -> None:
    """Fit a table by several methods and report; leaves the study's configuration beside the report.

    For example: pointmass compare people.csv --family gaussian --latent mixture --components 2
    """
    from pointmass.experiment.quick import quick_study

    study, folder = quick_study(data, family, latent, components, _split(columns), target, _split(methods), output)
    _run(study, folder, workers, fresh)


@app.command("demo")
def demo_command(
    output: Annotated[Path, typer.Option("-o", "--output", metavar="DIR", help="Folder of the results.")] = Path(
        "reports/demo"
    ),
    fresh: Fresh = False,
) -> None:
    """Show what this is: bundled data by EM and VB, a first report within seconds, then NUTS as the referee."""
    from pointmass.api import run_experiment
    from pointmass.experiment.demo import demo_studies

    first, whole = demo_studies(output)
    page = run_experiment(first, output, fresh=fresh).path / "report.html"
    typer.echo(f"First report: {page}\nNow the referee; the page will then say whether EM and VB were right.")
    sys.stdout.flush()
    _run(whole, output, workers=1, fresh=False)


@app.command("doctor")
def doctor_command(
    warm: Annotated[bool, typer.Option("--warm-up/--no-warm-up", help="Whether to compile and sample a model.")] = True,
) -> None:
    """Look at versions, cores, memory, compiler and cache, and warm the sampler up; status 1 if something is amiss."""
    from pointmass.experiment.doctor import examine, warm_up

    findings = []
    for finding in examine():
        findings.append(finding)
        typer.echo(str(finding))
    if warm:
        typer.echo("... sampling a small mixture; the first time on a machine it is compiled, 30 to 45 s", err=True)
        findings.append(warm_up())
        typer.echo(str(findings[-1]))
    raise typer.Exit(0 if all(finding.fine for finding in findings) else _SYSTEM_FAILED)


@app.command("init")
def init_command(
    study: Annotated[Path, typer.Argument(metavar="STUDY.yaml", help="The new file.")] = Path("study.yaml"),
) -> None:
    """Write a study with a comment on every key, to start from."""
    from pointmass.experiment.starting import write_first_study

    typer.echo(f"Written: {write_first_study(study)}; run it with: pointmass run {study}")


@app.command("report")
def report_command(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="The folder of a run.")],
) -> None:
    """Write the report of a run again, from its files alone."""
    from pointmass.report import write_report

    typer.echo(f"Report: {write_report(folder)}")


@app.command("validate")
def validate_command(config: ConfigPath, overrides: Overrides = None) -> None:
    """Check a study without running it; every problem is shown with its file, line and key."""
    from pointmass.experiment.config import load_config
    from pointmass.experiment.grid import cells_of

    checked = load_config(config, overrides or ())
    count = sum(1 for _ in cells_of(checked))
    for note in checked.notes:
        typer.echo(note, err=True)
    typer.echo(f"{config}: fine, {count} fit{'s' if count != 1 else ''}")


@app.command("schema")
def schema_command() -> None:
    """Print the JSON schema of a study, for editors."""
    from pointmass.experiment.schema import schema_text

    typer.echo(schema_text(), nl=False)


@app.command("list")
def list_command(
    kind: Annotated[str | None, typer.Argument(metavar="KIND", help="families, estimators, …")] = None,
) -> None:
    """Show what there is: families, priors, latents, estimators, data and the rest."""
    from pointmass.experiment.catalogue import catalogue_text

    typer.echo(catalogue_text(kind), nl=False)


def _run(config: Any, output: Path | None, workers: int, fresh: bool, dask: str | None = None) -> None:
    from pointmass.api import run_experiment

    finished = run_experiment(config, output, workers=workers, fresh=fresh, dask=dask)
    if finished.failed:
        typer.echo(f"{finished.failed} did not come about; the report says why, the same command tries again", err=True)
    typer.echo(f"Results: {finished.path / 'results.parquet'}")
    typer.echo(f"Report:  {finished.path / 'report.html'}")
    raise typer.Exit(finished.status)


def _split(text: str | None) -> list[str] | None:
    return None if text is None else [part.strip() for part in text.split(",") if part.strip()]


def main() -> NoReturn:
    """Run the command line; the exit status says how it ended.

    0 all fine, 1 some cells failed, 2 bad usage, configuration or data, 130 after Ctrl-C, 143 after a request
    to terminate, 141 when the reader of the output went away.
    """
    sys.exit(_guarded(partial(app, prog_name="pointmass")))


def _guarded(command: Callable[[], object]) -> int | str | None:
    try:
        command()
    except SystemExit as end:
        return _silenced() if isinstance(end.__context__, BrokenPipeError) else _flushed(end.code)
    except BrokenPipeError:
        return _silenced()
    except PointmassError as error:
        print(f"{error}", file=sys.stderr)
        return getattr(error, "exit_status", _BAD_INPUT)
    except KeyboardInterrupt:
        print("interrupted; the same command goes on from what is finished", file=sys.stderr)
        return _INTERRUPTED
    except OSError as error:
        print(f"{error.filename or 'standard output'}: {error.strerror}", file=sys.stderr)
        return _SYSTEM_FAILED
    return _flushed(0)


def _flushed(status: int | str | None) -> int | str | None:
    """Return the status, unless what was printed cannot be delivered."""
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        return _silenced()
    return status


def _silenced() -> int:
    """Keep the interpreter from complaining about the closed pipe when it ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    return _PIPE_CLOSED
