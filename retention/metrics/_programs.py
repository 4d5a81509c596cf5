"""The loyalty programme and word of mouth: who belongs, what members spend, who stays, and whom others bring."""

from __future__ import annotations

from typing import Literal

from attrs import evolve

from retention._calendar import Duration
from retention._facts import Needs
from retention._numerics import ClusterSums, TwoGroups
from retention._program_facts import GROUPS, SELF_SELECTION, Group, Pairs, ProgramFacts, program_facts
from retention.errors import InvalidTypeError, InvalidValueError, shown
from retention.metrics._common import means_in_words, over
from retention.metrics._shops import checked_shop
from retention.periods import Period
from retention.results import Basis, Ratio
from retention.shop import Shop

__all__ = [
    "loyalty_participation_rate",
    "loyalty_retention_rate",
    "loyalty_spend_ratio",
    "referral_rate",
    "referred_revenue_rate",
]


def _one_period(
    shop: object, period: Period, metric: str, *, inactive_after: Duration | None = None
) -> ProgramFacts:
    given = checked_shop(shop, metric, "customers", "orders")
    return program_facts(given, (period,), inactive_after=inactive_after)[0]


def _basis(
    facts: ProgramFacts,
    metric: str,
    counted: tuple[str, str],
    *,
    needs: Needs = (),
    money: bool = False,
    options: tuple[tuple[str, str], ...] = (),
    chosen: bool = False,
) -> Basis:
    """What a figure rests on; `chosen` where it sets members, who chose themselves, apart from others."""
    basis = facts.counted.basis(
        metric, of="customers", counted=counted, needs=needs, money=money, options=options
    )
    return evolve(
        basis,
        left_out=facts.left_out_of(metric),
        assumed=(*basis.assumed, SELF_SELECTION) if chosen else basis.assumed,
        records="customers and orders",
    )


def _share_of_customers(pairs: Pairs, basis: Basis) -> Ratio:
    """A share of customers, each of whom is one independent trial."""
    if not basis.observable:
        return Ratio(0, 0, basis=basis)
    return Ratio(sum(hit for _, hit in pairs.values()), len(pairs), basis=over(len(pairs), basis))


# --------------------------------------------------------------------------------------------- loyalty


def loyalty_participation_rate(shop: Shop, /, *, period: Period) -> Ratio:
    r"""Share of customers who belong to the loyalty programme: members / customers who purchased in the period.

    .. math:: \frac{|\{\text{joined before the end}\}|}{|\{\text{purchased in the period}\}|}

    A member is whoever joined before the period's end, so that those who joined with a purchase of the period count.
    Members who did not purchase are in neither number: this is how much of the active trade the programme reaches,
    and no count of cards.

    Range: 0 to 1. Direction: higher is better. Unit: share of customers.

    Args:
        shop: A `Shop` with customers and orders.
        period: The period.

    Returns:
        The rate. A customer of whom there is no record is left out, since nothing is known of a membership.
        Undefined when no customer with a record purchased.

    Raises:
        InvalidTypeError: What is given is no `Shop`.

    >>> import retention as rt
    >>> from datetime import datetime, timezone
    >>> from retention.testing import make_orders
    >>> joined = datetime(2026, 2, 1, tzinfo=timezone.utc)
    >>> shop = rt.Shop(
    ...     customers=[rt.Customer(id="ann", loyalty_joined_at=joined), rt.Customer(id="ben")],
    ...     orders=make_orders({"ann": ["2026-03-01"], "ben": ["2026-03-11"], "cy": ["2026-03-12"]}),
    ... )
    >>> rate = rt.loyalty_participation_rate(shop, period=rt.Period.month(2026, 3, tz="UTC"))
    >>> rate, dict(rate.left_out)
    (Ratio(1, 2), {'without a customer record': 1})

    References:
        Sources B5, C7, D12, E6.

    .. versionadded:: 0.1
    """
    return read_loyalty_participation_rate(_one_period(shop, period, "loyalty_participation_rate"))


def read_loyalty_participation_rate(facts: ProgramFacts) -> Ratio:
    basis = _basis(facts, "loyalty_participation_rate", ("members", "customers with a record who purchased"))
    return _share_of_customers(facts.participation, basis)


def loyalty_spend_ratio(shop: Shop, /, *, period: Period) -> Ratio:
    r"""What members spend against others: mean spend of members / mean spend of other customers of the period.

    .. math:: \frac{\sum_{\text{members}} \text{net} \,/\, |\text{members}|}{\sum_{\text{others}} \text{net} \,/\, |\text{others}|}

    1.25 is "25 % more". Members are those who had joined before the period began: taken at its end, they would be
    chosen by what they bought in it. Who joined during the period counts among the others.

    Members chose themselves. Who buys much has most to gain by joining, so that members spend more even where the
    programme changes nothing: the ratio describes them, and is no effect of the programme. What the programme does,
    only a group that could not join, drawn by lot, can tell.

    The ratio keeps its numbers whole: numerator and denominator are the two sums, each multiplied by the number of
    customers of the other group.

    Range: 0 and up. Direction: none. Unit: money per money.

    Args:
        shop: A `Shop` with customers and orders.
        period: The period.

    Returns:
        The ratio; customers of whom there is no record are left out. Undefined when no members or no others
        purchased, or the others brought nothing.

    Raises:
        InvalidTypeError: What is given is no `Shop`.
        MixedCurrencyError: The sales are in several currencies.

    >>> import retention as rt
    >>> from datetime import datetime, timezone
    >>> from retention.testing import make_orders
    >>> joined = datetime(2026, 2, 1, tzinfo=timezone.utc)
    >>> shop = rt.Shop(
    ...     customers=[rt.Customer(id="ann", loyalty_joined_at=joined), rt.Customer(id="ben")],
    ...     orders=make_orders({"ann": [("2026-03-01", "30.00")], "ben": [("2026-03-11", "20.00")]}),
    ... )
    >>> print(rt.loyalty_spend_ratio(shop, period=rt.Period.month(2026, 3, tz="UTC")))
    1.500

    References:
        Sources B5, C7, D12, E6.

    .. versionadded:: 0.1
    """
    return read_loyalty_spend_ratio(_one_period(shop, period, "loyalty_spend_ratio"))


def read_loyalty_spend_ratio(facts: ProgramFacts) -> Ratio:
    members, others = (_money_sums(facts, facts.spend[group]) for group in GROUPS)
    counted = ("(spend of members × number of others)", "(spend of others × number of members)")
    basis = _basis(facts, "loyalty_spend_ratio", counted, money=True, chosen=True)
    if not basis.observable:
        return Ratio(0, 0, bounded=False, poolable=False, basis=basis)
    if not (members.n and others.n and others.y):
        missing = "members who purchased" if not members.n else "others with revenue"
        basis = evolve(basis, undefined_because=f"there are no {missing}")
        return Ratio(0, 0, bounded=False, poolable=False, sampling=None, basis=basis)
    return Ratio(
        facts.counted.money.amount(members.y * others.n),
        facts.counted.money.amount(others.y * members.n),
        bounded=False,
        poolable=False,
        sampling=TwoGroups(top=members, bottom=others),
        basis=evolve(basis, in_words=means_in_words(members, others, ("a member", "another customer"))),
    )


def _money_sums(facts: ProgramFacts, pairs: Pairs, *, of_money: bool = False) -> ClusterSums:
    """The sums of money (y), of customers or, with `of_money`, of other money (x)."""
    scale = facts.counted.money.scale
    return ClusterSums.of(pairs.values(), scale=scale, x_scale=scale if of_money else 1)


def loyalty_retention_rate(
    shop: Shop,
    /,
    *,
    period: Period,
    of: Literal["members", "others"] = "members",
    inactive_after: Duration | None = None,
) -> Ratio:
    r"""Share of the members who were there at the start and stayed: kept / members of the opening base.

    .. math:: \frac{|M \cap S \cap E|}{|M \cap S|}

    The opening base S are the customers who purchased in the period before, the closing base E those who purchased in
    the period; members M are those who had joined before the period began. ``of="others"`` counts everybody else;
    `compare_members` sets the two side by side.

    Members chose themselves: those who mean to stay are those who join. A higher rate describes them, and is no effect
    of the programme.

    Range: 0 to 1. Direction: higher is better. Unit: share of customers.

    Args:
        shop: A `Shop` with customers and orders.
        period: The period.
        of: ``"members"``, or the ``"others"``: who has a record, and had not joined before the period began.
        inactive_after: Who purchased within this time before the period's start (or end) is in the opening
            (or closing) base, instead of who purchased in the period before (or in the period).

    Returns:
        The rate; customers of whom there is no record are left out. Undefined when there are no such customers in the
        opening base. Not observable when that lies before `observed_from`.

    Raises:
        InvalidTypeError: What is given is no `Shop`, or `inactive_after` is a number, which says no unit.
        InvalidValueError: `of` is no such word, or `inactive_after` no positive time.
        ConflictingArgumentError: `inactive_after` is shorter than the period.

    >>> import retention as rt
    >>> from datetime import datetime, timezone
    >>> from retention.testing import make_orders
    >>> joined = datetime(2026, 2, 1, tzinfo=timezone.utc)
    >>> shop = rt.Shop(
    ...     customers=[rt.Customer(id="ann", loyalty_joined_at=joined), rt.Customer(id="ben")],
    ...     orders=make_orders({"ann": ["2026-02-01", "2026-03-01"], "ben": ["2026-02-11"]}),
    ... )
    >>> march = rt.Period.month(2026, 3, tz="UTC")
    >>> rt.loyalty_retention_rate(shop, period=march)
    Ratio(1, 1)
    >>> rt.loyalty_retention_rate(shop, period=march, of="others")
    Ratio(0, 1)

    References:
        Sources B5, C7, D12, E6.

    .. versionadded:: 0.1
    """
    found = _one_period(shop, period, "loyalty_retention_rate", inactive_after=inactive_after)
    return read_loyalty_retention_rate(found, of=of)


def read_loyalty_retention_rate(facts: ProgramFacts, *, of: Group = "members") -> Ratio:
    group = _checked_group(of)
    basis = _basis(
        facts,
        "loyalty_retention_rate",
        ("kept", f"{group} of the opening base"),
        needs=("base",),
        options=(("of", group),),
        chosen=True,
    )
    return _share_of_customers(facts.retention[group], basis)


def _checked_group(of: object) -> Group:
    for group in GROUPS:
        if isinstance(of, str) and of == group:
            return group
    msg = f'loyalty_retention_rate: of must be "members" or "others" (got {shown(of)})'
    raise (InvalidValueError if isinstance(of, str) else InvalidTypeError)(msg)


# -------------------------------------------------------------------------------------------- referral


def referral_rate(shop: Shop, /, *, period: Period) -> Ratio:
    r"""Share of new customers who came by word of mouth: referred customers / customers acquired in the period.

    .. math:: \frac{|\{\text{new, referred}\}|}{|\{\text{new}\}|}

    New is whose first purchase ever lies in the period. Referred is whose `Customer.referred_by` names somebody else,
    or whose `Customer.acquisition_channel` is ``"referral"``. Mind what the channel means where it comes from: in web
    analytics a referral is a visit from any other site, which is no word of mouth.

    Range: 0 to 1. Direction: higher is better. Unit: share of customers.

    Args:
        shop: A `Shop` with customers and orders.
        period: The period.

    Returns:
        The rate; customers of whom there is no record are left out. Undefined when there are no new customers with a
        record. Not observable when the data begin with the period, since all would look new.

    Raises:
        InvalidTypeError: What is given is no `Shop`.

    >>> import retention as rt
    >>> from retention.testing import make_orders
    >>> shop = rt.Shop(
    ...     customers=[rt.Customer(id="ann"), rt.Customer(id="ben", referred_by="ann"), rt.Customer(id="cy")],
    ...     orders=make_orders({"ann": ["2026-02-01"], "ben": ["2026-03-11"], "cy": ["2026-03-12"]}),
    ... )
    >>> rt.referral_rate(shop, period=rt.Period.month(2026, 3, tz="UTC"))
    Ratio(1, 2)

    References:
        Sources B4, C18, D11, E5.

    .. versionadded:: 0.1
    """
    return read_referral_rate(_one_period(shop, period, "referral_rate"))


def read_referral_rate(facts: ProgramFacts) -> Ratio:
    basis = _basis(facts, "referral_rate", ("referred", "new customers with a record"), needs=("firsts",))
    return _share_of_customers(facts.referral, basis)


def referred_revenue_rate(shop: Shop, /, *, period: Period) -> Ratio:
    r"""Share of revenue from referred customers: their net money / that of all known customers with a record.

    .. math:: \frac{\sum_{\text{referred}} \text{net}}{\sum_{\text{customers with a record}} \text{net}}

    Of the purchases of the period, whenever their customers came: what word of mouth has built up, where
    `referral_rate` is what it brings now. Referred is as in `referral_rate`.

    Range: 0 to 1. Direction: none; it falls when other ways bring more customers. Unit: share of money.

    Args:
        shop: A `Shop` with customers and orders.
        period: The period.

    Returns:
        The rate; guests, and customers of whom there is no record, are left out. Undefined when the others brought no
        revenue.

    Raises:
        InvalidTypeError: What is given is no `Shop`.
        MixedCurrencyError: The sales are in several currencies.

    >>> import retention as rt
    >>> from retention.testing import make_orders
    >>> shop = rt.Shop(
    ...     customers=[rt.Customer(id="ann"), rt.Customer(id="ben", acquisition_channel="referral")],
    ...     orders=make_orders({"ann": [("2026-03-01", "30.00")], "ben": ["2026-03-11"]}),
    ... )
    >>> print(rt.referred_revenue_rate(shop, period=rt.Period.month(2026, 3, tz="UTC")))
    25.0%

    References:
        Sources B4.

    .. versionadded:: 0.1
    """
    return read_referred_revenue_rate(_one_period(shop, period, "referred_revenue_rate"))


def read_referred_revenue_rate(facts: ProgramFacts) -> Ratio:
    counted = ("from referred customers", "revenue of customers with a record")
    basis = _basis(facts, "referred_revenue_rate", counted, money=True)
    if not basis.observable:
        return Ratio(0, 0, basis=basis)
    sums = _money_sums(facts, facts.referred_spend, of_money=True)
    basis = over(sums.x, basis, f"there is no {counted[1]}")
    amount = facts.counted.money.amount
    return Ratio(amount(sums.y), amount(sums.x), sampling=sums, basis=basis)
