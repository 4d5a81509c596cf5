"""From which group to which: cells, totals, shares, and what is refused."""

from __future__ import annotations

import copy
import pickle
from datetime import UTC, date, datetime, timedelta

import pytest

from retention.errors import (
    AsOfRequiredError,
    ConflictingArgumentError,
    InvalidTypeError,
    InvalidValueError,
    NaiveDatetimeError,
    RetentionError,
)
from retention.results import Basis, Ratio
from retention.segments import (
    FixedThresholds,
    LifecycleStages,
    OwnRhythm,
    TransitionTable,
    lifecycle_table,
    lifecycle_transitions,
)
from retention.testing import make_orders

START, END = datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 4, 1, tzinfo=UTC)
MONTH = timedelta(days=30)
FIXED = FixedThresholds(new_within=MONTH, at_risk_after=2 * MONTH, lapsed_after=4 * MONTH)


def table_of(before, after, *, labels=("good", "fair", "poor"), start=START, end=END, **more):
    return TransitionTable.of(before, after, labels=labels, start=start, end=end, **more)


TABLE = table_of(
    {"ann": "good", "ben": "good", "cy": "fair", "dee": "poor"},
    {"ann": "good", "ben": "poor", "cy": "fair", "eve": "good"},
)


class TestTable:
    def test_counts_who_went_where(self):
        assert TABLE["good", "good"] == TABLE["good", "poor"] == TABLE["fair", "fair"] == 1
        assert TABLE["poor", "good"] == 0
        assert dict(TABLE.counts) == {
            ("good", "good"): 1,
            ("good", "poor"): 1,
            ("fair", "fair"): 1,
            ("poor", "not yet a customer"): 1,
            ("not yet a customer", "good"): 1,
        }

    def test_totals_add_up(self):
        assert TABLE.customers == 5
        assert [TABLE.total_before(label) for label in TABLE.rows] == [2, 1, 1, 1]
        assert [TABLE.total_after(label) for label in TABLE.columns] == [2, 1, 1, 1]

    def test_knows_who(self):
        assert TABLE.members("good", "poor") == ("ben",)
        assert TABLE.members("not yet a customer", "good") == ("eve",)
        assert TABLE.members("fair", "good") == ()

    def test_knows_who_left_and_who_came(self):
        assert TABLE.members("good") == ("ann", "ben")
        assert TABLE.members(after="good") == ("ann", "eve")
        assert TABLE.members() == ("ann", "ben", "cy", "dee", "eve")

    def test_shares_are_of_the_row(self):
        share = TABLE.share("good", "poor")
        assert (share, share.basis.counted) == (Ratio(1, 2), ("poor at the end", "good at the start"))
        assert share.interval().method == "Wilson"
        assert "1 poor at the end of 2 good at the start" in share.explain()

    def test_a_row_of_nobody_has_no_shares(self):
        table = table_of({"ann": "good"}, {"ann": "good"})
        assert table.share("fair", "good").value is None
        assert table.share("fair", "good").undefined_because == "the denominator is 0"

    def test_absent_stand_only_where_there_are_such(self):
        table = table_of({"ann": "good"}, {"ann": "good", "ben": "good"}, absent="elsewhere")
        assert table.rows == ("good", "fair", "poor", "elsewhere")
        assert table.columns == ("good", "fair", "poor")
        assert table["good", "elsewhere"] == 0

    def test_to_dicts_has_every_cell(self):
        rows = TABLE.to_dicts()
        assert len(rows) == 16
        assert rows[0] == {
            "before": "good",
            "after": "good",
            "customers": 1,
            "share": 0.5,
            "low": pytest.approx(0.0945, abs=1e-4),
            "high": pytest.approx(0.9055, abs=1e-4),
        }
        assert sum(row["customers"] for row in rows) == TABLE.customers

    def test_to_dicts_of_an_empty_row(self):
        rows = table_of({"ann": "good"}, {"ann": "fair"}).to_dicts()
        assert rows[-1] == {
            "before": "poor",
            "after": "poor",
            "customers": 0,
            "share": None,
            "low": None,
            "high": None,
        }

    def test_is_a_value(self):
        same = table_of(dict(TABLE.before), dict(reversed(dict(TABLE.after).items())))
        assert same == TABLE
        assert hash(same) == hash(TABLE)
        assert pickle.loads(pickle.dumps(TABLE)) == copy.deepcopy(TABLE) == TABLE
        assert dict(pickle.loads(pickle.dumps(TABLE)).counts) == dict(TABLE.counts)
        assert table_of(TABLE.before, TABLE.before) != TABLE

    def test_takes_another_table_of_groups_as_it_is(self):
        assert table_of(TABLE.before, TABLE.after).before is TABLE.before

    def test_words(self):
        assert repr(TABLE) == "<TransitionTable: 5 customers, 2026-03-01 to 2026-04-01>"
        assert TABLE.explain() == (
            "of 5 customers 2 stayed where they were; 1 went from good to poor; 1 went from poor to not yet a customer; "
            "1 was not yet a customer at the start."
        )
        two = table_of({}, {"ann": "good", "ben": "poor"})
        assert two.explain().endswith("0 stayed where they were; 2 were not yet a customer at the start.")
        assert str(TABLE).splitlines() == [
            "from \\ to               good      fair     poor  not yet a customer  all",
            "------------------  --------  --------  -------  ------------------  ---",
            "good                 1 (50%)    0 (0%)  1 (50%)              0 (0%)    2",
            "fair                  0 (0%)  1 (100%)   0 (0%)              0 (0%)    1",
            "poor                  0 (0%)    0 (0%)   0 (0%)            1 (100%)    1",
            "not yet a customer  1 (100%)    0 (0%)   0 (0%)              0 (0%)    1",
            "all                        2         1        1                   1    5",
            "",
            "Customers from 2026-03-01 (down) to 2026-04-01 (across), in brackets the share of the row.",
        ]

    def test_a_row_of_nobody_shows_no_share(self):
        poor = str(table_of({"ann": "good"}, {"ann": "fair"})).splitlines()[4]
        assert poor.split() == ["poor", "0", "0", "0", "0"]

    def test_undefined_says_why(self):
        table = table_of({}, {}, basis=Basis(undefined_because="nobody knows", period="March"))
        assert str(table) == "n/a March: nobody knows."
        assert table.explain() == "(March): no value, since nobody knows."
        assert table.undefined_because == "nobody knows"


class TestRefusals:
    @pytest.mark.parametrize(
        "given, says",
        [
            ({"labels": "good"}, "labels must be a list of words, not str"),
            ({"labels": 3}, "labels must be a list of words, not int"),
            ({"labels": ["good", 1]}, "labels must be words (got 1)"),
            ({"labels": ["good", ""]}, "labels must be words (got '')"),
            ({"labels": ["good", "good"]}, "labels must all differ"),
            ({"labels": ["good"]}, "must name every group (got 'poor'"),
            ({"absent": "good"}, "absent must be a word that is none of the labels (got 'good')"),
            ({"absent": ""}, "absent must be a word"),
            ({"absent": 3}, "absent must be a word"),
            ({"start": END}, "end must be later than start"),
            ({"start": END + MONTH}, "end must be later than start"),
            ({"start": datetime(2026, 3, 1)}, "start"),
            ({"end": "2026-04-01"}, "end"),
        ],
    )
    def test_bad_tables(self, given, says):
        with pytest.raises(RetentionError) as error:
            table_of({"ann": "good"}, {"ann": "poor"}, **given)
        assert says in str(error.value)

    @pytest.mark.parametrize("groups", [["ann"], None, "ann"])
    def test_no_mapping(self, groups):
        with pytest.raises(InvalidTypeError, match="mappings of ids to labels"):
            table_of(groups, {})

    @pytest.mark.parametrize("pair", ["good", ("good",), ("good", "fair", "poor"), 3])
    def test_no_pair(self, pair):
        with pytest.raises(InvalidTypeError, match="takes two groups"):
            TABLE[pair]

    def test_unknown_group(self):
        with pytest.raises(InvalidValueError, match="did you mean 'good'"):
            TABLE["goods", "fair"]
        with pytest.raises(InvalidValueError, match="no group 3"):
            TABLE["good", 3]
        for ask in (TABLE.total_before, TABLE.total_after):
            with pytest.raises(InvalidValueError, match="no group 'bad'"):
                ask("bad")
        with pytest.raises(InvalidValueError, match="no group"):
            TABLE.members("good", "bad")
        with pytest.raises(InvalidValueError, match="no group 'bad'"):
            TABLE.members("bad")


ORDERS = make_orders(
    {
        "ann": ["2026-01-01", "2026-02-01", "2026-03-20"],
        "ben": ["2026-01-10"],
        "cy": ["2025-06-01", "2026-03-02"],
        "dee": ["2026-03-05"],
    }
)


class TestLifecycle:
    def test_follows_everyone(self):
        table = lifecycle_transitions(ORDERS, start=START, end=END, rules=FIXED)
        assert dict(table.counts) == {
            ("active", "active"): 1,
            ("active", "at_risk"): 1,
            ("lapsed", "won_back"): 1,
            ("not yet a customer", "new"): 1,
        }
        assert table.members("lapsed", "won_back") == ("cy",)
        assert (table.start, table.end) == (START, END)

    def test_agrees_with_both_tables(self):
        table = lifecycle_transitions(ORDERS, start=START, end=END, rules=FIXED)
        assert table.before == dict(lifecycle_table(ORDERS, at=START, rules=FIXED).states)
        assert table.after == dict(lifecycle_table(ORDERS, at=END, rules=FIXED).states)

    def test_by_stage(self):
        table = lifecycle_transitions(
            ORDERS, start=START, end=END, of="stage", stages=LifecycleStages(late_orders=3)
        )
        assert table.labels == ("early", "middle", "late")
        assert dict(table.counts) == {
            ("early", "early"): 1,
            ("early", "middle"): 1,
            ("middle", "middle"): 1,
            ("not yet a customer", "early"): 1,
        }
        assert "Stages: middle from 2 purchases and 30 days on, late from 3 purchases" in str(table)

    def test_says_by_which_rule(self):
        text = str(lifecycle_transitions(ORDERS, start=START, end=END, rules=FIXED))
        assert (
            "Rules: at risk after 60 days without a purchase, lapsed after 120 days; new within 30 days"
            in text
        )
        assert "observed_from was not given" in text

    def test_says_which_rhythm_was_the_shops_at_both_ends(self):
        orders = make_orders(
            {
                "ann": ["2026-01-01", "2026-01-11"],
                "ben": ["2026-01-10", "2026-03-11"],
                "cy": ["2026-02-01"],
            }
        )
        table = lifecycle_transitions(orders, start=START, end=END)
        start, end = (lifecycle_table(orders, at=at).assumed for at in (START, END))
        assert table.assumed == (
            start[0],
            *(f"at the start, {each}" for each in start[1:]),
            *(f"at the end, {each}" for each in end[1:]),
        )
        assert start[1] != end[1]

    def test_the_order_of_input_plays_no_part(self):
        orders = make_orders(
            {"zoe": ["2026-01-01"], "ann": ["2026-01-01", "2026-02-01"], "ben": ["2025-12-01"]}
        )
        for each in (orders, orders[::-1]):
            table = lifecycle_transitions(each, start=START, end=END, rules=FIXED)
            assert table.members() == ("ben", "ann", "zoe")

    def test_period_is_the_span(self):
        table = lifecycle_transitions(ORDERS, start=START, end=END, rules=FIXED)
        assert table.basis.period == "2026-03-01 00:00+00:00 to 2026-04-01 00:00+00:00"
        assert table.basis.metric == "lifecycle_transitions"

    def test_before_the_first_purchase_nobody_is_a_customer(self):
        table = lifecycle_transitions(ORDERS, start=datetime(2025, 1, 1, tzinfo=UTC), end=END, rules=FIXED)
        assert table.rows[-1] == "not yet a customer"
        assert table.total_before("not yet a customer") == table.customers == 4
        own = lifecycle_transitions(ORDERS, start=datetime(2025, 1, 1, tzinfo=UTC), end=END)
        assert own.customers == 4

    def test_without_a_rhythm_at_the_start(self):
        orders = make_orders({"ann": ["2026-02-01", "2026-03-20"]})
        table = lifecycle_transitions(orders, start=START, end=END)
        assert table.customers == 0
        assert table.undefined_because.startswith("by 2026-03-01 00:00+00:00 nobody has come back yet")
        assert "FixedThresholds" in str(table)

    def test_without_a_rhythm_at_the_end(self):
        orders = make_orders({"ann": ["2026-03-20"]})
        table = lifecycle_transitions(orders, start=START, end=END)
        assert table.undefined_because.startswith("by 2026-04-01")
        assert lifecycle_transitions(orders, start=START, end=END, of="stage").undefined_because is None

    @pytest.mark.parametrize("of", ["state", "stage"])
    def test_without_customers(self, of):
        table = lifecycle_transitions([], start=START, end=END, of=of)
        assert (table.customers, table.undefined_because) == (0, "nobody had purchased yet")

    def test_reads_like_other_metrics(self):
        start, end = datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 4, 1, tzinfo=UTC)
        table = lifecycle_transitions(
            (order for order in ORDERS), start=start, end=end, as_of=end, rules=FIXED
        )
        assert table == lifecycle_transitions(reversed(ORDERS), start=start, end=end, rules=FIXED)

    @pytest.mark.parametrize(
        "given, error, says",
        [
            ({"of": "age"}, InvalidValueError, "of must be 'state' or 'stage' (got 'age')"),
            ({"of": ["state"]}, InvalidValueError, "of must be"),
            ({"rules": "own"}, InvalidTypeError, "rules must be OwnRhythm"),
            ({"rules": OwnRhythm}, InvalidTypeError, "rules must be OwnRhythm"),
            ({"stages": 3}, InvalidTypeError, "stages must be LifecycleStages"),
            ({"start": END}, ConflictingArgumentError, "end must be later than start"),
            ({"start": date(2026, 3, 1)}, NaiveDatetimeError, "start"),
            ({"end": datetime(2026, 4, 1)}, NaiveDatetimeError, "end"),
            ({"end": 5}, InvalidTypeError, "end"),
            ({"as_of": START}, ConflictingArgumentError, "end must not lie after as_of"),
            ({"tz": "Mars"}, RetentionError, "Mars"),
        ],
    )
    def test_bad_input(self, given, error, says):
        with pytest.raises(error) as raised:
            lifecycle_transitions(ORDERS, **{"start": START, "end": END, **given})
        assert says in str(raised.value)

    def test_both_instants_are_needed(self):
        with pytest.raises((AsOfRequiredError, InvalidTypeError)):
            lifecycle_transitions(ORDERS, start=None, end=END)
