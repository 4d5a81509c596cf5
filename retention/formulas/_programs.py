"""What contacts, offers, referrals and loyalty programs bring."""

from __future__ import annotations

from retention.formulas._call import RAISE, Call, Fallback, Number

__all__ = [
    "answered_rate",
    "conversion_rate",
    "engagement_rate",
    "loyalty_participation_rate",
    "loyalty_spend_ratio",
    "referral_rate",
    "self_service_rate",
    "upsell_rate",
]


def engagement_rate(
    *, contacts_answered: int, contacts_made: int, default: Fallback = RAISE
) -> float | Fallback:
    r"""Share of the shop's contacts that drew a response: contacts answered / contacts made.

    .. math:: \frac{\text{answered}}{\text{made}}

    A fraction from 0 to 1, higher is better: 0.18 is 18 %. Compare it by channel.

    Args:
        contacts_answered: Contacts that drew a response (an opening, a click, a reply) within a set time.
        contacts_made: Contacts that the shop made and that could be followed for that time.
        default: What to return, instead of raising, where the figure is undefined.

    Returns:
        The rate as a fraction. Undefined when no contact was made.

    Raises:
        UndefinedMetricError: If the figure is undefined and ``default`` was not given.
        InvalidValueError: If a count is negative, fractional or not finite, or more contacts were answered
            than made.
        InvalidTypeError: If an argument is a bool or no number, or a Decimal meets a float.

    Examples:
        >>> engagement_rate(contacts_answered=18, contacts_made=100)
        0.18

    References:
        A1 (15 e-commerce customer retention strategies), derived; A11 is its published figure.

    .. versionadded:: 0.1
    """
    call: Call[float] = Call("engagement_rate")
    answered = call.count("contacts_answered", contacts_answered)
    made = call.count("contacts_made", contacts_made)
    return call.share(answered, made, requires="at least one contact made", default=default)


def answered_rate(
    *, messages_answered: int, messages_received: int, default: Fallback = RAISE
) -> float | Fallback:
    r"""Share of the customers' messages that the shop answered: messages answered / messages received.

    .. math:: \frac{\text{answered}}{\text{received}}

    A fraction from 0 to 1, higher is better: 0.9 is 90 %.

    Args:
        messages_answered: Messages that got an answer.
        messages_received: Questions, comments and other messages that came in.
        default: What to return, instead of raising, where the figure is undefined.

    Returns:
        The rate as a fraction. Undefined when no message came in.

    Raises:
        UndefinedMetricError: If the figure is undefined and ``default`` was not given.
        InvalidValueError: If a count is negative, fractional or not finite, or more messages were answered
            than received.
        InvalidTypeError: If an argument is a bool or no number, or a Decimal meets a float.

    Examples:
        >>> answered_rate(messages_answered=9, messages_received=10)
        0.9

    References:
        C9 (SmartHint), derived.

    .. versionadded:: 0.1
    """
    call: Call[float] = Call("answered_rate")
    answered = call.count("messages_answered", messages_answered)
    received = call.count("messages_received", messages_received)
    return call.share(answered, received, requires="at least one message received", default=default)


def self_service_rate(
    *, cases_self_served: int, cases_solved: int, default: Fallback = RAISE
) -> float | Fallback:
    r"""Share of the solved cases that needed no agent: cases self-served / cases solved.

    .. math:: \frac{\text{solved without an agent}}{\text{solved}}

    A fraction from 0 to 1, higher is better while satisfaction holds: 0.6 is 60 %.

    Args:
        cases_self_served: Cases that customers solved without an agent.
        cases_solved: All cases that were solved.
        default: What to return, instead of raising, where the figure is undefined.

    Returns:
        The rate as a fraction. Undefined when no case was solved.

    Raises:
        UndefinedMetricError: If the figure is undefined and ``default`` was not given.
        InvalidValueError: If a count is negative, fractional or not finite, or more cases were self-served
            than solved.
        InvalidTypeError: If an argument is a bool or no number, or a Decimal meets a float.

    Examples:
        >>> self_service_rate(cases_self_served=6, cases_solved=10)
        0.6

    References:
        C17 (SmartHint), derived.

    .. versionadded:: 0.1
    """
    call: Call[float] = Call("self_service_rate")
    alone = call.count("cases_self_served", cases_self_served)
    solved = call.count("cases_solved", cases_solved)
    return call.share(alone, solved, requires="at least one case solved", default=default)


def conversion_rate(*, converted: int, approached: int, default: Fallback = RAISE) -> float | Fallback:
    r"""Share of those approached who bought: converted / approached.

    .. math:: \frac{\text{converted}}{\text{approached}}

    A fraction from 0 to 1, higher is better: 0.6 is 60 %. For existing and for new customers apart it is the
    chance to sell to each; over visits it is the share of visits that end in an order.

    Args:
        converted: Those of the people, or visits, that ended in an order.
        approached: People who were approached, or visits.
        default: What to return, instead of raising, where the figure is undefined.

    Returns:
        The rate as a fraction. Undefined when nobody was approached.

    Raises:
        UndefinedMetricError: If the figure is undefined and ``default`` was not given.
        InvalidValueError: If a count is negative, fractional or not finite, or more converted than were
            approached.
        InvalidTypeError: If an argument is a bool or no number, or a Decimal meets a float.

    Examples:
        >>> conversion_rate(converted=12, approached=20)
        0.6

    References:
        E4 and E7 (Shopify), C16 (SmartHint), derived; E15 is its published figure.

    .. versionadded:: 0.1
    """
    call: Call[float] = Call("conversion_rate")
    won = call.count("converted", converted)
    asked = call.count("approached", approached)
    return call.share(won, asked, requires="at least one person or visit approached", default=default)


def upsell_rate(*, offers_accepted: int, offers_made: int, default: Fallback = RAISE) -> float | Fallback:
    r"""Share of the offers of an added or dearer item that were taken: offers accepted / offers made.

    .. math:: \frac{\text{accepted}}{\text{made}}

    A fraction from 0 to 1, higher is better: 0.15 is 15 %.

    Args:
        offers_accepted: Offers that the customer took.
        offers_made: All such offers.
        default: What to return, instead of raising, where the figure is undefined.

    Returns:
        The rate as a fraction. Undefined when no offer was made.

    Raises:
        UndefinedMetricError: If the figure is undefined and ``default`` was not given.
        InvalidValueError: If a count is negative, fractional or not finite, or more offers were accepted than
            made.
        InvalidTypeError: If an argument is a bool or no number, or a Decimal meets a float.

    Examples:
        >>> upsell_rate(offers_accepted=15, offers_made=100)
        0.15

    References:
        B7 (Ecwid) and E8 (Shopify), derived.

    .. versionadded:: 0.1
    """
    call: Call[float] = Call("upsell_rate")
    accepted = call.count("offers_accepted", offers_accepted)
    made = call.count("offers_made", offers_made)
    return call.share(accepted, made, requires="at least one offer made", default=default)


def referral_rate(
    *, customers_referred: int, customers_acquired: int, default: Fallback = RAISE
) -> float | Fallback:
    r"""Share of the new customers who came by word of mouth: customers referred / customers acquired.

    .. math:: \frac{\text{referred}}{\text{acquired}}

    A fraction from 0 to 1, higher is better: 0.2 is 20 %.

    Args:
        customers_referred: New customers who came by a referral.
        customers_acquired: All new customers of the period.
        default: What to return, instead of raising, where the figure is undefined.

    Returns:
        The rate as a fraction. Undefined when no customer was acquired.

    Raises:
        UndefinedMetricError: If the figure is undefined and ``default`` was not given.
        InvalidValueError: If a count is negative, fractional or not finite, or more customers were referred
            than acquired.
        InvalidTypeError: If an argument is a bool or no number, or a Decimal meets a float.

    Examples:
        >>> referral_rate(customers_referred=4, customers_acquired=20)
        0.2

    References:
        B4 (Ecwid), C18 (SmartHint), D11 (EmizenTech) and E5 (Shopify), derived.

    .. versionadded:: 0.1
    """
    call: Call[float] = Call("referral_rate")
    referred = call.count("customers_referred", customers_referred)
    acquired = call.count("customers_acquired", customers_acquired)
    return call.share(referred, acquired, requires="at least one customer acquired", default=default)


def loyalty_participation_rate(
    *, members: int, customers: int, default: Fallback = RAISE
) -> float | Fallback:
    r"""Share of the customers who belong to the loyalty program: members / customers.

    .. math:: \frac{\text{members}}{\text{customers}}

    A fraction from 0 to 1, higher is better: 0.35 is 35 %.

    Args:
        members: Those of the customers who are members.
        customers: All customers.
        default: What to return, instead of raising, where the figure is undefined.

    Returns:
        The rate as a fraction. Undefined when there were no customers.

    Raises:
        UndefinedMetricError: If the figure is undefined and ``default`` was not given.
        InvalidValueError: If a count is negative, fractional or not finite, or there are more members than
            customers.
        InvalidTypeError: If an argument is a bool or no number, or a Decimal meets a float.

    Examples:
        >>> loyalty_participation_rate(members=35, customers=100)
        0.35

    References:
        B5 (Ecwid), C7 (SmartHint), D12 (EmizenTech) and E6 (Shopify), derived.

    .. versionadded:: 0.1
    """
    call: Call[float] = Call("loyalty_participation_rate")
    joined = call.count("members", members)
    everyone = call.count("customers", customers)
    return call.share(joined, everyone, requires="at least one customer", default=default)


def loyalty_spend_ratio(
    *,
    member_revenue: Number,
    members: int,
    other_revenue: Number | int,
    other_customers: int,
    default: Fallback = RAISE,
) -> Number | Fallback:
    r"""What a member spends against another customer: mean spend of members / mean spend of others.

    .. math:: \frac{\text{member revenue} / \text{members}}{\text{other revenue} / \text{others}}

    At least 0, higher is better: 1.25 means that members spend 25 % more. Members chose to join, so that the
    difference is not what the program caused.

    Args:
        member_revenue: Revenue of the members in the period.
        members: Members who bought in it.
        other_revenue: Revenue of the other customers, in the same currency.
        other_customers: Other customers who bought in it.
        default: What to return, instead of raising, where the figure is undefined.

    Returns:
        The ratio. Undefined when there was no member, no other customer, or no revenue of the others.

    Raises:
        UndefinedMetricError: If the figure is undefined and ``default`` was not given.
        InvalidValueError: If an argument is negative or not finite, or a count is fractional.
        InvalidTypeError: If an argument is a bool or no number, or a Decimal meets a float.

    Examples:
        Two members spend 50 each, three others 40 each:

        >>> loyalty_spend_ratio(member_revenue=100, members=2, other_revenue=120, other_customers=3)
        1.25

    References:
        B5 (Ecwid), C7 (SmartHint), D12 (EmizenTech) and E6 (Shopify), derived.

    .. versionadded:: 0.1
    """
    call: Call[Number] = Call("loyalty_spend_ratio")
    member_money = call.amount("member_revenue", member_revenue)
    joined = call.count("members", members)
    other_money = call.amount("other_revenue", other_revenue)
    others = call.count("other_customers", other_customers)
    return call.quotient(
        member_money.exact * others.exact,
        other_money.exact * joined.exact,
        requires="at least one member, and other customers with revenue above 0",
        default=default,
    )
