"""How the sample shop's customers behave: every true parameter, to read, to change, and to find again."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction
from math import isfinite
from typing import Any, NoReturn, TypeAlias

from attrs import evolve, field, frozen

from retention import _validate as check
from retention._mapping import FrozenMapping
from retention.errors import InvalidTypeError, InvalidValueError, shown

__all__ = ["SAMPLE_AS_OF", "SampleProcess"]

SAMPLE_AS_OF = datetime(2026, 7, 1, tzinfo=UTC)
"""Until when the sample shop's data are known, unless its process says otherwise."""

_Check: TypeAlias = Callable[[Any, check.Field, Any], None]
_LARGEST_SHAPE = 100
_MONTHS = 12
_MOST_DAYS = 10_000
_ALMOST_ALL, _ALMOST_NONE = 0.95, 0.05


def _to_float(value: Any) -> Any:
    """A number of any kind as a float; anything else as it is, to be refused by name."""
    if isinstance(value, (int, Decimal, Fraction)) and not isinstance(value, bool):
        return float(value)
    return value


def _to_floats(value: Any) -> Any:
    return tuple(map(_to_float, value)) if isinstance(value, (tuple, list)) else value


def _to_weights(value: Any) -> Any:
    if not isinstance(value, Mapping):
        return value
    return FrozenMapping({word: _to_float(weight) for word, weight in value.items()})


def _refuse(process: object, of: check.Field, value: object, must: str, fix: str, *, kind: bool) -> NoReturn:
    msg = f"{type(process).__name__}.{of.name} must be {must} (got {shown(value)}); {fix}"
    raise (InvalidTypeError if kind else InvalidValueError)(msg)


def _number(must: str, fix: str, low: float, high: float, *, above: bool = False) -> _Check:
    """A validator for numbers from `low`, or from above it, up to `high`."""

    def check_number(process: object, of: check.Field, value: object) -> None:
        if not isinstance(value, float):
            _refuse(process, of, value, must, fix, kind=True)
        elif not (isfinite(value) and low <= value <= high and not (above and value == low)):
            _refuse(process, of, value, must, fix, kind=False)

    return check_number


def _whole(low: int) -> _Check:
    """A validator for the shape of a distribution."""
    must, fix = (
        f"a whole number from {low} to {_LARGEST_SHAPE}",
        "the larger it is, the more alike are the draws",
    )

    def check_whole(process: object, of: check.Field, value: object) -> None:
        if isinstance(value, bool) or not isinstance(value, int):
            _refuse(process, of, value, must, fix, kind=True)
        elif not low <= value <= _LARGEST_SHAPE:
            _refuse(process, of, value, must, fix, kind=False)

    return check_whole


def _shapes(process: object, of: check.Field, value: object) -> None:
    must = f"two whole numbers from 1 to {_LARGEST_SHAPE}"
    fix = "(a, b) means a chance of a/(a + b) on average"
    if not isinstance(value, tuple) or len(value) != 2:
        _refuse(process, of, value, must, fix, kind=not isinstance(value, tuple))
    for part in value:
        _whole(1)(process, of, part)


def _days_ago(process: object, of: check.Field, value: object) -> None:
    must, fix = f"two whole numbers of days from 0 to {_MOST_DAYS:,}", "the later end of the span goes first"
    if not isinstance(value, tuple) or any(
        isinstance(day, bool) or not isinstance(day, int) for day in value
    ):
        _refuse(process, of, value, must, fix, kind=True)
    if len(value) != 2 or not 0 <= value[0] <= value[1] <= _MOST_DAYS:
        _refuse(process, of, value, must, fix, kind=False)


def _season(process: object, of: check.Field, value: object) -> None:
    must, fix = "twelve numbers above 0 and up to 100, January first", "(1,) * 12 is a year without seasons"
    if not isinstance(value, tuple):
        _refuse(process, of, value, must, fix, kind=True)
    if len(value) != _MONTHS:
        _refuse(process, of, value, must, fix, kind=False)
    for factor in value:
        _number(must, fix, 0, 100, above=True)(process, of, factor)


def _weights(process: object, of: check.Field, value: object) -> None:
    must, fix = "a mapping of words to weights above 0", 'write {"web": 4, "pos": 1} for four of five'
    if not isinstance(value, FrozenMapping):
        _refuse(process, of, value, must, fix, kind=True)
    if not value:
        _refuse(process, of, dict(value), must, fix, kind=False)
    for word, weight in value.items():
        check.label(process, of, word)
        _number(must, fix, 0, 1e9, above=True)(process, of, weight)


def _words(*allowed: str) -> _Check:
    """A validator for weights of words that have a meaning."""

    def check_words(process: object, of: check.Field, value: object) -> None:
        _weights(process, of, value)
        for word in value if isinstance(value, FrozenMapping) else ():
            check.choice(*allowed)(process, of, word)

    return check_words


def _by_word(must: str, fix: str, low: float, high: float) -> _Check:
    """A validator for numbers by word, none of which hangs on another."""

    def check_by_word(process: object, of: check.Field, value: object) -> None:
        if not isinstance(value, FrozenMapping):
            _refuse(process, of, value, must, fix, kind=True)
        for word, number in value.items():
            check.label(process, of, word)
            _number(must, fix, low, high)(process, of, number)

    return check_by_word


def _prices(process: object, of: check.Field, value: object) -> None:
    must, fix = "a mapping of plans to prices a month from 0.01 to 1,000,000", 'write {"small": 15}'
    _by_word(must, fix, 0.01, 1e6)(process, of, value)
    if not value:
        _refuse(process, of, {}, must, fix, kind=False)


def _midnight(process: object, of: check.Field, value: object) -> None:
    check.moment(process, of, value)
    if isinstance(value, datetime) and (value.hour or value.minute or value.second or value.microsecond):
        _refuse(process, of, value, "a midnight in UTC", "the shop's days begin there", kind=False)


_SHARES = _by_word(
    "a mapping of words to shares from 0 to 1", 'write {"e-mail": 0.3} for 30 % by e-mail', 0, 1
)


def _share(default: float, low: float = 0, high: float = 1) -> Any:
    """A share or a chance."""
    validator = _number(f"a share from {low:g} to {high:g}", "write 6 % as 0.06", low, high)
    return field(default=default, converter=_to_float, validator=validator)


def _amount(default: float, must: str, low: float, high: float, *, above: bool = False) -> Any:
    validator = _number(must, "give it in the unit that the documentation names", low, high, above=above)
    return field(default=default, converter=_to_float, validator=validator)


def _mix(validator: _Check = _weights, /, **weights: float) -> Any:
    return field(
        default=_to_weights(weights),
        converter=_to_weights,
        validator=validator,
        hash=False,
        repr=lambda mix: repr(dict(mix)),
    )


@frozen(kw_only=True)
class SampleProcess:
    """The process by which the sample shop's customers buy, come back, stay away and answer.

    Change one with ``SampleProcess(mean_rate=0.5)`` or `attrs.evolve`. The page "The sample shop" tells the whole
    process. Weights need not add up to 1; "chance" is a number from 0 to 1.

    Attributes:
        opened_at: From when on customers arrive, a midnight in UTC.
        as_of: Until when the data are known, a midnight in UTC.
        season: Twelve factors, January first: how many times as fast as usual customers arrive and buy in that
            month (of UTC). `mean_rate` is meant where the factor is 1.
        rate_shape: Shape r of the Gamma distribution of the customers' purchase rates.
        mean_rate: Mean of these rates, in purchases a week.
        drop_out_shapes: Shapes (a, b) of the Beta distribution of the customers' chances to be gone for good after
            a purchase.
        first_may_be_last: Whether that can happen after the first purchase, too. False is the world of the BG/NBD
            model, True that of the MBG/NBD.
        first_drop_out_rate: Chance to be gone after the first purchase for another reason than `drop_out_shapes`.
        regulars_leave_rate: Chance that a regular, who has bought four times or more, goes for good in the days that
            the next parameter names.
        regulars_leave_days_ago: How many days before `as_of` that is, at the latest and at the earliest.
        amount_shape: Shape p of the Gamma distribution of one customer's amounts around the customer's own mean.
        mean_amount_shape: Shape q of the inverse Gamma distribution of these means, 2 or more.
        mean_amount: Mean of these means, in the currency's unit.
        currency: The currency of all amounts, three capital letters.
        discount_rate: Chance that an order has been lowered by a discount, of 10 or 20 %.
        bargain_hunter_rate: Chance that a customer buys at a discount only.
        cost_rate: What goods cost the shop, on average, as a share of the price before discounts.
        countries: Where customers are: weights.
        channels: Where orders are placed: weights.
        acquisition_channels: How customers came: weights. Whoever came by ``"referral"`` was referred by another.
        categories: Categories of goods: weights. Each customer has a favorite, drawn by the same weights.
        favorite_rate: Chance that a line of an order is of the customer's favorite category whatever the weights.
        loyalty_rate: Chance that a customer joins the programme, with one of the first three purchases.
        guest_rate: Chance that a customer does not log in, so that the order is a guest's.
        full_refund_rate: Chance that all of an order's money is given back.
        partial_refund_rate: Chance that 20 to 70 % of it is.
        cancellation_rate: Chance that an order is cancelled.
        cancel_reasons: Why orders are cancelled: weights of the words that `Order.cancel_reason` may be.
        late_rate: Chance that an order arrives late; it is tagged ``"late"``.
        failed_payment_rate: Chance that a failed order of the same amount stands before an order.
        exchange_rate: Chance that goods that were kept are exchanged: one more order, tagged ``"exchange"``.
        gift_card_rate: Chance that a gift card is bought beside an order: one more order, tagged ``"gift-card"``.
        test_order_rate: Chance that the shop makes a trial order that day: one more order, with `is_test`.
        mean_satisfaction: Usual satisfaction of the mean customer, from 0 to 10.
        satisfaction_spread: Standard deviation between customers' usual satisfaction, in points.
        satisfaction_by_drop_out: By how many points it lies lower, per 0.1 of the customer's chance to be gone.
        satisfaction_memory: Share of a past experience that is still felt at the next order.
        satisfaction_fall: Points by which everybody's usual satisfaction falls, evenly, in the half-year before `as_of`.
        first_disappointment: Points that the first order costs, whatever becomes of it.
        good_effect: Points by which an order lifts satisfaction when nothing goes wrong.
        late_effect: Points that a late delivery costs.
        refund_effect: Points that a full refund costs; a partial one costs half.
        cancellation_effect: Points that a cancellation costs.
        answer_spread: Standard deviation of an answer around the satisfaction, in points of 10.
        contact_rate: Chance that a customer asks the support about an order; it is three times as high, at most 1,
            where something went wrong.
        first_contact_rate: By how much that chance is higher where the order is the customer's first, up to 1 together.
        response_rate: Chance that a question is answered.
        reasons: Answers to "Why did you buy?": weights.
        subscriber_rate: Chance that a customer takes a subscription box some time after the first purchase.
        box_prices: What each size of the box costs a month, in the currency's unit. Each is as often taken at first
            as another.
        box_terms: For how long one pays at once: weights of ``"weekly"``, ``"monthly"``, ``"quarterly"`` and
            ``"yearly"``.
        trial_rate: Chance that a customer's first box begins with two weeks for free.
        trial_conversion_rate: Chance that it is paid after them.
        box_cancellation_rate: Chance, for each month that was paid, that the customer ends the box with it.
        box_payment_failure_rate: Chance, for each such month, that the next payment fails and the box ends with it.
        box_comeback_rate: Chance that a box that was paid and has ended is begun again.
        upgrade_rate: Chance a month of a change to the next larger box, where there is one.
        downgrade_rate: Chance a month of a change to the next smaller one, where there is one.
        pause_rate: Chance a month that a weekly or monthly box pauses for one or two terms.
        abandonment_rate: Chance that a basket is left, up to 0.95.
        basket_return_rate: Chance that who left it comes back and orders it, after 25 hours to 5 days.
        anonymous_basket_rate: Chance that the shop does not learn whose a basket was that is never ordered.
        message_rates: By channel, the chance that a month's message goes to a customer there.
        message_response_rates: By channel, the chance that a message draws a response: that it is opened or, of an
            ``"sms"``, clicked.
        click_rate: Chance that a message that was opened is clicked.
        reply_rate: Chance that a message that drew a response is replied to.
        approach_rate: Chance that an order comes of an approach: a call of one to seven days before.
        new_conversion_rate: Chance that somebody who never bought buys when approached, from 0.05.
        existing_conversion_rate: Chance that a customer does, from 0.05.
        offer_rate: Chance that an added or dearer item is offered at the checkout.
        offer_acceptance_rate: Chance that it is taken.
        contact_kinds: How customers ask the support: weights of ``"question"``, ``"chat"``, ``"case"``, ``"call"``.
        self_service_rate: Chance that they find the solution by themselves.
        answer_rate: Chance that the shop answers, where they do not; of a review, likewise.
        answer_hours: Mean time to the answer, in hours.
        solution_rate: Chance that what the shop has answered is solved.
        solution_hours: Mean time from the answer to the solution, in hours.
        review_rate: Chance that an order is reviewed, if not cancelled.
        mention_rate: Chance that somebody mentions the shop in public after an order.
        mention_channels: Where: weights.

    Raises:
        InvalidValueError: A value is out of its domain, or what can happen to an order adds up to more than 1.
        InvalidTypeError: A value has a type that is never right there.

    .. versionadded:: 0.1

    >>> SampleProcess(drop_out_shapes=(1, 3)).mean_drop_out
    0.25
    """

    opened_at: datetime = field(
        default=datetime(2024, 7, 1, tzinfo=UTC), converter=check.to_utc, validator=_midnight
    )
    as_of: datetime = field(default=SAMPLE_AS_OF, converter=check.to_utc, validator=_midnight)
    season: tuple[float, ...] = field(
        default=(0.85, 0.85, 0.95, 0.95, 1.0, 0.95, 0.9, 0.9, 1.0, 1.05, 1.35, 1.25),
        converter=_to_floats,
        validator=_season,
    )

    rate_shape: int = field(default=1, validator=_whole(1))
    mean_rate: float = _amount(0.12, "purchases a week, above 0 and up to 70", 0, 70, above=True)
    drop_out_shapes: tuple[int, int] = field(default=(1, 4), validator=_shapes)
    first_may_be_last: bool = field(default=False, validator=check.flag)
    first_drop_out_rate: float = _share(0.0)
    regulars_leave_rate: float = _share(0.0)
    regulars_leave_days_ago: tuple[int, int] = field(default=(30, 90), validator=_days_ago)

    amount_shape: int = field(default=4, validator=_whole(1))
    mean_amount_shape: int = field(default=4, validator=_whole(2))
    mean_amount: float = _amount(48.0, "an amount from 0.01 to 1,000,000", 0.01, 1e6)
    currency: str = field(default="EUR", validator=check.currency)
    discount_rate: float = _share(0.2)
    bargain_hunter_rate: float = _share(0.0)
    cost_rate: float = _share(0.55)

    countries: Mapping[str, float] = _mix(DE=6, AT=2, CH=1, FR=1)
    channels: Mapping[str, float] = _mix(web=6, app=3, pos=1)
    acquisition_channels: Mapping[str, float] = _mix(search=4, social=3, newsletter=2, referral=1)
    categories: Mapping[str, float] = _mix(coffee=5, tea=3, chocolate=2, cups=1)
    favorite_rate: float = _share(0.6)
    loyalty_rate: float = _share(0.3)

    guest_rate: float = _share(0.06)
    full_refund_rate: float = _share(0.03)
    partial_refund_rate: float = _share(0.05)
    cancellation_rate: float = _share(0.03)
    cancel_reasons: Mapping[str, float] = _mix(
        _words("customer", "payment", "stock", "fraud", "technical", "other"),
        customer=6,
        payment=2,
        stock=2,
        fraud=1,
        technical=1,
        other=1,
    )
    late_rate: float = _share(0.1)
    failed_payment_rate: float = _share(0.02)
    exchange_rate: float = _share(0.02)
    gift_card_rate: float = _share(0.015)
    test_order_rate: float = _share(0.01)

    mean_satisfaction: float = _amount(8.4, "points from 0 to 10", 0, 10)
    satisfaction_spread: float = _amount(1.2, "points from 0 to 10", 0, 10)
    satisfaction_by_drop_out: float = _amount(0.5, "points from -10 to 10", -10, 10)
    satisfaction_memory: float = _share(0.6)
    satisfaction_fall: float = _amount(0.0, "points from 0 to 10", 0, 10)
    first_disappointment: float = _amount(0.0, "points from 0 to 10", 0, 10)
    good_effect: float = _amount(0.2, "points from 0 to 10", 0, 10)
    late_effect: float = _amount(1.5, "points from 0 to 10", 0, 10)
    refund_effect: float = _amount(2.0, "points from 0 to 10", 0, 10)
    cancellation_effect: float = _amount(2.0, "points from 0 to 10", 0, 10)
    answer_spread: float = _amount(1.0, "points from 0 to 10", 0, 10)
    contact_rate: float = _share(0.08)
    first_contact_rate: float = _share(0.0)
    response_rate: float = _share(0.3)
    reasons: Mapping[str, float] = _mix(range=3, price=3, quality=3, recommendation=1)

    subscriber_rate: float = _share(0.3)
    box_prices: Mapping[str, float] = _mix(_prices, small=15, medium=24, large=38)
    box_terms: Mapping[str, float] = _mix(
        _words("weekly", "monthly", "quarterly", "yearly"), weekly=1, monthly=6, quarterly=2, yearly=1
    )
    trial_rate: float = _share(0.4)
    trial_conversion_rate: float = _share(0.6)
    box_cancellation_rate: float = _share(0.04)
    box_payment_failure_rate: float = _share(0.015)
    box_comeback_rate: float = _share(0.25)
    upgrade_rate: float = _share(0.03)
    downgrade_rate: float = _share(0.02)
    pause_rate: float = _share(0.03)

    abandonment_rate: float = _share(0.5, 0, _ALMOST_ALL)
    basket_return_rate: float = _share(0.2)
    anonymous_basket_rate: float = _share(0.4)

    message_rates: Mapping[str, float] = _mix(_SHARES, **{"e-mail": 0.2, "sms": 0.08})
    message_response_rates: Mapping[str, float] = _mix(_SHARES, **{"e-mail": 0.35, "sms": 0.15})
    click_rate: float = _share(0.25)
    reply_rate: float = _share(0.05)
    approach_rate: float = _share(0.05)
    new_conversion_rate: float = _share(0.12, _ALMOST_NONE, 1)
    existing_conversion_rate: float = _share(0.45, _ALMOST_NONE, 1)
    offer_rate: float = _share(0.15)
    offer_acceptance_rate: float = _share(0.2)

    contact_kinds: Mapping[str, float] = _mix(
        _words("question", "chat", "case", "call"), question=4, chat=3, case=2, call=1
    )
    self_service_rate: float = _share(0.3)
    answer_rate: float = _share(0.9)
    answer_hours: float = _amount(8.0, "hours from 0 to 1,000", 0, 1e3)
    solution_rate: float = _share(0.8)
    solution_hours: float = _amount(30.0, "hours from 0 to 1,000", 0, 1e3)
    review_rate: float = _share(0.08)
    mention_rate: float = _share(0.05)
    mention_channels: Mapping[str, float] = _mix(instagram=5, facebook=3, web=2)

    def __attrs_post_init__(self) -> None:
        if self.opened_at >= self.as_of:
            msg = (
                f"SampleProcess.opened_at must lie before as_of, {self.as_of.isoformat()} "
                f"(got {self.opened_at.isoformat()}); change one of them"
            )
            raise InvalidValueError(msg)
        together = self.full_refund_rate + self.partial_refund_rate + self.cancellation_rate
        if together > 1:
            msg = (
                f"SampleProcess.cancellation_rate and the two refund rates must not add up to more than 1 "
                f"(got {together}); lower one of them, since an order has one fate"
            )
            raise InvalidValueError(msg)
        ends = self.box_cancellation_rate + self.box_payment_failure_rate
        if ends > 1:
            msg = (
                f"SampleProcess.box_cancellation_rate and box_payment_failure_rate must not add up to more than 1 "
                f"(got {ends}); lower one of them, since a box ends once"
            )
            raise InvalidValueError(msg)

    @property
    def rate_scale(self) -> float:
        """Scale α of the Gamma distribution of purchase rates, in weeks; the mean is r/α."""
        return self.rate_shape / self.mean_rate

    @property
    def mean_drop_out(self) -> float:
        """Mean chance to be gone after a purchase, a/(a + b)."""
        a, b = self.drop_out_shapes
        return a / (a + b)

    @property
    def amount_scale(self) -> float:
        """Scale γ of the Gamma–Gamma model of amounts; the mean amount is p·γ/(q − 1)."""
        return self.mean_amount * (self.mean_amount_shape - 1) / self.amount_shape

    @property
    def box_churn(self) -> float:
        """Chance, for each month that was paid, that a box ends with it, for whichever reason."""
        return self.box_cancellation_rate + self.box_payment_failure_rate

    @property
    def lost_basket_rate(self) -> float:
        """Chance that a basket never becomes an order."""
        return self.abandonment_rate * (1 - self.basket_return_rate)

    def undisturbed(self) -> SampleProcess:
        """The same customers with nothing between them and the record: what a model of purchases must find again.

        No seasons, no guests, refunds, cancellations, failed payments, exchanges, gift cards or test orders, and no
        basket of which nobody knows whose it was.
        """
        return evolve(
            self,
            season=(1.0,) * _MONTHS,
            guest_rate=0.0,
            full_refund_rate=0.0,
            partial_refund_rate=0.0,
            cancellation_rate=0.0,
            failed_payment_rate=0.0,
            exchange_rate=0.0,
            gift_card_rate=0.0,
            test_order_rate=0.0,
            anonymous_basket_rate=0.0,
        )
