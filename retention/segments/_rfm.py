"""Recency, frequency, money: who bought lately, who often, who for much, and the groups that this makes."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from itertools import compress
from typing import Any, Literal, TypeAlias, Unpack

from attrs import asdict, field, frozen

from retention._calendar import Duration, Zone, as_words, microseconds
from retention._linearised import Unsampled
from retention._mapping import FrozenMapping
from retention.errors import InvalidTypeError, InvalidValueError, did_you_mean, shown
from retention.history import History, ReadingOptions
from retention.results import Basis, Distribution, Mean, Ratio, as_money, distribution_of_ascending
from retention.results._basis import WithBasis
from retention.segments._customers import by_first_purchase, plain_id
from retention.segments._rfm_groups import RFM_GROUPS, RfmGroup, RfmGroups, check_bins
from retention.segments._rfm_scores import mean_keys, tie_safe_scores
from retention.segments._standing import Standing, standing
from retention.segments._words import Words
from retention.shop import Orders, history_of

__all__ = [
    "OUTSIDE",
    "CustomerRfm",
    "Monetary",
    "RfmGroupSummary",
    "RfmTable",
    "check_choices",
    "rfm_table",
    "table_of",
]

Monetary: TypeAlias = Literal["sum", "mean"]
"""What money is: all that a customer spent, or what one purchase brought on average."""

OUTSIDE = "customers without a purchase in the window"
"""Why they are in no group."""
_DAY = 86_400_000_000
_NO_SAMPLE = Unsampled(
    "groups are cut by rank among these very customers, so that their sizes and shares are no sample of anything"
)


# ----------------------------------------------------------------------------------------------- results


@frozen(kw_only=True)
class CustomerRfm:
    """One customer's recency, frequency and money, with the scores among the shop's customers.

    Attributes:
        customer_id: Who.
        recency_days: Days of 24 hours since the latest purchase.
        frequency: Purchases in the window.
        monetary: What they left in all, or on average.
        r: Score of recency: the higher, the more lately.
        f: Score of frequency: the higher, the more often.
        m: Score of money: the higher, the more.
        group: The group's name.

    .. versionadded:: 0.1
    """

    customer_id: Hashable
    recency_days: float
    frequency: int
    monetary: Decimal
    r: int
    f: int
    m: int
    group: str

    def to_dict(self) -> dict[str, Any]:
        """The same as a flat dict."""
        return {**asdict(self, recurse=False), "customer_id": plain_id(self.customer_id)}


@frozen(kw_only=True)
class RfmGroupSummary:
    """What the customers of one group are like, all together.

    Shares have no interval: the groups are cut by rank among these very customers.

    Attributes:
        name: What the group is called.
        meaning: What that means, in a plain sentence.
        customers: How many they are.
        share: That out of all customers of the table.
        recency: Days since each one's latest purchase; its value is the median.
        frequency: Purchases a customer.
        revenue: What they spent in all.
        revenue_share: That out of what all customers of the table spent.

    .. versionadded:: 0.1
    """

    name: str
    meaning: str
    customers: int
    share: Ratio
    recency: Distribution
    frequency: Mean
    revenue: Decimal
    revenue_share: Ratio

    def to_dict(self) -> dict[str, Any]:
        """The same as a flat dict; None where there is no such value."""
        median = self.recency.median if self.customers else None
        return {
            "group": self.name,
            "meaning": self.meaning,
            "customers": self.customers,
            "share": self.share.value,
            "median_recency_days": median,
            "mean_frequency": self.frequency.value,
            "revenue": self.revenue,
            "revenue_share": self.revenue_share.value,
        }


@frozen(kw_only=True, eq=False)
class _Columns:
    """What is known of the customers of a table, each at the same place; money in whole units."""

    ids: tuple[Hashable, ...]
    latest: array[int]
    frequency: array[int]
    spend: Sequence[int]
    r: array[int]
    f: array[int]
    m: array[int]
    group: array[int]


def _by_customer(columns: _Columns) -> dict[Hashable, tuple[int, ...]]:
    """What is known of each, whatever the order: those who came at one instant stand as they were given."""
    figures = (
        columns.latest,
        columns.frequency,
        columns.spend,
        columns.r,
        columns.f,
        columns.m,
        columns.group,
    )
    return dict(zip(columns.ids, zip(*figures, strict=True), strict=True))


@frozen(kw_only=True, repr=False)
class RfmTable(WithBasis):
    """Every customer's recency, frequency and money (RFM), scored among all, and the groups that this makes.

    `print` shows the groups. Iterating gives a `CustomerRfm` each, in the order of first purchases; those of one instant
    stand in the order of their ids.

    Attributes:
        at: As of when.
        window: How long before it purchases count; None for all.
        bins: The highest score; 1 is the lowest.
        monetary: Whether money is the sum or the mean of a customer's purchases.
        scheme: The groups by scores.
        basis: What the table rests on; takes no part in equality.

    .. versionadded:: 0.1
    """

    at: datetime = field(eq=microseconds)
    window: Duration | None
    bins: int
    monetary: Monetary
    scheme: RfmGroups
    _places: int = field(alias="places")
    _columns: _Columns = field(alias="columns", eq=_by_customer, hash=False)
    basis: Basis = field(eq=False, repr=False)
    _found: dict[Hashable, int] | None = field(default=None, init=False, eq=False, repr=False)
    _counted: Mapping[tuple[int, int], int] | None = field(default=None, init=False, eq=False, repr=False)
    _summed: tuple[RfmGroupSummary, ...] | None = field(default=None, init=False, eq=False, repr=False)

    def __len__(self) -> int:
        return len(self._columns.ids)

    def __iter__(self) -> Iterator[CustomerRfm]:
        return map(self._at, range(len(self)))

    def __contains__(self, customer_id: object) -> bool:
        return isinstance(customer_id, Hashable) and customer_id in self._place

    @property
    def _place(self) -> Mapping[Hashable, int]:
        """Where each customer stands; made when the first one is looked up, since few tables are asked."""
        if self._found is None:
            places = {identifier: place for place, identifier in enumerate(self._columns.ids)}
            object.__setattr__(self, "_found", places)
            return places
        return self._found

    def of(self, customer_id: Hashable, /) -> CustomerRfm:
        """One customer's figures, scores and group.

        Args:
            customer_id: The id; of a person with several, the one that all stand for.

        Raises:
            InvalidValueError: The customer had not purchased in the window before `at`, or is unknown.
        """
        if customer_id not in self:
            msg = f"RfmTable.of: no customer {shown(customer_id)} had a purchase {self._when()}; `in` asks whether one had"
            raise InvalidValueError(msg)
        return self._at(self._place[customer_id])

    def _when(self) -> str:
        within = "" if self.window is None else f"within {as_words(self.window)} "
        return f"{within}before {self.at.isoformat(' ', 'minutes')}"

    def _at(self, place: int) -> CustomerRfm:
        columns = self._columns
        count = columns.frequency[place] if self.monetary == "mean" else 1
        return CustomerRfm(
            customer_id=columns.ids[place],
            recency_days=(microseconds(self.at) - columns.latest[place]) / _DAY,
            frequency=columns.frequency[place],
            monetary=as_money(Fraction(columns.spend[place], count * 10**self._places)),
            r=columns.r[place],
            f=columns.f[place],
            m=columns.m[place],
            group=self.scheme.groups[columns.group[place]].name,
        )

    @property
    def segments(self) -> Mapping[Hashable, str]:
        """Each customer's group, by id: what `by=` of other functions takes."""
        return Words(self._place, self._columns.group, self.scheme.names)

    def members(self, group: str, /) -> tuple[Hashable, ...]:
        """The ids of a group's customers, in the order of their first purchases.

        Args:
            group: The group's name.

        Raises:
            InvalidValueError: There is no such group.
        """
        number = self._number(group, "members")
        return tuple(compress(self._columns.ids, map(number.__eq__, self._columns.group)))

    def _number(self, group: str, method: str) -> int:
        names = self.scheme.names
        if group not in names:
            msg = f"RfmTable.{method}: there is no group {shown(group)}; {did_you_mean(group, names)}there are {', '.join(names)}"
            raise InvalidValueError(msg)
        return names.index(group)

    @property
    def revenue(self) -> Decimal:
        """What all customers of the table spent."""
        return self._money(self._columns.spend)

    def _money(self, units: Iterable[int]) -> Decimal:
        return as_money(Fraction(sum(units), 10**self._places))

    @property
    def cells(self) -> Mapping[tuple[int, int], int]:
        """How many customers lie in each pair (R, FM) of the table of groups, those with none included."""
        if self._counted is None:
            counted = self._count()
            object.__setattr__(self, "_counted", counted)
            return counted
        return self._counted

    def _count(self) -> Mapping[tuple[int, int], int]:
        columns, of = self._columns, self.scheme.cell_of
        scores = Counter(zip(columns.r, columns.f, columns.m, strict=True))
        counts = dict.fromkeys(sorted(cell for group in self.scheme.groups for cell in group.cells), 0)
        for (r, f, m), customers in scores.items():
            counts[of(r=r, f=f, m=m, bins=self.bins)] += customers
        return FrozenMapping(counts)

    @property
    def groups(self) -> tuple[RfmGroupSummary, ...]:
        """What the customers of each group are like, in the order of the table; empty groups included."""
        if self._summed is None:
            summed = self._sum_up()
            object.__setattr__(self, "_summed", summed)
            return summed
        return self._summed

    def _sum_up(self) -> tuple[RfmGroupSummary, ...]:
        members: list[list[int]] = [[] for _ in self.scheme.groups]
        for place, number in enumerate(self._columns.group):
            members[number].append(place)
        everything = self.revenue
        return tuple(
            self._summary(group, places, everything)
            for group, places in zip(self.scheme.groups, members, strict=True)
        )

    def group(self, name: str, /) -> RfmGroupSummary:
        """What the customers of one group are like.

        Args:
            name: The group's name.

        Raises:
            InvalidValueError: There is no such group.
        """
        return self.groups[self._number(name, "group")]

    def _summary(self, group: RfmGroup, places: Sequence[int], everything: Decimal) -> RfmGroupSummary:
        columns, now, customers = self._columns, microseconds(self.at), len(places)
        revenue = self._money(map(columns.spend.__getitem__, places))
        waited = array("q", sorted(now - columns.latest[place] for place in places))
        return RfmGroupSummary(
            name=group.name,
            meaning=group.meaning,
            customers=customers,
            share=Ratio(customers, len(self), sampling=_NO_SAMPLE),
            recency=distribution_of_ascending(waited, basis=Basis()),
            frequency=Mean(sum(map(columns.frequency.__getitem__, places)), customers, sampling=_NO_SAMPLE),
            revenue=revenue,
            revenue_share=Ratio(revenue, everything, sampling=_NO_SAMPLE),
        )

    def grid(self) -> str:
        """How many customers lie where, as text: a row for each R, a column for each FM."""
        from retention.display._rfm import rfm_grid

        return rfm_grid(self)

    def to_dicts(self) -> list[dict[str, Any]]:
        """A flat dict for each customer."""
        return [customer.to_dict() for customer in self]

    def groups_to_dicts(self) -> list[dict[str, Any]]:
        """A flat dict for each group."""
        return [group.to_dict() for group in self.groups]

    def __repr__(self) -> str:
        return f"<RfmTable: {len(self):,} customers in {len(self.scheme.groups)} groups, as of {self.at.isoformat(' ', 'minutes')}>"

    def __str__(self) -> str:
        from retention.display._rfm import rfm_text

        return rfm_text(self)

    def explain(self) -> str:
        """How the scores came about, in words, with what was left out and taken for granted."""
        if self.basis.undefined_because is not None:
            return self._named(f"no value, since {self.basis.undefined_because}.")
        money = "spent in all" if self.monetary == "sum" else "spent on average"
        return self._named(
            f"{len(self):,} customers had a purchase {self._when()}. Each is scored from 1 to {self.bins} by how lately "
            f"they bought (R), how often (F), and what they {money} (M): 1 + ⌊{self.bins} · (customers strictly "
            f"worse) / {len(self):,}⌋, so that equals get equal scores. The groups follow from R and the mean of F and M."
        )


# ----------------------------------------------------------------------------------------------- functions


def rfm_table(
    orders: Orders,
    /,
    *,
    at: datetime | None = None,
    tz: Zone | None = None,
    window: Duration | None = None,
    bins: int = 5,
    monetary: Monetary = "sum",
    groups: RfmGroups = RFM_GROUPS,
    **reading: Unpack[ReadingOptions],
) -> RfmTable:
    r"""Who bought lately, often and for much: each customer scored among all, and put into one named group.

    .. math:: 1 + \left\lfloor \text{bins} \cdot \frac{|\{\text{customers strictly worse}\}|}{n} \right\rfloor

    Recency is the time since the latest purchase, to the microsecond; frequency the number of purchases; money what
    they left, after refunds. Equal values get equal scores, whatever the order of input: where most customers bought
    once, all of them have F = 1, and a score may be nobody's. The group follows from R and from the mean of F and M,
    rounded half up, by a table that covers every combination; it is ours, and can be replaced by your own.

    Scores compare a shop's customers with each other at one instant. They say who is better than whom, and nothing
    about how good that is.

    Args:
        orders: The orders, a `History` of them, or a `Shop`.
        at: As of when: what lies before it is counted. None means the data's `as_of`.
        tz: The zone by whose calendar days, months and years are counted; None means that of `at`. Where neither is
            given, limits of the calendar are refused, and instants are told in UTC.
        window: How long before `at` purchases count; None for all. Customers with no purchase in it are left out.
        bins: The highest score, from 2 to 100.
        monetary: ``"sum"``: all that a customer spent. ``"mean"``: a purchase's average.
        groups: The table of groups.
        reading: How to read the orders; see `ReadingOptions`.

    Returns:
        The table of customers and groups; without customers it is empty, and says why.

    Raises:
        AsOfRequiredError: Neither `at` nor `as_of` is known.
        ConflictingArgumentError: `at` lies after `as_of`, or a keyword contradicts the data.
        InvalidValueError: `bins`, `monetary` or `window` is out of its domain.
        InvalidTypeError: An argument has a type that is never right.
        MixedCurrencyError: The sales are in several currencies.

    >>> import retention as rt
    >>> from datetime import UTC, datetime
    >>> from retention.testing import make_orders
    >>> orders = make_orders({"ann": ["2026-01-05", "2026-03-20"], "ben": ["2026-01-07"]})
    >>> table = rfm_table(orders, at=datetime(2026, 4, 1, tzinfo=UTC))
    >>> ann = table.of("ann")
    >>> ann.r, ann.f, ann.m, ann.group
    (3, 3, 3, 'middling')
    >>> table.of("ben").group
    'gone quiet'

    References:
        Sources SA4, SA7. Hughes (1994), Strategic Database Marketing, for scores by rank. Fader, Hardie and Lee (2005),
        Journal of Marketing Research 42, 415-430, for what recency, frequency and money tell of the future.

    .. versionadded:: 0.1
    """
    check_choices(bins, monetary, groups, owner="rfm_table")
    history = history_of(orders, **reading)
    found = standing(history, at, owner="rfm_table", tz=tz)
    return table_of(history, found, window=window, bins=bins, monetary=monetary, groups=groups)


def check_choices(bins: object, monetary: object, groups: object, *, owner: str) -> None:
    check_bins(bins, owner=owner)
    if monetary not in ("sum", "mean"):
        error = InvalidValueError if isinstance(monetary, str) else InvalidTypeError
        msg = f'{owner}: monetary must be "sum" or "mean" (got {shown(monetary)})'
        raise error(msg)
    if not isinstance(groups, RfmGroups):
        msg = f"{owner}: groups must be an RfmGroups, not {type(groups).__name__} (got {shown(groups)}); RFM_GROUPS is the usual one"
        raise InvalidTypeError(msg)


def table_of(
    history: History,
    found: Standing,
    *,
    window: Duration | None,
    bins: int,
    monetary: Monetary,
    groups: RfmGroups,
    owner: str = "rfm_table",
) -> RfmTable:
    since = found.since(window, owner=owner)
    currency = found.money.currency
    columns = _scored(found, since, bins, monetary, groups)
    outside = found.customers - len(columns.ids)
    seen = history.observed_from
    is_seen = since is not None and seen is not None and since >= microseconds(seen)
    counted = "customers with a purchase" + ("" if window is None else " in the window")
    basis = found.basis(
        owner,
        **({"assumed": ()} if is_seen else {}),
        counted=(counted,),
        left_out=FrozenMapping(_left_out(history, found, since, outside)),
        records="orders and customers" if outside else "orders",
        undefined_because=None if columns.ids else f"there are no {counted}",
        currency=currency,
        options=_options(window, bins, monetary, groups),
    )
    return RfmTable(
        at=found.at,
        window=window,
        bins=bins,
        monetary=monetary,
        scheme=groups,
        places=found.money.places,
        columns=columns,
        basis=basis,
    )


def _options(
    window: Duration | None, bins: int, monetary: str, groups: RfmGroups
) -> tuple[tuple[str, str], ...]:
    """The keywords that are not what they usually are."""
    return (
        *((("window", as_words(window)),) if window is not None else ()),
        *((("bins", str(bins)),) if bins != RFM_GROUPS.bins else ()),
        *((("monetary", monetary),) if monetary != "sum" else ()),
        *((("groups", ", ".join(groups.names)),) if groups != RFM_GROUPS else ()),
    )


def _left_out(history: History, found: Standing, since: int | None, outside: int) -> dict[str, int]:
    """Orders of the window that are nobody's purchase, and customers without a purchase in it."""
    everything = found.basis("").left_out
    earlier = {} if since is None else history.columns.left_out(None, since)
    orders = {reason: count - earlier.get(reason, 0) for reason, count in everything.items()}
    counts = {**orders, OUTSIDE: outside}
    return {reason: count for reason, count in counts.items() if count}


def _scored(found: Standing, since: int | None, bins: int, monetary: Monetary, groups: RfmGroups) -> _Columns:
    counts = found.frequency(since)
    ids = found.ids
    numbers = by_first_purchase(list(compress(range(found.customers), counts)), found.first_at, ids)
    latest, frequency, spend = (
        list(map(each.__getitem__, numbers)) for each in (found.latest_at, counts, found.spend(since))
    )
    money = spend if monetary == "sum" else mean_keys(spend, frequency)
    r, f, m = (tie_safe_scores(values, bins) for values in (latest, frequency, money))
    number = groups.numbers(bins)
    return _Columns(
        ids=tuple(map(ids.__getitem__, numbers)),
        latest=array("q", latest),
        frequency=array("q", frequency),
        spend=spend,
        r=r,
        f=f,
        m=m,
        group=array("H", [number[lately][often + much] for lately, often, much in zip(r, f, m, strict=True)]),
    )
