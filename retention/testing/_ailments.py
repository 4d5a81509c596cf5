"""What a sample shop can suffer from: known causes, so that advice can be held against what would cure them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import evolve, field, frozen

from retention._mapping import FrozenMapping
from retention.errors import InvalidTypeError, InvalidValueError, did_you_mean, shown
from retention.testing._process import SampleProcess

__all__ = ["AILMENTS", "Ailment", "afflicted"]


@frozen(kw_only=True)
class Ailment:
    """One thing that is wrong in a sample shop: its cause, as changes of the process, and what would cure it.

    Attributes:
        name: Its name, as `sample_shop` takes it.
        title: What a merchant would say.
        what: What is wrong, and what one sees of it.
        changes: The parameters of `SampleProcess` that differ, with their values.
        remedies: Ids of strategies of which each meets the cause.

    .. versionadded:: 0.1

    >>> AILMENTS["failed payments"].remedies
    ('recover-failed-payments',)
    """

    name: str
    title: str
    what: str
    changes: Mapping[str, Any] = field(hash=False)
    remedies: tuple[str, ...]

    def applied_to(self, process: SampleProcess) -> SampleProcess:
        """A process with the ailment, to change further.

        Args:
            process: How customers behave without it.

        Returns:
            The same process but for what `changes` says.

        Raises:
            InvalidValueError: What can happen to an order, or to a box, adds up to more than 1 with it.

        .. versionadded:: 0.1

        >>> AILMENTS["single channel"].applied_to(SampleProcess()).channels["web"]
        1.0
        """
        return evolve(process, **self.changes)

    def __str__(self) -> str:
        return f"{self.title}: {self.what}"


def afflicted(process: SampleProcess, ailment: str | None, *, owner: str) -> SampleProcess:
    """The process with the ailment of that name, or as it is where none is given."""
    if ailment is None:
        return process
    if not isinstance(ailment, str):
        msg = f"{owner} takes the name of an ailment as ailment=, not {type(ailment).__name__} (got {shown(ailment)})"
        raise InvalidTypeError(msg)
    if ailment not in AILMENTS:
        meant = did_you_mean(ailment, AILMENTS)
        msg = f"{owner} knows no ailment {shown(ailment)}; {meant}the names are those of retention.testing.AILMENTS"
        raise InvalidValueError(msg)
    return AILMENTS[ailment].applied_to(process)


def _ailment(name: str, title: str, what: str, remedies: str, /, **changes: Any) -> Ailment:
    frozen_changes = {each: FrozenMapping(to) if isinstance(to, dict) else to for each, to in changes.items()}
    return Ailment(
        name=name,
        title=title,
        what=what,
        changes=FrozenMapping(frozen_changes),
        remedies=tuple(remedies.split()),
    )


_KNOWN = (
    _ailment(
        "failed payments",
        "Payments fail",
        "Cards expire and are declined: subscriptions end that nobody wanted to end, and orders take two tries.",
        "recover-failed-payments",
        subscriber_rate=0.5,
        box_payment_failure_rate=0.1,
        failed_payment_rate=0.12,
    ),
    _ailment(
        "one-time buyers",
        "Hardly anybody buys twice",
        "Most customers are content with their first order and never think of the shop again.",
        "after-sales-follow-up",
        first_drop_out_rate=0.85,
    ),
    _ailment(
        "silent loyal customers",
        "Regulars have fallen silent",
        "Nobody who bought often has come for three months or so, which is far longer than is usual with them.",
        "attend-loyal-customers",
        regulars_leave_rate=1.0,
        regulars_leave_days_ago=(70, 140),
    ),
    _ailment(
        "lapsed regulars",
        "Regulars left long ago",
        "Most who once bought often went more than half a year ago, and nobody has asked them back.",
        "win-back-lapsed",
        regulars_leave_rate=0.95,
        regulars_leave_days_ago=(200, 400),
    ),
    _ailment(
        "slow support",
        "Answers come late or never",
        "Who asks for help waits for days, and every other question stays without an answer.",
        "responsive-support",
        contact_rate=0.12,
        self_service_rate=0.1,
        answer_rate=0.45,
        answer_hours=96,
        solution_rate=0.5,
        solution_hours=120,
    ),
    _ailment(
        "overloaded support",
        "The support answers the same questions all day",
        "Customers ask about every other order, since they find nothing out by themselves.",
        "self-service",
        contact_rate=0.4,
        self_service_rate=0.02,
    ),
    _ailment(
        "poor onboarding",
        "The first order disappoints",
        "New customers don't know what to do with what they bought: they ask, they are let down, and they stay away.",
        "onboarding",
        first_contact_rate=0.5,
        first_disappointment=2.5,
        first_drop_out_rate=0.5,
    ),
    _ailment(
        "falling satisfaction",
        "Customers grow discontented",
        "For half a year everybody has been less satisfied from week to week, and says so where asked.",
        "rescue-unhappy-customers feedback-loop",
        satisfaction_fall=4,
    ),
    _ailment(
        "returned goods",
        "Much is sent back",
        "Goods are not what they seemed: one order of four is given back in whole or in part.",
        "quality-goods honesty",
        full_refund_rate=0.16,
        partial_refund_rate=0.1,
    ),
    _ailment(
        "abandoned carts",
        "Baskets are left",
        "Seven of eight baskets are left at the checkout, and hardly anybody comes back for them.",
        "abandoned-cart-recovery",
        abandonment_rate=0.88,
        basket_return_rate=0.03,
    ),
    _ailment(
        "discount dependence",
        "Customers wait for discounts",
        "Six of ten customers buy at a discount only, and half of what the others buy is lowered, too.",
        "fewer-blanket-discounts",
        discount_rate=0.5,
        bargain_hunter_rate=0.6,
    ),
    _ailment(
        "single channel",
        "All is sold on one channel",
        "There is the web shop and nothing else, so that nobody can buy in another way.",
        "omnichannel",
        channels={"web": 1},
    ),
    _ailment(
        "cancelled subscriptions",
        "Subscribers cancel",
        "Month for month one box of five is cancelled by the customer, and hardly one is begun again.",
        "win-back-cancellations",
        subscriber_rate=0.6,
        box_cancellation_rate=0.2,
        box_comeback_rate=0.05,
    ),
    _ailment(
        "unheard messages",
        "Nobody reads the messages",
        "Everybody gets the same message every month, it teaches nobody anything, and one of fifty is opened.",
        "personalisation valuable-content",
        message_rates={"e-mail": 0.8, "sms": 0.3},
        message_response_rates={"e-mail": 0.02, "sms": 0.01},
    ),
    _ailment(
        "no referrals",
        "Nobody brings a friend",
        "Customers are content, and none of the new ones came on the word of another.",
        "referral-programme",
        acquisition_channels={"search": 4, "social": 3, "newsletter": 2},
    ),
    _ailment(
        "one category",
        "Customers know one shelf",
        "Each customer buys from one category for ever, and never learns what else there is.",
        "personalisation",
        favorite_rate=1,
    ),
    _ailment(
        "cancelled orders",
        "Customers think again",
        "One order of five is cancelled before it is sent, mostly by customers who changed their minds.",
        "win-back-cancellations",
        cancellation_rate=0.2,
        cancel_reasons={"customer": 10, "payment": 1, "stock": 1},
        cancellation_effect=0.5,
    ),
    _ailment(
        "sold out",
        "What is ordered is not there",
        "One order of eight is cancelled by the shop, which had sold what it did not have.",
        "sell-what-is-there",
        cancellation_rate=0.13,
        cancel_reasons={"stock": 10, "customer": 2, "payment": 1},
    ),
    _ailment(
        "empty programme",
        "Hardly anybody joins the programme",
        "There is a loyalty programme, and one customer of fifty is in it.",
        "loyalty-programme",
        loyalty_rate=0.03,
    ),
)

AILMENTS: Mapping[str, Ailment] = FrozenMapping({each.name: each for each in _KNOWN})
"""What a sample shop can suffer from, by name."""
