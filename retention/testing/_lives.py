"""The lives of the sample shop's customers: when each buys, for how much, what becomes of it, and how it feels.

One customer's life hangs on the seed and the customer's number alone, and each side of it on a stream of its own:
more customers change nothing about the others, and another chance of refunds changes no purchase.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import pairwise
from sys import maxsize
from typing import Literal, NamedTuple, TypeAlias

from retention.testing._draws import Draws
from retention.testing._process import SampleProcess

__all__ = ["Calendar", "Life", "Outcome", "Purchase", "lives", "month_starts"]

Outcome: TypeAlias = Literal["kept", "full refund", "partial refund", "cancelled"]

_DAYS_A_WEEK = 7
_MINUTES_A_DAY = 24 * 60
_FIRST_MINUTE = (
    5  # which leaves room before the first order of all, for signing up and for payments that fail
)
# By seven in the morning 3 % of a day's orders are in, by noon 30 %, by six in the evening 65 %.
_DAY_SHARES = (0.0, 0.03, 0.30, 0.65, 1.0)
_DAY_HOURS = (0, 7, 12, 18, 24)
_BEST = 10.0
_A_REGULAR = 4
_HALF_A_YEAR = timedelta(days=182)


class Calendar:
    """Turns seasonal days, which pass the faster the higher the season, into instants."""

    def __init__(self, process: SampleProcess) -> None:
        self._opened_at = process.opened_at
        edges = [process.opened_at, *month_starts(process.opened_at, process.as_of), process.as_of]
        self._day = [float((edge - process.opened_at).days) for edge in edges]
        self._factor = [process.season[edge.month - 1] for edge in edges]
        self._seasonal = [0.0]
        for (start, end), factor in zip(pairwise(self._day), self._factor, strict=False):
            self._seasonal.append(self._seasonal[-1] + (end - start) * factor)
        self.length = self._seasonal[-1]

    def instant(self, seasonal: float) -> datetime:
        """The instant, to the minute, at which so many seasonal days have passed."""
        month = bisect_right(self._seasonal, seasonal) - 1
        days = self._day[month] + (seasonal - self._seasonal[month]) / self._factor[month]
        day = min(
            int(days), int(self._day[-1]) - 1
        )  # what rounding put at the very end belongs to the last day
        return self._opened_at + timedelta(days=day, minutes=_minute_of_day(min(days - day, 1.0)))


def month_starts(after: datetime, before: datetime) -> Iterator[datetime]:
    """The beginnings of the months between two midnights."""
    year, month = after.year, after.month
    while True:
        year, month = (year, month + 1) if month < 12 else (year + 1, 1)
        start = after.replace(year=year, month=month, day=1)
        if start >= before:
            return
        yield start


def _minute_of_day(share: float) -> int:
    """The minute by which such a share of the day's orders is in."""
    part = min(bisect_right(_DAY_SHARES, share), len(_DAY_HOURS) - 1)
    low, high = _DAY_SHARES[part - 1], _DAY_SHARES[part]
    hours = _DAY_HOURS[part] - _DAY_HOURS[part - 1]
    hour = _DAY_HOURS[part - 1] + hours * (share - low) / (high - low)
    return max(_FIRST_MINUTE, min(int(hour * 60), _MINUTES_A_DAY - 1))


class Purchase(NamedTuple):
    """One purchase of a customer, what becomes of it, and how it leaves the customer."""

    at: datetime
    cents: int
    is_guest: bool
    is_late: bool
    outcome: Outcome
    settled_at: datetime
    """When it was refunded or cancelled, if it was."""
    returned_cents: int
    satisfaction: float
    """After this order, from 0 to 10."""


class Life(NamedTuple):
    """One customer, as nobody but the process knows them."""

    number: int
    customer_id: str
    rate: float
    drop_out: float
    is_gone: bool
    mean_amount: float
    usual_satisfaction: float
    purchases: tuple[Purchase, ...]


def lives(customers: int, seed: int, process: SampleProcess) -> Iterator[Life]:
    """The customers' lives, one after the other."""
    calendar = Calendar(process)
    for number in range(1, customers + 1):
        yield _life(number, seed, process, calendar)


def _life(number: int, seed: int, process: SampleProcess, calendar: Calendar) -> Life:
    draws = Draws(seed, number, "life")
    arrives = draws.uniform() * calendar.length
    rate = draws.gamma(process.rate_shape) / process.rate_scale
    drop_out = draws.beta(*process.drop_out_shapes)
    visits, is_gone = _visits(
        draws, arrives, rate=rate, drop_out=drop_out, process=process, calendar=calendar
    )
    stays = min(
        _until_first_doubt(seed, number, process), _until_regulars_leave(visits, seed, number, process)
    )
    if stays <= len(visits):
        visits, is_gone = visits[:stays], True
    amounts = Draws(seed, number, "amounts")
    mean = process.amount_scale * process.amount_shape / amounts.gamma(process.mean_amount_shape)
    fates = Draws(seed, number, "fates")
    below = process.satisfaction_by_drop_out * 10 * (drop_out - process.mean_drop_out)
    usual = _within(process.mean_satisfaction + process.satisfaction_spread * fates.bell() - below)
    return Life(
        number=number,
        customer_id=f"c{number:04}",
        rate=rate,
        drop_out=drop_out,
        is_gone=is_gone,
        mean_amount=mean,
        usual_satisfaction=usual,
        purchases=tuple(
            _purchases(visits, mean=mean, usual=usual, amounts=amounts, fates=fates, process=process)
        ),
    )


def _visits(
    draws: Draws, at: float, *, rate: float, drop_out: float, process: SampleProcess, calendar: Calendar
) -> tuple[list[datetime], bool]:
    """When a customer buys, and whether the last of these purchases was the last of all."""
    visits: list[datetime] = []
    while at < calendar.length:
        visits.append(calendar.instant(at))
        goes = draws.uniform() < drop_out
        if goes and (process.first_may_be_last or len(visits) > 1):
            return visits, True
        at += _DAYS_A_WEEK * draws.exponential() / rate
    return visits, False


def _until_first_doubt(seed: int, number: int, process: SampleProcess) -> int:
    """The first purchase, where that was all that somebody wanted, or more purchases than anybody makes."""
    rate = process.first_drop_out_rate
    return 1 if rate and Draws(seed, number, "first").uniform() < rate else maxsize


def _until_regulars_leave(visits: list[datetime], seed: int, number: int, process: SampleProcess) -> int:
    """How often a regular has bought who goes before `as_of`, or more purchases than anybody makes."""
    if not process.regulars_leave_rate:
        return maxsize
    draws = Draws(seed, number, "leaves")
    leaves, when = draws.uniform() < process.regulars_leave_rate, draws.uniform()
    latest, earliest = process.regulars_leave_days_ago
    days = latest + (earliest - latest) * when
    left = process.as_of - timedelta(minutes=int(days * _MINUTES_A_DAY))
    bought = bisect_left(visits, left)
    return bought if leaves and bought >= _A_REGULAR else maxsize


def _purchases(
    visits: list[datetime], *, mean: float, usual: float, amounts: Draws, fates: Draws, process: SampleProcess
) -> Iterator[Purchase]:
    satisfaction = base = usual
    for place, at in enumerate(visits):
        cents = _cents(mean * amounts.gamma(process.amount_shape) / process.amount_shape)
        # Always as many draws, whatever comes of them: a change of one chance leaves all else as it is.
        guest, late, fate, share, wait = (fates.uniform() for _ in range(5))
        outcome = _outcome(fate, process)
        is_late = late < process.late_rate and outcome != "cancelled"  # which was never sent
        felt = process.satisfaction_memory * (satisfaction - base)
        base = usual - process.satisfaction_fall * _share_of_half_a_year(at, process)
        effect = _effect(outcome, process, is_late=is_late)
        satisfaction = _within(base + felt + effect - (0 if place else process.first_disappointment))
        yield Purchase(
            at=at,
            cents=cents,
            is_guest=guest < process.guest_rate,
            is_late=is_late,
            outcome=outcome,
            settled_at=at + timedelta(minutes=int(_MINUTES_A_DAY * _days_until(outcome, wait))),
            returned_cents=_returned(outcome, cents, share),
            satisfaction=satisfaction,
        )


def _share_of_half_a_year(at: datetime, process: SampleProcess) -> float:
    """How much of the half-year before `as_of` has passed."""
    return max(0.0, 1 - (process.as_of - at) / _HALF_A_YEAR)


def _outcome(draw: float, process: SampleProcess) -> Outcome:
    if draw < process.full_refund_rate:
        return "full refund"
    if draw < process.full_refund_rate + process.partial_refund_rate:
        return "partial refund"
    if draw < process.full_refund_rate + process.partial_refund_rate + process.cancellation_rate:
        return "cancelled"
    return "kept"


def _effect(outcome: Outcome, process: SampleProcess, *, is_late: bool) -> float:
    """By how many points an order lifts or lowers satisfaction."""
    if outcome == "kept":
        return -process.late_effect if is_late else process.good_effect
    if outcome == "cancelled":
        return -process.cancellation_effect
    given_back = process.refund_effect if outcome == "full refund" else process.refund_effect / 2
    return -given_back - (process.late_effect if is_late else 0)


def _days_until(outcome: Outcome, draw: float) -> float:
    """A cancellation comes within two days, a refund after 4 to 20."""
    return 0.05 + 1.95 * draw if outcome == "cancelled" else 4 + 16 * draw


def _returned(outcome: Outcome, cents: int, draw: float) -> int:
    if outcome == "partial refund":
        return int(cents * (0.2 + 0.5 * draw))
    return cents if outcome == "full refund" else 0


def _cents(amount: float) -> int:
    return max(1, int(100 * amount + 0.5))


def _within(satisfaction: float) -> float:
    return max(0.0, min(_BEST, satisfaction))
