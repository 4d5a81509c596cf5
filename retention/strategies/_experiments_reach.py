"""Who of a test the shop wrote to since, as far as its contacts tell: whether the groups are those of the test."""

from __future__ import annotations

from collections.abc import Hashable, Mapping

from retention._calendar import microseconds
from retention._interaction_facts import is_written
from retention.comparison import compare
from retention.results import Ratio
from retention.shop import Orders, Shop
from retention.strategies._experiments_groups import Side, Sides
from retention.strategies._experiments_holdout import Holdout

__all__ = ["mostly_not_written_to", "narrowed_on_one_side"]

_HALF = 0.5


def narrowed_on_one_side(sides: Sides, holdout: Holdout) -> str | None:
    """Whether the test's own list is shorter than the lot's, while the other side is all that the lot drew."""
    count, drawn = sides.size("test"), len(holdout.treated)
    if count >= drawn:
        return None
    return (
        f"treated= names {count:,} where the lot put {drawn:,} in the test, and all {len(holdout.held_out):,} held out "
        "count; where the others were never in line for it, name both groups, as Assignments.experiment(strategy) does"
    )


def mostly_not_written_to(orders: Orders, sides: Sides, until: int) -> str | None:
    """Whether more of the test than of the hold-out were written to, so that it was noted, and yet fewer than half.

    Args:
        orders: The shop, of whose contacts it is read.
        sides: Who was assigned.
        until: Up to when is counted, in microseconds.
    """
    if not isinstance(orders, Shop):
        return None
    reached = _written_to(orders, sides, until)
    test, held_out = (Ratio(reached[side], sides.size(side)) for side in ("test", "holdout"))
    if not test.denominator or not held_out.denominator or float(test) >= _HALF:
        return None
    if compare(test, held_out).interval().low <= 0:
        return None
    return (
        f"of the {test.denominator:,} in the test the shop wrote to {test.numerator:,}, as its contacts tell, and to "
        f"{held_out.numerator:,} of the {held_out.denominator:,} held out; where only some were in line for it, the others "
        "water the difference down: name both groups, as Assignments.experiment(strategy) does"
    )


def _written_to(shop: Shop, sides: Sides, until: int) -> Mapping[Side, int]:
    aliases = shop.aliases or {}
    found: dict[Side, set[Hashable]] = {"test": set(), "holdout": set()}
    for each in shop.interactions:
        if each.customer_id is None or not is_written(each):
            continue
        person = aliases.get(each.customer_id, each.customer_id)
        side, start = sides.people.get(person, (None, 0))
        if side is not None and start <= microseconds(each.occurred_at) < until:
            found[side].add(person)
    return {side: len(people) for side, people in found.items()}
