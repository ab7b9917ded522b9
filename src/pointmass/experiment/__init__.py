"""Running a study: its configuration, its cells, their workers and the folder that keeps the results."""
