"""What the recommender says, as people read it."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from attrs import evolve

import retention as rt
from retention.strategies import Condition, Step, recommend
from retention.testing import make_order, make_orders
from tests.unit.strategies.test_recommend import (
    MARCH,
    NEVER,
    SHOP,
    SNAP,
    SPRING,
    UNKNOWN,
    advise,
    rule,
    rules,
    strategy,
)

# Of a hundred customers forty bought twice in March; each paid 10.00 a time.
ORDERS = make_orders(
    {who: ["2026-03-02", "2026-03-20"] if who < 40 else ["2026-03-20"] for who in range(100)}
)
FEW_REPEAT = Condition("repeat_purchase_rate", below=0.6)
TOLD = strategy(
    "one",
    title="Bring them back",
    what="Write to those who bought once.",
    steps=[Step("Find them."), Step("Write."), Step("Look again."), Step("Rest.")],
    needs=["their addresses"],
    risks=["They may be bored", "They may laugh!"],
    evidence=["B13", "E16"],
    effort="medium",
)


def told(*, shop=ORDERS, **more):
    given = rule(
        "few come back",
        "one",
        FEW_REPEAT,
        because="Few of them come back.",
        worth="customers",
        audience="one-time buyers",
        watch="repeat_purchase_rate",
        horizon=timedelta(days=30),
        **more,
    )
    (found,) = advise(given, shop=shop, period=MARCH, strategies=[TOLD], as_of=MARCH.end)
    return found


def test_the_whole_reasoning():
    lines = told().explain().splitlines()
    low, high = rt.Ratio(40, 100).interval()
    each = 0.85  # 10.00 a year, of which the period has 31 days
    least, most = ((0.6 - end) * 100 * each for end in (high, low))
    assert lines == [
        "Bring them back (urgent)",
        (
            f"Seen: Repeat purchase rate (2026-03) came to 40.0% ({low:.1%} to {high:.1%}), below 60% beyond chance. That is 40 "
            "with two or more purchases of 100 customers who purchased in the period."
        ),
        "Held against: a limit of the rule's own, which is no published figure.",
        "Why this follows: Few of them come back.",
        "What it is: Write to those who bought once.",
        (
            "For whom: 60 customers who have bought once, and have not lapsed, as of 2026-04-01, out of 100 customers who have "
            "not lapsed; they spent 600 EUR in the year before. The audience lists them, who spent most first."
        ),
        (
            f"What it may bring: 17 EUR in a time like 2026-03 (from {least:,.0f} to {most:,.0f}): 20.0 points of 100 customers who purchased in the period are 20.0 × "
            "0.85 EUR = 17.00 EUR. That takes for granted that the whole gap is closed; that each customer who is won spends "
            "as much in 31 days as the mean of those of the audience who bought in the year; that they would spend nothing "
            "otherwise; that what each is worth is known, so that the range is that of the figure alone; that nothing else changes. It is revenue, before what the goods and the "
            "work cost."
        ),
        "Work: medium: weeks, or a tool to be set up. It needs their addresses.",
        "Step 1: Find them.",
        "Step 2: Write.",
        "Step 3: Look again.",
        "Watch: Repeat purchase rate (it should rise); look again after 30 days.",
        "Risk: They may be bored.",
        "Risk: They may laugh!",
        lines[14],
        lines[15],
        (
            f"Rank: 1 weight × {(0.6 - high) / 0.6:.2f} severity × 0.60 reach ÷ 2 (medium effort) = "
            f"{(0.6 - high) / 0.6 * 0.6 / 2:.3f}."
        ),
    ]
    assert lines[14].startswith("Evidence: Winning a customer is now five times")
    assert "rule of thumb" in lines[14]
    assert lines[15] == (
        "Evidence: half of the repeat customers make the second purchase within 16 days of the first (E16, Shopify, retail "
        "customer retention; a published figure). It applies to repeat customers (Salesforce)."
    )


def test_in_short():
    text = str(told())
    assert text.startswith("Bring them back: Repeat purchase rate (2026-03) came to 40.0%")
    assert "For 60 customers who have bought once, and have not lapsed. At stake: 17 EUR in a time" in text
    assert text.endswith("First: Find them.")
    assert "\n" not in text


def test_in_short_where_nobody_is_known():
    (found,) = recommend(SNAP, rules=rules(rule("yes")))
    assert "For " not in str(found)
    assert "At stake" not in str(found)
    lines = found.explain().splitlines()
    assert "For whom: not known, since a snapshot has figures, and no customers." in lines
    assert (
        "What it may bring: no amount is put on it, since the rule does not say what money there is in it."
        in lines
    )
    assert (
        "Watch: Repeat purchase rate (it should rise); look again after a period as long as this one."
        in lines
    )


def test_a_figure_to_watch_that_the_strategy_does_not_name():
    (found,) = advise(rule("yes", watch="order_count"))
    assert "Watch: Orders; look again after a period as long as this one." in found.explain()


def test_nobody_at_present():
    orders = make_orders({who: ["2026-03-02", "2026-03-20"] for who in range(40)})
    (found,) = advise(rule("yes", audience="one-time buyers"), shop=orders, period=MARCH, as_of=MARCH.end)
    assert (
        "For whom: nobody at present; it is meant for customers who have bought once, and have not lapsed, as of "
        "2026-04-01." in found.explain()
    )


def test_several_currencies():
    orders = [*ORDERS, make_order(customer_id=1, placed_at="2026-03-05", currency="USD", id="usd")]
    assert "; what they spent is in several currencies. The audience" in told(shop=orders).explain()


def test_a_published_figure_says_whose_it_is_and_what_to_mind():
    basis = evolve(TOLD, evidence=())
    of_repeaters = Condition(
        "second_purchase_rate", below="E16", options={"within": timedelta(days=16), "given": "repeaters"}
    )
    (found,) = advise(
        rule("late", "one", of_repeaters), shop=ORDERS, period=MARCH, strategies=[basis], as_of=MARCH.end
    )
    assert (
        "Held against: a published figure, E16: half of the repeat customers make the second purchase within 16 days of the "
        "first (Shopify, retail customer retention). It applies to repeat customers (Salesforce); mind that it is a share of "
        in found.explain()
    )


def test_a_change_is_held_against_the_period_before():
    orders = make_orders(
        {who: ["2026-01-02", "2026-02-03", *(["2026-03-02"] if who < 40 else [])] for who in range(100)}
    )
    fell = Condition("customer_retention_rate", change="fell", by=0.1)
    (found,) = advise(rule("fell", "one", fell), shop=orders, period=MARCH, as_of=MARCH.end)
    lines = found.explain().splitlines()
    assert "Held against: the same figure of 2026-02." in lines
    assert lines[1].startswith("Seen: Customer retention rate fell from 100.0% (2026-02) to 40.0% (2026-03)")


@pytest.mark.parametrize(
    "condition, end",
    [
        (Condition("average_order_value", above=1), " It rests on 265 customers."),
        (Condition("order_count", above=1), " It is a count, taken as it stands."),
        (Condition("net_revenue", above=1, at_least=0), " It is a sum of money, taken as it stands."),
    ],
)
def test_how_many_stand_behind_a_figure_that_is_no_share(condition, end):
    (found,) = advise(rule("yes", "one", condition))
    line = found.explain().splitlines()[1]
    if "rests on" in end:
        assert " It rests on " in line
        assert line.endswith(" customers.")
    else:
        assert line.endswith(end)


def test_what_is_much_the_same_says_with_what_to_begin():
    pair = [strategy("a"), strategy("b", overlaps=["a"])]
    found = advise(rule("1", "a", weight=2), rule("2", "b"), strategies=pair)
    assert "Overlap: much of it is done by a, which stands before it; begin with that." in found[1].explain()
    assert "Overlap" not in found[0].explain()


# -------------------------------------------------------------------------------------------- the list


def test_the_list_as_a_table():
    given = rules(
        rule("few come back", "one", FEW_REPEAT, worth="customers", audience="one-time buyers"),
        rule("chance", "two", urgent=False, audience="subscribers"),
        rule("no", "three", NEVER),
        rule("who knows", "four", UNKNOWN),
    )
    found = recommend(ORDERS, period=MARCH, rules=given, as_of=MARCH.end)
    text = str(found)
    lines = text.splitlines()
    assert lines[0].split() == [
        "WHAT",
        "TO",
        "DO,",
        "2026-03",
        "customers",
        "may",
        "bring",
        "effort",
        "priority",
    ]
    assert lines[2].split()[:4] == ["1.", "One", "urgent", "60"]
    assert lines[2].split()[4:10] == ["9", "to", "25", "EUR", "a", "period"]
    assert lines[3].split()[:4] == ["2.", "Two", "–", "–"]
    assert "1. Repeat purchase rate (2026-03) came to 40.0%" in text
    assert "What is ill stands first; an opportunity is worth trying though nothing is ill." in lines
    assert "1 rule did not follow and 1 could not be judged; rejected and skipped say why." in lines
    assert max(map(len, lines)) <= 110
    assert "1 of 2 recommendations." in str(found[:1])
    assert repr(found) == "<Recommendations: 2 for 2026-03, 1 rejected, 1 skipped>"
    assert repr(found[:1]) == "<Recommendations: 1 of 2 for 2026-03, 1 rejected, 1 skipped>"
    assert repr(found[0]).startswith("<Recommendation: one, urgent, priority 0.")
    assert repr(found[1]).startswith("<Recommendation: two, opportunity, priority ")
    assert str(found[2:]) == "None in this part of the list: there are 2 recommendations for 2026-03."
    whole = found.explain()
    assert whole.startswith("1. One (urgent)\nSeen: ")
    assert "\n\n2. Two (an opportunity)\nSeen: " in whole
    assert whole.endswith("could not be judged; rejected and skipped say why.")


@pytest.mark.parametrize("ill, others", [(1, 1), (2, 2)])
def test_what_is_ill_says_why_it_stands_before_a_higher_priority(ill, others):
    given = [
        *(rule(f"ill {each}", ["one", "two"][each], weight=0.001) for each in range(ill)),
        *(rule(f"chance {each}", ["three", "four"][each], weight=1, urgent=False) for each in range(others)),
    ]
    found = advise(*given)
    assert found[ill - 1].priority.value < found[ill].priority.value
    told = str(found).replace("\n  ", " ")
    assert (
        "priority: weight × severity × reach ÷ effort. It ranks what is ill, and opportunities after it: "
        f"{ill} stands before {ill + 1}, though its priority is lower, since something is ill there."
    ) in told


@pytest.mark.parametrize("urgent", [True, False])
def test_a_list_of_one_kind_is_in_the_order_of_its_priorities(urgent):
    found = advise(rule("1", "one", urgent=urgent), rule("2", "two", urgent=urgent, weight=0.1))
    assert "priority: weight × severity × reach ÷ effort." in str(found).splitlines()


def test_long_titles_do_not_break_the_table():
    long = strategy("one", title="A title " * 20)
    text = str(advise(rule("yes"), strategies=[long]))
    assert max(map(len, text.splitlines())) <= 110
    assert "…" in text


def test_long_periods_do_not_squeeze_the_titles():
    long = strategy("one", title="Support that is easy to reach and quick")
    carts = Condition("cart_abandonment_rate", above=0.05)
    text = str(advise(rule("yes", "one", carts, worth="orders"), strategies=[long]))
    assert "1. Support that is easy to reach and quick" in text
    assert "WHAT TO DO, 2026-01-01 to 2026-06-30" in text
    assert " EUR a period" in text
    assert max(map(len, text.splitlines())) <= 110


def test_too_little_data():
    found = advise(rule("1", "one", UNKNOWN), rule("2", "two", requires=["a year"]))
    assert str(found).replace("\n  ", " ") == (
        "Too little data: nothing is recommended for 2026-01-01 to 2026-06-30, since 2 rules of 2 can't be judged (too few 1, "
        "no data 1). That does not say that all is well.\nNo strategy fits every business, so that none is recommended without "
        "a reason in the figures (source A12)."
    )
    lines = found.explain().splitlines()
    assert lines[2].startswith("1 (skipped): ")
    assert lines[3].startswith("2 (skipped): It needs a period of a year")


def test_all_is_well():
    found = advise(rule("1", "one", NEVER), rule("2", "two", NEVER), rule("3", "three", UNKNOWN))
    assert (
        str(found)
        .replace("\n  ", " ")
        .startswith(
            "Nothing is recommended for 2026-01-01 to 2026-06-30: of 3 rules, 2 were judged and none follows; 1 could not be "
            "judged (too few 1)."
        )
    )
    assert "source A12" in str(found)
    assert "none follows." in str(advise(rule("1", "one", NEVER)))


def test_no_rules():
    assert str(advise()) == "Nothing is recommended for 2026-01-01 to 2026-06-30: there are no rules."


def test_an_amount_without_a_currency_and_a_host_with_odd_words():
    odd = strategy("one", title="Two\nlines", risks=["a\tb"])
    (found,) = advise(rule("yes"), strategies=[odd])
    assert found.explain().splitlines()[0] == "Two lines (urgent)"
    assert "Risk: a b." in found.explain()
    value = evolve(told().value_at_stake, currency=None, low=Decimal(1), value=Decimal(2), high=Decimal(3))
    assert "At stake: 2 in a time like 2026-03 (from 1 to 3)." in str(evolve(told(), value_at_stake=value))
    list_of_one = evolve(advise(rule("yes")), found=[evolve(told(), value_at_stake=value)])
    assert "1 to 3 a period" in str(list_of_one)


@pytest.mark.parametrize(
    "times, how_long",
    [
        (["over their lifetime"], "of all the years that they stay"),
        (["within the outlook's horizon"], "as far ahead as the outlook looks"),
        (
            ["over their lifetime", "within the outlook's horizon"],
            "of all the years that they stay, or as far ahead as the outlook looks where it says who is leaving",
        ),
    ],
)
def test_profit_says_for_how_long_it_is_meant(times, how_long):
    one = told()
    found = [
        evolve(one, value_at_stake=evolve(one.value_at_stake, per=time, is_profit=True)) for time in times
    ]
    text = str(evolve(advise(rule("yes")), found=found)).replace("\n  ", " ")
    assert f"of profit: after costs, {how_long}, in today's money." in text


def test_where_no_currency_is_known_the_spend_has_none():
    found = told()
    bare = evolve(found, audience=evolve(found.audience, currency=None))
    assert "; they spent 600 in the year before." in bare.explain()


def test_the_default_rules_on_the_sample_shop_read_well():
    found = recommend(SHOP, period=SPRING)
    text = found.explain()
    assert "None" not in text
    assert ".." not in text.replace("…", "")
    assert "  " not in text
