"""Time zones by name, and what to say where a name is none."""

from __future__ import annotations

import re
import zoneinfo
from datetime import UTC, tzinfo
from typing import TypeAlias
from zoneinfo import ZoneInfo

from retention.errors import InvalidTypeError, InvalidValueError, did_you_mean, shown

__all__ = ["Zone", "as_zone", "zone_name"]

Zone: TypeAlias = str | tzinfo
"""A time zone: its IANA name, such as ``"Europe/Berlin"``, or a `tzinfo`."""


def as_zone(zone: Zone, *, owner: str = "time zone", field: str = "tz") -> tzinfo:
    """The `tzinfo` of a zone given by name or as a `tzinfo`.

    Zones of `pytz` are replaced by the standard library's zone of the same name, since theirs give wrong
    offsets when a wall time is attached to them directly.

    Raises:
        InvalidValueError: No zone has this name.
        InvalidTypeError: Neither a string nor a `tzinfo`.
    """
    if isinstance(zone, str):
        return _zone_named(zone, owner=owner, field=field)
    if not isinstance(zone, tzinfo):
        msg = (
            f"{owner}: {field} must be the name of a time zone or a tzinfo, got {shown(zone)}; "
            'pass for instance tz="Europe/Berlin"'
        )
        raise InvalidTypeError(msg)
    pytz_name = getattr(zone, "zone", None)
    if isinstance(pytz_name, str) and hasattr(zone, "localize"):
        return _zone_named(pytz_name, owner=owner, field=field)
    return zone


_ABBREVIATIONS = {
    **dict.fromkeys(("MEZ", "MESZ", "CEST"), "Europe/Berlin"),
    **dict.fromkeys(("EEST", "OEZ", "OESZ"), "Europe/Athens"),
    **dict.fromkeys(("WEST", "WEZ", "WESZ"), "Europe/Lisbon"),
    "BST": "Europe/London",
    "IST": "Asia/Kolkata",
    **dict.fromkeys(("EDT", "ET"), "America/New_York"),
    **dict.fromkeys(("CST", "CDT", "CT"), "America/Chicago"),
    **dict.fromkeys(("MDT", "MT"), "America/Denver"),
    **dict.fromkeys(("PST", "PDT", "PT"), "America/Los_Angeles"),
    **dict.fromkeys(("AEST", "AEDT"), "Australia/Sydney"),
    "JST": "Asia/Tokyo",
}
"""Well-known abbreviations of offsets that name no zone, and a place that each may be meant for."""

_OFFSET = re.compile(r"(UTC|GMT)?\s*[+-]\d{1,2}(:?\d{2})?", re.ASCII | re.IGNORECASE)
"""What looks like "GMT+1" or "+01:00"; "Etc/GMT+1", which comes close, lies west of Greenwich."""


def _zone_named(name: str, *, owner: str, field: str) -> tzinfo:
    if name == "UTC":
        return UTC  # known everywhere, with or without a database
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # unknown; malformed; the name of a folder, such as "Europe"
        if name.upper() in _ABBREVIATIONS or _OFFSET.fullmatch(name):
            place = _ABBREVIATIONS.get(name.upper(), "Europe/Berlin")
            msg = (
                f"{owner}: {field} must name a time zone of the IANA database, got {shown(name)}, which is an offset "
                f'from UTC at most and says nothing of summer; name a place, such as "{place}"'
            )
            raise InvalidValueError(msg) from None
        meant = did_you_mean(name, zoneinfo.available_timezones())
        msg = (
            f"{owner}: {field} must name a time zone of the IANA database, got {shown(name)}; {meant}"
            "Systems without that database, such as Windows, need the package tzdata: pip install tzdata"
        )
        raise InvalidValueError(msg) from None


def zone_name(zone: tzinfo) -> str:
    """The name under which a zone is known: two zones are taken as the same when their names agree."""
    return getattr(zone, "key", None) or str(zone)
