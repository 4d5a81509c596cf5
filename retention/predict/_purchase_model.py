"""What every model of repeat purchases does: read a base, be fitted to it, and tell of its customers."""

from __future__ import annotations

import math
from abc import abstractmethod
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from functools import partial
from random import Random
from typing import TYPE_CHECKING, Any, ClassVar, Self, Unpack, overload

from attrs import field, frozen

from retention.errors import (
    ConflictingArgumentError,
    ConvergenceError,
    InvalidTypeError,
    NotIdentifiableError,
    shown,
)
from retention.predict._bootstrap import Bootstrap, bootstrapped, seeded
from retention.predict._ends_of_climbs import with_chance
from retention.predict._figures import PURCHASES, Alive, Buying, Expected, OfNewcomer
from retention.predict._model import (
    Estimate,
    FitReport,
    Model,
    Predictions,
    estimated,
    hardly_held,
)
from retention.predict._optimise import Objective, Optimum, maximise
from retention.predict._repeat_purchases import Group
from retention.predict._time_units import checked_unit, horizon_in_words
from retention.predict.purchases import (
    PurchaseReading,
    Purchases,
    RepeatPurchases,
    TimeUnit,
    base_to_fit,
    horizon_in,
    repeat_purchases,
)
from retention.shop import Orders

if TYPE_CHECKING:
    from retention.predict._amounts import CustomerAmounts
    from retention.predict.gamma_gamma import GammaGamma

__all__ = ["PurchaseModel"]

_MANY = 3_000
"""Groups from which on fewer are fitted first, so that the search among all of them is short."""
_CELLS = 30
"""Into how many parts the time watched is cut for that."""


def _check_unit(model: PurchaseModel, attribute: Any, value: object) -> None:
    checked_unit(value, owner=type(model).__name__, field=attribute.name)


@frozen(kw_only=True)
class PurchaseModel(Model):
    """A model of when customers purchase and when they leave for good, without telling.

    A subclass declares its parameters and gives what is named below: the likelihood, three figures of one customer
    (`_probability_alive`, `_expected_purchases`, `_expected_purchases_of_newcomer`), and how a customer is drawn.

    Attributes:
        unit: The unit of time of all that goes in.

    .. versionadded:: 0.1
    """

    unit: TimeUnit = field(validator=_check_unit)

    _TIMES: ClassVar[Sequence[str]] = ()
    """Which of its parameters are times."""
    _discrete: ClassVar[bool] = False
    """Whether its time is counted in whole opportunities to purchase."""

    # ------------------------------------------------------------------------- what a subclass gives

    @classmethod
    @abstractmethod
    def _likelihood(cls, groups: Sequence[Group]) -> Objective:
        """The log-likelihood of the groups and its gradient, at the logarithms of the parameters."""

    @classmethod
    @abstractmethod
    def _starts(cls, groups: Sequence[Group]) -> Sequence[Sequence[float]]:
        """Where to begin the search: logarithms of the parameters, the likeliest to be near first."""

    @classmethod
    def _lookouts(cls, groups: Sequence[Group]) -> Sequence[Sequence[float]]:
        """The same, near to where customers are alike, for when the likelihood may rise without end there."""
        del groups
        return ()

    @classmethod
    def _end_of_climb(cls, groups: Sequence[Group], position: Sequence[float]) -> str:
        """What it says of customers that no parameters fit best, and those there fit as well as any; nothing if unknown."""
        del groups, position
        return ""

    @abstractmethod
    def _probability_alive(self, x: int, t_x: float, age: float) -> float:
        """How probable it is that a customer with these purchases is still one at the end of the time watched."""

    @abstractmethod
    def _expected_purchases(self, x: int, t_x: float, age: float, horizon: float) -> float:
        """How many purchases to expect of that customer in the time that follows, in the model's own unit."""

    def _expected_by(self, horizon: float) -> Callable[[int, float, float], float]:
        """The same for one customer after another of a base; a model may keep what several of them share."""
        return lambda x, t_x, age: self._expected_purchases(x, t_x, age, horizon)

    @abstractmethod
    def _probability_to_buy(self, x: int, age: float, horizon: float) -> float:
        """How probable it is that one who is there, in the sense of `_probability_there`, buys within the horizon."""

    def _probability_there(self, x: int, t_x: float, age: float) -> float:
        """How probable it is to be there when the horizon begins, before a chance to leave that may come first."""
        return self._probability_alive(x, t_x, age)

    @abstractmethod
    def _expected_purchases_of_newcomer(self, horizon: float) -> float:
        """How many repeat purchases to expect of a customer in that time after the first purchase."""

    @abstractmethod
    def _drawn(self, random: Random, age: float) -> tuple[int, float]:
        """The repeat purchases of a customer drawn from the model, and the time of the last, when watched for `age`."""

    @abstractmethod
    def _draw_future(self, random: Random, x: int, t_x: float, age: float, horizon: float) -> list[float]:
        """The times of a customer's purchases yet to come, drawn given what the customer has done.

        Counted from the last day watched, ascending, above 0 and up to the horizon.
        """

    @classmethod
    def _read(cls, orders: Orders, how_to_read: Mapping[str, Any]) -> RepeatPurchases:
        """The base that the model is fitted to, of orders."""
        return repeat_purchases(orders, **how_to_read)

    @classmethod
    def _check_groups(cls, groups: Sequence[Group], *, owner: str) -> None:
        """Refuses a base that the model can't be fitted to."""
        _check_identifiable(groups, cls._parameter_names(), owner=owner)

    def _ahead(self, horizon: float | timedelta, unit: TimeUnit | None, name: str) -> float:
        """A horizon as a number of the model's own units."""
        return horizon_in(self.unit, horizon, unit, owner=f"{type(self).__name__}.{name}")

    @classmethod
    def _warnings(cls, groups: Sequence[Group]) -> Iterable[str]:
        """What the user should know of the model on such a base."""
        del groups
        return ()

    # ------------------------------------------------------------------------------------- the fit

    @classmethod
    def fit(cls, purchases: RepeatPurchases | Orders, /, **how_to_read: Unpack[PurchaseReading]) -> Self:
        """The model that makes the purchases of a base likeliest.

        Args:
            purchases: What the customers have bought: a table of `repeat_purchases`, or the orders themselves, a
                `History` of them, or a `Shop`.
            how_to_read: Given orders, the keywords of `repeat_purchases`, such as `unit`, `tz` and `until`.

        Returns:
            The fitted model; its `report` says how good the fit is, and what to know before it is believed.

        Raises:
            NotIdentifiableError: When the base can't tell the parameters: fewer customers than parameters, nobody who
                bought again, all alike.
            ConvergenceError: When the likelihood has no best place within reach, with what to do about it. Of few
                customers that may happen by chance: in simulated shops of 50 in nearly every second, of 200 in one to
                two of ten, of 1,000 in a few of a hundred.
            ConflictingArgumentError: When keywords on how to read orders come with a table that was read already.

        .. versionadded:: 0.1
        """
        owner = f"{cls.__name__}.fit"
        base = base_to_fit(purchases, dict(how_to_read), owner=owner, read=cls._read)
        _refuse_opportunities(base, discrete=cls._discrete, owner=owner)
        cls._check_groups(base.groups, owner=owner)
        return cls._fitted(base.groups, unit=base.unit)

    @classmethod
    def _search(
        cls,
        groups: Sequence[Group],
        starts: Sequence[Sequence[float]],
        lookouts: Sequence[Sequence[float]],
    ) -> Optimum:
        """The best place for the parameters: of many groups sought roughly first, among fewer that stand for them."""
        customers = sum(count for *_, count in groups)
        climb = partial(
            maximise,
            owner=cls.__name__,
            centre=cls._everyday(groups),
            meaning=lambda place: with_chance(cls._end_of_climb(groups, place), customers),
        )
        objective = cls._likelihood(groups)
        if len(groups) < _MANY or cls._discrete:
            return climb(objective, starts, lookouts=lookouts)
        try:
            near = climb(cls._likelihood(_coarse(groups)), starts, lookouts=lookouts)
            return climb(objective, [near.position], covariance=near.covariance)
        except ConvergenceError:
            return climb(objective, starts, lookouts=lookouts)

    @classmethod
    def _everyday(cls, groups: Sequence[Group]) -> Sequence[float]:
        """Logarithms of parameters of an everyday size: times as long as customers are watched, the others 1."""
        customers = sum(count for *_, count in groups)
        watched = math.log(sum(age * count for _, _, age, count in groups) / customers)
        return [watched if name in cls._TIMES else 0.0 for name in cls._parameter_names()]

    @classmethod
    def _fitted(
        cls, groups: Sequence[Group], *, unit: TimeUnit, starts: Sequence[Sequence[float]] = ()
    ) -> Self:
        """The best model of groups that can tell one."""
        optimum = (
            cls._search(groups, starts, ())
            if starts
            else cls._search(groups, cls._starts(groups), cls._lookouts(groups))
        )
        report = FitReport(
            log_likelihood=optimum.value,
            customers=sum(count for *_, count in groups),
            groups=len(groups),
            iterations=optimum.iterations,
            evaluations=optimum.evaluations,
            covariance=optimum.covariance,
            warnings=(*cls._warnings(groups), *hardly_held(cls._parameter_names(), optimum.covariance)),
        )
        values = (math.exp(each) for each in optimum.position)
        return cls(unit=unit, report=report, **dict(zip(cls._parameter_names(), values, strict=True)))

    # -------------------------------------------------------------------------- what it tells of people

    @overload
    def probability_alive(self, who: Purchases, /) -> Estimate: ...
    @overload
    def probability_alive(self, who: RepeatPurchases, /) -> Predictions: ...
    def probability_alive(self, who: Purchases | RepeatPurchases, /) -> Estimate | Predictions:
        """Probability that a customer has not left for good by the last day watched.

        Args:
            who: One customer's purchases in the model's unit, or a table of a whole base.

        Returns:
            An `Estimate` in [0, 1] of the one, or `Predictions` by customer of the base.

        Raises:
            InvalidTypeError: When `who` is neither.
            ConflictingArgumentError: When the base is counted in another unit of time than the model's.

        .. versionadded:: 0.1
        """
        return self._told(who, Alive(), "probability_alive")

    @overload
    def expected_purchases(
        self, who: Purchases, /, *, horizon: float | timedelta, unit: TimeUnit | None = ...
    ) -> Estimate: ...
    @overload
    def expected_purchases(
        self, who: RepeatPurchases, /, *, horizon: float | timedelta, unit: TimeUnit | None = ...
    ) -> Predictions: ...
    def expected_purchases(
        self,
        who: Purchases | RepeatPurchases,
        /,
        *,
        horizon: float | timedelta,
        unit: TimeUnit | None = None,
    ) -> Estimate | Predictions:
        """Purchase days to expect of a customer in the time after the last day watched.

        Those who may have left count with the probability that they have not.

        Args:
            who: One customer's purchases in the model's unit, or a table of a whole base.
            horizon: How far to look ahead: a number in `unit`, or a timedelta.
            unit: The horizon's unit of time; the model's own unless given.

        Returns:
            An `Estimate` of the one, or `Predictions` by customer of the base.

        Raises:
            InvalidTypeError: When `who` is neither, or the horizon no time.
            InvalidValueError: When the horizon is negative or not finite.
            ConflictingArgumentError: When the base is counted in another unit of time than the model's.

        .. versionadded:: 0.1
        """
        ahead = self._ahead(horizon, unit, "expected_purchases")
        within = horizon_in_words(self.unit, horizon, unit)
        return self._told(who, Expected(ahead, within), "expected_purchases")

    @overload
    def probability_purchase(
        self, who: Purchases, /, *, horizon: float | timedelta, unit: TimeUnit | None = ...
    ) -> Estimate: ...
    @overload
    def probability_purchase(
        self, who: RepeatPurchases, /, *, horizon: float | timedelta, unit: TimeUnit | None = ...
    ) -> Predictions: ...
    def probability_purchase(
        self,
        who: Purchases | RepeatPurchases,
        /,
        *,
        horizon: float | timedelta,
        unit: TimeUnit | None = None,
    ) -> Estimate | Predictions:
        """Probability that a customer buys at all in the time after the last day watched.

        It is P(alive) times the probability that one who is still a customer buys once or more before the horizon ends,
        and before leaving. Whoever has left for good buys with the probability 0.

        Args:
            who: One customer's purchases in the model's unit, or a table of a whole base.
            horizon: How far to look ahead: a number in `unit`, or a timedelta.
            unit: The horizon's unit of time; the model's own unless given.

        Returns:
            An `Estimate` in [0, 1] of the one, or `Predictions` by customer of the base, of which the `total` is the
            number of customers who are expected to buy.

        Raises:
            InvalidTypeError: When `who` is neither, or the horizon no time.
            InvalidValueError: When the horizon is negative or not finite.
            ConflictingArgumentError: When the base is counted in another unit of time than the model's.

        .. versionadded:: 0.1

        >>> import retention as rt
        >>> model = rt.MbgNbd(r=0.525, alpha=6.183, a=0.891, b=1.614, unit="week")
        >>> print(model.probability_purchase(rt.Purchases(frequency=2, recency=30.43, age=38.86), horizon=13))
        33.4%
        """
        ahead = self._ahead(horizon, unit, "probability_purchase")
        within = horizon_in_words(self.unit, horizon, unit)
        return self._told(who, Buying(ahead, within), "probability_purchase")

    def expected_purchases_of_newcomer(
        self, *, horizon: float | timedelta, unit: TimeUnit | None = None
    ) -> Estimate:
        """Repeat purchase days to expect of a new customer in the time after the first purchase.

        Args:
            horizon: How long after the first purchase: a number in `unit`, or a timedelta.
            unit: The horizon's unit of time; the model's own unless given.

        Returns:
            The estimate; the first purchase itself is not in it.

        Raises:
            InvalidTypeError: When the horizon is no time.
            InvalidValueError: When the horizon is negative or not finite.

        .. versionadded:: 0.1
        """
        ahead = self._ahead(horizon, unit, "expected_purchases_of_newcomer")
        about = f"expected within {horizon_in_words(self.unit, horizon, unit)} of the first purchase"
        return estimated(self, OfNewcomer(ahead), unit=PURCHASES, about=about)

    @overload
    def customer_lifetime_value(
        self,
        who: Purchases,
        /,
        *,
        spend: GammaGamma,
        horizon: float | timedelta,
        unit: TimeUnit | None = ...,
        discount_rate: float | Decimal,
        margin_rate: float | Decimal,
    ) -> Estimate: ...
    @overload
    def customer_lifetime_value(
        self,
        who: RepeatPurchases,
        /,
        *,
        spend: GammaGamma,
        horizon: float | timedelta,
        unit: TimeUnit | None = ...,
        discount_rate: float | Decimal,
        margin_rate: float | Decimal,
    ) -> CustomerAmounts: ...
    def customer_lifetime_value(
        self,
        who: Purchases | RepeatPurchases,
        /,
        *,
        spend: GammaGamma,
        horizon: float | timedelta,
        unit: TimeUnit | None = None,
        discount_rate: float | Decimal,
        margin_rate: float | Decimal,
    ) -> Estimate | CustomerAmounts:
        r"""What a customer's purchases within the horizon are worth today, in money.

        .. math:: m \cdot E(M \mid x, z) \cdot \int_0^H (1 + d)^{-t}\, \mathrm{d}E(Y(t) \mid x, t_x, T)

        Margin rate m times expected spend times discounted expected purchases; t in years. Each purchase is discounted from
        the very instant at which it is expected: a sum over months or weeks comes to the same as its steps get shorter.
        Under `BgBb` it is a sum over whole opportunities, each discounted by its end.

        Lifetime ends with the horizon: what comes later is not in it. What the customer has bought so far is not,
        either. The metric `customer_lifetime_value` needs no model, and is one figure for all customers.

        Args:
            who: One customer's purchases in the model's unit, or a table of a whole base.
            spend: The fitted model of spend. It was fitted apart, to the spends of the same customers: how much is taken
                to have nothing to do with how often, which `frequency_spend_check` looks into.
            horizon: How far to look ahead: a number in `unit`, or a timedelta.
            unit: The horizon's unit of time; the model's own unless given.
            discount_rate: What money earns in a year elsewhere, from 0 up: at 0.1, 110.00 a year from now are worth 100.00
                today. It is the effective rate of a year, whatever the unit of time; that of the metric is one of a
                period.
            margin_rate: What is left of the spend after all that an order costs, above 0 and up to 1. 1 gives revenue.

        Returns:
            An `Estimate` of the one, or `CustomerAmounts` by customer of the base, with intervals by the delta method
            over the parameters of both models.

        Raises:
            InvalidTypeError: When an argument is of a type that it can't be.
            InvalidValueError: When a number is out of its domain.
            ConflictingArgumentError: When the base is counted in another unit of time than the model's.
            MissingRecordsError: When no spend is known of a customer who bought again.
            MixedCurrencyError: When the base's currency is not that of the model of spend.
            UndefinedMetricError: When the base has customers whose expected spend is undefined.

        References:
            Fader, Hardie and Lee (2005), RFM and CLV: Using Iso-Value Curves for Customer Base Analysis, Journal of
            Marketing Research 42 (4), 415-430.

        .. versionadded:: 0.1
        """
        from retention.predict.lifetime_value import customer_lifetime_value

        return customer_lifetime_value(
            self,
            who,
            spend=spend,
            horizon=horizon,
            unit=unit,
            discount_rate=discount_rate,
            margin_rate=margin_rate,
        )

    def customer_lifetime_value_of_newcomer(
        self,
        *,
        spend: GammaGamma,
        horizon: float | timedelta,
        unit: TimeUnit | None = None,
        discount_rate: float | Decimal,
        margin_rate: float | Decimal,
    ) -> Estimate:
        """What the repeat purchases of a new customer are worth on the day of the first one.

        As `customer_lifetime_value`, for a customer of whom nothing is known but the first purchase. That purchase itself
        is not in it: what may be spent on winning a customer is this and the margin of the first purchase.

        Args:
            spend: The fitted model of spend.
            horizon: How long after the first purchase: a number in `unit`, or a timedelta.
            unit: The horizon's unit of time; the model's own unless given.
            discount_rate: What money earns in a year elsewhere, effective, from 0 up.
            margin_rate: What is left of the spend after all that an order costs, above 0 and up to 1.

        Returns:
            The estimate; undefined where the mean spend of all customers is, when q is 1 or less.

        Raises:
            InvalidTypeError: When an argument is of a type that it can't be.
            InvalidValueError: When a number is out of its domain.

        .. versionadded:: 0.1
        """
        from retention.predict.lifetime_value import customer_lifetime_value_of_newcomer

        return customer_lifetime_value_of_newcomer(
            self,
            spend=spend,
            horizon=horizon,
            unit=unit,
            discount_rate=discount_rate,
            margin_rate=margin_rate,
        )

    def _told(
        self, who: Purchases | RepeatPurchases, kernel: Alive | Expected | Buying, name: str
    ) -> Estimate | Predictions:
        if isinstance(who, RepeatPurchases):
            self._check_suits(who, f"{type(self).__name__}.{name}")
            title = f"{kernel.title}, by {self._name()}"
            return Predictions(
                self, who, kernel, kind=kernel.kind, unit=kernel.counted, title=title, about=kernel.about
            )
        if not isinstance(who, Purchases):
            msg = f"{type(self).__name__}.{name} takes Purchases of one customer or a table of repeat_purchases, not {type(who).__name__} (got {shown(who)})"
            raise InvalidTypeError(msg)
        return estimated(
            self,
            lambda model: kernel(model, who.frequency, who.recency, who.age),
            kind=kernel.kind,
            unit=kernel.counted,
            about=None if kernel.kind == "probability" else kernel.about,
        )

    def _check_suits(self, base: RepeatPurchases, owner: str) -> None:
        """Refuses a base whose times are others than the model's."""
        if base.unit != self.unit:
            msg = f"{owner}: the base counts in {base.unit}s and the model in {self.unit}s; make the table with unit={self.unit!r}"
            raise ConflictingArgumentError(msg)
        _refuse_opportunities(base, discrete=self._discrete, owner=owner)

    # ------------------------------------------------------------------------------- drawn from the model

    def simulate(self, base: RepeatPurchases, /, *, seed: int) -> RepeatPurchases:
        """What customers of the same ages would have bought, had this model made them.

        Args:
            base: Customers, of whom only ids and ages count.
            seed: Any int; the same gives the same purchases.

        Raises:
            InvalidTypeError: When `base` is no table of `repeat_purchases`, or `seed` no int.
            ConflictingArgumentError: When the base is counted in another unit of time than the model's.

        .. versionadded:: 0.1
        """
        owner = f"{type(self).__name__}.simulate"
        _check_base(base, owner)
        self._check_suits(base, owner)
        return self._simulated(base, seeded(seed, owner=owner))

    def _simulated(self, base: RepeatPurchases, random: Random) -> RepeatPurchases:
        draws = {age: iter(drawn) for age, drawn in self._drawn_by_age(base.groups, random).items()}
        ages = [age for _, _, age, _ in base.groups]
        rows = {
            customer: (*next(draws[ages[group]]), ages[group])
            for customer, group in zip(base, base.group_of, strict=True)
        }
        return RepeatPurchases.from_table(rows, unit=self.unit, discrete=self._discrete)

    def _drawn_by_age(
        self, groups: Sequence[Group], random: Random
    ) -> Mapping[float, Sequence[tuple[int, float]]]:
        """Age by age, so that neither the order of the customers nor what they bought makes a difference."""
        customers: Counter[float] = Counter()
        for _, _, age, count in groups:
            customers[age] += count
        return {age: [self._drawn(random, age) for _ in range(customers[age])] for age in sorted(customers)}

    def bootstrap(self, base: RepeatPurchases, /, *, replications: int, seed: int) -> Bootstrap[Self]:
        """The model fitted anew to bases that it has drawn itself: how far chance alone may move it.

        Slow, as it fits once per replication, and more trustworthy than the delta method where a base is small or
        a parameter near its edge.

        Args:
            base: The customers to whom the model was fitted, of whom only the ages count.
            replications: How many bases to draw; 200 give a rough interval at 95 %, 1,000 a steady one.
            seed: Any int; the same gives the same bases.

        Raises:
            InvalidTypeError: When `base` is no table of `repeat_purchases`, or a number no int.
            InvalidValueError: When `replications` is below 2.
            ConvergenceError: When hardly any drawn base could be fitted.

        .. versionadded:: 0.1
        """
        owner = f"{type(self).__name__}.bootstrap"
        _check_base(base, owner)
        self._check_suits(base, owner)
        random = seeded(seed, owner=owner)
        return bootstrapped(
            lambda: self._refitted(base.groups, random), replications=replications, seed=seed, owner=owner
        )

    def _refitted(self, groups: Sequence[Group], random: Random) -> Self:
        """The model of a base that it has drawn; the search begins at its own parameters."""
        counts: Counter[tuple[int, float, float]] = Counter()
        for age, drawn in self._drawn_by_age(groups, random).items():
            counts.update((x, t_x, age) for x, t_x in drawn)
        drawn_groups = [(*triple, count) for triple, count in sorted(counts.items())]
        self._check_groups(drawn_groups, owner=f"{type(self).__name__}.bootstrap")
        return self._fitted(drawn_groups, unit=self.unit, starts=[self._log_parameters])


def _check_base(base: object, owner: str) -> None:
    if not isinstance(base, RepeatPurchases):
        msg = f"{owner} takes a table of repeat_purchases, not {type(base).__name__} (got {shown(base)})"
        raise InvalidTypeError(msg)


def _coarse(groups: Sequence[Group]) -> list[Group]:
    """Fewer groups in place of many: those of one frequency that lie near each other, at their mean times."""
    width = max(age for _, _, age, _ in groups) / _CELLS
    cells: dict[tuple[int, int, int], list[float]] = {}
    for x, t_x, age, count in groups:
        sums = cells.setdefault((x, int(t_x / width), int(age / width)), [0, 0.0, 0.0])
        sums[0] += count
        sums[1] += count * t_x
        sums[2] += count * age
    return [(x, t_x / count, age / count, int(count)) for (x, _, _), (count, t_x, age) in cells.items()]


def _refuse_opportunities(base: RepeatPurchases, *, discrete: bool, owner: str) -> None:
    if base.discrete and not discrete:
        msg = f"{owner}: the base counts in whole opportunities, and this model's time flows; make the table with discrete=False"
        raise ConflictingArgumentError(msg)


def _check_identifiable(groups: Sequence[Group], names: Sequence[str], *, owner: str) -> None:
    """Refuses a base of which no model of purchases can be told."""
    customers = sum(count for *_, count in groups)
    if customers < len(names):
        who = {0: "no customer", 1: "one customer"}.get(customers, f"{customers} customers")
        msg = f"{owner}: the base has {who} for {len(names)} parameters, and how customers differ takes many; give it more customers"
        raise NotIdentifiableError(msg)
    if not any(x for x, *_ in groups):
        msg = f"{owner}: none of the {customers:,} customers bought again, so that nothing tells how often they buy and how many have left; wait for repeat purchases, or watch longer"
        raise NotIdentifiableError(msg)
    if len(groups) == 1:
        x, t_x, age, _ = groups[0]
        msg = f"{owner}: all {customers:,} customers are alike (frequency {x}, recency {t_x:g}, age {age:g}), so that nothing tells how they differ; check the table, or give it more customers"
        raise NotIdentifiableError(msg)
