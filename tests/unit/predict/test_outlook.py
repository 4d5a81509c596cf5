"""Who is worth keeping, and likely leaving."""

from __future__ import annotations

import pickle
from decimal import Inexact, Rounded, localcontext

import attrs
import pytest
from hypothesis import given, strategies as st

from retention.errors import InvalidTypeError, InvalidValueError
from retention.predict.gamma_gamma import GammaGamma
from retention.predict.mbgnbd import MbgNbd
from retention.predict.outlook import CustomerOutlook, Prospect, customer_outlook
from retention.predict.purchases import RepeatPurchases

MODEL = MbgNbd(r=0.525, alpha=6.183, a=0.891, b=1.614, unit="week")
SPEND = GammaGamma(p=6.25, q=3.74, v=15.44, currency="EUR")
TERMS = {
    "model": MODEL,
    "spend": SPEND,
    "horizon": 1,
    "unit": "year",
    "discount_rate": 0.1,
    "margin_rate": 0.3,
}
ROWS = {
    "regular": (12, 37.0, 38.86, 40.0),
    "silent": (12, 27.0, 38.86, 40.0),
    "long gone": (30, 10.0, 38.86, 90.0),
    "once": (0, 0, 38.86, None),
    "new": (0, 0, 1.0, None),
    "cheap": (5, 30.0, 38.86, 4.0),
}


def outlook(rows=ROWS, **terms):
    return customer_outlook(
        RepeatPurchases.from_table(rows, unit="week", currency="EUR"), **{**TERMS, **terms}
    )


class TestProspects:
    def test_as_the_models_say(self):
        found, base = outlook(), RepeatPurchases.from_table(ROWS, unit="week")
        assert isinstance(found, CustomerOutlook)
        assert list(found) == list(ROWS)
        assert len(found) == 6
        for customer, prospect in found.items():
            assert prospect.probability_alive == pytest.approx(float(MODEL.probability_alive(base[customer])))
            terms = {name: value for name, value in TERMS.items() if name != "model"}
            assert prospect.value == pytest.approx(
                float(MODEL.customer_lifetime_value(base[customer], **terms))
            )
            assert prospect.value_if_kept == pytest.approx(prospect.value / prospect.probability_alive)
        assert found.currency == "EUR"

    def test_at_stake(self):
        assert Prospect(probability_alive=0.25, value=10.0, value_if_kept=40.0).at_stake == 30
        assert Prospect(probability_alive=1.0, value=10.0, value_if_kept=10.0).at_stake == 0

    def test_those_whom_floats_have_given_up(self):
        gone = outlook({"gone": (5_000, 1.0, 3_000.0, 9.0)})["gone"]
        assert gone == Prospect(probability_alive=0.0, value=0.0, value_if_kept=0.0)


class TestLists:
    def test_not_gone_are_those_worth_keeping_and_all_after_them(self):
        found = outlook()
        assert "long gone" not in found.not_gone
        assert found.not_gone[: len(found.worth_keeping)] == found.worth_keeping
        assert set(found.not_gone) == {who for who in found if found[who].probability_alive >= 0.1}
        kept = [found[who].value_if_kept for who in found.not_gone]
        assert kept == sorted(kept, reverse=True)

    def test_equal_ones_stand_by_id_however_they_came(self):
        alike = dict.fromkeys(("cem", "ann", 7, "ben"), (2, 20.0, 38.86, 30.0))
        turned = dict(reversed(list(alike.items())))
        for rows in (alike, turned):
            assert outlook(rows, top=0.5).worth_keeping == (7, "ann")

    def test_the_context_of_the_host_does_not_matter(self):
        with localcontext(prec=1, traps=[Inexact, Rounded]):
            assert outlook(top=0.41).worth_keeping == outlook(top=0.6).worth_keeping

    def test_what_is_known_of_the_base(self):
        found = outlook()
        assert (found.until, found.unit, found.discrete) == (None, "week", False)

    def test_worth_keeping_and_likely_leaving(self):
        found = outlook(top=0.4)
        alive = {customer: prospect.probability_alive for customer, prospect in found.items()}
        assert alive["regular"] > 0.5 > alive["silent"] > 0.1 > alive["long gone"]
        # of the five who are not gone the best two
        assert set(found.worth_keeping) == {"regular", "silent"}
        assert found.likely_leaving == ("silent",)
        # what is expected of them does not show it
        assert found["silent"].value < found["regular"].value / 2
        assert repr(found) == "<CustomerOutlook: 6 customers, 1 worth keeping and likely leaving>"

    def test_the_limits(self):
        assert outlook(top=1).worth_keeping[0] in {"regular", "silent"}
        assert len(outlook(top=1).worth_keeping) == 5
        assert "long gone" in outlook(top=1, gone_below=1e-300).worth_keeping
        assert outlook(top=0.4, alive_below=0.11).likely_leaving == ()

    def test_most_at_stake_first(self):
        rows = {n: (12, 27.0 - n / 2, 38.86, 40.0 + 10 * n) for n in range(4)}
        found = outlook(rows, top=1, gone_below=1e-9)
        stakes = [found[each].at_stake for each in found.likely_leaving]
        assert stakes == sorted(stakes, reverse=True)
        assert len(stakes) > 1

    @given(
        st.lists(st.tuples(st.integers(1, 30), st.floats(1, 38), st.floats(1, 1e4)), max_size=30),
        st.floats(0.01, 1),
    )
    def test_leaving_are_among_the_best(self, rows, top):
        found = outlook({n: (x, t, 38.86, z) for n, (x, t, z) in enumerate(rows)}, top=top)
        assert set(found.likely_leaving) <= set(found.worth_keeping)
        kept = [found[each].value_if_kept for each in found.worth_keeping]
        assert kept == sorted(kept, reverse=True)
        here = [each for each in found.values() if each.probability_alive >= 0.1]
        assert sum(each.value_if_kept > min(kept, default=0) for each in here) < max(1, len(kept))


class TestRate:
    def test_for_rules(self):
        found = outlook(top=0.4)
        rate = found.best_customers_leaving_rate
        assert rate.basis.metric == "best_customers_leaving_rate"
        assert (rate.numerator, rate.denominator) == (1, 2)
        assert "1 likely leaving of 2 customers worth keeping" in rate.explain()
        assert rate.interval().low < 0.5

    def test_nobody(self):
        found = outlook({})
        assert found.best_customers_leaving_rate.value is None
        assert found.worth_keeping == found.likely_leaving == ()


def test_pickles():
    found = outlook()
    assert dict(pickle.loads(pickle.dumps(found))) == dict(found)


class TestInput:
    @pytest.mark.parametrize("name", ["top", "alive_below", "gone_below"])
    @pytest.mark.parametrize(
        "value, error",
        [
            ("0.2", InvalidTypeError),
            (True, InvalidTypeError),
            (0, InvalidValueError),
            (1.5, InvalidValueError),
        ],
    )
    def test_parts(self, name, value, error):
        with pytest.raises(error, match=f"customer_outlook: {name}"):
            outlook(**{name: value})

    def test_gone_are_fewer_than_leaving(self):
        with pytest.raises(InvalidValueError, match="gone_below must be below alive_below"):
            outlook(gone_below=0.5)

    def test_kinds(self):
        with pytest.raises(InvalidTypeError, match="base must be a RepeatPurchases"):
            customer_outlook([], **TERMS)
        with pytest.raises(InvalidTypeError, match="model must be a PurchaseModel"):
            outlook(model=SPEND)
        with pytest.raises(InvalidTypeError, match="spend must be a GammaGamma"):
            outlook(spend=MODEL)


class TestText:
    def test_in_words(self):
        found = outlook(top=0.4)
        silent = found["silent"]
        assert found.likely_leaving == ("silent",)
        assert found.explain() == (
            "Of 6 customers 5 are not gone (P(alive) from 10% up). The best 40% of these, 2, are worth keeping, by what "
            "they would bring if they stayed. Of them 1 is likely leaving (P(alive) below 50%), with "
            f"{silent.at_stake:,.2f} EUR at stake within 1 year, at a margin rate of 30 % and a discount rate of 10 % a year."
        )

    def test_a_line_each(self):
        found = outlook(top=0.4)
        title, _, headings, _, line, *_ = str(found).splitlines()
        assert title == "Worth keeping, and likely leaving"
        assert headings.split("  ")[0] == "customer"
        silent = found["silent"]
        numbers = [f"{each:,.2f}" for each in (silent.value, silent.value_if_kept, silent.at_stake)]
        assert line.split() == ["silent", f"{silent.probability_alive:.0%}", *numbers]
        assert "likely_leaving has all" not in str(found)
        plain = customer_outlook(
            RepeatPurchases.from_table(ROWS, unit="week"),
            **{**TERMS, "spend": GammaGamma(p=6.25, q=3.74, v=15.44), "top": 0.4},
        )
        assert plain.terms == "within 1 year, at a margin rate of 30 % and a discount rate of 10 % a year"
        assert plain.explain().endswith(f"with {silent.at_stake:,.2f} at stake {plain.terms}.")
        assert attrs.evolve(plain, terms=None).explain().endswith(f"with {silent.at_stake:,.2f} at stake.")

    def test_the_first_of_many(self):
        found = outlook({n: (12, 27.0, 38.86, 40.0 + n) for n in range(30)}, top=1)
        assert len(found.likely_leaving) == 30
        assert str(found).endswith("Here are the first 10; likely_leaving has all.")
        assert "29 " in str(found)
        assert "\n10 " not in str(found)

    def test_of_nobody(self):
        assert str(outlook({})) == "Worth keeping, and likely leaving: nobody. There are no customers."
        assert str(outlook({"regular": ROWS["regular"]})).startswith(
            "Worth keeping, and likely leaving: nobody. Of 1 customers 1 are not gone"
        )
