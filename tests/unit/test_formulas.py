"""The formulas: worked examples, what is undefined, what is refused, and that nothing of the host plays a part."""

from __future__ import annotations

import decimal
import doctest
import importlib
import inspect
import math
import pkgutil
import re
from collections.abc import Callable
from decimal import Decimal, localcontext
from fractions import Fraction
from numbers import Real
from typing import Any

import pytest

from retention import formulas
from retention.errors import InvalidTypeError, InvalidValueError, RetentionError, UndefinedMetricError

Formula = Callable[..., Any]

# One valid call of each formula, with its result worked by hand from the formula in the sources.
WORKED: dict[str, tuple[dict[str, int], Fraction]] = {
    "answered_rate": ({"messages_answered": 45, "messages_received": 60}, Fraction(3, 4)),
    "average_customer_value": ({"revenue": 300, "customers": 8}, Fraction(75, 2)),
    "average_order_value": ({"revenue": 300, "orders": 12}, Fraction(25)),
    "average_revenue_per_account_value": ({"mrr": 1000, "subscribers": 16}, Fraction(125, 2)),
    "cancellation_rate": ({"cancelled_orders": 3, "placed_orders": 48}, Fraction(1, 16)),
    "cart_abandonment_rate": ({"carts_abandoned": 14, "carts_begun": 20}, Fraction(7, 10)),
    "cart_recovery_rate": ({"carts_recovered": 2, "carts_abandoned": 14}, Fraction(1, 7)),
    "conversion_rate": ({"converted": 13, "approached": 20}, Fraction(13, 20)),
    "cross_sell_rate": ({"multi_category_customers": 9, "customers": 36}, Fraction(1, 4)),
    "customer_acquisition_cost": ({"acquisition_spend": 1000, "customers_acquired": 16}, Fraction(125, 2)),
    "customer_churn_rate": ({"customers_lost": 12, "customers_at_start": 200}, Fraction(3, 50)),
    "customer_effort_score": ({"score_total": 28, "respondents": 8, "options": 7}, Fraction(50)),
    "customer_lifespan": ({"churn_rate": 1}, Fraction(1)),
    "customer_lifetime_value": (
        {"average_order_value": 40, "purchase_frequency": 5, "customer_lifespan": 3},
        Fraction(600),
    ),
    "customer_retention_rate": (
        {"customers_at_end": 230, "customers_acquired": 40, "customers_at_start": 200},
        Fraction(19, 20),
    ),
    "customer_satisfaction_score": ({"positive_answers": 51, "respondents": 60}, Fraction(85)),
    "discounted_customer_lifetime_value": (
        {"margin": 10, "retention_rate": 1, "discount_rate": 2},
        Fraction(15),
    ),
    "engagement_rate": ({"contacts_answered": 27, "contacts_made": 150}, Fraction(9, 50)),
    "existing_customer_revenue_rate": ({"existing_customer_revenue": 650, "revenue": 1000}, Fraction(13, 20)),
    "gross_revenue_retention_rate": ({"mrr_kept": 1110, "mrr_at_start": 1200}, Fraction(37, 40)),
    "loyalty_participation_rate": ({"members": 70, "customers": 200}, Fraction(7, 20)),
    "loyalty_spend_ratio": (
        {"member_revenue": 900, "members": 10, "other_revenue": 1200, "other_customers": 20},
        Fraction(3, 2),
    ),
    "ltv_cac_ratio": ({"customer_lifetime_value": 90, "customer_acquisition_cost": 36}, Fraction(5, 2)),
    "net_promoter_score": ({"promoters": 50, "detractors": 20, "respondents": 80}, Fraction(75, 2)),
    "net_revenue_retention_ratio": (
        {"mrr_of_the_same_customers": 1350, "mrr_at_start": 1200},
        Fraction(9, 8),
    ),
    "payback_months": ({"customer_acquisition_cost": 36, "monthly_margin": 8}, Fraction(9, 2)),
    "purchase_frequency": ({"purchases": 54, "customers": 36}, Fraction(3, 2)),
    "quick_ratio": ({"mrr_gained": 400, "mrr_lost": 160}, Fraction(5, 2)),
    "reactivation_rate": ({"customers_reactivated": 6, "customers_lapsed": 80}, Fraction(3, 40)),
    "recovery_rate": ({"recovered_orders": 3, "cancelled_orders": 12}, Fraction(1, 4)),
    "referral_rate": ({"customers_referred": 8, "customers_acquired": 40}, Fraction(1, 5)),
    "refund_rate": ({"refunded_revenue": 30, "gross_revenue": 400}, Fraction(3, 40)),
    "refund_ratio": ({"refunded_revenue": 500, "gross_revenue": 400}, Fraction(5, 4)),
    "repeat_order_rate": ({"repeat_orders": 30, "orders": 100}, Fraction(3, 10)),
    "repeat_purchase_rate": ({"repeat_customers": 15, "customers": 120}, Fraction(1, 8)),
    "return_on_investment_ratio": ({"gain": 350, "cost": 200}, Fraction(3, 4)),
    "returning_customer_rate": ({"returning_customers": 48, "customers": 120}, Fraction(2, 5)),
    "returning_spend_ratio": (
        {"returning_revenue": 1670, "returning_customers": 10, "new_revenue": 3000, "new_customers": 30},
        Fraction(167, 100),
    ),
    "revenue_churn_rate": ({"mrr_lost": 90, "mrr_at_start": 1200}, Fraction(3, 40)),
    "revenue_concentration_rate": ({"top_revenue": 800, "revenue": 1000}, Fraction(4, 5)),
    "scale_churn_rate": ({"churn_rate": 1, "from_days": 30, "to_days": 60}, Fraction(1)),
    "second_purchase_rate": ({"customers_back_in_time": 11, "customers": 22}, Fraction(1, 2)),
    "self_service_rate": ({"cases_self_served": 21, "cases_solved": 35}, Fraction(3, 5)),
    "upsell_rate": ({"offers_accepted": 6, "offers_made": 40}, Fraction(3, 20)),
}

# Arguments that leave a formula without a value, and the precondition that its error states.
UNDEFINED: dict[str, tuple[dict[str, int], str]] = {
    "answered_rate": ({"messages_answered": 0, "messages_received": 0}, "at least one message received"),
    "average_customer_value": ({"revenue": 0, "customers": 0}, "at least one customer"),
    "average_order_value": ({"revenue": 0, "orders": 0}, "at least one order"),
    "average_revenue_per_account_value": ({"mrr": 0, "subscribers": 0}, "at least one subscriber"),
    "cancellation_rate": ({"cancelled_orders": 0, "placed_orders": 0}, "at least one order placed"),
    "cart_abandonment_rate": ({"carts_abandoned": 0, "carts_begun": 0}, "at least one cart begun"),
    "cart_recovery_rate": ({"carts_recovered": 0, "carts_abandoned": 0}, "at least one abandoned cart"),
    "conversion_rate": ({"converted": 0, "approached": 0}, "at least one person or visit approached"),
    "cross_sell_rate": ({"multi_category_customers": 0, "customers": 0}, "at least one customer"),
    "customer_acquisition_cost": (
        {"acquisition_spend": 100, "customers_acquired": 0},
        "at least one customer acquired",
    ),
    "customer_churn_rate": (
        {"customers_lost": 0, "customers_at_start": 0},
        "at least one customer at the start",
    ),
    "customer_effort_score": (
        {"score_total": 0, "respondents": 0, "options": 7},
        "at least one respondent",
    ),
    "customer_lifespan": ({"churn_rate": 0}, "a churn rate above 0"),
    "customer_retention_rate": (
        {"customers_at_end": 5, "customers_acquired": 5, "customers_at_start": 0},
        "at least one customer at the start",
    ),
    "customer_satisfaction_score": ({"positive_answers": 0, "respondents": 0}, "at least one respondent"),
    "discounted_customer_lifetime_value": (
        {"margin": 10, "retention_rate": 1, "discount_rate": 0},
        "a retention rate below 1 or a discount rate above 0",
    ),
    "engagement_rate": ({"contacts_answered": 0, "contacts_made": 0}, "at least one contact made"),
    "existing_customer_revenue_rate": ({"existing_customer_revenue": 0, "revenue": 0}, "revenue above 0"),
    "gross_revenue_retention_rate": (
        {"mrr_kept": 0, "mrr_at_start": 0},
        "recurring revenue above 0 at the start",
    ),
    "loyalty_participation_rate": ({"members": 0, "customers": 0}, "at least one customer"),
    "loyalty_spend_ratio": (
        {"member_revenue": 0, "members": 0, "other_revenue": 10, "other_customers": 1},
        "at least one member, and other customers with revenue above 0",
    ),
    "ltv_cac_ratio": (
        {"customer_lifetime_value": 90, "customer_acquisition_cost": 0},
        "a customer acquisition cost above 0",
    ),
    "net_promoter_score": ({"promoters": 0, "detractors": 0, "respondents": 0}, "at least one respondent"),
    "net_revenue_retention_ratio": (
        {"mrr_of_the_same_customers": 0, "mrr_at_start": 0},
        "recurring revenue above 0 at the start",
    ),
    "payback_months": (
        {"customer_acquisition_cost": 36, "monthly_margin": 0},
        "a monthly margin above 0",
    ),
    "purchase_frequency": ({"purchases": 0, "customers": 0}, "at least one customer"),
    "quick_ratio": ({"mrr_gained": 10, "mrr_lost": 0}, "recurring revenue that was lost"),
    "reactivation_rate": (
        {"customers_reactivated": 0, "customers_lapsed": 0},
        "at least one lapsed customer",
    ),
    "recovery_rate": ({"recovered_orders": 0, "cancelled_orders": 0}, "at least one cancelled order"),
    "referral_rate": ({"customers_referred": 0, "customers_acquired": 0}, "at least one customer acquired"),
    "refund_rate": ({"refunded_revenue": 0, "gross_revenue": 0}, "gross revenue above 0"),
    "refund_ratio": ({"refunded_revenue": 5, "gross_revenue": 0}, "gross revenue above 0"),
    "repeat_order_rate": ({"repeat_orders": 0, "orders": 0}, "at least one order"),
    "repeat_purchase_rate": ({"repeat_customers": 0, "customers": 0}, "at least one customer"),
    "return_on_investment_ratio": ({"gain": 350, "cost": 0}, "a cost above 0"),
    "returning_customer_rate": ({"returning_customers": 0, "customers": 0}, "at least one customer"),
    "returning_spend_ratio": (
        {"returning_revenue": 10, "returning_customers": 1, "new_revenue": 0, "new_customers": 0},
        "at least one returning customer, and new customers with revenue above 0",
    ),
    "revenue_churn_rate": ({"mrr_lost": 0, "mrr_at_start": 0}, "recurring revenue above 0 at the start"),
    "revenue_concentration_rate": ({"top_revenue": 0, "revenue": 0}, "revenue above 0"),
    "second_purchase_rate": ({"customers_back_in_time": 0, "customers": 0}, "at least one customer"),
    "self_service_rate": ({"cases_self_served": 0, "cases_solved": 0}, "at least one case solved"),
    "upsell_rate": ({"offers_accepted": 0, "offers_made": 0}, "at least one offer made"),
}
ALWAYS_DEFINED = {"customer_lifetime_value", "scale_churn_rate"}

# Parts that a whole must hold, in the formulas that are not plain `part / whole`.
PARTS_OF_WHOLES = {
    "customer_retention_rate": ("customers_acquired", "customers_at_end"),
    "customer_satisfaction_score": ("positive_answers", "respondents"),
}
NEGATIVE_IS_FINE = {"gain", "margin", "monthly_margin", "customer_lifetime_value"}
FRACTIONAL_IS_FINE = re.compile(
    r"revenue|spend|mrr|gain|cost|margin|value|frequency|lifespan|rate$|days$|score_total"
)


def formula(name: str) -> Formula:
    found: Formula = getattr(formulas, name)
    return found


def every_argument() -> list[tuple[str, str]]:
    return [(name, argument) for name, (arguments, _) in WORKED.items() for argument in arguments]


def each_share() -> list[tuple[str, str, str]]:
    plain = [
        (name, *arguments)
        for name, (arguments, _) in WORKED.items()
        if name.endswith("_rate") and len(arguments) == 2
    ]
    return [*plain, *((name, part, whole) for name, (part, whole) in PARTS_OF_WHOLES.items())]


class Whole:
    """What numpy's integers are to us: a number that only says its index."""

    def __init__(self, value: int) -> None:
        self.value = value

    def __index__(self) -> int:
        return self.value


class TestWorkedExamples:
    def test_none_is_forgotten(self) -> None:
        assert set(WORKED) == set(formulas.__all__)
        assert set(UNDEFINED) == set(formulas.__all__) - ALWAYS_DEFINED

    @pytest.mark.parametrize("name", WORKED)
    def test_integers_give_the_nearest_float(self, name: str) -> None:
        arguments, expected = WORKED[name]
        result = formula(name)(**arguments)
        assert type(result) is float
        assert result == expected.numerator / expected.denominator

    @pytest.mark.parametrize("name", WORKED)
    def test_floats_give_a_float(self, name: str) -> None:
        arguments, expected = WORKED[name]
        result = formula(name)(**{key: float(value) for key, value in arguments.items()})
        assert type(result) is float
        assert result == expected.numerator / expected.denominator

    @pytest.mark.parametrize("name", WORKED)
    def test_decimals_give_a_decimal(self, name: str) -> None:
        arguments, expected = WORKED[name]
        result = formula(name)(**{key: Decimal(value) for key, value in arguments.items()})
        assert type(result) is Decimal
        with localcontext(decimal.Context(prec=28)):
            assert result == Decimal(expected.numerator) / Decimal(expected.denominator)

    @pytest.mark.parametrize("name, argument", every_argument())
    def test_one_decimal_is_enough(self, name: str, argument: str) -> None:
        arguments, _ = WORKED[name]
        assert type(formula(name)(**{**arguments, argument: Decimal(arguments[argument])})) is Decimal

    @pytest.mark.parametrize("name", sorted(set(WORKED) - {"scale_churn_rate"}))
    def test_fractions_give_a_fraction(self, name: str) -> None:
        arguments, expected = WORKED[name]
        result = formula(name)(**{key: Fraction(value) for key, value in arguments.items()})
        assert type(result) is Fraction
        assert result == expected

    @pytest.mark.parametrize("name", WORKED)
    def test_whatever_has_an_index_is_an_integer(self, name: str) -> None:
        arguments, _ = WORKED[name]
        result = formula(name)(**{key: Whole(value) for key, value in arguments.items()})
        assert result == formula(name)(**arguments)

    def test_retention_exceeds_one_when_the_lapsed_come_back(self) -> None:
        rate = formulas.customer_retention_rate(
            customers_at_end=160, customers_acquired=26, customers_at_start=100
        )
        assert rate == 1.34

    def test_returns_below_cost_and_harm(self) -> None:
        assert formulas.return_on_investment_ratio(gain=0, cost=100) == -1
        assert formulas.return_on_investment_ratio(gain=-50, cost=100) == -1.5

    def test_score_extremes(self) -> None:
        assert formulas.net_promoter_score(promoters=0, detractors=7, respondents=7) == -100
        assert formulas.net_promoter_score(promoters=7, detractors=0, respondents=7) == 100
        assert formulas.customer_effort_score(score_total=5, respondents=5, options=5) == 20
        assert formulas.customer_effort_score(score_total=25, respondents=5, options=5) == 100

    def test_lifetime_value_without_discount_is_margin_over_churn(self) -> None:
        value = formulas.discounted_customer_lifetime_value(
            margin=Decimal(12), retention_rate=Decimal("0.75"), discount_rate=0
        )
        assert value == 12 * formulas.customer_lifespan(churn_rate=Decimal("0.25")) == 48

    def test_lifetime_value_with_discount(self) -> None:
        # 100 * 1.1 / (1.1 - 0.8) = 110 / 0.3
        value = formulas.discounted_customer_lifetime_value(
            margin=100, retention_rate=Fraction(4, 5), discount_rate=Fraction(1, 10)
        )
        assert value == Fraction(1100, 3)

    def test_three_tenths_are_the_float_that_python_writes(self) -> None:
        assert repr(formulas.repeat_order_rate(repeat_orders=3, orders=10)) == "0.3"

    def test_a_third_in_28_digits(self) -> None:
        assert str(formulas.average_order_value(revenue=Decimal("1.00"), orders=3)) == "0." + "3" * 28

    def test_a_float_beside_a_fraction_gives_a_float(self) -> None:
        for revenue, gross in ((Fraction(1, 4), 0.5), (0.25, Fraction(1, 2))):
            result = formulas.refund_rate(refunded_revenue=revenue, gross_revenue=gross)
            assert (type(result), result) == (float, 0.5)


class TestScaleChurnRate:
    def test_a_month_to_a_year(self) -> None:
        yearly = formulas.scale_churn_rate(churn_rate=0.05, from_days=1, to_days=12)
        assert yearly == pytest.approx(0.4596399123, abs=1e-10)

    def test_and_back(self) -> None:
        monthly = formulas.scale_churn_rate(churn_rate=Decimal("0.75"), from_days=60, to_days=30)
        assert monthly == Decimal("0.5")

    @pytest.mark.parametrize("churn_rate", [0, 1, 0.05, Decimal("0.05"), Decimal("0.1234567890123456789")])
    def test_the_same_length_changes_nothing(self, churn_rate: float | Decimal) -> None:
        assert formulas.scale_churn_rate(churn_rate=churn_rate, from_days=30, to_days=30) == churn_rate  # type: ignore[call-overload]

    @pytest.mark.parametrize("kind", [int, float, Decimal])
    @pytest.mark.parametrize("churn_rate", [0, 1])
    def test_nobody_and_everybody(self, churn_rate: int, kind: Any) -> None:
        assert formulas.scale_churn_rate(churn_rate=kind(churn_rate), from_days=30, to_days=365) == churn_rate

    def test_a_fraction_gives_a_float(self) -> None:
        result = formulas.scale_churn_rate(churn_rate=Fraction(3, 4), from_days=2, to_days=1)
        assert (type(result), result) == (float, 0.5)

    def test_small_rates_keep_their_digits(self) -> None:
        assert formulas.scale_churn_rate(churn_rate=1e-20, from_days=1, to_days=2) == pytest.approx(2e-20)
        exact = formulas.scale_churn_rate(churn_rate=Decimal("1E-20"), from_days=1, to_days=2)
        assert exact == Decimal("1.9999999999999999999900000000E-20")
        assert formulas.scale_churn_rate(
            churn_rate=Decimal("1E-900"), from_days=Decimal("1E+90"), to_days=1
        ) == Decimal("1E-990")

    def test_almost_everybody(self) -> None:
        almost = Fraction(10**20 - 1, 10**20)  # as a float it is 1
        assert formulas.scale_churn_rate(churn_rate=almost, from_days=1, to_days=2) == 1

    def test_a_very_long_time_loses_everybody(self) -> None:
        assert formulas.scale_churn_rate(churn_rate=0.5, from_days=1, to_days=10**300) == 1
        assert formulas.scale_churn_rate(churn_rate=Decimal("0.5"), from_days=1, to_days=10**300) == 1

    @pytest.mark.parametrize("argument", ["from_days", "to_days"])
    @pytest.mark.parametrize("length", [0, -30])
    def test_lengths_are_above_zero(self, argument: str, length: int) -> None:
        arguments: dict[str, Any] = {"churn_rate": 0.5, "from_days": 30, "to_days": 60, argument: length}
        with pytest.raises(InvalidValueError, match=f"{argument} must be above 0 \\(got {length}\\)"):
            formulas.scale_churn_rate(**arguments)


class TestUndefined:
    @pytest.mark.parametrize("name", UNDEFINED)
    def test_the_message_is_the_precondition(self, name: str) -> None:
        arguments, requires = UNDEFINED[name]
        with pytest.raises(UndefinedMetricError) as caught:
            formula(name)(**arguments)
        assert str(caught.value) == f"{name} requires {requires}"
        assert isinstance(caught.value, ValueError)

    @pytest.mark.parametrize("default", [None, 0, math.nan, "n/a"])
    @pytest.mark.parametrize("name", UNDEFINED)
    def test_or_the_default_as_it_is(self, name: str, default: object) -> None:
        arguments, _ = UNDEFINED[name]
        assert formula(name)(**arguments, default=default) is default

    @pytest.mark.parametrize("name", UNDEFINED)
    def test_the_default_is_for_nothing_else(self, name: str) -> None:
        arguments, expected = WORKED[name]
        assert formula(name)(**arguments, default=None) == float(expected)
        argument = next(iter(arguments))
        with pytest.raises(InvalidTypeError):
            formula(name)(**{**arguments, argument: None}, default=None)

    def test_the_signature_says_that_it_raises(self) -> None:
        assert "= <raise>" in str(inspect.signature(formulas.customer_churn_rate))

    def test_a_margin_below_zero_never_pays_back(self) -> None:
        with pytest.raises(UndefinedMetricError, match="requires a monthly margin above 0"):
            formulas.payback_months(customer_acquisition_cost=36, monthly_margin=-1)

    @pytest.mark.parametrize("missing", ["returning_customers", "new_revenue", "new_customers"])
    def test_a_ratio_of_means_needs_both(self, missing: str) -> None:
        arguments, _ = WORKED["returning_spend_ratio"]
        if missing == "new_customers":
            # customers without revenue and revenue without customers are equally no base
            assert formula("returning_spend_ratio")(**{**arguments, missing: 0}) == 0
            return
        with pytest.raises(UndefinedMetricError):
            formula("returning_spend_ratio")(**{**arguments, missing: 0})


class TestRefused:
    @pytest.mark.parametrize("name, argument", every_argument())
    @pytest.mark.parametrize(
        "value", [True, None, "12", 1j, [1], object()], ids=lambda value: type(value).__name__
    )
    def test_what_is_no_number(self, name: str, argument: str, value: object) -> None:
        arguments, _ = WORKED[name]
        with pytest.raises(InvalidTypeError, match=f"^{name}: {argument} must be a number, not "):
            formula(name)(**{**arguments, argument: value})

    @pytest.mark.parametrize("name, argument", every_argument())
    @pytest.mark.parametrize(
        "value", [math.nan, math.inf, -math.inf, *map(Decimal, ("NaN", "sNaN", "Infinity", "-Infinity"))]
    )
    def test_what_is_not_finite(self, name: str, argument: str, value: object) -> None:
        arguments, _ = WORKED[name]
        with pytest.raises(
            InvalidValueError, match=f"^{name}: {argument} must be finite \\(got .*\\); leave"
        ):
            formula(name)(**{**arguments, argument: value})

    @pytest.mark.parametrize("name, argument", every_argument())
    @pytest.mark.parametrize("kind", [int, float, Decimal, Fraction])
    def test_what_is_negative(self, name: str, argument: str, kind: Any) -> None:
        arguments, _ = WORKED[name]
        changed = {**arguments, argument: kind(-1)}
        if argument in NEGATIVE_IS_FINE:
            formula(name)(**changed, default=None)
            return
        with pytest.raises(InvalidValueError, match=f"^{name}: {argument} must .* \\(got .*-1.*\\); "):
            formula(name)(**changed)

    @pytest.mark.parametrize("name, argument", every_argument())
    @pytest.mark.parametrize("half", [0.5, Decimal("0.5"), Fraction(1, 2)])
    def test_half_a_customer(self, name: str, argument: str, half: object) -> None:
        arguments, _ = WORKED[name]
        if FRACTIONAL_IS_FINE.search(argument):
            return
        with pytest.raises(InvalidValueError, match=f"^{name}: {argument} must be a whole number \\(got "):
            formula(name)(**{**arguments, argument: half})

    @pytest.mark.parametrize("name, part, whole", each_share())
    def test_more_than_there_are(self, name: str, part: str, whole: str) -> None:
        arguments, _ = WORKED[name]
        small = arguments[whole]
        with pytest.raises(InvalidValueError) as caught:
            formula(name)(**{**arguments, part: small + 1})
        assert str(caught.value) == (
            f"{name}: {part} ({small + 1}) must not exceed {whole} ({small}); "
            f"count in {part} only what {whole} counts too"
        )
        formula(name)(**{**arguments, part: small})

    @pytest.mark.parametrize("name, part, whole", each_share())
    def test_more_than_none_is_refused_rather_than_undefined(self, name: str, part: str, whole: str) -> None:
        arguments, _ = WORKED[name]
        with pytest.raises(InvalidValueError):
            formula(name)(**{**arguments, part: 1, whole: 0}, default=None)

    @pytest.mark.parametrize(
        "name", sorted(name for name, (arguments, _) in WORKED.items() if len(arguments) > 1)
    )
    def test_a_decimal_beside_a_float_or_a_fraction(self, name: str) -> None:
        arguments, _ = WORKED[name]
        first, second, *_rest = arguments
        for other in (float, Fraction):
            for kinds in ((Decimal, other), (other, Decimal)):
                mixed = {first: kinds[0](arguments[first]), second: kinds[1](arguments[second])}
                with pytest.raises(InvalidTypeError) as caught:
                    formula(name)(**{**arguments, **mixed})
                for argument, kind in zip((first, second), kinds, strict=True):
                    assert re.search(rf"{argument} \(.*?\) is a {kind.__name__}", str(caught.value))

    def test_a_percentage_where_a_fraction_is_due(self) -> None:
        with pytest.raises(
            InvalidValueError, match=r"churn_rate must be a fraction from 0 to 1.*write 5 % as 0.05"
        ):
            formulas.customer_lifespan(churn_rate=5)

    def test_more_answers_than_respondents(self) -> None:
        with pytest.raises(
            InvalidValueError, match=r"promoters \(6\) and detractors \(5\) together .* \(10\)"
        ):
            formulas.net_promoter_score(promoters=6, detractors=5, respondents=10)

    def test_a_scale_of_one_option(self) -> None:
        with pytest.raises(InvalidValueError, match=r"options \(1\) must be 2 or more"):
            formulas.customer_effort_score(score_total=1, respondents=1, options=1)

    def test_scores_above_the_scale(self) -> None:
        with pytest.raises(
            InvalidValueError, match=r"score_total \(36\) must not exceed respondents \(5\) x "
        ):
            formulas.customer_effort_score(score_total=36, respondents=5, options=7)

    @pytest.mark.parametrize("text", ["1E+999999999999", "-1E+999999999999", "1E-999999999999"])
    def test_exponents_that_would_fill_the_memory(self, text: str) -> None:
        with pytest.raises(InvalidValueError, match="gain must be 0 or between 1E-1000 and 1E"):
            formulas.return_on_investment_ratio(gain=Decimal(text), cost=1)

    def test_a_zero_of_any_exponent_is_zero(self) -> None:
        assert formulas.average_order_value(revenue=Decimal("0E+999999999999"), orders=1) == 0
        assert formulas.average_order_value(revenue=Decimal("0E-999999999999"), orders=1) == 0

    def test_a_result_beyond_the_floats(self) -> None:
        with pytest.raises(InvalidValueError, match="too large for a float; pass Decimals"):
            formulas.average_order_value(revenue=10**400, orders=1)
        assert formulas.average_order_value(revenue=Decimal(10**400), orders=1) == Decimal("1E+400")

    def test_an_index_that_is_none(self) -> None:
        class Array:
            def __index__(self) -> int:
                raise TypeError("only a scalar has an index")

        with pytest.raises(InvalidTypeError, match="orders must be a number, not Array"):
            formulas.average_order_value(revenue=1, orders=Array())  # type: ignore[call-overload]

    def test_positional_arguments(self) -> None:
        for name in formulas.__all__:
            with pytest.raises(TypeError, match="positional argument"):
                formula(name)(1, 2)

    def test_every_refusal_is_an_error_of_the_library(self) -> None:
        assert issubclass(InvalidTypeError, RetentionError)
        assert issubclass(InvalidValueError, RetentionError)


class TestNumbersOfOthers:
    def test_a_real_that_is_no_float(self) -> None:
        class Half(Real):
            def __float__(self) -> float:
                return 0.5

        for method in Half.__abstractmethods__:
            setattr(Half, method, lambda *_: NotImplemented)
        Half.__abstractmethods__ = frozenset()
        assert formulas.customer_lifespan(churn_rate=Half()) == 2  # type: ignore[type-var]

    def test_numpy_scalars(self) -> None:
        np = pytest.importorskip("numpy")
        result = formulas.average_order_value(revenue=np.float32(7.5), orders=np.int64(3))
        assert (type(result), result) == (float, 2.5)
        big = formulas.customer_lifetime_value(
            average_order_value=np.int8(100), purchase_frequency=np.int8(100), customer_lifespan=np.uint8(10)
        )
        assert big == 100_000  # in numpy's own eight bits it would overflow
        for wrong in (np.True_, np.array([1, 2]), np.datetime64("2026-03-01")):
            with pytest.raises(InvalidTypeError):
                formulas.average_order_value(revenue=1, orders=wrong)
        for missing in (np.nan, np.float32("inf")):
            with pytest.raises(InvalidValueError):
                formulas.average_order_value(revenue=missing, orders=1)


class TestHostContext:
    """The host's decimal context plays no part, neither its precision nor its traps."""

    @pytest.mark.parametrize("name", WORKED)
    def test_a_coarse_context_that_traps_everything(self, name: str) -> None:
        arguments, _ = WORKED[name]
        given = {key: Decimal(value) for key, value in arguments.items()}
        expected = formula(name)(**given)
        traps = [decimal.Inexact, decimal.Rounded, decimal.FloatOperation, decimal.Subnormal, decimal.Clamped]
        hostile = decimal.Context(prec=2, Emin=-1, Emax=1, rounding=decimal.ROUND_UP, clamp=1, traps=traps)
        with localcontext(hostile) as context:
            result = formula(name)(**given)
            assert not any(context.flags.values())
        assert str(result) == str(expected)

    def test_a_changed_default_context(self, monkeypatch: pytest.MonkeyPatch) -> None:
        given = {"revenue": Decimal(2), "orders": 3}
        expected = formula("average_order_value")(**given)
        monkeypatch.setattr(decimal.DefaultContext, "prec", 6)
        monkeypatch.setattr(decimal.DefaultContext, "rounding", decimal.ROUND_DOWN)
        assert formula("average_order_value")(**given) == expected == Decimal("0." + "6" * 27 + "7")

    def test_powers_too(self) -> None:
        given: dict[str, Any] = {"churn_rate": Decimal("0.05"), "from_days": 30, "to_days": 365}
        expected = formulas.scale_churn_rate(**given)
        with localcontext(decimal.Context(prec=6, traps=[decimal.Inexact])):
            assert formulas.scale_churn_rate(**given) == expected


class TestDocstrings:
    """A formula's docstring says what it means before how it is counted, in one order."""

    ORDER = (
        ".. math::",
        "Args:",
        "Returns:",
        "Raises:",
        "Examples:",
        ">>>",
        "References:",
        ".. versionadded::",
    )

    @pytest.mark.parametrize("name", formulas.__all__)
    def test_order(self, name: str) -> None:
        text = inspect.getdoc(formula(name)) or ""
        places = [text.find(part) for part in self.ORDER]
        assert -1 not in places
        assert places == sorted(places)

    @pytest.mark.parametrize("name", formulas.__all__)
    def test_the_first_sentence_gives_the_arithmetic(self, name: str) -> None:
        first, blank, *_ = (inspect.getdoc(formula(name)) or "").split("\n")
        assert re.search(r": .*[/x^].*\.$", first)
        assert blank == ""

    @pytest.mark.parametrize("name", formulas.__all__)
    def test_arguments_and_the_undefined_case_are_told(self, name: str) -> None:
        text = inspect.getdoc(formula(name)) or ""
        for argument in inspect.signature(formula(name)).parameters:
            assert f"\n    {argument}: " in text
        assert ("undefined" in text.lower()) is True
        assert ("Undefined when" in text) is (name not in ALWAYS_DEFINED)

    def test_examples(self) -> None:
        names = [module.name for module in pkgutil.iter_modules(formulas.__path__, formulas.__name__ + ".")]
        for name in [formulas.__name__, *names]:
            results = doctest.testmod(importlib.import_module(name))
            assert results.failed == 0
            assert results.attempted > 0 or name.endswith("._call")

    def test_published_formulas_name_their_sources(self) -> None:
        told = " ".join(inspect.getdoc(formula(name)) or "" for name in formulas.__all__)
        published = "D1 B1 D2 D3 D4 C2 D5 D6 D7 C1 D8"
        derived = "B2 D9 C3 C4 D10 E27 E1 E2 E3 E4 B3 A1 A2 B4 C18 D11 E5 B5 C7 D12 E6 B6 B7 E8 C16 E7 C17 C9"
        missing = [
            source for source in f"{published} {derived}".split() if not re.search(rf"\b{source}\b", told)
        ]
        assert missing == []


def test_all_is_sorted_and_complete() -> None:
    assert list(formulas.__all__) == sorted(formulas.__all__)
    public = {name for name, thing in vars(formulas).items() if inspect.isfunction(thing)}
    assert public == set(formulas.__all__)
