"""A planned test in one sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from retention._power import PlannedTest

__all__ = ["planned_sentence"]


def planned_sentence(found: PlannedTest) -> str:
    """What was asked for, with what it rests on."""
    groups = f"{found.in_test:,} in the test and {found.held_out:,} in the hold-out"
    likely = f"with a probability of {_percent(found.wanted or found.power)} at {found.confidence * 100:.12g} % confidence"
    if found.asked == "customers":
        return f"A test needs {found.customers:,} customers, {groups}, to show {_change(found)} {likely}."
    if found.asked == "power":
        return f"With {found.customers:,} customers, {groups}, {_change(found)} is seen {likely}."
    side = "rise" if found.uplift > 0 else "fall"
    start = _amount(found, found.baseline)
    return f"{found.customers:,} customers, {groups}, show a {side} from {start} by {_size(found)} or more {likely}."


def _percent(power: float) -> str:
    if power > _NEARLY_SURE:
        return "over 99.9 %"
    return f"{power:.0%}".replace("%", " %") if power >= _HARDLY else "below 1 %"


def _change(found: PlannedTest) -> str:
    side, sign = ("rise", "+") if found.uplift > 0 else ("fall", "−")
    span = f"{_amount(found, found.baseline)} to {_amount(found, found.expected)}"
    return f"a {side} from {span} ({sign}{_size(found)})"


def _size(found: PlannedTest) -> str:
    size = abs(found.uplift)
    if found.is_share:
        return f"{size * 100:{_digits(size * 100, 1)}} points"
    return f"{size:{_digits(size, 2)}}{f' {found.unit}' if found.unit else ''}"


def _amount(found: PlannedTest, value: float) -> str:
    """The figure, with as many digits as it takes to see the uplift."""
    if found.is_share:
        return f"{value * 100:{_digits(found.uplift * 100, 1)}}%"
    return f"{value:{_digits(found.uplift, 2)}}{f' {found.unit}' if found.unit else ''}".replace("-", "−")


def _digits(size: float, least: int) -> str:
    """Decimals enough that a small number is not written as 0."""
    decimals = least
    while decimals < _MOST and abs(size) < 10.0**-decimals:
        decimals += 1
    return f",.{decimals}f"


_MOST = 12
_NEARLY_SURE = 0.999
_HARDLY = 0.01
