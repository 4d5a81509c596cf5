"""How many customers a test with a hold-out needs, and what a test of a given size can show."""

from __future__ import annotations

import math
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Any, Literal, TypeAlias, cast

from attrs import field, frozen

from retention._numerics import ClusterSums, check_confidence
from retention._power_of_tests import Means, Shares
from retention.errors import (
    ConflictingArgumentError,
    InvalidTypeError,
    InvalidValueError,
    UndefinedMetricError,
    shown,
)
from retention.results import Mean, Ratio

__all__ = ["Baseline", "PlannedTest", "customers_needed", "detectable_uplift", "power"]

Number: TypeAlias = int | float | Decimal | Fraction
Baseline: TypeAlias = Ratio | Mean | float | Decimal | Fraction
"""What is known before the test: a figure, or a plain number."""

_MOST = 10**12
"""Customers, beyond whom nobody plans."""


def customers_needed(
    baseline: Baseline,
    /,
    *,
    uplift: Number | None = None,
    relative_uplift: Number | None = None,
    deviation: Number | None = None,
    power: float = 0.8,
    confidence: float = 0.95,
    share: float = 0.5,
) -> PlannedTest:
    """How many customers a test with a hold-out needs, for an uplift to be seen if it is there.

    Seen means that `retention.compare` of the two groups, at the end of the test, calls the difference real. Decide on
    the number before the test begins, and look once: who looks every day sees uplifts that are none.

    For shares of customers every outcome of the two groups is gone through, up to a million customers each. As hits
    are whole numbers, the power rises with small dips: a few customers more or less may be a hair below or above.

    Args:
        baseline: What customers do without the measure: a `Ratio` such as last quarter's retention rate, or a share as
            a plain number (0.2 is 20 %); a `Mean` with its sums, or any number together with `deviation`.
        uplift: What the measure is hoped to add, in the unit of the figure: 0.03 is 3 points, 2 is 2 EUR. Below 0 for
            a fall, such as of churn.
        relative_uplift: The same as a part of the baseline: 0.1 is 10 % more. Give one of the two.
        deviation: The standard deviation of a mean between customers, where the baseline is a plain number.
        power: How likely the uplift shall be seen if it is there.
        confidence: That of the comparison's interval.
        share: Which part of the customers is in the test; the others are held out.

    Returns:
        The test, with `in_test`, `held_out`, and `customers` of both. ``float()`` of it is the number of customers.

    Raises:
        InvalidValueError: A number is out of its domain, or neither uplift is given.
        InvalidTypeError: An argument is of the wrong type.
        ConflictingArgumentError: Both uplifts are given, or a deviation beside a figure.
        UndefinedMetricError: The baseline has no value, or nothing is known of how customers differ.

    >>> print(customers_needed(0.2, uplift=0.03))
    A test needs 5,881 customers, 2,941 in the test and 2,940 in the hold-out, to show a rise from 20.0% to 23.0% (+3.0 points) with a probability of 80 % at 95 % confidence.

    References:
        Newcombe (1998), Statistics in Medicine 17, 873-890, for the interval; Fleiss, Levin and Paik (2003),
        Statistical Methods for Rates and Proportions, 3rd ed., ch. 4, beyond a million customers.

    .. versionadded:: 0.1
    """
    plan = _Plan.of(baseline, deviation, confidence, share)
    change = plan.uplift(uplift, relative_uplift)
    wanted = _between("power", power)
    return plan.result("customers", plan.fewest(change, wanted), change, power)


def power(
    baseline: Baseline,
    /,
    *,
    customers: int,
    uplift: Number | None = None,
    relative_uplift: Number | None = None,
    deviation: Number | None = None,
    confidence: float = 0.95,
    share: float = 0.5,
) -> PlannedTest:
    """How likely a test with so many customers sees an uplift that is there.

    Args:
        baseline: What customers do without the measure; see `customers_needed`.
        customers: How many there are, in the test and the hold-out together.
        uplift: What the measure is hoped to add, in the unit of the figure: 0.03 is 3 points, 2 is 2 EUR.
        relative_uplift: The same as a part of the baseline: 0.1 is 10 % more. Give one of the two.
        deviation: The standard deviation of a mean between customers, where the baseline is a plain number.
        confidence: That of the comparison's interval.
        share: Which part of the customers is in the test; the others are held out.

    Returns:
        The test; ``float()`` of it is the power.

    Raises:
        InvalidValueError: A number is out of its domain, or neither uplift is given.
        InvalidTypeError: An argument is of the wrong type.
        ConflictingArgumentError: Both uplifts are given, or a deviation beside a figure.
        UndefinedMetricError: The baseline has no value, or nothing is known of how customers differ.

    >>> print(power(0.2, uplift=0.03, customers=2000))
    With 2,000 customers, 1,000 in the test and 1,000 in the hold-out, a rise from 20.0% to 23.0% (+3.0 points) is seen with a probability of 37 % at 95 % confidence.

    .. versionadded:: 0.1
    """
    plan = _Plan.of(baseline, deviation, confidence, share)
    change = plan.uplift(uplift, relative_uplift)
    return plan.result("power", plan.groups(_customers(customers, plan)), change, None)


def detectable_uplift(
    baseline: Baseline,
    /,
    *,
    customers: int,
    deviation: Number | None = None,
    power: float = 0.8,
    confidence: float = 0.95,
    share: float = 0.5,
    falls: bool = False,
) -> PlannedTest:
    """The smallest uplift that a test with so many customers is likely to show.

    What is smaller may be there and not be seen: a test that finds nothing has not shown that there is nothing.

    Args:
        baseline: What customers do without the measure; see `customers_needed`.
        customers: How many there are, in the test and the hold-out together.
        deviation: The standard deviation of a mean between customers, where the baseline is a plain number.
        power: How likely the uplift shall be seen if it is there.
        confidence: That of the comparison's interval.
        share: Which part of the customers is in the test; the others are held out.
        falls: True for the smallest fall, such as of churn.

    Returns:
        The test; ``float()`` of it is the uplift, in the unit of the figure.

    Raises:
        InvalidValueError: A number is out of its domain.
        InvalidTypeError: An argument is of the wrong type.
        ConflictingArgumentError: A deviation is given beside a figure.
        UndefinedMetricError: The baseline has no value, nothing is known of how customers differ, or so few customers
            show no uplift at all.

    >>> print(detectable_uplift(0.2, customers=2000))
    2,000 customers, 1,000 in the test and 1,000 in the hold-out, show a rise from 20.0% by 5.2 points or more with a probability of 80 % at 95 % confidence.

    .. versionadded:: 0.1
    """
    plan = _Plan.of(baseline, deviation, confidence, share)
    if not isinstance(falls, bool):
        msg = f"falls must be True or False (got {shown(falls)})"
        raise InvalidTypeError(msg)
    groups = plan.groups(_customers(customers, plan))
    change = plan.smallest(groups, _between("power", power), falls=falls)
    return plan.result("uplift", groups, change, power)


# ------------------------------------------------------------------------------------------- the result


@frozen(kw_only=True, repr=False)
class PlannedTest:
    """A test with a hold-out that is planned: how large it is, and what it can show.

    ``float()`` gives what was asked for: the number of customers, the power, or the smallest uplift.

    Attributes:
        asked: Which of the three: ``"customers"``, ``"power"`` or ``"uplift"``.
        baseline: The figure of the customers held out.
        uplift: What the test adds to it, in the unit of the figure; below 0 for a fall.
        in_test: Customers in the test.
        held_out: Customers in the hold-out.
        power: The chance that the uplift is seen if it is there.
        confidence: That of the comparison's interval.
        wanted: The power that was asked for, or None.
        unit: The currency of a mean, or None.
        is_share: Whether the figure is a share.
        deviation: The standard deviation between customers, of figures that are no shares of customers.
        method: How the power was found.
        assumed: What has to be taken for granted.

    .. versionadded:: 0.1
    """

    asked: Literal["customers", "power", "uplift"]
    baseline: float
    uplift: float
    in_test: int
    held_out: int
    power: float
    confidence: float
    wanted: float | None = None
    unit: str | None = None
    is_share: bool
    deviation: float | None = None
    method: str
    assumed: tuple[str, ...] = field(default=())

    @property
    def customers(self) -> int:
        """Customers of both groups."""
        return self.in_test + self.held_out

    @property
    def expected(self) -> float:
        """The figure of the customers in the test, if the uplift is there."""
        return self.baseline + self.uplift

    @property
    def relative_uplift(self) -> float | None:
        """The uplift as a part of the baseline: 0.1 is "10 % more". None where the baseline is not above 0."""
        return self.uplift / self.baseline if self.baseline > 0 else None

    def __float__(self) -> float:
        return float(getattr(self, self.asked))

    def __repr__(self) -> str:
        return (
            f"<PlannedTest: {self.in_test:,} in the test, {self.held_out:,} held out, "
            f"power {self.power:.3f} for {self.uplift:+.4g} on {self.baseline:.4g}>"
        )

    def __str__(self) -> str:
        from retention.display._power import planned_sentence

        return planned_sentence(self)

    def explain(self) -> str:
        """The sentence, how the power was found, and what has to be taken for granted."""
        return " ".join([f"{self} Method: {self.method}.", *(f"Assumed: {line}." for line in self.assumed)])

    def to_dicts(self) -> list[dict[str, Any]]:
        """One flat dictionary, for JSON or a data frame."""
        return [
            {
                "asked": self.asked,
                "baseline": self.baseline,
                "uplift": self.uplift,
                "relative_uplift": self.relative_uplift,
                "expected": self.expected,
                "customers": self.customers,
                "in_test": self.in_test,
                "held_out": self.held_out,
                "power": self.power,
                "confidence": self.confidence,
                "deviation": self.deviation,
                "unit": self.unit,
                "method": self.method,
            }
        ]


# --------------------------------------------------------------------------------------------- the plan


@frozen(kw_only=True)
class _Plan:
    """What is known before a test: the baseline, how customers differ, and how they are divided."""

    baseline: float
    exact: Fraction
    groups_of: Shares | Means
    part: Fraction
    confidence: float
    unit: str | None
    is_share: bool
    is_amount: bool
    is_figure: bool

    @classmethod
    def of(cls, baseline: object, deviation: object, confidence: float, share: object) -> _Plan:
        confidence = check_confidence(confidence)
        part = Fraction(_between("share", share))
        if isinstance(baseline, (Ratio, Mean)):
            exact, groups_of = _of_figure(baseline, deviation)
        else:
            exact, groups_of = _of_number(baseline, deviation)
        return cls(
            baseline=float(exact),
            exact=exact,
            groups_of=groups_of,
            part=part,
            confidence=confidence,
            unit=baseline.unit if isinstance(baseline, Mean) else None,
            is_share=isinstance(groups_of, Shares) or (isinstance(baseline, Ratio) and baseline.bounded),
            is_amount=isinstance(baseline, (Ratio, Mean)) and _is_never_negative(baseline),
            is_figure=isinstance(baseline, (Ratio, Mean)),
        )

    @property
    def _fewest_each(self) -> int:
        return 1 if isinstance(self.groups_of, Shares) else 2

    @property
    def fewest_customers(self) -> int:
        """Customers whom a test must have for anything to be compared."""
        return 2 * self._fewest_each

    def groups(self, customers: int) -> tuple[int, int]:
        """How many are in the test, and how many are held out."""
        in_test = math.floor(customers * self.part + Fraction(1, 2))
        in_test = max(self._fewest_each, min(customers - self._fewest_each, in_test))
        return in_test, customers - in_test

    def uplift(self, points: object, relative: object) -> float:
        """The one uplift that is given, in the unit of the figure."""
        if points is not None and relative is not None:
            msg = f"give uplift= or relative_uplift=, not both (got {shown(points)} and {shown(relative)})"
            raise ConflictingArgumentError(msg)
        if points is None and relative is None:
            msg = "give uplift=, in the unit of the figure (0.03 is 3 points), or relative_uplift= (0.1 is 10 % more)"
            raise InvalidValueError(msg)
        name, value = ("uplift", points) if relative is None else ("relative_uplift", relative)
        given = _number(name, value)
        if not given:
            msg = f"{name} must not be 0: no test shows that nothing happens (got {shown(value)})"
            raise InvalidValueError(msg)
        change = given if relative is None else given * self.exact
        if not change:
            msg = "relative_uplift is of no use where the baseline is 0; give uplift="
            raise InvalidValueError(msg)
        if self.is_share and not 0 < self.exact + change < 1:
            msg = f"{name} must leave the share between 0 and 1 (got {shown(value)} on {self.baseline:.4g}); 0.03 is 3 points"
            raise InvalidValueError(msg)
        if self.is_amount and self.exact + change < 0:
            msg = f"{name} must not take the figure below 0 (got {shown(value)} on {self.baseline:.4g}): none of its amounts is"
            raise InvalidValueError(msg)
        return float(change)

    def power(self, uplift: float, groups: tuple[int, int]) -> float:
        return self.groups_of.power(uplift, *groups, self.confidence)

    def fewest(self, uplift: float, wanted: float) -> tuple[int, int]:
        """The groups of the smallest test that has the power."""

        def is_enough(customers: int) -> bool:
            return self.power(uplift, self.groups(customers)) >= wanted

        guess = self.groups_of.guess(uplift, float(self.part), self.confidence, wanted)
        high = max(self.fewest_customers, min(math.ceil(guess), _MOST))
        while not is_enough(high):
            high *= 2
            if high > 2 * _MOST:
                msg = f"an uplift of {uplift:.4g} on {self.baseline:.4g} takes more customers than there are; try a larger one"
                raise InvalidValueError(msg)
        low = self.fewest_customers - 1
        near = high * 7 // 8
        if near > low and not is_enough(near):
            low = near
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (low, middle) if is_enough(middle) else (middle, high)
        return self.groups(high)

    def smallest(self, groups: tuple[int, int], wanted: float, *, falls: bool) -> float:
        """The uplift that is just seen with the power, by bisection."""
        sign = -1 if falls else 1

        def is_seen(size: float) -> bool:
            return self.power(sign * size, groups) >= wanted

        far = self._farthest(is_seen, falls=falls)
        if not is_seen(far):
            sizes, change = " and ".join(f"{each:,}" for each in groups), "fall" if falls else "uplift"
            msg = f"so few customers, {sizes}, show no {change} of {self.baseline:.4g} with a power of {wanted:g}, however large"
            raise UndefinedMetricError(msg)
        near = 0.0
        for _ in range(_HALVINGS):
            middle = (near + far) / 2
            near, far = (near, middle) if is_seen(middle) else (middle, far)
        return sign * far

    def _farthest(self, is_seen: Callable[[float], bool], *, falls: bool) -> float:
        if isinstance(self.groups_of, Shares) or self.is_share:
            room = self.baseline if falls else 1 - self.baseline
            return room * (1 - _HAIR)
        if falls and self.is_amount:
            return self.baseline
        far = self.groups_of.deviation
        while not is_seen(far) and far < self.groups_of.deviation * _MOST:
            far *= 2
        return far

    def result(
        self,
        asked: Literal["customers", "power", "uplift"],
        groups: tuple[int, int],
        uplift: float,
        wanted: float | None,
    ) -> PlannedTest:
        in_test, held_out = groups
        is_exact = self.groups_of.is_exact(in_test, held_out)
        of_shares = isinstance(self.groups_of, Shares)
        return PlannedTest(
            asked=asked,
            baseline=self.baseline,
            uplift=uplift,
            in_test=in_test,
            held_out=held_out,
            power=self.power(uplift, groups),
            confidence=self.confidence,
            wanted=wanted,
            unit=self.unit,
            is_share=self.is_share,
            deviation=None if isinstance(self.groups_of, Shares) else self.groups_of.deviation,
            method=_EXACT if is_exact else _NORMAL if of_shares else _WELCH,
            assumed=(
                _ALWAYS,
                *([] if of_shares else [_OF_MEANS]),
                *([_OF_FIGURES] if self.is_figure else []),
            ),
        )


_HALVINGS = 60
_HAIR = 1e-9
"""How far from 0 and 1 a share keeps, in parts of the way there."""
_EXACT = "every outcome of the two groups gone through, Newcombe's interval"
_NORMAL = "normal approximation of the (N − 1) χ² test"
_WELCH = "Welch's t, noncentral"
_ALWAYS = "chance alone decides who is in the test, each customer is one case, and the result is looked at once, at the end"
_OF_MEANS = "customers differ as much in both groups as the baseline says"
_OF_FIGURES = "all the customers are such as the figure counts; where only some of those who are assigned will be, assign more"


def _of_figure(figure: Ratio | Mean, deviation: object) -> tuple[Fraction, Shares | Means]:
    if deviation is not None:
        msg = f"deviation= goes with a plain number; a {type(figure).__name__} has its own (got {shown(deviation)})"
        raise ConflictingArgumentError(msg)
    float(figure)  # what has no value says why
    exact = Fraction(figure.numerator) / Fraction(figure.denominator) if isinstance(figure, Ratio) else None
    if isinstance(figure, Ratio) and exact is not None and figure.sampling == "independent":
        return exact, Shares(baseline=_share(exact))
    if not isinstance(figure.sampling, ClusterSums):
        name = figure.basis.metric or f"this {type(figure).__name__.lower()}"
        msg = f"nothing is known of how customers differ in {name}; give the number and deviation="
        raise UndefinedMetricError(msg)
    sums = figure.sampling
    spread = math.sqrt(sums.n * sums.variance())
    if not spread:
        msg = f"all {sums.n:,} customers are alike, so that nothing is known of how they differ; give the number and deviation="
        raise UndefinedMetricError(msg)
    return sums.quotient(), Means(deviation=spread)


def _is_never_negative(figure: Ratio | Mean) -> bool:
    """Whether a figure is made of amounts none of which is below 0, such as what customers spent."""
    return isinstance(figure.sampling, ClusterSums) and not figure.sampling.signed


def _of_number(baseline: object, deviation: object) -> tuple[Fraction, Shares | Means]:
    exact = _number("baseline", baseline)
    if deviation is None:
        return exact, Shares(baseline=_share(exact))
    spread = _number("deviation", deviation)
    if spread <= 0:
        msg = f"deviation must be above 0 (got {shown(deviation)})"
        raise InvalidValueError(msg)
    return exact, Means(deviation=float(spread))


def _share(value: Fraction) -> float:
    if not 0 < value < 1:
        msg = (
            f"baseline must be a share strictly between 0 and 1, such as 0.2 for 20 % (got {float(value):g}); "
            f"of a mean, give deviation= too"
        )
        raise InvalidValueError(msg)
    return float(value)


def _number(name: str, value: object) -> Fraction:
    """Any finite number, exactly."""
    if isinstance(value, bool) or not isinstance(value, (int, float, Decimal, Fraction)):
        msg = f"{name} must be a number, not {type(value).__name__} (got {shown(value)})"
        raise InvalidTypeError(msg)
    try:
        return Fraction(value)
    except (ValueError, OverflowError):
        msg = f"{name} must be finite (got {shown(value)})"
        raise InvalidValueError(msg) from None


def _between(name: str, value: object) -> float:
    number = _number(name, value)
    if not 0 < number < 1:
        msg = f"{name} must lie between 0 and 1, such as 0.8 for 80 % (got {shown(value)})"
        raise InvalidValueError(msg)
    return cast("float", value)


def _customers(value: object, plan: _Plan) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        msg = f"customers must be an int, not {type(value).__name__} (got {shown(value)})"
        raise InvalidTypeError(msg)
    if not plan.fewest_customers <= value <= _MOST:
        msg = f"customers must lie between {plan.fewest_customers} and {_MOST:,}, those in the hold-out among them (got {shown(value)})"
        raise InvalidValueError(msg)
    return value
