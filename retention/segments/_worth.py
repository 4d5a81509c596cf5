"""What each customer is worth: by what they spent, by how often they bought, or as the host says."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from itertools import compress
from math import isfinite
from typing import Any, Literal, TypeAlias

from attrs import field, frozen

from retention._calendar import Duration, as_words, check_duration, ends_of
from retention._columns import Columns
from retention._customer_keys import customer_keys
from retention._facts import Money
from retention.errors import ConflictingArgumentError, InvalidTypeError, InvalidValueError, is_bool, shown
from retention.segments._standing import Standing
from retention.shop import Shop

__all__ = ["Worth", "Worths", "worth_of"]

Worth: TypeAlias = "Literal['spend', 'orders'] | Mapping[Hashable, Decimal | float]"
"""By what customers are ranked: what they spent, how often they purchased, or a mapping of ids to numbers."""


@frozen(kw_only=True)
class Worths:
    """What each of some customers is worth, as numbers that compare exactly.

    Attributes:
        of: By customer's id.
        called: How it was said.
        left_out: Customers of whom nothing is known, or not for long enough, by reason.
        money: The unit of what they spent, if that is what it is.
        adds_up: A sum over customers means something.
        favors_early: Who came earlier has had longer.
        limits: By customer's id, the last instant that counts, where each has one of their own; else None.
    """

    of: Mapping[Hashable, Any] = field(repr=False)
    called: str
    left_out: Mapping[str, int]
    money: Money | None = None
    adds_up: bool = True
    favors_early: bool = False
    limits: Mapping[Hashable, int] | None = field(default=None, repr=False)

    @property
    def currency(self) -> str | None:
        """The currency of what they spent, or None."""
        return None if self.money is None else self.money.currency

    def as_told(self, value: Any) -> Decimal | float:
        """A customer's worth as people know it."""
        if self.money is not None:
            return self.money.amount(value)
        return int(value) if self.adds_up else float(value)


def worth_of(
    shop: Shop,
    columns: Columns,
    found: Standing,
    worth: object,
    *,
    within: Duration | None,
    window: Duration | None,
    owner: str,
) -> Worths:
    """What each customer is worth.

    Args:
        shop: The shop.
        columns: Its purchases.
        found: The customers.
        worth: ``"spend"``, ``"orders"``, or a mapping of ids to numbers.
        within: How long after the first purchase counts.
        window: How long before `at` counts.
        owner: The public function, for messages.

    Raises:
        ConflictingArgumentError: Two of `within`, `window` and a mapping are given.
        InvalidTypeError: `worth` is neither a word nor a mapping, or a value is no number.
        InvalidValueError: There is no such word, a value is not finite, or a time is not positive.
        MixedCurrencyError: Money is in several currencies.
    """
    given = {
        "within": within is not None,
        "window": window is not None,
        "a mapping as worth": isinstance(worth, Mapping),
    }
    both = list(compress(given, given.values()))
    if len(both) > 1:
        msg = f"{owner}: {' and '.join(both)} can't go together, since each says what counts of a customer; give one of them"
        raise ConflictingArgumentError(msg)
    if isinstance(worth, Mapping):
        return _as_told(shop, found, worth, owner)
    if worth not in ("spend", "orders"):
        error = InvalidValueError if isinstance(worth, str) else InvalidTypeError
        msg = f'{owner}: worth must be "spend", "orders", or a mapping of customers\' ids to numbers (got {shown(worth)})'
        raise error(msg)
    limits: Sequence[int] | None = None
    values: Sequence[int]
    if within is not None:
        check_duration(within, owner=owner, field="within")
        found.refuse_a_guess({"within": within}, owner=owner)
        limits = list(ends_of(found.first_at, within, found.zone))
        values = _until_each(columns, found, limits, worth)
        is_known = [limit < found.until for limit in limits]
        reason = f"customers watched for less than {as_words(within)}"
    else:
        values, is_known, reason = _of_window(found, window, worth, owner)
    missing = found.customers - sum(is_known)
    return Worths(
        of=dict(compress(zip(found.ids, values, strict=True), is_known)),
        called=worth,
        left_out={reason: missing} if missing else {},
        money=found.money if worth == "spend" else None,
        favors_early=limits is None,
        limits=None if limits is None else dict(zip(found.ids, limits, strict=True)),
    )


def _of_window(
    found: Standing, window: Duration | None, worth: str, owner: str
) -> tuple[Sequence[int], list[bool], str]:
    since = found.since(window, owner=owner)
    counts = found.frequency(since)
    values = found.spend(since) if worth == "spend" else list(counts)
    return values, [count > 0 for count in counts], "customers without a purchase in the window"


def _until_each(columns: Columns, found: Standing, limits: Sequence[int], worth: str) -> list[int]:
    """What each did up to a limit of their own, which is included."""
    values, where = [0] * found.customers, found.purchases()
    did = zip(columns.customer[where], columns.at[where], columns.net[where], strict=True)
    for customer, moment, net in did:
        if moment <= limits[customer]:
            values[customer] += net if worth == "spend" else 1
    return values


def _as_told(shop: Shop, found: Standing, worth: Mapping[Hashable, Any], owner: str) -> Worths:
    """The host's own numbers, under one id a person."""
    told = customer_keys(shop, worth, owner=owner)
    of = {person: _number(told[person], person, owner) for person in found.ids if person in told}
    missing = found.customers - len(of)
    return Worths(
        of=of,
        called="a mapping",
        left_out={"customers without a number in worth=": missing} if missing else {},
        adds_up=False,
    )


def _number(value: object, person: Hashable, owner: str) -> Fraction:
    if is_bool(value) or not isinstance(value, (int, float, Decimal, Fraction)):
        msg = f"{owner}: worth must give numbers, not {type(value).__name__} (got {shown(value)} for {shown(person)})"
        raise InvalidTypeError(msg)
    if not isinstance(value, Fraction) and not (
        value.is_finite() if isinstance(value, Decimal) else isfinite(value)
    ):
        msg = f"{owner}: worth must give finite numbers (got {shown(value)} for {shown(person)}); leave the customer out"
        raise InvalidValueError(msg)
    return Fraction(value)
