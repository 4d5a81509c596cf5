"""Converters turn what is clearly meant; validators are tried through the records that use them."""

from __future__ import annotations

import pickle
import subprocess
import sys
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

    @pytest.mark.parametrize("value", [5, "Europe/Berlni", b"UTC"])
    def test_what_is_no_zone_is_left_for_the_validator(self, value):
        assert check.to_zone_or_none(value) is value

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


class TestExact:
    def test_no_setting_is_the_host_s(self):
        program = (
            "import decimal; D = decimal.DefaultContext; D.rounding, D.clamp, D.capitals = 'ROUND_UP', 1, 0;"
            "from retention._validate import EXACT; print(EXACT.rounding, EXACT.clamp, EXACT.capitals)"
        )
        done = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
        assert done.stdout.split() == ["ROUND_HALF_EVEN", "0", "1"]


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

    @pytest.mark.parametrize("aliases", [5, "ab", [("a", "b")]])
    def test_no_aliases_at_all(self, aliases):
        with pytest.raises(InvalidTypeError, match="aliases must be a mapping"):
            check.to_aliases(aliases)

    @pytest.mark.parametrize("bad", [None, True, False, 1.5, float("nan")])
    def test_what_is_no_id_neither_is_an_alias_nor_has_one(self, bad):
        with pytest.raises(InvalidTypeError, match=r"^aliases: each alias must be an id: .*, not "):
            check.to_aliases({"a": "b", bad: "c"})
        with pytest.raises(InvalidTypeError, match=r"^aliases: what 'a' stands for must be an id: .*, not "):
            check.to_aliases({"a": bad})

    @pytest.mark.parametrize("bad", ["", " ", "a\x00", Decimal("NaN")])
    def test_nor_is_an_id_of_nothing(self, bad):
        for aliases in ({bad: "a"}, {"a": bad}):
            with pytest.raises(
                InvalidValueError, match=r"^aliases: .* (must not be empty|must equal itself|has a control)"
            ):
                check.to_aliases(aliases)

    def test_an_id_can_be_hashed(self):
        with pytest.raises(
            InvalidTypeError, match=r"^aliases: what 'a' stands for must be hashable, not list"
        ):
            check.to_aliases({"a": ["b"]})

    def test_ids_of_any_kind(self):
        pairs = {("a", 1): NOON, "é ": "\xa0x", 2**70: -1}
        assert check.to_aliases(pairs) == pairs

    def test_each_link_of_a_long_chain_is_followed_once(self):
        class Links(dict):
            looked_up = 0

            def __getitem__(self, key):
                self.looked_up += 1
                return super().__getitem__(key)

        links, ends = Links({number: number + 1 for number in range(50_000)}), {}
        for alias in links:
            check._follow(alias, links, ends)
        assert links.looked_up == 50_000
        assert set(ends.values()) == {50_000}

    def test_what_has_been_checked_is_not_followed_again(self):
        found = check.to_aliases({"a": "b", "b": "c"})
        assert check.to_aliases(found) is found
        assert check.to_aliases(pickle.loads(pickle.dumps(found))) == found

    def test_read_only(self):
        assert isinstance(check.to_aliases({"a": "b"}), FrozenMapping)
