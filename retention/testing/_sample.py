"""A shop that never was, the same on every machine, and what is true of it.

The page "The sample shop" of the documentation tells how it comes about.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from math import fsum
from operator import attrgetter

from attrs import field, frozen

from retention._mapping import FrozenMapping
from retention.errors import InvalidTypeError, InvalidValueError, shown
from retention.records import Checkout, Customer, Interaction, Order, Subscription, SurveyResponse
from retention.shop import Shop
from retention.testing._ailments import afflicted
from retention.testing._answers import Survey
from retention.testing._baskets import Baskets
from retention.testing._campaigns import Campaigns
from retention.testing._contacts import Desk
from retention.testing._lives import Life, lives
from retention.testing._process import SampleProcess
from retention.testing._sales import Till
from retention.testing._subscriptions import Boxes

__all__ = ["CustomerTruth", "SampleTruth", "sample_shop", "sample_truth"]

_USUAL = SampleProcess()


@frozen(kw_only=True)
class CustomerTruth:
    """What is true of one customer of the sample shop, known to nobody in a real one.

    Attributes:
        customer_id: The customer's id.
        arrived_at: Instant of the first purchase.
        purchases: How often the customer bought until `SampleProcess.as_of`, whatever became of the orders.
        rate: Purchases a week while a customer, where the season's factor is 1.
        drop_out: Chance to be gone after a purchase.
        gone_at: Instant of the purchase after which the customer was gone; None for those who still buy.
        mean_amount: Mean of the amounts that the customer spends, in the currency's unit.
        usual_satisfaction: Satisfaction before the first purchase, from 0 to 10.
        satisfaction: Satisfaction after the last one.

    .. versionadded:: 0.1
    """

    customer_id: str
    arrived_at: datetime
    purchases: int
    rate: float
    drop_out: float
    gone_at: datetime | None
    mean_amount: float
    usual_satisfaction: float
    satisfaction: float


@frozen(kw_only=True)
class SampleTruth:
    """What is true of a sample shop: its process, and each customer.

    Attributes:
        process: The true parameters of the population.
        customers: The truth of each customer, by customer id.

    .. versionadded:: 0.1
    """

    process: SampleProcess
    customers: Mapping[str, CustomerTruth] = field(hash=False)

    @property
    def figures(self) -> Mapping[str, float]:
        """What some metrics come to, by their names, the nearer the more customers there are.

        ``cart_abandonment_rate`` is meant with a window of one day; windows of weeks do for the others. The page
        "The sample shop" tells of which figures nothing exact can be said.
        """
        process = self.process
        served = process.self_service_rate + (1 - process.self_service_rate) * process.answer_rate
        by_agents = (1 - process.self_service_rate) * process.answer_rate * process.solution_rate
        solved = process.self_service_rate + by_agents
        ways = process.acquisition_channels
        hunters = process.bargain_hunter_rate
        return FrozenMapping(
            {
                "answered_rate": served,
                "cart_abandonment_rate": process.abandonment_rate,
                "discounted_order_rate": hunters + (1 - hunters) * process.discount_rate,
                "referral_rate": ways.get("referral", 0.0) / fsum(ways.values()),
                "self_service_rate": process.self_service_rate / solved if solved else 0.0,
                "upsell_rate": process.offer_acceptance_rate,
            }
        )


def sample_shop(
    *, customers: int = 500, seed: int = 1, process: SampleProcess = _USUAL, ailment: str | None = None
) -> Shop:
    """A shop with everything in it that a shop can have: refunds, guests, answers, subscriptions, baskets, contacts.

    The same arguments give the same shop on every platform and every Python. The first customers of a larger shop
    are those of a smaller one.

    Args:
        customers: How many known customers, 1 or more.
        seed: Which shop.
        process: How its customers behave.
        ailment: What it suffers from: a name of `AILMENTS`, which changes the process; None is a shop in health.

    Returns:
        A `Shop` with customers, orders, survey responses, subscriptions, checkouts and interactions; all but the
        customers stand in the order of their instants.

    Raises:
        InvalidValueError: `customers` is no whole number above 0, or `ailment` no known name.
        InvalidTypeError: `seed` is no whole number, `process` no `SampleProcess`, or `ailment` no text.

    .. versionadded:: 0.1

    >>> shop = sample_shop(customers=10)
    >>> len(shop.customers), shop.as_of
    (10, datetime.datetime(2026, 7, 1, 0, 0, tzinfo=datetime.timezone.utc))
    """
    _check("sample_shop", customers, seed, process)
    process = afflicted(process, ailment, owner="sample_shop")
    written = _Written(seed, process)
    for life in lives(customers, seed, process):
        written.add(life)
    return written.shop()


def sample_truth(
    *, customers: int = 500, seed: int = 1, process: SampleProcess = _USUAL, ailment: str | None = None
) -> SampleTruth:
    """What is true of the shop that `sample_shop` makes of the same arguments.

    Args:
        customers: How many known customers, 1 or more.
        seed: Which shop.
        process: How its customers behave.
        ailment: What it suffers from: a name of `AILMENTS`, which changes the process; None is a shop in health.

    Returns:
        The true parameters, and the truth of each customer by id.

    Raises:
        InvalidValueError: `customers` is no whole number above 0, or `ailment` no known name.
        InvalidTypeError: `seed` is no whole number, `process` no `SampleProcess`, or `ailment` no text.

    .. versionadded:: 0.1

    >>> truth = sample_truth(customers=10)
    >>> truth.customers["c0001"].rate > 0, truth.process.mean_rate
    (True, 0.12)
    >>> truth.figures["upsell_rate"]
    0.2
    """
    _check("sample_truth", customers, seed, process)
    process = afflicted(process, ailment, owner="sample_truth")
    found = map(_truth_of, lives(customers, seed, process))
    return SampleTruth(process=process, customers=FrozenMapping({one.customer_id: one for one in found}))


class _Written:
    """What the shop has written down, customer by customer."""

    def __init__(self, seed: int, process: SampleProcess) -> None:
        self._process = process
        self._till, self._survey = Till(seed, process), Survey(seed, process)
        self._boxes, self._baskets = Boxes(seed, process), Baskets(seed, process)
        self._campaigns, self._desk = Campaigns(seed, process), Desk(seed, process)
        self._arrivals: list[datetime] = []
        self._people: list[Customer] = []
        self._orders: list[Order] = []
        self._answers: list[SurveyResponse] = []
        self._spans: list[Subscription] = []
        self._checkouts: list[Checkout] = []
        self._contacts: list[Interaction] = []

    def add(self, life: Life) -> None:
        """One more customer, and all that is known of them."""
        self._people.append(self._till.customer_of(life, self._arrivals))
        self._arrivals.append(life.purchases[0].at)
        orders = list(self._till.orders_of(life))
        purchases = [order for order in orders if order.items]  # those that stand beside one have no lines
        self._orders += orders
        answers, asked = self._survey.answers_of(life)
        self._answers += answers
        self._spans += self._boxes.spans_of(life)
        self._checkouts += self._baskets.baskets_of(life, purchases)
        self._contacts += self._campaigns.contacts_of(life, purchases)
        self._contacts += self._desk.contacts_of(life, asked)

    def shop(self) -> Shop:
        """All of it, by instant."""
        return Shop(
            orders=sorted(self._orders, key=attrgetter("placed_at", "id")),
            customers=self._people,
            responses=sorted(self._answers, key=attrgetter("responded_at", "id")),
            subscriptions=sorted(self._spans, key=attrgetter("started_at", "id")),
            checkouts=sorted(self._checkouts, key=attrgetter("begun_at", "id")),
            interactions=sorted(self._contacts, key=attrgetter("occurred_at", "id")),
            as_of=self._process.as_of,
        )


def _truth_of(life: Life) -> CustomerTruth:
    last = life.purchases[-1]
    return CustomerTruth(
        customer_id=life.customer_id,
        arrived_at=life.purchases[0].at,
        purchases=len(life.purchases),
        rate=life.rate,
        drop_out=life.drop_out,
        gone_at=last.at if life.is_gone else None,
        mean_amount=life.mean_amount,
        usual_satisfaction=life.usual_satisfaction,
        satisfaction=last.satisfaction,
    )


def _check(name: str, customers: object, seed: object, process: object) -> None:
    if isinstance(customers, bool) or not isinstance(customers, int) or customers < 1:
        msg = f"{name} takes customers=1 or more (got {shown(customers)})"
        raise InvalidValueError(msg)
    if isinstance(seed, bool) or not isinstance(seed, int):
        msg = f"{name} takes a whole number as seed=, not {type(seed).__name__} (got {shown(seed)})"
        raise InvalidTypeError(msg)
    if not isinstance(process, SampleProcess):
        msg = f"{name} takes a SampleProcess as process=, not {type(process).__name__} (got {shown(process)})"
        raise InvalidTypeError(msg)
