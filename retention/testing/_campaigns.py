"""What the sample shop does to sell more: messages to customers, approaches, and offers at the checkout."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any

from retention.records import Interaction, Order
from retention.testing._draws import Draws, natural_log
from retention.testing._lives import Life, month_starts
from retention.testing._process import SampleProcess
from retention.testing._sales import TILL, some_time_around

__all__ = ["Campaigns"]

_TENTH_AT_NINE = timedelta(days=9, hours=9)
_MINUTE = timedelta(minutes=1)
_MINUTES_A_DAY = 24 * 60
_SMS = "sms"
_BEFORE_PAYING = 2 * _MINUTE


class Campaigns:
    """The shop's own contacts: what it sent to whom, and what came of it."""

    def __init__(self, seed: int, process: SampleProcess) -> None:
        self._seed = seed
        self._process = process
        months = (process.opened_at.replace(day=1), *month_starts(process.opened_at, process.as_of))
        waves = (month + _TENTH_AT_NINE for month in months)
        self._waves = [(sent, f"{sent:%Y-%m}") for sent in waves if sent < process.as_of]
        self._channels = [
            (channel, rate, process.message_response_rates.get(channel, 0.0))
            for channel, rate in process.message_rates.items()
        ]

    def contacts_of(self, life: Life, orders: Iterable[Order]) -> Iterator[Interaction]:
        """All that was sent or said to one customer, and to those who did not become one in their stead."""
        yield from self._messages(life)
        draws = Draws(self._seed, life.number, "offers")
        before: Order | None = None
        for order in orders:
            yield from self._approaches(life, order, before, draws)
            yield from self._offers(order, draws)
            before = order

    def _messages(self, life: Life) -> Iterator[Interaction]:
        """One wave a month, of which each customer gets what chance says, on each channel by itself."""
        uniform, since = Draws(self._seed, life.number, "messages").uniform, life.purchases[0].at
        for sent, month in self._waves:
            if sent < since:
                continue
            for channel, rate, responds in self._channels:
                draw, response, wait = uniform(), uniform(), uniform()
                if draw < rate:
                    share = response / responds if response < responds else None
                    yield Interaction(
                        id=f"{life.customer_id}-{channel}-{month}",
                        customer_id=life.customer_id,
                        kind="message",
                        direction="outbound",
                        channel=channel,
                        occurred_at=sent,
                        **({} if share is None else self._responses(sent, channel, share, wait)),
                    )

    def _responses(self, sent: datetime, channel: str, share: float, wait: float) -> dict[str, Any]:
        """What the customer did with a message, a day later on average; `share` says how far the response went."""
        process = self._process
        at = sent + timedelta(minutes=int(-natural_log(1 - wait) * _MINUTES_A_DAY))
        if at > process.as_of:
            return {}
        is_sms = channel == _SMS  # of which nobody learns that it was opened
        done = {"clicked_at": at} if is_sms else {"opened_at": at}
        if share < process.click_rate:
            done["clicked_at"] = at
        if share < process.reply_rate:
            done["replied_at"] = at
        return done

    def _approaches(
        self, life: Life, order: Order, before: Order | None, draws: Draws
    ) -> Iterator[Interaction]:
        """Calls to ask whether somebody would buy: the one that led to the order, and those in vain until it."""
        process = self._process
        was_asked, days, number = draws.uniform() < process.approach_rate, 1 + 6 * draws.uniform(), 0
        if not was_asked:
            return
        asked = order.placed_at - timedelta(minutes=int(days * _MINUTES_A_DAY))
        if before is not None and asked <= before.placed_at:
            # Whoever is called for a further order is a customer by then.
            asked = before.placed_at + (order.placed_at - before.placed_at) / 2
        yield Interaction(
            id=f"{order.id}-call",
            customer_id=life.customer_id,
            kind="approach",
            direction="outbound",
            channel="telephone",
            occurred_at=max(asked, process.opened_at),
            ordered_at=order.placed_at,
            order_id=order.id,
        )
        converts = process.new_conversion_rate if before is None else process.existing_conversion_rate
        while draws.uniform() >= converts:
            number += 1
            yield Interaction(
                id=f"{order.id}-call-{number}",
                customer_id=f"lead-{life.number}-{number}" if before is None else life.customer_id,
                kind="approach",
                direction="outbound",
                channel="telephone",
                occurred_at=self._in_vain(life, order, before, draws.uniform()),
            )

    def _in_vain(self, life: Life, order: Order, before: Order | None, draw: float) -> datetime:
        """When somebody was asked who did not buy: strangers at any time, customers while they were customers."""
        process = self._process
        if before is None:
            minutes = (process.as_of - process.opened_at) // _MINUTE
            return process.opened_at + int(minutes * draw) * _MINUTE
        return some_time_around(order.placed_at, draw, life.purchases[0].at, process)

    def _offers(self, order: Order, draws: Draws) -> Iterator[Interaction]:
        """One more thing, or a dearer one, offered at the checkout."""
        process, at = self._process, order.placed_at
        is_made, is_taken = (
            draws.uniform() < process.offer_rate,
            draws.uniform() < process.offer_acceptance_rate,
        )
        if not is_made or order.channel is None or order.channel == TILL:
            return
        yield Interaction(
            id=f"{order.id}-offer",
            customer_id=order.customer_id,
            kind="offer",
            direction="outbound",
            channel=order.channel,
            occurred_at=at - _BEFORE_PAYING,
            clicked_at=at - _BEFORE_PAYING if is_taken else None,
            ordered_at=at if is_taken else None,
            order_id=order.id if is_taken else None,
        )
