"""Whom a strategy is for: groups of customers as of the end of the period, with what they spent."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from attrs import field, frozen

from retention._calendar import microseconds
from retention._mapping import FrozenMapping
from retention._survey_counts import Question, recommending, satisfied
from retention.errors import SurveyScaleError
from retention.records import SurveyResponse
from retention.segments._customers import plain_id
from retention.segments._silence import DAY
from retention.strategies._room import HALF_YEAR, LOSS_DAYS, TWO_YEARS, YEAR, Crowd, Room

__all__ = ["ACTIVE", "AUDIENCES", "Audience", "AudienceSpec", "audience_of"]

ACTIVE = "customers who bought in the year"
_EVERYONE = "customers who ever bought"
_CART_DAYS = 1


@frozen(kw_only=True)
class AudienceSpec:
    """A group of customers that a rule may name as those whom its strategy is for.

    Attributes:
        id: Its name.
        title: Who they are, as a sentence goes on: "customers who have bought once".
        needs: What the shop must have: fields of the `Shop`, or of its records such as ``"Order.channel"``.
        among: Whom they are a part of, likewise; how large a part says how far the strategy reaches.
        has_left: They buy no more, so that what they would spend is told by others.

    .. versionadded:: 0.1
    """

    id: str
    title: str
    needs: tuple[str, ...] = ("orders",)
    among: str = ACTIVE
    has_left: bool = False
    _find: Callable[[Room], Crowd] = field(alias="find", repr=False, eq=False)
    _whole: Callable[[Room], Crowd] = field(
        default=lambda room: room.buyers(YEAR), alias="whole", repr=False, eq=False
    )

    def find(self, room: Room) -> Crowd:
        """Who they are.

        :meta private:
        """
        return self._find(room)

    def whole(self, room: Room) -> Crowd:
        """Those whom they are a part of.

        :meta private:
        """
        return self._whole(room)

    def __str__(self) -> str:
        return f"{self.id}: {self.title}"


@frozen(kw_only=True, repr=False)
class Audience:
    """The customers whom a strategy is for.

    Attributes:
        id: Which group they are, in `AUDIENCES`.
        title: Who they are.
        customers: Their ids, who spent most in the year before first; who has never purchased stands last.
        among: Whom they are a part of.
        of_all: How many those are.
        spend: What they spent in the year before the instant; None where the sales are in several currencies.
        spend_each: What one of them, as a mean, is taken to spend in a year: what those did who bought in it, themselves
            or, where they buy no more, all customers; None where nobody did.
        currency: The currency of that, or None.
        has_left: They buy no more.
        at: The day as of which they were found.

    .. versionadded:: 0.1
    """

    id: str
    title: str
    customers: tuple[Hashable, ...]
    among: str
    of_all: int
    spend: Decimal | None
    spend_each: Decimal | None
    currency: str | None
    has_left: bool
    at: str

    def __len__(self) -> int:
        return len(self.customers)

    def __iter__(self) -> Iterator[Hashable]:
        return iter(self.customers)

    @property
    def reach(self) -> float:
        """Which part they are of those whom they are among; 1 at most, and where there is nobody to measure it by."""
        return min(1.0, len(self) / self.of_all) if self.of_all else 1.0

    def to_dict(self) -> dict[str, Any]:
        """Everything but the customers as a plain dictionary; `ids` has these."""
        return {
            "audience": self.id,
            "title": self.title,
            "customers": len(self),
            "among": self.among,
            "of_all": self.of_all,
            "spend": self.spend,
            "spend_each": self.spend_each,
            "currency": self.currency,
            "at": self.at,
        }

    def ids(self) -> list[str | int]:
        """The ids of the customers as data frames and JSON take them: text and whole numbers as they are, all else as text."""
        return [plain_id(each) for each in self.customers]

    def __str__(self) -> str:
        return f"{len(self):,} {self.title}"

    def __repr__(self) -> str:
        return f"<Audience: {self.id}, {len(self):,} customers>"


def audience_of(room: Room, spec: AudienceSpec) -> Audience:
    """The customers of a group, with what they spent."""
    crowd = spec.find(room)
    units = room.spent_by(crowd)
    active = room.buyers(YEAR)
    model = active if spec.has_left else active & crowd
    count = model.marks.count(1)
    each = room.spent_by(model) if count else 0
    return Audience(
        id=spec.id,
        title=spec.title,
        customers=room.ids_of(crowd),
        among=spec.among,
        of_all=spec.whole(room).count,
        spend=room.amount(units),
        spend_each=room.amount(each // count) if count else None,
        currency=room.currency,
        has_left=spec.has_left,
        at=room.day,
    )


# ------------------------------------------------------------------------------------------- finding


def _still_here(room: Room) -> Crowd:
    return room.state("new", "active", "won_back", "at_risk")


def _regulars_lately(room: Room) -> Crowd:
    """Regulars, but those who lapsed long ago."""
    return room.stage("late") - (room.state("lapsed") - room.buyers(HALF_YEAR))


def _subscribers(room: Room) -> Crowd:
    return room.crowd(room.subscribers)


def _left(room: Room, reason: str, days: int) -> Crowd:
    """Subscribers who are gone, for this reason, so many days before the end or later."""
    left = room.former_subscribers.items()
    return room.crowd(
        {who: how.at for who, how in left if how.reason == reason and how.at >= room.before(days)}
    )


def _had_to_pay(room: Room) -> Crowd:
    """Subscribers, and those who were until lately."""
    left = {who: how.at for who, how in room.former_subscribers.items() if how.at >= room.before(LOSS_DAYS)}
    return room.crowd({**room.subscribers, **left})


def _were_subscribers(room: Room) -> Crowd:
    left = {who: how.at for who, how in room.former_subscribers.items() if how.at >= room.before(YEAR)}
    return room.crowd({**room.subscribers, **left})


def _left_a_cart(room: Room) -> Crowd:
    latest: dict[Hashable, int] = {}
    for who, at, is_ordered in _carts(room):
        if not is_ordered:
            latest[who] = max(at, latest.get(who, at))
    return room.crowd(room.without_later_purchase(latest))


def _began_a_cart(room: Room) -> Crowd:
    return room.crowd({who: at for who, at, _ in _carts(room)})


def _carts(room: Room) -> Iterator[tuple[Hashable, int, bool]]:
    """The baskets of the period that were begun at least a day ago: whose, when, and whether they were ordered."""
    start, end = room.span
    for cart in room.shop.checkouts:
        if cart.customer_id is None:
            continue
        begun = microseconds(cart.begun_at)
        if start <= begun < end - _CART_DAYS * DAY:
            is_ordered = cart.ordered_at is not None and microseconds(cart.ordered_at) < end
            yield room.person(cart.customer_id), begun, is_ordered


def _unhappy(room: Room) -> Crowd:
    return room.crowd({who: at for who, at, mood in _moods(room) if mood < 0})


def _answered(room: Room) -> Crowd:
    return room.crowd({who: at for who, at, _ in _moods(room)})


def _promoters(room: Room) -> Crowd:
    return room.crowd({who: at for who, at, mood in _moods(room, "nps") if mood > 0})


def _asked_to_recommend(room: Room) -> Crowd:
    return room.crowd({who: at for who, at, _ in _moods(room, "nps")})


def _moods(room: Room, *kinds: str) -> Iterator[tuple[Hashable, int, int]]:
    """Who answered whether they are satisfied, or recommend the shop: when last, and whether happy (1) or not (−1).

    Of several answers of one instant the worst counts, so that it doesn't matter in which order they are given.

    Args:
        room: The shop.
        kinds: To which questions; both, where none is named.
    """
    for who, responses in room.answers.items():
        asked = [each for each in responses if each.kind in (kinds or ("nps", "csat"))]
        told = [(each.responded_at, -mood) for each in asked if (mood := _mood(each)) is not None]
        if told:
            at, mood = max(told)
            yield who, microseconds(at), -mood


def _mood(response: SurveyResponse) -> int | None:
    """−1 for an unhappy answer, 1 for a happy one, 0 between; None where the scale does not say."""
    question = Question.of(response)
    if response.kind == "nps":
        return recommending(question)(response.score)
    try:
        return 1 if satisfied(question)(response.score) else -1
    except SurveyScaleError:  # a scale with fractions has no boxes
        return None


def _asked_for_help(room: Room) -> Crowd:
    return room.crowd(dict(room.contacts(room.span[0])))


def _written_to(room: Room) -> Crowd:
    since = {
        room.person(each.customer_id): room.span[0]
        for each in room.interactions(room.span[0])
        if each.direction == "outbound" and each.customer_id is not None
    }
    return room.crowd(since)


def _refunded(room: Room) -> Crowd:
    clusters = dict(room.history.columns.refunds.between(*room.span))
    return room.numbered(number for number in clusters if 0 <= number < room.customers)


def _cancelled(room: Room) -> Crowd:
    start, end = room.span
    ids = {number: who for who, number in room.history.columns.never_bought.items()}
    latest: dict[Hashable, int] = {}
    for each in room.history.columns.cancelled:
        if start <= each.at < end and not each.of_guest:
            number = each.cluster
            who = room.history.columns.ids[number] if number >= 0 else ids[number]
            latest[who] = max(each.at, latest.get(who, each.at))
    return room.crowd(room.without_later_purchase(latest))


def _at_a_discount(room: Room) -> Crowd:
    where = _of_period(room)
    columns = room.history.columns
    flags = columns.goods.discounted[where]
    return room.numbered(who for who, flag in zip(columns.customer[where], flags, strict=False) if flag == 1)


def _of_period(room: Room) -> slice:
    """The purchases of the period that are known."""
    where = room.here.purchases(room.span[0])
    return slice(min(where.start, where.stop), where.stop)


def _bought_in_period(room: Room) -> Crowd:
    return room.numbered(room.history.columns.customer[_of_period(room)])


def _members(room: Room) -> Crowd:
    joined: dict[Hashable, int] = {}
    for customer in room.shop.customers:
        if customer.loyalty_joined_at is not None:
            at = microseconds(customer.loyalty_joined_at)
            if at < room.here.until:
                who = room.person(customer.id)
                joined[who] = min(at, joined.get(who, at))
    return room.crowd(joined)


def _buying_members(room: Room) -> Crowd:
    return _members(room) & room.buyers(YEAR)


def _only_one(room: Room, kinds: Sequence[int]) -> Crowd:
    """Who bought twice or more in the year, and always of one kind, as far as it is known."""
    one = Crowd(marks=bytes(each > 0 and not each & (each - 1) for each in kinds))
    return one & room.buyers(YEAR, at_least=2)


def _frequent(room: Room) -> Crowd:
    return room.buyers(YEAR, at_least=2)


# ------------------------------------------------------------------------------------------- the table


def _all() -> Iterable[AudienceSpec]:
    yield AudienceSpec(
        id="all customers",
        title="customers who bought in the last 365 days",
        find=lambda room: room.buyers(YEAR),
    )
    yield AudienceSpec(
        id="active customers",
        title="customers who buy as usual",
        among="customers who have not lapsed",
        find=lambda room: room.state("new", "active", "won_back"),
        whole=_still_here,
    )
    yield AudienceSpec(
        id="new customers",
        title="customers who first bought in the period",
        among="customers who bought in the year, or in the period",
        find=lambda room: room.newcomers,
        whole=lambda room: room.buyers(YEAR) | room.newcomers,
    )
    yield AudienceSpec(
        id="one-time buyers",
        title="customers who have bought once, and have not lapsed",
        among="customers who have not lapsed",
        find=lambda room: room.bought_once - room.state("lapsed"),
        whole=lambda room: room.everyone - room.state("lapsed"),
    )
    yield AudienceSpec(
        id="customers at risk",
        title="customers who have been silent for longer than usual, and have not lapsed",
        among="customers who have not lapsed",
        find=lambda room: room.state("at_risk"),
        whole=_still_here,
    )
    yield AudienceSpec(
        id="regulars at risk",
        title="regulars who have been silent for too long, and have not been gone for half a year",
        among="regulars who have not been gone for half a year",
        find=lambda room: _regulars_lately(room) & room.state("at_risk", "lapsed"),
        whole=_regulars_lately,
    )
    yield AudienceSpec(
        id="lapsed customers",
        title="customers who have lapsed",
        among=_EVERYONE,
        has_left=True,
        find=lambda room: room.state("lapsed"),
        whole=lambda room: room.everyone,
    )
    yield AudienceSpec(
        id="lapsed regulars",
        title=f"regulars who have lapsed, and bought in the last {TWO_YEARS} days",
        among=f"regulars who bought in the last {TWO_YEARS} days",
        has_left=True,
        find=lambda room: room.state("lapsed") & room.stage("late") & room.buyers(TWO_YEARS),
        whole=lambda room: room.stage("late") & room.buyers(TWO_YEARS),
    )
    yield AudienceSpec(
        id="regulars",
        title="regulars who buy as usual",
        among="regulars",
        find=lambda room: room.stage("late") & room.state("new", "active", "won_back"),
        whole=lambda room: room.stage("late"),
    )
    yield AudienceSpec(
        id="frequent buyers",
        title="customers who bought twice or more in the last 365 days",
        find=_frequent,
    )
    yield AudienceSpec(
        id="subscribers",
        title="customers with a subscription",
        needs=("subscriptions",),
        among="customers who had a subscription in the year",
        find=_subscribers,
        whole=_were_subscribers,
    )
    yield AudienceSpec(
        id="subscribers with a failed payment",
        title=f"customers whose subscription ended for a failed payment in the last {LOSS_DAYS} days",
        needs=("subscriptions",),
        among=f"customers who had a subscription in the last {LOSS_DAYS} days",
        find=lambda room: _left(room, "payment", LOSS_DAYS),
        whole=_had_to_pay,
    )
    yield AudienceSpec(
        id="former subscribers",
        title="customers who cancelled their subscription in the last 365 days",
        needs=("subscriptions",),
        among="customers who had a subscription in the year",
        find=lambda room: _left(room, "customer", YEAR),
        whole=_were_subscribers,
    )
    yield AudienceSpec(
        id="left a cart",
        title="customers who left a basket in the period, and have bought nothing since",
        needs=("checkouts",),
        among="customers who began a basket in the period",
        find=_left_a_cart,
        whole=_began_a_cart,
    )
    yield AudienceSpec(
        id="unhappy customers",
        title="customers whose latest answer of the last 365 days was an unhappy one",
        needs=("responses",),
        among="customers who answered in the year",
        find=_unhappy,
        whole=_answered,
    )
    yield AudienceSpec(
        id="promoters",
        title="customers who would recommend the shop, by their latest answer of the last 365 days",
        needs=("responses",),
        among="customers who answered in the year",
        find=_promoters,
        whole=_asked_to_recommend,
    )
    yield AudienceSpec(
        id="asked for help",
        title="customers who asked for help in the period",
        needs=("interactions",),
        among="customers who bought in the year, or asked for help in the period",
        find=_asked_for_help,
        whole=lambda room: room.buyers(YEAR) | _asked_for_help(room),
    )
    yield AudienceSpec(
        id="were written to",
        title="customers to whom the shop wrote in the period",
        needs=("interactions",),
        among="customers who bought in the year, or were written to in the period",
        find=_written_to,
        whole=lambda room: room.buyers(YEAR) | _written_to(room),
    )
    yield AudienceSpec(
        id="cancelled an order",
        title="customers who had an order cancelled in the period, and have bought nothing since",
        among="customers who bought in the year, or had an order cancelled",
        find=_cancelled,
        whole=lambda room: room.buyers(YEAR) | _cancelled(room),
    )
    yield AudienceSpec(
        id="had a refund",
        title="customers who got money back in the period",
        among="customers who bought in the year, or got money back in the period",
        find=_refunded,
        whole=lambda room: room.buyers(YEAR) | _refunded(room),
    )
    yield AudienceSpec(
        id="bought at a discount",
        title="customers who bought at a discount in the period",
        needs=("orders", "Order.discount"),
        among="customers who bought in the period",
        find=_at_a_discount,
        whole=_bought_in_period,
    )
    yield AudienceSpec(
        id="members",
        title="members of the loyalty programme who bought in the last 365 days",
        needs=("customers", "Customer.loyalty_joined_at"),
        find=_buying_members,
    )
    yield AudienceSpec(
        id="no members",
        title="customers who bought in the last 365 days, and are no members",
        needs=("customers",),
        find=lambda room: room.buyers(YEAR) - _members(room),
    )
    yield AudienceSpec(
        id="one category",
        title="customers who bought twice or more in the last 365 days, always in one category",
        needs=("orders", "Order.items"),
        among="customers who bought twice or more in the year",
        find=lambda room: _only_one(room, room.categories),
        whole=_frequent,
    )
    yield AudienceSpec(
        id="one channel",
        title="customers who bought twice or more in the last 365 days, always on one channel",
        needs=("orders", "Order.channel"),
        among="customers who bought twice or more in the year",
        find=lambda room: _only_one(room, room.channels),
        whole=_frequent,
    )


AUDIENCES: Mapping[str, AudienceSpec] = FrozenMapping({each.id: each for each in _all()})
"""The groups of customers that a rule may name, by id."""
