"""How a shop stands at the end of a period, as rules see it: each figure once, whichever rules ask for it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from decimal import Decimal
from functools import cached_property
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Unpack

from attrs import evolve, field, frozen

from retention._estimates import holm
from retention._mapping import FrozenMapping
from retention._snapshot import Figure, Snapshot
from retention._snapshot._choice import checked_options
from retention.catalog import METRICS, Result
from retention.comparison import Comparison
from retention.errors import (
    ConflictingArgumentError,
    InvalidTypeError,
    InvalidValueError,
    did_you_mean,
    is_bool,
    shown,
)
from retention.history import History, ReadingOptions
from retention.periods import Period
from retention.results._basis import WithBasis, check_count
from retention.segments._lifecycle import OWN_RHYTHM, USUAL_STAGES, check_rules
from retention.segments._rules import LifecycleRules
from retention.shop import Orders, Shop, history_of
from retention.strategies._conditions import Condition, in_words
from retention.strategies._counting import counted_for
from retention.strategies._customer_outlook import checked_outlook
from retention.strategies._plan import Plan, Seat, planned
from retention.strategies._readings import Reading
from retention.strategies._requirements import A_YEAR, FULL_PRICES, OUTLOOK, RECORDS
from retention.strategies._room import Room
from retention.strategies._rule_faults import instead_of_figure, what_is_called
from retention.strategies._rules import Rule, RuleSet
from retention.strategies._signals import SIGNALS

if TYPE_CHECKING:
    from retention.predict.outlook import CustomerOutlook

__all__ = ["Situation", "readings_of"]

_OWNER = "recommend"
_DAYS_OF_A_YEAR = range(360, 373)
_MORE_THAN_A_SNAPSHOT = "the records of the shop, which a snapshot no longer has"


def readings_of(
    data: Orders | Snapshot,
    /,
    *,
    rules: RuleSet,
    period: Period | None = None,
    figures: Mapping[str, Result] = FrozenMapping(),
    options: Mapping[str, Mapping[str, Any]] = FrozenMapping(),
    lifecycle: LifecycleRules = OWN_RHYTHM,
    outlook: CustomerOutlook | None = None,
    **reading: Unpack[ReadingOptions],
) -> Situation:
    """All figures that some rules ask for, counted in one walk over each kind of record.

    Args:
        data: The orders, a `History` of them, a `Shop`, or a `Snapshot`.
        rules: The rules.
        period: The period; of a snapshot its latest, unless another of its periods is given.
        figures: The host's own figures, by name.
        options: By metric, keywords that choose among its definitions.
        lifecycle: How silences are judged.
        outlook: What a model expects of the customers.
        reading: How to read the orders.

    Raises:
        ConflictingArgumentError: A keyword is given with a snapshot, which has been made already; or the outlook is of
            another day.
        InvalidTypeError: `period` is none, or missing; a figure or the outlook is none.
        InvalidValueError: No rule set has said that there is a figure of this name; or the outlook is of others.
        MixedCurrencyError: The outlook is in another currency than the orders.
    """
    expected = checked_outlook(outlook, owner=_OWNER)
    _check_figures(figures, rules)
    if isinstance(data, Snapshot):
        beside: dict[str, object] = {"options": options} if options else {}
        if lifecycle != OWN_RHYTHM:
            beside["lifecycle"] = lifecycle
        if expected is not None:
            beside["outlook"] = expected
        _refuse_with_snapshot({**beside, **reading})
        return Situation(
            rules=rules,
            period=data.figure(data.metrics[0], period).period,
            figures=FrozenMapping(figures),
            given=data,
        )
    if not isinstance(period, Period):
        what = "is due" if period is None else f"must be one Period, not {type(period).__name__}"
        msg = f"{_OWNER}: period {what} (got {shown(period)}); make one with Period.month(...), or give a Snapshot"
        raise InvalidTypeError(msg)
    check_rules(lifecycle, USUAL_STAGES, owner=_OWNER)
    history = history_of(data, **reading)
    shop = data if isinstance(data, Shop) else Shop(orders=history)
    if shop.orders is not history:  # so that nobody reads them again
        shop = evolve(shop, orders=history)
    room = Room(shop=shop, history=history, period=period, lifecycle=lifecycle, outlook=expected)
    room.check_outlook()
    return Situation(
        rules=rules,
        period=period,
        figures=FrozenMapping(figures),
        room=room,
        plan=planned(rules.values(), checked_options(options)),
    )


def _check_figures(figures: object, rules: RuleSet) -> None:
    if not isinstance(figures, Mapping):
        msg = f'{_OWNER}: figures must be a mapping of names to results, such as {{"parcels_late": Ratio(7, 100)}} (got {shown(figures)})'
        raise InvalidTypeError(msg)
    for name, value in figures.items():
        if name not in rules.figures:
            msg = f"{_OWNER}: figures has {shown(name)}, {_why_not(name, rules)}"
            raise InvalidValueError(msg)
        if is_bool(value) or not isinstance(value, (int, Decimal, WithBasis)):
            msg = f"{_OWNER}: figures[{shown(name)}] must be a result, such as Ratio(7, 100), not {type(value).__name__} (got {shown(value)})"
            raise InvalidTypeError(msg)
        if isinstance(value, (int, Decimal)):
            check_count(f"{_OWNER}: figures[{shown(name)}]", value)


def _why_not(name: object, rules: RuleSet) -> str:
    """Why a figure of this name is not asked for, and what to do instead."""
    what = what_is_called(name) if isinstance(name, str) else None
    if isinstance(name, str) and what is not None:
        return f"which is {what} of this library's; {instead_of_figure(name)}"
    return (
        f"which the rules have not been told of; {did_you_mean(name, rules.figures)}"
        f"say so with RuleSet(rules, figures=({shown(name)},)), or with_figures({shown(name)})"
    )


def _refuse_with_snapshot(given: Mapping[str, object]) -> None:
    for name, value in given.items():
        msg = f"{_OWNER}: {name}= can't be given with a Snapshot (got {shown(value)}), which has been made already; make it so, or give the shop"
        raise ConflictingArgumentError(msg)


@frozen(kw_only=True, eq=False, slots=False, repr=False)
class Situation:
    """The figures that the rules ask for, each made when it is first looked at.

    Attributes:
        rules: The rules.
        period: The period.
        figures: The host's own figures.
        given: The snapshot that was given, or None where there is a shop.
        room: Where everybody stands; None where there is a snapshot only.
        plan: Which snapshots are to be made of the shop.
    """

    rules: RuleSet
    period: Period
    figures: Mapping[str, Result]
    given: Snapshot | None = None
    room: Room | None = None
    plan: Plan = field(default=Plan(slots=(), host=FrozenMapping()))

    # ------------------------------------------------------------------------------------- as rules ask

    def reading(self, condition: Condition, /) -> Reading:
        """The figure of a condition, and its change against what the condition names."""
        if condition not in self._looked_at:
            found = self._made(condition)
            self._looked_at[condition] = evolve(found, made=condition.made, is_over=self._is_over)
        return self._looked_at[condition]

    @cached_property
    def _looked_at(self) -> dict[Condition, Reading]:
        return {}

    @cached_property
    def _is_over(self) -> bool:
        """Whether the period had passed when the data were taken."""
        source = self.given if self.room is None else self.room.history
        return source is not None and source.as_of is not None and source.as_of >= self.period.end

    @property
    def looked_at(self) -> tuple[Reading, ...]:
        """The figures that have been looked at so far, each once."""
        told = {
            (each.metric, each.made, each.change and each.change.labels): each
            for each in self._looked_at.values()
        }
        return tuple(told.values())

    def _made(self, condition: Condition) -> Reading:
        if condition.metric in METRICS:
            return self._of_metric(condition)
        if condition.metric in SIGNALS:
            return self._of_signal(condition.metric)
        return self._of_host(condition.metric)

    def lacking(self, rule: Rule, /) -> str | None:
        """What a rule requires and is not there, in words, or None."""
        return self.lacks(rule.requires)

    def lacks(self, words: Iterable[str]) -> str | None:
        """The first of some requirements that is not there, in words, or None."""
        return next((lacking for lacking in map(self._lacks, words) if lacking is not None), None)

    def figure(self, metric: str) -> Figure | None:
        """A figure as it is made for no rule in particular; None where it can't be had."""
        if self.given is not None:
            return self.given.figure(metric, self.period) if metric in self.given else None
        options = dict(self.plan.host.get(metric, {}))
        if options not in self.plan.slots[0].ways.get(metric, []):
            return None
        found = self._counted[Seat(0, metric, self.plan.slots[0].way(metric, options))]
        return found if isinstance(found, Figure) else None

    # --------------------------------------------------------------------------------------- metrics

    def _of_metric(self, condition: Condition) -> Reading:
        spec = METRICS[condition.metric]
        found = self._figure(condition)
        if isinstance(found, str):
            return Reading.absent(spec.id, found, title=spec.title, period=self.period.label)
        change = None if condition.change is None else self._changes[self._seat(condition)]
        active = self.figure("active_customer_count")
        sample = active.result if active is not None and spec.inputs[0] == "orders" else None
        return Reading.of_figure(found, change, sample=sample if isinstance(sample, int) else None)

    def _seat(self, condition: Condition) -> Seat:
        return Seat(0, condition.metric, 0) if self.given is not None else self.plan.seat(condition)

    def _figure(self, condition: Condition) -> Figure | str:
        """The figure, or what is not there to make it of."""
        return self._of_given(condition) if self.given is not None else self._counted[self._seat(condition)]

    @cached_property
    def _counted(self) -> Mapping[Seat, Figure | str]:
        return {} if self.room is None else counted_for(self.plan, self.room)

    def _of_given(self, condition: Condition) -> Figure | str:
        """The figure of the snapshot, or why it is not the one that is meant."""
        given = self.given
        if given is None or condition.metric not in given:
            return f"{condition.metric} in the snapshot"
        figure = given.figure(condition.metric, self.period)
        made = dict(figure.options)
        for name, value in condition.options.items():
            if made.get(name) != in_words(value):
                return f"{condition.metric} with {name}={in_words(value)} in the snapshot"
        if condition.change is not None and given.against != condition.against:
            return f'a snapshot with against="{condition.against}"'
        return figure

    @cached_property
    def _changes(self) -> Mapping[Seat, Comparison]:
        """How the figures moved of which rules ask that: all these tests are one family.

        Their p-values are corrected together; two metrics that are one test, such as retention and churn, count once.
        """
        moved = dict(self._moved())
        p_values = {key: one.p_value for key, one in moved.items() if one.p_value is not None}
        tested = {key: p_value for key, p_value in p_values.items() if _twin(key) not in p_values}
        adjusted = dict(zip(tested, holm(list(tested.values())), strict=True))
        return {
            key: one.among(len(tested), adjusted.get(key, adjusted.get(_twin(key))))
            for key, one in moved.items()
        }

    def _moved(self) -> Iterator[tuple[Seat, Comparison]]:
        for rule in self.rules.values():
            for condition in rule.conditions:
                if condition.change is None or condition.metric not in METRICS:
                    continue
                found = self._figure(condition)
                if not isinstance(found, str):
                    yield self._seat(condition), found.change

    # ------------------------------------------------------------------------------- all other figures

    def _of_signal(self, name: str) -> Reading:
        signal = SIGNALS[name]
        if self.room is None:
            return Reading.absent(name, _MORE_THAN_A_SNAPSHOT, title=signal.title, period=self.period.label)
        what = self.lacks(signal.needs)
        if what is not None:
            return Reading.absent(name, what, title=signal.title, period=self.period.label)
        if self.room.is_to_come:
            return Reading(
                metric=name,
                title=signal.title,
                period=self.period.label,
                observable=False,
                undefined_because=f"the data end before {self.period.label} begins",
            )
        if name not in self._read:
            found = signal.read(self.room)
            self._read[name] = Reading.of_result(
                name, found, title=signal.title, period=self.room.day, unit=signal.unit
            )
        return self._read[name]

    @cached_property
    def _read(self) -> dict[str, Reading]:
        return {}

    def _of_host(self, name: str) -> Reading:
        title = name.replace("_", " ").capitalize()
        if name not in self.figures:
            return Reading.absent(name, f"figures={{{name!r}: ...}}", title=title, period=self.period.label)
        return Reading.of_result(name, self.figures[name], title=title, period=self.period.label)

    # ------------------------------------------------------------------------------------ requirements

    def _lacks(self, word: str) -> str | None:
        """A requirement, as a host would give it, if it is not there; None where it is. Of several one is enough."""
        found = [self._lacks_one(each) for each in word.split("|")]
        return None if None in found else " or ".join(filter(None, found))

    def _lacks_one(self, word: str) -> str | None:
        if word == A_YEAR:
            days = (self.period.end - self.period.start) / timedelta(days=1)
            return (
                None
                if round(days) in _DAYS_OF_A_YEAR
                else f"a period of a year ({self.period.label} is none)"
            )
        if self.room is None:  # what a snapshot was made of, its figures tell
            is_there = word != "as_of" or (self.given is not None and self.given.as_of is not None)
            return None if is_there else "as_of="
        if word == OUTLOOK:
            return "outlook=customer_outlook(...)" if self.room.outlook is None else None
        if word not in self._there:
            self._there[word] = _is_there(word, self.room.shop, self.room.history)
        if self._there[word]:
            return None
        if word == FULL_PRICES:
            return "orders that are known to have had no discount, Order(discount=0)"
        owner, _, name = word.rpartition(".")
        return f"{owner or 'Shop'}({name}=...)"

    @cached_property
    def _there(self) -> dict[str, bool]:
        return {}


def _is_there(word: str, shop: Shop, history: History) -> bool:
    """Whether the shop has what a word names."""
    if word in {"as_of", "observed_from"}:
        return getattr(history, word) is not None
    if word == FULL_PRICES:
        goods = history.columns.goods
        return 0 in goods.discounted or 0 in goods.guest_discounts.units
    owner, _, name = word.rpartition(".")
    if not owner:
        return bool(len(getattr(shop, word)))
    if owner == "Order" and name in _COLUMNS:
        return bool(len(getattr(history.columns.goods, _COLUMNS[name])))
    seat = next(seat for seat, kind in RECORDS.items() if kind.__name__ == owner)
    return any(map(_says, map(attrgetter(name), getattr(shop, seat))))


_COLUMNS = {"items": "category", "cost": "cost", "discount": "discounted", "channel": "channel"}
"""Fields of orders that the history has in a column, which is empty where no order says anything."""


def _says(value: object) -> bool:
    """Whether a field of a record says anything."""
    return value is not None and value not in ((), frozenset())


def _twin(seat: Seat) -> Seat:
    """The metric that this one is the complement of, made likewise; itself is nobody's."""
    return seat._replace(metric=METRICS[seat.metric].complement_of or "")
