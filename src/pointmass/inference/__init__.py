"""The sweep, the one loop that repeats it, and what starts and accelerates it."""

from __future__ import annotations

__all__: list[str] = []
