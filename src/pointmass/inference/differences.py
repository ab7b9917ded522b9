"""Numerical derivatives of smooth functions of few numbers, to eleven digits."""

from __future__ import annotations

__all__ = ["STENCIL", "STEP"]

STEP = 2e-3
"""Relative step of a difference of fourth order: its error is about (step)⁴, its rounding about ε / step."""

STENCIL = ((1.0, 8.0 / 12.0), (-1.0, -8.0 / 12.0), (2.0, -1.0 / 12.0), (-2.0, 1.0 / 12.0))
"""Multiples of the step, and the weight of the function there; the sum over them is the derivative times the step."""
