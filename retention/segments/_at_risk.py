"""Who is slipping away now, what they are worth, and how sure that is."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Unpack, overload

from attrs import evolve, field, frozen

from retention._calendar import Duration, Zone, as_words, check_duration, from_microseconds
from retention._validate import exact_sum
from retention.history import ReadingOptions
from retention.results import Basis, Ratio, as_text
from retention.results._basis import NOTHING, WithBasis, hedge
from retention.segments._customers import plain_id
from retention.segments._lifecycle import (
    OWN_RHYTHM,
    USUAL_STAGES,
    basis_of,
    check_rules,
    days_in_words,
    judged,
)
from retention.segments._rules import FixedThresholds, LifecycleRules, limits_of
from retention.segments._silence import DAY
from retention.segments._slipping import Finder, Slipping
from retention.segments._standing import Standing, standing
from retention.shop import Orders, history_of

__all__ = ["AtRiskCustomer", "AtRiskCustomers", "at_risk_customers"]

_OWNER = "at_risk_customers"
_YEAR = timedelta(days=365)


@frozen(kw_only=True)
class AtRiskCustomer:
    """A customer who has been silent for too long, and is not given up yet.

    Attributes:
        customer_id: The customer's id.
        orders: Purchases so far.
        latest_at: Instant of the latest one, in UTC.
        silence_days: Days since then, of 24 hours.
        usual_gap_days: The rhythm that the silence is measured by: the customer's own, or the shop's; None under
            fixed thresholds.
        times_usual: How many times the rhythm the silence has lasted; None likewise.
        has_own_rhythm: Whether the rhythm is the customer's own.
        spend: What the customer spent within the window.
        spend_ever: What the customer has spent in all.
        comeback: Of the shop's earlier silences that had lasted as long, the share that ended by a purchase within
            `AtRiskCustomers.within`; undefined where none had been watched for long enough.
        at_stake: `spend` times the chance that nothing comes in that time, 1 − `comeback`; None where that is not known.
        currency: The currency of the money.
        why: Why the customer is in the list, in a sentence.

    .. versionadded:: 0.1
    """

    customer_id: Hashable
    orders: int
    latest_at: datetime
    silence_days: float
    usual_gap_days: float | None
    times_usual: float | None
    has_own_rhythm: bool
    spend: Decimal
    spend_ever: Decimal
    comeback: Ratio
    at_stake: Decimal | None
    currency: str | None
    why: str

    def __str__(self) -> str:
        return self.explain()

    def explain(self) -> str:
        """The customer in words: how long silent, how often that ended well, and the arithmetic of what is at stake."""
        from retention.display._names import name_as_text

        unit = f" {self.currency}" if self.currency else ""
        head = f"{name_as_text(self.customer_id)}: {self.why}."
        if self.comeback.value is None:
            return f"{head} How many come back is not known: {self.comeback.undefined_because}."
        top, bottom = self.comeback.basis.counted
        return (
            f"{head} Of {self.comeback.denominator:,} {bottom}, {self.comeback.numerator:,} {top}: "
            f"{self.comeback}{hedge(self.comeback)}. At stake: {as_text(self.spend)} × (1 − "
            f"{self.comeback.numerator}/{self.comeback.denominator}) = {as_text(self.at_stake)}{unit}."
        )

    def to_dict(self) -> dict[str, str | int | float | Decimal | None]:
        """Everything in one flat dictionary; ids that are neither text nor a whole number as text."""
        is_known = self.comeback.value is not None
        low, high = self.comeback.interval() if is_known else (None, None)
        return {
            "customer_id": plain_id(self.customer_id),
            "orders": self.orders,
            "latest_at": self.latest_at.isoformat(),
            "silence_days": self.silence_days,
            "usual_gap_days": self.usual_gap_days,
            "times_usual": self.times_usual,
            "spend": self.spend,
            "spend_ever": self.spend_ever,
            "comeback": self.comeback.value,
            "comeback_low": low,
            "comeback_high": high,
            "silences_like_it": int(self.comeback.denominator),
            "at_stake": self.at_stake,
            "currency": self.currency,
            "why": self.why,
        }


def _as_tuple(found: Iterable[AtRiskCustomer]) -> tuple[AtRiskCustomer, ...]:
    return tuple(found)


@frozen(kw_only=True, repr=False)
class AtRiskCustomers(Sequence[AtRiskCustomer], WithBasis):
    """The customers at risk, the most urgent first: most money times most chance that it is lost.

    A sequence; slices of it are such lists, too.

    Attributes:
        found: The customers.
        of_all: How many are at risk in all; more than there are in a slice.
        all_customers: How many customers the shop had, at risk or not.
        within: Within which time a comeback is looked for; None where nothing could be looked for.
        window: In which time before the instant the spend is counted; None for all time.
        basis: What the list rests on; takes no part in equality.

    .. versionadded:: 0.1
    """

    found: tuple[AtRiskCustomer, ...] = field(converter=_as_tuple)
    of_all: int
    all_customers: int
    within: Duration | None
    window: Duration | None
    basis: Basis = field(default=NOTHING, eq=False)

    @overload
    def __getitem__(self, place: int) -> AtRiskCustomer: ...
    @overload
    def __getitem__(self, place: slice) -> AtRiskCustomers: ...
    def __getitem__(self, place: int | slice) -> AtRiskCustomer | AtRiskCustomers:
        """A customer by position, or a shorter list by slice."""
        return evolve(self, found=self.found[place]) if isinstance(place, slice) else self.found[place]

    def __len__(self) -> int:
        return len(self.found)

    def __iter__(self) -> Iterator[AtRiskCustomer]:
        return iter(self.found)

    @property
    def spend(self) -> Decimal:
        """What those in the list spent within the window."""
        return exact_sum(each.spend for each in self.found)

    @property
    def at_stake(self) -> Decimal | None:
        """What is at stake with those of whom that is known; None where it is of none of them."""
        known = [each.at_stake for each in self.found if each.at_stake is not None]
        is_nobody = not self.found and self.basis.undefined_because is None
        return exact_sum(known) if known or is_nobody else None

    def to_dicts(self) -> list[dict[str, str | int | float | Decimal | None]]:
        """A dictionary for each customer, the most urgent first."""
        return [each.to_dict() for each in self.found]

    def __repr__(self) -> str:
        shown_here = "" if len(self) == self.of_all else f"{len(self):,} of "
        return f"<AtRiskCustomers: {shown_here}{self.of_all:,} at risk, of {self.all_customers:,} customers>"

    def __str__(self) -> str:
        """The list as text."""
        from retention.display._segments import at_risk_as_text

        return at_risk_as_text(self)

    def explain(self) -> str:
        """The list in words: how many, what they spent, what is at stake, and what that rests on."""
        if self.basis.undefined_because:
            return self._named(f"no value, since {self.basis.undefined_because}.")
        head = f"{self.of_all:,} of {self.all_customers:,} customers are at risk."
        if not self.found:
            return self._named(head)
        lately = f" in the last {as_words(self.window)}" if self.window else ""
        spent = f"The {len(self):,} listed spent {self._money(self.spend)}{lately}"
        return self._named(f"{head} {spent}{self._at_stake_in_words()}.")

    def _at_stake_in_words(self) -> str:
        """What is at stake out of what those spent of whom that is known, and of how many it is not."""
        if self.at_stake is None:
            return ". How many of them come back is not known, since no earlier silence as long was watched"
        known = [each.spend for each in self.found if each.at_stake is not None]
        unknown = len(self.found) - len(known)
        whose = (
            f". How many come back is known of {len(known):,} of them, with {self._money(exact_sum(known))} of it"
            if unknown
            else ""
        )
        return (
            f"{whose}, of which {self._money(self.at_stake)} are at stake: spend × (1 − share of such silences that "
            f"ended within {as_words(self.within) if self.within else ''})"
        )

    def _money(self, amount: Decimal) -> str:
        return f"{as_text(amount)}{f' {self.basis.currency}' if self.basis.currency else ''}"


def at_risk_customers(
    orders: Orders,
    /,
    *,
    at: datetime | None = None,
    tz: Zone | None = None,
    rules: LifecycleRules = OWN_RHYTHM,
    within: Duration | None = None,
    window: Duration | None = _YEAR,
    **reading: Unpack[ReadingOptions],
) -> AtRiskCustomers:
    r"""Who is slipping away now: silent for longer than usual and not yet given up, the most urgent first.

    .. math:: \text{urgency} = \text{spend} \times (1 - \text{comeback})

    Urgent is who spent much and is unlikely to come back by alone. What the customer spent in the window before the
    instant is what a like time to come would bring. How likely a comeback is, the shop's own past tells: of all earlier
    silences that had lasted as long, in terms of the rhythm that the customer had when it began (by fixed thresholds: in
    days), the share that ended by a purchase within that time. Each is looked at the moment at which it had lasted as
    long, and counts only where all of that time after the moment had been observed, however it ended. Like is compared
    with like: silences after a first purchase, after too few purchases for a rhythm, and of customers with a rhythm of
    about the same length.

    Nothing was done about those silences, or what the shop usually does: it is a figure of what happens without more.

    Args:
        orders: The orders, a `History` of them, or a `Shop`.
        at: The instant; None means the data's `as_of`.
        tz: The zone by whose calendar days, months and years are counted; None means that of `at`. Where neither is
            given, limits of the calendar are refused, and instants are told in UTC.
        rules: How silences are judged: `OwnRhythm` or `FixedThresholds`.
        within: Within which time a comeback counts, the limit included; a timedelta or a relativedelta. None takes the
            time after which customers are at risk: by the own rhythm that of the shop, in whole days, rounded up, else
            `at_risk_after`.
        window: In which time before the instant the spend is counted; None for all time.
        reading: How to read the orders; see `ReadingOptions`.

    Returns:
        The list; empty where nobody is at risk. Undefined, and empty, when there are no customers, or nobody has come
        back yet, so that `OwnRhythm` has no rhythm to go by.

    Raises:
        AsOfRequiredError: Neither `at` nor `as_of` is given.
        ConflictingArgumentError: `at` lies after `as_of`, or a keyword contradicts the data.
        InvalidTypeError: `rules` are none, or `within` or `window` is no time.
        InvalidValueError: `within` or `window` is not positive; or it, or a limit of the rules, is of the calendar, and
            nobody said in which zone.
        MixedCurrencyError: The sales are in several currencies.

    >>> import retention as rt
    >>> from datetime import datetime, timezone
    >>> from retention.testing import make_orders
    >>> orders = make_orders(
    ...     {
    ...         "ann": ["2026-01-01", "2026-01-11", "2026-01-21", "2026-01-31"],
    ...         "ben": ["2026-01-01", "2026-03-02"],
    ...     }
    ... )
    >>> at_risk = rt.at_risk_customers(orders, at=datetime(2026, 3, 10, tzinfo=timezone.utc))
    >>> [(each.customer_id, each.silence_days, each.times_usual) for each in at_risk]
    [('ann', 37.5, 3.75)]

    References:
        Sources SA7, SC16, SD1.

    .. versionadded:: 0.1
    """
    history = history_of(orders, **reading)
    check_rules(rules, USUAL_STAGES, owner=_OWNER)
    if within is not None:
        check_duration(within, owner=_OWNER, field="within")
    here = standing(history, at, owner=_OWNER, tz=tz)
    here.refuse_a_guess({**limits_of(rules), "within": within}, owner=_OWNER)
    since = here.since(window, owner=_OWNER)
    found = judged(here, rules)
    basis = evolve(basis_of(here, found, rules, _OWNER), currency=here.money.currency)
    empty = AtRiskCustomers(
        found=(),
        of_all=0,
        all_customers=here.customers,
        within=None,
        window=window,
        basis=basis,
    )
    if basis.undefined_because:
        return empty
    finder = Finder.of(here, found, rules, within, here.until)
    ids, rule = here.ids, _rule(rules)
    listed = tuple(_customer(one, ids[one.who], here, rule) for one in finder.slipping(since))
    return evolve(empty, found=listed, of_all=len(listed), within=finder.within)


def _customer(one: Slipping, customer_id: Hashable, here: Standing, rule: str) -> AtRiskCustomer:
    """A customer at risk as a host sees it."""
    money = here.money
    times_usual = None if one.usual is None else one.silence / one.usual
    return AtRiskCustomer(
        customer_id=customer_id,
        orders=here.orders[one.who],
        latest_at=from_microseconds(here.latest_at[one.who]),
        silence_days=one.silence / DAY,
        usual_gap_days=None if one.usual is None else one.usual / DAY,
        times_usual=times_usual,
        has_own_rhythm=one.is_own,
        spend=money.amount(one.spent),
        spend_ever=money.amount(one.spent_ever),
        comeback=one.comeback,
        at_stake=None if one.at_stake is None else money.amount(one.at_stake),
        currency=money.currency,
        why=_why(one, rule),
    )


def _why(one: Slipping, rule: str) -> str:
    silent = f"silent for {days_in_words(one.silence)}"
    if one.usual is None:
        return f"{silent}; {rule}"
    whose = "usually" if one.is_own else "too few gaps for a rhythm, and customers who come back usually take"
    return f"{silent}, {one.silence / one.usual:.1f} times the usual; {whose} {days_in_words(one.usual)} from one purchase to the next"


def _rule(rules: LifecycleRules) -> str:
    return rules.in_words() if isinstance(rules, FixedThresholds) else ""
