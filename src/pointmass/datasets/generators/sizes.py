"""One size that several options may give, such as the number of columns."""

from __future__ import annotations

from collections.abc import Mapping

from pointmass.datasets.options import as_count
from pointmass.errors import PointmassError

__all__ = ["agreed_size"]


def agreed_size(name: str, value: object, implied: Mapping[str, int | None], default: int) -> int:
    """Return the size that the option and the arrays given agree on, else the default.

    Parameters
    ----------
    name : str
        The option that gives the size itself.
    value : int or None
        Its value.
    implied : mapping of str to int or None
        The size that each other option implies, None where it implies none.
    default : int
        The size where nobody gives one.

    Raises
    ------
    PointmassError
        If they disagree.

    Examples
    --------
    >>> agreed_size("dimension", None, {"mean": 3, "covariance": None}, default=1)
    3
    """
    sizes = {name: None if value is None else as_count(name, value)} | dict(implied)
    given = {option: size for option, size in sizes.items() if size is not None}
    if len(set(given.values())) > 1:
        listed = ", ".join(f"{option} gives {size}" for option, size in given.items())
        first = next(iter(given))
        raise PointmassError(f"the options disagree on {name}: {listed}; make them agree", path=(first,))
    return next(iter(given.values()), default)
