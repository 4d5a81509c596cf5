"""What the figures of value and cost are told beside the orders: rates, times, money; and how long a period is."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from math import isfinite
from numbers import Integral

from retention._calendar import count_days, is_start_of_day, local_date, microseconds
from retention._numerics import decimal_context
from retention.errors import InvalidTypeError, InvalidValueError, is_bool, shown
from retention.periods import Period

__all__ = ["months_of", "non_negative", "positive", "rounded", "share"]

_MONTHS = {"month": 1, "quarter": 3, "year": 12}
_MONTHS_A_DAY = Fraction(12, 365)
_DAY = 86_400 * 10**6
_LIMIT = 10**9
_MOST_DECIMALS = 18
_DIGITS = decimal_context(28)
_WIDE = decimal_context(120)
_LAST = Decimal("1E-50")
"""No figure keeps more decimals: a result has at most 60."""


def months_of(period: Period) -> Fraction:
    """How many months a period has: months, quarters and years by the calendar, all else by its days, 365 / 12 a month."""
    months = _MONTHS.get(period.unit or "")
    if months is not None and period.whole is period:
        return Fraction(months * period.count)
    if is_start_of_day(period.start, period.tz) and is_start_of_day(period.end, period.tz):
        first, after = (local_date(each, period.tz) for each in (period.start, period.end))
        return count_days(first, after, period.tz) * _MONTHS_A_DAY
    return Fraction(microseconds(period.end) - microseconds(period.start), _DAY) * _MONTHS_A_DAY


def rounded(value: Fraction) -> Decimal:
    """To 28 significant digits, whatever the host's context."""
    found = _DIGITS.divide(Decimal(value.numerator), Decimal(value.denominator))
    exponent = found.as_tuple().exponent
    return found if isinstance(exponent, int) and exponent >= -50 else _WIDE.quantize(found, _LAST)


# -------------------------------------------------------------------------------------- what is given


def share(value: float | Decimal, name: str) -> Fraction:
    """A fraction above 0 and at most 1."""
    exact = _exact(value, name, "0.4 for 40 %")
    if not 0 < exact <= 1:
        msg = f"{name} must be above 0 and at most 1 (got {shown(value)}); give 0.4 for 40 %"
        raise InvalidValueError(msg)
    return exact


def positive(value: float | Decimal, name: str) -> Fraction:
    """A number above 0."""
    exact = _exact(value, name, "24")
    if not 0 < exact < _LIMIT:
        msg = f"{name} must be above 0 and below {_LIMIT:,} (got {shown(value)})"
        raise InvalidValueError(msg)
    return exact


def non_negative(value: float | Decimal, name: str, example: str = "0.01 for 1 %") -> Fraction:
    """A number from 0 up."""
    exact = _exact(value, name, example)
    if not 0 <= exact < _LIMIT:
        msg = f"{name} must be at least 0 and below {_LIMIT:,} (got {shown(value)}); give {example}"
        raise InvalidValueError(msg)
    return exact


def _exact(value: object, name: str, example: str) -> Fraction:
    """A number as it is written: 0.1 is a tenth, and not the float beside it."""
    if isinstance(value, Integral) and not is_bool(value):  # numpy's integers too
        return Fraction(int(value))
    if not isinstance(value, (float, Decimal)):
        msg = f"{name} must be a number, not {type(value).__name__} (got {shown(value)}); give {example}"
        raise InvalidTypeError(msg)
    is_finite = value.is_finite() if isinstance(value, Decimal) else isfinite(value)
    if not is_finite or (isinstance(value, Decimal) and abs(value.adjusted()) > _MOST_DECIMALS * 2):
        msg = f"{name} must be finite, and of a size that can be written out (got {shown(value)}); give {example}"
        raise InvalidValueError(msg)
    return Fraction(value) if isinstance(value, Decimal) else Fraction(str(value))
