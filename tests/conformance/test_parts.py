"""What the catalog calls additive: the parts of a shop, split by customer, pool to the whole."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

import retention as rt
from retention import METRICS
from tests.conformance.asking import options, tell
from tests.conformance.checks import FLOWS, PLAIN_NUMBERS, amounts
from tests.conformance.worlds import World, worlds_of

ADDITIVE = {name: spec for name, spec in METRICS.items() if spec.additive}
COMPLEMENTS = {name: spec for name, spec in METRICS.items() if spec.complement_of}


def part(world: World, side: int) -> World:
    """The records of half of the customers; those of nobody known are dealt out one by one."""
    records = {
        kind: tuple(one for number, one in enumerate(found) if side_of(kind, one, number) == side)
        for kind, found in world.records.items()
    }
    return World(f"{world.name}, {side}", records, world.reading)


def side_of(kind: str, one: Any, number: int) -> int:
    who = one.id if kind == "customers" else one.customer_id
    if who is None:
        return number % 2
    return sum(map(ord, "ann" if who == "ben" else who)) % 2  # whom an alias may make one person


@pytest.mark.parametrize("spec", ADDITIVE.values(), ids=list(ADDITIVE))
def test_parts_pool_to_the_whole(spec):
    pooled = 0
    for world in worlds_of(spec):
        parts = [part(world, side) for side in (0, 1)]
        for option in options(spec):
            whole, *halves = (tell(spec, each, **option) for each in (world, *parts))
            if not any(isinstance(each, Exception) for each in (whole, *halves)):
                assert_pools(whole, halves)
                pooled += any(map(has_value, halves))
    assert pooled > 3


def has_value(result: object) -> bool:
    return bool(result) if isinstance(result, PLAIN_NUMBERS) else not result.undefined_because  # type: ignore[attr-defined]


def assert_pools(whole: Any, parts: list[Any]) -> None:
    if isinstance(whole, PLAIN_NUMBERS):
        assert_same(sum(map(Fraction, parts)), whole)
    elif isinstance(whole, FLOWS):
        for *terms, total in zip(*map(amounts, (*parts, whole)), strict=True):
            assert_same(sum(map(Fraction, terms)), total)
    elif not whole.observable:
        assert not any(each.observable for each in parts)
    elif isinstance(whole, rt.Ratio):
        pooled = rt.Ratio.pool(parts, independent=True)
        for term in ("numerator", "denominator"):
            assert_same(getattr(pooled, term), getattr(whole, term))
        assert pooled.partial == whole.partial
    else:
        assert isinstance(whole, rt.Mean)
        assert_same(sum(Fraction(each.total) for each in parts), whole.total)
        assert sum(each.count for each in parts) == whole.count


def assert_same(one: Fraction | Decimal | int, other: Decimal | int) -> None:
    """Equal but for the last of 28 digits, to which a twelfth of a year is rounded."""
    assert abs(Fraction(one) - Fraction(other)) <= abs(Fraction(other)) * Fraction(1, 10**26)


@pytest.mark.parametrize("spec", COMPLEMENTS.values(), ids=list(COMPLEMENTS))
def test_a_complement_is_one_less_the_other(spec):
    values = 0
    for world in worlds_of(spec):
        one, other = tell(spec, world), tell(METRICS[spec.complement_of], world)
        if isinstance(one, Exception) or one.value is None:
            assert isinstance(other, type(one))
            assert isinstance(one, Exception) or other.value is None
        else:
            assert exactly(one) == 1 - exactly(other), world.name
            values += 1
    assert values > 3


def exactly(ratio: rt.Ratio) -> Fraction:
    return Fraction(ratio.numerator) / Fraction(ratio.denominator)
