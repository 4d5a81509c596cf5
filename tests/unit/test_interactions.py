"""Figures of contacts: which contacts count, how long they are followed, and what is refused."""

from __future__ import annotations

import inspect
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, ClassVar

import attrs
import pytest
from dateutil.relativedelta import relativedelta

import retention as rt
from retention._interaction_facts import interaction_facts
from retention._numerics import CrossSums
from retention.metrics._conversion import read_conversion_rate
from retention.metrics._interactions import read_engagement_rate
from retention.results import ClusterSums
from retention.testing import make_orders

MARCH = rt.Period.month(2026, 3, tz="UTC")
APRIL = MARCH.next()
NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
WEEK = timedelta(days=7)
MOMENT = timedelta(microseconds=1)
KNOWN = datetime(2026, 6, 1, tzinfo=UTC)


def sent(customer: Any = None, *, at: datetime = NOON, kind: str = "message", **more: Any) -> rt.Interaction:
    """A contact of the shop's own; what came of it is given in time after it."""
    return contact("outbound", customer, at, kind, more)


def got(customer: Any = None, *, at: datetime = NOON, kind: str = "question", **more: Any) -> rt.Interaction:
    """A contact that came in."""
    return contact("inbound", customer, at, kind, more)


def contact(direction: Any, customer: Any, at: datetime, kind: str, more: dict[str, Any]) -> rt.Interaction:
    fields = {
        f"{name}_at" if isinstance(value, timedelta) else name: at + value
        if isinstance(value, timedelta)
        else value
        for name, value in more.items()
    }
    return rt.Interaction(
        **{"channel": "e-mail", **fields},
        customer_id=customer,
        direction=direction,
        kind=kind,
        occurred_at=at,
    )


def engagement(interactions: Any, **keywords: Any) -> rt.Ratio:
    return rt.engagement_rate(interactions, **{"period": MARCH, "within": WEEK, "as_of": KNOWN, **keywords})


def conversion(interactions: Any, **keywords: Any) -> rt.Ratio:
    return rt.conversion_rate(interactions, **{"period": MARCH, "within": None, **keywords})


def pair(ratio: rt.Ratio) -> tuple[Any, Any]:
    return ratio.numerator, ratio.denominator


NO_QUESTIONS = {"review (asks nothing)": 1, "mention (asks nothing)": 1}


class TestEngagement:
    @pytest.mark.parametrize("response", ["opened", "clicked", "replied"])
    def test_any_response_counts(self, response):
        assert pair(engagement([sent("ann", **{response: DAY}), sent("ben")])) == (1, 2)

    def test_several_responses_to_one_contact_are_one(self):
        assert pair(engagement([sent("ann", opened=HOUR, clicked=HOUR, replied=DAY)])) == (1, 1)

    @pytest.mark.parametrize("gap, counts", [(0 * DAY, 1), (WEEK, 1), (WEEK + MOMENT, 0)])
    def test_the_limit_is_included(self, gap, counts):
        assert engagement([sent("ann", clicked=gap)]).numerator == counts

    def test_a_late_response_beside_one_in_time(self):
        assert engagement([sent("ann", opened=DAY, replied=9 * DAY)]).numerator == 1

    def test_only_the_shop_s_own_contacts_of_any_kind_and_of_the_period(self):
        contacts = [
            sent("ann", kind="approach", opened=DAY),
            sent("ann", kind="postcard"),
            got("ann", answered=DAY),
            sent("ann", at=MARCH.start - MOMENT),
            sent("ann", at=MARCH.end),
        ]
        assert pair(engagement(contacts)) == (1, 2)

    def test_what_has_not_been_observed_that_long_is_left_out_even_if_it_was_answered(self):
        contacts = [
            sent("ann", at=NOON, opened=DAY),
            sent("ben", at=NOON + MOMENT, opened=HOUR),
            sent("cy", at=NOON + 8 * DAY),
        ]
        found = engagement(contacts, as_of=NOON + WEEK)
        assert pair(found) == (1, 1)
        assert dict(found.left_out) == {"after as_of": 1, "not observed long enough": 1}

    def test_partial_until_the_last_contact_of_the_period_has_been_observed(self):
        assert engagement([sent("ann")], as_of=APRIL.start + WEEK - MOMENT).partial
        assert not engagement([sent("ann")], as_of=APRIL.start + WEEK).partial

    def test_a_month_is_as_long_as_the_zone_s_calendar_says(self):
        berlin = rt.Period.month(2026, 2, tz="Europe/Berlin")
        ask = partial(rt.engagement_rate, period=berlin, within=relativedelta(months=1), as_of=KNOWN)
        begun = datetime(2026, 2, 28, 12, tzinfo=UTC)
        last = datetime(2026, 3, 28, 12, tzinfo=UTC)  # the clocks change on the 29th
        assert ask([sent("ann", at=begun, opened=last - begun)]).numerator == 1
        assert ask([sent("ann", at=begun, opened=last + MOMENT - begun)]).numerator == 0

    def test_chosen_responses(self):
        contacts = [sent("ann", opened=DAY), sent("ben", replied=DAY), sent("cy", opened=DAY, clicked=DAY)]
        found = engagement(contacts, responses=["replied", "clicked", "replied"])
        assert pair(found) == (2, 3)
        assert found.basis.options == (("within", "7 days"), ("responses", "clicked or replied"))
        everything = engagement(contacts, responses={"replied", "opened", "clicked"})
        assert everything.basis.options == (("within", "7 days"),)

    def test_by_channel(self):
        contacts = [
            sent("ann", opened=DAY),
            sent("ann", channel="sms"),
            sent("ben", channel="sms", clicked=DAY),
        ]
        assert pair(engagement(contacts, channel="sms")) == (1, 2)
        assert pair(engagement(contacts, channel="fax")) == (0, 0)

    def test_a_customer_s_contacts_are_one_cluster_and_an_unknown_s_are_many(self):
        contacts = [*(sent("ann", opened=DAY) for _ in range(3)), sent("ben"), sent(None), sent(None)]
        assert engagement(contacts).sampling == ClusterSums(n=4, x=6, y=3, xx=12, xy=9, yy=9)

    def test_aliases_are_one_person(self):
        found = engagement([sent("ann", opened=DAY), sent("a@b")], aliases={"a@b": "ann"})
        assert found.sampling == ClusterSums(n=1, x=2, y=1, xx=4, xy=2, yy=1)

    def test_in_words(self):
        assert engagement([sent("ann", opened=DAY), sent("ben")]).explain() == (
            "engagement_rate (2026-03, within=7 days): 50.0% = 1 with a response within 7 days of 2 contacts made "
            "and observed that long (95 % interval 5.5% to 94.5%)."
        )
        nothing = engagement([])
        assert nothing.undefined_because == "there are no contacts made and observed that long"

    def test_a_period_that_the_data_do_not_reach(self):
        found = engagement([sent("ann", opened=DAY)], observed_from=NOON)
        assert not found.observable
        assert pair(found) == (0, 0)
        assert not engagement([sent("ann")], as_of=MARCH.start - DAY).observable


class TestOnSeveralChannels:
    CONTACTS: ClassVar = [
        sent("many", opened=DAY),
        sent("many", channel="sms", clicked=DAY),
        sent("many", channel="push", at=NOON + DAY),
        sent("two", opened=DAY),
        sent("two", channel="sms"),
        sent("two", channel="sms"),
        sent("one"),
        sent("one", opened=DAY),
        got("one", channel="telephone"),  # that somebody calls is no contact of the shop's
        sent("one", channel="sms", at=APRIL.start),  # nor in the period
        sent(None, opened=DAY),
    ]

    @pytest.mark.parametrize(
        "keywords, expected",
        [
            ({"min_channels": 3}, (2, 3)),
            ({"min_channels": 2}, (3, 6)),
            ({"max_channels": 1}, (1, 2)),
            ({"max_channels": 2}, (2, 5)),
            ({"min_channels": 2, "max_channels": 2}, (1, 3)),
            ({"min_channels": 1}, (4, 8)),
            ({"min_channels": 4}, (0, 0)),
        ],
    )
    def test_customers_reached_on_so_many(self, keywords, expected):
        found = engagement(self.CONTACTS, **keywords)
        assert pair(found) == expected
        assert dict(found.left_out) == {"of an unknown customer": 1}
        assert found.basis.options[1:] == tuple((name, str(number)) for name, number in keywords.items())

    def test_channels_are_counted_before_one_is_chosen(self):
        assert pair(engagement(self.CONTACTS, min_channels=3, channel="sms")) == (1, 1)

    def test_a_channel_counts_that_is_not_observed_long_enough_itself(self):
        found = engagement(self.CONTACTS, min_channels=3, as_of=NOON + WEEK)
        assert pair(found) == (2, 2)
        assert found.left_out["not observed long enough"] == 1

    def test_an_alias_is_reached_where_the_person_is(self):
        contacts = [sent("ann"), sent("a@b", channel="sms")]
        assert pair(engagement(contacts, min_channels=2)) == (0, 0)
        assert pair(engagement(contacts, min_channels=2, aliases={"a@b": "ann"})) == (0, 2)


class TestService:
    CONTACTS: ClassVar = [
        got("ann", answered=HOUR, solved=DAY, solved_by="agent"),
        got("ben", kind="case", answered=2 * DAY),
        got("ben", kind="chat", solved=3 * DAY, solved_by="self_service"),
        got(None, kind="call", answered=0 * DAY, solved=HOUR),
        got("cy", kind="review", answered=HOUR),
        got("cy", kind="mention"),
        got("dee", channel="sms"),
        sent("ann", replied=HOUR),
    ]

    def test_first_response(self):
        found = rt.first_response_days(self.CONTACTS, period=MARCH)
        assert found.values == (0, 1 / 24, 2)
        assert dict(found.left_out) == {**NO_QUESTIONS, "not answered yet": 2}

    def test_resolution(self):
        found = rt.resolution_days(self.CONTACTS, period=MARCH)
        assert found.values == (1 / 24, 1, 3)
        assert dict(found.left_out) == {**NO_QUESTIONS, "not solved yet": 2}

    def test_what_comes_later_has_not_happened(self):
        found = rt.first_response_days(self.CONTACTS, period=MARCH, as_of=NOON + DAY)
        assert found.values == (0, 1 / 24)
        assert found.left_out["not answered yet"] == 3
        assert rt.resolution_days(self.CONTACTS, period=MARCH, as_of=NOON).values == ()
        assert pair(rt.answered_rate(self.CONTACTS, period=MARCH, within=None, as_of=NOON)) == (1, 5)

    def test_of_one_kind_or_channel(self):
        assert rt.first_response_days(self.CONTACTS, period=MARCH, kind="review").values == (1 / 24,)
        assert rt.resolution_days(self.CONTACTS, period=MARCH, kind="chat").values == (3,)
        assert pair(rt.answered_rate(self.CONTACTS, period=MARCH, within=None, channel="sms")) == (0, 1)
        assert pair(rt.answered_rate(self.CONTACTS, period=MARCH, within=None, kind="mention")) == (0, 1)
        found = rt.self_service_rate(self.CONTACTS, period=MARCH, kind="chat", channel="e-mail")
        assert pair(found) == (1, 1)
        assert found.basis.options == (("kind", "chat"), ("channel", "e-mail"))

    def test_nobody_was_answered(self):
        found = rt.first_response_days([got("ann")], period=MARCH)
        assert found.value is None
        assert found.undefined_because == "there are no contacts that were answered"
        assert dict(found.left_out) == {"not answered yet": 1}

    def test_answered(self):
        found = rt.answered_rate(self.CONTACTS, period=MARCH, within=None)
        assert pair(found) == (3, 5)
        assert found.assumed == (
            "as_of was not given, so that every contact counts and no period is partial",
        )

    def test_answered_in_time(self):
        found = rt.answered_rate(self.CONTACTS, period=MARCH, within=DAY, as_of=KNOWN)
        assert pair(found) == (2, 5)
        assert found.basis.counted == ("answered within 1 day", "contacts that came in observed that long")
        young = rt.answered_rate(self.CONTACTS, period=MARCH, within=DAY, as_of=NOON)
        assert young.undefined_because == "there are no contacts that came in observed that long"
        assert dict(young.left_out) == {**NO_QUESTIONS, "not observed long enough": 5}

    def test_self_service(self):
        found = rt.self_service_rate(self.CONTACTS, period=MARCH)
        assert pair(found) == (1, 2)
        assert dict(found.left_out) == {**NO_QUESTIONS, "not solved yet": 2, "solver not known": 1}
        assert (
            "50.0% = 1 solved without an agent of 2 solved contacts whose solver is known" in found.explain()
        )

    @pytest.mark.parametrize(
        "metric",
        [
            rt.first_response_days,
            rt.resolution_days,
            partial(rt.answered_rate, within=None),
            rt.self_service_rate,
        ],
    )
    def test_a_period_that_the_data_do_not_reach(self, metric):
        found = metric(self.CONTACTS, period=MARCH, observed_from=NOON)
        assert not found.observable
        assert found.value is None


class TestListening:
    CONTACTS: ClassVar = [
        got("ann", kind="mention", channel="blog", sentiment="0.25"),
        got(None, kind="mention", channel="instagram", sentiment="-1"),
        got("ann", kind="mention", channel="blog"),
        got("ben", kind="review", sentiment="0.6"),
        got("ben", kind="question", sentiment=0),
        sent("ben", kind="mention"),
    ]

    def test_mentions(self):
        assert rt.mention_count(self.CONTACTS, period=MARCH) == 3
        assert rt.mention_count(self.CONTACTS, period=MARCH, channel="blog") == 2
        assert rt.mention_count(self.CONTACTS, period=MARCH, as_of=NOON - DAY) == 0
        assert rt.mention_count([], period=MARCH) == 0

    def test_a_count_of_what_cannot_be_seen_is_not_0(self):
        with pytest.raises(
            rt.NotObservableError, match="2026-03 is not observable: the period begins before"
        ):
            rt.mention_count(self.CONTACTS, period=MARCH, observed_from=NOON)

    def test_sentiment(self):
        found = rt.sentiment_score(self.CONTACTS, period=MARCH)
        assert found.value == pytest.approx((0.25 - 1 + 0.6 + 0) / 4)
        assert dict(found.parts) == {"good": 2, "neutral": 1, "bad": 1}
        assert dict(found.left_out) == {"without a sentiment": 1}
        assert (found.low, found.high, found.count) == (-1, 1, 4)

    def test_sentiment_of_one_kind_and_channel(self):
        found = rt.sentiment_score(self.CONTACTS, period=MARCH, kind="mention", channel="blog")
        assert (found.value, found.count) == (0.25, 1)

    def test_the_interval_is_clustered_by_customer(self):
        found = rt.sentiment_score(self.CONTACTS, period=MARCH)
        assert found.sampling is not None
        assert found.sampling.sums == ClusterSums(
            n=3, x=4, y=-15, xx=6, xy=25 - 100 + 120, yy=25**2 + 100**2 + 60**2, scale=100, signed=True
        )
        low, high = found.interval()
        assert -1 <= low < found.value < high <= 1

    def test_whole_sentiments_have_no_decimals(self):
        found = rt.sentiment_score([got("ann", sentiment=1), got("ben", sentiment="1E+0")], period=MARCH)
        assert found.value == 1

    @pytest.mark.parametrize("contacts", [[], [got("ann")], [sent("ann", sentiment="0.5")]])
    def test_nothing_with_a_sentiment(self, contacts):
        found = rt.sentiment_score(contacts, period=MARCH)
        assert found.undefined_because == "there are no contacts with a sentiment"
        assert found.value is None

    def test_a_period_that_the_data_do_not_reach(self):
        found = rt.sentiment_score(self.CONTACTS, period=MARCH, observed_from=NOON)
        assert not found.observable
        assert found.value is None


class TestConversion:
    CONTACTS: ClassVar = [
        sent("old", kind="approach", ordered=DAY),
        sent("old", kind="approach"),
        sent("same instant", kind="approach", ordered=0 * DAY),
        sent("new", kind="approach", channel="sms"),
        sent("never", kind="approach"),
        sent(None, kind="approach", ordered=40 * DAY),
        sent("old", kind="offer", ordered=2 * DAY),
        sent("old", kind="offer"),
        sent("old", kind="message", ordered=DAY),
        got("old", kind="approach"),
    ]
    ORDERS: ClassVar = make_orders({"old": ["2026-01-05"], "new": ["2026-03-20"]})
    SHOP: ClassVar = rt.Shop(
        orders=[
            *ORDERS,
            attrs.evolve(ORDERS[0], id="x", customer_id="same instant", placed_at=NOON),
        ],
        interactions=CONTACTS,
    )

    def test_all_approaches(self):
        assert pair(conversion(self.CONTACTS)) == (3, 6)
        assert pair(conversion(self.SHOP)) == (3, 6)
        assert pair(conversion(self.CONTACTS, channel="sms")) == (0, 1)

    def test_what_comes_later_has_not_happened(self):
        assert pair(conversion(self.CONTACTS, as_of=NOON)) == (1, 6)

    def test_of_another_kind(self):
        found = conversion(self.CONTACTS, kind="message")
        assert pair(found) == (1, 1)
        assert found.basis.options == (("kind", "message"),)
        assert found.basis.counted == ("led to an order", "contacts of kind 'message'")

    def test_in_time(self):
        found = conversion(self.CONTACTS, within=DAY, as_of=KNOWN)
        assert pair(found) == (2, 6)
        assert found.basis.options == (("within", "1 day"),)
        assert found.basis.counted == ("led to an order within 1 day", "approaches observed that long")

    def test_existing_customers_are_those_who_had_purchased_strictly_before(self):
        found = conversion(self.SHOP, of="existing")
        assert pair(found) == (1, 2)
        assert dict(found.left_out) == {"of an unknown customer": 1}
        assert found.basis.options == (("of", "existing"),)

    def test_new_customers_are_the_others(self):
        assert pair(conversion(self.SHOP, of="new")) == (1, 3)

    def test_an_alias_has_the_person_s_past(self):
        shop = attrs.evolve(self.SHOP, aliases={"never": "old"})
        assert pair(conversion(shop, of="existing")) == (1, 3)

    def test_what_is_taken_for_granted_of_the_past(self):
        assert conversion(self.SHOP, of="new").assumed[1] == (
            "observed_from was not given, so that the orders are taken as complete from the beginning"
        )
        shop = attrs.evolve(self.SHOP, as_of=KNOWN, observed_from=datetime(2026, 1, 1, tzinfo=UTC))
        assert conversion(shop, of="new").assumed == (
            "a customer whose earlier purchases all lie before observed_from, 2026-01-01, is taken as new",
        )
        assert conversion(shop).assumed == ()

    def test_a_past_that_cannot_be_seen(self):
        shop = attrs.evolve(self.SHOP, observed_from=MARCH.start)
        found = conversion(shop, of="existing")
        assert not found.observable
        assert found.undefined_because == (
            "who had purchased before is not known so soon after observed_from, 2026-03-01T00:00:00+00:00"
        )
        assert conversion(shop).observable
        unseen = conversion(attrs.evolve(self.SHOP, observed_from=NOON), of="new")
        assert unseen.undefined_because == (
            "the period begins before observed_from, 2026-03-10T12:00:00+00:00"
        )

    def test_in_the_first_year_of_the_calendar_there_is_no_past(self):
        dawn = rt.Period.year(1, tz="UTC")
        shop = rt.Shop(orders=self.ORDERS, observed_from=dawn.start)
        assert rt.conversion_rate(shop, period=dawn, within=None, of="new").observable

    @pytest.mark.parametrize("of", ["existing", "new"])
    @pytest.mark.parametrize("given", [CONTACTS, rt.Shop(interactions=CONTACTS)], ids=["list", "shop"])
    def test_without_orders_nobody_is_taken_for_new(self, of, given):
        message = rf"conversion_rate with of='{of}' needs the orders, .*as in Shop\(orders=\.\.\., inter"
        with pytest.raises(rt.MissingRecordsError, match=message):
            conversion(given, of=of)

    def test_without_approaches_no_orders_are_needed(self):
        assert pair(conversion([got("ann")], of="new")) == (0, 0)

    def test_a_history_that_is_read_already(self):
        (facts,) = interaction_facts(self.SHOP, [MARCH], history=self.SHOP.history())
        assert read_conversion_rate(facts, within=None, of="existing") == conversion(self.SHOP, of="existing")

    def test_offers(self):
        found = rt.upsell_rate(self.CONTACTS, period=MARCH, within=None)
        assert pair(found) == (1, 2)
        assert found.basis.counted == ("led to an order", "offers")
        in_time = rt.upsell_rate(self.CONTACTS, period=MARCH, within=DAY, as_of=KNOWN, channel="e-mail")
        assert pair(in_time) == (0, 2)


class TestTwoPeriods:
    def test_the_sums_over_customers_in_both(self):
        contacts = [
            sent("ann", opened=DAY),
            sent("ann", at=APRIL.start, opened=DAY),
            sent("ann", at=APRIL.start),
            sent("ben", at=APRIL.start),
            sent(None, opened=DAY),
            got("ann", sentiment="0.5", solved=DAY, solved_by="agent"),
            got("ann", sentiment="-0.25", at=APRIL.start, solved=DAY, solved_by="self_service"),
        ]
        april, march = interaction_facts(contacts, [APRIL, MARCH], against={APRIL: MARCH}, as_of=KNOWN)
        assert not march.cross
        assert set(april.cross) == {
            "engagement_rate",
            "answered_rate",
            "self_service_rate",
            "sentiment_score",
            "conversion_rate",
            "upsell_rate",
        }
        assert april.cross["engagement_rate"] == CrossSums(n=3, xx=2, xy=2, yx=1, yy=1)
        assert april.cross["sentiment_score"] == CrossSums(n=1, xx=1, xy=5, yx=-25, yy=-125)
        assert april.cross["self_service_rate"] == CrossSums(n=1, xx=1, xy=0, yx=1, yy=0)

    def test_only_those_that_were_asked_for(self):
        contacts = [sent("ann"), sent("ann", at=APRIL.start, opened=DAY)]
        for metrics in (["engagement_rate"], ["mention_count"], ["self_service_rate", "upsell_rate"]):
            april, march = interaction_facts(
                contacts, [APRIL, MARCH], against={APRIL: MARCH}, metrics=metrics, as_of=KNOWN
            )
            assert set(april.cross) == set(metrics) - {"mention_count"}
            assert bool(march.memory) is bool(april.cross)

    def test_the_same_definition_is_counted_once_however_it_is_written(self):
        april, march = interaction_facts(
            [sent("ann", kind="approach", ordered=DAY)],
            [APRIL, MARCH],
            against={APRIL: MARCH},
            metrics=["conversion_rate"],
            as_of=KNOWN,
        )
        before = len(march.memory)
        month = timedelta(days=30)
        assert pair(read_conversion_rate(march, within=month, kind="approach", of="all")) == (1, 1)
        assert len(march.memory) == before
        assert pair(read_conversion_rate(march, within=HOUR)) == (0, 1)
        assert len(march.memory) == before + 1
        assert april.cross["conversion_rate"].n == 1

    def test_what_can_not_be_looked_up_is_counted_all_the_same(self):
        (march,) = interaction_facts([sent("ann", opened=DAY)], [MARCH], as_of=KNOWN)
        before = dict(march.memory)
        assert pair(read_engagement_rate(march, within=WEEK, responses=["opened"])) == (1, 1)
        assert not any("responses" in str(key) for key in march.memory.keys() - before.keys())

    def test_without_as_of_only_those_that_need_none(self):
        april, _ = interaction_facts([sent("ann")], [APRIL, MARCH], against={APRIL: MARCH})
        assert set(april.cross) == {"self_service_rate", "sentiment_score"}

    def test_of_another_definition(self):
        contacts = [
            one
            for at in (NOON, APRIL.start)
            for one in (sent("ann", at=at, opened=2 * DAY), sent("ann", at=at, channel="sms", clicked=HOUR))
        ]
        options = {"engagement_rate": {"within": DAY}, "conversion_rate": {"of": "new"}}
        april, march = interaction_facts(
            [*contacts, sent("ann", kind="approach")],
            [APRIL, MARCH],
            against={APRIL: MARCH},
            options=options,
            as_of=KNOWN,
        )
        assert april.cross["engagement_rate"] == CrossSums(n=1, xx=6, xy=2, yx=3, yy=1)
        assert "conversion_rate" not in april.cross  # there are no orders, and so no such figure
        assert not march.cross


class TestBy:
    CONTACTS: ClassVar = [
        sent("ann", opened=DAY),
        sent("ben"),
        sent("ann", channel="sms", clicked=DAY),
        sent("ann", channel="push", at=NOON + 9 * DAY),
        sent("ann", channel="fax", at=NOON + 40 * DAY),
        got("ann", channel="telephone"),
    ]

    def test_by_channel(self):
        found = rt.interactions_by(
            rt.engagement_rate, iter(self.CONTACTS), key="channel", period=MARCH, within=WEEK, as_of=KNOWN
        )
        assert {name: pair(ratio) for name, ratio in found.items()} == {
            "e-mail": (1, 2),
            "push": (0, 1),
            "sms": (1, 1),
        }
        assert list(found) == ["e-mail", "push", "sms"]

    def test_contacts_that_are_too_young_are_not_passed_over_in_silence(self):
        found = rt.interactions_by(
            rt.engagement_rate,
            [*self.CONTACTS, sent("ann", channel="letter", at=NOON + 19 * DAY)],
            key="channel",
            period=MARCH,
            within=WEEK,
            as_of=NOON + 10 * DAY,
        )
        assert {name: pair(ratio) for name, ratio in found.items()} == {
            "e-mail": (1, 2),
            "sms": (1, 1),
            "push": (0, 0),
        }

    def test_by_kind_and_by_any_key(self):
        asked = [got("ann", kind="case", answered=DAY), got("ben", kind="chat"), got("ben", kind="chat")]
        found = rt.interactions_by(rt.answered_rate, asked, key="kind", period=MARCH, within=None)
        assert {name: pair(ratio) for name, ratio in found.items()} == {"chat": (0, 2), "case": (1, 1)}
        country = {"ann": "AT"}
        found = rt.interactions_by(
            rt.answered_rate,
            asked,
            key=lambda contact: country.get(contact.customer_id),
            period=MARCH,
            within=None,
        )
        assert list(found) == [None, "AT"]

    @pytest.mark.parametrize(
        "metric, sizes",
        [
            (rt.mention_count, {"e-mail": 1}),
            (rt.sentiment_score, {"e-mail": 1, "sms": 0}),
            (rt.first_response_days, {"sms": 1}),
        ],
    )
    def test_figures_of_every_sort(self, metric, sizes):
        contacts = [got("ann", kind="mention", sentiment=1), got("ann", answered=DAY, channel="sms")]
        found = rt.interactions_by(metric, contacts, key="channel", period=MARCH)
        assert {
            name: figure if isinstance(figure, int) else figure.count for name, figure in found.items()
        } == sizes

    def test_of_existing_customers(self):
        shop = TestConversion.SHOP
        found = rt.interactions_by(
            rt.conversion_rate, shop, key="channel", period=MARCH, within=None, of="new"
        )
        assert {name: pair(ratio) for name, ratio in found.items()} == {"e-mail": (1, 2), "sms": (0, 1)}

    def test_a_shop_says_how_it_is_read(self):
        shop = rt.Shop(interactions=self.CONTACTS, as_of=NOON + 9 * DAY)
        found = rt.interactions_by(rt.engagement_rate, shop, key="channel", period=MARCH, within=WEEK)
        assert {ratio.partial for ratio in found.values()} == {True}
        with pytest.raises(rt.ConflictingArgumentError, match="contradicts the Shop"):
            rt.interactions_by(rt.mention_count, shop, key="channel", period=MARCH, as_of=KNOWN)

    def test_groups_that_cannot_be_seen_are_not_0(self):
        found = rt.interactions_by(
            rt.answered_rate, [got("ann")], key="channel", period=MARCH, within=None, observed_from=NOON
        )
        assert [ratio.observable for ratio in found.values()] == [False]

    @pytest.mark.parametrize("name", ["min_channels", "max_channels"])
    def test_several_channels_by_channel_make_no_sense(self, name):
        ask = partial(
            rt.interactions_by, rt.engagement_rate, self.CONTACTS, period=MARCH, within=WEEK, as_of=KNOWN
        )
        with pytest.raises(rt.ConflictingArgumentError, match=f'{name}= can\'t be had with key="channel"'):
            ask(key="channel", **{name: 1})
        assert ask(key="kind", **{name: 1})

    @pytest.mark.parametrize(
        "key, message",
        [
            ("chanel", "did you mean 'channel'"),
            ("customer_id", r"give a function, as in key=lambda interaction: country_of\[interaction"),
            (None, 'key must be "channel", "kind", or a function of the interaction, not NoneType'),
            (
                lambda contact: [contact.channel],
                "key must give something with a hash, such as a text, not list",
            ),
        ],
    )
    def test_keys(self, key, message):
        with pytest.raises((rt.InvalidValueError, rt.InvalidTypeError), match=message):
            rt.interactions_by(rt.answered_rate, [got("ann")], key=key, period=MARCH)

    @pytest.mark.parametrize(
        "metric, message",
        [
            ("engagement_rate", r"the function itself, not str \(got 'engagement_rate'\)"),
            (rt.order_count, "not order_count, which counts orders"),
            (rt.net_promoter_score, "not net_promoter_score, which counts survey responses"),
        ],
    )
    def test_metrics_of_other_things(self, metric, message):
        with pytest.raises(rt.InvalidTypeError, match=f"takes a metric of contacts such as .*{message}"):
            rt.interactions_by(metric, [], key="channel", period=MARCH)
        with pytest.raises(rt.InvalidTypeError, match="not engagement_rate, which counts contacts"):
            rt.survey_by(rt.engagement_rate, [], key="channel", period=MARCH)

    def test_a_metric_of_your_own(self):
        unsolved = partial(rt.self_service_rate, kind="case")
        contacts = [got("ann", kind="case", solved=DAY, solved_by="agent"), got("ann")]
        found = rt.interactions_by(unsolved, contacts, key="channel", period=MARCH)
        assert [pair(ratio) for ratio in found.values()] == [(0, 1)]
        assert rt.interactions_by(lambda *_, **__: 1, contacts, key="kind", period=MARCH) == {
            "case": 1,
            "question": 1,
        }

    def test_nothing_there(self):
        assert rt.interactions_by(rt.answered_rate, [], key="channel", period=MARCH) == {}
        with pytest.raises(rt.InvalidTypeError, match="period must be a Period"):
            rt.interactions_by(rt.answered_rate, [], key="channel", period="2026-03")


OF_THE_ROOM = [spec for spec in rt.METRICS.values() if spec.inputs[0] in {"interactions", "checkouts"}]
ORDER = (
    "period",
    "abandoned_after",
    "within",
    "responses",
    "kind",
    "of",
    "channel",
    "min_channels",
    "max_channels",
)


class TestWindows:
    @pytest.mark.parametrize("metric", [rt.conversion_rate, rt.upsell_rate, rt.answered_rate])
    def test_none_is_taken_in_silence(self, metric):
        with pytest.raises(TypeError, match="missing 1 required keyword-only argument: 'within'"):
            metric([sent("ann")], period=MARCH)

    @pytest.mark.parametrize("spec", OF_THE_ROOM, ids=lambda spec: spec.id)
    def test_all_have_one_order_of_keywords(self, spec):
        keywords = list(spec.function.__kwdefaults__ or {})
        names = [name for name in inspect.signature(spec.function).parameters if name in ORDER]
        assert names == sorted(names, key=ORDER.index)
        assert set(keywords) <= set(names)
        read = [name for name in inspect.signature(spec.read).parameters if name in ORDER]
        assert read == [name for name in names if name != "period"]

    @pytest.mark.parametrize("metric", [rt.conversion_rate, rt.upsell_rate, rt.answered_rate])
    def test_without_one_two_months_are_not_compared(self, metric):
        contacts = [
            one
            for at in (NOON, APRIL.start)
            for who in ("ann", "ben")
            for one in (
                sent(who, at=at, kind="approach", ordered=DAY),
                sent(who, at=at, kind="offer", ordered=DAY),
                got(who, at=at, answered=DAY),
            )
        ]
        ask = partial(metric, contacts, as_of=KNOWN)
        longer, equal = (
            rt.compare(ask(period=APRIL, within=within), ask(period=MARCH, within=within))
            for within in (None, WEEK)
        )
        assert "has been watched for longer" in longer.untested_because
        assert equal.untested_because is None or "watched" not in equal.untested_because

    def test_those_that_never_have_one_are_not_compared(self):
        contacts = [
            got(who, at=at, solved=DAY, solved_by="agent") for at in (NOON, APRIL.start) for who in ("a", "b")
        ]
        found = rt.compare(*(rt.self_service_rate(contacts, period=month) for month in (APRIL, MARCH)))
        assert "has been watched for longer" in found.untested_because
        for metric in (rt.first_response_days, rt.resolution_days, rt.self_service_rate):
            assert metric(contacts, period=MARCH).basis.open_ended


REFUSED: list[tuple[Any, dict[str, Any], type[Exception], str]] = [
    (rt.engagement_rate, {"within": 7}, rt.InvalidTypeError, "within must be a timedelta or a relativedelta"),
    (
        rt.engagement_rate,
        {"within": -DAY},
        rt.InvalidValueError,
        "engagement_rate: within must be longer than",
    ),
    (
        rt.engagement_rate,
        {"within": None},
        rt.InvalidTypeError,
        "engagement_rate: within must be a timedelta",
    ),
    (
        rt.engagement_rate,
        {"responses": ("open",)},
        rt.InvalidValueError,
        r"responses has an unknown one \(got 'open'\); did you mean 'opened'\?",
    ),
    (
        rt.engagement_rate,
        {"responses": ("ordered",)},
        rt.InvalidValueError,
        "orders are counted by conversion_",
    ),
    (
        rt.engagement_rate,
        {"responses": (1,)},
        rt.InvalidTypeError,
        r"unknown one \(got 1\); there are 'opened'",
    ),
    (rt.engagement_rate, {"responses": "clicked"}, rt.InvalidTypeError, r"write responses=\('clicked',\)"),
    (
        rt.engagement_rate,
        {"responses": 3},
        rt.InvalidTypeError,
        r"a set of words, not int \(got 3\); write for",
    ),
    (rt.engagement_rate, {"responses": ()}, rt.InvalidValueError, "must name at least one"),
    (
        rt.engagement_rate,
        {"min_channels": 0},
        rt.InvalidValueError,
        r"min_channels must be at least 1 \(got 0\)",
    ),
    (
        rt.engagement_rate,
        {"max_channels": True},
        rt.InvalidTypeError,
        "max_channels must be an int, not bool",
    ),
    (rt.engagement_rate, {"min_channels": "3"}, rt.InvalidTypeError, r"an int, not str \(got '3'\)"),
    (
        rt.engagement_rate,
        {"min_channels": 3, "max_channels": 2},
        rt.ConflictingArgumentError,
        r"min_channels must not be above max_channels \(got 3 and 2\)",
    ),
    (
        rt.engagement_rate,
        {"channel": 1},
        rt.InvalidTypeError,
        'channel must be a word such as "e-mail", not int',
    ),
    (
        rt.engagement_rate,
        {"channel": " "},
        rt.InvalidValueError,
        r"\(got ' '\); leave it out for every channel",
    ),
    (rt.engagement_rate, {"as_of": None}, rt.AsOfRequiredError, "engagement_rate with within= needs as_of="),
    (rt.answered_rate, {"within": DAY}, rt.AsOfRequiredError, "answered_rate with within= needs as_of="),
    (rt.answered_rate, {"within": 1}, rt.InvalidTypeError, "answered_rate: within must be"),
    (
        rt.answered_rate,
        {"kind": ["case"]},
        rt.InvalidTypeError,
        'kind must be a word such as "question", not list',
    ),
    (rt.answered_rate, {"kind": "Case"}, rt.InvalidValueError, r"\(got 'Case'\); write \"case\""),
    (rt.first_response_days, {"kind": 1}, rt.InvalidTypeError, "first_response_days: kind must be a word"),
    (rt.resolution_days, {"channel": 1}, rt.InvalidTypeError, "resolution_days: channel must be a word"),
    (rt.self_service_rate, {"kind": ""}, rt.InvalidValueError, "self_service_rate: kind must not be empty"),
    (rt.mention_count, {"channel": 1}, rt.InvalidTypeError, "mention_count: channel must be a word"),
    (rt.sentiment_score, {"kind": 1}, rt.InvalidTypeError, "sentiment_score: kind must be a word"),
    (rt.conversion_rate, {"of": "old"}, rt.InvalidValueError, r'"existing" or "new" \(got \'old\'\)$'),
    (rt.conversion_rate, {"of": "exsting"}, rt.InvalidValueError, "did you mean 'existing'"),
    (
        rt.conversion_rate,
        {"of": None},
        rt.InvalidTypeError,
        r'of must be "all", "existing" or "new" \(got None',
    ),
    (rt.conversion_rate, {"kind": None}, rt.InvalidTypeError, "conversion_rate: kind must be a word"),
    (rt.conversion_rate, {"within": DAY}, rt.AsOfRequiredError, "conversion_rate with within= needs as_of="),
    (rt.upsell_rate, {"within": DAY}, rt.AsOfRequiredError, "upsell_rate with within= needs as_of="),
    (rt.upsell_rate, {"channel": 1}, rt.InvalidTypeError, "upsell_rate: channel must be a word"),
    (rt.upsell_rate, {"chanel": "x"}, TypeError, "there is no keyword chanel="),
    (rt.upsell_rate, {"period": "2026-03"}, rt.InvalidTypeError, "period must be a Period"),
]


@pytest.mark.parametrize(
    "metric, keywords, error, message", REFUSED, ids=[f"{one[0].__name__} {one[1]}" for one in REFUSED]
)
def test_refused(metric, keywords, error, message):
    due = {"within": None} if metric in {rt.answered_rate, rt.conversion_rate, rt.upsell_rate} else {}
    usual = {"within": WEEK, "as_of": KNOWN} if metric is rt.engagement_rate else due
    with pytest.raises(error, match=message):
        metric([sent("ann")], **{"period": MARCH, **usual, **keywords})


@pytest.mark.parametrize(
    "given, error, message",
    [
        (
            [make_orders({"ann": ["2026-03-01"]})[0]],
            rt.InvalidTypeError,
            r"interactions\[0\] must be an Inter",
        ),
        ("contacts", rt.InvalidTypeError, "interactions must be an iterable of Interactions, not str"),
        ([sent("ann", id=1), sent("ben", id=1)], rt.DuplicateRecordError, "Interaction.id 1 stands twice"),
    ],
)
def test_what_is_no_contact(given, error, message):
    with pytest.raises(error, match=message):
        engagement(given)


def test_a_snapshot_shows_each_with_a_window_and_compares_it():
    contacts = [
        one
        for month in (NOON, NOON + 31 * DAY)
        for number in range(30)
        for one in (
            sent(number, at=month, **({"opened": DAY} if number % (3 if month is NOON else 2) else {})),
            sent(number, at=month, kind="approach"),
            got(number, at=month, answered=DAY, sentiment="0.5" if number % 2 else "-0.5"),
        )
    ]
    shop = rt.Shop(interactions=contacts, as_of=KNOWN)
    snap = rt.snapshot(shop, period=APRIL, metrics=["engagement_rate", "conversion_rate", "sentiment_score"])
    assert snap.figure("engagement_rate").options == (("within", "7 days"),)
    assert snap.figure("conversion_rate").options == (("within", "30 days"),)
    assert snap.change("engagement_rate").p_value is not None
