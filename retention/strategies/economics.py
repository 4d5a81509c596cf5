"""What it does to lifetime value, revenue and profit when more customers stay."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set as AbstractSet
from decimal import Decimal
from fractions import Fraction
from numbers import Integral
from typing import Any, TypeAlias, cast

from attrs import field, frozen

from retention._validate import spent
from retention.errors import (
    ConflictingArgumentError,
    InvalidTypeError,
    InvalidValueError,
    MixedCurrencyError,
    is_bool,
    shown,
)
from retention.metrics._terms import non_negative, rounded, share
from retention.results import Mean, Ratio
from retention.strategies._economy import Model
from retention.strategies._economy_results import RetentionScenario, RetentionValue, RetentionValueTable

__all__ = ["Economics", "value_of_retention", "value_of_retention_table"]

Number: TypeAlias = float | Decimal
Money: TypeAlias = Mean | Decimal | int | str

_OWNER = "value_of_retention"
_MOST_PERIODS = 600
_SHARES_THAT_STAY = frozenset(
    {"customer_retention_rate", "subscriber_retention_rate", "loyalty_retention_rate"}
)
_BROUGHT_BY_A_CUSTOMER = frozenset({"average_customer_value", "average_revenue_per_account_value"})
_NO_UPLIFT = "value_of_retention: give uplift=, in the unit of the rate (0.05 is 5 points), or relative_uplift= (0.05 is 5 % more customers who stay)"


def _margin_rate(value: Number) -> Decimal:
    return rounded(share(value, "Economics.margin_rate"))


def _discount_rate(value: Number) -> Decimal:
    return rounded(non_negative(value, "Economics.discount_rate"))


def _acquisition_cost(value: Money | None) -> Mean | Decimal | None:
    if value is None:
        return None
    amount, currency = _money("Economics.acquisition_cost", value)
    return amount if currency is None else value if isinstance(value, Mean) else amount


@frozen(kw_only=True)
class Economics:
    """What a shop earns and pays, which no order says: for amounts of profit instead of revenue.

    Attributes:
        margin_rate: Share of the revenue that is left after costs, above 0 and at most 1: 0.4 is 40 %.
        discount_rate: Interest for a year, from 0 up: 0.1 is 10 %.
        acquisition_cost: What it costs to win a customer: money in the currency of the orders, or a `Mean`, such as
            `customer_acquisition_cost` gives; None where that is not known.

    .. versionadded:: 0.1

    >>> Economics(margin_rate=0.4, discount_rate=0.1)
    Economics(margin_rate=Decimal('0.4'), discount_rate=Decimal('0.1'), acquisition_cost=None)
    """

    margin_rate: Decimal = field(converter=_margin_rate)
    discount_rate: Decimal = field(default=Decimal(0), converter=_discount_rate)
    acquisition_cost: Mean | Decimal | None = field(default=None, converter=_acquisition_cost)

    def winning(self, currency: str | None) -> Decimal | None:
        """What it costs to win a customer, for amounts in a currency.

        Raises:
            MixedCurrencyError: It is known in another.
        """
        if not isinstance(self.acquisition_cost, Mean):
            return self.acquisition_cost
        own = self.acquisition_cost.unit
        if currency is not None and own != currency:
            msg = f"Economics.acquisition_cost is in {own} and the orders in {currency}; convert one of them"
            raise MixedCurrencyError(msg)
        return self.acquisition_cost.value


def value_of_retention(
    retention: Ratio | Number,
    /,
    *,
    spend: Money,
    margin_rate: Number,
    customers: Number,
    periods: int,
    uplift: Number | None = None,
    relative_uplift: Number | None = None,
    new_customers: Number = 0,
    discount_rate: Number = 0,
    acquisition_cost: Money | None = None,
) -> RetentionValue:
    r"""What it does to lifetime value, revenue and profit when more customers stay.

    .. math:: \text{LTV} = m\,\frac{1 + d}{1 + d - r} \qquad C_t = r\,C_{t-1} + \text{new}

    "5 % more retention" has two meanings, which lie far apart: of 60 %, 5 points more are 65 %, and 5 % more are 63 %.
    So there are two keywords. All figures are of one unit of time, the period of the retention rate: with a rate from
    year to year, spend, new customers and discount rate are those of a year.

    Args:
        retention: Share of the customers who stay from one period to the next: a `Ratio`, such as
            `customer_retention_rate` gives, whose interval is then carried on; or a plain fraction from 0 to 1. A float
            is read as it is written, here and below.
        spend: What a customer who is there brings in a period: a `Mean`, such as `average_customer_value` gives, or
            money.
        margin_rate: Share of the revenue that is left after costs, above 0 and at most 1: 0.4 is 40 %.
        customers: How many there are as the first period begins, such as `active_customer_count` of the last one.
        periods: Over how many periods revenue and profit are added up.
        uplift: What is added to the rate, in its unit: 0.05 is 5 points. Below 0 for a fall.
        relative_uplift: The same as a part of the rate: 0.05 is 5 % more customers who stay. Give one of the two.
        new_customers: How many come in each period, those who come back after a pause among them.
        discount_rate: Interest for one period, from 0 up: 0.01 is 1 %.
        acquisition_cost: What it costs to win a customer. It is the same with and without the uplift, and so changes
            only what the gain is a part of.

    Returns:
        The shop before and after, with the gains and their intervals.

    Raises:
        InvalidValueError: A number is out of its domain, no uplift is given, the rate would leave 0 to 1, the figure given
            as retention is none, or retention and spend are figures of two periods.
        InvalidTypeError: An argument is of the wrong type, such as a float where money is due.
        ConflictingArgumentError: Both uplifts are given.
        MixedCurrencyError: `spend` and `acquisition_cost` are in two currencies.
        UndefinedMetricError: A figure that is given has no value, or nobody would ever leave and nothing is discounted.

    >>> import retention as rt
    >>> found = rt.value_of_retention(
    ...     0.8, spend="100.00", margin_rate=0.5, uplift=0.05, customers=1000, new_customers=200, periods=3
    ... )
    >>> found.before.lifetime_value, round(found.after.lifetime_value, 2)
    (Decimal('250'), Decimal('333.33'))
    >>> print(found)
    Keeping 85.0% instead of 80.0% (+5.0 points) of the customers raises the lifetime value from 250.00 to 333.33 (+33.3 %) and, over 3 periods, revenue by 27,112.50 (+9.0 %) and profit by 13,556.25 (+9.0 %).

    References:
        Evidence B12, E11 and A10, whose claims it puts to the test. The lifetime value in the form of Fader and Hardie
        (2012), "Reconciling and clarifying CLV formulas".

    .. versionadded:: 0.1
    """
    rate = _rate(retention)
    _check_periods(retention, spend)
    after = _uplifted(rate, uplift, relative_uplift)
    terms = _Terms.of(
        spend=spend,
        margin_rate=margin_rate,
        discount_rate=discount_rate,
        acquisition_cost=acquisition_cost,
        customers=customers,
        new_customers=new_customers,
        periods=periods,
    )
    return terms.valued(retention, rate, after, relative=uplift is None)


def value_of_retention_table(
    retention: Ratio | Number,
    /,
    *,
    uplifts: Iterable[Number] | None = None,
    relative_uplifts: Iterable[Number] | None = None,
    spend: Money,
    margin_rate: Number,
    customers: Number,
    periods: int,
    new_customers: Number = 0,
    discount_rate: Number = 0,
    acquisition_cost: Money | None = None,
) -> RetentionValueTable:
    """What several uplifts of retention do to lifetime value, revenue and profit, a row each.

    Args:
        retention: Share of the customers who stay from one period to the next, as in `value_of_retention`.
        uplifts: What is added to the rate, in its unit: ``(0.01, 0.05)`` are 1 and 5 points.
        relative_uplifts: The same as parts of the rate: 0.05 is 5 % more customers who stay. Give one of the two.
        spend: What a customer who is there brings in a period; this and all that follows as in `value_of_retention`.
        margin_rate: Share of the revenue that is left after costs.
        customers: How many there are as the first period begins.
        periods: Over how many periods revenue and profit are added up.
        new_customers: How many come in each period.
        discount_rate: Interest for one period.
        acquisition_cost: What it costs to win a customer.

    Returns:
        The table, whose rows are what `value_of_retention` gives for each uplift.

    Raises:
        InvalidValueError: No uplift is given, or a number is out of its domain.
        InvalidTypeError: The uplifts are no several numbers, or an argument is of the wrong type.
        ConflictingArgumentError: Both kinds of uplifts are given.
        MixedCurrencyError: `spend` and `acquisition_cost` are in two currencies.
        UndefinedMetricError: A figure that is given has no value, or nobody would ever leave and nothing is discounted.

    >>> import retention as rt
    >>> found = rt.value_of_retention_table(
    ...     0.8,
    ...     uplifts=(0.01, 0.05),
    ...     spend=100,
    ...     margin_rate=0.5,
    ...     customers=1000,
    ...     new_customers=200,
    ...     periods=3,
    ... )
    >>> print(found)
    retention            lifetime value           revenue of 3 periods              profit
    -------------------  --------------  -------  --------------------  ------  ----------  ------
    80.0%                        250.00                     300,000.00          150,000.00
    81.0% (+1.0 points)          263.16   +5.3 %            305,276.10  +1.8 %  152,638.05  +1.8 %
    85.0% (+5.0 points)          333.33  +33.3 %            327,112.50  +9.0 %  163,556.25  +9.0 %

    .. versionadded:: 0.1
    """
    relative = relative_uplifts is not None
    if relative and uplifts is not None:
        msg = f"{_OWNER}: give uplifts= or relative_uplifts=, not both (got {shown(uplifts)} and {shown(relative_uplifts)})"
        raise ConflictingArgumentError(msg)
    name, given = ("relative_uplifts", relative_uplifts) if relative else ("uplifts", uplifts)
    if given is None:
        raise InvalidValueError(_NO_UPLIFT.replace("uplift=", "uplifts="))
    if isinstance(given, str | Mapping | AbstractSet) or not isinstance(given, Iterable):
        msg = f"{_OWNER}: {name} must be several numbers, such as (0.01, 0.05), not {type(given).__name__} (got {shown(given)})"
        raise InvalidTypeError(msg)
    rate = _rate(retention)
    _check_periods(retention, spend)
    terms = _Terms.of(
        spend=spend,
        margin_rate=margin_rate,
        discount_rate=discount_rate,
        acquisition_cost=acquisition_cost,
        customers=customers,
        new_customers=new_customers,
        periods=periods,
    )
    rates = [_uplifted(rate, *((None, each) if relative else (each, None))) for each in given]
    if not rates:
        msg = f"{_OWNER}: {name} must not be empty (got {shown(given)}); give such as (0.01, 0.05)"
        raise InvalidValueError(msg)
    rows = [terms.valued(retention, rate, each, relative=relative) for each in rates]
    return RetentionValueTable(rows=tuple(rows))


# ----------------------------------------------------------------------------------- what is given


@frozen(kw_only=True)
class _Terms:
    """What is given of a shop beside its retention, checked."""

    spend: Mean | Decimal
    each: Fraction
    margin_rate: Fraction
    discount_rate: Fraction
    acquisition_cost: Decimal | None
    customers: Fraction
    new_customers: Fraction
    periods: int
    currency: str | None

    @classmethod
    def of(
        cls,
        *,
        spend: Money,
        margin_rate: Number,
        customers: Number,
        periods: int,
        new_customers: Number = 0,
        discount_rate: Number = 0,
        acquisition_cost: Money | None = None,
    ) -> _Terms:
        _refuse_other_means(spend)
        each, currency = _money(f"{_OWNER}: spend", spend)
        cost, other = (
            (None, None)
            if acquisition_cost is None
            else _money(f"{_OWNER}: acquisition_cost", acquisition_cost)
        )
        if currency and other and currency != other:
            msg = f"{_OWNER}: spend and acquisition_cost must be in one currency (got {currency} and {other}); convert one of them"
            raise MixedCurrencyError(msg)
        if each <= 0:
            msg = f"{_OWNER}: spend must be above 0 (got {shown(spend)}): with nothing spent, there is nothing to gain"
            raise InvalidValueError(msg)
        return cls(
            spend=spend if isinstance(spend, Mean) else each,
            each=Fraction(each),
            margin_rate=share(margin_rate, f"{_OWNER}: margin_rate"),
            discount_rate=non_negative(discount_rate, f"{_OWNER}: discount_rate"),
            acquisition_cost=cost,
            customers=non_negative(customers, f"{_OWNER}: customers", "1200"),
            new_customers=non_negative(new_customers, f"{_OWNER}: new_customers", "100"),
            periods=_whole(periods),
            currency=currency or other,
        )

    def valued(
        self, retention: Ratio | Number, rate: Fraction, after: Fraction, *, relative: bool
    ) -> RetentionValue:
        """The shop at both rates."""
        return RetentionValue(
            before=self._scenario(rate),
            after=self._scenario(after),
            relative=relative,
            retention=retention if isinstance(retention, Ratio) else rounded(rate),
            spend=self.spend,
            margin_rate=rounded(self.margin_rate),
            discount_rate=rounded(self.discount_rate),
            acquisition_cost=self.acquisition_cost,
            customers=rounded(self.customers),
            new_customers=rounded(self.new_customers),
            periods=self.periods,
            currency=self.currency,
        )

    def _scenario(self, rate: Fraction) -> RetentionScenario:
        model = self._model
        settled = model.settled(rate)
        return RetentionScenario(
            retention_rate=rounded(rate),
            lifetime_value=rounded(model.lifetime(rate)),
            customers=rounded(model.customers_in(rate, self.periods)),
            revenue=rounded(model.revenue(rate)),
            profit=rounded(model.profit(rate)),
            long_run_customers=None if settled is None else rounded(settled),
            long_run_revenue=None if settled is None else rounded(model.spend * settled),
            long_run_profit=None if settled is None else rounded(model.profit_of(settled)),
        )

    @property
    def _model(self) -> Model:
        return Model(
            spend=self.each,
            margin=self.each * self.margin_rate,
            discount=self.discount_rate,
            cost=Fraction(self.acquisition_cost or 0),
            customers=self.customers,
            new=self.new_customers,
            periods=self.periods,
        )


def _rate(retention: object) -> Fraction:
    """The share of customers who stay."""
    if isinstance(retention, Ratio):
        return _of_figure(retention)
    if is_bool(retention) or not isinstance(retention, (Integral, float, Decimal)):
        what = type(retention).__name__
        msg = f"{_OWNER}: retention must be a Ratio or a fraction from 0 to 1, not {what} (got {shown(retention)}); give 0.8 for 80 %"
        raise InvalidTypeError(msg)
    exact = non_negative(cast("Number", retention), f"{_OWNER}: retention", "0.8 for 80 %")
    if exact > 1:
        msg = (
            f"{_OWNER}: retention must be a fraction from 0 to 1 (got {shown(retention)}); give 0.8 for 80 %"
        )
        raise InvalidValueError(msg)
    return exact


def _of_figure(retention: Ratio) -> Fraction:
    float(retention)  # what has no value says why
    metric = retention.basis.metric
    if not retention.bounded or (metric and metric not in _SHARES_THAT_STAY):
        msg = (
            f"{_OWNER}: retention must be the share of customers who stay from one period to the next (got "
            f"{metric or 'a quotient'}, which is another figure); give customer_retention_rate, or of subscribers "
            f"subscriber_retention_rate"
        )
        raise InvalidValueError(msg)
    return Fraction(retention.numerator) / Fraction(retention.denominator)


def _check_periods(retention: object, spend: object) -> None:
    """Refuse figures of two periods: a rate of a month beside the spend of a year is the commonest slip."""
    if not (isinstance(retention, Ratio) and isinstance(spend, Mean)):
        return
    one, other = retention.basis.period, spend.basis.period
    if one and other and one != other:
        msg = (
            f"{_OWNER}: retention and spend must be of one period (got {one} and {other}), since all is of one unit of time; take both "
            f"of the same, or give spend.value where the two periods are equally long"
        )
        raise InvalidValueError(msg)


def _refuse_other_means(spend: object) -> None:
    """Refuse what an order brings, a lifetime, or a number of orders."""
    if not isinstance(spend, Mean) or spend.basis.metric is None:
        return
    if spend.basis.metric not in _BROUGHT_BY_A_CUSTOMER:
        msg = (
            f"{_OWNER}: spend must be what a customer brings in a period (got {spend.basis.metric}, which is another "
            f"figure); give average_customer_value, or of subscribers average_revenue_per_account_value"
        )
        raise InvalidValueError(msg)


def _uplifted(rate: Fraction, points: object, relative: object) -> Fraction:
    """The rate with the one uplift that is given."""
    if points is not None and relative is not None:
        msg = f"{_OWNER}: give uplift= or relative_uplift=, not both (got {shown(points)} and {shown(relative)})"
        raise ConflictingArgumentError(msg)
    if points is None and relative is None:
        raise InvalidValueError(_NO_UPLIFT)
    name, given = ("uplift", points) if relative is None else ("relative_uplift", relative)
    change = _change(name, given)
    after = rate + (change if relative is None else rate * change)
    if after == rate:
        msg = f"{_OWNER}: {name} must change the rate of {float(rate):.4g} (got {shown(given)}); of 0, give uplift="
        raise InvalidValueError(msg)
    if not 0 <= after <= 1:
        msg = f"{_OWNER}: {name} must leave the rate between 0 and 1 (got {shown(given)} on {float(rate):.4g}); 0.05 is 5 points or 5 %"
        raise InvalidValueError(msg)
    return after


def _change(name: str, given: object) -> Fraction:
    if is_bool(given) or not isinstance(given, (Integral, float, Decimal)):
        msg = f"{_OWNER}: {name} must be a number, not {type(given).__name__} (got {shown(given)}); give 0.05 for 5 points or 5 %"
        raise InvalidTypeError(msg)
    number = cast("Number", given)
    # A Decimal's abs() rounds to the host's context, and its copy_abs() does not.
    size = non_negative(
        number.copy_abs() if isinstance(number, Decimal) else abs(number), f"{_OWNER}: {name}"
    )
    return size if number >= 0 else -size


def _money(name: str, given: object) -> tuple[Decimal, str | None]:
    """An amount, and its currency if it says it."""
    if isinstance(given, Mean):
        if float(given) < 0:  # what has no value says why
            msg = f"{name} must not be negative (got {given})"
            raise InvalidValueError(msg)
        return given.value or Decimal(0), given.unit
    money: Any = given
    return spent(name, money), None


def _whole(periods: object) -> int:
    if is_bool(periods) or not isinstance(periods, Integral):
        msg = f"{_OWNER}: periods must be a whole number, not {type(periods).__name__} (got {shown(periods)})"
        raise InvalidTypeError(msg)
    whole = int(periods)
    if not 1 <= whole <= _MOST_PERIODS:
        msg = f"{_OWNER}: periods must lie between 1 and {_MOST_PERIODS} (got {shown(periods)})"
        raise InvalidValueError(msg)
    return whole
