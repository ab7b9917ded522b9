"""Numbers and lists in words, the same way in the verdict, the captions and the report."""

from __future__ import annotations

import math

from pointmass.errors import joined as listed

__all__ = ["counted", "duration", "listed", "number", "percent", "ratio"]


_NOTHING = 1e-250  # no data are so small: a probability that stands for zero


def number(value: float, digits: int = 3) -> str:
    """Return a number with so many significant digits; integers and large numbers keep all before the point.

    Examples
    --------
    >>> number(0.0123456), number(1234.56), number(-0.5), number(float("nan")), number(2.5e-07)
    ('0.0123', '1,235', '−0.500', 'not available', '2.50e−7')
    >>> number(0.0999, 2), number(1e-300)
    ('0.10', '0')
    """
    if not math.isfinite(value):
        return "not available" if math.isnan(value) else ("−∞" if value < 0 else "∞")
    return _finite(value, digits).replace("-", "−")


def _finite(value: float, digits: int) -> str:
    if abs(value) < _NOTHING:
        return "0"
    exponent = math.floor(math.log10(float(f"{abs(value):.{digits - 1}e}")))
    if exponent >= 9 or exponent < -5:
        mantissa, power = f"{value:.{digits - 1}e}".split("e")
        return f"{mantissa}e{int(power)}"
    decimals = max(digits - 1 - exponent, 0)
    text = f"{value:,.{decimals}f}"
    return "0" if float(text.replace(",", "")) == 0 else text


def ratio(value: float, limit: float = math.nan) -> str:
    """Return a ratio to two decimals, a small one to two digits, and to as many more as tell it from a limit.

    Examples
    --------
    >>> ratio(1.0449), ratio(0.246), ratio(0.0123), ratio(4.5)
    ('1.04', '0.25', '0.012', '4.50')
    >>> ratio(0.798), ratio(0.798, limit=0.8)
    ('0.80', '0.798')
    """
    decimals = next((places for places in range(2, 9) if round(value, places) != limit), 2)
    if decimals > 2:
        return f"{value:.{decimals}f}"
    return f"{value:.2f}" if 0.0995 <= value < 100 else number(value, 2)


def percent(share: float) -> str:
    """Return a share as a percentage.

    Examples
    --------
    >>> percent(0.0534), percent(0.5), percent(0.0)
    ('5.3 %', '50 %', '0 %')
    """
    if not math.isfinite(share):
        return "not available"
    value = 100.0 * share
    return f"{value:.1f} %" if 0 < abs(value) < 10 else f"{value:.0f} %"


def duration(seconds: float) -> str:
    """Return a time in the unit that suits it.

    Examples
    --------
    >>> duration(0.0123), duration(3.14), duration(200.0)
    ('12 ms', '3.1 s', '3 min 20 s')
    """
    if not math.isfinite(seconds):
        return "not available"
    if seconds < 1:
        return f"{1000 * seconds:.0f} ms" if seconds >= 0.001 else "under 1 ms"
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"


def counted(count: int, singular: str, plural: str = "") -> str:
    """Return a count with its noun.

    Examples
    --------
    >>> counted(1, "fit"), counted(0, "fit"), counted(2000, "entry", "entries")
    ('1 fit', '0 fits', '2,000 entries')
    """
    return f"{count:,} {singular if count == 1 else plural or singular + 's'}"
