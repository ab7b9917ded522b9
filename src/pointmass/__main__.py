"""``python -m pointmass`` is the command ``pointmass``."""

from __future__ import annotations

from pointmass.cli import main

__all__: list[str] = []

if __name__ == "__main__":
    main()
