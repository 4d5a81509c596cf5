"""Shops drawn at random whose true figures are known, so that one can count how often an interval holds the truth.

Customers differ. How often one buys is drawn from a gamma distribution (with Poisson counts, the NBD model that
purchases are known to follow: Ehrenberg, 1959) or from a lognormal one, whose tail is heavier. Each has a mean
spend of their own, which grows with how often they buy, and a share of their own of orders that go back.

Nothing here asks the library for a variance: x and y of each customer are added up, and the sums handed over.
True values are expectations over all customers that could have been drawn, found by integration, not by drawing.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any, Literal, NamedTuple
from unittest import mock

import attrs
import numpy as np
from numpy.typing import NDArray
from scipy import stats
from scipy.special import stdtrit

import retention as rt
from retention._numerics import ClusterSums, CrossSums, ScoreSums
from retention.comparison import Comparison
from retention.results import Mean, Ratio, Score
from tests.reference.oracle import read_rows

Numbers = NDArray[Any]
Draw = np.random.Generator

EACH_ORDER = 0.5
"""Standard deviation of the logarithm of an order, around its customer's mean."""
_STEPS = 200_000


class Coverage(NamedTuple):
    """How many intervals, of how many, held the true value."""

    held: int
    drawn: int

    @property
    def share(self) -> float:
        return self.held / self.drawn

    @property
    def error(self) -> float:
        """Standard error of the share: what another seed may change."""
        return math.sqrt(self.share * (1 - self.share) / self.drawn)


class Tally:
    """Counts intervals that hold the truth, of those that are given: customers who are all alike have none."""

    def __init__(self) -> None:
        self._held: dict[str, list[bool]] = defaultdict(list)

    def add(self, name: str, figure: Mean | Ratio | Score | Comparison, truth: float) -> None:
        try:
            low, high = figure.interval()
        except rt.UndefinedMetricError:
            return
        self._held[name].append(low <= truth <= high)

    def coverage(self) -> dict[str, Coverage]:
        return {name: Coverage(sum(held), len(held)) for name, held in self._held.items()}


@contextmanager
def quick_quantiles() -> Iterator[None]:
    """Student's quantiles by scipy: test_numerics.py shows that the library's are the same, only slower."""
    with ExitStack() as stack:
        for module in ("_numerics", "_estimates"):
            stack.enter_context(mock.patch(f"retention.{module}.student_quantile", _quantile))
        yield


def _quantile(confidence: float, freedom: float) -> float:
    return float(stdtrit(freedom, (1 + confidence) / 2))


def pair_sums(
    x: Numbers, y: Numbers, *, scale: int = 1, x_scale: int = 1, signed: bool = False
) -> ClusterSums:
    """Sums over customers, as the pass over a history makes them."""
    return ClusterSums(
        n=len(x),
        x=int(x.sum()),
        y=int(y.sum()),
        xx=int(x @ x),
        xy=int(x @ y),
        yy=int(y @ y),
        scale=scale,
        x_scale=x_scale,
        signed=signed,
    )


def mean_of(x: Numbers, y: Numbers, *, cents: bool = False) -> Mean:
    sums = pair_sums(x, y, scale=100 if cents else 1)
    return Mean(Decimal(sums.y).scaleb(-2) if cents else sums.y, sums.x, sampling=sums)


def share_of(x: Numbers, y: Numbers, *, cents: bool = False) -> Ratio:
    """Of orders, or of money."""
    if not cents:
        sums = pair_sums(x, y)
        return Ratio(sums.y, sums.x, sampling=sums)
    sums = pair_sums(x, y, scale=100, x_scale=100)
    return Ratio(Decimal(sums.y).scaleb(-2), Decimal(sums.x).scaleb(-2), sampling=sums)


# --- customers ---


@attrs.frozen(kw_only=True)
class Rates:
    """How the rates at which customers buy are distributed."""

    draw: Callable[[Draw, int], Numbers]
    quantile: Callable[[Numbers], Numbers]

    def expectation(self, of: Callable[[Numbers], Numbers]) -> float:
        """The mean of `of(rate)` over all customers."""
        return float(np.mean(of(self.quantile((np.arange(_STEPS) + 0.5) / _STEPS))))


def gamma_rates(shape: float, mean: float) -> Rates:
    return Rates(
        draw=lambda random, n: random.gamma(shape, mean / shape, n),
        quantile=stats.gamma(shape, scale=mean / shape).ppf,
    )


def lognormal_rates(spread: float, median: float) -> Rates:
    return Rates(
        draw=lambda random, n: median * np.exp(spread * random.standard_normal(n)),
        quantile=stats.lognorm(spread, scale=median).ppf,
    )


@attrs.frozen(kw_only=True)
class Customers:
    """How customers differ.

    Attributes:
        rates: Expected number of orders.
        spends_more: A customer's mean spend grows as the rate to this power.
        spread: Standard deviation of the logarithm of a customer's mean spend beside that.
        refunds: Parameters of the beta distribution of a customer's share of orders that go back.
    """

    rates: Rates
    spends_more: float = 0.1
    spread: float = 0.4
    refunds: tuple[float, float] = (0.8, 7.2)

    def spend(self, rate: Numbers) -> Numbers:
        """Mean spend an order, in EUR: 40 on average over customers."""
        return 40 * rate**self.spends_more / self._typical

    @property
    def _typical(self) -> float:
        return self.rates.expectation(lambda rate: rate**self.spends_more)

    @property
    def refund_rate(self) -> float:
        back, kept = self.refunds
        return back / (back + kept)


class Bought(NamedTuple):
    """What each customer did in one period: orders, cents, and cents that went back."""

    orders: Numbers
    cents: Numbers
    refunded: Numbers


class Tastes(NamedTuple):
    """What each customer is like, whatever the period."""

    rate: Numbers
    mean_cents: Numbers
    sends_back: Numbers


class Population:
    """Draws customers, and periods of their purchases."""

    def __init__(self, customers: Customers) -> None:
        self.customers = customers
        self._cents = 4_000 / customers._typical

    def tastes(self, random: Draw, n: int) -> Tastes:
        rate = self.customers.rates.draw(random, n)
        own = _lognormal(random, self.customers.spread, n)
        return Tastes(
            rate=rate,
            mean_cents=self._cents * rate**self.customers.spends_more * own,
            sends_back=random.beta(*self.customers.refunds, size=n),
        )

    @staticmethod
    def bought(random: Draw, tastes: Tastes, orders: Numbers, *, dearer: float = 1.0) -> Bought:
        buyer = np.repeat(np.arange(len(orders)), orders)
        each = dearer * tastes.mean_cents[buyer] * _lognormal(random, EACH_ORDER, len(buyer))
        cents = np.rint(each).astype(np.int64)
        back = random.random(len(buyer)) < tastes.sends_back[buyer]
        return Bought(
            orders=orders,
            cents=_by_buyer(buyer, cents, len(orders)),
            refunded=_by_buyer(buyer, cents * back, len(orders)),
        )


def _lognormal(random: Draw, spread: float, n: int) -> Numbers:
    """With mean 1."""
    return np.exp(spread * random.standard_normal(n) - spread**2 / 2)


def _by_buyer(buyer: Numbers, cents: Numbers, n: int) -> Numbers:
    return np.bincount(buyer, cents, n).astype(np.int64)


# --- figures of one period: every customer in it has at least one order ---


def truth_of_active(customers: Customers) -> dict[str, float]:
    """The true figures where each customer has one order and, beyond it, a Poisson number of that rate."""
    over, refunds = customers.rates.expectation, customers.refund_rate
    orders = 1 + over(lambda rate: rate)
    spend = over(lambda rate: (1 + rate) * customers.spend(rate))
    return {
        "purchase_frequency": orders,
        "average_customer_value": spend,
        "average_order_value": spend / orders,
        "repeat_order_rate": 1 - over(lambda rate: np.exp(-rate)) / orders,
        "refund_rate": refunds,
    }


def figures_of_active(random: Draw, population: Population, n: int) -> dict[str, Mean | Ratio]:
    """The figures of n customers; one is new with a probability that falls with the rate."""
    tastes = population.tastes(random, n)
    bought = population.bought(random, tastes, 1 + random.poisson(tastes.rate))
    new = (random.random(n) < np.exp(-tastes.rate)).astype(np.int64)
    one = np.ones(n, dtype=np.int64)
    return {
        "purchase_frequency": mean_of(one, bought.orders),
        "average_customer_value": mean_of(one, bought.cents, cents=True),
        "average_order_value": mean_of(bought.orders, bought.cents, cents=True),
        "repeat_order_rate": share_of(bought.orders, bought.orders - new),
        "refund_rate": share_of(bought.cents, bought.refunded, cents=True),
    }


@quick_quantiles()
def coverage_of_active(
    customers: Customers, n: int, *, drawn: int, seed: int, as_if_independent: bool = False
) -> dict[str, Coverage]:
    """How often the intervals of `drawn` shops of n buyers hold the true figures."""
    random, population = np.random.default_rng(seed), Population(customers)
    truth = truth_of_active(customers)
    tally = Tally()
    for _ in range(drawn):
        for name, figure in figures_of_active(random, population, n).items():
            tally.add(name, independent(figure) if as_if_independent else figure, truth[name])
    return tally.coverage()


def independent(figure: Mean | Ratio) -> Mean | Ratio:
    """A share as if each unit of it, cents for money, were a customer of its own."""
    sums = figure.sampling
    return Ratio(sums.y, sums.x) if isinstance(figure, Ratio) and isinstance(sums, ClusterSums) else figure


# --- two periods of the same customers ---


class Clusters(NamedTuple):
    """x and y of every customer in one period: (0, 0) of those who are not in it."""

    x: Numbers
    y: Numbers
    of: Literal["counts", "cents", "customers", "shares"] = "counts"

    def figure(self) -> Mean | Ratio:
        if self.of == "customers":
            return Ratio(int(self.y.sum()), int(self.x.sum()))
        there = self.x > 0
        if self.of == "shares":
            return share_of(self.x[there], self.y[there], cents=True)
        return mean_of(self.x[there], self.y[there], cents=self.of == "cents")


def cross_sums(a: Clusters, b: Clusters) -> CrossSums:
    """Over the customers of both periods; n are those of either."""
    return CrossSums(
        n=int(((a.x > 0) | (b.x > 0)).sum()),
        xx=int(a.x @ b.x),
        xy=int(a.x @ b.y),
        yx=int(a.y @ b.x),
        yy=int(a.y @ b.y),
    )


def change_of(a: Clusters, b: Clusters, *, shared: bool = True) -> Comparison:
    """As `Snapshot.change` makes it; with `shared=False` as if nobody were in both."""
    labels = ("later", "earlier")
    cross = cross_sums(a, b) if shared else None
    return Comparison(a=a.figure(), b=b.figure(), labels=labels, title="", is_change=True, cross=cross)


def truth_of_changes(customers: Customers, *, dearer: float) -> dict[str, float]:
    """What changes where prices rise by the factor `dearer`, and nothing else does."""
    over = customers.rates.expectation
    orders, active = over(lambda rate: rate), over(lambda rate: 1 - np.exp(-rate))
    spend = over(lambda rate: rate * customers.spend(rate))
    return {
        "purchase_frequency": 0.0,
        "repeat_purchase_rate": 0.0,
        "refund_rate": 0.0,
        "average_order_value": (dearer - 1) * spend / orders,
        "average_customer_value": (dearer - 1) * spend / active,
    }


def clusters_of(bought: Bought) -> dict[str, Clusters]:
    active = (bought.orders > 0).astype(np.int64)
    return {
        "purchase_frequency": Clusters(active, bought.orders),
        "average_order_value": Clusters(bought.orders, bought.cents, "cents"),
        "average_customer_value": Clusters(active, bought.cents, "cents"),
        "repeat_purchase_rate": Clusters(active, (bought.orders > 1).astype(np.int64), "customers"),
    }


def with_refunds(bought: Bought) -> dict[str, Clusters]:
    return {**clusters_of(bought), "refund_rate": Clusters(bought.cents, bought.refunded, "shares")}


@quick_quantiles()
def coverage_of_changes(
    customers: Customers, n: int, *, drawn: int, seed: int, dearer: float = 1.1, shared: bool = True
) -> dict[str, Coverage]:
    """How often the interval of a change holds the true one, of n customers of whom some buy in each period."""
    random, population = np.random.default_rng(seed), Population(customers)
    truth = truth_of_changes(customers, dearer=dearer)
    tally = Tally()
    for _ in range(drawn):
        tastes = population.tastes(random, n)
        before, after = (
            with_refunds(population.bought(random, tastes, random.poisson(tastes.rate), dearer=factor))
            for factor in (1.0, dearer)
        )
        for name in truth:
            tally.add(name, change_of(after[name], before[name], shared=shared), truth[name])
    return tally.coverage()


@quick_quantiles()
def coverage_of_differences(
    customers: Customers, sizes: tuple[int, int], *, drawn: int, seed: int
) -> dict[str, Coverage]:
    """How often the interval of the difference of two shops' figures holds 0: their customers are alike."""
    random, population = np.random.default_rng(seed), Population(customers)
    tally = Tally()
    for _ in range(drawn):
        a, b = (figures_of_active(random, population, n) for n in sizes)
        for name in a:
            tally.add(name, rt.compare(a[name], b[name]), 0)
    return tally.coverage()


# --- answers ---


@quick_quantiles()
def coverage_of_answers(n: int, *, drawn: int, seed: int) -> dict[str, Coverage]:
    """Satisfaction and effort asked of n customers, each once and again after some later contacts."""
    random = np.random.default_rng(seed)
    tally = Tally()
    for _ in range(drawn):
        answers = 1 + random.negative_binomial(1, 0.4, size=n)
        positive = random.binomial(answers, random.beta(4, 2, size=n))
        effort = _efforts(random, answers)
        promoters, detractors = _promoters(random, answers)
        truths = {
            "customer_satisfaction_score": (share_score(answers, positive), 100 * 4 / 6),
            "customer_effort_score": (effort_score(answers, effort), 100 * 3 / 7),
            "net_promoter_score": (net_score(answers, promoters, detractors), 20.0),
        }
        for name, (score, truth) in truths.items():
            tally.add(name, score, truth)
    return tally.coverage()


def _efforts(random: Draw, answers: Numbers) -> Numbers:
    """Sums of scores from 1 to 7, each 1 + binomial(6, own): 3 on average."""
    return answers + random.binomial(6 * answers, random.beta(2, 4, size=len(answers)))


def _promoters(random: Draw, answers: Numbers) -> tuple[Numbers, Numbers]:
    """Half promote and three in ten detract, each customer in their own way."""
    chances = random.dirichlet((2.5, 1.0, 1.5), size=len(answers))
    counts = random.multinomial(answers, chances)
    return counts[:, 0], counts[:, 2]


def share_score(answers: Numbers, positive: Numbers) -> Score:
    sums = ScoreSums(sums=pair_sums(answers, positive), method="share")
    return _score(sums, 0, 100)


def effort_score(answers: Numbers, total: Numbers) -> Score:
    """The published form: mean over the number of options, in points of 100."""
    return _score(
        ScoreSums(sums=pair_sums(answers, total), method="mean", points=Fraction(100, 7)), 100 / 7, 100
    )


def net_score(answers: Numbers, promoters: Numbers, detractors: Numbers) -> Score:
    outspoken = int((promoters + detractors).sum())
    sums = pair_sums(answers, promoters - detractors, signed=True)
    return _score(ScoreSums(sums=sums, method="net", outspoken=outspoken), -100, 100)


def _score(sums: ScoreSums, low: float, high: float) -> Score:
    value = float(sums.points * Fraction(sums.sums.y, sums.sums.x))
    return Score(value, low=low, high=high, count=sums.sums.x, sampling=sums)


# --- by enumeration: every outcome, with its probability ---


@cache
def share_intervals(n: int) -> tuple[Numbers, Numbers]:
    """Bounds for 0 to n of n."""
    bounds = np.array([tuple(Ratio(count, n).interval()) for count in range(n + 1)])
    return bounds[:, 0], bounds[:, 1]


def exact_share(n: int, p: float) -> float:
    """Coverage of a share of n independent customers, p of whom are in it."""
    low, high = share_intervals(n)
    chances = stats.binom.pmf(np.arange(n + 1), n, p)
    return float(chances[(low <= p) & (p <= high)].sum())


def exact_difference(n: tuple[int, int], p: tuple[float, float]) -> float:
    """Coverage of the difference of two independent shares."""
    chances = [stats.binom.pmf(np.arange(size + 1), size, share) for size, share in zip(n, p, strict=True)]
    low, high = difference_intervals(*n)
    held = (low <= p[0] - p[1]) & (p[0] - p[1] <= high)
    return float((np.outer(*chances) * held).sum())


@cache
def difference_intervals(n: int, m: int) -> tuple[Numbers, Numbers]:
    bounds = np.array(
        [
            [tuple(rt.compare(Ratio(count, n), Ratio(other, m)).interval()) for other in range(m + 1)]
            for count in range(n + 1)
        ]
    )
    return bounds[..., 0], bounds[..., 1]


@cache
def net_intervals(n: int) -> tuple[Numbers, Numbers, Numbers]:
    """For each number of promoters and detractors among n who answer once each, the two and the bounds."""
    counts = np.array([(yes, no) for yes in range(n + 1) for no in range(n + 1 - yes)])
    bounds = np.array([tuple(_net_score_of(n, int(yes), int(no)).interval()) for yes, no in counts])
    return counts, bounds[:, 0], bounds[:, 1]


def _net_score_of(n: int, promoters: int, detractors: int) -> Score:
    net, outspoken = promoters - detractors, promoters + detractors
    sums = ClusterSums(n=n, x=n, y=net, xx=n, xy=net, yy=outspoken, signed=True)
    return _score(ScoreSums(sums=sums, method="net", outspoken=outspoken), -100, 100)


def exact_net(n: int, promoters: float, detractors: float) -> float:
    """Coverage of the net promoter score of n who answer once each."""
    counts, low, high = net_intervals(n)
    passives = n - counts.sum(axis=1)
    shares = [promoters, detractors, 1 - promoters - detractors]
    chances = stats.multinomial.pmf(np.column_stack([counts, passives]), n, shares)
    truth = 100 * (promoters - detractors)
    return float(chances[(low <= truth) & (truth <= high)].sum())


# --- real buyers, drawn again and again ---

CDNOW = Path(__file__).parents[1] / "data" / "cdnow_sample.txt"


def cdnow_buyers(begin: date, end: date) -> Bought:
    """Who bought music in ``[begin, end)``, 1997 and 1998: counts with a long tail that nobody made up."""
    totals: dict[str, list[int]] = {}
    for row in read_rows(CDNOW):
        if row["amount"] > 0 and begin <= row["date"] < end:
            orders_and_cents = totals.setdefault(row["customer_id"], [0, 0])
            orders_and_cents[0] += 1
            orders_and_cents[1] += int(row["amount"] * 100)
    orders, cents = np.array(list(totals.values())).T
    return Bought(orders=orders, cents=cents, refunded=0 * cents)


@quick_quantiles()
def coverage_of_resampled(buyers: Bought, n: int, *, drawn: int, seed: int) -> dict[str, Coverage]:
    """As if these buyers were all there are, each as likely as another to be one of a shop's n."""
    random = np.random.default_rng(seed)
    everyone = {name: clusters.figure() for name, clusters in clusters_of(buyers).items()}
    tally = Tally()
    for _ in range(drawn):
        some = random.integers(0, len(buyers.orders), n)
        shop = Bought(buyers.orders[some], buyers.cents[some], buyers.refunded[some])
        for name, clusters in clusters_of(shop).items():
            tally.add(name, clusters.figure(), float(everyone[name]))
    return tally.coverage()


# --- the shops that are measured ---

HEAVY = Customers(rates=gamma_rates(0.5, 2.0))
"""Three orders a buyer: 45 in 100 have one, ten in 100 seven or more, one in 100 sixteen or more."""
HEAVY_LOGNORMAL = Customers(rates=lognormal_rates(1.0, 1.0))
"""2.6 orders a buyer, and a longer tail: one in 1,000 has 25 or more."""
EXTREME = Customers(rates=gamma_rates(0.25, 2.0), spends_more=0.2, spread=0.5)
"""Three orders a buyer too, but 58 in 100 have one and one in 100 has 22; and who buys often spends twice as much on each."""
PASSING = Customers(rates=gamma_rates(0.5, 1.0))
"""Customers of whom four in ten buy in a period, and come and go."""
