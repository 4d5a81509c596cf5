"""What an uplift of retention is worth, in a sentence, in several, and as a table."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import TYPE_CHECKING

from retention.display._text import table
from retention.errors import UndefinedMetricError
from retention.results import decimal_as_text

if TYPE_CHECKING:
    from retention.strategies._economy_results import Gain, RetentionValue, RetentionValueTable

__all__ = ["as_table", "explained", "in_a_sentence"]

_MINUS = "−"
_MOST_DECIMALS = 12
_NAMES: dict[Gain, str] = {"lifetime_value": "lifetime value", "revenue": "revenue", "profit": "profit"}


def in_a_sentence(found: RetentionValue) -> str:
    """The two rates, and what it does to lifetime value, revenue and profit."""
    first, then = found.before.lifetime_value, found.after.lifetime_value
    does = "raises" if found.uplift > 0 else "lowers"
    return (
        f"Keeping {_rates(found)} of the customers {does} the lifetime value from {_amount(first)} to "
        f"{_amount(then, found)}{_part(found, 'lifetime_value')} and, over {_periods(found)}, revenue by "
        f"{_change(found, 'revenue')} and profit by {_change(found, 'profit')}."
    )


def explained(found: RetentionValue) -> str:
    """The sentence, and what stands behind it."""
    return "\n".join([in_a_sentence(found), *_intervals(found), *_behind(found)])


def as_table(found: RetentionValueTable) -> str:
    """A row for each uplift: the rate, and what is gained."""
    periods = _periods(found[0]) if found else "all periods"
    headings = ["retention", "lifetime value", "", f"revenue of {periods}", "", "profit", ""]
    rows = [[f"{_rate(each, each.after.retention_rate)} ({_points(each)})", *_cells(each)] for each in found]
    before = (
        [] if not found else [[f"{_rate(found[0], found[0].before.retention_rate)}", *_as_it_is(found[0])]]
    )
    return table([*before, *rows], headings=headings)


def _as_it_is(found: RetentionValue) -> Iterator[str]:
    for of in _NAMES:
        yield _amount(getattr(found.before, of), found)
        yield ""


def _cells(found: RetentionValue) -> Iterator[str]:
    for of in _NAMES:
        yield _amount(getattr(found.after, of), found)
        rate = found.gain_rate(of)
        yield "" if rate is None else _signed(f"{float(rate) * 100:+.1f} %")


def _intervals(found: RetentionValue) -> Iterator[str]:
    for of, name in _NAMES.items():
        try:
            low, high = found.interval(of)
        except UndefinedMetricError as error:
            yield f"How sure it is, nobody can say: {error}."
            return
        unit = f" {found.currency}" if found.currency else ""
        yield f"The {name} changes by {_signed(f'{low:,.2f}')} to {_signed(f'{high:,.2f}')}{unit} (95 % interval)."


def _behind(found: RetentionValue) -> Iterator[str]:
    yield f"Lifetime value: {_lifetime(found)}."
    if found.uplift > 0:
        yield (
            f"What it takes may cost {_amount(found.profit_gain, found)} in all, in today's money; at more than that it "
            f"does not pay within {_periods(found)}."
        )
    before, after = found.before.long_run_customers, found.after.long_run_customers
    if before is not None and after is not None:
        profits = [_amount(each.long_run_profit or Decimal(0), found) for each in (found.before, found.after)]
        yield (
            f"In the long run, with as many leaving as come: {float(after):,.0f} customers instead of {float(before):,.0f}, "
            f"and a profit of {profits[1]} a period instead of {profits[0]}."
        )
    for each in found.assumptions:
        yield f"Assumed: {each}."


def _lifetime(found: RetentionValue) -> str:
    """How both lifetime values come about."""
    margin, growth = _amount(found.margin), f"{1 + float(found.discount_rate):.6g}"
    first = f"{margin} × {growth} / ({growth} − " if found.discount_rate else f"{margin} / (1 − "
    before, after = (
        f"{first}{float(each.retention_rate):.4g}) = {_amount(each.lifetime_value)}"
        for each in (found.before, found.after)
    )
    return f"a margin of {margin} a period, so that {before} before and {after} after"


def _rates(found: RetentionValue) -> str:
    before, after = (_rate(found, each.retention_rate) for each in (found.before, found.after))
    return f"{after} instead of {before} ({_points(found)})"


def _points(found: RetentionValue) -> str:
    return _signed(f"{float(found.uplift) * 100:+.{_decimals(found)}f} points")


def _rate(found: RetentionValue, rate: Decimal) -> str:
    return f"{float(rate) * 100:.{_decimals(found)}f}%"


def _decimals(found: RetentionValue) -> int:
    """Decimals enough that a small uplift is not written as 0."""
    decimals, size = 1, abs(float(found.uplift)) * 100
    while decimals < _MOST_DECIMALS and size < 10.0**-decimals:
        decimals += 1
    return decimals


def _change(found: RetentionValue, of: Gain) -> str:
    """The size of it; whether it is more or less, the verb says, and the sign of the part."""
    gain: Decimal = getattr(found, f"{of}_gain")
    return f"{_amount(gain.copy_abs(), found)}{_part(found, of)}"


def _part(found: RetentionValue, of: Gain) -> str:
    rate = found.gain_rate(of)
    return "" if rate is None else _signed(f" ({float(rate) * 100:+.1f} %)")


def _amount(value: Decimal, found: RetentionValue | None = None) -> str:
    unit = f" {found.currency}" if found is not None and found.currency else ""
    return _signed(decimal_as_text(value, ",.2f")) + unit


def _periods(found: RetentionValue) -> str:
    return "1 period" if found.periods == 1 else f"{found.periods:,} periods"


def _signed(text: str) -> str:
    return text.replace("-", _MINUS)
