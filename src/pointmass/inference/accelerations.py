"""Accelerations by name."""

from __future__ import annotations

from collections.abc import Callable

from pointmass.inference.acceleration import Accelerator, Anderson, Plain, Squarem
from pointmass.inference.expansion import Expansion
from pointmass.inference.newton import Newton
from pointmass.inference.sweep import Sweep
from pointmass.models import Beliefs

__all__ = ["ACCELERATIONS"]

ACCELERATIONS: dict[str, Callable[[Sweep, Beliefs], Accelerator]] = {
    "none": lambda sweep, start: Plain(),
    "anderson": lambda sweep, start: Anderson(),
    "squarem": lambda sweep, start: Squarem(),
    "newton": Newton,
    "expansion": lambda sweep, start: Expansion(),
}
