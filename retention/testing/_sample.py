"""A shop that never was, the same on every machine, and what is true of it.

The page "The sample shop" of the documentation tells how it comes about.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from attrs import field, frozen

from retention._mapping import FrozenMapping
from retention.errors import InvalidTypeError, InvalidValueError, shown
from retention.records import Customer, Order, SurveyResponse
from retention.shop import Shop
from retention.testing._answers import Survey
from retention.testing._lives import Life, lives
from retention.testing._process import SampleProcess
from retention.testing._sales import Till

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


def sample_shop(*, customers: int = 500, seed: int = 1, process: SampleProcess = _USUAL) -> Shop:
    """A shop with everything in it that a shop can have: refunds, cancellations, guests, test orders, answers.

    The same arguments give the same shop on every platform and every Python. The first customers of a larger shop
    are those of a smaller one.

    Args:
        customers: How many known customers, 1 or more.
        seed: Which shop.
        process: How its customers behave.

    Returns:
        A `Shop` with orders in the order of their instants, customers, and survey responses.

    Raises:
        InvalidValueError: `customers` is no whole number above 0.
        InvalidTypeError: `seed` is no whole number, or `process` no `SampleProcess`.

    .. versionadded:: 0.1

    >>> shop = sample_shop(customers=10)
    >>> len(shop.customers), shop.as_of
    (10, datetime.datetime(2026, 7, 1, 0, 0, tzinfo=datetime.timezone.utc))
    """
    _check("sample_shop", customers, seed, process)
    till, survey = Till(seed, process), Survey(seed, process)
    people: list[Customer] = []
    orders: list[Order] = []
    answers: list[SurveyResponse] = []
    arrivals: list[datetime] = []
    for life in lives(customers, seed, process):
        people.append(till.customer_of(life, arrivals))
        arrivals.append(life.purchases[0].at)
        orders += till.orders_of(life)
        answers += survey.answers_of(life)
    return Shop(
        orders=sorted(orders, key=lambda order: (order.placed_at, order.id)),
        customers=people,
        responses=sorted(answers, key=lambda answer: (answer.responded_at, answer.id)),
        as_of=process.as_of,
    )


def sample_truth(*, customers: int = 500, seed: int = 1, process: SampleProcess = _USUAL) -> SampleTruth:
    """What is true of the shop that `sample_shop` makes of the same arguments.

    Args:
        customers: How many known customers, 1 or more.
        seed: Which shop.
        process: How its customers behave.

    Returns:
        The true parameters, and the truth of each customer by id.

    Raises:
        InvalidValueError: `customers` is no whole number above 0.
        InvalidTypeError: `seed` is no whole number, or `process` no `SampleProcess`.

    .. versionadded:: 0.1

    >>> truth = sample_truth(customers=10)
    >>> truth.customers["c0001"].rate > 0, truth.process.mean_rate
    (True, 0.12)
    """
    _check("sample_truth", customers, seed, process)
    found = map(_truth_of, lives(customers, seed, process))
    return SampleTruth(process=process, customers=FrozenMapping({one.customer_id: one for one in found}))


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
