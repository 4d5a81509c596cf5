"""Converters turn what is clearly meant; validators are tried through the records that use them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from decimal import Context, Decimal, localcontext
from zoneinfo import ZoneInfo

import pytest

from retention import _validate as check
from retention._mapping import FrozenMapping
from retention.errors import InvalidTypeError, InvalidValueError

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


class TestConverters:
    def test_an_instant_in_utc_stays_the_same_object(self):
        assert check.to_utc(NOON) is NOON
        assert check.to_utc_or_none(NOON) is NOON

    def test_an_instant_elsewhere_is_put_into_utc(self):
        found = check.to_utc(NOON.astimezone(timezone(timedelta(hours=9))))
        assert found == NOON
        assert found.tzinfo is UTC

    @pytest.mark.parametrize("value", [datetime(2026, 3, 1), "2026-03-01", 5])
    def test_what_is_no_instant_is_left_for_the_validator(self, value):
        assert check.to_utc(value) is value

    @pytest.mark.parametrize("value", [1.5, True, "1,5", "NaN", None, object()])
    def test_what_is_no_number_is_left_for_the_validator(self, value):
        assert check.to_decimal(value) is value

    @pytest.mark.parametrize("value", [5, "5", None, b"5"])
    def test_what_is_not_several_is_left_for_the_validator(self, value):
        assert check.to_tuple(value) is value
        assert check.to_frozenset(value) is value
        assert check.to_mapping(value) is value

    def test_nothing_stays_nothing(self):
        assert check.to_utc_or_none(None) is None
        assert check.to_decimal_or_none(None) is None
        assert check.to_zone_or_none(None) is None

    def test_zones(self):
        zone = ZoneInfo("Europe/Berlin")
        assert check.to_zone_or_none("Europe/Berlin") is zone
        assert check.to_zone_or_none(zone) is zone

    def test_what_has_the_type_stays_the_same_object(self):
        for convert, value in [
            (check.to_decimal_or_none, Decimal(1)),
            (check.to_tuple, (1, 2)),
            (check.to_frozenset, frozenset({"a"})),
            (check.to_mapping, FrozenMapping({"a": 1})),
        ]:
            assert convert(value) is value


class TestExactSum:
    def test_of_nothing(self):
        assert check.exact_sum([]) == 0

    def test_ignores_the_hosts_context(self):
        values = [Decimal("999999999999999999.99"), Decimal("0.000000000000000001")] * 1_000
        with localcontext(Context(prec=2)):
            assert str(check.exact_sum(values)) == "999999999999999999990.000000000000001000"


class TestAliases:
    def test_chains_are_followed_to_their_end(self):
        found = check.to_aliases({"a": "b", "b": "c", "x": "c", 1: 2})
        assert found == {"a": "c", "b": "c", "x": "c", 1: 2}

    def test_no_aliases(self):
        assert check.to_aliases({}) == check.to_aliases(None) == {}

    @pytest.mark.parametrize("aliases", [{"a": "a"}, {"a": "b", "b": "a"}, {"x": "a", "a": "b", "b": "a"}])
    def test_circles(self, aliases):
        with pytest.raises(
            InvalidValueError, match=r"aliases go in a circle at '[ab]'; one id of each person"
        ):
            check.to_aliases(aliases)

    @pytest.mark.parametrize(
        "aliases", [5, "ab", [("a", "b")], {"a": None}, {"a": ["b"]}, {"a": 1.5}, {"a": True}]
    )
    def test_no_aliases_at_all(self, aliases):
        with pytest.raises(InvalidTypeError, match="aliases must"):
            check.to_aliases(aliases)

    def test_read_only(self):
        assert isinstance(check.to_aliases({"a": "b"}), FrozenMapping)
