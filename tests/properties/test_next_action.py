"""What holds of one customer's next action whatever the shop: each test quotes what it tests."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from hypothesis import given, strategies as st

from retention import Checkout, Customer, Interaction, Order, Refund, Shop, Subscription, SurveyResponse
from retention.strategies import CUSTOMER_RULES, CustomerRules, customer_situations, recommend_for
from retention.strategies._customer_fields import FIELDS
from retention.strategies._next_action import matching

DAY_0 = datetime(2026, 1, 1, tzinfo=UTC)
DAYS = 120
AS_OF = DAY_0 + timedelta(days=DAYS)
NAMES = "abcd"

days = st.integers(0, DAYS - 1)
names = st.sampled_from([*NAMES, None])


def day(number):
    return DAY_0 + timedelta(days=number)


def later(drawn, start):
    """An instant from `start` on, or none."""
    number = drawn(st.none() | st.integers(start, DAYS))
    return None if number is None else day(number)


@st.composite
def orders(draw):
    placed = draw(days)
    amount = Decimal(draw(st.sampled_from([5, 10, 80])))
    refunded = draw(st.sampled_from([None, None, amount, amount - 1]))
    cancelled = draw(st.sampled_from([None, None, None, "customer", "payment", "stock"]))
    return {
        "customer_id": draw(names),
        "placed_at": day(placed),
        "amount": amount,
        "refunds": () if refunded is None else ((day(draw(st.integers(placed, DAYS))), refunded),),
        "currency": "EUR",
        "payment_state": draw(st.sampled_from(["paid", "paid", "failed", "pending"])),
        "cancelled_at": cancelled and day(draw(st.integers(placed, DAYS))),
        "cancel_reason": cancelled,
    }


@st.composite
def interactions(draw):
    start = draw(days)
    more = {
        "answered_at": later(draw, start),
        "solved_at": later(draw, start),
        "sentiment": draw(st.none() | st.sampled_from(["-1", "0.5"])),
    }
    direction = draw(st.sampled_from(["inbound", "outbound"]))
    return {
        "customer_id": draw(names),
        "kind": draw(st.sampled_from(["question", "case", "review"])),
        "direction": direction,
        "channel": "e-mail",
        "occurred_at": day(start),
        **(more if direction == "inbound" else {}),
    }


@st.composite
def subscriptions(draw):
    start = draw(days)
    end = later(draw, start)
    return {
        "customer_id": draw(st.sampled_from(NAMES)),
        "amount": Decimal(10),
        "currency": "EUR",
        "interval": "month",
        "started_at": day(start),
        "ended_at": end,
        "end_reason": end and draw(st.sampled_from([None, "customer", "payment"])),
    }


@st.composite
def checkouts(draw):
    start = draw(days)
    return {"customer_id": draw(names), "begun_at": day(start), "ordered_at": later(draw, start)}


responses = st.fixed_dictionaries(
    {"customer_id": names, "kind": st.just("nps"), "score": st.integers(0, 10), "responded_at": days.map(day)}
)
customers = st.fixed_dictionaries(
    {
        "signed_up_at": st.none() | days.map(day),
        "loyalty_joined_at": st.none() | days.map(day),
        "referred_by": st.none() | st.sampled_from(NAMES),
    }
)
KINDS = {
    "orders": (Order, orders(), 12),
    "interactions": (Interaction, interactions(), 5),
    "subscriptions": (Subscription, subscriptions(), 3),
    "checkouts": (Checkout, checkouts(), 4),
    "responses": (SurveyResponse, responses, 4),
}


@st.composite
def records(draw):
    """Few customers on few days, so that ties are common: the rows of a shop, by kind."""
    found = {
        kind: [{"id": number, **row} for number, row in enumerate(draw(st.lists(rows, max_size=most)))]
        for kind, (_, rows, most) in KINDS.items()
    }
    found["customers"] = [
        row
        for name in sorted(draw(st.sets(st.sampled_from(NAMES))))
        if (row := {"id": name, **draw(customers)})["referred_by"] != name
    ]
    return found


def with_records(row):
    if "refunds" not in row:
        return row
    return {**row, "refunds": [Refund(refunded_at=at, amount=amount) for at, amount in row["refunds"]]}


def shop_of(rows, **more):
    made = {
        kind: [record(**with_records(row)) for row in rows[kind]] for kind, (record, _, _) in KINDS.items()
    }
    return Shop(as_of=AS_OF, customers=[Customer(**row) for row in rows["customers"]], **made, **more)


def actions(situations):
    return {customer_id: recommend_for(customer_id, situations) for customer_id in situations}


class TestOneAction:
    @given(records())
    def test_every_rule_has_exactly_one_outcome(self, rows):
        """ "Three outcomes: recommended, not recommended, skipped with a reason." """
        for action in actions(customer_situations(shop_of(rows))).values():
            held = [] if action.chosen is None else [action.chosen]
            told = [*held, *action.also, *action.rejected, *action.skipped]
            assert sorted(each.rule.id for each in told) == sorted(CUSTOMER_RULES)
            assert all(each.why for each in told)
            assert action.explain()

    @given(records())
    def test_the_heaviest_rule_that_holds_wins(self, rows):
        """ "Of the rules that hold the one with the most weight wins, of equal ones the first by id." """
        for action in actions(customer_situations(shop_of(rows))).values():
            if action.chosen is not None:
                ranks = [(-each.rule.weight, each.rule.id) for each in (action.chosen, *action.also)]
                assert ranks == sorted(ranks)

    @given(records())
    def test_all_at_once_is_one_by_one(self, rows):
        situations = customer_situations(shop_of(rows))
        found = matching(CUSTOMER_RULES, situations)
        for who in range(len(situations)):
            action = recommend_for(situations.id_of(who), situations)
            held = {each.rule.id for each in (action.chosen, *action.also) if each is not None}
            assert held == {name for name, flags in found.items() if flags[who]}


class TestWhatDoesNotMatter:
    @given(records(), st.randoms(use_true_random=False))
    def test_the_order_of_the_input(self, rows, random):
        turned = {kind: random.sample(given, len(given)) for kind, given in rows.items()}
        one, other = customer_situations(shop_of(rows)), customer_situations(shop_of(turned))
        assert list(one.items()) == list(other.items())

    @given(records(), st.permutations(NAMES))
    def test_the_names_of_the_customers(self, rows, names):
        new = dict(zip(NAMES, names, strict=True))

        def renamed(kind, row):
            if kind == "customers":
                return {**row, "id": new[row["id"]], "referred_by": new.get(row["referred_by"])}
            return {**row, "customer_id": new.get(row["customer_id"])}

        others = {kind: [renamed(kind, row) for row in given] for kind, given in rows.items()}
        one, other = customer_situations(shop_of(rows)), customer_situations(shop_of(others))
        assert {new[name]: facts(found) for name, found in one.items()} == {
            name: facts(found) for name, found in other.items()
        }

    @given(records(), st.integers(0, DAYS))
    def test_what_comes_after_the_instant(self, rows, number):
        """ "Nothing that is dated after the instant exists, refunds and cancellations included." """
        at = day(number)
        assert customer_situations(shop_of(rows), at=at) == customer_situations(shop_of(cut(rows, at)), at=at)

    @given(records(), st.sets(st.sampled_from(NAMES), max_size=2))
    def test_an_alias_is_the_same_person(self, rows, split):
        """The same shop, where some customers go by a second name in every other record."""
        second = {name: f"{name}2" for name in split}

        def under_two_names(kind, row):
            key = "id" if kind == "customers" else "customer_id"
            has_other = kind != "customers" and row["id"] % 2
            return {**row, key: second.get(row[key], row[key])} if has_other else row

        others = {kind: [under_two_names(kind, row) for row in given] for kind, given in rows.items()}
        aliases = {alias: name for name, alias in second.items()}
        one, other = customer_situations(shop_of(rows)), customer_situations(shop_of(others, aliases=aliases))
        assert dict(one.items()) == dict(other.items())


def facts(situation):
    return {name: getattr(situation, name) for name in FIELDS}


def cut(rows, at):
    """What had happened by an instant, and of that what was known then."""
    begins = {
        "orders": "placed_at",
        "interactions": "occurred_at",
        "subscriptions": "started_at",
        "checkouts": "begun_at",
        "responses": "responded_at",
    }
    found = {
        kind: [known_of(row, at) for row in rows[kind] if row[begin] <= at] for kind, begin in begins.items()
    }
    # Whoever has no date of signing up has always been a customer.
    found["customers"] = [
        known_of(row, at) if row["signed_up_at"] is None or row["signed_up_at"] <= at else row
        for row in rows["customers"]
    ]
    return found


def known_of(row, at):
    kept = {
        name: None if isinstance(value, datetime) and value > at else value for name, value in row.items()
    }
    if "refunds" in row:
        kept["refunds"] = tuple(each for each in row["refunds"] if each[0] <= at)
    for moment, reason in (("cancelled_at", "cancel_reason"), ("ended_at", "end_reason")):
        if moment in row and kept[moment] is None:
            kept[reason] = None
    return kept


class TestRules:
    @given(st.permutations(list(CUSTOMER_RULES.values())))
    def test_their_order_does_not_matter(self, rules):
        assert CustomerRules(rules).ranked == CUSTOMER_RULES.ranked
