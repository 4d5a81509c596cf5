"""The narrow waist of programmes: who of the customers that orders tell of is a member, or was referred.

The orders say who bought, stayed and came; the customers' records say who they are. A customer without a record is
neither a member nor another: nothing is known, so that the figures leave the customer out and say so.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Collection, Hashable, Iterable, Mapping
from typing import Any, Literal, TypeAlias

from attrs import evolve, field, frozen

from retention._calendar import Duration, microseconds
from retention._facts import PeriodFacts, facts
from retention._mapping import FrozenMapping
from retention._numerics import Cross, CrossSums, CrossTwoGroups
from retention._reading import Reading
from retention._watched import Watched
from retention.history import History
from retention.periods import Period
from retention.records import Customer
from retention.shop import Shop

__all__ = ["GROUPS", "SELF_SELECTION", "Group", "Pairs", "ProgramFacts", "program_facts"]

Group: TypeAlias = Literal["members", "others"]
"""Those who belong to the loyalty programme, and all others."""

GROUPS: tuple[Group, Group] = ("members", "others")

SELF_SELECTION = "members chose themselves, so that a difference from others is no effect of the programme"

NO_RECORD = "without a customer record"
REFERRAL = "referral"
"""What `Customer.acquisition_channel` says of those who came by word of mouth."""

Pairs: TypeAlias = Mapping[int, tuple[int, int]]
"""By customer's number, the customer's x and y in a quotient Σy / Σx."""


# ----------------------------------------------------------------------------------------------- facts


@frozen(kw_only=True)
class ProgramFacts(Watched):
    """Who bought, stayed and came in one period, of the customers of whom there is a record.

    Each mapping holds a customer's x and y, by the customer's number. Money is in whole units.

    Attributes:
        counted: What the orders alone tell of the period.
        participation: Who purchased: 1, and whether they belong to the programme at the period's end.
        spend: Of members and others as of the period's start, each who purchased: 1, and their money.
        retention: Of members and others as of the period's start, each of the opening base: 1, and whether they stayed.
        referral: New customers: 1, and whether they were referred.
        referred_spend: Who purchased: their money, and the same of those who were referred.
        unrecorded: By metric, customers who are left out because there is no record of them.
    """

    counted: PeriodFacts = field(repr=False)
    participation: Pairs = field(repr=False)
    spend: Mapping[Group, Pairs] = field(repr=False)
    retention: Mapping[Group, Pairs] = field(repr=False)
    referral: Pairs = field(repr=False)
    referred_spend: Pairs = field(repr=False)
    unrecorded: Mapping[str, int]

    def left_out_of(self, metric: str) -> Mapping[str, int]:
        """Orders that count for nobody known, and customers without a record, by reason."""
        missing = self.unrecorded[metric]
        return FrozenMapping({**self.left_out, **({NO_RECORD: missing} if missing else {})})


def program_facts(
    shop: Shop,
    periods: Iterable[Period],
    *,
    history: History | None = None,
    counted: Mapping[Period, PeriodFacts] | None = None,
    inactive_after: Duration | None = None,
    usual_base: Collection[Period] = (),
    against: Mapping[Period, Period] = FrozenMapping(),
    options: Mapping[str, Mapping[str, Any]] = FrozenMapping(),
) -> list[ProgramFacts]:
    """The facts of each period, in the order given.

    Args:
        shop: The shop, with customers and orders.
        periods: The periods; they may overlap.
        history: Its orders, where they have been indexed.
        counted: The facts of its orders, where these have been counted: of each of the periods.
        inactive_after: As in `facts`, for the opening base.
        usual_base: Likewise.
        against: For periods that are compared with another of `periods`, that other.
        options: By metric, the keywords for which the sums over customers of two periods are made.
    """
    orders = shop.history() if history is None else history
    wanted = list(periods)
    if counted is None:
        made = facts(orders, wanted, inactive_after=inactive_after, usual_base=usual_base)
        counted = {each.period: each for each in made}
    who = _Records.of(shop.customers, shop.reading)
    found = {period: _count(orders, counted[period], who) for period in wanted}
    return [
        evolve(found[period], cross=FrozenMapping(_cross(found[period], found[against[period]], options)))
        if period in against
        else found[period]
        for period in wanted
    ]


def _count(history: History, counted: PeriodFacts, who: _Records) -> ProgramFacts:
    period, ids, base = counted.period, counted.ids, counted.base
    start, end = microseconds(period.start), microseconds(period.end)
    spend = _spend(history, start, end)
    active = {number: money for number, money in spend.items() if ids[number] in who.known}
    at_start = {number: True for number in base.kept if ids[number] in who.known}
    at_start |= {number: False for number in base.lost if ids[number] in who.known}
    new = [number for number in base.new if ids[number] in who.known]

    def is_member(number: int) -> bool:
        return who.has_joined(ids[number], before=start)

    unrecorded = {
        "purchased": len(spend) - len(active),
        "at_start": base.start - len(at_start),
        "new": len(base.new) - len(new),
    }
    return ProgramFacts(
        period=period,
        partial=counted.partial,
        unseen=counted.unseen,
        as_of=counted.as_of,
        observed_from=counted.observed_from,
        assumed=counted.assumed,
        left_out=counted.left_out_of("customers"),
        currencies=counted.money.currencies,
        counted=counted,
        participation={number: (1, int(who.has_joined(ids[number], before=end))) for number in active},
        spend=_by_group({number: (1, money) for number, money in active.items()}, is_member),
        retention=_by_group({number: (1, int(stayed)) for number, stayed in at_start.items()}, is_member),
        referral={number: (1, int(ids[number] in who.referred)) for number in new},
        referred_spend={
            number: (money, money if ids[number] in who.referred else 0) for number, money in active.items()
        },
        unrecorded=FrozenMapping({metric: unrecorded[base] for metric, base in _POPULATION.items()}),
    )


_POPULATION = {
    "loyalty_participation_rate": "purchased",
    "loyalty_spend_ratio": "purchased",
    "loyalty_retention_rate": "at_start",
    "referral_rate": "new",
    "referred_revenue_rate": "purchased",
}
"""Whom each metric counts."""


def _spend(history: History, start: int, end: int) -> dict[int, int]:
    """What each customer's purchases of the period left, by number."""
    columns = history.columns
    low, high = bisect_left(columns.at, start), bisect_left(columns.at, end)
    spend: dict[int, int] = {}
    for number, net in zip(columns.customer[low:high], columns.net[low:high], strict=True):
        spend[number] = spend.get(number, 0) + net
    return spend


def _by_group(pairs: Pairs, is_member: Callable[[int], bool]) -> Mapping[Group, Pairs]:
    groups: dict[Group, dict[int, tuple[int, int]]] = {"members": {}, "others": {}}
    for number, pair in pairs.items():
        groups["members" if is_member(number) else "others"][number] = pair
    return FrozenMapping(groups)


# --------------------------------------------------------------------------------------------- records


@frozen
class _Records:
    """What the records say of each person, under one id a person.

    Attributes:
        known: Everybody of whom there is a record.
        joined_at: When members joined, as far as was known at `as_of`.
        referred: Who came by a referral.
    """

    known: frozenset[Hashable]
    joined_at: Mapping[Hashable, int]
    referred: frozenset[Hashable]

    @classmethod
    def of(cls, customers: Iterable[Customer], how: Reading) -> _Records:
        one_id = dict(how.aliases)
        known: set[Hashable] = set()
        referred: set[Hashable] = set()
        joined_at: dict[Hashable, int] = {}
        for customer in customers:
            person = one_id.get(customer.id, customer.id)
            known.add(person)
            if _was_referred(customer, person, one_id):
                referred.add(person)
            joined = customer.loyalty_joined_at
            if joined is not None and (how.as_of is None or joined <= how.as_of):
                at = microseconds(joined)
                joined_at[person] = min(at, joined_at.get(person, at))
        return cls(frozenset(known), joined_at, frozenset(referred))

    def has_joined(self, person: Hashable, *, before: int) -> bool:
        """Whether somebody belonged to the programme before an instant."""
        joined = self.joined_at.get(person)
        return joined is not None and joined < before


def _was_referred(customer: Customer, person: Hashable, one_id: Mapping[Hashable, Hashable]) -> bool:
    """Whether somebody else brought a customer; who refers a second account of their own brings nobody."""
    if customer.acquisition_channel == REFERRAL:
        return True
    referrer = customer.referred_by
    return referrer is not None and one_id.get(referrer, referrer) != person


# ---------------------------------------------------------------------------------------- two periods


def _cross(a: ProgramFacts, b: ProgramFacts, options: Mapping[str, Mapping[str, Any]]) -> dict[str, Cross]:
    (top_a, bottom_a), (top_b, bottom_b) = ([each.spend[group] for group in GROUPS] for each in (a, b))
    n = len(a.participation.keys() | b.participation.keys())
    of = options.get("loyalty_retention_rate", {}).get("of", "members")
    return {
        "loyalty_participation_rate": CrossSums.between(a.participation, b.participation),
        "loyalty_spend_ratio": CrossTwoGroups(
            top_top=CrossSums.between(top_a, top_b, n),
            top_bottom=CrossSums.between(top_a, bottom_b, n),
            bottom_top=CrossSums.between(bottom_a, top_b, n),
            bottom_bottom=CrossSums.between(bottom_a, bottom_b, n),
        ),
        "loyalty_retention_rate": CrossSums.between(a.retention.get(of, {}), b.retention.get(of, {})),
        "referral_rate": CrossSums.between(a.referral, b.referral),
        "referred_revenue_rate": CrossSums.between(a.referred_spend, b.referred_spend),
    }
