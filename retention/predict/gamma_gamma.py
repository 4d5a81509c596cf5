"""How much customers spend at a time: the Gamma–Gamma model (Fader & Hardie 2013)."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from operator import mul as _times
from random import Random
from typing import ClassVar, Self, Unpack, overload

from attrs import field, frozen

from retention._validate import currency as checked_currency, optional
from retention.errors import (
    ConvergenceError,
    NotIdentifiableError,
    UndefinedMetricError,
)
from retention.predict._amounts import CustomerAmounts, check_currency, spend_of
from retention.predict._bootstrap import Bootstrap, bootstrapped, seeded
from retention.predict._model import Estimate, FitReport, Model, hardly_held, parameter
from retention.predict._optimise import Objective, Optimum, maximise
from retention.predict._special import digamma_rise, log_beta
from retention.predict.independence import frequencies_and_spends, strong_dependence
from retention.predict.purchases import PurchaseReading, Purchases, RepeatPurchases, base_to_fit
from retention.shop import Orders

__all__ = ["GammaGamma"]

_NAME = "GammaGamma"
_FEWEST = 3
"""Customers: so many parameters there are."""
_ALIKE = 1e-9
"""Spends that differ by less of themselves are one price, of which means differ by rounding."""
_APART = 1e15
"""How many times the least spend the largest is at most: a coin, and more than all there is of a currency."""
_LEAST = 1e-300
_LARGE = 1e3
"""The rate v, on spends whose geometric mean is 1, from which on spends are small beside it."""
_MANY = 3_000
_CLASSES = 40
"""From so many different spends on they are put into so many classes for each frequency, to begin with."""
_STARTS = ((5.0, 4.0, 0.6), (1.5, 2.0, 0.7), (30.0, 10.0, 0.3))
"""P, q and v on spends whose geometric mean is 1; the mean pv/(q − 1) is 1 in each."""


@frozen(kw_only=True)
class GammaGamma(Model):
    """How much customers spend on a day with a purchase, and how much of a customer's own mean is chance.

    What a customer spends varies around a mean of that customer's own, as Gamma with shape `p`; its rate varies between
    customers, as Gamma with shape `q` and rate `v`. So a customer's mean spend so far is pulled to that of all, the less
    so the more purchases there were. How much is spent does not depend on how often: `frequency_spend_check` tells
    whether the data agree.

    It speaks of repeat purchases alone, on all of one day together. A model of purchases says how many there will be.

    Attributes:
        p: Shape of a customer's spend: the larger, the more alike the purchases of one customer.
        q: Shape of the rates: the larger, the more alike the customers. From 1 down, the mean spend of all customers is
            infinite, and what a customer will spend of whom no spend is known is undefined.
        v: Rate of the rates, in units of the currency (γ in the first paper).
        currency: The currency of the spends, or None where none was given.
        report: How it was fitted; None of a model that was made of given parameters.

    .. versionadded:: 0.1

    >>> import retention as rt
    >>> model = rt.GammaGamma(p=6.25, q=3.74, v=15.44, currency="USD")
    >>> round(float(model.expected_spend(rt.Purchases(2, 30.43, 38.86, spend=22.35))), 2)
    24.66
    """

    _TITLE: ClassVar[str] = "Gamma–Gamma"

    p: float = parameter()
    q: float = parameter()
    v: float = parameter()
    currency: str | None = field(default=None, validator=optional(checked_currency))

    # The fit --------------------------------------------------------------------------------------

    @classmethod
    def fit(cls, purchases: RepeatPurchases | Orders, /, **how_to_read: Unpack[PurchaseReading]) -> Self:
        r"""The model that makes the spends of a base likeliest.

        .. math:: f(z \mid x) = \frac{\Gamma(px + q)}{\Gamma(px)\,\Gamma(q)} \cdot \frac{v^q\, z^{px - 1}\, x^{px}}{(v + xz)^{px + q}}

        Of customers with x repeat purchase days that brought z on average. Customers who did not buy again tell nothing
        of it. Nor do those whose repeat purchases were all free: a Gamma variable is never 0, so they are left out, which
        the report says.

        Args:
            purchases: What the customers have bought, with spends: a table of `repeat_purchases`, or the orders
                themselves, a `History` of them, or a `Shop`.
            how_to_read: Given orders, the keywords of `repeat_purchases`, such as `tz` and `until`.

        Returns:
            The fitted model; its `report` says how good the fit is, and what to know before it is believed.

        Raises:
            NotIdentifiableError: When the spends can't tell the parameters: fewer than three customers bought again, or
                all spent the same, or amounts lie further apart than those of one currency do.
            ConvergenceError: When the likelihood has no best place within reach, with what to do about it. With few who
                bought again that may happen by chance: in simulated shops with a hundred of them to one in ten, and with
                a thousand to none. A p that grows without end says that customers' own means are all there is to know.
            MissingRecordsError: When the table has no spends.
            MixedCurrencyError: When the spends are in several currencies.
            ConflictingArgumentError: When keywords on how to read orders come with a table that was read already.

        References:
            Fader, P. S., Hardie, B. G. S. & Lee, K. L. (2005). RFM and CLV: using iso-value curves for customer base
            analysis. Journal of Marketing Research 42, 415–430. Fader, P. S. & Hardie, B. G. S. (2013). The gamma-gamma
            model of monetary value.

        .. versionadded:: 0.1
        """
        owner = f"{_NAME}.fit"
        base = base_to_fit(purchases, dict(how_to_read), owner=owner)
        pairs = frequencies_and_spends(base, owner=owner)
        free = base.repeaters - len(pairs)
        _check_identifiable(pairs, free, owner=owner)
        return cls._fitted(pairs, currency=base.currency, warnings=_warnings_of(pairs, free))

    @classmethod
    def _fitted(
        cls,
        pairs: Sequence[tuple[int, float]],
        *,
        currency: str | None,
        warnings: Iterable[str] = (),
        start: GammaGamma | None = None,
    ) -> Self:
        """The best model of frequencies and mean spends that can tell one."""
        scale = _geometric_mean(pairs)
        groups = _grouped(pairs, scale)
        starts = _STARTS if start is None else ((start.p, start.q, start.v / scale),)
        optimum = _search(groups, [[math.log(each) for each in place] for place in starts])
        p, q, v = (math.exp(each) for each in optimum.position)
        report = FitReport(
            # The density of a spend in another unit is another: that of 1 cent is a hundredth of that of 1.00.
            log_likelihood=optimum.value - len(pairs) * math.log(scale),
            customers=len(pairs),
            groups=sum(len(group.counts) for group in groups),
            iterations=optimum.iterations,
            evaluations=optimum.evaluations,
            covariance=optimum.covariance,
            warnings=(
                *warnings,
                *_warnings_of_tail(q),
                *hardly_held(cls._parameter_names(), optimum.covariance),
            ),
        )
        return cls(p=p, q=q, v=v * scale, currency=currency, report=report)

    def bootstrap(self, base: RepeatPurchases, /, *, replications: int, seed: int) -> Bootstrap[Self]:
        """The model fitted anew to spends that it has drawn itself: how far chance alone may move it.

        Each customer keeps the number of repeat purchases, and spends what the model draws. Slow, as it fits once per
        replication, and more trustworthy than the delta method where a base is small. For a lifetime value, pair it
        with the bootstrap of the model of purchases: `Bootstrap.paired_with`.

        Args:
            base: The customers to whom the model was fitted, of whom only how often they bought counts.
            replications: How often to draw; 200 give a rough interval at 95 %, 1,000 a steady one.
            seed: Any int; the same gives the same spends.

        Raises:
            InvalidTypeError: When `base` is no table of `repeat_purchases`, or a number no int.
            InvalidValueError: When `replications` is below 2.
            MissingRecordsError: When the table has no spends.
            ConvergenceError: When hardly any drawn base could be fitted.

        .. versionadded:: 0.1
        """
        owner = f"{_NAME}.bootstrap"
        # In order, so that the order of the customers makes no difference
        frequencies = sorted(x for x, _ in frequencies_and_spends(base, owner=owner))
        refit = partial(self._refitted, frequencies, seeded(seed, owner=owner), owner)
        return bootstrapped(refit, replications=replications, seed=seed, owner=owner)

    def _refitted(self, frequencies: Sequence[int], random: Random, owner: str) -> Self:
        """The model of spends that it has drawn; the search begins at its own parameters."""
        pairs = [(x, self._drawn(random, x)) for x in frequencies]
        _check_identifiable(pairs, 0, owner=owner)
        return self._fitted(pairs, currency=self.currency, start=self)

    def _drawn(self, random: Random, x: int) -> float:
        """The mean spend of a customer with x repeat purchases."""
        rate = random.gammavariate(self.q, 1 / self.v)
        return random.gammavariate(self.p * x, 1.0) / x / max(rate, _LEAST)

    def _story(self) -> Iterable[str]:
        mean = self.expected_spend_of_newcomer()
        if mean.value is None:
            yield "The mean spend of all customers is infinite."
            return
        told = mean if mean.standard_error is None else f"{mean} ({mean.interval()})"
        yield f"Customers spend {told} on a repeat purchase day on average (p·v / (q − 1))."
        weight = self._mean_in_words(lambda model: model.p / (model.p + model.q - 1), "probability")
        yield f"After one repeat purchase a customer's own spend has a weight of {weight} in what to expect, and more after each (p·x / (p·x + q − 1))."

    # What it tells --------------------------------------------------------------------------------

    @overload
    def expected_spend(self, who: Purchases, /) -> Estimate: ...
    @overload
    def expected_spend(self, who: RepeatPurchases, /) -> CustomerAmounts: ...
    def expected_spend(self, who: Purchases | RepeatPurchases, /) -> Estimate | CustomerAmounts:
        r"""What a customer is expected to spend on average on each coming day with a purchase.

        .. math:: E(M \mid x, z) = \frac{p\,(v + xz)}{px + q - 1}

        It lies between the customer's own mean z and the mean of all, pv/(q − 1), which it is for those who did not buy
        again.

        Args:
            who: One customer's purchases, or a table of a whole base.

        Returns:
            An `Estimate` of the one, undefined when px + q is 1 or less, as the mean is infinite then: of customers who
            did not buy again, when q is. Or `CustomerAmounts` by customer of the base.

        Raises:
            InvalidTypeError: When `who` is neither.
            MissingRecordsError: When no spend is known of a customer who bought again.
            MixedCurrencyError: When the base's currency is not the model's.
            UndefinedMetricError: When the base has customers for whom it is undefined.

        .. versionadded:: 0.1
        """
        owner = f"{_NAME}.expected_spend"
        if isinstance(who, RepeatPurchases):
            check_currency(self, who, owner=owner)
            return CustomerAmounts(self, who)
        x, z = spend_of(who, owner=owner)
        return self.estimate(lambda model: model._expected_spend(x, z), unit=self.currency)  # noqa: SLF001 - one of its own kind

    def expected_spend_of_newcomer(self) -> Estimate:
        """What customers spend on average on each repeat purchase day: pv/(q − 1), the mean of all customers.

        Returns:
            The estimate, undefined when q is 1 or less.

        .. versionadded:: 0.1
        """
        return self.estimate(lambda model: model._expected_spend(0, 0.0), unit=self.currency)  # noqa: SLF001 - one of its own kind

    def _expected_spend(self, x: int, z: float) -> float:
        start, slope = self._line(x)
        return start + slope * z

    def _line(self, x: int) -> tuple[float, float]:
        """The mean spend to come of customers with x repeat purchases, as a line in their mean spend z.

        Raises:
            UndefinedMetricError: It is infinite.
        """
        shape = self.p * x + self.q
        if not self._has_mean(x):
            msg = (
                f"the mean spend is infinite where p·x + q is 1 or less (p = {self.p:.4g}, x = {x}, q = {self.q:.4g}), "
                "as a few customers spend without bound; check the largest spends, or work with customers' own means"
            )
            raise UndefinedMetricError(msg)
        return self.p * self.v / (shape - 1), self.p * x / (shape - 1)

    def _has_mean(self, x: int) -> bool:
        """Whether the mean spend to come of customers with x repeat purchases is finite."""
        return self.p * x + self.q > 1

    def _square_of_mean(self, x: int) -> float | None:
        """E(M² | x, z) over (v + xz)², of a customer with x repeat purchases; None where it is infinite.

        A p-th of it is the variance of a purchase around the customer's own mean.
        """
        shape = self.p * x + self.q
        return self.p * self.p / ((shape - 1) * (shape - 2)) if shape > 2 else None


def _check_identifiable(pairs: Sequence[tuple[int, float]], free: int, *, owner: str) -> None:
    if len(pairs) < _FEWEST:
        but = f", and {free:,} more whose repeat purchases were free" if free else ""
        msg = f"{owner}: {len(pairs)} customers bought again and spent something{but}; how their spends differ takes at least {_FEWEST}, and a hundred to be told well: give it more customers, or watch longer"
        raise NotIdentifiableError(msg)
    spends = [spend for _, spend in pairs]
    least, most = min(spends), max(spends)
    if most > _APART * least:
        msg = f"{owner}: mean spends lie further apart than amounts of one currency do, from {least:.6g} to {most:.6g}; check the least and the largest"
        raise NotIdentifiableError(msg)
    if most - least <= _ALIKE * most:
        msg = f"{owner}: all {len(pairs):,} customers who bought again spend {most:.6g} on average, so that nothing tells how they differ; no model is needed, as that is what to expect of each"
        raise NotIdentifiableError(msg)


def _warnings_of(pairs: Sequence[tuple[int, float]], free: int) -> Iterator[str]:
    if free:
        yield f"{free:,} customers were left out whose repeat purchases were all free: the model knows no spend of 0"
    dependence = strong_dependence(pairs)
    if dependence is not None:
        yield f"spend depends on frequency, which the model takes it not to: {dependence}; see frequency_spend_check"


def _warnings_of_tail(q: float) -> Iterator[str]:
    if q <= 1:
        yield f"q = {q:.4g} is not above 1: the mean spend of all customers is infinite, so that none can be expected of those who did not buy again"
    elif q <= 2:
        yield f"q = {q:.4g} is not above 2: the variance of spend between customers is infinite, so that sums over few customers hang on the largest"


# The search ------------------------------------------------------------------------------------------


def _search(groups: Sequence[_Group], starts: Sequence[Sequence[float]]) -> Optimum:
    """The best place for the parameters: of many customers sought roughly first, among classes of alike spends."""
    objective = _likelihood(groups)
    if sum(len(group.counts) for group in groups) >= _MANY:
        try:
            near = maximise(_likelihood([_coarse(group) for group in groups]), starts, owner=_NAME)
            return maximise(objective, [near.position], owner=_NAME, covariance=near.covariance)
        except ConvergenceError:
            pass  # the classes were too rough, or there is nothing to be found, which the search among all will say
    return maximise(objective, starts, owner=_NAME)


def _coarse(group: _Group) -> _Group:
    """The same customers, with neighbours in spend put together at their geometric mean."""
    width = -(-len(group.totals) // _CLASSES)
    ordered = sorted(zip(group.totals, group.counts, strict=True))
    classes = [ordered[place : place + width] for place in range(0, len(ordered), width)]
    counts = [sum(count for _, count in each) for each in classes]
    logs = [sum(count * math.log(total) for total, count in each) for each in classes]
    return _Group(group.x, [math.exp(log / count) for log, count in zip(logs, counts, strict=True)], counts)


# The likelihood --------------------------------------------------------------------------------------


@frozen
class _Group:
    """Customers with equally many repeat purchases.

    Attributes:
        x: Repeat purchases.
        totals: What a customer spent on them altogether, each amount once.
        counts: How many customers spent that.
        customers: All of them.
        logs: Σ log of the totals, over customers.
    """

    x: int
    totals: Sequence[float]
    counts: Sequence[int]
    customers: int = field(init=False)
    logs: float = field(init=False)

    def __attrs_post_init__(self) -> None:
        object.__setattr__(self, "customers", sum(self.counts))
        object.__setattr__(self, "logs", math.fsum(map(_times, self.counts, map(math.log, self.totals))))


def _geometric_mean(pairs: Sequence[tuple[int, float]]) -> float:
    return math.exp(math.fsum(math.log(spend) for _, spend in pairs) / len(pairs))


def _grouped(pairs: Sequence[tuple[int, float]], scale: float) -> list[_Group]:
    """Customers by their number of repeat purchases, those with equal spends put together."""
    amounts: dict[int, tuple[list[float], list[int]]] = {}
    for (x, spend), count in Counter(pairs).items():
        totals, counts = amounts.setdefault(x, ([], []))
        totals.append(x * (spend / scale))
        counts.append(count)
    return [_Group(x, *columns) for x, columns in sorted(amounts.items())]


def _likelihood(groups: Sequence[_Group]) -> Objective:
    """Log-likelihood and its gradient, at the logarithms of p, q and v."""
    # Σ log z, of a density that is one of z and not of log z
    constant = sum(group.logs - group.customers * math.log(group.x) for group in groups)

    def objective(position: Sequence[float]) -> tuple[float, Sequence[float]]:
        p, q, v = map(math.exp, position)
        value = -constant
        by_p = by_q = by_v = 0.0
        for group in groups:
            n, px = group.customers, p * group.x
            over = [v / total for total in group.totals]
            # log(1 + v/xz), and from it log(1 + xz/v)
            up = sum(map(_times, group.counts, map(math.log1p, over)))
            pulled = sum(map(_times, group.counts, [each / (1 + each) for each in over]))
            if v < _LARGE:
                down, kept = up + group.logs - n * position[2], n - pulled
            else:
                down = sum(map(_times, group.counts, [math.log1p(1 / each) for each in over]))
                kept = sum(map(_times, group.counts, [1 / (1 + each) for each in over]))
            value -= n * log_beta(px, q) + px * up + q * down
            by_p += group.x * (n * digamma_rise(px, q) - up)
            by_q += n * digamma_rise(q, px) - down
            by_v += q * kept - px * pulled
        return value, (p * by_p, q * by_q, by_v)

    return objective
