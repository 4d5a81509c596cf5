"""The one pass: for every cohort and age how many customers, orders and how much money.

Each purchase gets a *code*, which says its group and its age: group * width + age. What does not count gets a code
beyond all groups. From there on all is counted code by code, however many cohorts there are.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import compress, repeat
from operator import eq, ne

from attrs import frozen

from retention._columns import NOBODY, Columns
from retention.cohorts._by_unit import tally_by_unit
from retention.cohorts._choice import Choice, Column
from retention.cohorts._elapsed import Ages
from retention.cohorts._frame import Frame
from retention.cohorts._members import Members
from retention.cohorts._tally import Money, Orders, Tally, by_then, from_the_end, to_any_later
from retention.history import History

__all__ = ["Counts", "Sums", "count"]


@frozen(kw_only=True)
class Sums:
    """The sums of one cell. Money is in units of the last decimal.

    Attributes:
        followed: Customers of whom the figures are.
        customers: Those of them who purchased within the column's ages.
        orders: Their purchases.
        order_squares: The squares of these, by customer.
        revenue: What they brought.
        cumulative: What all that were followed brought up to the column's age.
        cumulative_squares: The squares of that, by customer.
    """

    followed: int
    customers: int
    orders: int
    order_squares: int
    revenue: int
    cumulative: int
    cumulative_squares: int


@frozen(kw_only=True)
class Counts:
    """What the pass has found.

    Attributes:
        columns: The columns of the table.
        sizes: How many customers each group has.
        cells: The sums of each group, one a column.
        left_out: Purchases of known customers that are in no row, by reason.
    """

    columns: tuple[Column, ...]
    sizes: Sequence[int]
    cells: Sequence[Sequence[Sums]]
    left_out: dict[str, int]


@frozen(kw_only=True)
class _Codes:
    """The code of each purchase, and one more at the end for "none before".

    Attributes:
        width: How many ages there are.
        groups: How many groups there are.
        money: The codes by which revenue adds up, age by age.
        orders: Those by which orders and customers are counted, window by window.
        followed: By group and age, how many customers had come through that age; empty where all of a group are
            as old as each other.
        limit: By customer, the age from which on nothing counts; empty likewise.
    """

    width: int
    groups: int
    money: Sequence[int]
    orders: Sequence[int]
    followed: Sequence[int] = ()
    limit: Sequence[int] = ()

    @property
    def none(self) -> int:
        """The first code that stands for nothing."""
        return self.width * self.groups


def count(history: History, frame: Frame, members: Members) -> Counts:
    """The sums of all groups."""
    columns = history.columns
    low = bisect_left(columns.at, frame.bounds[0])
    choice = frame.choice
    if choice.age == "elapsed":
        tally = _tally(columns, _elapsed_codes(columns, frame, members, low), choice, members.group)
    elif choice.retained == "on" and not choice.has_events:
        tally = tally_by_unit(columns, frame, members, low)
    else:
        tally = _tally(columns, _calendar_codes(columns, frame, members, low), choice, members.group)
    sizes = members.sizes()
    shown = choice.columns(frame.reached)
    return Counts(
        columns=shown,
        sizes=[sizes[group] for group in range(members.groups)],
        cells=[
            [_sums(tally, group, column, sizes[group]) for column in shown] for group in range(members.groups)
        ],
        left_out=_left_out(columns, frame, members, low),
    )


# ---------------------------------------------------------------------------------------------- codes


def _calendar_codes(columns: Columns, frame: Frame, members: Members, low: int) -> _Codes:
    """Unit after unit: age is the unit's number less the cohort's, so that a code is one sum."""
    width, groups = frame.width, members.groups
    none = width * groups
    # NOBODY, -1, finds the last of these; with the unit's number added it stays below none + width.
    offsets = [*(group * width - group % members.cohorts for group in range(groups)), none]
    offset = list(map(offsets.__getitem__, members.group))
    codes = [none] * low
    for unit, end in enumerate(frame.ends):
        low, high = len(codes), bisect_left(columns.at, end, len(codes))
        buyers = columns.customer[low:high]
        found: Iterable[int] = map(unit.__add__, map(offset.__getitem__, buyers))
        if frame.choice.has_events:
            began = map(members.anchor.__getitem__, buyers)
            moments = zip(found, columns.at[low:high], began, strict=True)
            found = (code if at >= since else none for code, at, since in moments)
        codes.extend(found)
    codes.extend(repeat(none, len(columns.at) + 1 - len(codes)))
    orders = _by_window(codes, _window_of_age(frame.choice, width), none)
    return _Codes(width=width, groups=groups, money=codes, orders=orders)


def _by_window(codes: list[int], window: list[int], none: int) -> list[int]:
    """The codes with the age at which orders are counted, or beyond all where no column wants them."""
    width = len(window)
    if window == list(range(width)):
        return codes
    table = [none if age == NOBODY else start + age for start in range(0, none, width) for age in window]
    table.extend(repeat(none, width))
    return list(map(table.__getitem__, codes))


def _window_of_age(choice: Choice, width: int) -> list[int]:
    """For each age the one under which its orders are counted, or `NOBODY`."""
    if choice.horizon is not None:
        return [age if age <= choice.horizon else NOBODY for age in range(width)]
    if choice.brackets is None:
        return list(range(width))
    window = [NOBODY] * width
    for first, last in choice.brackets:
        for age in range(first, min(last + 1, width)):
            window[age] = first
    return window


def _elapsed_codes(columns: Columns, frame: Frame, members: Members, low: int) -> _Codes:
    """Customer by customer: an age counts once it has passed."""
    choice, group = frame.choice, members.group
    width = min(frame.reached, frame.reached if choice.oldest is None else choice.oldest) + 1
    none = width * members.groups
    passed = _clipped(frame.ages_passed(members.anchor), width)
    # Who has not come through the horizon counts nowhere.
    limit = passed if choice.horizon is None else [age if age > choice.horizon else 0 for age in passed]
    ages = Ages(members.anchor, choice.unit, frame.period.tz).of(columns.customer, columns.at, low)
    codes = [none] * low
    codes.extend(
        group[who] * width + age if 0 <= age < limit[who] and group[who] != NOBODY else none
        for who, age in zip(columns.customer[low:], ages, strict=True)
    )
    codes.append(none)
    orders = _by_window(codes, _window_of_age(choice, width), none)
    if choice.brackets is not None:
        needed = dict(choice.brackets)
        orders = [
            code if code < none and limit[who] > needed[code % width] else none
            for code, who in zip(orders, columns.customer, strict=False)
        ]
        orders.append(none)
    others = _clipped(frame.ages_passed([at for _, at in members.strangers]), width)
    come = Counter(zip(group, passed, strict=True))
    come.update(zip((place for place, _ in members.strangers), others, strict=True))
    return _Codes(
        width=width,
        groups=members.groups,
        money=codes,
        orders=orders,
        followed=[
            through
            for place in range(members.groups)
            for through in from_the_end([come[place, age + 1] for age in range(width)])
        ],
        limit=limit,
    )


def _clipped(ages: Iterable[int], width: int) -> list[int]:
    return [min(max(age, 0), width) for age in ages]


# --------------------------------------------------------------------------------------------- sums


def _orders_in(columns: Columns, codes: _Codes) -> Orders:
    """Purchases within one window each.

    A customer's purchases of one window follow each other, so that the first of them is the one whose code is
    another than that of the purchase before.
    """
    of, previous, none = codes.orders, columns.previous, codes.none
    before = list(map(of.__getitem__, previous))
    first = Counter(compress(of, map(ne, of, before)))
    customers = [first[code] for code in range(none)]
    orders, squares = customers.copy(), customers.copy()
    ranks: dict[int, int] = {}
    for place in compress(range(len(previous)), map(eq, of, before)):
        code = of[place]
        if code < none:
            rank = ranks[place] = ranks.get(previous[place], 1) + 1
            orders[code] += 1
            squares[code] += 2 * rank - 1
    return Orders(customers, orders, squares)


def _orders_from(columns: Columns, codes: _Codes) -> Orders:
    """Purchases at an age or later, from the last purchase backwards: each adds to all ages up to its own."""
    none = codes.none
    later = [0] * len(columns.ids)
    customers, orders, squares = [0] * none, [0] * none, [0] * none
    buyers = columns.customer
    for place in range(len(buyers) - 1, -1, -1):
        code = codes.orders[place]
        if code < none:
            who = buyers[place]
            rank = later[who] = later[who] + 1
            customers[code] += rank == 1
            orders[code] += 1
            squares[code] += 2 * rank - 1
    return Orders(*(to_any_later(each, codes.width) for each in (customers, orders, squares)))


def _money_of(columns: Columns, codes: _Codes, group: Sequence[int]) -> Money:
    none, width = codes.none, codes.width
    spent = [0] * len(columns.ids)
    revenue, squares = [0] * none, [0] * none
    for code, who, units in zip(codes.money, columns.customer, columns.net, strict=False):
        if code < none:
            before = spent[who]
            spent[who] = after = before + units
            revenue[code] += units
            squares[code] += units * (before + after)
    gained = revenue.copy()
    for who, limit in enumerate(codes.limit):
        # From the age on that has not passed, a customer is not followed, nor what was brought before.
        if limit < width and spent[who]:
            code = group[who] * width + limit
            gained[code] -= spent[who]
            squares[code] -= spent[who] * spent[who]
    return Money(revenue, by_then(gained, width), by_then(squares, width))


def _revenue_of(columns: Columns, codes: _Codes, money: Money, choice: Choice) -> Sequence[int]:
    """Revenue of the windows by which orders are counted."""
    revenue = money.revenue
    if codes.orders is not codes.money:
        added = [0] * codes.none
        for code, units in zip(codes.orders, columns.net, strict=False):
            if code < codes.none:
                added[code] += units
        revenue = added
    return revenue if choice.horizon is None else to_any_later(revenue, codes.width)


def _tally(columns: Columns, codes: _Codes, choice: Choice, group: Sequence[int]) -> Tally:
    orders = (_orders_in if choice.horizon is None else _orders_from)(columns, codes)
    money = _money_of(columns, codes, group)
    return Tally(
        width=codes.width,
        orders=orders,
        revenue=_revenue_of(columns, codes, money, choice),
        money=money,
        followed=codes.followed,
    )


def _sums(tally: Tally, group: int, column: Column, size: int) -> Sums:
    """The sums of one cell."""
    width = tally.width
    if column.first >= width or (tally.followed and column.last >= width):
        return NOTHING
    code, upto = group * width + column.first, group * width + min(column.upto, width - 1)
    return Sums(
        followed=tally.followed[group * width + column.last] if tally.followed else size,
        customers=tally.orders.customers[code],
        orders=tally.orders.orders[code],
        order_squares=tally.orders.squares[code],
        revenue=tally.revenue[code],
        cumulative=tally.money.cumulative[upto],
        cumulative_squares=tally.money.squares[upto],
    )


NOTHING = Sums(
    followed=0,
    customers=0,
    orders=0,
    order_squares=0,
    revenue=0,
    cumulative=0,
    cumulative_squares=0,
)
"""Of a column that no cohort has come to."""


# ------------------------------------------------------------------------------------------- left out


def _left_out(columns: Columns, frame: Frame, members: Members, low: int) -> dict[str, int]:
    """Purchases of known customers, from the period's start on, that are in no row."""
    found = (
        _of_no_event(columns, members, low) if frame.choice.has_events else _of_no_cohort(columns, frame, low)
    )
    return {why: number for why, number in found.items() if number}


def _of_no_event(columns: Columns, members: Members, low: int) -> dict[str, int]:
    buyers = columns.customer[low:]
    strangers = sum(members.group[who] == NOBODY for who in buyers)
    early = sum(
        at < members.anchor[who]
        for who, at in zip(buyers, columns.at[low:], strict=True)
        if members.group[who] != NOBODY
    )
    return {
        "of customers without such an event in the period": strangers,
        "made before the customer's event": early,
    }


def _of_no_cohort(columns: Columns, frame: Frame, low: int) -> dict[str, int]:
    """Customers are numbered by their first purchases: those of before have the lowest numbers."""
    buyers, bounds, seen = columns.customer[low:], frame.bounds, frame.observable
    limits = [0, len(seen) and seen.start, len(seen) and seen.stop, len(bounds) - 1]
    before, first, after, last = (bisect_left(columns.first_at, bounds[place]) for place in limits)
    below = {limit: _below(limit, buyers, len(columns.ids)) for limit in {before, first, after, last}}
    return {
        "of customers who first purchased before": below[before],
        "of cohorts that are not observable": below[last] - below[after] + below[first] - below[before],
        "of customers who first purchased later": len(buyers) - below[last],
    }


def _below(limit: int, buyers: Sequence[int], everybody: int) -> int:
    """How many purchases are by customers whose numbers are below a limit."""
    if limit in (0, everybody):
        return len(buyers) if limit else 0
    return sum(map(limit.__gt__, buyers))
