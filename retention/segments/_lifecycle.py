"""Where each customer stands in life: stage and state, and the table of both."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from itertools import compress
from typing import Unpack

from attrs import evolve, field, frozen

from retention._calendar import Zone, as_words, ends_of, from_microseconds
from retention._columns import NOBODY
from retention._facts import Money
from retention._ledger import column
from retention._mapping import FrozenMapping
from retention.errors import InvalidTypeError, InvalidValueError, did_you_mean, shown
from retention.history import ReadingOptions
from retention.results import Basis, Ratio
from retention.results._basis import WithBasis
from retention.segments._customers import by_first_purchase
from retention.segments._lives import CustomerLifecycle, LifecycleGroup
from retention.segments._rules import (
    STAGES,
    STATES,
    FixedThresholds,
    LifecycleRules,
    LifecycleStages,
    OwnRhythm,
    limits_of,
)
from retention.segments._shop_rhythm import ShopRhythm
from retention.segments._silence import (
    DAY,
    NEVER_TWICE,
    Rhythms,
    ended_before,
    fixed_states,
    states_by_rhythm,
    times,
)
from retention.segments._standing import Standing, standing
from retention.segments._words import Words
from retention.shop import Orders, history_of

__all__ = [
    "OWN_RHYTHM",
    "USUAL_STAGES",
    "Judged",
    "LifecycleTable",
    "at_risk_from",
    "basis_of",
    "by_the_shop",
    "check_rules",
    "days_in_words",
    "judged",
    "lifecycle_table",
    "stage_codes",
]

_OWNER = "lifecycle_table"
OWN_RHYTHM = OwnRhythm()
USUAL_STAGES = LifecycleStages()
_NOBODY_YET = "nobody had purchased yet"


@frozen(kw_only=True, eq=False, repr=False)
class LifecycleTable(WithBasis):
    """Every customer's stage and state as of an instant, in columns; made by `lifecycle_table`.

    The stage says how far a customer has come (early, middle, late), the state what the present silence means (new,
    active, at risk, lapsed, won back). Everyone is in exactly one stage and in exactly one state.

    `print` shows how many are where. Iterating gives a `CustomerLifecycle` each, in the order of first purchases; those
    of one instant stand in the order of their ids. Stages and states need no money, so that sales in several currencies
    are no obstacle; what customers spent can then not be asked for.

    Attributes:
        at: The instant.
        rules: How silences are judged.
        stage_rules: From when on a customer is middle, and late.
        usual_gap_days: The shop's rhythm, by which those are judged who have none of their own; None under fixed
            thresholds, or where nobody has come back.
        stages: Each customer's stage, by id.
        states: Each customer's state, by id; empty where there is nothing to judge a silence by.
        basis: What the figures rest on.

    .. versionadded:: 0.1
    """

    at: datetime
    rules: LifecycleRules
    stage_rules: LifecycleStages
    basis: Basis
    _ids: Sequence[Hashable] = field(alias="ids")
    _numbers: Mapping[Hashable, int] = field(alias="numbers")
    _orders: Sequence[int] = field(alias="orders")
    _first_at: Sequence[int] = field(alias="first_at")
    _latest_at: Sequence[int] = field(alias="latest_at")
    _spend: Sequence[int] = field(alias="spend")
    _own: Sequence[int] | None = field(alias="own")
    _shop: ShopRhythm | None = field(alias="shop")
    _now: int = field(alias="now")
    _money: Money = field(alias="money")
    _stage_codes: bytes = field(alias="stage_codes")
    _state_codes: bytes | None = field(alias="state_codes")
    _cells: Mapping[tuple[int, int], tuple[int, int]] = field(alias="cells")

    @property
    def stages(self) -> Mapping[Hashable, str]:
        """Each customer's stage, by id."""
        return Words(self._numbers, self._stage_codes, STAGES)

    @property
    def states(self) -> Mapping[Hashable, str]:
        """Each customer's state, by id; empty where there is nothing to judge a silence by."""
        if self._state_codes is None:
            return Words(FrozenMapping(), b"", STATES)
        return Words(self._numbers, self._state_codes, STATES)

    @property
    def currencies(self) -> tuple[str, ...]:
        """The currencies of the sales. Only where there is no more than one, money adds up."""
        return self._money.currencies

    @property
    def usual_gap_days(self) -> float | None:
        """The shop's rhythm, in days of 24 hours."""
        return None if self._shop is None else self._shop.usual / DAY

    def __len__(self) -> int:
        return len(self._ids)

    def __iter__(self) -> Iterator[CustomerLifecycle]:
        return map(self._at, by_first_purchase(range(len(self)), self._first_at, self._ids))

    def __contains__(self, customer_id: object) -> bool:
        return isinstance(customer_id, Hashable) and customer_id in self._numbers

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, LifecycleTable):
            return NotImplemented
        return self._head == other._head and dict(self._rows()) == dict(other._rows())

    @property
    def _head(self) -> tuple[object, ...]:
        return self.at, self.rules, self.stage_rules, self._shop, self._cells

    def __hash__(self) -> int:
        return hash((self.at, len(self), self.rules, self.stage_rules))

    def _rows(self) -> Iterator[tuple[Hashable, tuple[object, ...]]]:
        """Each customer's columns; those of one first instant may stand in any order."""
        columns = zip(
            self._orders,
            self._first_at,
            self._latest_at,
            self._spend,
            self._stage_codes,
            self._state_codes or self._stage_codes,
            self._own or self._orders,
            strict=True,
        )
        return zip(self._ids, columns, strict=True)

    def group(self, *, stage: str | None = None, state: str | None = None) -> LifecycleGroup:
        """The customers of a stage, of a state, or of both; with neither, all.

        Raises:
            InvalidValueError: There is no such stage or state, or the states are not known.
        """
        stages, states = self._asked(stage, state)
        found = [sums for (one, other), sums in self._cells.items() if one in stages and other in states]
        customers = sum(count for count, _ in found)
        return LifecycleGroup(
            stage=stage,
            state=state,
            customers=customers,
            share=Ratio(customers, len(self), basis=self._basis_of(_called(stage, state))),
            units=sum(units for _, units in found),
            money=self._money,
        )

    @property
    def groups(self) -> tuple[LifecycleGroup, ...]:
        """The customers of each stage and state, empty groups included. Where states are not known, of each stage."""
        states = (None,) if self._state_codes is None else STATES
        return tuple(self.group(stage=stage, state=state) for stage in STAGES for state in states)

    def members(self, *, stage: str | None = None, state: str | None = None) -> tuple[Hashable, ...]:
        """The ids of the customers of a stage, of a state, or of both, in the order of first purchases; with neither, of all.

        Raises:
            InvalidValueError: There is no such stage or state, or the states are not known.
        """
        stages, states = self._asked(stage, state)
        codes = zip(self._stage_codes, self._state_codes or bytes(len(self)), strict=True)
        chosen = (one in stages and other in states for one, other in codes)
        numbers = list(compress(range(len(self)), chosen))
        return tuple(map(self._ids.__getitem__, by_first_purchase(numbers, self._first_at, self._ids)))

    def _asked(self, stage: str | None, state: str | None) -> tuple[set[int], set[int]]:
        stages, states = _code(stage, STAGES, "stage"), _code(state, STATES, "state")
        if state is not None and self._state_codes is None:
            msg = f"LifecycleTable has no states: {self.basis.undefined_because}"
            raise InvalidValueError(msg)
        return stages, states

    def _basis_of(self, customers: str) -> Basis:
        reason = None if len(self) else _NOBODY_YET
        return evolve(self.basis, counted=(customers, "customers"), undefined_because=reason)

    def of(self, customer_id: Hashable, /) -> CustomerLifecycle:
        """Where one customer stands, and why.

        Args:
            customer_id: The id; of a person with several, the one that all stand for.

        Raises:
            InvalidValueError: Nobody of that id had purchased by then.
        """
        if customer_id not in self:
            msg = f"LifecycleTable.of: no customer {shown(customer_id)} had a purchase before {self.at.isoformat(' ', 'minutes')}; `in` asks whether one had"
            raise InvalidValueError(msg)
        return self._at(self._numbers[customer_id])

    def _at(self, who: int) -> CustomerLifecycle:
        state = None if self._state_codes is None else STATES[self._state_codes[who]]
        usual = NOBODY if self._own is None else self._own[who]
        limits = self._limits(usual)
        silence = self._now - self._latest_at[who]
        rhythm = usual if usual != NOBODY else self._shop.usual if self._shop else None
        return CustomerLifecycle(
            customer_id=self._ids[who],
            orders=self._orders[who],
            first_at=from_microseconds(self._first_at[who]),
            latest_at=from_microseconds(self._latest_at[who]),
            silence_days=silence / DAY,
            usual_gap_days=None if rhythm is None else rhythm / DAY,
            has_own_rhythm=usual != NOBODY,
            at_risk_after=limits and limits[0],
            lapsed_after=limits and limits[1],
            stage=STAGES[self._stage_codes[who]],
            state=state,
            why=self._why(silence, usual, limits),
            units=self._spend[who],
            money=self._money,
        )

    def _limits(self, usual: int) -> tuple[str, str] | None:
        """From when on somebody of this rhythm is at risk, and has lapsed."""
        if isinstance(self.rules, FixedThresholds):
            return as_words(self.rules.at_risk_after), as_words(self.rules.lapsed_after)
        if self._shop is None:
            return None
        if usual == NOBODY:
            return days_in_words(self._shop.at_risk), days_in_words(self._shop.lapsed)
        return days_in_words(times(self.rules.at_risk_after, usual)), days_in_words(
            times(self.rules.lapsed_after, usual)
        )

    def _why(self, silence: int, usual: int, limits: tuple[str, str] | None) -> str:
        silent = f"silent for {days_in_words(silence)}"
        if limits is None:
            return f"{silent}; {self.basis.undefined_because}"
        if isinstance(self.rules, FixedThresholds):
            whose = "by the fixed thresholds"
        elif usual == NOBODY and self._shop is not None:
            whose = f"too few gaps for a rhythm of one's own, by the shop's ({days_in_words(self._shop.usual)} as a rule)"
        else:
            whose = f"usually {days_in_words(usual)} between two purchases"
        return f"{silent}; {whose}, at risk after {limits[0]} and lapsed after {limits[1]}"

    def to_dicts(self) -> list[dict[str, str | int | float | Decimal | None]]:
        """A flat dict for each customer; money is None where the sales are in several currencies."""
        return [each.to_dict() for each in self]

    def groups_to_dicts(self) -> list[dict[str, str | int | float | Decimal | None]]:
        """A flat dict for each stage and state; money is None where the sales are in several currencies."""
        return [group.to_dict() for group in self.groups]

    def __repr__(self) -> str:
        return f"<LifecycleTable: {len(self):,} customers as of {self.at:%Y-%m-%d}>"

    def __str__(self) -> str:
        """The table as text: stages down, states across, with totals and revenue."""
        from retention.display._segments import lifecycle_as_text

        return lifecycle_as_text(self)

    def explain(self) -> str:
        """The table in words: how many are in which state, by which rule, and what was left out."""
        if self.basis.undefined_because:
            return self._named(f"no value, since {self.basis.undefined_because}.")
        told = ", ".join(
            f"{self.group(state=state).customers:,} {state.replace('_', ' ')}" for state in STATES
        )
        return self._named(f"of {len(self):,} customers {told}.")


def _called(stage: str | None, state: str | None) -> str:
    words = " ".join(filter(None, (stage, state and state.replace("_", " "))))
    return f"{words} customers" if words else "customers"


def days_in_words(us: int) -> str:
    days = us / DAY
    return f"{days:,.0f} day{'' if round(days) == 1 else 's'}"


def _code(word: str | None, words: Sequence[str], name: str) -> set[int]:
    """The positions of the words that are meant: of one, or of all."""
    if word is None:
        return set(range(len(words)))
    if word not in words:
        msg = f"LifecycleTable: {name} must be one of {', '.join(map(repr, words))} (got {shown(word)}); {did_you_mean(word, words)}".rstrip(
            "; "
        )
        raise InvalidValueError(msg)
    return {words.index(word)}


def lifecycle_table(
    orders: Orders,
    /,
    *,
    at: datetime | None = None,
    tz: Zone | None = None,
    rules: LifecycleRules = OWN_RHYTHM,
    stages: LifecycleStages = USUAL_STAGES,
    **reading: Unpack[ReadingOptions],
) -> LifecycleTable:
    r"""How far each customer has come, and whether the customer is still there: stage and state of all, as of an instant.

    .. math:: \text{silence} = \text{at} - \max t, \quad t < \text{at}

    A customer is *lapsed* or *at risk* when the silence since the latest purchase is longer than the rule allows;
    otherwise *new* with the first purchase only (by fixed thresholds: when that was no longer than `new_within` ago),
    *won back* when the latest purchase ended a silence that counted as lapsed, and *active* in all other cases. By the
    own rhythm, that silence is judged by what was known of the customer before it, and by the shop's rhythm of today,
    and two orders of one visit end it together; by fixed thresholds the gap before the very latest order is the silence.
    The stage is told by `LifecycleStages`.

    Args:
        orders: The orders, a `History` of them, or a `Shop`.
        at: The instant; None means the data's `as_of`. To count a month's figures by segment, take its start, else the
            figures that follow have chosen their own members.
        tz: The zone by whose calendar days, months and years are counted; None means that of `at`. Where neither is
            given, limits of the calendar are refused, and instants are told in UTC.
        rules: How silences are judged: `OwnRhythm` or `FixedThresholds`.
        stages: From when on a customer is middle, and late.
        reading: How to read the orders; see `ReadingOptions`.

    Returns:
        The table. Its states are undefined when nobody has come back yet, so that `OwnRhythm` has no rhythm to go by.

    Raises:
        AsOfRequiredError: Neither `at` nor `as_of` is given.
        ConflictingArgumentError: `at` lies after `as_of`, or a keyword contradicts the data.
        InvalidTypeError: `rules` or `stages` is none.
        InvalidValueError: A limit is of the calendar, and nobody said in which zone.

    >>> import retention as rt
    >>> from datetime import datetime, timedelta, timezone
    >>> from retention.testing import make_orders
    >>> orders = make_orders({"ann": ["2026-01-01", "2026-02-01", "2026-03-01"], "ben": ["2026-01-10"]})
    >>> limits = rt.FixedThresholds(
    ...     new_within=timedelta(days=30), at_risk_after=timedelta(days=60), lapsed_after=timedelta(days=120)
    ... )
    >>> table = rt.lifecycle_table(orders, at=datetime(2026, 4, 1, tzinfo=timezone.utc), rules=limits)
    >>> table.states["ann"], table.states["ben"], table.stages["ann"]
    ('active', 'at_risk', 'middle')

    References:
        Sources SC8, SC16.

    .. versionadded:: 0.1
    """
    history = history_of(orders, **reading)
    check_rules(rules, stages, owner=_OWNER)
    here = standing(history, at, owner=_OWNER, tz=tz)
    here.refuse_a_guess(limits_of(rules, stages), owner=_OWNER)
    return _table(here, judged(here, rules), rules, stages)


def check_rules(rules: object, stages: object, *, owner: str) -> None:
    """Refuse what are no rules."""
    if not isinstance(rules, (OwnRhythm, FixedThresholds)):
        msg = f"{owner}: rules must be OwnRhythm(...) or FixedThresholds(...), not {type(rules).__name__} (got {shown(rules)})"
        raise InvalidTypeError(msg)
    if not isinstance(stages, LifecycleStages):
        msg = (
            f"{owner}: stages must be LifecycleStages(...), not {type(stages).__name__} (got {shown(stages)})"
        )
        raise InvalidTypeError(msg)


@frozen(kw_only=True, eq=False)
class Judged:
    """Everyone's state as of an instant.

    Attributes:
        states: Each customer's, as its position in `STATES`; None where there is nothing to judge a silence by.
        rhythms: Everyone's rhythm; None under fixed thresholds.
    """

    states: bytes | None
    rhythms: Rhythms | None

    @property
    def undefined_because(self) -> str | None:
        """Why there are no states, or None."""
        return NEVER_TWICE if self.states is None else None


def judged(here: Standing, rules: LifecycleRules) -> Judged:
    """Everyone's state by a rule."""
    if isinstance(rules, FixedThresholds):
        return Judged(states=fixed_states(here, rules), rhythms=None)
    rhythms = Rhythms.of(here, rules)
    if not here.customers:
        return Judged(states=b"", rhythms=rhythms)
    if rhythms.shop is None:
        return Judged(states=None, rhythms=rhythms)
    return Judged(states=states_by_rhythm(here, rhythms, rhythms.shop), rhythms=rhythms)


def at_risk_from(here: Standing, found: Judged, rules: LifecycleRules, numbers: Sequence[int]) -> list[int]:
    """From when on the present silence of some customers is too long, in microseconds; it may lie ahead."""
    latest = [here.latest_at[who] for who in numbers]
    if isinstance(rules, FixedThresholds):
        return list(ends_of(latest, rules.at_risk_after, here.zone))
    rhythms = found.rhythms
    if rhythms is None or rhythms.shop is None:
        return []
    by_shop = rhythms.shop.at_risk
    own = (rhythms.own[who] for who in numbers)
    waits = (by_shop if usual == NOBODY else times(rules.at_risk_after, usual) for usual in own)
    return [at + wait for at, wait in zip(latest, waits, strict=True)]


def stage_codes(here: Standing, stages: LifecycleStages) -> bytes:
    """Each customer's stage, as its position in `STAGES`."""
    # A tenure that is reached at the very instant counts, hence one microsecond more.
    middle = ended_before(here.first_at, stages.middle_tenure, here.zone, here.now + 1)
    late = ended_before(here.first_at, stages.late_tenure, here.zone, here.now + 1)
    at_least, more = stages.middle_orders, stages.late_orders
    return bytes(
        (orders >= at_least and is_middle) + (orders >= more and is_late)
        for orders, is_middle, is_late in zip(here.orders, middle, late, strict=True)
    )


def basis_of(here: Standing, found: Judged, rules: LifecycleRules, metric: str) -> Basis:
    """What the states rest on: the rule, and who was judged by the shop."""
    basis = here.basis(metric)
    reason = found.undefined_because if here.customers else _NOBODY_YET
    return here.basis(
        metric,
        undefined_because=reason,
        assumed=(*basis.assumed, *by_the_shop(found)),
        options=(("rules", rules.in_words()),),
    )


def by_the_shop(found: Judged) -> Iterator[str]:
    """How many have no rhythm of their own, and by what they are judged."""
    if found.rhythms is None or found.rhythms.shop is None:
        return
    shop, own = found.rhythms.shop, found.rhythms.own
    few = Counter(own)[NOBODY]
    if few:
        yield (
            f"{few:,} customer{'' if few == 1 else 's'} with fewer than {found.rhythms.rules.fewest_gaps} gaps follow the rhythm of the "
            f"{shop.customers:,} who came back: {days_in_words(shop.usual)} as a rule, at risk after {days_in_words(shop.at_risk)}, "
            f"lapsed after {days_in_words(shop.lapsed)}"
        )
        if shop.is_young:
            yield (
                f"no gap longer than the {days_in_words(shop.watched)} since the first purchase can have been seen yet, "
                "so that these limits may be too short"
            )


def _table(here: Standing, found: Judged, rules: LifecycleRules, stages: LifecycleStages) -> LifecycleTable:
    """The table of an instant."""
    staged, spend, ids = stage_codes(here, stages), here.spend(), here.ids
    states = found.states if found.states is not None else bytes(len(ids))
    cells = [stage * len(STATES) + state for stage, state in zip(staged, states, strict=True)]
    units = [0] * (len(STAGES) * len(STATES))
    for cell, spent in zip(cells, spend, strict=True):
        units[cell] += spent
    currencies = here.money.currencies
    currency = currencies[0] if len(currencies) == 1 else None
    basis = evolve(basis_of(here, found, rules, _OWNER), currency=currency)
    return LifecycleTable(
        at=here.at,
        rules=rules,
        stage_rules=stages,
        basis=basis,
        ids=ids,
        numbers=FrozenMapping(dict(zip(ids, range(len(ids)), strict=True))),
        orders=here.orders,
        first_at=here.first_at,
        latest_at=here.latest_at,
        spend=column(spend),
        own=None if found.rhythms is None else found.rhythms.own,
        shop=None if found.rhythms is None else found.rhythms.shop,
        now=here.now,
        money=here.money,
        stage_codes=staged,
        state_codes=found.states,
        cells=FrozenMapping(
            {divmod(cell, len(STATES)): (count, units[cell]) for cell, count in Counter(cells).items()}
        ),
    )
