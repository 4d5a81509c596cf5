"""The sample shop's subscription boxes: who takes one, what it costs, and when it is changed, paused or ended."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from retention._calendar import Unit, shift_units
from retention.records import Pause, Subscription
from retention.testing._draws import Choice, Draws
from retention.testing._lives import Life
from retention.testing._process import SampleProcess
from retention.testing._sales import money

__all__ = ["Boxes"]

_MINUTES_A_DAY = 24 * 60
_MEAN_WAIT_DAYS = 45
_TRIAL = timedelta(days=14)
_HALF = 0.5
_WEEKS_A_MONTH = 52 / 12


class _Term(NamedTuple):
    """For how long one charge is."""

    interval: str
    interval_count: int
    months: int
    """0 for a week."""
    rebate: float
    can_pause: bool

    def renewal(self, anchor: datetime, number: int) -> datetime:
        """When the charge of that number falls due, counted from the first, so that a 31st stays one."""
        unit: Unit = "month" if self.months else "week"
        return shift_units(anchor, unit, number * (self.months or 1), UTC)

    def price(self, monthly: float) -> int:
        """What one charge comes to, in cents."""
        months = self.months or 1 / _WEEKS_A_MONTH
        return max(1, int(100 * monthly * months * (1 - self.rebate) + 0.5))

    def chance(self, monthly: float) -> float:
        """The chance for one term of what has this chance in a month."""
        if not self.months:
            return monthly / _WEEKS_A_MONTH
        never = 1.0
        for _ in range(self.months):
            never *= 1 - monthly
        return 1 - never


_TERMS = {
    "weekly": _Term("week", 1, 0, 0.0, can_pause=True),
    "monthly": _Term("month", 1, 1, 0.0, can_pause=True),
    "quarterly": _Term("month", 3, 3, 0.05, can_pause=False),
    "yearly": _Term("year", 1, 12, 0.1, can_pause=False),
}


class _Chances(NamedTuple):
    """What may happen with one term of a box; each but `pauses` is where the draws for it end."""

    leaves: float
    fails: float
    grows: float
    shrinks: float
    pauses: float

    @classmethod
    def of(cls, term: _Term, process: SampleProcess) -> _Chances:
        leaves, grows = term.chance(process.box_cancellation_rate), term.chance(process.upgrade_rate)
        return cls(
            leaves=leaves,
            fails=leaves + term.chance(process.box_payment_failure_rate),
            grows=grows,
            shrinks=grows + term.chance(process.downgrade_rate),
            pauses=term.chance(process.pause_rate) if term.can_pause else 0.0,
        )


class _Fate(NamedTuple):
    """What chance says at one renewal: always as many draws, whatever comes of them."""

    end: float
    change: float
    pause: float
    length: float
    comeback: float
    wait: float

    @classmethod
    def drawn(cls, uniform: Callable[[], float]) -> _Fate:
        return cls(uniform(), uniform(), uniform(), uniform(), uniform(), uniform())


class _Box:
    """A box in the making: the span that runs, and those before it."""

    def __init__(self, customer_id: str, term_name: str, size: int, process: SampleProcess) -> None:
        self.size = size
        self.term = _TERMS[term_name]
        self._customer_id = customer_id
        self._term_name = term_name
        self._currency = process.currency
        self._sizes = _by_price(process)
        self._began: datetime | None = None
        self._trial_ends: datetime | None = None
        self._pauses: list[Pause] = []
        self._spans = 0

    def begin(self, at: datetime, trial_ends: datetime | None = None) -> None:
        self._began, self._trial_ends, self._pauses = at, trial_ends, []

    def pause(self, at: datetime, until: datetime | None) -> None:
        self._pauses.append(Pause(started_at=at, ended_at=until))

    def span(self, ended_at: datetime | None = None, why: str | None = None) -> Subscription:
        """The span that has run until then, or still does."""
        self._spans += 1
        name, monthly = self._sizes[self.size]
        fields: dict[str, Any] = {
            "started_at": self._began,
            "interval": self.term.interval,
            "end_reason": why,
        }
        return Subscription(
            id=f"{self._customer_id}-box-{self._spans}",
            customer_id=self._customer_id,
            amount=money(self.term.price(monthly)),
            currency=self._currency,
            interval_count=self.term.interval_count,
            ended_at=ended_at,
            trial_ends_at=self._trial_ends,
            pauses=self._pauses,
            plan=f"{name} {self._term_name}",
            **fields,
        )


class Boxes:
    """The shop's subscriptions: a business beside its orders, which changes nothing about them."""

    def __init__(self, seed: int, process: SampleProcess) -> None:
        self._seed = seed
        self._process = process
        self._terms = Choice(process.box_terms)
        self._sizes = len(process.box_prices)
        self._chances = {term: _Chances.of(term, process) for term in _TERMS.values()}

    def spans_of(self, life: Life) -> Iterator[Subscription]:
        """The customer's spans until `as_of`, the earliest first."""
        process = self._process
        draws = Draws(self._seed, life.number, "box")
        if draws.uniform() >= process.subscriber_rate:
            return
        begins = life.purchases[0].at + _days(_MEAN_WAIT_DAYS * draws.exponential())
        box = _Box(life.customer_id, draws.pick(self._terms), int(self._sizes * draws.uniform()), process)
        tries, converts = draws.uniform() < process.trial_rate, draws.uniform()
        if begins >= process.as_of:
            return
        paid_from = begins + _TRIAL if tries else begins
        box.begin(begins, paid_from if tries else None)
        if tries and converts >= process.trial_conversion_rate and paid_from <= process.as_of:
            yield box.span(paid_from, "customer")
            return
        yield from self._paid(box, paid_from, draws)

    def _paid(self, box: _Box, anchor: datetime, draws: Draws) -> Iterator[Subscription]:
        """The spans of a box that is paid from `anchor` on, from renewal to renewal."""
        process, chances, number = self._process, self._chances[box.term], 1
        while (at := box.term.renewal(anchor, number)) <= process.as_of:
            fate = _Fate.drawn(draws.uniform)
            if fate.end < chances.fails:
                reason = "customer" if fate.end < chances.leaves else "payment"
                yield box.span(at, reason)
                anchor, number = at + _away(reason, fate.wait), 1
                if fate.comeback >= process.box_comeback_rate or anchor >= process.as_of:
                    return
                box.begin(anchor)
                continue
            size = self._size(box.size, chances, fate.change)
            if size != box.size:
                yield box.span(at, "plan_change")
                box.size = size
                box.begin(at)
            if fate.pause < chances.pauses:
                number += 1 if fate.length < _HALF else 2
                until = box.term.renewal(anchor, number)
                box.pause(at, until if until <= process.as_of else None)
            number += 1
        yield box.span()

    def _size(self, size: int, chances: _Chances, draw: float) -> int:
        """The size from the next term on: a larger one, a smaller one, or the same."""
        if draw < chances.grows:
            return min(size + 1, self._sizes - 1)
        return max(size - 1, 0) if draw < chances.shrinks else size


def _by_price(process: SampleProcess) -> list[tuple[str, float]]:
    return sorted(process.box_prices.items(), key=lambda size: (size[1], size[0]))


def _away(reason: str, draw: float) -> timedelta:
    """A card is renewed within 2 to 20 days; who has cancelled comes back after 30 to 120."""
    return _days(2 + 18 * draw if reason == "payment" else 30 + 90 * draw)


def _days(days: float) -> timedelta:
    return timedelta(minutes=int(days * _MINUTES_A_DAY))
