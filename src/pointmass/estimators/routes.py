"""How an estimator goes through rows and components: its schedule and its assignments, as far as they go together."""

from __future__ import annotations

from typing import Any

from pointmass.errors import PointmassError
from pointmass.inference.schedules import Batch, Schedule, Sparse, schedule_of
from pointmass.latents import ASSIGNMENTS
from pointmass.latents.assignments import Assignment, soft
from pointmass.models import Model, Rows

__all__ = ["STANDINGS", "check_model", "check_route", "route_of"]

STANDINGS: dict[str, Assignment] = {**ASSIGNMENTS, "sparse": soft}
"""What stands for components at a fixed point: sparse assignments are soft ones, not all of them renewed each time."""

_ROUTES: dict[str, Schedule] = {"sparse": Sparse()}


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
    if isinstance(route_of(assignments, schedule), Batch):
        return
    if model.latent_blocks:
        raise PointmassError(
            f"{', '.join(model.latent_blocks)} is shared by all rows, so no block of them has statistics of its own; "
            "use schedule='batch'",
            path=("schedule",),
        )
    if model.is_sequential and assignments in _ROUTES:
        raise PointmassError(
            f"{assignments} assignments freeze single rows, and the rows of a sequence depend on one another; use soft",
            path=("assignments",),
        )
    if not rows.has_all_cells and assignments in _ROUTES:
        raise PointmassError(
            f"{assignments} assignments freeze shares of components, and what missing cells may be would move with the "
            "parameters; use soft",
            path=("assignments",),
        )
