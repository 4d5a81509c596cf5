"""The curves of a shop against plain loops and statsmodels: CDNOW's orders, and hostile little shops of every kind.

The oracles walk over the records one by one and know nothing of the package; the estimator beside them multiplies
fractions, as one would on paper. Times are whole numbers of half microseconds, so that "just before" an instant is
one, too.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import Any, NamedTuple

import pytest
from hypothesis import given, settings, strategies as st
from statsmodels.duration.survfunc import SurvfuncRight

import retention as rt
from retention.metrics import (
    first_response_curve,
    next_purchase_curve,
    resolution_curve,
    second_purchase_curve,
    subscriber_curve,
)
from retention.survival import SurvivalCurve
from tests.reference import (
    test_random_baskets_contacts_programs as contacts,
    test_random_subscriptions as spans,
)
from tests.reference.oracle import cdnow_records, read_rows
from tests.reference.oracle_subscriptions import GROUPS, Account, Book, tick
from tests.reference.test_cdnow import AS_OF, MONTHS, SAMPLE
from tests.reference.test_random_shops import Scene, scenes, to_orders


class Time(NamedTuple):
    """One spell: from when on it was watched, how long it lasted or was watched, and why it ended, if it did."""

    entered: int
    lasted: int
    why: str | None


# --------------------------------------------------------------------------- what is expected, on paper


class Step(NamedTuple):
    """An estimate just after a time."""

    at: int
    at_risk: int
    survival: Fraction
    incidence: dict[str, Fraction]


def on_paper(times: list[Time]) -> Iterator[Step]:
    """Kaplan and Meier, Aalen and Johansen, up to where nobody is left though others come later."""
    survival, incidence = Fraction(1), dict.fromkeys({each.why for each in times if each.why}, Fraction())
    for at in sorted({each.lasted for each in times}):
        watched = [each for each in times if each.lasted >= at and (not each.entered or each.entered < at)]
        ended = [each for each in watched if each.why and each.lasted == at]
        runs_dry = all(each.lasted == at for each in watched) and any(each.lasted > at for each in times)
        if runs_dry and len(ended) == len(watched):
            return
        if ended:
            for why in incidence:
                incidence[why] += survival * Fraction(sum(each.why == why for each in ended), len(watched))
            survival *= 1 - Fraction(len(ended), len(watched))
            yield Step(at, len(watched), survival, dict(incidence))
        if runs_dry and not any(each.entered == at for each in times):
            return


def assert_curve(curve: SurvivalCurve, times: list[Time]) -> None:
    """The counts, and every step; between two of them, the curve is what it was after the first."""
    assert (curve.count, curve.ended) == (len(times), sum(each.why is not None for each in times))
    assert curve.censored == curve.count - curve.ended
    assert (curve.undefined_because is None) == bool(times)
    before = None
    for step in on_paper(times):
        assert step.at % 2 == 0
        if before is not None:
            assert_step(curve, before, timedelta(microseconds=step.at // 2 - 1))
        assert_step(curve, step, timedelta(microseconds=step.at // 2))
        assert curve.survival(timedelta(microseconds=step.at // 2)).at_risk >= 0
        before = step


def assert_step(curve: SurvivalCurve, step: Step, at: timedelta) -> None:
    assert curve.survival(at).value == pytest.approx(float(step.survival), abs=1e-12)
    assert curve.incidence(at).value == pytest.approx(float(1 - step.survival), abs=1e-12)
    for why, share in step.incidence.items():
        if len(step.incidence) > 1:
            assert curve.incidence(at, cause=why).value == pytest.approx(float(share), abs=1e-12)


def known_time(begun: datetime, end: datetime | None, as_of: datetime) -> Time:
    """A spell as it was known: what happened later had not happened."""
    if end is None or end > as_of:
        return Time(0, tick(as_of) - tick(begun), None)
    return Time(0, tick(end) - tick(begun), "it ended")


# ------------------------------------------------------------------------------------------ purchases


def purchases(records: Iterable[dict[str, Any]], as_of: datetime, **policy: Any) -> dict[Any, list[datetime]]:
    """Each known customer's purchases, by instant."""
    found: dict[Any, list[datetime]] = {}
    for record in records:
        if is_purchase(record, as_of, **policy):
            found.setdefault(record["customer_id"], []).append(record["placed_at"].astimezone(UTC))
    return {who: sorted(instants) for who, instants in found.items()}


def is_purchase(
    record: dict[str, Any], as_of: datetime, *, least: int | None = 0, currency: str | None = None
) -> bool:
    cancelled = record.get("cancelled_at")
    net = record["amount"] - sum(minor for made, minor in record.get("refunds", ()) if made <= as_of)
    return (
        record["customer_id"] is not None
        and record["placed_at"] <= as_of
        and currency in {None, record["currency"]}
        and not record.get("is_test")
        and record.get("payment_state") not in {"pending", "failed"}
        and not (cancelled is not None and cancelled <= as_of)
        and not {"exchange", "gift-card"} & set(record.get("tags", ()))
        and (least is None or net > least)
    )


def waits_of_customers(
    bought: dict[Any, list[datetime]], period: rt.Period, as_of: datetime, after: int | None
) -> list[Time]:
    """One of each customer: from the first purchase in the period, or from that of a rank, to the next."""
    found = []
    for instants in bought.values():
        here = [place for place, at in enumerate(instants) if period.start <= at < period.end]
        for place in here[:1] if after is None else [each for each in here if each == after - 1]:
            later = instants[place + 1] if place + 1 < len(instants) else None
            found.append(known_time(instants[place], later, as_of))
    return found


RECORDS = cdnow_records(read_rows(SAMPLE))
BOUGHT = purchases(RECORDS, AS_OF)


@pytest.fixture(scope="module")
def history() -> rt.History:
    orders = [
        rt.Order(
            id=record["order_id"],
            customer_id=record["customer_id"],
            placed_at=record["placed_at"],
            amount=record["amount"],
            currency="USD",
        )
        for record in RECORDS
    ]
    return rt.History(orders, as_of=AS_OF)


class TestRealOrders:
    @pytest.mark.parametrize("after", [None, 1, 2, 3])
    def test_every_month_of_the_sample(self, history: rt.History, after: int | None) -> None:
        for month in MONTHS:
            times = waits_of_customers(BOUGHT, month, AS_OF, after)
            assert_curve(next_purchase_curve(history, period=month, after=after), times)

    @pytest.mark.parametrize("after", [None, 1, 2])
    def test_statsmodels_sees_the_same_of_the_first_quarter(
        self, history: rt.History, after: int | None
    ) -> None:
        quarter = rt.Period.quarter(1997, 1, tz="UTC")
        times = waits_of_customers(BOUGHT, quarter, AS_OF, after)
        theirs = SurvfuncRight([each.lasted for each in times], [each.why is not None for each in times])
        ours = next_purchase_curve(history, period=quarter, after=after)
        assert len(theirs.surv_times) > 100
        for at, share, error in zip(theirs.surv_times, theirs.surv_prob, theirs.surv_prob_se, strict=True):
            found = ours.survival(timedelta(microseconds=int(at) // 2))
            assert found.value == pytest.approx(share, abs=1e-12)
            low, high = found.interval()
            assert low < share < high
            assert error > 0

    def test_a_second_purchase_is_the_next_one_after_the_first(self, history: rt.History) -> None:
        quarter = rt.Period.quarter(1997, 1, tz="UTC")
        one = second_purchase_curve(history, period=quarter)
        other = next_purchase_curve(history, period=quarter, after=1)
        assert_curve(one, waits_of_customers(BOUGHT, quarter, AS_OF, 1))
        # Of 2,349 who first bought in it, more than half did not come back in 15 months, though the median of those
        # who did is two months.
        assert one == other
        assert (one.count, one.ended, one.median) == (2349, 1152, None)
        assert rt.second_purchase_days(history, period=quarter).median == pytest.approx(62, abs=15)

    def test_nobody_is_followed_for_less_than_16_days_so_that_the_incidence_is_the_rate(
        self, history: rt.History
    ) -> None:
        quarter, soon = rt.Period.quarter(1997, 1, tz="UTC"), timedelta(days=16)
        rate = rt.second_purchase_rate(history, period=quarter, within=soon, given="all")
        assert rate.denominator == 2349
        found = second_purchase_curve(history, period=quarter).incidence(soon)
        assert found.value == pytest.approx(rate.value, abs=1e-12)

    def test_where_some_are_too_young_the_rate_leaves_them_out_and_the_curve_does_not(
        self, history: rt.History
    ) -> None:
        as_of, soon = datetime(1997, 3, 20, tzinfo=UTC), timedelta(days=16)
        early = rt.History(list(history), as_of=as_of)
        quarter = rt.Period.quarter(1997, 1, tz="UTC")
        rate = rt.second_purchase_rate(early, period=quarter, within=soon, given="all")
        curve = second_purchase_curve(early, period=quarter)
        assert rate.denominator < curve.count
        assert curve.partial
        assert curve.incidence(soon).value == pytest.approx(rate.value, abs=0.01)


@settings(max_examples=80)
@given(scenes(), st.sampled_from([None, 1, 2, 3]))
def test_random_shops(scene: Scene, after: int | None) -> None:
    orders = to_orders(scene.records)
    if scene.as_of is None:
        for function in (second_purchase_curve, next_purchase_curve):
            with pytest.raises(rt.AsOfRequiredError, match="as_of="):
                function(orders, period=scene.period, **scene.reading)
        return
    least = None if scene.minimum_net is None else int(scene.minimum_net * 10_000)
    bought = purchases(scene.records, scene.as_of, least=least, currency=scene.currency)
    here = {"period": scene.period, **scene.reading}
    metric = "order_count" if after is None else "second_purchase_rate"
    curves = [next_purchase_curve(orders, after=after, **here)]
    if after == 1:
        curves.append(second_purchase_curve(orders, **here))
    for curve in curves:
        assert curve.observable is is_observable(scene, metric)
        if curve.observable:
            assert curve.partial is (scene.period.start <= scene.as_of < scene.period.end)
            assert_curve(curve, waits_of_customers(bought, scene.period, scene.as_of, after))


def is_observable(scene: Scene, metric: str) -> bool:
    """Whether the data reach the period and, of what asks who is new, the period before it."""
    plain = type(scene)(**{**_fields(scene), "inactive_after": None})
    return plain.is_observable(metric, scene.period)


def _fields(scene: Scene) -> dict[str, Any]:
    return {name: getattr(scene, name) for name in type(scene).__slots__ if not name.startswith("__")}


# -------------------------------------------------------------------------------------- subscriptions


class Stay(NamedTuple):
    """From when to when a customer was a subscriber."""

    begun: int
    end: int | None
    why: str | None


def stays(account: Account) -> Iterator[Stay]:
    """By asking at each instant at which anything changes."""
    begun = None
    for edge in account.edges:
        if begun is not None and not account.in_force(edge):
            yield Stay(begun, edge, cause(account.why_it_ended(edge)))
            begun = None
        if begun is None and account.in_force(edge) and account.mrr(edge):
            begun = edge
    if begun is not None:
        yield Stay(begun, None, None)


def cause(why: str) -> str:
    return next((group for group, reasons in GROUPS.items() if why in reasons), why)


def watched_in(stay: Stay, first: int, last: int) -> Iterator[Time]:
    """A stay as it was seen from just before one instant to another."""
    if stay.begun > last or (stay.end is not None and stay.end < first):
        return
    entered = max(0, first - 1 - stay.begun)
    if stay.end is not None and stay.end <= last:
        yield Time(entered, stay.end - stay.begun, stay.why)
    else:
        yield Time(entered, last - stay.begun, None)


def all_stays(book: Book) -> list[Stay]:
    return [stay for account in book.accounts.values() for stay in stays(account)]


@settings(max_examples=150)
@given(spans.scenes(at_least=2))
def test_random_subscriptions_in_force(scene: spans.Scene) -> None:
    book, period = scene.book(scene.bridge), scene.period
    curve = subscriber_curve(
        spans.to_subscriptions(scene.records), period=period, bridge=scene.bridge, **scene.reading
    )
    assert curve.observable is scene.is_observable("subscriber_count", period)
    if curve.observable:
        view = book.view(period.start, period.end)
        times = [time for stay in all_stays(book) for time in watched_in(stay, view.start, view.last)]
        assert_curve(curve, times)


@settings(max_examples=80)
@given(spans.scenes(at_least=2))
def test_random_subscriptions_begun(scene: spans.Scene) -> None:
    book, period = scene.book(scene.bridge), scene.period
    here = {"period": period, "bridge": scene.bridge, "of": "begun", **scene.reading}
    records = spans.to_subscriptions(scene.records)
    if scene.as_of is None:
        with pytest.raises(rt.AsOfRequiredError, match="as_of="):
            subscriber_curve(records, **here)
        return
    curve = subscriber_curve(records, **here)
    assert curve.observable is scene.is_observable("subscriber_count", period)
    if curve.observable:
        view, known_to = book.view(period.start, period.end), tick(scene.as_of)
        begun = [stay for stay in all_stays(book) if view.holds(stay.begun)]
        assert_curve(curve, [time for stay in begun for time in watched_in(stay, stay.begun, known_to)])


@settings(max_examples=60)
@given(spans.scenes(complete=True, at_least=2))
def test_adjacent_periods_watch_each_end_once(scene: spans.Scene) -> None:
    """The ends seen in a period and in the next are those seen in the two as one."""
    parts = [scene.period, scene.period.next()]
    both = rt.Period.between(parts[0].start, parts[1].end, tz=scene.period.tz)
    records = spans.to_subscriptions(scene.records)
    here = {"bridge": scene.bridge, **scene.reading}
    curves = [subscriber_curve(records, period=each, **here) for each in (*parts, both)]
    one, other, whole = (curve.ended for curve in curves)
    assert one + other == whole


# ------------------------------------------------------------------------------------------- contacts


@settings(max_examples=80)
@given(
    contacts.scenes(),
    st.sampled_from([None, *contacts.CHANNELS]),
    st.sampled_from([None, *contacts.KINDS]),
)
def test_random_contacts(scene: contacts.Scene, channel: str | None, kind: str | None) -> None:
    shop, period = scene.shop(), scene.period
    asked = {"period": period, "channel": channel, "kind": kind}
    for function, until in ((first_response_curve, "answered_at"), (resolution_curve, "solved_at")):
        curve = function(shop, **asked)
        assert curve.observable is scene.is_observable(period)
        if curve.observable:
            times = [
                known_time(record["occurred_at"], record[until], scene.as_of)
                for record in scene.contacts
                if is_asked(record, channel, kind)
                and period.start <= record["occurred_at"] < period.end
                and record["occurred_at"] <= scene.as_of
            ]
            assert_curve(curve, times)


def is_asked(record: dict[str, Any], channel: str | None, kind: str | None) -> bool:
    """Whether it came in, and waits for an answer or is of the kind that was asked for."""
    is_kind = record["kind"] == kind if kind else record["kind"] not in {"review", "mention"}
    return record["direction"] == "inbound" and channel in {None, record["channel"]} and is_kind
