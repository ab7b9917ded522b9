"""How an estimator goes through rows and components: its schedule and its assignments, as far as they go together."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields
from typing import Any

from pointmass.errors import PointmassError
from pointmass.estimators.options import check_count, check_exponent
from pointmass.inference.schedules import SCHEDULES, Batch, Schedule, Sparse
from pointmass.latents import ASSIGNMENTS
from pointmass.latents.assignments import Assignment, hard, soft
from pointmass.models import Model, Rows

__all__ = ["STANDINGS", "check_model", "check_route", "route_of", "schedule_of"]

STANDINGS: dict[str, Assignment] = {**ASSIGNMENTS, "sparse": soft}
"""What stands for components at a fixed point: sparse assignments are soft ones, not all of them renewed each time."""

_ROUTES: dict[str, Schedule] = {"sparse": Sparse()}

_CHECKS: dict[str, Callable[[str, Any], None]] = {
    "blocks": check_count,
    "passes": check_count,
    "forgetting": check_exponent,
}


def route_of(assignments: str, schedule: Any) -> Schedule:
    """Return what leads an ascent."""
    return _ROUTES.get(assignments) or schedule_of(schedule)


def check_route(assignments: str, schedule: Any) -> None:
    """Raise `PointmassError` where a schedule and assignments do not go together."""
    if not isinstance(schedule_of(schedule), Batch) and assignments != "soft":
        raise PointmassError(
            f"schedule {schedule!r} moves a free energy that {assignments} assignments do not have; use soft ones",
            path=("schedule",),
        )


def check_model(model: Model, rows: Rows, assignments: str, schedule: Any) -> None:
    """Raise `PointmassError` where a route needs rows that can be taken apart and the model's cannot."""
    if model.latent_blocks and STANDINGS[assignments] is hard:
        raise PointmassError(
            f"the joint density of {', '.join(model.latent_blocks)} and their precision has no maximum: it grows for "
            "ever as they shrink to a point; use soft assignments",
            path=("assignments",),
        )
    if isinstance(route_of(assignments, schedule), Batch):
        return
    if model.latent_blocks:
        raise PointmassError(
            f"{', '.join(model.latent_blocks)} is shared by all rows, so no block of them has statistics of its own; "
            "use schedule='batch'",
            path=("schedule",),
        )
    if model.needs_all_rows:
        raise PointmassError(
            f"an update of {type(model).__name__} looks at the features of every row, so no block of them, and no "
            "share of their components, can be renewed alone; use schedule='batch' and soft assignments",
            path=("schedule",),
        )
    if model.is_sequential and assignments in _ROUTES:
        raise PointmassError(
            f"{assignments} assignments freeze single rows, and the rows of a sequence depend on one another; use soft",
            path=("assignments",),
        )
    if model.hides_values(rows) and assignments in _ROUTES:
        raise PointmassError(
            f"{assignments} assignments freeze shares of components, and what hidden values may be would move with the "
            "parameters; use soft",
            path=("assignments",),
        )


def schedule_of(option: Any) -> Schedule:
    """Return the schedule that an option names: a name, or one key (the name) with its options.

    Raises
    ------
    PointmassError
        If there is no such schedule or option, or a value is out of range.

    Examples
    --------
    >>> from pointmass.estimators.routes import schedule_of
    >>> schedule_of({"incremental": {"blocks": 50}})
    Incremental(blocks=50)
    """
    name, options = _name_and_options(option)
    known = [field.name for field in fields(SCHEDULES[name])]
    for key, value in options.items():
        if key not in known:
            raise PointmassError(
                f"schedule {name} has no option {key!r}; it has {', '.join(known) or 'none'}", path=("schedule", name)
            )
        try:
            _CHECKS[key](key, value)
        except PointmassError as error:
            raise error.under("schedule", name) from error
    schedule: Schedule = SCHEDULES[name](**options)
    return schedule


def _name_and_options(option: Any) -> tuple[str, dict[str, Any]]:
    name, options = next(iter(option.items())) if isinstance(option, Mapping) and len(option) == 1 else (option, None)
    if isinstance(name, str) and name in SCHEDULES and isinstance(options, Mapping | None):
        return name, dict(options or {})
    raise PointmassError(
        f"schedule must be one of {', '.join(SCHEDULES)}, or one of them with its options, such as "
        f"{{'incremental': {{'blocks': 50}}}}; got {option!r}",
        path=("schedule",),
    )
