"""What a comparison comes to, in plain sentences that follow its interval."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import TYPE_CHECKING

from attrs import evolve, frozen

from retention.display._names import name_as_text, printable
from retention.results import Distribution, Interval, Mean, Ratio, Score, as_text, decimal_as_text

if TYPE_CHECKING:
    from retention.comparison import Comparison, Side

__all__ = ["comparison_sentence", "difference_as_text"]

_LABEL = 60
"""So many columns what is compared may be called."""


def comparison_sentence(found: Comparison) -> str:
    """What happened, and whether it is more than chance."""
    mind = "".join(f" Mind: {each}." for each in _to_be_minded(found))
    if found.undefined_because is not None:
        return f"{found.title} can't be compared: {printable(found.undefined_because)}.{mind}"
    return f"{_what_happened(found)} {_what_it_means(found)}{mind}"


def _to_be_minded(found: Comparison) -> Iterator[str]:
    if found.caution and found.verdict in {"real", "borderline"}:
        yield found.caution
    if found.note:
        yield found.note


def difference_as_text(found: Comparison) -> str:
    """The difference with its sign, for a table whose values show the currency: "−3.0 pts"; nothing when undefined."""
    difference = found.difference
    if difference is None:
        return ""
    manner = _Manner.of(found)
    unit = {" points": " pts", " days": " days"}.get(manner.unit, "")
    return evolve(manner, unit=unit).amount(difference, sign="+")


def _what_happened(found: Comparison) -> str:
    a, b = (_side(side, found.unit) for side in (found.a, found.b))
    label_a, label_b = (name_as_text(label, _LABEL) for label in found.labels)
    difference = found.difference or 0
    if _is_level(found):
        if found.is_change:
            return f"{found.title} stayed at {a} ({label_b} and {label_a})."
        return f"{found.title} is the same in {label_a} and in {label_b}: {a}."
    if found.is_change:
        verb = "rose" if difference > 0 else "fell"
        return f"{found.title} {verb} from {b} ({label_b}) to {a} ({label_a}), by {_size(found)}."
    side = "higher" if difference > 0 else "lower"
    return f"{found.title} is {_size(found)} {side} in {label_a} ({a}) than in {label_b} ({b})."


def _is_level(found: Comparison) -> bool:
    """Whether the difference is 0 as it is written."""
    manner = _Manner.of(found)
    return manner.amount(_distance(found)) == manner.amount(0)


def _distance(found: Comparison) -> float | Decimal:
    difference = found.difference
    if isinstance(difference, Decimal):
        return difference.copy_abs()
    return 0 if difference is None else abs(difference)


def _size(found: Comparison) -> str:
    size = _Manner.of(found).amount(_distance(found))
    relative = found.relative_difference
    is_total = isinstance(found.a, (int, Decimal))
    return f"{size} ({abs(relative):.1%})" if is_total and relative is not None else size


def _what_it_means(found: Comparison) -> str:
    if found.untested_because is not None:
        return f"Whether that is more than chance is not known: {printable(found.untested_because)}."
    what = "change" if found.is_change else "difference"
    reach = f"the 95 % interval of the {what} is {_Manner.of(found).span(found.interval())}"
    among = f"the {found.comparisons} comparisons made at once"
    if found.verdict == "noise":
        return f"T{reach[1:]}." if _is_level(found) else f"That may be chance: {reach}."
    subject = f"even so small a {what}" if _is_level(found) else "that"
    if found.verdict == "borderline":
        return (
            f"Alone {subject} would be more than chance explains, since {reach}; but of {among}, one or another "
            f"goes that far by chance (p {_p(found.p_value)}, after Holm's correction {_p(found.adjusted_p_value)})."
        )
    holds = f", and it holds among {among}" if found.comparisons > 1 else ""
    return f"{subject.capitalize()} is more than chance explains: {reach}{holds}."


def _p(p_value: float | None) -> str:
    return "not known" if p_value is None else "below 0.001" if p_value < 0.001 else f"{p_value:.2g}"


@frozen(kw_only=True)
class _Manner:
    """How differences of a kind of figure are written."""

    factor: int = 1
    digits: str
    unit: str = ""

    @classmethod
    def of(cls, found: Comparison) -> _Manner:
        side = found.a
        if isinstance(side, Ratio):
            return cls(factor=100, digits=".1f", unit=" points") if side.bounded else cls(digits=".3f")
        if isinstance(side, Score):
            return cls(digits=side.digits, unit=" points" if side.digits == ".1f" else "")
        if isinstance(side, Distribution):
            return cls(digits=".1f", unit=" days")
        if isinstance(side, int):
            return cls(digits=",")
        currency = side.unit if isinstance(side, Mean) else found.unit
        return cls(digits=",.2f", unit=f" {currency}" if currency else "")

    def amount(self, value: float | Decimal, *, sign: str = "") -> str:
        """A difference, or its size."""
        return f"{self._number(value, sign)}{self.unit}"

    def span(self, interval: Interval) -> str:
        return f"{self._number(interval.low, '+')} to {self._number(interval.high, '+')}{self.unit}"

    def _number(self, value: float | Decimal, sign: str) -> str:
        text = self._unsigned(value)
        if text.startswith("-"):
            return text.replace("-", "−")
        return f"{sign}{text}" if text.strip("0.,") else text

    def _unsigned(self, value: float | Decimal) -> str:
        """The number, with its sign only where it is below 0 as written."""
        if isinstance(value, Decimal):
            return decimal_as_text(value, f"z{self.digits}")
        return format(value * self.factor, self.digits if isinstance(value, int) else f"z{self.digits}")


def _side(side: Side | None, unit: str | None) -> str:
    if isinstance(side, Distribution):
        return f"{side} days"
    return f"{as_text(side)} {unit}" if unit and isinstance(side, Decimal) else as_text(side)
