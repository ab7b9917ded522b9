"""The one exception of the package, and its one warning."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

__all__ = ["PointmassError", "PointmassWarning", "joined", "listed", "raise_all"]


class PointmassError(ValueError):
    """Something the user gave cannot be used; the message says what, where and what to do.

    Parameters
    ----------
    message : str
        One sentence: what was wrong, where (file, key, row), what to do.
    path : tuple of str or int, optional
        Keys that lead to the offending value in a configuration tree.

    Examples
    --------
    >>> from pointmass import PointmassError
    >>> try:
    ...     raise PointmassError("n_components must be at least 1, got 0", path=("mixture", "n_components"))
    ... except ValueError as error:
    ...     print(error, error.path)
    n_components must be at least 1, got 0 ('mixture', 'n_components')
    """

    def __init__(self, message: str, path: tuple[str | int, ...] = ()) -> None:
        super().__init__(message)
        self.path = path

    @property
    def each(self) -> tuple[PointmassError, ...]:
        """The errors that this one is made of: itself, or several."""
        return (self,)

    def under(self, *keys: str | int) -> PointmassError:
        """Return the same error, its path prefixed with ``keys``."""
        return PointmassError(str(self), (*keys, *self.path))


class _Several(PointmassError):
    """Several errors in one, a line each."""

    def __init__(self, errors: Sequence[PointmassError]) -> None:
        super().__init__("\n".join(map(str, errors)), errors[0].path)
        self._errors = tuple(errors)

    @property
    def each(self) -> tuple[PointmassError, ...]:
        return self._errors

    def under(self, *keys: str | int) -> PointmassError:
        return _Several([error.under(*keys) for error in self._errors])


def raise_all(errors: Sequence[PointmassError]) -> None:
    """Raise the error, or all of them in one whose ``each`` has them; do nothing where there is none.

    Examples
    --------
    >>> raise_all([])
    >>> try:
    ...     raise_all([PointmassError("too small", path=("n",)), PointmassError("unknown", path=("family",))])
    ... except PointmassError as error:
    ...     print([one.under("model").path for one in error.each])
    [('model', 'n'), ('model', 'family')]
    """
    if errors:
        raise errors[0] if len(errors) == 1 else _Several(errors)


class PointmassWarning(UserWarning):
    """A fit is right by a documented rule, but its user should know something about it."""


def listed(noun: str, numbers: Iterable[int]) -> str:
    """Return a noun with the numbers it goes with, in the plural where there are several.

    Examples
    --------
    >>> listed("column", [2]), listed("component", [0, 1, 4])
    ('column 2', 'components 0, 1 and 4')
    """
    names = [str(number) for number in numbers]
    return f"{noun}{'' if len(names) == 1 else 's'} {joined(names)}"


def joined(names: Sequence[str]) -> str:
    """Return names as a list in a sentence.

    Examples
    --------
    >>> joined(["EM", "VB", "NUTS"]), joined(["EM"])
    ('EM, VB and NUTS', 'EM')
    """
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}" if names else ""
