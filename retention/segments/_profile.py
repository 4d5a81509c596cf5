"""The ideal customer profile: what is more frequent among the best customers than among the others."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any, Literal, TypeAlias

from attrs import field, frozen

from retention._calendar import Duration, Zone, as_words, microseconds
from retention._estimates import holm
from retention._facts import Money
from retention._linearised import Unsampled
from retention._mapping import FrozenMapping
from retention.errors import InvalidTypeError, InvalidValueError, MissingRecordsError, is_bool, shown
from retention.results import Basis, Ratio
from retention.results._basis import WithBasis
from retention.segments._candidates import Candidate, Candidates, best_of, candidates_of
from retention.segments._frequency import fisher_p_value, times_as_frequent
from retention.segments._standing import standing
from retention.segments._traits import Value, traits_of
from retention.segments._worth import Worth, worth_of
from retention.shop import Shop

__all__ = ["CustomerProfile", "ProfileTrait", "ideal_customer_profile"]

_ALPHA = 0.05
_FEWEST = 10
_RANKED = Unsampled(
    "the best were chosen by rank among these very customers, so that their part is no sample of anything"
)
_NO_RECORD = "customers without a record"

TraitVerdict: TypeAlias = Literal["real", "borderline", "noise"]
"""What the test of a value comes to; `ProfileTrait.verdict` says when each is given."""


# ----------------------------------------------------------------------------------------------- results


@frozen(kw_only=True)
class ProfileTrait:
    """How frequent one value is among the best customers, and among the others.

    Attributes:
        attribute: What it is a value of.
        value: The value; True for what holds or doesn't.
        best: Its share of the best customers of whom the attribute is known.
        others: Its share of the others.
        low: The lower end of the 95 % interval of `times`.
        high: The upper end; None where there is none, since none of the others has it.
        p_value: How often chance alone parts customers no less unevenly (Fisher's exact test, two-sided).
        adjusted_p_value: The same after Holm's correction for all values that were tested.
        comparisons: How many were.

    .. versionadded:: 0.1
    """

    attribute: str
    value: Value
    best: Ratio
    others: Ratio
    low: float
    high: float | None
    p_value: float
    adjusted_p_value: float
    comparisons: int

    @property
    def times(self) -> float | None:
        """How many times as frequent it is among the best: 2 is "twice as frequent". None where none of the others has it."""
        if not self.others.numerator:
            return None
        top = Fraction(self.best.numerator) / Fraction(self.best.denominator)
        return float(top / (Fraction(self.others.numerator) / Fraction(self.others.denominator)))

    @property
    def verdict(self) -> TraitVerdict:
        """What the test comes to, among all that were made.

        ``"real"``: more than chance explains, even among all of them. ``"borderline"``: it would be if it stood alone.
        ``"noise"``: it may be chance.
        """
        if self.p_value > _ALPHA:
            return "noise"
        return "borderline" if self.adjusted_p_value > _ALPHA else "real"

    @property
    def label(self) -> str:
        """Attribute and value as people read them."""
        value = "yes" if self.value is True else self.value
        return f"{self.attribute.replace('_', ' ')}: {value}"

    def to_dict(self) -> dict[str, Any]:
        """The same as a flat dict; None where there is no such value."""
        return {
            "attribute": self.attribute,
            "value": self.value,
            "best": self.best.numerator,
            "best_known": self.best.denominator,
            "best_share": self.best.value,
            "others": self.others.numerator,
            "others_known": self.others.denominator,
            "others_share": self.others.value,
            "times": self.times,
            "low": self.low,
            "high": self.high,
            "p_value": self.p_value,
            "adjusted_p_value": self.adjusted_p_value,
            "verdict": self.verdict,
        }

    def __str__(self) -> str:
        from retention.display._profile import trait_sentence

        return trait_sentence(self)


@frozen(kw_only=True, repr=False)
class CustomerProfile(WithBasis):
    """What sets the best customers apart: how frequent each value is among them, and among the others.

    It shows who the best customers are, not what made them so. Iterating gives the values, the best supported first.

    Attributes:
        at: As of when.
        best: Share of the customers that was asked for.
        best_count: How many are the best; more or fewer than asked for where customers were equal at the edge.
        others_count: How many are the others.
        least: What the least of the best is worth.
        worth_share: What the best are worth out of what all are; None where their worth can't be added.
        traits: The values, by the strength of the evidence.
        comparisons: How many values were tested; of an attribute with two values one test says both.
        too_few: Values that too few customers have to be compared.
        for_all: Values that every customer has of whom the attribute is known.
        unfit: Attributes that can't be compared, each with the reason.
        best_customers: The ids of the best.
        notes: What is to be kept in mind.
        basis: What the profile rests on; takes no part in equality.

    .. versionadded:: 0.1
    """

    at: datetime = field(eq=microseconds)
    best: Decimal
    best_count: int
    others_count: int
    least: Decimal | float | None
    worth_share: Ratio | None
    traits: tuple[ProfileTrait, ...]
    comparisons: int
    too_few: int
    for_all: int
    unfit: Mapping[str, str] = field(hash=False)
    best_customers: frozenset[Hashable]
    notes: tuple[str, ...] = field(eq=False)
    basis: Basis = field(eq=False)

    def __len__(self) -> int:
        return len(self.traits)

    def __iter__(self) -> Iterator[ProfileTrait]:
        return iter(self.traits)

    def to_dicts(self) -> list[dict[str, Any]]:
        """A flat dict for each value."""
        return [trait.to_dict() for trait in self.traits]

    def __repr__(self) -> str:
        return (
            f"<CustomerProfile: {self.best_count:,} best of {self.best_count + self.others_count:,} customers, "
            f"{len(self.traits)} values>"
        )

    def __str__(self) -> str:
        from retention.display._profile import profile_text

        return profile_text(self)

    def explain(self) -> str:
        """What sets the best apart, in sentences, with what was left out and what to keep in mind."""
        from retention.display._profile import profile_sentences

        return self._named(profile_sentences(self))


# ----------------------------------------------------------------------------------------------- function


def ideal_customer_profile(
    shop: Shop,
    /,
    *,
    at: datetime | None = None,
    tz: Zone | None = None,
    best: Decimal | float = Decimal("0.2"),
    attributes: str | Iterable[str] | None = None,
    worth: Worth = "spend",
    within: Duration | None = None,
    window: Duration | None = None,
    fewest: int = 10,
) -> CustomerProfile:
    """Who the best customers are: what is more, or less, frequent among them than among the others.

    The best are the ⌈best · n⌉ customers who are worth most. Those who are equal to the last of them are among them,
    too; unless that made everybody best, and then they are all among the others. For each value of each attribute it
    gives the share among the best, that among the others, and how many times as frequent the first is. Of many values
    one or another differs by chance: p-values are corrected for all that were tested, and the values stand in the order of
    the evidence.

    Compared are ``country``, ``acquisition_channel``, ``referred`` (brought by somebody), ``first_category`` (what the
    first purchase was of), ``tags``, the host's `attributes` as far as they are texts, bools or few whole numbers, and
    ``loyalty_member`` (joined before `at` or, with `within`, within that time of the first purchase). But for
    membership, customers' records carry no dates: they say how customers are now. What comes of buying much, as a tag
    ``"vip"`` does, and often membership, is more frequent among the best and explains nothing.

    Args:
        shop: The shop, with customers' records and orders.
        at: As of when: what lies before it is counted. None means the data's `as_of`.
        tz: The zone by whose calendar days, months and years are counted; None means that of `at`. Where neither is
            given, limits of the calendar are refused, and instants are told in UTC.
        best: Which share of the customers is the best, between 0 and 1. A float is read as it is written.
        attributes: Which fields and attributes to compare, a name or several; None for all.
        worth: ``"spend"``: what a customer spent, after refunds. ``"orders"``: how often they purchased. Or a mapping of
            ids to numbers of your own, such as predicted values.
        within: Count only what each did within this time of their own first purchase, and only customers who were
            watched for so long; so nobody has had longer than others.
        window: Count only the time before `at`; customers without a purchase in it are left out.
        fewest: Values that fewer customers have are not compared.

    Returns:
        The profile. Without customers, or where all are worth the same, it has no values and says why.

    Raises:
        AsOfRequiredError: Neither `at` nor `as_of` is known.
        ConflictingArgumentError: `at` lies after `as_of`, or two of `within`, `window` and a mapping are given.
        MissingRecordsError: The shop has no customers' records.
        InvalidValueError: An argument is out of its domain, or no customer has an attribute of that name.
        InvalidTypeError: An argument has a type that is never right.
        MixedCurrencyError: The sales are in several currencies, and money is compared.

    >>> import retention as rt
    >>> from datetime import UTC, datetime
    >>> from retention.testing import make_customer, make_orders
    >>> spends = {n: [("2026-03-05", f"{n}.00")] for n in range(1, 41)}
    >>> shop = rt.Shop(
    ...     orders=make_orders(spends),
    ...     customers=[make_customer(id=n, country="AT" if n > 28 else "DE") for n in spends],
    ...     as_of=datetime(2026, 4, 1, tzinfo=UTC),
    ... )
    >>> profile = rt.ideal_customer_profile(shop)
    >>> profile.best_count, profile.least
    (8, Decimal('33.00'))
    >>> print(profile.traits[0])
    Country: AT: 100.0% of the best against 12.5% of the others, 8.00 times as frequent (95 % interval 3.53 to 20.35). That is more than chance explains.

    References:
        Sources SC2, SE18. Fisher (1935), Journal of the Royal Statistical Society 98, 39-82, for the test; Holm (1979),
        Scandinavian Journal of Statistics 6, 65-70, for many of them. Koopman (1984), Biometrics 40, 513-517, and
        Miettinen and Nurminen (1985), Statistics in Medicine 4, 213-226, for the interval.

    .. versionadded:: 0.1
    """
    owner = "ideal_customer_profile"
    _check_shop(shop, owner)
    share = _share(best, owner)
    _check_fewest(fewest, owner)
    history = shop.history()
    found = standing(history, at, owner=owner, tz=tz)
    counted = worth_of(shop, history.columns, found, worth, within=within, window=window, owner=owner)
    one_id = dict(shop.aliases)
    known = {one_id.get(customer.id, customer.id) for customer in shop.customers}
    worths = {person: value for person, value in counted.of.items() if person in known}
    top, least = best_of(worths, share)
    traits = traits_of(
        shop,
        history.columns,
        worths,
        attributes=attributes,
        until=found.until,
        limits=counted.limits,
        owner=owner,
    )
    tested = candidates_of(traits.found, top, fewest)
    unrecorded = len(counted.of) - len(worths)
    left_out = {
        **found.basis(owner).left_out,
        **counted.left_out,
        **({_NO_RECORD: unrecorded} if unrecorded else {}),
    }
    return CustomerProfile(
        at=found.at,
        best=share,
        best_count=len(top),
        others_count=len(worths) - len(top),
        least=None if least is None else counted.as_told(least),
        worth_share=_part(worths, top, counted.money) if counted.adds_up else None,
        traits=_judged(tested),
        comparisons=len({each.test for each in tested.found}),
        too_few=tested.too_few,
        for_all=tested.for_all,
        unfit=FrozenMapping({**traits.unfit, **tested.unfit}),
        best_customers=frozenset(top),
        notes=tuple(
            _notes({each.name for each in tested.found}, within, is_early_favored=counted.favors_early)
        ),
        basis=found.basis(
            owner,
            counted=("the best customers", "customers with a record"),
            left_out=FrozenMapping(left_out),
            records="orders and customers",
            undefined_because=_undefined(worths, top),
            currency=counted.currency,
            options=(
                ("best", str(share)),
                ("worth", counted.called),
                *((name, as_words(time)) for name, time in (("within", within), ("window", window)) if time),
                *((("fewest", str(fewest)),) if fewest != _FEWEST else ()),
            ),
        ),
    )


def _notes(names: Collection[str], within: Duration | None, *, is_early_favored: bool) -> Iterator[str]:
    """What is to be kept in mind: of what was compared, some may have come of buying."""
    yield "it shows who the best customers are, not what made them so"
    if is_early_favored:
        yield "customers who came earlier have had longer; within= gives all the same time"
    if "loyalty_member" in names:
        when = "by then" if within is None else f"within {as_words(within)} of their first purchase"
        yield f"loyalty members are those who had joined {when}, and who buys more has more occasions to join"
    if "tags" in names:
        yield "tags carry no date, and one that is given to good customers says nothing of why they are good"


def _judged(tested: Candidates) -> tuple[ProfileTrait, ...]:
    """The values by the strength of the evidence, p-values corrected for all tests; of twins, the more frequent first."""
    p_values = {each.test: fisher_p_value(each.best, each.others) for each in tested.found}
    adjusted = dict(zip(p_values, holm(list(p_values.values())), strict=True))
    ordered = sorted(
        tested.found, key=lambda each: (p_values[each.test], each.name, -each.excess, str(each.value))
    )
    return tuple(
        _trait(each, p_values[each.test], adjusted[each.test], comparisons=len(p_values)) for each in ordered
    )


def _trait(found: Candidate, p_value: float, adjusted: float, *, comparisons: int) -> ProfileTrait:
    low, high = times_as_frequent(found.best, found.others)
    return ProfileTrait(
        attribute=found.name,
        value=found.value,
        best=Ratio(*found.best),
        others=Ratio(*found.others),
        low=low,
        high=high,
        p_value=p_value,
        adjusted_p_value=adjusted,
        comparisons=comparisons,
    )


def _part(worths: Mapping[Hashable, int], top: Iterable[Hashable], money: Money | None) -> Ratio:
    """What the best are worth out of what all are."""
    parts = (sum(map(worths.__getitem__, top)), sum(worths.values()))
    return Ratio(*(parts if money is None else map(money.amount, parts)), sampling=_RANKED)


def _undefined(worths: Mapping[Hashable, object], top: Collection[Hashable]) -> str | None:
    if not worths:
        return "there are no customers with a record and a purchase"
    return None if top else "all customers are worth the same, so that none are the best"


def _check_shop(shop: object, owner: str) -> None:
    if not isinstance(shop, Shop):
        msg = f"{owner} takes a Shop, since it is about customers and orders, not {type(shop).__name__}; make one with Shop(customers=…, orders=…, as_of=…)"
        raise InvalidTypeError(msg)
    if not shop.customers:
        msg = f"{owner} needs customers' records, and the shop has none; give Shop(customers=...)"
        raise MissingRecordsError(msg)


def _share(best: object, owner: str) -> Decimal:
    """A share as it is written: a float's binary digits are not meant."""
    if is_bool(best) or not isinstance(best, (int, float, Decimal)):
        msg = f"{owner}: best must be a number, not {type(best).__name__} (got {shown(best)}); 0.2 is the best fifth"
        raise InvalidTypeError(msg)
    share = Decimal(str(best))
    if not (share.is_finite() and 0 < share < 1):
        msg = f"{owner}: best must lie between 0 and 1 (got {shown(best)}); 0.2 is the best fifth"
        raise InvalidValueError(msg)
    return share


def _check_fewest(fewest: object, owner: str) -> None:
    if is_bool(fewest) or not isinstance(fewest, int):
        msg = f"{owner}: fewest must be a whole number of customers, not {type(fewest).__name__} (got {shown(fewest)})"
        raise InvalidTypeError(msg)
    if fewest < 1:
        msg = f"{owner}: fewest must be 1 or more (got {shown(fewest)}); {_FEWEST} is usual"
        raise InvalidValueError(msg)
