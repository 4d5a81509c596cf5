"""Rates, shares and amounts of money that a caller gives beside the data, of any class of number that is common."""

from __future__ import annotations

import math
from decimal import Decimal
from numbers import Integral

from retention.errors import InvalidTypeError, InvalidValueError, is_bool, shown

__all__ = ["non_negative", "number", "share"]


def number(value: object, name: str, fix: str) -> float:
    """A finite number, as a float: an int, numpy's too, a float or a Decimal."""
    if is_bool(value) or not isinstance(value, (Integral, float, Decimal)):
        msg = f"{name} must be a number, not {type(value).__name__} (got {shown(value)}); {fix}"
        raise InvalidTypeError(msg)
    try:
        found = float(value)
    except (OverflowError, ValueError):  # an int above all floats; a Decimal that signals
        found = math.inf
    if not math.isfinite(found):
        msg = f"{name} must be finite (got {shown(value)}); {fix}"
        raise InvalidValueError(msg)
    return found


def non_negative(value: object, name: str, fix: str) -> float:
    """A number from 0 up."""
    found = number(value, name, fix)
    if found < 0:
        msg = f"{name} must be 0 or more (got {shown(value)}); {fix}"
        raise InvalidValueError(msg)
    return found


def share(value: object, name: str, fix: str) -> float:
    """A number above 0 and up to 1."""
    found = number(value, name, fix)
    if not 0 < found <= 1:
        msg = f"{name} must be above 0 and at most 1 (got {shown(value)}); {fix}"
        raise InvalidValueError(msg)
    return found
