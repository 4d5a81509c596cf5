"""Recency, frequency and money: scores that ties can't shift, groups that leave nothing out."""

from __future__ import annotations

import copy
import pickle
from datetime import UTC, datetime, timedelta
from decimal import ROUND_UP, Context, Decimal, localcontext
from itertools import product
from zoneinfo import ZoneInfo

import pytest
from attrs import evolve
from dateutil.relativedelta import relativedelta

import retention as rt
from retention import errors
from retention.segments import (
    RFM_GROUPS,
    CustomerRfm,
    RfmGroup,
    RfmGroups,
    rfm_migration,
    rfm_table,
)
from retention.segments._rfm_scores import mean_keys, tie_safe_scores
from retention.testing import make_order, make_orders

AT = datetime(2026, 4, 1, tzinfo=UTC)
MARCH = datetime(2026, 3, 1, tzinfo=UTC)

# Five customers, told apart in everything but for two who bought once, on the same day, for the same.
FIVE = {
    "ann": [("2026-01-05", "10.00"), ("2026-02-05", "20.00"), ("2026-03-31", "70.00")],  # 100.00
    "ben": [("2026-01-06", "60.00"), ("2026-03-20", "20.00")],  # 80.00
    "cy": [("2026-01-07", "5.00")],
    "dee": [("2026-01-07", "5.00")],
    "eve": [("2026-03-25", "90.00")],
}


def scores(table, *names):
    return {name: (table.of(name).r, table.of(name).f, table.of(name).m) for name in names}


class TestScores:
    def test_by_hand(self):
        table = rfm_table(make_orders(FIVE), at=AT)
        # Recency: cy and dee worst, then ben, eve, ann. Frequency: three bought once, ben twice, ann thrice.
        # Money: cy and dee worst, then ben (80), eve (90), ann (100).
        assert scores(table, *FIVE) == {
            "ann": (5, 5, 5),
            "ben": (3, 4, 3),
            "cy": (1, 1, 1),
            "dee": (1, 1, 1),
            "eve": (4, 1, 4),
        }
        assert dict(table.segments) == {
            "ann": "best",
            "ben": "cooling",  # FM = (4 + 3) / 2, rounded half up to 4
            "cy": "gone quiet",
            "dee": "gone quiet",
            "eve": "promising",  # FM = (1 + 4) / 2, rounded half up to 3
        }

    def test_one_customer(self):
        table = rfm_table(make_orders({"ann": FIVE["ann"]}), at=AT)
        assert table.of("ann") == CustomerRfm(
            customer_id="ann",
            recency_days=0.5,
            frequency=3,
            monetary=Decimal("100.00"),
            r=1,
            f=1,
            m=1,
            group="gone quiet",
        )

    def test_all_who_bought_once_have_f_1(self):
        orders = make_orders({n: [f"2026-03-{n:02}"] for n in range(1, 31)} | {"twice": ["2026-03-02"] * 2})
        table = rfm_table(orders, at=AT)
        assert {each.f for each in table if each.frequency == 1} == {1}
        assert table.of("twice").f == 1 + 5 * 30 // 31

    @pytest.mark.parametrize("bins", [2, 3, 4, 5, 7, 10, 100])
    @pytest.mark.parametrize(
        "values", [[1], [1, 1], [1, 2], [3, 1, 2, 2, 2, 9], [5] * 9 + [6], list(range(40)), [0, -4, -4, 8]]
    )
    def test_as_the_definition_says(self, bins, values):
        n = len(values)
        expected = [1 + bins * sum(other < value for other in values) // n for value in values]
        assert list(tie_safe_scores(values, bins)) == expected

    def test_of_nobody(self):
        assert list(tie_safe_scores([], 5)) == []
        assert mean_keys([], []) == []

    def test_a_microsecond_is_later(self):
        orders = [
            make_order(id=1, customer_id="ann", placed_at=MARCH),
            make_order(id=2, customer_id="ben", placed_at=MARCH + timedelta(microseconds=1)),
        ]
        table = rfm_table(orders, at=AT)
        assert (table.of("ann").r, table.of("ben").r) == (1, 3)

    def test_means_compare_exactly(self):
        # 10.00 / 3 and 20.00 / 6 are equal, though neither is a decimal; 10.01 / 3 is more.
        third = [("2026-03-01", "3.33"), ("2026-03-02", "3.33"), ("2026-03-03", "3.34")]
        orders = make_orders(
            {
                "ann": third,
                "ben": [*third, *third],
                "cy": [("2026-03-01", "3.34"), ("2026-03-02", "3.33"), ("2026-03-03", "3.34")],
            }
        )
        table = rfm_table(orders, at=AT, monetary="mean")
        assert (table.of("ann").m, table.of("ben").m, table.of("cy").m) == (1, 1, 4)
        assert table.of("ann").monetary == table.of("ben").monetary
        assert str(table.of("ann").monetary) == "3.333333333333333333333333333"

    def test_mean_keys_of_quotients_that_lie_close(self):
        counts = [999_999_999, 1_000_000_000, 999_999_999]
        totals = [999_999_998, 999_999_999, 999_999_998]
        one, other, again = mean_keys(totals, counts)
        assert one == again < other

    def test_the_sum_is_net_of_refunds(self):
        orders = [
            make_order(id=1, customer_id="ann", amount="30.00", refunds=[("2026-03-07", "20.00")]),
            make_order(id=2, customer_id="ben", amount="20.00"),
        ]
        table = rfm_table(orders, at=AT)
        assert (table.of("ann").monetary, table.of("ben").monetary) == (Decimal("10.00"), Decimal("20.00"))
        assert table.of("ann").m < table.of("ben").m

    def test_what_is_dated_at_the_instant(self):
        orders = [
            make_order(id=1, customer_id="ann", placed_at=MARCH),
            make_order(id=2, customer_id="ann", placed_at=AT),
        ]
        assert rfm_table(orders, at=AT).of("ann").frequency == 1
        assert rfm_table(orders, as_of=AT).of("ann").frequency == 2  # as_of itself is known
        assert rfm_table(orders, as_of=AT).of("ann").recency_days == 0

    @pytest.mark.parametrize("kind", [list, tuple, iter, rt.History, lambda orders: rt.Shop(orders=orders)])
    def test_whatever_orders_come_in(self, kind):
        orders = make_orders(FIVE)
        assert rfm_table(kind(orders), at=AT) == rfm_table(orders, at=AT)

    def test_customers_of_one_instant_stand_in_one_order(self):
        orders = make_orders(
            {who: ["2026-01-05"] for who in ("b", 3, "a", 20, ("a", 1))} | {"z": ["2026-01-04"]}
        )
        there, back = (rfm_table(given, at=AT) for given in (orders, orders[::-1]))
        assert [one.customer_id for one in there] == ["z", 20, 3, "a", "b", ("a", 1)]
        assert list(there) == list(back)
        assert there.to_dicts() == back.to_dicts()
        assert (there, hash(there)) == (back, hash(back))
        assert there.members(there.of("a").group) == back.members(there.of("a").group)

    def test_the_hosts_decimal_context_plays_no_part(self):
        from decimal import localcontext

        with localcontext() as context:
            context.prec = 3
            table = rfm_table(make_orders(FIVE), at=AT, monetary="mean")
            assert str(table.of("ann").monetary) == "33.33333333333333333333333333"
            assert "280.00" in str(table)


class TestWindow:
    def test_only_what_lies_in_it_counts(self):
        table = rfm_table(make_orders(FIVE), at=AT, window=timedelta(days=31))
        assert {each.customer_id: each.frequency for each in table} == {"ann": 1, "ben": 1, "eve": 1}
        assert table.of("ann").monetary == Decimal("70.00")
        assert table.left_out == {"customers without a purchase in the window": 2}
        assert "Left out of the orders and customers: 2 customers without a purchase in the window." in str(
            table
        )

    def test_its_start_is_in_it(self):
        orders = make_orders({"ann": ["2026-03-01T00:00"], "ben": ["2026-02-28T23:59"]})
        assert [each.customer_id for each in rfm_table(orders, at=AT, window=timedelta(days=31))] == ["ann"]

    def test_months_are_those_of_the_zone_of_at(self):
        berlin = datetime(2026, 4, 1, tzinfo=ZoneInfo("Europe/Berlin"))  # in March the clocks are put on
        orders = make_orders({"ann": ["2026-03-01T00:00+01:00"], "ben": ["2026-02-28T23:59+01:00"]})
        table = rfm_table(orders, at=berlin, window=relativedelta(months=1))
        assert [each.customer_id for each in table] == ["ann"]
        assert table.at == berlin
        assert "1 month" in str(table)

    def test_orders_before_it_are_not_left_out_of_it(self):
        orders = [
            make_order(id=1, customer_id=None, placed_at="2026-01-05"),
            make_order(id=2, customer_id=None, placed_at="2026-03-05"),
            make_order(id=3, customer_id="ann", placed_at="2026-03-05", is_test=True),
            make_order(id=4, customer_id="ben", placed_at="2026-03-05"),
            make_order(id=5, customer_id="ben", placed_at="2026-01-05", is_test=True),
        ]
        assert rfm_table(orders, at=AT).left_out == {"test": 2, "guest": 2}
        assert rfm_table(orders, at=AT, window=timedelta(days=31)).left_out == {"test": 1, "guest": 1}

    def test_what_it_rests_on(self):
        orders, window = make_orders(FIVE), timedelta(days=31)
        assert "observed_from was not given" in rfm_table(orders, at=AT, window=window).assumed[0]
        known = datetime(2026, 3, 1, tzinfo=UTC)
        assert rfm_table(orders, at=AT, window=window, observed_from=known).assumed == ()
        later = known + timedelta(microseconds=1)
        assert "is not known" in rfm_table(orders, at=AT, window=window, observed_from=later).assumed[0]
        assert "is not known" in rfm_table(orders, at=AT, observed_from=known).assumed[0]

    def test_nobody_bought_in_it(self):
        table = rfm_table(make_orders({"ann": ["2026-01-05"]}), at=AT, window=timedelta(days=1))
        assert len(table) == 0
        assert table.undefined_because == "there are no customers with a purchase in the window"
        assert "no value, since there are no customers" in table.explain()


class TestGroups:
    @pytest.mark.parametrize("bins", range(2, 11))
    def test_every_combination_is_in_exactly_one(self, bins):
        scores_ = range(1, bins + 1)
        for r, f, m in product(scores_, repeat=3):
            cell = RFM_GROUPS.cell_of(r=r, f=f, m=m, bins=bins)
            inside = [group for group in RFM_GROUPS.groups if cell in group.cells]
            assert len(inside) == 1
            assert RFM_GROUPS.group_of(r=r, f=f, m=m, bins=bins) == inside[0]
            # the quick look-up of the table says the same
            assert RFM_GROUPS.groups[RFM_GROUPS.numbers(bins)[r][f + m]] == inside[0]

    @pytest.mark.parametrize("bins", range(2, 11))
    def test_the_ends_are_the_ends(self, bins):
        assert RFM_GROUPS.cell_of(r=1, f=1, m=1, bins=bins) == (1, 1)
        assert RFM_GROUPS.cell_of(r=bins, f=bins, m=bins, bins=bins) == (5, 5)

    def test_five_bins_are_rounded_half_up(self):
        for f, m in product(range(1, 6), repeat=2):
            assert RFM_GROUPS.cell_of(r=3, f=f, m=m) == (3, (f + m + 1) // 2)

    @pytest.mark.parametrize(
        "bins, expected",
        [(10, [1, 1, 2, 2, 3, 3, 4, 4, 5, 5]), (3, [1, 3, 5]), (4, [1, 2, 4, 5]), (2, [1, 5])],
    )
    def test_other_numbers_are_stretched(self, bins, expected):
        assert [RFM_GROUPS.cell_of(r=r, f=1, m=1, bins=bins)[0] for r in range(1, bins + 1)] == expected
        assert [RFM_GROUPS.cell_of(r=1, f=s, m=s, bins=bins)[1] for s in range(1, bins + 1)] == expected

    def test_a_better_score_is_never_a_lower_row_or_column(self):
        for bins in range(2, 11):
            rows = [RFM_GROUPS.cell_of(r=r, f=1, m=1, bins=bins)[0] for r in range(1, bins + 1)]
            assert rows == sorted(rows)

    def test_each_has_a_sentence(self):
        assert len(set(RFM_GROUPS.names)) == len(RFM_GROUPS.groups) == 10
        assert all(group.meaning.endswith(".") for group in RFM_GROUPS.groups)
        assert repr(RFM_GROUPS) == f"<RfmGroups: {', '.join(RFM_GROUPS.names)}; for 5 bins>"

    def test_a_hosts_own(self):
        table = rfm_table(make_orders(FIVE), at=AT, bins=2, groups=HALVES)
        assert dict(table.segments) == {
            "ann": "lately",
            "ben": "long ago",
            "cy": "long ago",
            "dee": "long ago",
            "eve": "lately",
        }
        assert ("groups", "lately, long ago") in table.basis.options


HALVES = RfmGroups(
    bins=2,
    groups=[
        RfmGroup(name="lately", meaning="Bought lately.", cells={(2, 1), (2, 2)}),
        RfmGroup(name="long ago", meaning="Bought long ago.", cells={(1, 1), (1, 2)}),
    ],
)
LATELY, LONG_AGO = HALVES.groups


class TestTablesThatAreRefused:
    @pytest.mark.parametrize(
        "groups, problem",
        [
            ([LATELY], r"no group has \(1, 1\), \(1, 2\)$"),
            ([], r"no group has \(1, 1\), \(1, 2\), \(2, 1\), \(2, 2\)$"),
            ([LATELY, evolve(LONG_AGO, cells=[(1, 1)])], r"no group has \(1, 2\)$"),
            (
                [LATELY, evolve(LONG_AGO, cells=[(1, 1), (1, 2), (2, 2)])],
                r"'lately' and 'long ago' both have \(2, 2\)$",
            ),
            (
                [LATELY, evolve(LONG_AGO, cells=[(1, 1), (1, 2), (3, 1)])],
                r"'long ago' has \(3, 1\), which there is not$",
            ),
            (
                [LATELY, evolve(LONG_AGO, cells=[(1, 1), (1, 2), (0, 1), (1, 9)])],
                r"has \(0, 1\), \(1, 9\), which",
            ),
            ([LATELY, evolve(LONG_AGO, name="lately")], "two groups are called 'lately'$"),
        ],
    )
    def test_what_is_missing_or_too_much(self, groups, problem):
        with pytest.raises(errors.InvalidValueError, match=problem):
            RfmGroups(bins=2, groups=groups)

    def test_of_many_it_names_some(self):
        with pytest.raises(errors.InvalidValueError, match=r"\(2, 1\) and 19 more$"):
            RfmGroups(groups=[])

    @pytest.mark.parametrize("groups", [5, "lately", None, {"lately": LATELY}])
    def test_no_list(self, groups):
        with pytest.raises(errors.InvalidTypeError, match="groups must be RfmGroups in a list"):
            RfmGroups(bins=2, groups=groups)

    def test_no_group(self):
        with pytest.raises(errors.InvalidTypeError, match=r"groups\[1\] must be an RfmGroup, not str"):
            RfmGroups(bins=2, groups=[LATELY, "long ago"])

    @pytest.mark.parametrize(
        "cells", [7, "55", {(5, 5): 1}, [5], [(5, "5")], [(True, 1)], [(5, 5, 5)], [[5, 5]]]
    )
    def test_no_cells(self, cells):
        with pytest.raises(errors.InvalidTypeError, match="cells must be pairs"):
            RfmGroup(name="a", meaning="b", cells=cells)

    def test_empty(self):
        with pytest.raises(errors.InvalidValueError, match="cells must not be empty"):
            RfmGroup(name="a", meaning="b", cells=[])

    @pytest.mark.parametrize("more", [{"name": ""}, {"meaning": "  "}])
    def test_no_words(self, more):
        with pytest.raises(errors.InvalidValueError):
            evolve(LATELY, **more)

    @pytest.mark.parametrize("bins", [1, 0, -5, 101])
    def test_bins_out_of_range(self, bins):
        with pytest.raises(errors.InvalidValueError, match=r"RfmGroups: bins must lie from 2 to 100"):
            RfmGroups(bins=bins, groups=[])

    def test_scores_out_of_range(self):
        with pytest.raises(errors.InvalidValueError, match="m must lie from 1 to 5"):
            RFM_GROUPS.cell_of(r=1, f=5, m=6)
        with pytest.raises(errors.InvalidValueError, match="r must lie from 1 to 2"):
            RFM_GROUPS.group_of(r=0, f=1, m=1, bins=2)
        with pytest.raises(errors.InvalidTypeError, match="f must be a whole number"):
            RFM_GROUPS.group_of(r=1, f=True, m=1)


class TestTable:
    table = rfm_table(make_orders(FIVE), at=AT)

    def test_members(self):
        assert self.table.members("gone quiet") == ("cy", "dee")
        assert self.table.members("missed") == ()
        with pytest.raises(errors.InvalidValueError, match="did you mean 'gone quiet'"):
            self.table.members("gone quite")

    def test_moves_stand_in_one_order(self):
        days = {"zoe": ["2026-01-07"], "ann": ["2026-01-07", "2026-03-20"], "ben": ["2026-01-01"]}
        orders = make_orders(days)
        for each in (orders, orders[::-1]):
            moved = rfm_migration(each, start=MARCH, end=AT, window=timedelta(days=31))
            assert moved.members() == ("ben", "ann", "zoe")

    def test_one_group(self):
        assert [self.table.group(name) for name in RFM_GROUPS.names] == list(self.table.groups)
        with pytest.raises(errors.InvalidValueError, match=r"RfmTable.group: there is no group 'gone quite'"):
            self.table.group("gone quite")

    def test_ids_in_dicts_are_plain(self):
        rows = rfm_table(make_orders({("a", 1): ["2026-03-01"], 7: ["2026-03-02"]}), at=AT).to_dicts()
        assert [row["customer_id"] for row in rows] == ["('a', 1)", 7]

    def test_of(self):
        assert "ann" in self.table
        assert "zoe" not in self.table
        assert ["ann"] not in self.table
        with pytest.raises(
            errors.InvalidValueError, match=r"no customer 'zoe' had a purchase before 2026-04-01"
        ):
            self.table.of("zoe")
        with pytest.raises(errors.InvalidValueError, match=r"had a purchase within 31 days before"):
            rfm_table(make_orders(FIVE), at=AT, window=timedelta(days=31)).of("cy")

    def test_groups(self):
        quiet = self.table.groups[-1]
        assert (quiet.name, quiet.customers, quiet.share, quiet.revenue) == (
            "gone quiet",
            2,
            rt.Ratio(2, 5),
            Decimal("10.00"),
        )
        assert quiet.recency.median == 83.5
        assert quiet.frequency == rt.Mean(2, 2)
        assert quiet.revenue_share == rt.Ratio(Decimal("10.00"), Decimal("280.00"))
        for figure in (quiet.share, quiet.frequency, quiet.revenue_share):
            with pytest.raises(errors.UndefinedMetricError, match="cut by rank"):
                figure.interval()

    def test_groups_hold_everybody_and_all_money(self):
        groups = self.table.groups
        assert sum(group.customers for group in groups) == len(self.table) == 5
        assert sum(group.revenue for group in groups) == Decimal("280.00")
        assert sum(self.table.cells.values()) == 5
        assert len(self.table.cells) == 25

    def test_a_group_without_customers(self):
        missed = self.table.groups_to_dicts()[RFM_GROUPS.names.index("missed")]
        assert missed == {
            "group": "missed",
            "meaning": RFM_GROUPS.groups[RFM_GROUPS.names.index("missed")].meaning,
            "customers": 0,
            "share": 0.0,
            "median_recency_days": None,
            "mean_frequency": None,
            "revenue": Decimal("0.00"),
            "revenue_share": 0.0,
        }

    def test_to_dicts(self):
        assert self.table.to_dicts()[1] == {
            "customer_id": "ben",
            "recency_days": 11.5,
            "frequency": 2,
            "monetary": Decimal("80.00"),
            "r": 3,
            "f": 4,
            "m": 3,
            "group": "cooling",
        }

    def test_as_text(self):
        text = str(self.table)
        assert text.startswith("Groups by recency, frequency and money, as of 2026-04-01 00:00+00:00\n")
        assert (
            "best                1  20.0%                    0             3.0       100.00       35.7%"
            in text
        )
        assert (
            "missed              0   0.0%                  n/a             n/a         0.00        0.0%"
            in text
        )
        assert ["all", "5", "280.00"] in [line.split() for line in text.splitlines()]
        assert "revenue EUR" in text
        assert all(f"{group.name}: {group.meaning.split()[0]}" in text for group in RFM_GROUPS.groups)
        assert "Reckoned with" not in text

    def test_signs_are_explained(self):
        text = str(rfm_table(make_orders(FIVE), at=AT))
        assert "n/a: nobody is in the group." in text
        assert "nothing was spent" not in text
        free = str(
            rfm_table(
                make_orders({"ann": [("2026-01-05", 0)]}), at=AT, policy=rt.OrderPolicy(minimum_net=None)
            )
        )
        assert "n/a under of revenue: nothing was spent." in free

    def test_the_total_is_added_exactly(self):
        table = rfm_table(make_orders(FIVE), at=AT)
        with localcontext(Context(prec=1, rounding=ROUND_UP)):
            assert table.revenue == Decimal("280.00")
            assert str(table).count("280.00") == 1

    def test_as_text_with_what_was_chosen(self):
        table = rfm_table(make_orders(FIVE), at=AT, window=timedelta(days=90), bins=3, monetary="mean")
        assert "Reckoned with window 90 days, bins 3, monetary mean." in str(table)
        assert "what they spent on average (M)" in table.explain()
        assert "5 customers had a purchase within 90 days before 2026-04-01 00:00+00:00." in table.explain()

    def test_the_grid(self):
        lines = self.table.grid().splitlines()
        assert lines[0].split() == ["FM", "1", "FM", "2", "FM", "3", "FM", "4", "FM", "5"]
        assert lines[2].split() == [
            "R",
            "5",
            "beginners",
            "0",
            "beginners",
            "0",
            "promising",
            "0",
            "regulars",
            "0",
            "best",
            "1",
        ]
        assert lines[-1].startswith("R 1  gone quiet 2  gone quiet 0")

    def test_explain(self):
        assert self.table.explain().startswith(
            "rfm_table (as of 2026-04-01 00:00+00:00): 5 customers had a purchase before 2026-04-01 00:00+00:00. Each is "
            "scored from 1 to 5 by how lately they bought (R), how often (F), and what they spent in all (M): "
            "1 + ⌊5 · (customers strictly worse) / 5⌋"
        )

    def test_empty(self):
        table = rfm_table([], at=AT)
        assert table.undefined_because == "there are no customers with a purchase"
        assert "n/a: undefined, since there are no customers with a purchase." in str(table)
        assert (len(table), table.to_dicts(), dict(table.segments)) == (0, [], {})
        assert table.groups_to_dicts()[0]["share"] is None

    def test_nothing_is_made_twice(self):
        """In a loop over all customers that would take the square of their number."""
        table = rfm_table(make_orders(FIVE), at=AT)
        assert table.groups is table.groups
        assert table.cells is table.cells
        assert table.group("best") is table.groups[table.scheme.names.index("best")]
        assert repr(table.segments).startswith("<5 customers: ")
        assert table == rfm_table(make_orders(FIVE), at=AT)
        with pytest.raises(KeyError):
            table.segments["nobody"]

    def test_it_is_a_value(self):
        same = rfm_table(reversed(make_orders(FIVE)), at=AT)
        assert same == self.table
        assert hash(same) == hash(self.table)
        assert pickle.loads(pickle.dumps(same)) == copy.copy(same) == copy.deepcopy(same)
        assert rfm_table(make_orders(FIVE), at=MARCH) != same
        assert rfm_table(make_orders(FIVE), at=AT.astimezone(ZoneInfo("Europe/Berlin"))) == same
        assert rfm_table(make_orders({**FIVE, "cy": [("2026-01-07", "6.00")]}), at=AT) != same
        assert repr(same) == "<RfmTable: 5 customers in 10 groups, as of 2026-04-01 00:00+00:00>"

    def test_ids_of_one_person(self):
        orders = make_orders({"ann": ["2026-03-01"], "ann@home": ["2026-03-02"]})
        table = rfm_table(orders, at=AT, aliases={"ann@home": "ann"})
        assert (len(table), table.of("ann").frequency) == (1, 2)


class TestBadInput:
    @pytest.mark.parametrize("function", [rfm_table, rfm_migration])
    @pytest.mark.parametrize(
        "given, error, problem",
        [
            ({"bins": 1}, errors.InvalidValueError, "bins must lie from 2 to 100"),
            ({"bins": 101}, errors.InvalidValueError, "bins must lie from 2 to 100"),
            ({"bins": 5.0}, errors.InvalidTypeError, "bins must be a whole number"),
            ({"bins": True}, errors.InvalidTypeError, "bins must be a whole number"),
            ({"monetary": "median"}, errors.InvalidValueError, 'monetary must be "sum" or "mean"'),
            ({"monetary": None}, errors.InvalidTypeError, 'monetary must be "sum" or "mean"'),
            ({"monetary": ["sum"]}, errors.InvalidTypeError, 'monetary must be "sum" or "mean"'),
            (
                {"groups": {"best": [(5, 5)]}},
                errors.InvalidTypeError,
                "groups must be an RfmGroups, not dict",
            ),
            ({"window": 30}, errors.InvalidTypeError, "window must be a timedelta"),
            ({"window": timedelta(0)}, errors.InvalidValueError, "window must be longer than zero"),
            ({"polcy": 1}, TypeError, "polcy"),
        ],
    )
    def test_arguments(self, function, given, error, problem):
        when = {"at": AT} if function is rfm_table else {"start": MARCH, "end": AT}
        with pytest.raises(error, match=problem):
            function(make_orders(FIVE), **when, **given)

    def test_no_instant(self):
        with pytest.raises(errors.AsOfRequiredError, match="rfm_table needs as_of="):
            rfm_table(make_orders(FIVE))
        with pytest.raises(errors.NaiveDatetimeError, match="rfm_table: at"):
            rfm_table(make_orders(FIVE), at=datetime(2026, 4, 1))
        with pytest.raises(errors.InvalidTypeError, match="rfm_table: at"):
            rfm_table(make_orders(FIVE), at="2026-04-01")
        with pytest.raises(errors.ConflictingArgumentError, match="at must not lie after as_of"):
            rfm_table(make_orders(FIVE), at=AT, as_of=MARCH)

    def test_no_orders(self):
        with pytest.raises(errors.InvalidTypeError):
            rfm_table(5, at=AT)

    def test_two_currencies(self):
        orders = [make_order(id=1, currency="EUR"), make_order(id=2, currency="USD", customer_id="ben")]
        with pytest.raises(errors.MixedCurrencyError):
            rfm_table(orders, at=AT)


class TestMigration:
    def test_by_hand(self):
        moved = rfm_migration(make_orders(FIVE), start=MARCH, end=AT)
        # In March ann, ben, cy and dee were there: ann lately, often, for 30; ben for 60.
        before = rfm_table(make_orders(FIVE), at=MARCH)
        assert dict(before.segments) == {
            "ann": "regulars",  # R 4, F 4, M 3
            "ben": "gone quiet",  # R 1, F 1, M 4, and FM 3
            "cy": "fading",
            "dee": "fading",
        }
        assert scores(before, "ann", "ben", "cy") == {"ann": (4, 4, 3), "ben": (1, 1, 4), "cy": (2, 1, 1)}
        assert moved["regulars", "best"] == 1
        assert moved["gone quiet", "cooling"] == 1
        assert moved["fading", "gone quiet"] == 2
        assert moved["not yet a customer", "promising"] == 1
        assert moved.customers == 5
        assert moved.members("gone quiet", "cooling") == ("ben",)
        assert moved.basis.metric == "rfm_migration"
        assert moved.basis.period == "2026-03-01 00:00+00:00 to 2026-04-01 00:00+00:00"

    def test_with_a_window(self):
        moved = rfm_migration(make_orders(FIVE), start=MARCH, end=AT, window=timedelta(days=40))
        assert moved.total_before("no purchase in the window") == 3  # ben, cy, dee bought in early January
        assert moved.total_after("no purchase in the window") == 2
        assert moved.members("no purchase in the window", "no purchase in the window") == ("cy", "dee")
        assert moved.customers == 5
        assert dict(moved.basis.left_out) == {}  # they are a group of the table
        assert "without a purchase" not in str(moved)
        assert "no purchase in the window" in str(moved)

    def test_options_reach_both_tables(self):
        moved = rfm_migration(
            make_orders(FIVE), start=MARCH, end=AT, bins=2, monetary="mean", groups=HALVES, as_of=AT
        )
        assert moved.labels == ("lately", "long ago")
        assert moved.total_after("lately") == 2

    def test_bad_instants(self):
        orders = make_orders(FIVE)
        with pytest.raises(
            errors.ConflictingArgumentError, match="rfm_migration: end must be later than start"
        ):
            rfm_migration(orders, start=AT, end=MARCH)
        with pytest.raises(errors.ConflictingArgumentError, match="must not lie after as_of"):
            rfm_migration(orders, start=MARCH, end=AT, as_of=MARCH)
        with pytest.raises(errors.NaiveDatetimeError, match="rfm_migration: start"):
            rfm_migration(orders, start=datetime(2026, 3, 1), end=AT)
        with pytest.raises(errors.InvalidTypeError, match="rfm_migration: end"):
            rfm_migration(orders, start=MARCH, end=None)
