"""What a merchant's data are made of: customers, orders, survey answers, and the policy that says which orders count.

All records are frozen, compare by value, and refuse at construction what could not be counted right.
None needs a name, an e-mail address or a telephone number.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from datetime import datetime, timedelta, tzinfo
from decimal import Decimal
from typing import Any, Literal, TypeAlias

from attrs import field, frozen

from retention import _validate as check
from retention._calendar import Duration
from retention._mapping import FrozenMapping
from retention.errors import InvalidValueError, shown

__all__ = [
    "CancelReason",
    "Convert",
    "Customer",
    "Direction",
    "LineItem",
    "Order",
    "OrderPolicy",
    "PaymentState",
    "Refund",
    "Scale",
    "SurveyResponse",
]

PaymentState: TypeAlias = Literal["paid", "pending", "failed", "unknown"]
"""Whether the money came: orders that are ``"pending"`` or ``"failed"`` are no sales; ``"unknown"`` counts as paid."""

CancelReason: TypeAlias = Literal["customer", "payment", "stock", "fraud", "technical", "other"]
"""Why an order was cancelled: ``"customer"`` is voluntary, ``"payment"`` to ``"technical"`` are involuntary."""

Convert: TypeAlias = Callable[[Decimal, str, datetime], Decimal]
"""A host's currency conversion: amount, its currency and the order's instant in, amount in the one currency out."""

Scale: TypeAlias = tuple[int, int] | tuple[Decimal, Decimal]
"""The lowest and the highest score of a survey: two ints where scores are whole numbers, else two Decimals."""

Direction: TypeAlias = Literal["higher", "lower"]
"""Which end of a survey's scale is the good one."""


@frozen(kw_only=True)
class Refund:
    """Money given back for an order, in the order's currency.

    Attributes:
        refunded_at: Instant of the refund; not before the order.
        amount: How much, from 0 up to the order's amount.

    .. versionadded:: 0.1
    """

    refunded_at: datetime = field(converter=check.to_utc, validator=check.moment)
    amount: Decimal = field(converter=check.to_decimal, validator=check.magnitude)


@frozen(kw_only=True)
class LineItem:
    """One line of an order.

    Attributes:
        product: The shop's id of the product.
        category: The product's category, if the shop has any.
        quantity: Pieces or measure, above 0.
        amount: What the line cost after discounts, before tax, in the order's currency.

    .. versionadded:: 0.1
    """

    product: Hashable = field(validator=check.identifier)
    category: str | None = field(default=None, validator=check.optional(check.label))
    quantity: Decimal = field(default=Decimal(1), converter=check.to_decimal, validator=check.quantity)
    amount: Decimal | None = field(
        default=None, converter=check.to_decimal_or_none, validator=check.optional(check.amount)
    )


@frozen(kw_only=True)
class Order:
    """One order as a shop system knows it; whether it counts as a sale is for the `OrderPolicy` to say.

    Attributes:
        id: The shop's id of the order, any hashable.
        customer_id: Who ordered; None for a guest checkout.
        placed_at: Instant of the order, an aware datetime; kept in UTC.
        amount: What was charged for the goods: after discounts, before tax and shipping, before refunds.
        currency: Three capital letters.
        refunds: Money given back, each with its instant; together not above `amount`.
        payment_state: ``"paid"``, ``"pending"``, ``"failed"`` or ``"unknown"``.
        cancelled_at: When it was cancelled, if it was.
        cancel_reason: Why: ``"customer"``, ``"payment"``, ``"stock"``, ``"fraud"``, ``"technical"``, ``"other"``.
        discount: How much `amount` has been lowered by discounts, if known.
        cost: What the goods cost the shop, if known.
        channel: Where it was sold ("web", "pos", …).
        items: The lines of the order.
        tags: The host's labels. ``"exchange"`` and ``"gift-card"`` (the sale of a card) are no sales.
        is_test: True for the shop's own trial orders.

    .. versionadded:: 0.1

    >>> from datetime import datetime, timezone
    >>> order = Order(
    ...     id=1,
    ...     customer_id="ann",
    ...     placed_at=datetime(2026, 3, 1, tzinfo=timezone.utc),
    ...     amount="12.50",
    ...     currency="EUR",
    ... )
    >>> order.amount
    Decimal('12.50')
    """

    id: Hashable = field(validator=check.identifier)
    customer_id: Hashable | None = field(validator=check.optional(check.identifier))
    placed_at: datetime = field(converter=check.to_utc, validator=check.moment)
    amount: Decimal = field(converter=check.to_decimal, validator=check.amount)
    currency: str = field(validator=check.currency)
    refunds: tuple[Refund, ...] = field(default=(), converter=check.to_tuple, validator=check.records(Refund))
    payment_state: PaymentState = field(
        default="unknown", validator=check.choice("paid", "pending", "failed", "unknown")
    )
    cancelled_at: datetime | None = field(
        default=None, converter=check.to_utc_or_none, validator=check.optional(check.moment)
    )
    cancel_reason: CancelReason | None = field(
        default=None,
        validator=check.optional(check.choice("customer", "payment", "stock", "fraud", "technical", "other")),
    )
    discount: Decimal | None = field(
        default=None, converter=check.to_decimal_or_none, validator=check.optional(check.magnitude)
    )
    cost: Decimal | None = field(
        default=None, converter=check.to_decimal_or_none, validator=check.optional(check.magnitude)
    )
    channel: str | None = field(default=None, validator=check.optional(check.label))
    items: tuple[LineItem, ...] = field(
        default=(), converter=check.to_tuple, validator=check.records(LineItem)
    )
    tags: frozenset[str] = field(default=frozenset(), converter=check.to_frozenset, validator=check.labels)
    is_test: bool = field(default=False, validator=check.flag)

    def __attrs_post_init__(self) -> None:
        if self.refunds:
            self._check_refunds()
        if self.cancelled_at is not None and self.cancelled_at < self.placed_at:
            msg = (
                f"Order.cancelled_at must not be before placed_at, {self.placed_at.isoformat()} "
                f"(got {self.cancelled_at.isoformat()}); check the time zone of both"
            )
            raise InvalidValueError(msg)
        if self.cancel_reason is not None and self.cancelled_at is None:
            msg = f"Order.cancel_reason (got {self.cancel_reason!r}) needs cancelled_at, the instant of the cancellation"
            raise InvalidValueError(msg)

    def _check_refunds(self) -> None:
        for refund in self.refunds:
            if refund.refunded_at < self.placed_at:
                msg = (
                    f"Order.refunds must not be before placed_at, {self.placed_at.isoformat()} "
                    f"(got {refund.refunded_at.isoformat()}); check the time zone of both, and give a time "
                    f"where there is only a date, which stands for its first instant"
                )
                raise InvalidValueError(msg)
        refunded = check.exact_sum(refund.amount for refund in self.refunds)
        if refunded > self.amount:
            msg = (
                f"Order.refunds must not add up to more than amount, {self.amount} (got {refunded}); "
                f"leave shipping and tax out of refunds, as out of amount"
            )
            raise InvalidValueError(msg)


@frozen(kw_only=True)
class Customer:
    """One customer: facts that group customers, and nothing that names one.

    Attributes:
        id: The shop's id of the customer, any hashable.
        signed_up_at: When the account was opened.
        country: Where the customer is, as the host writes countries.
        acquisition_channel: How the customer came ("search", "referral", …).
        referred_by: Id of the customer who referred this one.
        loyalty_joined_at: When the customer joined the loyalty programme; None for others.
        attributes: The host's own facts; a read-only copy, left out of `hash` and `repr`.
        tags: The host's labels.

    .. versionadded:: 0.1
    """

    id: Hashable = field(validator=check.identifier)
    signed_up_at: datetime | None = field(
        default=None, converter=check.to_utc_or_none, validator=check.optional(check.moment)
    )
    country: str | None = field(default=None, validator=check.optional(check.label))
    acquisition_channel: str | None = field(default=None, validator=check.optional(check.label))
    referred_by: Hashable | None = field(default=None, validator=check.optional(check.identifier))
    loyalty_joined_at: datetime | None = field(
        default=None, converter=check.to_utc_or_none, validator=check.optional(check.moment)
    )
    attributes: Mapping[str, Any] = field(
        default=FrozenMapping(), converter=check.to_mapping, validator=check.mapping, hash=False, repr=False
    )
    tags: frozenset[str] = field(default=frozenset(), converter=check.to_frozenset, validator=check.labels)

    def __attrs_post_init__(self) -> None:
        if self.referred_by is not None and self.referred_by == self.id:
            msg = f"Customer.referred_by must be another customer's id (got {shown(self.referred_by)}, the customer's own)"
            raise InvalidValueError(msg)


@frozen(kw_only=True)
class OrderPolicy:
    """Which orders count, and when a refund does. Change one with `attrs.evolve`.

    A *sale* is an order that is not a test, not cancelled, paid, and not tagged ``"exchange"`` or
    ``"gift-card"``. A *purchase* is a sale whose amount minus its refunds is above `minimum_net`;
    customers and orders are counted on purchases, revenue on sales.

    Attributes:
        minimum_net: What must be left of a sale after refunds, exclusive. None lets zero-value orders in. Above 0
            it is an amount of money, so that all sales must be in one currency (or converted into one).
        refunds_dated: ``"order"``: a refund lowers the revenue of the day of its order. ``"refund"``: of
            the day on which it was made, as shop back ends report. Touches refunded and net revenue only.
        refunds_within: Leave out refunds made later than this after their order, so that old months,
            which had longer to be refunded, compare with new ones. None counts all that are known.
        same_day: ``"merge"`` joins the sales of one customer on one local day into one; needs `tz`. A day with
            sales in two currencies is refused, since their sum is none.
        tz: The zone whose days `same_day` and whose months `refunds_within` mean.
        on_duplicate: ``"raise"`` refuses an order id that stands twice; ``"drop_identical"`` keeps one of
            equal records and counts the others, and still refuses records that differ.

    .. versionadded:: 0.1
    """

    minimum_net: Decimal | None = field(
        default=Decimal(0), converter=check.to_decimal_or_none, validator=check.optional(check.threshold)
    )
    refunds_dated: Literal["order", "refund"] = field(
        default="order", validator=check.choice("order", "refund")
    )
    refunds_within: Duration | None = field(default=None, validator=check.optional(check.duration))
    same_day: Literal["keep", "merge"] = field(default="keep", validator=check.choice("keep", "merge"))
    tz: tzinfo | None = field(
        default=None,
        converter=check.to_zone_or_none,
        validator=check.optional(check.zone),
        hash=False,  # the zones of dateutil have no hash
    )
    on_duplicate: Literal["raise", "drop_identical"] = field(
        default="raise", validator=check.choice("raise", "drop_identical")
    )

    def __attrs_post_init__(self) -> None:
        if self.same_day == "merge" and self.tz is None:
            msg = 'OrderPolicy.same_day="merge" needs tz=, the zone whose days are meant, such as tz="Europe/Berlin"'
            raise InvalidValueError(msg)
        if (
            self.refunds_within is not None
            and not isinstance(self.refunds_within, timedelta)
            and self.tz is None
        ):
            msg = "OrderPolicy.refunds_within in months needs tz=, the zone whose months are meant; or give a timedelta"
            raise InvalidValueError(msg)


_NPS_SCALE = (0, 10)
_SCORED_KINDS = ("nps", "csat", "ces")


@frozen(kw_only=True)
class SurveyResponse:
    """One answer to one question of a survey. A question that was not answered is no response.

    It has a `score` on a `scale`, or, where the question has no scale, an `answer` in words.

    Attributes:
        kind: Which question: ``"nps"`` (would you recommend us?), ``"csat"`` (how satisfied are you?), ``"ces"``
            (how much effort was it?), or a word of your own, the same for every answer to that question.
        score: The number chosen. Whole on a whole-number scale, where 9.0 is read as 9; elsewhere a Decimal, and
            a float is taken by the digits that it prints.
        answer: The choice in words, such as ``"price"``; it has neither scale nor direction.
        scale: Lowest and highest score, both included: two ints for whole numbers, such as ``(1, 5)``, two Decimals
            where there may be fractions. ``"nps"`` is always on ``(0, 10)``, without saying.
        direction: Which end is the good one, ``"higher"`` or ``"lower"``. ``"nps"`` is ``"higher"``, and so is
            ``"csat"`` unless said otherwise; ``"ces"`` must say it, since "it was easy" and "it took much effort"
            point in opposite directions; None elsewhere if there is no good end.
        responded_at: Instant of the answer, an aware datetime; kept in UTC.
        id: The host's id of the answer, if it has one.
        customer_id: Who answered; None if that is not known. Answers of one customer belong together, in intervals
            and where only the latest counts.
        touchpoint: What the survey was about or followed ("checkout", "delivery", …).
        channel: How it was asked ("e-mail", "app", …).
        comment: What the customer wrote beside it; left out of `repr`, and no error shows it.

    .. versionadded:: 0.1

    >>> from datetime import datetime, timezone
    >>> response = SurveyResponse(kind="nps", score=9, responded_at=datetime(2026, 3, 1, tzinfo=timezone.utc))
    >>> response.scale, response.direction
    ((0, 10), 'higher')
    """

    kind: str = field(validator=check.label)
    score: int | Decimal | None = field(
        default=None, converter=check.to_score_or_none, validator=check.optional(check.score)
    )
    answer: str | None = field(default=None, validator=check.optional(check.label))
    scale: Scale | None = field(
        default=None, converter=check.to_scale_or_none, validator=check.optional(check.scale)
    )
    direction: Direction | None = field(
        default=None, validator=check.optional(check.choice("higher", "lower"))
    )
    responded_at: datetime = field(converter=check.to_utc, validator=check.moment)
    id: Hashable | None = field(default=None, validator=check.optional(check.identifier))
    customer_id: Hashable | None = field(default=None, validator=check.optional(check.identifier))
    touchpoint: str | None = field(default=None, validator=check.optional(check.label))
    channel: str | None = field(default=None, validator=check.optional(check.label))
    comment: str | None = field(default=None, validator=check.optional(check.comment), repr=False)

    def __attrs_post_init__(self) -> None:
        self._check_kind()
        if self.answer is None:
            self._check_score()
        else:
            self._check_answer()

    def _check_kind(self) -> None:
        if self.kind not in _SCORED_KINDS and self.kind.strip().casefold() in _SCORED_KINDS:
            msg = f'SurveyResponse.kind must be written "{self.kind.strip().casefold()}" (got {shown(self.kind)})'
            raise InvalidValueError(msg)

    def _check_answer(self) -> None:
        if self.score is not None:
            msg = (
                f"SurveyResponse.answer is for questions without a scale, and score= is given too "
                f"(got {shown(self.answer)} and {self.score}); give one of them, and put remarks into comment="
            )
            raise InvalidValueError(msg)
        if self.kind in _SCORED_KINDS:
            msg = (
                f"SurveyResponse.answer must not be given for kind={self.kind!r}, which is a question with a scale "
                f"(got {shown(self.answer)}); give score=, or a kind of your own"
            )
            raise InvalidValueError(msg)
        for name in ("scale", "direction"):
            if getattr(self, name) is not None:
                msg = f"SurveyResponse.{name} must not be given beside answer=, a choice in words (got {getattr(self, name)!r})"
                raise InvalidValueError(msg)

    def _check_score(self) -> None:
        if self.score is None:
            msg = (
                "SurveyResponse.score is missing, and so is answer; give the number, or the choice in words, and "
                "leave questions out that were not answered"
            )
            raise InvalidValueError(msg)
        self._settle_scale()
        scale = self.scale
        if scale is None:
            msg = (
                f"SurveyResponse.scale is missing for kind={self.kind!r}; give the lowest and the highest score, "
                f"such as scale=(1, 5)"
            )
            raise InvalidValueError(msg)
        if not scale[0] <= self.score <= scale[1]:
            msg = f"SurveyResponse.score must lie on its scale, from {scale[0]} to {scale[1]} (got {self.score})"
            raise InvalidValueError(msg)
        if isinstance(scale[0], Decimal):
            object.__setattr__(self, "score", Decimal(self.score))
        elif not isinstance(self.score, int):
            msg = (
                f"SurveyResponse.score must be a whole number on the scale {scale} (got {self.score}); for scores with "
                f"fractions give the scale as Decimals, (Decimal({scale[0]}), Decimal({scale[1]}))"
            )
            raise InvalidValueError(msg)

    def _settle_scale(self) -> None:
        """Fill in what the kind says of scale and direction, and refuse what contradicts it."""
        if self.kind == "nps":
            if self.scale is None:
                object.__setattr__(self, "scale", _NPS_SCALE)
            elif self.scale != _NPS_SCALE or isinstance(self.scale[0], Decimal):
                msg = (
                    f'SurveyResponse.scale must be (0, 10) for kind="nps" (got {shown(self.scale)}); give another '
                    f"scale a kind of your own"
                )
                raise InvalidValueError(msg)
            if self.direction == "lower":
                msg = 'SurveyResponse.direction must be "higher" for kind="nps" (got \'lower\'); turn the scores round'
                raise InvalidValueError(msg)
        if self.direction is None:
            if self.kind == "ces":
                msg = (
                    'SurveyResponse.direction is missing for kind="ces"; give "higher" if a high score means that it '
                    'was easy, and "lower" if it means much effort'
                )
                raise InvalidValueError(msg)
            if self.kind in _SCORED_KINDS:
                object.__setattr__(self, "direction", "higher")
