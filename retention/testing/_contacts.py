"""What comes in at the sample shop: questions, chats and cases, reviews, and what is said of it elsewhere."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from retention.records import Interaction
from retention.testing._draws import Choice, Draws
from retention.testing._lives import Life, Purchase
from retention.testing._process import SampleProcess

__all__ = ["Desk"]

_CHANNELS = {"question": "e-mail", "chat": "web", "case": "e-mail", "call": "telephone"}
_MINUTE = timedelta(minutes=1)
_MINUTES_AN_HOUR = 60
_MINUTES_A_DAY = 24 * 60
_BEST = 10.0
_STARS = tuple(Decimal(stars) / 2 for stars in range(-2, 3))
_HALF = 0.5
_SAYS_NOTHING_CLEAR = 0.1


class _Order(NamedTuple):
    """What a contact is about, and with whom it is, if that is known."""

    name: str
    customer_id: str | None

    def inbound(self, suffix: str, kind: str, channel: str, at: datetime, **more: Any) -> Interaction:
        return Interaction(
            id=f"{self.name}-{suffix}",
            customer_id=self.customer_id,
            kind=kind,
            direction="inbound",
            channel=channel,
            occurred_at=at,
            **more,
        )


class Desk:
    """The shop's ear: all that customers begin, and what it did about it."""

    def __init__(self, seed: int, process: SampleProcess) -> None:
        self._seed = seed
        self._process = process
        self._kinds = Choice(process.contact_kinds)
        self._mention_channels = Choice(process.mention_channels)

    def contacts_of(self, life: Life, asked: Collection[int]) -> Iterator[Interaction]:
        """The contacts after each purchase until `as_of`; `asked` are the places of those with a contact to support."""
        process = self._process
        draws = Draws(self._seed, life.number, "contacts")
        for place, purchase in enumerate(life.purchases, start=1):
            # Both drawn whatever comes of them, and the rest from streams of their own: none hangs on another.
            reviews, mentions = draws.uniform() < process.review_rate, draws.uniform() < process.mention_rate
            order = _Order(f"{life.customer_id}-{place:02}", None if purchase.is_guest else life.customer_id)
            found = (
                self._question(order, purchase) if place in asked else None,
                self._review(order, purchase) if reviews and purchase.outcome != "cancelled" else None,
                self._mention(order, purchase) if mentions else None,
            )
            yield from (contact for contact in found if contact and contact.occurred_at <= process.as_of)

    def _question(self, order: _Order, purchase: Purchase) -> Interaction:
        """Something about the order, half a day to 15 days after it."""
        draws = Draws(self._seed, order.name, "help")
        kind, at = draws.pick(self._kinds), _later(purchase.at, 0.5 + 14.5 * draws.uniform())
        return order.inbound("help", kind, _CHANNELS[kind], at, **_served(at, draws, self._process))

    def _review(self, order: _Order, purchase: Purchase) -> Interaction:
        """Stars, 7 to 14 days after an order that was sent."""
        draws = Draws(self._seed, order.name, "review")
        at = _later(purchase.at, 7 + 7 * draws.uniform())
        stars = _STARS[int(4 * self._felt(purchase, draws) + 0.5)]
        answered = _answered(at, draws, self._process)
        return order.inbound("review", "review", "web", at, answered_at=answered, sentiment=stars)

    def _mention(self, order: _Order, purchase: Purchase) -> Interaction:
        """A word in public within two weeks. Of every other nobody knows whose it is, and some say nothing clear."""
        draws = Draws(self._seed, order.name, "mention")
        channel, at = draws.pick(self._mention_channels), _later(purchase.at, 14 * draws.uniform())
        by_whom = order if draws.uniform() < _HALF else _Order(order.name, None)
        is_clear = draws.uniform() >= _SAYS_NOTHING_CLEAR
        felt = Decimal(f"{int(200 * self._felt(purchase, draws) + 0.5) - 100}e-2")
        return by_whom.inbound("mention", "mention", channel, at, sentiment=felt if is_clear else None)

    def _felt(self, purchase: Purchase, draws: Draws) -> float:
        """Satisfaction with some chance around it, as a share of the best."""
        said = purchase.satisfaction + self._process.answer_spread * draws.bell()
        return max(0.0, min(1.0, said / _BEST))


def _answered(at: datetime, draws: Draws, process: SampleProcess) -> datetime | None:
    """When somebody of the shop answered, if so, and by `as_of`."""
    answers, wait = draws.uniform() < process.answer_rate, draws.exponential()
    answered = at + timedelta(minutes=int(wait * process.answer_hours * _MINUTES_AN_HOUR))
    return answered if answers and answered <= process.as_of else None


def _served(at: datetime, draws: Draws, process: SampleProcess) -> dict[str, Any]:
    """Solved in the help centre within the hour, or by an agent some hours or days after the answer, or not."""
    by_self, minutes = draws.uniform() < process.self_service_rate, 1 + int(59 * draws.uniform())
    if by_self:
        return _until(process.as_of, at + _MINUTE, at + minutes * _MINUTE, "self_service")
    answered = _answered(at, draws, process)
    if answered is None or draws.uniform() >= process.solution_rate:
        return {"answered_at": answered}
    work = int(draws.exponential() * process.solution_hours * _MINUTES_AN_HOUR)
    return _until(process.as_of, answered, answered + work * _MINUTE, "agent")


def _until(as_of: datetime, answered: datetime, solved: datetime, by: str) -> dict[str, Any]:
    """What of it was known by then."""
    if solved > as_of:
        return {"answered_at": answered if answered <= as_of else None}
    return {"answered_at": answered, "solved_at": solved, "solved_by": by}


def _later(at: datetime, days: float) -> datetime:
    return at + timedelta(minutes=int(days * _MINUTES_A_DAY))
