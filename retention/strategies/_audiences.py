"""Whom a strategy is for: groups of customers as of the end of the period, with what they spent."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from decimal import Decimal
from functools import partial
from typing import Any

from attrs import field, frozen

from retention._mapping import FrozenMapping
from retention.segments._customers import plain_id
from retention.strategies import _crowds as crowds
from retention.strategies._crowds import Nameless
from retention.strategies._requirements import OUTLOOK
from retention.strategies._room import LOSS_DAYS, TWO_YEARS, YEAR, Crowd, Room

__all__ = ["ACTIVE", "AUDIENCES", "Audience", "AudienceSpec", "audience_of"]

ACTIVE = "customers who bought in the year"


@frozen(kw_only=True)
class AudienceSpec:
    """A group of customers that a rule may name as those whom its strategy is for; those there are stand in `AUDIENCES`.

    Attributes:
        id: Its name.
        title: Who they are, as a sentence goes on: "customers who have bought once".
        needs: What the shop must have: fields of the `Shop`, or of its records such as ``"Order.channel"``.
        among: Whom they are a part of, likewise; how large a part says how far the strategy reaches.
        has_left: They buy no more, so that what they would spend is told by others.
        order: Who of them is listed first, in words.

    .. versionadded:: 0.1
    """

    id: str
    title: str
    needs: tuple[str, ...] = ("orders",)
    among: str = ACTIVE
    has_left: bool = False
    order: str = "who spent most first"
    _find: Callable[[Room], Crowd] = field(alias="find", repr=False, eq=False)
    _whole: Callable[[Room], Crowd] = field(
        default=lambda room: room.buyers(YEAR), alias="whole", repr=False, eq=False
    )
    _nameless: Callable[[Room], Nameless] = field(
        default=lambda _room: Nameless(), alias="nameless", repr=False, eq=False
    )
    _listed: Callable[[Room], tuple[Hashable, ...]] | None = field(
        default=None, alias="listed", repr=False, eq=False
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

    def listed(self, room: Room, crowd: Crowd) -> tuple[Hashable, ...]:
        """Their ids, in the order in which they matter: the best spenders first, unless the group has an order of its own.

        :meta private:
        """
        return room.ids_of(crowd) if self._listed is None else self._listed(room)

    def nameless(self, room: Room) -> Nameless:
        """How many records name none of them.

        :meta private:
        """
        return self._nameless(room)

    def __str__(self) -> str:
        return f"{self.id}: {self.title}"

    def __reduce__(self) -> tuple[object, ...]:
        # By name, since how they are found is a function of the table, which can't be pickled.
        return _audience_called, (self.id,)


def _audience_called(name: str) -> AudienceSpec:
    return AUDIENCES[name]


@frozen(kw_only=True, repr=False)
class Audience:
    """The customers whom a strategy is for.

    Attributes:
        id: Which group they are, in `AUDIENCES`.
        title: Who they are.
        customers: Their ids, who spent most in the year before first; who has never purchased stands last. Where a model
            tells who is leaving, with whom most is at stake first.
        among: Whom they are a part of.
        of_all: How many those are.
        nameless: How many records tell of one more of them and name nobody, such as baskets of visitors who have not
            logged in; they can't be listed.
        nameless_of_all: How many do of those whom they are a part of.
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
    nameless: int = 0
    nameless_of_all: int = 0

    def __len__(self) -> int:
        return len(self.customers)

    def __iter__(self) -> Iterator[Hashable]:
        return iter(self.customers)

    @property
    def reach(self) -> float:
        """Which part they are of those whom they are among, each nameless record taken as one more customer.

        It is 1 where there is nobody to measure it by.
        """
        of_all = self.of_all + self.nameless_of_all
        return (len(self) + self.nameless) / of_all if of_all else 1.0

    def to_dict(self) -> dict[str, Any]:
        """Everything but the customers as a plain dictionary; `ids` has these."""
        return {
            "audience": self.id,
            "title": self.title,
            "customers": len(self),
            "among": self.among,
            "of_all": self.of_all,
            "nameless": self.nameless,
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
    nameless = spec.nameless(room)
    return Audience(
        id=spec.id,
        title=spec.title,
        customers=spec.listed(room, crowd),
        among=spec.among,
        of_all=spec.whole(room).count,
        spend=room.amount(units),
        spend_each=room.amount(each // count) if count else None,
        currency=room.currency,
        has_left=spec.has_left,
        at=room.day,
        nameless=nameless.those,
        nameless_of_all=nameless.of_all,
    )


# ------------------------------------------------------------------------------------------- the table


_CANCELLED: tuple[tuple[str, str, frozenset[str]], ...] = (
    ("cancelled an order", "an order cancelled, for whatever reason but fraud", crowds.UNWANTED),
    ("cancelled themselves", "an order that they cancelled themselves", frozenset({"customer"})),
    ("cancelled for a failed payment", "an order cancelled for a failed payment", frozenset({"payment"})),
    ("went without for want of stock", "an order cancelled for want of stock", frozenset({"stock"})),
    ("met a technical fault", "an order cancelled for a technical fault", frozenset({"technical"})),
)
"""Who had which order of the period cancelled: name of the audience, what it had, and for which reasons."""


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
        whole=crowds.still_here,
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
        whole=crowds.still_here,
    )
    yield AudienceSpec(
        id="regulars at risk",
        title="regulars who have been silent for too long, and have not been gone for half a year",
        among="regulars who have not been gone for half a year",
        find=lambda room: crowds.regulars_lately(room) & room.state("at_risk", "lapsed"),
        whole=crowds.regulars_lately,
    )
    yield AudienceSpec(
        id="lapsed customers",
        title=f"customers who have lapsed, and bought in the last {TWO_YEARS} days",
        among=f"customers who bought in the last {TWO_YEARS} days",
        has_left=True,
        find=lambda room: room.state("lapsed") & room.buyers(TWO_YEARS),
        whole=lambda room: room.buyers(TWO_YEARS),
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
        find=crowds.frequent,
    )
    yield AudienceSpec(
        id="subscribers",
        title="customers with a subscription",
        needs=("subscriptions",),
        among="customers who had a subscription in the year",
        find=crowds.subscribers,
        whole=crowds.were_subscribers,
    )
    yield AudienceSpec(
        id="subscribers with a failed payment",
        title=f"customers whose subscription ended for a failed payment in the last {LOSS_DAYS} days",
        needs=("subscriptions",),
        among=f"customers who had a subscription in the last {LOSS_DAYS} days",
        find=lambda room: crowds.left_for(room, "payment", LOSS_DAYS),
        whole=crowds.had_to_pay,
    )
    yield AudienceSpec(
        id="former subscribers",
        title="customers who cancelled their subscription in the last 365 days",
        needs=("subscriptions",),
        among="customers who had a subscription in the year",
        find=lambda room: crowds.left_for(room, "customer", YEAR),
        whole=crowds.were_subscribers,
    )
    yield AudienceSpec(
        id="left a cart",
        title="customers whose latest basket was left in the period, and who have bought nothing since",
        needs=("checkouts",),
        among="customers who began a basket in the period",
        find=crowds.left_a_cart,
        whole=crowds.began_a_cart,
        nameless=crowds.nameless_carts,
    )
    yield AudienceSpec(
        id="unhappy customers",
        title="customers whose latest answer of the last 365 days was an unhappy one",
        needs=("responses",),
        among="customers who told in the year whether they are content",
        find=crowds.unhappy,
        whole=crowds.answered,
    )
    yield AudienceSpec(
        id="promoters",
        title="customers who would recommend the shop, by their latest answer of the last 365 days",
        needs=("responses",),
        among="customers who told in the year whether they recommend the shop",
        find=crowds.promoters,
        whole=crowds.asked_to_recommend,
    )
    yield AudienceSpec(
        id="asked for help",
        title="customers who asked for help in the period",
        needs=("interactions",),
        among="customers who bought in the year, or asked for help in the period",
        find=crowds.asked_for_help,
        whole=lambda room: room.buyers(YEAR) | crowds.asked_for_help(room),
        nameless=crowds.nameless_questions,
    )
    yield AudienceSpec(
        id="were written to",
        title="customers to whom the shop wrote in the period",
        needs=("interactions",),
        among="customers who bought in the year, or were written to in the period",
        find=crowds.written_to,
        whole=lambda room: room.buyers(YEAR) | crowds.written_to(room),
    )
    for name, what, reasons in _CANCELLED:
        yield AudienceSpec(
            id=name,
            title=f"customers who placed {what}, in the period, and have bought nothing since",
            among="customers who placed an order in the period",
            find=partial(crowds.cancelled, reasons=reasons),
            whole=crowds.placed_an_order,
            nameless=partial(crowds.nameless_cancellations, reasons=reasons),
        )
    yield AudienceSpec(
        id="had a refund",
        title="customers who got money back in the period",
        among="customers who bought in the year, or got money back in the period",
        find=crowds.refunded,
        whole=lambda room: room.buyers(YEAR) | crowds.refunded(room),
    )
    yield AudienceSpec(
        id="bought at a discount",
        title="customers who bought at a discount in the period",
        needs=("orders", "Order.discount"),
        among="customers who bought in the period",
        find=crowds.at_a_discount,
        whole=crowds.bought_in_period,
    )
    yield AudienceSpec(
        id="worth keeping, likely leaving",
        title="customers who would bring most if still there, and probably are not, by a model",
        needs=("orders", OUTLOOK),
        among="customers who are worth keeping, by a model",
        order="with whom most is at stake first",
        find=lambda room: room.crowd(dict.fromkeys(room.likely_leaving, 0)),
        whole=lambda room: room.worth_keeping,
        listed=lambda room: room.likely_leaving,
    )
    yield AudienceSpec(
        id="members",
        title="members of the loyalty programme who bought in the last 365 days",
        needs=("customers", "Customer.loyalty_joined_at"),
        find=crowds.buying_members,
    )
    yield AudienceSpec(
        id="no members",
        title="customers who bought in the last 365 days, and are no members",
        needs=("customers",),
        find=lambda room: room.buyers(YEAR) - crowds.members(room),
    )
    yield AudienceSpec(
        id="one category",
        title="customers who bought twice or more in the last 365 days, always in one category",
        needs=("orders", "Order.items"),
        among="customers who bought twice or more in the year",
        find=lambda room: crowds.only_one(room, room.categories),
        whole=crowds.frequent,
    )
    yield AudienceSpec(
        id="one channel",
        title="customers who bought twice or more in the last 365 days, always on one channel",
        needs=("orders", "Order.channel"),
        among="customers who bought twice or more in the year",
        find=lambda room: crowds.only_one(room, room.channels),
        whole=crowds.frequent,
    )


AUDIENCES: Mapping[str, AudienceSpec] = FrozenMapping({each.id: each for each in _all()})
"""The groups of customers that a rule may name, by id."""
