"""Laws of contacts: nothing is lost between counted and left out, and parts make up the whole."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import attrs
from hypothesis import given, strategies as st

import retention as rt
from retention.testing import make_orders

MARCH = rt.Period.month(2026, 3, tz="UTC")
OPENED = datetime(2026, 2, 25, tzinfo=UTC)
KNOWN = datetime(2026, 5, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)
SHARES = (rt.engagement_rate, rt.answered_rate, rt.conversion_rate, rt.upsell_rate)
CUSTOMERS = (None, "ann", "ben", "cy", "dee")
CHANNELS = ("e-mail", "sms", "push")
OUTCOMES = {
    "outbound": ("opened_at", "clicked_at", "replied_at", "ordered_at"),
    "inbound": ("answered_at", "solved_at"),
}

hours = st.integers(0, 40 * 24)
windows = st.sampled_from([HOUR, timedelta(days=1), timedelta(days=7), timedelta(days=30)])


@st.composite
def contacts(draw: st.DrawFn) -> rt.Interaction:
    """Any contact around March; what came of it came within a month and a half."""
    at = OPENED + draw(hours) * HOUR
    direction = draw(st.sampled_from(["outbound", "inbound"]))
    more: dict[str, Any] = {
        name: at + gap * HOUR for name in OUTCOMES[direction] if (gap := draw(st.none() | hours)) is not None
    }
    if "solved_at" in more:
        more["solved_by"] = draw(st.sampled_from([None, "agent", "self_service"]))
    kinds = ("message", "approach", "offer") if direction == "outbound" else ("question", "case", "mention")
    return rt.Interaction(
        customer_id=draw(st.sampled_from(CUSTOMERS)),
        direction=direction,
        kind=draw(st.sampled_from(kinds)),
        channel=draw(st.sampled_from(CHANNELS)),
        occurred_at=at,
        sentiment=draw(st.none() | st.decimals(-1, 1, places=2)),
        **more,
    )


many = st.lists(contacts(), max_size=25)
instants = st.integers(0, 80 * 24).map(lambda gap: OPENED + gap * HOUR)


def in_march(given: Sequence[rt.Interaction], direction: str) -> list[rt.Interaction]:
    return [one for one in given if one.direction == direction and one.occurred_at in MARCH]


def pair(ratio: rt.Ratio) -> tuple[Any, Any]:
    return ratio.numerator, ratio.denominator


@given(many, windows, instants)
def test_every_contact_is_counted_or_left_out_for_a_reason(given, within, as_of):
    found = rt.engagement_rate(given, period=MARCH, within=within, as_of=as_of)
    if found.observable:
        assert found.denominator + sum(found.left_out.values()) == len(in_march(given, "outbound"))


@given(many, instants)
def test_what_came_in_is_answered_or_still_open(given, as_of):
    found = rt.first_response_days(given, period=MARCH, as_of=as_of)
    if found.observable:
        share = rt.answered_rate(given, period=MARCH, within=None, as_of=as_of)
        assert pair(share) == (found.count, found.count + found.left_out.get("not answered yet", 0))


@given(many, windows, instants)
def test_what_is_dated_later_does_not_exist(given, within, as_of):
    def forget(one: rt.Interaction) -> rt.Interaction:
        late = [name for name in OUTCOMES[one.direction] if (at := getattr(one, name)) and at > as_of]
        return attrs.evolve(one, **dict.fromkeys([*late, *(["solved_by"] if "solved_at" in late else [])]))

    known = [forget(one) for one in given]
    keywords = {"period": MARCH, "as_of": as_of}
    for metric in SHARES:
        assert metric(known, within=within, **keywords) == metric(given, within=within, **keywords)
    for metric in (rt.first_response_days, rt.resolution_days, rt.self_service_rate):
        assert metric(known, **keywords) == metric(given, **keywords)
    for metric in (rt.answered_rate, rt.conversion_rate, rt.upsell_rate):
        assert metric(known, within=None, **keywords) == metric(given, within=None, **keywords)


@given(many, windows, windows)
def test_longer_windows_hold_no_less(given, one, other):
    short, long = sorted([one, other])
    for metric in SHARES:
        found = [metric(given, period=MARCH, within=within, as_of=KNOWN) for within in (short, long)]
        assert found[0].denominator == found[1].denominator
        assert found[0].numerator <= found[1].numerator


@given(many, st.sets(st.sampled_from(["opened", "clicked", "replied"]), min_size=1), windows)
def test_more_ways_to_respond_hold_no_less(given, responses, within):
    some = rt.engagement_rate(given, period=MARCH, within=within, as_of=KNOWN, responses=responses)
    every = rt.engagement_rate(given, period=MARCH, within=within, as_of=KNOWN)
    each = [
        rt.engagement_rate(given, period=MARCH, within=within, as_of=KNOWN, responses=[response])
        for response in responses
    ]
    assert max(one.numerator for one in each) <= some.numerator <= every.numerator
    assert some.numerator <= sum(one.numerator for one in each)


@given(many, st.integers(1, 3), windows)
def test_few_channels_and_many_make_up_the_known(given, number, within):
    keywords = {"period": MARCH, "within": within, "as_of": KNOWN}
    few = rt.engagement_rate(given, max_channels=number, **keywords)
    more = rt.engagement_rate(given, min_channels=number + 1, **keywords)
    known = [one for one in given if one.customer_id is not None]
    whole = rt.engagement_rate(known, **keywords)
    assert pair(rt.Ratio(few.numerator + more.numerator, few.denominator + more.denominator)) == pair(whole)


@given(many, st.lists(st.sampled_from(["ann", "ben", "cy"]), max_size=4))
def test_existing_new_and_unknown_make_up_all(given, buyers):
    orders = make_orders({who: ["2026-01-09", "2026-03-10"] for who in buyers} | {"long ago": ["2025-01-01"]})
    shop = rt.Shop(orders=orders, interactions=given)
    existing, new, everybody = (
        rt.conversion_rate(shop, period=MARCH, within=None, of=of) for of in ("existing", "new", "all")
    )
    strangers = [one for one in given if one.customer_id is None]
    unknown = rt.conversion_rate(strangers, period=MARCH, within=None)
    parts = (existing, new, unknown)
    assert sum(part.numerator for part in parts) == everybody.numerator
    assert sum(part.denominator for part in parts) == everybody.denominator
    assert existing.left_out == new.left_out
    assert sum(new.left_out.values()) == unknown.denominator


@given(many, windows)
def test_channels_and_customers_make_up_the_whole(given, within):
    for metric in SHARES:
        whole = metric(given, period=MARCH, within=within, as_of=KNOWN)
        for key in ("channel", lambda one: one.customer_id):
            parts = rt.interactions_by(metric, given, key=key, period=MARCH, within=within, as_of=KNOWN)
            assert pair(rt.Ratio.pool(parts.values())) == pair(whole)
    counts = rt.interactions_by(rt.mention_count, given, key="channel", period=MARCH)
    assert sum(counts.values()) == rt.mention_count(given, period=MARCH)


@given(many)
def test_sentiment_is_the_mean_of_what_has_one(given):
    found = rt.sentiment_score(given, period=MARCH)
    felt = [one.sentiment for one in in_march(given, "inbound") if one.sentiment is not None]
    assert found.count == len(felt)
    if felt:
        assert found.value == float(sum(map(Fraction, felt), Fraction(0)) / len(felt))
        assert dict(found.parts) == {
            "good": sum(one > 0 for one in felt),
            "neutral": felt.count(Decimal(0)),
            "bad": sum(one < 0 for one in felt),
        }


@given(many, st.randoms(use_true_random=False))
def test_order_of_input_is_irrelevant(given, random):
    shuffled = random.sample(given, len(given))
    for metric in (rt.first_response_days, rt.resolution_days, rt.self_service_rate, rt.sentiment_score):
        assert metric(shuffled, period=MARCH) == metric(given, period=MARCH)
