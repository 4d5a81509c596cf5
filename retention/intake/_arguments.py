"""The arguments that the intakes share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from retention._zones import Zone, as_zone
from retention.errors import ConflictingArgumentError, InvalidTypeError, InvalidValueError, shown
from retention.intake._cells import Options

__all__ = ["constants_of", "named", "options_of"]

_MOST_DIGITS = 18


def named(given: Mapping[str, Any] | None, owner: str, argument: str) -> dict[str, Any]:
    """A mapping of the record's fields, as a copy."""
    if given is None:
        return {}
    if not isinstance(given, Mapping):
        msg = f"{owner}: {argument} must be a mapping of the record's fields, not {type(given).__name__}"
        raise InvalidTypeError(msg)
    return dict(given)


def constants_of(given: Mapping[str, Any] | None, currency: str | None, owner: str) -> dict[str, Any]:
    """The constants, with the currency that has a keyword of its own."""
    fixed = named(given, owner, "constants")
    if currency is not None:
        if "currency" in fixed:
            msg = f'{owner}: currency= and constants["currency"] say the same thing; give one of them'
            raise ConflictingArgumentError(msg)
        fixed["currency"] = currency
    return fixed


def options_of(tz: Zone | None, float_digits: int | None, owner: str) -> Options:
    """How cells are read."""
    zone = None if tz is None else as_zone(tz, owner=owner, field="tz")
    return Options(zone=zone, digits=_digits(float_digits, owner))


def _digits(digits: int | None, owner: str) -> int | None:
    if digits is None:
        return None
    if type(digits) is not int or not 0 <= digits <= _MOST_DIGITS:
        msg = f"{owner}: float_digits must be a whole number from 0 to {_MOST_DIGITS} (got {shown(digits)}); cents are 2"
        raise (InvalidValueError if type(digits) is int else InvalidTypeError)(msg)
    return digits
