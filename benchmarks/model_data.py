"""The purchases that models are fitted to in `bench_models.py`: always the same ones.

A case is a list of orders, up to the last day watched. The sample is that of the tests; the others are drawn from a
Pareto/NBD with the parameters of the sample, and what is spent from a Gamma-Gamma.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random

import retention as rt

SAMPLE = Path(__file__).resolve().parents[1] / "tests" / "data" / "cdnow_sample.txt"
LAST_DAY = date(1997, 9, 30)

_FIRST_WEEKS, _WATCHED = 12, 39
"""Weeks in which the customers come, and for how long the first of them are watched."""
_NEVER = 1e-12

Row = tuple[str, date, Decimal]


def orders(case: str, customers: int) -> list[rt.Order]:
    """The orders of a case, up to the last day watched."""
    return [
        rt.Order(id=number, customer_id=customer, placed_at=_begin(day), amount=amount, currency="USD")
        for number, (customer, day, amount) in enumerate(_rows(case, customers))
        if day <= LAST_DAY
    ]


def _begin(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def _rows(case: str, customers: int) -> Iterator[Row]:
    if case == "sample":
        yield from _sample()
    else:
        yield from _drawn(customers, step=7 if case == "weeks" else 1)


def _sample() -> Iterator[Row]:
    for line in SAMPLE.read_text(encoding="ascii").splitlines():
        _, customer, day, _, amount = line.split()
        yield customer, date(int(day[:4]), int(day[4:6]), int(day[6:])), Decimal(amount)


def _drawn(customers: int, *, step: int) -> Iterator[Row]:
    """Purchases of drawn customers, in days that are a multiple of `step` from the last one."""
    random = Random(1997)
    for number in range(customers):
        watched = random.randrange((_WATCHED - _FIRST_WEEKS) * 7, _WATCHED * 7) // step * step
        rate = random.gammavariate(0.553, 1 / 10.578) / 7
        leaving = random.gammavariate(0.606, 1 / 11.669) / 7
        left = min(watched, random.expovariate(leaving)) if leaving > _NEVER else watched
        spend, time = random.gammavariate(3.74, 1 / 15.44), 0.0
        while time <= left:
            amount = Decimal(round(100 * random.gammavariate(6.25, 1 / spend)) + 1) / 100
            yield str(number), LAST_DAY - timedelta(watched - int(time) // step * step), amount
            if rate <= _NEVER:
                break
            time += random.expovariate(rate)
