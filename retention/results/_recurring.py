"""Recurring revenue over time: its movements in a period, and its course."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Hashable, Iterable, Iterator, Mapping, Set as AbstractSet
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from typing import ClassVar

from attrs import field, frozen

from retention._calendar import instant
from retention._mapping import FrozenMapping
from retention._numerics import decimal_context
from retention.errors import InvalidTypeError, InvalidValueError, shown
from retention.results._basis import NOTHING, Basis, WithBasis, as_text, check_whole

__all__ = ["RevenueCurve", "RevenueFlow", "as_money"]

_CONTEXT = decimal_context(28)
_EXACT = decimal_context(60)
_GAINS = ("new", "expansion", "resumed", "reactivation")
_LOSSES = ("contraction", "paused", "churned")
_KINDS = (*_GAINS, *_LOSSES)
_CENTS = 2
_MOST_DECIMALS = 28


def as_money(exact: Fraction) -> Decimal:
    """An exact amount as Decimal, with at least two decimals.

    It is exact where it takes no more than 28 decimals, and given to 28 significant digits elsewhere.
    """
    for places in range(_CENTS, _MOST_DECIMALS + 1):
        units, rest = divmod(exact.numerator * 10**places, exact.denominator)
        if not rest:
            return _EXACT.scaleb(Decimal(units), -places)
    return _CONTEXT.divide(Decimal(exact.numerator), Decimal(exact.denominator))


def _amounts(given: Mapping[str, Fraction]) -> Mapping[str, Fraction]:
    """All the amounts of a flow; those that are not given are 0."""
    if not isinstance(given, Mapping):
        msg = f"RevenueFlow.exact must be a mapping of names to Fractions, not {type(given).__name__} (got {shown(given)})"
        raise InvalidTypeError(msg)
    for name, amount in given.items():
        if name not in ("start", *_KINDS, "end"):
            msg = f"RevenueFlow.exact has the amounts start, {', '.join(_KINDS)} and end (got {shown(name)})"
            raise InvalidValueError(msg)
        if isinstance(amount, bool) or not isinstance(amount, (int, Fraction)):
            msg = f"RevenueFlow.exact[{name!r}] must be a Fraction (got {shown(amount)})"
            raise InvalidTypeError(msg)
        if amount < 0:
            msg = f"RevenueFlow.exact[{name!r}] must not be negative (got {shown(amount)}); losses are counted from 0 up"
            raise InvalidValueError(msg)
    return FrozenMapping({name: Fraction(given.get(name, 0)) for name in ("start", *_KINDS, "end")})


def _counts(given: Mapping[str, int]) -> Mapping[str, int]:
    if not isinstance(given, Mapping):
        msg = f"RevenueFlow.counts must be a mapping of names to ints, not {type(given).__name__} (got {shown(given)})"
        raise InvalidTypeError(msg)
    for name, count in given.items():
        if name not in _KINDS:
            msg = f"RevenueFlow.counts has the movements {', '.join(_KINDS)} (got {shown(name)})"
            raise InvalidValueError(msg)
        check_whole(f"RevenueFlow.counts[{name!r}]", count)
    return FrozenMapping({name: given.get(name, 0) for name in _KINDS})


def _customers(given: Mapping[str, AbstractSet[Hashable]]) -> Mapping[str, frozenset[Hashable]]:
    if not isinstance(given, Mapping):
        msg = f"RevenueFlow.customers must be a mapping of names to sets of ids, not {type(given).__name__} (got {shown(given)})"
        raise InvalidTypeError(msg)
    for name, ids in given.items():
        if name not in _KINDS:
            msg = f"RevenueFlow.customers has the movements {', '.join(_KINDS)} (got {shown(name)})"
            raise InvalidValueError(msg)
        if isinstance(ids, (str, bytes)) or not isinstance(ids, Iterable):
            msg = f"RevenueFlow.customers[{name!r}] must be a set of ids, not {type(ids).__name__} (got {shown(ids)})"
            raise InvalidTypeError(msg)
    return FrozenMapping({name: frozenset(given.get(name, ())) for name in _KINDS})


def _items(mapping: Mapping[str, object]) -> tuple[tuple[str, object], ...]:
    return tuple(mapping.items())


@frozen(kw_only=True, repr=False)
class RevenueFlow(WithBasis):
    """How monthly recurring revenue (MRR) moved: start + gains − losses = end, exactly.

    The gains are new, expansion, resumed and reactivation, the losses contraction, paused and churned. Each is a
    Decimal, exact where it has up to 28 decimals and to 28 significant digits elsewhere; `exact` has them as
    Fractions. The flows of adjacent periods add up: the end of one is the start of the next.

    Attributes:
        exact: Each amount as a Fraction, by its name: ``"start"``, the seven movements, ``"end"``.
        counts: How many movements of each kind there were; one customer may have several.
        customers: The ids behind each kind of movement.
        ended_while_paused: How often a customer left who had come to pay nothing (`paused`) and never paid again
            before; that moves no MRR. It makes no difference whether a pause or a trial stood between.
        basis: What the figure rests on; takes no part in equality.

    .. versionadded:: 0.1

    >>> flow = RevenueFlow(exact={"start": 100, "new": 25, "churned": 10, "end": 115})
    >>> flow.end
    Decimal('115.00')
    """

    parts: ClassVar[tuple[str, ...]] = ("start", *_KINDS, "end")
    headline: ClassVar[str] = "MRR at the end"

    exact: Mapping[str, Fraction] = field(converter=_amounts, eq=_items)
    counts: Mapping[str, int] = field(default=FrozenMapping(), converter=_counts, eq=_items)
    customers: Mapping[str, frozenset[Hashable]] = field(
        default=FrozenMapping(), converter=_customers, hash=False
    )
    ended_while_paused: int = 0
    basis: Basis = field(default=NOTHING, eq=False)

    def __attrs_post_init__(self) -> None:
        check_whole("RevenueFlow.ended_while_paused", self.ended_while_paused)
        exact = self.exact
        gained, lost = (sum(exact[kind] for kind in kinds) for kinds in (_GAINS, _LOSSES))
        if exact["start"] + gained - lost != exact["end"]:
            msg = f"RevenueFlow must balance: start + gains - losses = end (got {self._sum()})"
            raise InvalidValueError(msg)

    @property
    def start(self) -> Decimal:
        """MRR just before the period."""
        return as_money(self.exact["start"])

    @property
    def new(self) -> Decimal:
        """Gained from customers who never paid before."""
        return as_money(self.exact["new"])

    @property
    def expansion(self) -> Decimal:
        """Gained from customers who paid less just before."""
        return as_money(self.exact["expansion"])

    @property
    def resumed(self) -> Decimal:
        """Gained from customers who paid nothing for a time, but had a subscription in force all along."""
        return as_money(self.exact["resumed"])

    @property
    def reactivation(self) -> Decimal:
        """Gained from customers who had paid once, and had left."""
        return as_money(self.exact["reactivation"])

    @property
    def contraction(self) -> Decimal:
        """Lost from customers who go on paying something."""
        return as_money(self.exact["contraction"])

    @property
    def paused(self) -> Decimal:
        """Lost from customers who pay nothing for now, but have a subscription in force."""
        return as_money(self.exact["paused"])

    @property
    def churned(self) -> Decimal:
        """Lost from customers who left."""
        return as_money(self.exact["churned"])

    @property
    def end(self) -> Decimal:
        """MRR just before the period's end."""
        return as_money(self.exact["end"])

    def _sum(self) -> str:
        signs = [*(("+", kind) for kind in _GAINS), *(("−", kind) for kind in _LOSSES)]
        moved = "".join(
            f" {sign} {_money(self.exact[kind])} {kind}" for sign, kind in signs if self.exact[kind]
        )
        return f"{_money(self.exact['start'])}{moved} = {_money(self.exact['end'])}"

    def __repr__(self) -> str:
        return f"<RevenueFlow: {self}>"

    def __str__(self) -> str:
        if not self.basis.observable:
            return self._no_value
        unit = self.basis.currency
        return self._sum() + (f" {unit}" if unit else "")

    def explain(self) -> str:
        """The flow in words, with what was left out."""
        if not self.basis.observable:
            return self._named(f"no value, since {self.basis.undefined_because}.")
        apart = self.ended_while_paused
        aside = f" Beside that, {apart:,} ended while paused." if apart else ""
        return self._named(f"{self}.{aside}")


def _money(exact: Fraction) -> str:
    return as_text(as_money(exact))


_MOST_ROWS = 40


def _steps(steps: Iterable[tuple[datetime, Fraction]]) -> tuple[tuple[datetime, Fraction], ...]:
    if isinstance(steps, (str, Mapping)) or not isinstance(steps, Iterable):
        msg = f"RevenueCurve.steps must be pairs of an instant and a Fraction, not {type(steps).__name__} (got {shown(steps)})"
        raise InvalidTypeError(msg)
    return tuple(_step(position, step) for position, step in enumerate(steps))


def _step(position: int, step: object) -> tuple[datetime, Fraction]:
    name = f"steps[{position}]"
    if not isinstance(step, (tuple, list)) or len(step) != len(("instant", "amount")):
        msg = f"RevenueCurve.{name} must be a pair of an instant and a Fraction (got {shown(step)})"
        raise InvalidTypeError(msg)
    at, amount = step
    return instant(at, owner="RevenueCurve", field=name), _mrr(name, amount)


def _mrr(name: str, amount: object) -> Fraction:
    """An exact amount of MRR; a float is none, as it rarely is what was meant."""
    if isinstance(amount, bool) or not isinstance(amount, (int, Fraction, Decimal)):
        msg = (
            f"RevenueCurve.{name} must be a Fraction, a Decimal or an int, not {type(amount).__name__} "
            f"(got {shown(amount)})"
        )
        raise InvalidTypeError(msg)
    if (isinstance(amount, Decimal) and not amount.is_finite()) or amount < 0:
        msg = f"RevenueCurve.{name} must be finite and not negative (got {shown(amount)})"
        raise InvalidValueError(msg)
    return Fraction(amount)


# Datetimes of one zone are ordered by wall clock, in which an hour of an autumn night comes twice.
def _start(given: datetime) -> datetime:
    return instant(given, owner="RevenueCurve", field="start")


def _end(given: datetime) -> datetime:
    return instant(given, owner="RevenueCurve", field="end")


def _before(given: Fraction | Decimal | int) -> Fraction:
    return _mrr("before", given)


@frozen(kw_only=True, repr=False)
class RevenueCurve(WithBasis):
    """The course of monthly recurring revenue (MRR): what it was at each instant of a period.

    Attributes:
        start: First instant, in UTC, as are all others.
        end: Where the curve ends; of a period that was still running, as_of.
        before: MRR just before the first instant, exact.
        steps: Each instant at which the MRR changed, ascending, with what it was from then on, exact.
        basis: What the figure rests on; takes no part in equality.

    .. versionadded:: 0.1
    """

    start: datetime = field(converter=_start)
    end: datetime = field(converter=_end)
    before: Fraction = field(default=Fraction(0), converter=_before)
    steps: tuple[tuple[datetime, Fraction], ...] = field(default=(), converter=_steps)
    basis: Basis = field(default=NOTHING, eq=False)

    def __attrs_post_init__(self) -> None:
        instants = [self.start, *(at for at, _ in self.steps), self.end]
        for one, other in pairwise(instants):
            if one > other:
                msg = (
                    f"RevenueCurve.steps must ascend from start to end (got {one.isoformat()} before "
                    f"{other.isoformat()})"
                )
                raise InvalidValueError(msg)

    def at(self, moment: datetime, /) -> Decimal:
        """MRR at an instant, what changes at it included.

        Args:
            moment: An aware datetime from the curve's start to its end; at the end itself it is what it was just
                before, unless the end is as_of.

        Raises:
            InvalidTypeError: When it is no datetime.
            InvalidValueError: When the curve does not reach the instant, or it has no time zone.
            NotObservableError: When there is no curve.
        """
        return as_money(self.exactly_at(moment))

    def exactly_at(self, moment: datetime, /) -> Fraction:
        """The same as an exact Fraction."""
        if not self.basis.observable:
            raise self._undefined()
        asked = instant(moment, owner="RevenueCurve", field="at")
        if not self.start <= asked <= self.end:
            msg = (
                f"RevenueCurve.at takes instants from {self.start.isoformat()} to {self.end.isoformat()} "
                f"(got {asked.isoformat()}); make the curve of a longer period"
            )
            raise InvalidValueError(msg)
        position = bisect_right(self.steps, asked, key=_at)
        return self.steps[position - 1][1] if position else self.before

    def points(self) -> Iterator[tuple[datetime, Decimal]]:
        """Each instant from which on the MRR was another, with what it was; the first is the curve's start.

        Raises:
            NotObservableError: When there is no curve.
        """
        if not self.basis.observable:
            raise self._undefined()
        opens = not self.steps or self.steps[0][0] > self.start
        first = [(self.start, self.before)] if opens else []
        return ((at, as_money(exact)) for at, exact in (*first, *self.steps))

    def __repr__(self) -> str:
        return f"<RevenueCurve: {len(self.steps):,} steps>"

    def __str__(self) -> str:
        """A table of the steps, in UTC; of many the first and the last."""
        if not self.basis.observable:
            return self._no_value
        rows = [(f"{at:%Y-%m-%d %H:%M}", as_text(amount)) for at, amount in self.points()]
        width = max(len(amount) for _, amount in rows)
        lines = [f"{at}  {amount:>{width}}" for at, amount in rows]
        if len(lines) > _MOST_ROWS:
            half = _MOST_ROWS // 2
            lines[half:-half] = [f"… {len(lines) - 2 * half:,} more …"]
        return "\n".join([f"from, in UTC      {'MRR':>{width}}", *lines])

    def explain(self) -> str:
        """The curve in words: where it began, where it ended, how often it changed."""
        if not self.basis.observable:
            return self._named(f"no value, since {self.basis.undefined_because}.")
        last = self.steps[-1][1] if self.steps else self.before
        unit = f" {self.basis.currency}" if self.basis.currency else ""
        times = len(self.steps)
        return self._named(
            f"from {_money(self.before)} to {_money(last)}{unit} in {times:,} step{'' if times == 1 else 's'}."
        )


def _at(step: tuple[datetime, Fraction]) -> datetime:
    return step[0]
