"""How the customers of each audience are found: each function takes a shop's records, and says who is meant."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Container, Hashable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from retention._calendar import from_microseconds, microseconds
from retention._cancellations import CANCELLED_FOR, NOT_CANCELLED
from retention._interaction_facts import asks_for_help, is_written
from retention.segments._silence import DAY
from retention.strategies._customer_records import carts
from retention.strategies._room import HALF_YEAR, LOSS_DAYS, YEAR, Crowd, Room

__all__ = [
    "UNWANTED",
    "Nameless",
    "answered",
    "asked_for_help",
    "asked_to_recommend",
    "at_a_discount",
    "began_a_cart",
    "bought_in_period",
    "buying_members",
    "cancelled",
    "frequent",
    "had_to_pay",
    "left_a_cart",
    "left_for",
    "members",
    "nameless_cancellations",
    "nameless_carts",
    "nameless_questions",
    "only_one",
    "placed_an_order",
    "promoters",
    "refunded",
    "regulars_lately",
    "still_here",
    "subscribers",
    "unhappy",
    "were_subscribers",
    "written_to",
]

_CART_DAYS = 1
"""A basket that was begun later than so many days ago is still being filled."""


class Nameless(NamedTuple):
    """Records that are about an audience and name nobody, such as baskets of visitors who have not logged in."""

    those: int = 0
    """How many are of such as the audience is."""
    of_all: int = 0
    """How many are of those whom it is among."""


def still_here(room: Room) -> Crowd:
    """Who has bought, and has not lapsed."""
    return room.state("new", "active", "won_back", "at_risk")


def regulars_lately(room: Room) -> Crowd:
    """Regulars, but those who lapsed long ago."""
    return room.stage("late") - (room.state("lapsed") - room.buyers(HALF_YEAR))


def subscribers(room: Room) -> Crowd:
    """Who has a subscription that is paid for."""
    return room.crowd(room.subscribers)


def left_for(room: Room, reason: str, days: int) -> Crowd:
    """Subscribers who are gone, for this reason, so many days before the end or later."""
    left = room.former_subscribers.items()
    return room.crowd(
        {who: how.at for who, how in left if how.reason == reason and how.at >= room.before(days)}
    )


def had_to_pay(room: Room) -> Crowd:
    """Subscribers, and those who were until lately."""
    left = {who: how.at for who, how in room.former_subscribers.items() if how.at >= room.before(LOSS_DAYS)}
    return room.crowd({**room.subscribers, **left})


def were_subscribers(room: Room) -> Crowd:
    """Subscribers, and those who were in the year before the end."""
    left = {who: how.at for who, how in room.former_subscribers.items() if how.at >= room.before(YEAR)}
    return room.crowd({**room.subscribers, **left})


def left_a_cart(room: Room) -> Crowd:
    """Whose latest basket is of the period, and is still open."""
    start, end = map(from_microseconds, _time_of_carts(room))
    left = carts(room.shop, room.people) or {}
    return room.crowd_of({who: at for who, at in left.items() if start <= at < end})


def began_a_cart(room: Room) -> Crowd:
    """Who began a basket in the period."""
    return room.crowd({room.person(who): 0 for who, _ in _carts(room) if who is not None})


def nameless_carts(room: Room) -> Nameless:
    """The baskets of the period that name nobody."""
    nameless = [is_ordered for who, is_ordered in _carts(room) if who is None]
    return Nameless(nameless.count(False), len(nameless))


def _carts(room: Room) -> Iterator[tuple[Hashable, bool]]:
    """The baskets of the period that were begun at least a day ago: whose, and whether they were ordered."""
    start, end = map(from_microseconds, _time_of_carts(room))
    last = from_microseconds(room.here.until)
    for cart in room.shop.checkouts:
        if start <= cart.begun_at < end:
            yield cart.customer_id, cart.ordered_at is not None and cart.ordered_at < last


def _time_of_carts(room: Room) -> tuple[int, int]:
    """The part of the period in which baskets were begun that are no more being filled."""
    start, end = room.span
    return start, end - _CART_DAYS * DAY


def unhappy(room: Room) -> Crowd:
    """Whose latest answer of the year is an unhappy one."""
    return _lately(room, room.told.at, {who for who, mood in room.told.feeling.items() if mood < 0})


def answered(room: Room) -> Crowd:
    """Who told in the year whether they are content."""
    return _lately(room, room.told.at, room.told.at)


def promoters(room: Room) -> Crowd:
    """Who would recommend the shop."""
    return _lately(room, room.told.asked_at, {who for who, mood in room.told.recommends.items() if mood > 0})


def asked_to_recommend(room: Room) -> Crowd:
    """Who told in the year whether they recommend the shop."""
    return _lately(room, room.told.asked_at, room.told.asked_at)


def _lately(room: Room, latest: Mapping[int, datetime], those: Container[int]) -> Crowd:
    """Those whose latest answer is of the year before the end."""
    first = from_microseconds(room.before(YEAR))
    return room.crowd_of({who: at for who, at in latest.items() if at >= first and who in those})


def asked_for_help(room: Room) -> Crowd:
    """Who asked for help in the period."""
    return room.crowd(dict(room.contacts(room.span[0])))


def nameless_questions(room: Room) -> Nameless:
    """The questions of the period that name nobody."""
    asked = sum(each.customer_id is None and asks_for_help(each) for each in room.interactions(room.span[0]))
    return Nameless(asked, asked)


def written_to(room: Room) -> Crowd:
    """To whom the shop wrote in the period."""
    since = {
        room.person(each.customer_id): room.span[0]
        for each in room.interactions(room.span[0])
        if is_written(each) and each.customer_id is not None
    }
    return room.crowd(since)


def refunded(room: Room) -> Crowd:
    """Who got money back in the period."""
    clusters = dict(room.history.columns.refunds.between(*room.span))
    return room.numbered(number for number in clusters if 0 <= number < room.customers)


UNWANTED = frozenset(CANCELLED_FOR) - {"fraud"}
"""Reasons after which somebody may be written to; whoever is suspected of fraud may not."""


def cancelled(room: Room, reasons: Container[str | None] = UNWANTED) -> Crowd:
    """Whose order of the period was cancelled for one of these reasons, and who has bought nothing since."""
    bought, latest = room.here.latest_at, dict[int, int]()
    for at, cluster, reason in _unsold(room):
        if reason in reasons:
            latest[cluster] = max(at, latest.get(cluster, at))
    lost = {who: at for who, at in latest.items() if not 0 <= who < room.customers or bought[who] <= at}
    return _of_clusters(room, lost)


def nameless_cancellations(room: Room, reasons: Container[str | None] = UNWANTED) -> Nameless:
    """The orders of guests in the period: those cancelled for one of these reasons, and all."""
    columns, names = room.history.columns, _names_of_clusters(room)
    nameless = [reason for _, cluster, reason in _unsold(room) if cluster < 0 and cluster not in names]
    guests = columns.guests.count(*room.span) if room.span[0] < room.span[1] else 0
    return Nameless(sum(reason in reasons for reason in nameless), len(nameless) + guests)


def placed_an_order(room: Room) -> Crowd:
    """Who placed an order in the period, whether or not anything came of it."""
    return bought_in_period(room) | _of_clusters(room, {who: at for at, who, _ in _unsold(room)})


def _unsold(room: Room) -> Iterator[tuple[int, int, str | None]]:
    """The orders of the period that came to nothing: when placed, whose, and why cancelled, if they were."""
    unsold = room.history.columns.unsold
    low, high = (bisect_left(unsold.at, end) for end in room.span)
    rows = zip(unsold.at[low:high], unsold.cluster[low:high], unsold.units[low:high], strict=True)
    for at, cluster, number in rows:
        yield at, cluster, None if number == NOT_CANCELLED else CANCELLED_FOR[number]


def _names_of_clusters(room: Room) -> dict[int, Hashable]:
    """Ids of customers who have ordered and never purchased."""
    return {number: who for who, number in room.history.columns.never_bought.items()}


def _of_clusters(room: Room, known: Mapping[int, int]) -> Crowd:
    """Those of some clusters who are known, each with an instant since which they are."""
    names, ids = _names_of_clusters(room), room.history.columns.ids
    named = {who: ids[who] if who >= 0 else names.get(who) for who in known}
    return room.crowd({named[who]: at for who, at in known.items() if named[who] is not None})


def at_a_discount(room: Room) -> Crowd:
    """Who bought at a discount in the period."""
    where = _of_period(room)
    columns = room.history.columns
    flags = columns.goods.discounted[where]
    return room.numbered(who for who, flag in zip(columns.customer[where], flags, strict=False) if flag == 1)


def _of_period(room: Room) -> slice:
    """The purchases of the period that are known."""
    where = room.here.purchases(room.span[0])
    return slice(min(where.start, where.stop), where.stop)


def bought_in_period(room: Room) -> Crowd:
    """Who bought in the period."""
    return room.numbered(room.history.columns.customer[_of_period(room)])


def members(room: Room) -> Crowd:
    """Who had joined the loyalty programme by the end."""
    joined: dict[Hashable, int] = {}
    for customer in room.shop.customers:
        if customer.loyalty_joined_at is not None:
            at = microseconds(customer.loyalty_joined_at)
            if at < room.here.until:
                who = room.person(customer.id)
                joined[who] = min(at, joined.get(who, at))
    return room.crowd(joined)


def buying_members(room: Room) -> Crowd:
    """The members who bought in the year before the end."""
    return members(room) & room.buyers(YEAR)


def only_one(room: Room, kinds: Sequence[int]) -> Crowd:
    """Who bought twice or more in the year, and always of one kind, as far as it is known."""
    one = Crowd(marks=bytes(each > 0 and not each & (each - 1) for each in kinds))
    return one & room.buyers(YEAR, at_least=2)


def frequent(room: Room) -> Crowd:
    """Who bought twice or more in the year before the end."""
    return room.buyers(YEAR, at_least=2)
