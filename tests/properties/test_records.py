"""What holds for every record."""

from __future__ import annotations

import copy
import pickle
from datetime import UTC, datetime, timedelta, timezone
from decimal import Context, Decimal, localcontext

import attrs
import pytest
from hypothesis import assume, given, strategies as st

from retention._mapping import FrozenMapping
from retention._validate import EXACT, exact_sum
from retention.errors import RetentionError, shown
from retention.records import Customer, Order, Refund, SurveyResponse

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
NEEDED = {"id": 1, "customer_id": 2, "placed_at": NOON, "amount": 5, "currency": "EUR"}

anything = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.decimals(),
    st.text(),
    st.binary(),
    st.datetimes(),
    st.datetimes(timezones=st.just(UTC)),
    st.timedeltas(),
    st.lists(st.one_of(st.integers(), st.text())),
    st.dictionaries(st.text(), st.integers()),
    st.builds(Refund, refunded_at=st.just(NOON), amount=st.integers(0, 9)),
    st.builds(object),
)
offsets = st.timedeltas(timedelta(hours=-23), timedelta(hours=23)).map(timezone)


def tried(kind, /, **values):
    """A record, or None and what was wrong."""
    try:
        return kind(**values), ""
    except RetentionError as error:
        return None, str(error)


class TestConstruction:
    """A record refuses what could not be counted right with an error of the library, and nothing else happens."""

    @given(st.sampled_from(attrs.fields(Order)), anything)
    def test_orders(self, attribute, value):
        order, message = tried(Order, **{**NEEDED, attribute.name: value})
        if order is None:
            assert "Order" in message
            assert attribute.name in message
            assert "\n" not in message
        else:
            assert copy.copy(order) == attrs.evolve(order) == order
            assert isinstance(hash(order), int)

    @given(st.sampled_from(attrs.fields(Customer)), anything)
    def test_customers(self, attribute, value):
        customer, message = tried(Customer, **{"id": 1, attribute.name: value})
        if customer is None:
            assert attribute.name in message
        else:
            assert copy.copy(customer) == attrs.evolve(customer) == customer
            assert isinstance(hash(customer), int)

    @given(st.sampled_from(attrs.fields(SurveyResponse)), anything)
    def test_responses(self, attribute, value):
        given_ = {"kind": "csat", "score": 4, "scale": (1, 5), "responded_at": NOON, attribute.name: value}
        response, message = tried(SurveyResponse, **given_)
        if response is None:
            assert "SurveyResponse" in message
            assert "\n" not in message
        else:
            assert copy.copy(response) == attrs.evolve(response) == response
            assert isinstance(hash(response), int)


class TestScores:
    """A score outside its scale, or a fraction on a whole-number scale, is refused; all others are kept exactly."""

    @given(
        st.one_of(st.integers(-20, 20), st.decimals(-20, 20, places=2), st.floats(-20, 20)),
        st.tuples(st.integers(-9, 9), st.integers(-9, 9)).filter(lambda ends: ends[0] < ends[1]),
        st.booleans(),
        st.integers(1, 9),
    )
    def test_scores(self, score, ends, whole, precision):
        scale = ends if whole else tuple(map(Decimal, ends))
        exact = Decimal(str(score))
        fits = ends[0] <= exact <= ends[1] and (not whole or exact == exact.to_integral_value())
        assume(not isinstance(exact.as_tuple().exponent, int) or exact.as_tuple().exponent >= -18)
        with localcontext(Context(prec=precision)):
            response, _ = tried(SurveyResponse, kind="own", score=score, scale=scale, responded_at=NOON)
        assert (response is not None) == fits
        if response is not None:
            assert response.score == exact
            assert type(response.score) is (int if whole else Decimal)


class TestInstants:
    """Instants are compared, ordered and hashed as instants."""

    @given(st.datetimes(timezones=offsets), offsets)
    def test_wherever_the_clock_hangs(self, moment, zone):
        assume(2 < moment.year < 9998)
        one = Order(**{**NEEDED, "placed_at": moment})
        two = Order(**{**NEEDED, "placed_at": moment.astimezone(zone)})
        assert one == two
        assert hash(one) == hash(two)
        assert one.placed_at.tzinfo is UTC


class TestMoney:
    """Sums are exact whatever the host's ambient decimal context."""

    @given(st.lists(st.decimals(min_value=0, max_value=10**15, places=3)), st.integers(1, 9))
    def test_sums(self, values, precision):
        expected = sum(int(value * 1000) for value in values)
        with localcontext(Context(prec=precision)):
            total = exact_sum(values)
        assert EXACT.multiply(total, Decimal(1000)) == expected

    @given(st.lists(st.integers(0, 10**6), min_size=1, max_size=5), st.integers(-1, 1))
    def test_refunds_up_to_the_amount(self, cents, beyond):
        refunds = [Refund(refunded_at=NOON, amount=Decimal(one).scaleb(-2)) for one in cents]
        amount = Decimal(sum(cents) - beyond).scaleb(-2)
        assume(amount >= 0)
        if beyond > 0:
            with pytest.raises(RetentionError, match="must not add up to more than amount"):
                Order(**{**NEEDED, "amount": amount, "refunds": refunds})
        else:
            assert Order(**{**NEEDED, "amount": amount, "refunds": refunds}).refunds == tuple(refunds)


class TestMappings:
    """A read-only copy, in the order of the original, that shows nothing of what it holds."""

    @given(st.dictionaries(st.text(), st.text(min_size=20)))
    def test_like_a_dict(self, given_items):
        mapping = FrozenMapping(given_items)
        assert dict(mapping) == given_items
        assert list(mapping) == list(given_items)
        assert pickle.loads(pickle.dumps(mapping)) == mapping
        assert not any(value in repr(mapping) for value in given_items.values())


@given(anything)
def test_values_are_shown_in_characters_that_can_be_seen(value):
    assert shown(value).isprintable()
