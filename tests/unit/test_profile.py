"""The ideal customer profile: who the best are, what is compared, and what chance is kept from saying."""

from __future__ import annotations

import copy
import pickle
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

import numpy as np
import pytest
from attrs import evolve
from dateutil.relativedelta import relativedelta

import retention as rt
from retention import errors
from retention.segments import ideal_customer_profile
from retention.segments._frequency import fisher_p_value, times_as_frequent
from retention.testing import make_customer, make_order, make_orders

AT = datetime(2026, 4, 1, tzinfo=UTC)
MARCH = datetime(2026, 3, 1, tzinfo=UTC)


def forty(**more):
    """Customers 1 to 40 who spent 1.00 to 40.00 each in March; `more` gives each one's fields by number."""
    people = [
        make_customer(id=n, **{name: value(n) for name, value in more.items() if value(n) is not None})
        for n in range(1, 41)
    ]
    return rt.Shop(
        orders=make_orders({n: [("2026-03-05", f"{n}.00")] for n in range(1, 41)}), customers=people, as_of=AT
    )


def austrian(n):
    return "AT" if n > 28 else "DE"


class TestByHand:
    profile = ideal_customer_profile(forty(country=austrian))

    def test_the_best(self):
        assert (self.profile.best_count, self.profile.others_count) == (8, 32)
        assert self.profile.best_customers == frozenset(range(33, 41))
        assert self.profile.least == Decimal("33.00")
        # 33 + … + 40 = 292 of 820
        assert self.profile.worth_share == rt.Ratio(Decimal("292.00"), Decimal("820.00"))
        with pytest.raises(errors.UndefinedMetricError, match="chosen by rank"):
            self.profile.worth_share.interval()

    def test_a_value(self):
        austria, germany = self.profile.traits
        assert (austria.attribute, austria.value, austria.label) == ("country", "AT", "country: AT")
        assert (austria.best, austria.others) == (rt.Ratio(8, 8), rt.Ratio(4, 32))
        assert (germany.best, germany.others) == (rt.Ratio(0, 8), rt.Ratio(28, 32))
        assert (austria.times, germany.times) == (8.0, 0.0)
        # C(12, 8) ways out of C(40, 8) are no more probable
        assert austria.p_value == pytest.approx(495 / 76_904_685)
        assert austria.verdict == "real"
        assert germany.low == 0.0

    def test_two_values_are_one_test(self):
        assert self.profile.comparisons == 1
        for trait in self.profile:
            assert trait.adjusted_p_value == trait.p_value
        assert len(self.profile) == 2

    def test_shares_have_intervals(self):
        assert 0.125 in self.profile.traits[0].others.interval()

    def test_to_dicts(self):
        austria = self.profile.traits[0]
        assert self.profile.to_dicts()[0] == {
            "attribute": "country",
            "value": "AT",
            "best": 8,
            "best_known": 8,
            "best_share": 1.0,
            "others": 4,
            "others_known": 32,
            "others_share": 0.125,
            "times": 8.0,
            "low": austria.low,
            "high": austria.high,
            "p_value": austria.p_value,
            "adjusted_p_value": austria.p_value,
            "verdict": "real",
        }

    def test_it_is_a_value(self):
        same = ideal_customer_profile(forty(country=austrian))
        assert same == self.profile
        assert hash(same) == hash(self.profile)
        assert pickle.loads(pickle.dumps(same)) == copy.copy(same) == copy.deepcopy(same)
        assert ideal_customer_profile(forty(country=austrian), best=0.25) != same
        assert repr(same) == "<CustomerProfile: 8 best of 40 customers, 2 values>"

    def test_the_order_of_input_plays_no_part(self):
        shop = forty(country=austrian, acquisition_channel=lambda n: "web" if n % 3 else "shop")
        turned = evolve(shop, orders=shop.orders[::-1], customers=shop.customers[::-1])
        indexed = evolve(shop, orders=shop.history())
        profile = ideal_customer_profile(shop)
        assert ideal_customer_profile(turned) == profile == ideal_customer_profile(indexed)
        assert str(ideal_customer_profile(turned)) == str(profile)


class TestBest:
    def shop(self, *spends, **more):
        orders = make_orders({n: [("2026-03-05", amount)] for n, amount in enumerate(spends)})
        people = [make_customer(id=n) for n in range(len(spends))]
        return rt.Shop(orders=orders, customers=people, as_of=AT, **more)

    @pytest.mark.parametrize(
        "spends, best, expected, least",
        [
            (["1", "2", "3", "4", "5"], 0.2, {4}, 5),
            (["1", "2", "3", "4", "5"], 0.21, {3, 4}, 4),  # ⌈1.05⌉
            (["1", "2", "5", "5", "5"], 0.2, {2, 3, 4}, 5),  # equal to the last of the best: in
            (["5", "5", "5", "5", "9"], 0.4, {4}, 9),  # all would be in: out
            (["5", "5", "5", "5", "5"], 0.2, set(), None),
            (["5"], 0.5, set(), None),
            ([], 0.5, set(), None),
        ],
    )
    def test_who(self, spends, best, expected, least):
        shop = self.shop(*spends) if spends else rt.Shop(customers=[make_customer()], as_of=AT)
        profile = ideal_customer_profile(shop, best=best)
        assert profile.best_customers == expected
        assert profile.least == least
        assert profile.best_count + profile.others_count == len(spends)

    def test_a_share_is_read_as_it_is_written(self):
        profile = ideal_customer_profile(self.shop(*map(str, range(1, 101))), best=0.07)
        assert profile.best_count == 7
        assert profile.best == Decimal("0.07")

    def test_undefined(self):
        nobody = ideal_customer_profile(rt.Shop(customers=[make_customer()], as_of=AT))
        assert nobody.undefined_because == "there are no customers with a record and a purchase"
        assert nobody.traits == ()
        assert nobody.worth_share.value is None
        equal = ideal_customer_profile(self.shop("5", "5"))
        assert equal.undefined_because == "all customers are worth the same, so that none are the best"
        for profile in (nobody, equal):
            assert f"n/a, since {profile.undefined_because}." in str(profile)
            assert f"n/a, since {profile.undefined_because}." in profile.explain()
            assert "Nothing that is known sets them apart" not in profile.explain()

    def test_without_a_record(self):
        shop = self.shop("1", "2", "3", "4", "5")
        fewer = evolve(shop, customers=shop.customers[:3])
        profile = ideal_customer_profile(fewer)
        assert (profile.best_customers, profile.others_count) == ({2}, 2)
        assert profile.left_out == {"customers without a record": 2}
        assert "2 customers without a record" in str(profile)

    def test_orders_that_are_left_out(self):
        shop = self.shop("1", "2")
        more = evolve(shop, orders=[*shop.orders, make_order(id="g", customer_id=None)])
        assert ideal_customer_profile(more).left_out == {"guest": 1}

    def test_as_of_an_instant(self):
        shop = forty()
        later = evolve(
            shop, orders=[*shop.orders, make_order(id="x", customer_id=1, placed_at=AT, amount="99.00")]
        )
        assert 1 in ideal_customer_profile(later).best_customers  # as_of itself is known
        assert 1 not in ideal_customer_profile(later, at=AT - timedelta(days=1)).best_customers


class TestWorth:
    orders = make_orders(
        {
            "ann": [("2026-01-05", "90.00")],
            "ben": [("2026-01-05", "10.00"), ("2026-01-20", "10.00"), ("2026-03-20", "90.00")],
            "cy": [("2026-02-05", "30.00"), ("2026-02-08", "30.00"), ("2026-03-07", "1.00")],
            "dee": [("2026-03-20", "5.00")],
        }
    )
    shop = rt.Shop(
        orders=orders, customers=[make_customer(id=n) for n in ("ann", "ben", "cy", "dee")], as_of=AT
    )

    @pytest.mark.parametrize(
        "given, best, least",
        [
            ({}, {"ben"}, Decimal("110.00")),
            ({"worth": "orders"}, {"ben", "cy"}, 3),
            ({"within": timedelta(days=31)}, {"ann"}, Decimal("90.00")),
            # the limit is within: 2026-02-05 and 30 days is 2026-03-07
            ({"within": timedelta(days=30), "worth": "orders"}, {"cy"}, 3),
            ({"within": timedelta(days=29), "worth": "orders"}, {"ben", "cy"}, 2),
            ({"window": timedelta(days=31)}, {"ben"}, Decimal("90.00")),
            ({"window": relativedelta(months=2), "worth": "orders", "tz": "UTC"}, {"cy"}, 3),
            ({"worth": {"ann": 1, "ben": Decimal("1.5"), "cy": 2.5, "dee": Fraction(9, 4)}}, {"cy"}, 2.5),
        ],
    )
    def test_by_hand(self, given, best, least):
        profile = ideal_customer_profile(self.shop, best=0.25, **given)
        assert profile.best_customers == best
        assert profile.least == least
        assert type(profile.least) is type(least)

    def test_who_was_not_watched_for_so_long(self):
        profile = ideal_customer_profile(self.shop, within=timedelta(days=31))
        assert profile.left_out == {"customers watched for less than 31 days": 1}
        assert profile.others_count == 2

    def test_watched_to_the_last_moment(self):
        shop = rt.Shop(
            orders=make_orders({"ann": ["2026-03-02T00:00"], "ben": ["2026-03-02T00:00:01"]}),
            customers=[make_customer(id=n) for n in ("ann", "ben")],
            as_of=AT,
        )
        month = timedelta(days=30)
        assert ideal_customer_profile(shop, within=month).left_out == {
            "customers watched for less than 30 days": 1
        }
        # without as_of, what lies at the instant is not known yet
        assert ideal_customer_profile(evolve(shop, as_of=None), at=AT, within=month).left_out == {
            "customers watched for less than 30 days": 2
        }

    def test_who_did_not_buy_in_the_window(self):
        profile = ideal_customer_profile(self.shop, window=timedelta(days=31))
        assert profile.left_out == {"customers without a purchase in the window": 1}

    def test_who_has_no_number(self):
        profile = ideal_customer_profile(self.shop, worth={"ann": 1, "ben": 2, "cy": None})
        assert profile.left_out == {"customers without a number in worth=": 2}
        assert profile.worth_share is None
        assert "The best: 1 of 2 customers by the numbers given as worth, 2 or more each." in str(profile)

    def test_what_is_added(self):
        profile = ideal_customer_profile(self.shop, worth="orders")
        assert profile.worth_share == rt.Ratio(6, 8)
        assert "together 75.0% of all purchases." in " ".join(str(profile).split())

    def test_the_same_time_for_all_is_said(self):
        longer = "customers who came earlier have had longer; within= gives all the same time"
        assert longer in ideal_customer_profile(self.shop).notes
        assert longer not in ideal_customer_profile(self.shop, within=timedelta(days=9)).notes
        assert longer not in ideal_customer_profile(self.shop, worth={"ann": 1}).notes

    def test_two_ids_of_one_person(self):
        shop = evolve(self.shop, aliases={"dee": "ann"})
        profile = ideal_customer_profile(shop, best=0.25, worth={"dee": 9, "ben": 2, "cy": 1})
        assert profile.best_customers == {"ann"}


class TestTraits:
    def values(self, shop, **given):
        profile = ideal_customer_profile(shop, **given)
        return {(trait.attribute, trait.value): (trait.best, trait.others) for trait in profile}

    def test_channel(self):
        shop = forty(acquisition_channel=lambda n: ["web", "app", "pos"][n % 3])
        found = self.values(shop, attributes="acquisition_channel")
        assert set(found) == {("acquisition_channel", name) for name in ("web", "app", "pos")}
        assert ideal_customer_profile(shop).comparisons == 3

    def test_what_is_not_known_of_some(self):
        shop = forty(country=lambda n: None if n in {1, 40} else austrian(n))
        assert self.values(shop)["country", "AT"] == (rt.Ratio(7, 7), rt.Ratio(4, 31))

    def test_what_is_known_of_one_side_only(self):
        profile = ideal_customer_profile(forty(country=lambda n: "AT" if n > 32 else None))
        assert profile.unfit["country"] == "nothing is known of it among the others"
        profile = ideal_customer_profile(forty(country=lambda n: "AT" if n <= 32 else None))
        assert profile.unfit["country"] == "nothing is known of it among the best"

    def test_members_as_of_the_instant(self):
        joined = dict.fromkeys(range(30, 41), "2026-03-10") | {29: "2026-04-01T00:00"}
        shop = forty(loyalty_joined_at=joined.get)
        yes = ("loyalty_member", True)
        assert self.values(shop)[yes] == (rt.Ratio(8, 8), rt.Ratio(4, 32))
        assert self.values(evolve(shop, as_of=None), at=AT)[yes] == (rt.Ratio(8, 8), rt.Ratio(3, 32))
        assert self.values(shop, at=datetime(2026, 3, 8, tzinfo=UTC)) == {}

    def test_members_as_of_the_same_time_for_all(self):
        """Joined at the end of the 30th day after the first purchase, or a microsecond later."""
        last = forty().orders[0].placed_at + timedelta(days=30)
        joined = {n: last if n % 2 else last + timedelta(microseconds=1) for n in range(25, 41)}
        shop = evolve(forty(loyalty_joined_at=joined.get), as_of=datetime(2026, 6, 1, tzinfo=UTC))
        yes = ("loyalty_member", True)
        assert self.values(shop)[yes] == (rt.Ratio(8, 8), rt.Ratio(8, 32))
        within = {"within": timedelta(days=30), "fewest": 1}
        assert self.values(shop, **within)[yes] == (rt.Ratio(4, 8), rt.Ratio(4, 32))
        assert self.values(shop, within=timedelta(days=29), fewest=1) == {}

    def test_what_may_have_come_of_buying_is_said(self):
        often = "and who buys more has more occasions to join"
        tags = "tags carry no date, and one that is given to good customers says nothing of why they are good"
        members = forty(loyalty_joined_at=dict.fromkeys(range(25, 41), "2026-03-10").get)
        members = evolve(members, as_of=datetime(2026, 6, 1, tzinfo=UTC))
        assert (
            f"loyalty members are those who had joined by then, {often}"
            in ideal_customer_profile(members).notes
        )
        assert (
            f"loyalty members are those who had joined within 30 days of their first purchase, {often}"
            in ideal_customer_profile(members, within=timedelta(days=30)).notes
        )
        assert tags not in ideal_customer_profile(members).notes
        tagged = ideal_customer_profile(forty(tags=lambda n: {"vip"} if n > 25 else ()))
        assert tags in tagged.notes
        assert f"Mind: {tags}." in tagged.explain()
        assert not any("join" in note for note in tagged.notes)

    def test_referred(self):
        by = dict.fromkeys(range(35, 41), 1)
        shop = forty(
            referred_by=by.get, acquisition_channel=lambda n: "referral" if 10 <= n < 15 else "search"
        )
        assert self.values(shop)["referred", True] == (rt.Ratio(6, 8), rt.Ratio(5, 32))

    def test_who_refers_a_second_account_of_their_own(self):
        shop = evolve(forty(referred_by=lambda n: 1 if n > 29 else None), aliases={1: 40})
        # 40 and 1 are one person, whose account was referred by an account of their own
        profile = ideal_customer_profile(shop, best=Decimal("0.2"))
        (referred,) = profile.traits
        assert referred.best.numerator + referred.others.numerator == 10

    def test_tags(self):
        shop = forty(tags=lambda n: {"vip", "b2b"} if n > 25 else {"b2b"} if n > 20 else ())
        found = self.values(shop)
        assert found["tags", "vip"] == (rt.Ratio(8, 8), rt.Ratio(7, 32))
        assert found["tags", "b2b"] == (rt.Ratio(8, 8), rt.Ratio(12, 32))
        assert ideal_customer_profile(shop).comparisons == 2

    def test_tags_of_two_ids(self):
        shop = forty(tags=lambda n: {"old"} if n < 12 else {"new"})
        found = self.values(evolve(shop, aliases={1: 40}))
        assert found["tags", "old"] == (rt.Ratio(1, 8), rt.Ratio(10, 31))

    def test_first_category(self):
        def lines(n):
            names = ["tea"] if n > 25 else ["tea", "cups"] if n > 15 else ["cups"]
            return [rt.LineItem(product=1, category=name) for name in names]

        first = [
            make_order(id=n, customer_id=n, amount=f"{n}.00", items=lines(n) if n > 1 else ())
            for n in range(1, 41)
        ]
        later = [
            make_order(
                id=100 + n,
                customer_id=n,
                placed_at="2026-03-20",
                items=[rt.LineItem(product=2, category="x")],
            )
            for n in range(1, 41)
        ]
        shop = evolve(forty(), orders=[*first, *later])
        assert self.values(shop) == {
            ("first_category", "tea"): (rt.Ratio(8, 8), rt.Ratio(17, 31)),
            ("first_category", "cups"): (rt.Ratio(0, 8), rt.Ratio(24, 31)),
        }

    @pytest.mark.parametrize(
        "value, expected",
        [
            (lambda n: n % 2 == 0, {True}),
            (lambda n: np.bool_(n % 2), {True}),
            (lambda n: n % 3, {0, 1, 2}),
            (lambda n: np.int64(n % 2), {0, 1}),
            (lambda n: "ab"[n % 2], {"a", "b"}),
            (lambda n: np.str_("ab"[n % 2]), {"a", "b"}),
            (lambda n: Size.BIG if n % 2 else Size.SMALL, {"big", "small"}),
        ],
    )
    def test_attributes(self, value, expected):
        shop = forty(attributes=lambda n: {"own": value(n)})
        profile = ideal_customer_profile(shop, attributes=["own"])
        assert {trait.value for trait in profile} == expected
        assert {type(trait.value) for trait in profile} <= {bool, int, str}

    def test_what_a_data_frame_has_where_nothing_is_known(self):
        shop = forty(attributes=lambda n: {"own": float("nan") if n == 40 else "ab"[n % 2], 7: "no name"})
        profile = ideal_customer_profile(shop)
        assert {(trait.attribute, trait.best.denominator) for trait in profile} == {("own", 7)}

    def test_yes_or_no_shows_yes(self):
        shop = forty(attributes=lambda n: {"newsletter": n > 28})
        (trait,) = ideal_customer_profile(shop)
        assert trait.label == "newsletter: yes"

    @pytest.mark.parametrize(
        "value, problem",
        [
            (lambda n: n / 7, "it holds values of type float; give texts"),
            (Decimal, "it holds values of type Decimal"),
            (lambda n: [n] if n < 9 else AT, "it holds values of type datetime, list;"),
            (lambda n: n, "it holds more than 12 different numbers; give a text for each range"),
            (lambda n: n % 2 or "none", "it holds values of several types, int, str"),
            (lambda n: n % 2 or False, "it holds values of several types, bool, int"),
            (lambda n: None, "nothing is known of it"),
            (lambda n: False, "it holds for nobody"),
        ],
    )
    def test_attributes_that_can_t_be_compared(self, value, problem):
        profile = ideal_customer_profile(forty(attributes=lambda n: {"own": value(n)}))
        assert profile.traits == ()
        assert profile.unfit["own"].startswith(problem)
        assert "Not compared: own" in str(profile) or "own, since" in str(profile)

    def test_an_attribute_with_the_name_of_a_field(self):
        shop = forty(country=austrian, attributes=lambda n: {"country": "XX"})
        assert {trait.value for trait in ideal_customer_profile(shop)} == {"AT", "DE"}

    def test_values_of_few_and_of_all(self):
        shop = forty(
            country=lambda n: "DE",
            attributes=lambda n: {"size": "large" if n > 35 else "middle" if n > 20 else "small"},
        )
        profile = ideal_customer_profile(shop)
        assert (profile.too_few, profile.for_all) == (1, 1)
        assert {trait.value for trait in profile} == {"middle", "small"}
        assert "Not compared: 1 value that fewer than 10 customers have." in str(profile)
        assert "Not compared: 1 value that every customer has." in str(profile)
        fewer = ideal_customer_profile(shop, fewest=5)
        assert (fewer.too_few, fewer.comparisons) == (0, 3)
        assert "fewer than 16 customers" in str(ideal_customer_profile(shop, fewest=16))

    def test_too_many_values(self):
        people = [make_customer(id=n, attributes={"zip": str(n // 2)}) for n in range(1, 241)]
        shop = rt.Shop(
            orders=make_orders({n: [("2026-03-05", f"{n}.00")] for n in range(1, 241)}),
            customers=people,
            as_of=AT,
        )
        profile = ideal_customer_profile(shop, fewest=2)
        assert profile.unfit["zip"] == "it has 119 values that 2 customers or more have; group them"

    def test_by(self):
        shop = forty(country=austrian, tags=lambda n: {"vip"} if n % 2 else ())
        assert {name for name, _ in self.values(shop, attributes="tags")} == {"tags"}
        assert {name for name, _ in self.values(shop, attributes=iter(["tags", "country", "tags"]))} == {
            "tags",
            "country",
        }
        assert self.values(shop, attributes=[]) == {}


class Size(StrEnum):
    BIG = "big"
    SMALL = "small"


class TestManyComparisons:
    def test_holm(self):
        shop = forty(
            country=austrian,
            attributes=lambda n: {f"coin {k}": bool(n * (k + 3) % 7 % 2) for k in (0, 1, 2, 3, 5, 6, 7, 8)},
        )
        profile = ideal_customer_profile(shop)
        assert profile.comparisons == 9
        p_values = [trait.p_value for trait in profile]
        assert p_values == sorted(p_values)
        assert profile.traits[0].adjusted_p_value == pytest.approx(9 * p_values[0])
        assert all(trait.comparisons == 9 for trait in profile)

    def test_borderline(self):
        # Alone 7 of 8 against 12 of 32 would be more than chance; among nine it is not.
        shop = forty(
            tags=lambda n: {"good"} if n >= 34 or n <= 12 else (),
            attributes=lambda n: {f"coin {k}": bool(n * (k + 3) % 7 % 2) for k in (0, 1, 2, 3, 5, 6, 7, 8)},
        )
        good = next(trait for trait in ideal_customer_profile(shop) if trait.attribute == "tags")
        assert good.p_value < 0.05 < good.adjusted_p_value
        assert good.verdict == "borderline"
        assert str(good).endswith(
            "Alone that would be more than chance explains, but among the 9 tests made at once one or another goes that far."
        )
        (alone,) = ideal_customer_profile(shop, attributes="tags")
        assert alone.verdict == "real"
        assert str(alone).endswith("That is more than chance explains.")


class TestWords:
    def test_as_text(self):
        text = str(ideal_customer_profile(forty(country=austrian)))
        assert text.startswith(
            "Who the best customers are, as of 2026-04-01 00:00+00:00\n\nThe best: 8 of 40 customers by what they spent, "
            "33.00 EUR or more each, together 35.6% of what all spent.\n"
        )
        rows = [line.split() for line in text.splitlines()]
        assert ["country:", "AT", "100.0%", "12.5%", "8.00", "3.53", "to", "20.35", "real"] in rows
        assert "Real? One test was made." in text
        assert "Mind: it shows who the best customers are, not what made them so." in text
        assert (
            "Not compared: acquisition channel, referred, loyalty member, tags, first category, since nothing"
            in text
        )

    def test_none_of_the_others(self):
        profile = ideal_customer_profile(forty(tags=lambda n: {"vip"} if n > 32 else ()), fewest=8)
        (vip,) = profile
        assert (vip.times, vip.high) == (None, None)
        assert vip.low > 1
        assert "n/a: none of the others has it." in str(profile)
        assert f"none of the others (95 % interval {vip.low:.2f} and up)" in str(vip)
        assert vip.to_dict()["high"] is None

    def test_nothing_sets_them_apart(self):
        profile = ideal_customer_profile(forty(country=lambda n: "DE" if n % 2 else "AT"))
        assert {trait.verdict for trait in profile} == {"noise"}
        assert "Nothing that is known sets them apart by more than chance." in profile.explain()
        assert str(profile.traits[0]).endswith("That may be chance.")

    def test_explain(self):
        words = ideal_customer_profile(
            forty(country=austrian), best=0.2, worth="orders", window=timedelta(days=90), fewest=5
        ).explain()
        assert words.startswith(
            "ideal_customer_profile (as of 2026-04-01 00:00+00:00, best=0.2, worth=orders, window=90 days, fewest=5): "
        )
        words = ideal_customer_profile(forty(country=austrian)).explain()
        assert "Country: AT: 100.0% of the best against 12.5% of the others, 8.00 times as frequent" in words
        assert "Mind: it shows who the best customers are, not what made them so." in words

    def test_one_purchase(self):
        shop = rt.Shop(
            orders=make_orders({"ann": ["2026-03-05"] * 2, "ben": ["2026-03-05"]}),
            customers=[make_customer(id=n) for n in ("ann", "ben")],
            as_of=AT,
        )
        assert "by how often they purchased, 2 purchases or more each" in str(
            ideal_customer_profile(shop, worth="orders")
        )
        once = evolve(
            shop, policy=rt.OrderPolicy(minimum_net=None), orders=make_orders({"ann": [("2026-03-05", "0")]})
        )
        assert ideal_customer_profile(once).undefined_because

    def test_of_many_values_the_first_are_shown(self):
        shop = forty(tags=lambda n: {f"t{k}" for k in range(30) if (n * (k + 1)) % 31 < 15})
        profile = ideal_customer_profile(shop)
        assert len(profile) > 26
        assert f"… and {len(profile) - 25} more, with less evidence; .traits has them all." in str(profile)
        assert "tests were made at once." in str(profile)


class TestFrequency:
    def test_by_hand(self):
        # Fisher's tea: 3 of 4 right has p = 34/70 two-sided
        assert fisher_p_value((3, 4), (1, 4)) == pytest.approx(34 / 70)
        assert fisher_p_value((4, 4), (0, 4)) == pytest.approx(2 / 70)
        assert fisher_p_value((2, 4), (2, 4)) == 1.0
        assert fisher_p_value((0, 4), (4, 4)) == pytest.approx(2 / 70)

    def test_the_interval_holds_1_where_the_test_sees_no_difference(self):
        low, high = times_as_frequent((10, 20), (10, 20))
        assert low < 1 < high
        assert low == pytest.approx(1 / high)

    def test_more_confidence_is_wider(self):
        low, high = times_as_frequent((10, 20), (10, 60))
        lower, higher = times_as_frequent((10, 20), (10, 60), 0.99)
        assert lower < low < 3 < high < higher

    def test_none_and_all(self):
        assert times_as_frequent((0, 20), (10, 60))[0] == 0.0
        assert times_as_frequent((5, 20), (0, 60))[1] is None
        low, high = times_as_frequent((20, 20), (10, 60))
        assert low < 6 < high
        low, high = times_as_frequent((20, 20), (60, 60))
        assert low < 1 < high


class TestBadInput:
    @pytest.mark.parametrize(
        "given, error, problem",
        [
            ({"best": 0}, errors.InvalidValueError, "best must lie between 0 and 1"),
            ({"best": 1}, errors.InvalidValueError, "best must lie between 0 and 1"),
            ({"best": float("nan")}, errors.InvalidValueError, "best must lie between 0 and 1"),
            ({"best": Decimal("Infinity")}, errors.InvalidValueError, "best must lie between 0 and 1"),
            ({"best": "0.2"}, errors.InvalidTypeError, "best must be a number, not str"),
            ({"best": True}, errors.InvalidTypeError, "best must be a number, not bool"),
            ({"fewest": 0}, errors.InvalidValueError, "fewest must be 1 or more"),
            ({"fewest": 2.5}, errors.InvalidTypeError, "fewest must be a whole number"),
            ({"fewest": True}, errors.InvalidTypeError, "fewest must be a whole number"),
            ({"attributes": "contry"}, errors.InvalidValueError, "did you mean 'country'"),
            ({"attributes": ["country", 5]}, errors.InvalidTypeError, "attributes has 5, which is neither"),
            ({"attributes": 5}, errors.InvalidTypeError, "attributes must be names such as"),
            ({"attributes": {"country": 1}}, errors.InvalidTypeError, "attributes must be names such as"),
            ({"attributes": lambda customer: 1}, errors.InvalidTypeError, "attributes must be names such as"),
            ({"worth": "margin"}, errors.InvalidValueError, 'worth must be "spend", "orders"'),
            ({"worth": None}, errors.InvalidTypeError, 'worth must be "spend", "orders"'),
            ({"worth": [1]}, errors.InvalidTypeError, 'worth must be "spend", "orders"'),
            ({"worth": {1: "5"}}, errors.InvalidTypeError, "worth must give numbers, not str"),
            ({"worth": {1: True}}, errors.InvalidTypeError, "worth must give numbers, not bool"),
            ({"worth": {1: float("inf")}}, errors.InvalidValueError, "worth must give finite numbers"),
            ({"worth": {1: Decimal("NaN")}}, errors.InvalidValueError, "worth must give finite numbers"),
            ({"within": 30}, errors.InvalidTypeError, "within must be a timedelta"),
            ({"within": timedelta(0)}, errors.InvalidValueError, "within must be longer than zero"),
            ({"window": 30}, errors.InvalidTypeError, "window must be a timedelta"),
            ({"window": timedelta(-1)}, errors.InvalidValueError, "window must be longer than zero"),
            (
                {"window": timedelta(30), "within": timedelta(30)},
                errors.ConflictingArgumentError,
                "within and window can't go together",
            ),
            (
                {"window": timedelta(30), "worth": {1: 2}},
                errors.ConflictingArgumentError,
                "window and a mapping as worth can't go together",
            ),
            ({"at": "2026-03-01"}, errors.InvalidTypeError, "ideal_customer_profile: at"),
            ({"at": datetime(2026, 3, 1)}, errors.NaiveDatetimeError, "ideal_customer_profile: at"),
            ({"at": AT + timedelta(1)}, errors.ConflictingArgumentError, "at must not lie after as_of"),
        ],
    )
    def test_arguments(self, given, error, problem):
        with pytest.raises(error, match=problem):
            ideal_customer_profile(forty(country=austrian), **given)

    def test_no_shop(self):
        with pytest.raises(
            errors.InvalidTypeError, match="takes a Shop, since it is about customers and orders"
        ):
            ideal_customer_profile(make_orders({"ann": ["2026-03-05"]}))

    def test_no_records(self):
        with pytest.raises(errors.MissingRecordsError, match="needs customers' records"):
            ideal_customer_profile(rt.Shop(orders=make_orders({"ann": ["2026-03-05"]}), as_of=AT))

    def test_no_instant(self):
        with pytest.raises(errors.AsOfRequiredError, match="ideal_customer_profile needs as_of="):
            ideal_customer_profile(rt.Shop(customers=[make_customer()]))

    def test_two_currencies(self):
        orders = [make_order(id=1, currency="EUR"), make_order(id=2, currency="USD", customer_id="ben")]
        shop = rt.Shop(orders=orders, customers=[make_customer(id="ann"), make_customer(id="ben")], as_of=AT)
        with pytest.raises(errors.MixedCurrencyError):
            ideal_customer_profile(shop)
        assert ideal_customer_profile(shop, worth="orders").undefined_because
