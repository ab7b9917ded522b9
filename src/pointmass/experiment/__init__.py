"""Running a study: its configuration, its cells, their workers and the folder that keeps the results.

Nothing is imported here, so that a worker process starts with what it needs and no more. The way in is
:func:`pointmass.run_experiment`, or :func:`pointmass.experiment.runner.run` without a report; a finished run is
read by :func:`pointmass.experiment.reading.open_run`.
"""

from __future__ import annotations

__all__: list[str] = []
