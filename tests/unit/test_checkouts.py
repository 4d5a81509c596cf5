"""Baskets by hand: when one is abandoned, who came back, what was watched long enough, and what is refused."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from dateutil.relativedelta import relativedelta

import retention as rt
from retention._checkout_facts import USUAL_WINDOWS, checkout_facts
from retention._numerics import ClusterSums, CrossSums
from retention.metrics._checkouts import read_cart_recovery_rate
from retention.testing import make_orders

MARCH = rt.Period.month(2026, 3, tz="UTC")
APRIL = MARCH.next()
NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
LATER = NOON + 100 * DAY
MICROSECOND = timedelta(microseconds=1)

_ids = iter(range(1_000_000))


def basket(customer=None, begun=NOON, *, took=None, **more) -> rt.Checkout:
    """A basket with an id of its own, ordered after so long, if at all."""
    ordered_at = None if took is None else begun + took
    return rt.Checkout(
        id=next(_ids), customer_id=customer, begun_at=begun, **{"ordered_at": ordered_at, **more}
    )


def abandoned(checkouts, **keywords) -> rt.Ratio:
    return rt.cart_abandonment_rate(
        checkouts, **{"period": MARCH, "abandoned_after": DAY, "as_of": LATER, **keywords}
    )


def recovered(checkouts, orders=(), **keywords) -> rt.Ratio:
    given = {"period": MARCH, "abandoned_after": DAY, "within": 10 * DAY}
    shop = {"as_of": LATER}
    for name, value in keywords.items():
        (given if name in given or name == "channel" else shop)[name] = value
    return rt.cart_recovery_rate(rt.Shop(checkouts=checkouts, orders=orders, **shop), **given)


def bought(**customers) -> list[rt.Order]:
    """Orders of customers, at so long after noon."""
    return make_orders(
        {who: [(NOON + after).isoformat() for after in times] for who, times in customers.items()}
    )


class TestAbandonment:
    """Begun and not ordered within that time / begun and observed that long."""

    def test_a_basket_without_an_order_is_abandoned(self):
        assert abandoned([basket("ann"), basket("ben", took=HOUR)]) == rt.Ratio(1, 2)

    def test_the_limit_is_in_time(self):
        assert abandoned([basket(took=DAY), basket(took=DAY + MICROSECOND)]) == rt.Ratio(1, 2)

    def test_an_order_at_once_is_in_time(self):
        assert abandoned([basket(took=timedelta(0))]) == rt.Ratio(0, 1)

    @pytest.mark.parametrize(
        "begun, count", [(MARCH.start, 1), (MARCH.start - MICROSECOND, 0), (MARCH.end, 0)]
    )
    def test_the_period_is_that_of_the_beginning(self, begun, count):
        assert abandoned([basket(begun=begun)]).denominator == count

    def test_baskets_not_observed_that_long_are_left_out_ordered_or_not(self):
        young = LATER - DAY + MICROSECOND
        checkouts = [basket(), basket(begun=young), basket(begun=young, took=HOUR)]
        period = rt.Period.between(NOON, LATER, tz="UTC")
        found = abandoned(checkouts, period=period)
        assert (found, found.left_out) == (rt.Ratio(1, 1), {"not observed long enough": 2})

    def test_a_basket_observed_exactly_that_long_counts(self):
        assert abandoned([basket()], as_of=NOON + DAY) == rt.Ratio(1, 1)

    def test_what_is_dated_after_as_of_does_not_exist(self):
        checkouts = [basket(took=HOUR), basket(begun=NOON + 2 * DAY), basket(took=3 * HOUR)]
        found = abandoned(checkouts, abandoned_after=HOUR, as_of=NOON + 2 * HOUR)
        assert (found, found.left_out) == (rt.Ratio(1, 2), {"after as_of": 1})

    def test_an_order_after_as_of_is_not_known(self):
        assert abandoned([basket(took=5 * HOUR)], abandoned_after=HOUR, as_of=NOON + 2 * HOUR) == rt.Ratio(
            1, 1
        )

    def test_a_month_is_as_long_as_it_is_in_the_zone_of_the_period(self):
        """From 28 February 23:30 UTC, which is 1 March in Berlin, to 1 April 00:30 there: 30 days and 23 hours."""
        berlin = rt.Period.month(2026, 3, tz="Europe/Berlin")
        begun = datetime(2026, 2, 28, 23, 30, tzinfo=UTC)
        in_time = [basket(begun=begun, took=31 * DAY - HOUR)]
        too_late = [basket(begun=begun, took=31 * DAY - HOUR + MICROSECOND)]
        month = relativedelta(months=1)
        assert abandoned(in_time, period=berlin, abandoned_after=month) == rt.Ratio(0, 1)
        assert abandoned(too_late, period=berlin, abandoned_after=month) == rt.Ratio(1, 1)

    def test_a_customers_baskets_count_each_and_vary_as_one(self):
        found = abandoned([basket("ann"), basket("ann"), basket("ann", took=HOUR), basket("ben")])
        assert found == rt.Ratio(3, 4)
        assert found.sampling == ClusterSums(n=2, x=4, y=3, xx=10, xy=7, yy=5)

    def test_whoever_is_not_known_is_somebody_else_each_time(self):
        assert abandoned([basket(), basket(), basket(took=HOUR)]).sampling == ClusterSums.of(
            [(1, 1), (1, 1), (1, 0)]
        )

    def test_aliases_are_one_person(self):
        found = abandoned([basket("ann"), basket("a@b")], aliases={"a@b": "ann"})
        assert found.sampling == ClusterSums.of([(2, 2)])

    def test_a_shop_carries_how_it_is_read(self):
        shop = rt.Shop(checkouts=[basket(), basket(took=HOUR)], as_of=LATER)
        assert rt.cart_abandonment_rate(shop, period=MARCH, abandoned_after=DAY) == rt.Ratio(1, 2)

    def test_the_order_of_the_input_is_irrelevant(self):
        checkouts = [basket("ann", NOON + hours * HOUR) for hours in (5, 2, 9)]
        assert abandoned(checkouts) == abandoned(reversed(checkouts)) == rt.Ratio(3, 3)

    def test_it_says_what_it_counts(self):
        assert abandoned([basket(), basket(took=HOUR)]).explain() == (
            "cart_abandonment_rate (2026-03, abandoned_after=1 day): 50.0% = 1 not ordered within 1 day of "
            "2 checkouts observed that long (95 % interval 5.5% to 94.5%)."
        )

    def test_without_baskets_it_is_undefined(self):
        found = abandoned([])
        assert found.value is None
        assert found.undefined_because == "there are no checkouts observed that long"

    @pytest.mark.parametrize(
        "as_of, partial",
        [(MARCH.end - HOUR, True), (MARCH.end + HOUR, True), (MARCH.end + DAY, False)],
        ids=["running", "its last baskets can still be ordered", "over"],
    )
    def test_it_is_partial_until_the_last_basket_has_been_watched(self, as_of, partial):
        assert abandoned([basket()], as_of=as_of).partial is partial

    def test_a_period_before_the_data_is_not_observable(self):
        found = abandoned([basket()], observed_from=NOON)
        assert not found.observable
        assert found.value is None


class TestChannels:
    """Figures of the baskets that were begun on one channel."""

    CHECKOUTS = (
        basket("ann", channel="web"),
        basket("ben", channel="web", took=HOUR),
        basket("cy", channel="app"),
        basket("dee"),
        basket("dee", NOON + 12 * DAY, channel="web"),
        basket("eve", NOON + 12 * DAY + HOUR, channel="app"),
        basket("eve", NOON + 13 * DAY, channel="app"),
    )

    @pytest.mark.parametrize(
        "channel, expected, later",
        [("web", rt.Ratio(1, 2), 0), ("app", rt.Ratio(1, 1), 2), ("fax", rt.Ratio(0, 0), 0)],
    )
    def test_only_those_begun_there_count_and_are_left_out(self, channel, expected, later):
        found = abandoned(self.CHECKOUTS, channel=channel, as_of=NOON + 12 * DAY)
        assert found == expected
        assert found.left_out.get("after as_of", 0) == later
        assert found.basis.options == (("abandoned_after", "1 day"), ("channel", channel))

    def test_customers_may_come_back_anywhere(self):
        orders = bought(ann=[2 * DAY], cy=[2 * DAY])
        found = recovered(self.CHECKOUTS, orders, channel="web")
        assert found == rt.Ratio(1, 2)
        assert found.basis.options[-1] == ("channel", "web")
        assert recovered(self.CHECKOUTS, orders) == rt.Ratio(2, 6)

    def test_a_snapshot_takes_one_and_compares_it(self):
        shop = rt.Shop(
            checkouts=[
                basket(number, at, channel=channel, took=HOUR if number % (2 if at == NOON else 3) else None)
                for at in (NOON, NOON + 31 * DAY)
                for number in range(9)
                for channel in ("web", "app")
            ],
            as_of=LATER,
        )
        options = {"cart_abandonment_rate": {"channel": "web"}}
        found = rt.snapshot(shop, period=APRIL, metrics=["cart_abandonment_rate"], options=options)
        assert found["cart_abandonment_rate"] == rt.Ratio(3, 9)
        assert found.change("cart_abandonment_rate").untested_because is None

    @pytest.mark.parametrize(
        "channel, error, says",
        [
            (1, rt.InvalidTypeError, "must be a word such as"),
            (" ", rt.InvalidValueError, "must not be empty"),
        ],
    )
    def test_what_is_none(self, channel, error, says):
        with pytest.raises(error, match=f"cart_abandonment_rate: channel {says}"):
            abandoned([basket()], channel=channel)
        with pytest.raises(error, match=f"cart_recovery_rate: channel {says}"):
            recovered([basket("ann")], channel=channel)


class TestRecovery:
    """Abandoned whose customer purchased within that time of becoming abandoned / abandoned of a known customer."""

    def test_who_comes_back_in_time_recovers_the_basket(self):
        orders = bought(ann=[5 * DAY], ben=[20 * DAY])
        assert recovered([basket("ann"), basket("ben"), basket("cy")], orders) == rt.Ratio(1, 3)

    @pytest.mark.parametrize(
        "after, count",
        [
            (-HOUR, 0),
            (HOUR, 0),
            (DAY, 0),
            (DAY + MICROSECOND, 1),
            (11 * DAY, 1),
            (11 * DAY + MICROSECOND, 0),
        ],
        ids=["before", "not yet abandoned", "at the limit", "just after", "last moment", "too late"],
    )
    def test_the_time_runs_from_becoming_abandoned(self, after, count):
        assert recovered([basket("ann")], bought(ann=[after])) == rt.Ratio(count, 1)

    def test_a_basket_ordered_in_time_was_never_abandoned(self):
        assert recovered([basket("ann", took=HOUR), basket("ben")], bought(ann=[HOUR])) == rt.Ratio(0, 1)

    def test_a_basket_ordered_late_is_recovered_where_its_order_stands_among_the_orders(self):
        late = basket("ann", took=2 * DAY, order_id=1)
        assert recovered([late], bought(ann=[2 * DAY])) == rt.Ratio(1, 1)
        assert recovered([late], bought(ben=[2 * DAY])) == rt.Ratio(0, 1)

    def test_only_what_the_policy_counts_is_a_purchase(self):
        unpaid = rt.Order(
            id=1,
            customer_id="ann",
            placed_at=NOON + 2 * DAY,
            amount="10.00",
            currency="EUR",
            payment_state="failed",
        )
        assert recovered([basket("ann")], [unpaid]) == rt.Ratio(0, 1)

    def test_one_purchase_may_recover_several_baskets(self):
        found = recovered([basket("ann"), basket("ann", NOON + DAY), basket("ben")], bought(ann=[3 * DAY]))
        assert (found, found.sampling) == (rt.Ratio(2, 3), ClusterSums.of([(2, 2), (1, 0)]))

    def test_baskets_of_nobody_known_are_left_out(self):
        found = recovered([basket(), basket(took=HOUR), basket("ann")], bought(ann=[2 * DAY], zoe=[HOUR]))
        assert (found, found.left_out) == (rt.Ratio(1, 1), {"of an unknown customer": 1})

    def test_baskets_not_observed_for_both_times_are_left_out_even_if_recovered(self):
        found = recovered(
            [basket("ann"), basket("ben", took=HOUR), basket(), basket("dee", NOON - DAY)],
            bought(ann=[2 * DAY]),
            as_of=NOON + 10 * DAY,
        )
        assert (found, found.left_out) == (rt.Ratio(0, 1), {"not observed long enough": 2})

    def test_reasons_stand_in_their_order(self):
        checkouts = [basket(), basket("ann"), basket("ben", NOON + 9 * DAY), basket("cy", NOON + 13 * DAY)]
        found = recovered(checkouts, bought(ann=[DAY]), as_of=NOON + 12 * DAY)
        assert list(found.left_out.items()) == [
            ("after as_of", 1),
            ("not observed long enough", 1),
            ("of an unknown customer", 1),
        ]

    @pytest.mark.parametrize("forever", [timedelta.max, 3_000_000 * DAY, relativedelta(years=9_000)])
    def test_times_beyond_the_calendar_are_never_over(self, forever):
        for windows in ({"abandoned_after": forever}, {"within": forever}):
            found = recovered([basket("ann"), basket("ben", took=HOUR)], bought(ann=[2 * DAY]), **windows)
            assert (found.denominator, found.left_out) == (0, {"not observed long enough": 1})
        both = recovered([basket("ann")], abandoned_after=forever, within=relativedelta(months=1))
        assert both.left_out == {"not observed long enough": 1}
        assert abandoned([basket("ann")], abandoned_after=forever).left_out == both.left_out

    def test_a_purchase_after_as_of_does_not_exist(self):
        period = rt.Period.between(NOON, NOON + DAY, tz="UTC")
        assert recovered(
            [basket("ann")], bought(ann=[9 * DAY]), as_of=NOON + 8 * DAY, within=5 * DAY, period=period
        ) == rt.Ratio(0, 1)

    def test_aliases_join_baskets_and_orders(self):
        found = recovered(
            [basket("ann"), basket("a@b")], bought(**{"a@b": [2 * DAY]}), aliases={"a@b": "ann"}
        )
        assert (found, found.sampling) == (rt.Ratio(2, 2), ClusterSums.of([(2, 2)]))

    def test_calendar_times_are_counted_one_after_the_other(self):
        """31 January, a month later 28 February, and a month after that 28 March."""
        january = rt.Period.month(2026, 1, tz="UTC")
        begun = datetime(2026, 1, 31, 12, tzinfo=UTC)
        month = relativedelta(months=1)
        for day, count in (("2026-03-28T12:00", 1), ("2026-03-28T12:01", 0)):
            orders = make_orders({"ann": [day]})
            found = recovered(
                [basket("ann", begun)], orders, period=january, abandoned_after=month, within=month
            )
            assert found == rt.Ratio(count, 1)

    def test_a_history_is_used_as_it_is(self):
        history = rt.History(bought(ann=[2 * DAY]), as_of=LATER)
        shop = rt.Shop(checkouts=[basket("ann")], orders=history)
        assert rt.cart_recovery_rate(shop, period=MARCH, abandoned_after=DAY, within=10 * DAY) == rt.Ratio(
            1, 1
        )

    def test_without_any_orders_it_says_so(self):
        found = recovered([basket("ann")])
        assert found == rt.Ratio(0, 1)
        assert found.assumed == ("the shop has no orders, so that nobody can be seen to come back",)
        assert recovered([]).assumed == ()

    def test_without_abandoned_baskets_it_is_undefined(self):
        found = recovered([basket("ann", took=HOUR)], bought(ann=[HOUR]))
        assert found.undefined_because == "there are no checkouts not ordered within 1 day"

    @pytest.mark.parametrize("days, partial", [(10, True), (11, False)])
    def test_it_is_partial_until_both_times_are_over(self, days, partial):
        assert recovered([basket("ann")], as_of=MARCH.end + days * DAY).partial is partial

    def test_it_says_what_it_counts(self):
        found = recovered([basket("ann"), basket("ben")], bought(ann=[2 * DAY]))
        assert found.explain() == (
            "cart_recovery_rate (2026-03, abandoned_after=1 day, within=10 days): 50.0% = 1 whose customer then bought "
            "within 10 days of 2 checkouts not ordered within 1 day (95 % interval 5.5% to 94.5%)."
        )


class TestTwoPeriods:
    """The sums of products over the customers of both periods."""

    CHECKOUTS = (
        basket("ann"),
        basket("ann", took=HOUR),
        basket("ben"),
        basket("ann", NOON + 30 * DAY),
        basket("ben", NOON + 30 * DAY, took=HOUR),
        basket("cy", NOON + 31 * DAY),
        basket(begun=NOON + 31 * DAY),
    )
    SHOP = rt.Shop(
        checkouts=CHECKOUTS, orders=bought(ann=[2 * DAY, 32 * DAY], ben=[40 * DAY]), as_of=NOON + 300 * DAY
    )

    def both(self, **options):
        against = {APRIL: MARCH}
        return checkout_facts(
            self.SHOP, [MARCH, APRIL], history=self.SHOP.history(), against=against, **options
        )

    def test_by_hand(self):
        """April (x, y) beside March: ann (1, 1) and (2, 1), ben (1, 0) and (1, 1); two others in April alone."""
        march, april = self.both()
        assert march.cross == {}
        assert april.cross["cart_abandonment_rate"] == CrossSums(n=4, xx=3, xy=2, yx=2, yy=1)
        # ann came back both times; ben's basket of March was left, and that of April ordered
        assert april.cross["cart_recovery_rate"] == CrossSums(n=3, xx=1, xy=1, yx=1, yy=1)

    def test_other_windows_have_other_sums(self):
        april = self.both(options={"cart_abandonment_rate": {"abandoned_after": timedelta(minutes=5)}})[1]
        assert april.cross["cart_abandonment_rate"] == CrossSums(n=4, xx=3, xy=3, yx=3, yy=3)
        assert april.cross["cart_recovery_rate"].yy == 1
        april = self.both(options={"cart_recovery_rate": {"within": 12 * HOUR}})[1]
        assert april.cross["cart_recovery_rate"] == CrossSums(n=3, xx=1, xy=0, yx=0, yy=0)

    @pytest.mark.parametrize("metrics", [["cart_abandonment_rate"], ["cart_recovery_rate"], []])
    def test_sums_are_made_for_what_was_asked_for(self, metrics):
        assert list(self.both(metrics=metrics)[1].cross) == metrics

    def test_each_period_is_counted_once_for_its_figure_and_for_both_comparisons(self):
        march, april = self.both()
        assert len(march.memory) == len(april.memory) == 2
        read_cart_recovery_rate(april, **USUAL_WINDOWS["cart_recovery_rate"])
        assert len(april.memory) == 2
        assert len(self.both(metrics=["cart_recovery_rate"])[0].memory) == 1

    def test_without_orders_only_abandonment_has_sums(self):
        april = checkout_facts(self.SHOP, [MARCH, APRIL], against={APRIL: MARCH})[1]
        assert set(april.cross) == {"cart_abandonment_rate"}

    def test_without_as_of_there_are_none(self):
        april = checkout_facts(self.CHECKOUTS, [MARCH, APRIL], against={APRIL: MARCH})[1]
        assert april.cross == {}

    def test_a_basket_of_nobody_known_is_shared_by_periods_that_overlap(self):
        whole = rt.Period.year(2026, tz="UTC")
        found = checkout_facts([basket()], [MARCH, whole], against={whole: MARCH}, as_of=LATER)[1]
        assert found.cross["cart_abandonment_rate"] == CrossSums(n=1, xx=1, xy=1, yx=1, yy=1)

    def test_the_usual_windows_are_those_of_the_catalog(self):
        for metric, windows in USUAL_WINDOWS.items():
            assert rt.METRICS[metric].usual == windows
            assert rt.METRICS[metric].due == tuple(windows)


class TestBadInput:
    @pytest.mark.parametrize("name", ["abandoned_after", "within"])
    @pytest.mark.parametrize(
        "window, error, says",
        [
            (30, rt.InvalidTypeError, "must be a timedelta or a relativedelta, got 30"),
            (None, rt.InvalidTypeError, "must be a timedelta or a relativedelta"),
            ("1 day", rt.InvalidTypeError, "must be a timedelta or a relativedelta"),
            (-DAY, rt.InvalidValueError, "must be longer than zero"),
            (timedelta(0), rt.InvalidValueError, "must be longer than zero"),
            (relativedelta(months=-1), rt.InvalidValueError, "must be longer than zero"),
        ],
    )
    def test_a_window_is_a_positive_time(self, name, window, error, says):
        with pytest.raises(error, match=f"cart_recovery_rate: {name} {says}"):
            recovered([basket("ann")], **{name: window})
        if name == "abandoned_after":
            with pytest.raises(error, match=f"cart_abandonment_rate: {name} {says}"):
                abandoned([basket("ann")], abandoned_after=window)

    def test_a_window_must_be_named(self):
        with pytest.raises(TypeError, match="abandoned_after"):
            rt.cart_abandonment_rate([], period=MARCH)

    def test_as_of_is_needed(self):
        with pytest.raises(rt.AsOfRequiredError, match="cart_abandonment_rate needs as_of="):
            abandoned([basket()], as_of=None)
        with pytest.raises(rt.AsOfRequiredError, match="cart_recovery_rate needs as_of="):
            recovered([basket("ann")], as_of=None)

    @pytest.mark.parametrize("given", [[], [basket()], rt.History([]), None, "shop"])
    def test_recovery_takes_a_shop(self, given):
        with pytest.raises(
            rt.InvalidTypeError,
            match="cart_recovery_rate takes a Shop, since it is about checkouts and orders",
        ):
            rt.cart_recovery_rate(given, period=MARCH, abandoned_after=DAY, within=DAY)

    def test_facts_without_orders_tell_nothing_of_recovery(self):
        facts = checkout_facts([basket("ann")], [MARCH], as_of=LATER)[0]
        with pytest.raises(rt.MissingRecordsError, match="cart_recovery_rate needs the orders"):
            read_cart_recovery_rate(facts, abandoned_after=DAY, within=DAY)

    def test_orders_are_no_checkouts(self):
        with pytest.raises(rt.InvalidTypeError, match=r"checkouts\[0\] must be a Checkout, not Order"):
            abandoned(bought(ann=[DAY]))

    def test_an_id_that_stands_twice_is_refused(self):
        one = basket("ann")
        with pytest.raises(rt.DuplicateRecordError, match="stands twice"):
            abandoned([one, one])

    def test_a_keyword_that_contradicts_the_shop_is_refused(self):
        shop = rt.Shop(checkouts=[basket()], as_of=LATER)
        with pytest.raises(rt.ConflictingArgumentError, match="as_of="):
            rt.cart_abandonment_rate(shop, period=MARCH, abandoned_after=DAY, as_of=NOON)

    @pytest.mark.parametrize("period", ["2026-03", None])
    def test_a_period_is_a_period(self, period):
        with pytest.raises(rt.InvalidTypeError, match="period must be a Period"):
            abandoned([], period=period)
        with pytest.raises(rt.InvalidTypeError, match="period must be a Period"):
            recovered([], period=period)
