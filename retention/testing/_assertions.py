"""Assertions whose failures say both numbers, and what the figure itself has to say."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from math import isclose
from typing import NoReturn, TypeVar

from retention.results import CustomerFlow, Distribution, LorenzCurve, Mean, Ratio, Score, as_text

__all__ = ["assert_flow", "assert_mean", "assert_ratio", "assert_score", "assert_undefined"]

_Result = TypeVar("_Result", Ratio, Mean, Score, CustomerFlow)


def assert_ratio(result: Ratio, numerator: int | Decimal | str, denominator: int | Decimal | str, /) -> None:
    """Assert both numbers of a ratio: 1 of 2 is not 50 of 100.

    Args:
        result: What a metric returned.
        numerator: What should have been counted; money may be a text such as "25.00".
        denominator: What it should be counted out of; 0 for a ratio that has no value.

    Raises:
        AssertionError: When it is another ratio, or none.

    .. versionadded:: 0.1

    >>> assert_ratio(Ratio(38, 100), 38, 100)
    >>> assert_ratio(Ratio(37, 100), 38, 100)
    Traceback (most recent call last):
        ...
    AssertionError: 37 of 100 (37.0%), not 38 of 100 (38.0%). It says: 37.0% = 37 of 100 (95 % interval 28.2% to 46.8%).
    """
    __tracebackhide__ = True
    found = _expected(result, Ratio)
    top, bottom = _number(numerator), _number(denominator)
    wanted = Ratio(top, bottom, bounded=found.bounded and 0 <= top <= bottom)
    if found != wanted:
        _fail(f"{_fraction(found)}, not {_fraction(wanted)}", found)


def assert_mean(result: Mean, total: int | Decimal | str, count: int, /, *, unit: str | None = None) -> None:
    """Assert total and count of a mean.

    Args:
        result: What a metric returned.
        total: What should have been summed; money may be a text such as "25.00".
        count: Over how many; 0 for a mean that has no value.
        unit: The currency, where it matters.

    Raises:
        AssertionError: When it is another mean, or none.

    .. versionadded:: 0.1

    >>> assert_mean(Mean(Decimal("30.00"), 4, unit="EUR"), "30.00", 4)
    """
    __tracebackhide__ = True
    found = _expected(result, Mean)
    wanted = Mean(_number(total), count, unit=found.unit if unit is None else unit)
    if found != wanted:
        _fail(f"{_quotient(found)}, not {_quotient(wanted)}", found)


def assert_score(
    result: Score,
    value: float,
    /,
    *,
    count: int | None = None,
    parts: Mapping[str, int] | None = None,
    tolerance: float = 1e-9,
) -> None:
    """Assert the points of a score and, where given, what they were made from.

    Args:
        result: What a metric returned.
        value: The points that are due.
        count: From how many answers or customers it should have been made.
        parts: How many there should be of each part, such as ``{"promoters": 5}``; parts left out are not looked at.
        tolerance: How far the points may be away.

    Raises:
        AssertionError: When it is another score, or none.

    .. versionadded:: 0.1

    >>> assert_score(Score(20.0, low=-100, high=100, count=10), 20, count=10)
    """
    __tracebackhide__ = True
    found = _expected(result, Score)
    if found.value is None or not isclose(found.value, value, rel_tol=0, abs_tol=tolerance):
        _fail(f"{'no value' if found.value is None else found.value}, not {value}", found)
    if count is not None and found.count != count:
        _fail(f"made from {found.count:,}, not {count:,}", found)
    for name, number in (parts or {}).items():
        if found.parts.get(name) != number:
            _fail(f"{found.parts.get(name, 'no')} {name}, not {number}", found)


def assert_flow(
    result: CustomerFlow,
    /,
    *,
    start: int | None = None,
    new: int | None = None,
    kept: int | None = None,
    lost: int | None = None,
    reactivated: int | None = None,
    end: int | None = None,
) -> None:
    """Assert the parts of a customer flow; those left out are not looked at.

    Args:
        result: What `customer_flow` returned.
        start: Customers of the opening base.
        new: Customers whose first purchase ever lies in the period.
        kept: Customers of the opening base who are in the closing base.
        lost: Customers of the opening base who are not.
        reactivated: Those who are back.
        end: Customers of the closing base.

    Raises:
        AssertionError: When a part is another, or it is no flow.

    .. versionadded:: 0.1

    >>> flow = CustomerFlow(start=3, new=2, kept=2, lost=1, reactivated=0, end=4)
    >>> assert_flow(flow, start=3, end=4)
    """
    __tracebackhide__ = True
    found = _expected(result, CustomerFlow)
    wanted = {"start": start, "new": new, "kept": kept, "lost": lost, "reactivated": reactivated, "end": end}
    wrong = [
        f"{getattr(found, name)} {name}, not {number}"
        for name, number in wanted.items()
        if number is not None and getattr(found, name) != number
    ]
    if wrong:
        _fail("; ".join(wrong), found)


def assert_undefined(
    result: Ratio | Mean | Score | Distribution | LorenzCurve | CustomerFlow, /, *, because: str | None = None
) -> None:
    """Assert that a figure has no value and, where given, why.

    Args:
        result: What a metric returned.
        because: Words that must stand in its `undefined_because`.

    Raises:
        AssertionError: When it has a value, or another reason for having none.

    .. versionadded:: 0.1

    >>> assert_undefined(Ratio(0, 0), because="denominator is 0")
    """
    __tracebackhide__ = True
    reason = getattr(result, "undefined_because", None)
    if reason is None:
        _fail(f"a value, {as_text(result)}, where none is due", result)
    if because is not None and because not in reason:
        _fail(f"undefined because {reason!r}, not because {because!r}", result)


def _expected(result: object, kind: type[_Result]) -> _Result:
    __tracebackhide__ = True
    if not isinstance(result, kind):
        msg = f"a {kind.__name__} is due, and this is {result!r}, of type {type(result).__name__}"
        raise AssertionError(msg)  # noqa: TRY004 - what an assertion finds wrong
    return result


def _fail(found: str, result: object) -> NoReturn:
    __tracebackhide__ = True
    explain = getattr(result, "explain", None)
    msg = f"{found}." + (f" It says: {explain()}" if explain else "")
    raise AssertionError(msg)


def _number(value: int | Decimal | str) -> int | Decimal:
    return Decimal(value) if isinstance(value, str) else value


def _fraction(ratio: Ratio) -> str:
    return f"{ratio.numerator:,} of {ratio.denominator:,} ({ratio})"


def _quotient(mean: Mean) -> str:
    return f"{mean.total:,} over {mean.count:,} ({mean!s})"
