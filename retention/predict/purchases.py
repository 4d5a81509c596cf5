"""From orders to what models of purchases are fed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Unpack

from retention._calendar import Zone
from retention.errors import ConflictingArgumentError, InvalidTypeError, did_you_mean, shown
from retention.history import ReadingOptions
from retention.predict._purchase_days import PurchaseDays
from retention.predict._repeat_purchases import Purchases, RepeatPurchases
from retention.predict._time_units import TimeUnit, horizon_in
from retention.shop import Orders, history_of

__all__ = [
    "PurchaseReading",
    "Purchases",
    "RepeatPurchases",
    "TimeUnit",
    "base_to_fit",
    "horizon_in",
    "repeat_purchases",
]


class PurchaseReading(ReadingOptions, total=False):
    """How `fit` makes a table of orders: the keywords of `repeat_purchases`.

    Attributes:
        unit: The unit of time; weeks unless given.
        tz: The zone by whose days is counted.
        until: The last day watched.
        since: Take in customers only who first purchased from then on.
        discrete: Whether each unit of the calendar is one opportunity to buy.

    .. versionadded:: 0.1
    """

    unit: TimeUnit
    tz: Zone | None
    until: date | datetime | None
    since: date | datetime | None
    discrete: bool


def repeat_purchases(
    orders: Orders,
    /,
    *,
    unit: TimeUnit = "week",
    tz: Zone | None = None,
    until: date | datetime | None = None,
    since: date | datetime | None = None,
    discrete: bool = False,
    **reading: Unpack[ReadingOptions],
) -> RepeatPurchases:
    r"""How often, how lately and for how long each customer has bought: all that models of purchases look at.

    A customer begins with the first purchase, which is not counted. From its day on, `frequency` are the days with another
    purchase, `recency` is the time to the last of them, and `age` the time to the end of what was watched. Several
    purchases on one local day are one: whoever puts a forgotten article on a second order has not come back.

    .. math:: x_i = |D_i| - 1, \quad t_{x,i} = \frac{\max D_i - \min D_i}{u}, \quad T_i = \frac{d - \min D_i}{u}

    with the days :math:`D_i` on which customer i purchased, the last day watched d, and the days u in a unit of time.

    What is a purchase, the policy of the orders says, as everywhere: refunds, cancellations and orders of no value count as
    they do there, as they are known at `as_of`. The last day watched is the last one that was over: of a day that had just
    begun nobody knows yet whether a customer would buy. Studies that count orders of no value, too, read them with
    ``policy=OrderPolicy(minimum_net=None)``.

    Where `observed_from` is given, customers are left out who are known to have bought before: what they bought until then
    is not known in full. All others are taken as new from their first purchase in the data on, although some of them may
    have bought before, too. Where that matters, give a `since` some time after `observed_from`: whoever has not bought in
    between is most likely new.

    Args:
        orders: The orders, a `History` of them, or a `Shop`.
        unit: The unit of time: ``"day"``, ``"week"``, ``"month"`` or ``"year"``; of days as a fraction, a month being a
            twelfth of a year of 365.2425 days.
        tz: The zone by whose days is counted; None for that of the orders' policy.
        until: The last day watched, or an instant: then the last day that was over at it. None means the data's `as_of`.
        since: Take in customers only who first purchased from this day or instant on.
        discrete: Whether each unit of the calendar is one opportunity to buy, as `BgBb` sees it. Then all three are whole
            numbers: of the units after that of the first purchase those with a purchase, up to the last of these, and up
            to the last that was over.
        reading: How to read the orders; see `ReadingOptions`.

    Returns:
        The customers by id; guests and orders that are no purchases are left out, and counted in `left_out`. Empty where
        nobody had purchased.

    Raises:
        AsOfRequiredError: Neither `until` nor `as_of` is given.
        ConflictingArgumentError: `until` was not over at `as_of`, `since` does not lie before it, or a keyword contradicts
            the data.
        InvalidTypeError: An argument is of another type.
        InvalidValueError: There is no such unit or zone, or nobody said in which zone days are counted.
        NaiveDatetimeError: An instant has no zone.

    >>> from datetime import date
    >>> import retention as rt
    >>> from retention.testing import make_orders
    >>> orders = make_orders({"ann": ["2026-01-01", "2026-01-15", "2026-01-29"], "ben": ["2026-01-08"]})
    >>> base = rt.repeat_purchases(orders, tz="UTC", until=date(2026, 2, 5))
    >>> base["ann"].frequency, base["ann"].recency, base["ann"].age
    (2, 4.0, 5.0)
    >>> base["ben"].frequency, base["ben"].recency, base["ben"].age
    (0, 0.0, 4.0)

    References:
        Fader, Hardie and Lee (2005), "Counting Your Customers" the Easy Way.

    .. versionadded:: 0.1
    """
    owner = "repeat_purchases"
    history = history_of(orders, **reading)
    days = PurchaseDays.of(
        history, unit=unit, tz=tz, until=until, since=since, discrete=discrete, owner=owner
    )
    return days.repeat_purchases()


_KEYWORDS = tuple(sorted(PurchaseReading.__annotations__))


def base_to_fit(
    purchases: RepeatPurchases | Orders,
    how_to_read: Mapping[str, Any],
    *,
    owner: str,
    read: Callable[[Orders, Mapping[str, Any]], RepeatPurchases] = lambda orders, how: repeat_purchases(
        orders, **how
    ),
) -> RepeatPurchases:
    """What a model is fitted to: a table as it is, or that of orders.

    Raises:
        InvalidTypeError: It is neither, but what a table can be made of, with how.
        ConflictingArgumentError: Keywords on how to read come with a table that was read already.
        TypeError: There is no such keyword.
    """
    for name in how_to_read:
        if name not in _KEYWORDS:
            msg = f"{owner}: there is no keyword {name}=; {did_you_mean(name, _KEYWORDS)}"
            raise TypeError(msg)
    if isinstance(purchases, Mapping) and not isinstance(purchases, RepeatPurchases):
        msg = f"{owner} takes a table of repeat_purchases or orders, not {type(purchases).__name__}; make a table of rows by id with RepeatPurchases.from_table(rows, unit=…)"
        raise InvalidTypeError(msg)
    if isinstance(purchases, Sequence) and any(isinstance(row, tuple) for row in purchases[:1]):
        msg = f"{owner} takes a table of repeat_purchases or orders, not rows (the first is {shown(purchases[0])}); make a table of rows with counts with RepeatPurchases.from_counts(rows, unit=…)"
        raise InvalidTypeError(msg)
    if not isinstance(purchases, RepeatPurchases):
        return read(purchases, how_to_read)
    if how_to_read:
        msg = f"{owner}: the table has been read already; give {', '.join(sorted(how_to_read))} to repeat_purchases"
        raise ConflictingArgumentError(msg)
    return purchases
