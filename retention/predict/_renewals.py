"""Renewals: how many customers came to each, and how many of them did not renew."""

from __future__ import annotations

import operator
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from datetime import date, tzinfo
from itertools import accumulate, pairwise
from typing import Any, cast

from attrs import frozen

from retention._calendar import Duration, add_units, as_zone, from_microseconds, local_date, microseconds
from retention._mrr import FOREVER, Tenure
from retention._record_reading import MONEY_KEYWORDS, read_records
from retention._subscription_facts import Subscriptions, subscription_facts
from retention._zones import Zone
from retention.errors import (
    AsOfRequiredError,
    InvalidTypeError,
    InvalidValueError,
    NotIdentifiableError,
    is_bool,
    shown,
)
from retention.periods import Period
from retention.predict._time_units import TimeUnit
from retention.records import Subscription

__all__ = [
    "MOST_RENEWALS",
    "Renewals",
    "cohorts_of",
    "renewals_of_cohorts",
    "renewals_of_counts",
    "renewals_of_subscriptions",
    "whole_number",
]

MOST_RENEWALS = 100_000
"""Renewals in one life: days of 270 years."""


@frozen(kw_only=True)
class Renewals:
    """What is known of the renewals of a base, whenever its customers began.

    Attributes:
        at_risk: How many were watched at the first renewal, the second, and so on.
        lost: How many of these did not renew.
        customers: How many there are, watched at a renewal or not.
    """

    at_risk: tuple[int, ...]
    lost: tuple[int, ...]
    customers: int

    def check_identifiable(self, owner: str) -> None:
        """Refuses what can't tell two parameters.

        Raises:
            NotIdentifiableError: When it can't; the message says why.
        """
        watched, lost = sum(self.at_risk), sum(self.lost)
        if self.customers < 2:
            why = "there is a single customer" if self.customers else "there is no customer"
        elif not watched:
            why = "nobody came to a renewal"
        elif not lost:
            why = "nobody was lost"
        elif lost == watched:
            why = "nobody renewed"
        elif sum(map(bool, self.at_risk)) < 2:
            why = "there is one renewal only, which tells the share that is lost and not how it falls from then on"
        else:
            return
        msg = (
            f"{owner}: {why}, so that nothing tells alpha and beta; give more customers, or watch them longer"
        )
        raise NotIdentifiableError(msg)


def whole_number(value: object, name: str, *, least: int = 0, most: int | None = None) -> int:
    """An int from `least` up to `most`; numpy's own are taken too."""
    if is_bool(value) or not hasattr(value, "__index__"):
        msg = f"{name} must be an int, not {type(value).__name__} (got {shown(value)})"
        raise InvalidTypeError(msg)
    number = operator.index(cast("Any", value))
    if number < least:
        msg = f"{name} must be {least} or more (got {shown(value)})"
        raise InvalidValueError(msg)
    if most is not None and number > most:
        msg = f"{name} must be at most {most:,} (got {shown(value)}); count in a longer unit"
        raise InvalidValueError(msg)
    return number


class _Tally:
    """Counts of who came to a renewal, put together customer by customer or cohort by cohort."""

    def __init__(self) -> None:
        self._first: dict[int, int] = {}
        self._after: dict[int, int] = {}
        self.lost: dict[int, int] = {}
        self.customers = 0

    def add(self, lived: int, *, lost: bool, customers: int = 1, seen_from: int = 0) -> None:
        """Customers who came to so many renewals, and whether they were lost at the last.

        Those before whom `seen_from` renewals lay when the records begin are known only because they had made them.
        """
        if lived > seen_from and customers:
            # They came to the renewals from the one to before the other: added up in the end, not one by one.
            self._first[seen_from + 1] = self._first.get(seen_from + 1, 0) + customers
            self._after[lived + 1] = self._after.get(lived + 1, 0) + customers
            if lost:
                self.lost[lived] = self.lost.get(lived, 0) + customers
        self.customers += customers

    def renewals(self) -> Renewals:
        numbers = range(1, max(self._after, default=1))
        more = (self._first.get(each, 0) - self._after.get(each, 0) for each in numbers)
        return Renewals(
            at_risk=tuple(accumulate(more)),
            lost=tuple(self.lost.get(each, 0) for each in numbers),
            customers=self.customers,
        )


# ------------------------------------------------------------------------------------------- cohorts


def renewals_of_cohorts(survivors: object, owner: str) -> Renewals:
    """Those of one cohort, or of several: customers at the start, after the first renewal, and so on."""
    tally = _Tally()
    for there in cohorts_of(survivors, owner):
        for renewal, (before, after) in enumerate(pairwise(there), start=1):
            tally.add(renewal, lost=True, customers=before - after)
        tally.add(len(there) - 1, lost=False, customers=there[-1])
    return tally.renewals()


def cohorts_of(survivors: object, owner: str) -> list[Sequence[int]]:
    """The survivors of each cohort, checked."""
    return [_checked_cohort(cohort, name) for name, cohort in _named_cohorts(survivors, owner)]


def _named_cohorts(survivors: object, owner: str) -> Iterator[tuple[str, Sequence[object]]]:
    given = _listed(survivors, f"{owner}: survivors")
    if given and all(_is_listing(each) for each in given):
        for place, each in enumerate(given):
            name = f"{owner}: survivors[{place}]"
            yield name, _listed(each, name)
    else:
        yield f"{owner}: survivors", given


def _is_listing(value: object) -> bool:
    return isinstance(value, Iterable) and not isinstance(value, (str, bytes, Mapping))


def _listed(value: object, name: str) -> Sequence[object]:
    if not isinstance(value, Iterable) or not _is_listing(value):
        msg = f"{name} must be the customers of a cohort at its start and after each renewal, such as [1000, 869, 743], not {type(value).__name__} (got {shown(value)})"
        raise InvalidTypeError(msg)
    return list(value)


def _checked_cohort(cohort: Sequence[object], name: str) -> Sequence[int]:
    there = [_customers(each, f"{name}[{place}]") for place, each in enumerate(cohort)]
    if len(there) > MOST_RENEWALS:
        msg = f"{name} must hold at most {MOST_RENEWALS:,} counts (got {len(there):,}); count renewals in a longer unit"
        raise InvalidValueError(msg)
    if len(there) < 2:
        msg = (
            f"{name} must hold the customers at the start and after one renewal at least (got {shown(there)})"
        )
        raise InvalidValueError(msg)
    for place, (before, after) in enumerate(pairwise(there), start=1):
        if after > before:
            msg = f"{name}[{place}] must not be above the number before it, {before} (got {after}): nobody joins a cohort later"
            raise InvalidValueError(msg)
    return there


def _customers(value: object, name: str) -> int:
    if isinstance(value, float):
        msg = f"{name} must be a count of customers, not a float (got {shown(value)}); multiply shares by the customers at the start"
        raise InvalidTypeError(msg)
    return whole_number(value, name)


# -------------------------------------------------------------------------------------------- counts


def renewals_of_counts(counts: object, owner: str) -> Renewals:
    """Those of a mapping from the number of renewals to (lost at the last of them, still there after it)."""
    if not isinstance(counts, Mapping):
        msg = f"{owner}: counts must be a mapping from the number of renewals to (lost, still there), not {type(counts).__name__} (got {shown(counts)})"
        raise InvalidTypeError(msg)
    tally = _Tally()
    for number, pair in counts.items():
        lived = whole_number(number, f"{owner}: each key of counts", most=MOST_RENEWALS)
        name = f"{owner}: counts[{lived}]"
        parts = list(pair) if _is_listing(pair) else []
        if len(parts) != 2:
            msg = f"{name} must be (lost at this renewal, still there after it) (got {shown(pair)})"
            raise InvalidTypeError(msg)
        lost, there = (_customers(each, f"{name}[{place}]") for place, each in enumerate(parts))
        if lost and not lived:
            msg = f"{name} must not have lost anybody: nobody is lost before the first renewal (got {lost})"
            raise InvalidValueError(msg)
        tally.add(lived, lost=True, customers=lost)
        tally.add(lived, lost=False, customers=there)
    return tally.renewals()


# ------------------------------------------------------------------------------------- subscriptions


def renewals_of_subscriptions(
    subscriptions: Subscriptions,
    *,
    unit: TimeUnit,
    tz: Zone,
    bridge: Duration | None,
    reading: Mapping[str, Any],
    owner: str,
) -> Renewals:
    """Those of each customer's first time as a subscriber, from the first payment on, in local calendar units."""
    zone = as_zone(tz, owner=owner)
    given, how = read_records(subscriptions, reading, kind=Subscription, keywords=MONEY_KEYWORDS)
    if how.as_of is None:
        msg = f"{owner} needs as_of=, the instant at which the data were known"
        raise AsOfRequiredError(msg)
    last = local_date(how.as_of, zone)
    source = subscriptions if hasattr(subscriptions, "reading") else given
    day = Period.day(last.year, last.month, last.day, tz=zone)
    facts = subscription_facts(source, (day,), bridge=bridge, tenures=True, **reading)[0]
    watch = _Watch(
        unit=unit,
        zone=zone,
        seen_from=None if how.observed_from is None else local_date(how.observed_from, zone),
        last=last,
    )
    tally = _Tally()
    for tenure in _first_of_each(facts.tenures or ()):
        if tenure.start <= microseconds(how.as_of):
            lived, lost, made = watch.followed(tenure)
            tally.add(lived, lost=lost, seen_from=made)
    return tally.renewals()


def _first_of_each(tenures: Iterable[Tenure]) -> Iterable[Tenure]:
    found: dict[Hashable, Tenure] = {}
    for tenure in tenures:  # those of one customer come in their order
        found.setdefault(tenure.customer, tenure)
    return found.values()


@frozen(kw_only=True)
class _Watch:
    """How renewals are counted in local days.

    Attributes:
        unit: From one renewal to the next.
        zone: Whose days are meant.
        seen_from: The day from which on the records are complete; None for always.
        last: The day on which they were known.
    """

    unit: TimeUnit
    zone: tzinfo
    seen_from: date | None
    last: date

    def followed(self, tenure: Tenure) -> tuple[int, bool, int]:
        """How many renewals a customer came to, whether the last was not made, and how many lay before the records."""
        begun = self._day_of(tenure.start)
        made = 0 if self.seen_from is None else _whole_units(begun, self.seen_from, self.unit)
        if tenure.end == FOREVER:
            return _whole_units(begun, self.last, self.unit), False, made
        # Who ends within a unit has paid for all of it, and is lost at the renewal that follows.
        ended = self._day_of(tenure.end)
        whole = _whole_units(begun, ended, self.unit)
        return whole + (not whole or add_units(begun, self.unit, whole) < ended), True, made

    def _day_of(self, moment: int) -> date:
        return local_date(from_microseconds(moment), self.zone)


def _whole_units(first: date, after: date, unit: TimeUnit) -> int:
    """How many whole units have passed since a day; 0 before it."""
    if after <= first:
        return 0
    days = {"day": 1, "week": 7}.get(unit)
    if days is not None:
        return (after - first).days // days
    months = 12 * (after.year - first.year) + after.month - first.month
    count = months if unit == "month" else months // 12
    return count if add_units(first, unit, count) <= after else count - 1
