"""What is known of a cell once it has run: the small JSON file that commits it."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any, Self

from pointmass.errors import PointmassError

__all__ = ["FORMAT", "STATUSES", "CellRecord", "OtherFormat"]

FORMAT = 2
"""The layout of a cell's two files; a change that an older reader would misread raises it."""

STATUSES = ("done", "failed", "timeout", "killed")


class OtherFormat(PointmassError):
    """A cell was written in another layout than this pointmass reads."""


@dataclass(frozen=True)
class CellRecord:
    """What became of a cell.

    Parameters
    ----------
    key : str
        The cell's key.
    status : str
        ``done``, ``failed``, ``timeout`` or ``killed``.
    cell : dict
        What the cell is: data, model, estimator, method, uncertainty, repetition, seed.
    entropy : dict
        ``data`` and ``fit``: what their randomness came from.
    reason, traceback : str
        Why it is not done.
    sha256 : str
        Hash of the stored fit; empty if there is none.
    made_by : dict
        Versions of what computed it.
    environment : dict
        Seconds, the moment of its end, the threads of its worker: what may differ between equal runs.
    format : int
        The layout of the cell's files.

    Examples
    --------
    >>> record = CellRecord("00", "timeout", {"estimator": "nuts"}, reason="took longer than 60 s")
    >>> CellRecord.from_json(record.to_json()) == record
    True
    """

    key: str
    status: str
    cell: dict[str, Any]
    entropy: dict[str, list[int]] = field(default_factory=dict)
    reason: str = ""
    traceback: str = ""
    sha256: str = ""
    made_by: dict[str, Any] = field(default_factory=dict)
    environment: dict[str, Any] = field(default_factory=dict)
    format: int = FORMAT

    def __post_init__(self) -> None:
        if self.status not in STATUSES:
            raise ValueError(f"status must be one of {', '.join(STATUSES)}, got {self.status!r}")

    def with_fit(self, sha256: str) -> Self:
        """Return the record with the hash of its stored fit."""
        return replace(self, sha256=sha256)

    def to_json(self) -> bytes:
        """Return the record as it is stored."""
        return json.dumps(asdict(self), indent=1, sort_keys=True, allow_nan=False).encode()

    @classmethod
    def from_json(cls, content: bytes) -> Self:
        """Return a stored record.

        Raises
        ------
        OtherFormat
            It is a record of another layout.
        ValueError, TypeError, KeyError
            The content is not a record.
        """
        tree = json.loads(content)
        if {"key", "status", "cell"} <= set(tree) and tree.get("format") != FORMAT:
            raise OtherFormat(f"has the format {tree.get('format', 0)!r}, and this pointmass reads {FORMAT}")
        return cls(**{entry.name: tree[entry.name] for entry in fields(cls)})
