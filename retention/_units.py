"""Money in whole units of its last decimal, and the sales of one day joined into one."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from datetime import tzinfo
from decimal import Decimal, localcontext
from itertools import repeat
from typing import TypeAlias

from retention._calendar import from_microseconds, local_date, local_day_of
from retention._ledger import NOBODY
from retention._reading import CENT, MERGED, Sales, decimals, mixed
from retention._validate import EXACT
from retention.errors import MixedCurrencyError

__all__ = ["Costs", "Refunds", "costs_in_units", "in_units", "merge_same_day"]

Refunds: TypeAlias = dict[int, list[tuple[int, int]]]
"""Position of a sale: its refunds, each as instant and scaled amount."""

Costs: TypeAlias = tuple[list[int], int]
"""What the goods of each order cost, scaled, or `NOBODY`, empty where no cost is known; and how many decimals these are."""


def in_units(sales: Sales, *, at_least: int) -> tuple[list[int], Refunds, int]:
    """Amounts and refunds as whole units of the last decimal in use, and how many decimals that are."""
    given_back = [given for refunds in sales.refunds.values() for _, given in refunds]
    places = at_least
    amounts, returned = _scaled(sales.amount, places), _scaled(given_back, places)
    if amounts is None or returned is None:
        places = max(
            decimals(amount) for amount in [*sales.amount, *given_back] if not amount.same_quantum(CENT)
        )
        amounts, returned = _scaled(sales.amount, places) or [], _scaled(given_back, places) or []
    units = iter(returned)
    refunds = {place: [(made, next(units)) for made, _ in known] for place, known in sales.refunds.items()}
    return amounts, refunds, places


def costs_in_units(sales: Sales, *, at_least: int) -> Costs:
    """The costs as whole units of their own last decimal: they may be finer than any amount that was charged."""
    known = [cost for cost in sales.cost if cost is not None]
    places = at_least
    found = _scaled(known, places)
    if found is None:
        places = max(decimals(cost) for cost in known if not cost.same_quantum(CENT))
        found = _scaled(known, places) or []
    units = iter(found)
    return [NOBODY if cost is None else next(units) for cost in sales.cost], places


def _scaled(amounts: Sequence[Decimal], places: int) -> list[int] | None:
    """The amounts in units of the last of `places` decimals, or None when they need more decimals."""
    unit = EXACT.scaleb(Decimal(1), places)
    units = list(map(int, map(EXACT.multiply, amounts, repeat(unit))))
    # int() cuts towards 0 and no amount is negative: the sums agree only when nothing was cut anywhere.
    with localcontext(EXACT):
        return units if sum(amounts, Decimal(0)) * unit == sum(units) else None


# --------------------------------------------------------------------------------------- same day


def merge_same_day(
    sales: Sales,
    positions: Sequence[int],
    zone: tzinfo,
    *,
    amounts: list[int],
    refunds: Refunds,
    costs: list[int],
) -> None:
    """Join the sales of one customer on one local day into the earliest of them.

    Args:
        sales: The columns; the joined sales are excluded from now on.
        positions: Where the sales stand in the columns, by instant.
        zone: The zone whose days are meant.
        amounts: Scaled amounts, by position; the earliest sale of a day receives the sum.
        refunds: Scaled refunds, by position; likewise.
        costs: Scaled costs, by position; likewise, and not known where one of the joined ones is not.

    Raises:
        MixedCurrencyError: A customer's sales of one day are in several currencies.
    """
    first: dict[tuple[Hashable, int], int] = {}
    days = local_day_of((sales.at[place] for place in positions), zone)
    for position, day in zip(positions, days, strict=True):
        customer = sales.customer[position]
        into = position if customer is None else first.setdefault((customer, day), position)
        if into != position:
            if sales.currency and sales.currency[into] != sales.currency[position]:
                raise _two_on_one_day(sales, into, position, zone)
            amounts[into] += amounts[position]
            refunds[into] = refunds.get(into, []) + refunds.pop(position, [])
            _merge_goods(sales, costs, into, position)
            sales.excluded[position] = MERGED


def _merge_goods(sales: Sales, costs: list[int], into: int, position: int) -> None:
    if costs:
        known = NOBODY not in (costs[into], costs[position])
        costs[into] = costs[into] + costs[position] if known else NOBODY
    if sales.categories:
        sales.categories[into] |= sales.categories[position]
    if sales.channels:
        sales.channels[into] |= sales.channels[position]
    if sales.discounted:
        both = sales.discounted[into], sales.discounted[position]
        # One discount that is known says enough; that there was none, all of them must say.
        sales.discounted[into] = max(both) if 1 in both else min(both)


def _two_on_one_day(sales: Sales, first: int, second: int, zone: tzinfo) -> MixedCurrencyError:
    day = local_date(from_microseconds(sales.at[first]), zone)
    what = f'OrderPolicy.same_day="merge" would add {{}}, in which one customer bought on {day}'
    return mixed((sales.currency[first], sales.currency[second]), what)
