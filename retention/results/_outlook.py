"""How much of a coming period's revenue can be expected from the customers that there are."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any

from attrs import field, frozen

from retention._numerics import check_confidence, student_quantile
from retention.errors import InvalidTypeError, UndefinedMetricError, shown
from retention.results._basis import NOTHING, Basis, Interval, WithBasis, decimal_as_text, with_reason
from retention.results._ratio import Ratio

__all__ = ["BackTest", "RevenuePredictability"]

_FEWEST = 3
"""So many periods tell something of how far they lie apart."""
_METHOD = "prediction interval of Student's t, from the spread between the periods"
_PERCENT = ".1%"


@frozen(kw_only=True)
class BackTest:
    """What would have been predicted of a past period, and what came.

    Attributes:
        share: What came.
        interval: What the periods before it had led to expect.

    .. versionadded:: 0.1
    """

    share: Ratio
    interval: Interval

    @property
    def period(self) -> str:
        """The label of the period."""
        return self.share.basis.period or ""

    @property
    def held(self) -> bool:
        """Whether the interval held what came."""
        return float(self.share) in self.interval


def _shares(shares: Iterable[Ratio]) -> tuple[Ratio, ...]:
    given: object = shares
    if isinstance(given, str) or not isinstance(given, Iterable):
        msg = f"RevenuePredictability.shares must be an iterable of Ratios, not {type(given).__name__} (got {shown(given)})"
        raise InvalidTypeError(msg)
    found = tuple(given)
    for each in found:
        if not isinstance(each, Ratio):
            msg = (
                f"RevenuePredictability.shares must be Ratios, not {type(each).__name__} (got {shown(each)})"
            )
            raise InvalidTypeError(msg)
    Ratio.pool(
        found
    )  # refuses shares of different metrics, definitions or currencies, and what was not observed
    return found


@frozen(kw_only=True)
class RevenuePredictability(WithBasis):
    """The share of revenue that existing customers gave in comparable periods, as a forecast of a coming one.

    `value` and `share` pool the periods, sum over sum. `interval` is a prediction interval: where the share of one
    more period like these will lie, which is wider than where their mean lies. `back_tests` asks how well that would
    have done so far.

    Attributes:
        shares: For each comparable period, the oldest first, the revenue from customers acquired before it of the
            revenue of known customers.
        basis: What the forecast rests on; takes no part in equality.

    .. versionadded:: 0.1

    >>> past = [Ratio(60, 100), Ratio(66, 110), Ratio(70, 100), Ratio(62, 100)]
    >>> outlook = RevenuePredictability(shares=past)
    >>> print(f"{outlook.share}, next time {outlook.interval()}")
    62.9%, next time 46.0% to 79.9%
    """

    shares: tuple[Ratio, ...] = field(converter=_shares, repr=False)
    basis: Basis = field(default=NOTHING, eq=False, repr=False)

    def __attrs_post_init__(self) -> None:
        if not self._defined():
            object.__setattr__(self, "basis", with_reason(self.basis, "no comparable period has revenue"))

    def _defined(self) -> dict[int, Ratio]:
        """The shares of periods that had revenue, by their place among all."""
        return {place: share for place, share in enumerate(self.shares) if share.value is not None}

    @property
    def share(self) -> Ratio:
        """The share over all the periods, which is sum over sum; undefined where they have no revenue."""
        return Ratio.pool(self.shares)

    @property
    def value(self) -> float | None:
        """The share over all the periods as a float, or None when it is undefined."""
        return None if self.basis.undefined_because else self.share.value

    def __float__(self) -> float:
        value = self.value
        if value is None:
            raise self._undefined()
        return value

    def interval(self, confidence: float = 0.95) -> Interval:
        """Where the share of the coming period is expected: P ± t·s·√(1 + 1/k), cut to 0 and 1.

        P is the share over all k periods, s² = Σ(share − P)² / (k − 1), t has k − 1 degrees of freedom. It takes the
        periods as draws from one urn: a share that rises from period to period, or differs by season, is not one
        (`back_tests` shows it).

        Args:
            confidence: Level between 0 and 1.

        Raises:
            UndefinedMetricError: When fewer than three periods have a share, or all have the same.
        """
        confidence = check_confidence(confidence)
        float(self)
        return _prediction(list(self._defined().values()), confidence)

    def back_tests(self, confidence: float = 0.95) -> tuple[BackTest, ...]:
        """For each period from the fourth on, the interval that those before it give, and whether it held the share.

        Args:
            confidence: Level between 0 and 1.

        Returns:
            The tests, the oldest first. Periods are left out before which fewer than three have a share, or all the
            same.
        """
        confidence = check_confidence(confidence)
        return tuple(self._tested(confidence).values())

    def _tested(self, confidence: float = 0.95) -> dict[int, BackTest]:
        """The back-tests, by the place of their period among all: labels may be missing, or there twice."""
        return dict(_back_tests(self._defined(), confidence))

    def coverage(self, confidence: float = 0.95) -> Ratio:
        """How many of the `back_tests` held, of how many. It has no interval, since the tests share periods.

        Args:
            confidence: Level between 0 and 1; a good method holds in about so many.
        """
        tests = self.back_tests(confidence)
        basis = Basis(counted=("intervals that held", "periods with three before them"))
        return Ratio(sum(test.held for test in tests), len(tests), sampling=None, basis=basis)

    def to_dicts(self) -> list[dict[str, Any]]:
        """One plain dictionary a period, for JSON or a data frame.

        With period, revenue, existing (what of it came from existing customers), share, the 95 % prediction that the
        periods before it gave (low, high), and whether it held; None where there is none.
        """
        tests = self._tested()
        return [_as_dict(share, tests.get(place)) for place, share in enumerate(self.shares)]

    def __repr__(self) -> str:
        return f"<RevenuePredictability: {len(self.shares):,} periods, {self._no_value if self.value is None else self.share}>"

    def __str__(self) -> str:
        if self.basis.undefined_because:
            return self._no_value
        from retention.display import table

        tests = self._tested()
        rows = [_row(share, tests.get(place)) for place, share in enumerate(self.shares)]
        headings = ["period", "revenue", "from existing", "share", "predicted", "held"]
        return f"{table([*rows, _pooled_row(self.share)], headings=headings)}\n\n{self._forecast()}"

    def _forecast(self) -> str:
        of = f"of {self.basis.period}" if self.basis.period else "of the coming period"
        try:
            expected = f"between {self.interval():{_PERCENT}} (95 % prediction interval)".replace(
                " to ", " and ", 1
            )
        except UndefinedMetricError as error:
            return f"Share expected {of}: about {self.share}. No interval: {error}."
        coverage = self.coverage()
        tested = (
            f"; it held in {coverage.numerator} of {coverage.denominator} past periods"
            if coverage.denominator
            else ""
        )
        return f"Share expected {of}: {expected}{tested}."

    def explain(self) -> str:
        """The forecast in words: what it was made from, and how well it would have done."""
        if self.basis.undefined_because:
            return self._named(f"no value, since {self.basis.undefined_because}.")
        share = self.share
        revenue, existing = _parts(share)
        made = f"{existing} from existing customers of {revenue} in {len(self._defined())} periods"
        return self._named(f"{share} = {made}. {self._forecast()}")


def _prediction(shares: list[Ratio], confidence: float) -> Interval:
    k = len(shares)
    if k < _FEWEST:
        msg = f"the interval requires at least three comparable periods with revenue (got {k})"
        raise UndefinedMetricError(msg)
    exact = [Fraction(share.numerator) / Fraction(share.denominator) for share in shares]
    pooled = Ratio.pool(shares)
    middle = Fraction(pooled.numerator) / Fraction(pooled.denominator)
    spread = sum((share - middle) ** 2 for share in exact) / (k - 1)
    if not spread:
        msg = "the interval requires periods that are not all alike: nothing else tells how far one may lie from the others"
        raise UndefinedMetricError(msg)
    reach = student_quantile(confidence, k - 1) * math.sqrt(spread * (1 + Fraction(1, k)))
    low, high = max(0.0, float(middle) - reach), min(1.0, float(middle) + reach)
    return Interval(low=low, high=high, confidence=confidence, method=_METHOD, shown_as=_PERCENT)


def _back_tests(shares: Mapping[int, Ratio], confidence: float) -> Iterator[tuple[int, BackTest]]:
    before: list[Ratio] = []
    for place, share in shares.items():
        try:
            interval = _prediction(before, confidence)
        except UndefinedMetricError:
            pass  # too little is known before it
        else:
            yield place, BackTest(share=share, interval=interval)
        before.append(share)


def _as_dict(share: Ratio, test: BackTest | None) -> dict[str, Any]:
    return {
        "period": share.basis.period,
        "revenue": float(share.denominator),
        "existing": float(share.numerator),
        "share": share.value,
        "low": test.interval.low if test else None,
        "high": test.interval.high if test else None,
        "held": test.held if test else None,
    }


def _row(share: Ratio, test: BackTest | None) -> list[str]:
    predicted, held = (str(test.interval), "yes" if test.held else "no") if test else ("", "")
    return [share.basis.period or "", *_parts(share), str(share), predicted, held]


def _pooled_row(share: Ratio) -> list[str]:
    return ["all", *_parts(share), str(share), "", ""]


def _parts(share: Ratio) -> list[str]:
    """Revenue, and what of it came from existing customers."""
    return [decimal_as_text(Decimal(part), ",.2f") for part in (share.denominator, share.numerator)]
