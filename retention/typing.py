"""Names for annotations: what the library's own signatures say in one word.

A host that wraps a metric, or hands one on, annotates with them:

>>> from retention import Period, net_revenue
>>> from retention.typing import Orders
>>> def revenue_in_thousands(orders: Orders, period: Period) -> int:
...     return int(net_revenue(orders, period=period) / 1000)

Each is imported from the module that it belongs to when it is first asked for, so that a name costs no more than what
it stands for. The keywords that all order metrics take are `ReadingOptions`, those of subscriptions `MoneyReading`, and
those of all other records `RecordReading`.

.. versionadded:: 0.1
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from retention._calendar import Duration, Unit, Weekday
    from retention._checkout_facts import Checkouts
    from retention._customer_keys import By
    from retention._interaction_facts import Interactions
    from retention._power import Baseline
    from retention._snapshot import Against
    from retention._subscription_facts import Subscriptions
    from retention._survey_facts import Responses
    from retention._zones import Zone
    from retention.catalog import Result
    from retention.comparison import Verdict
    from retention.intake import Row, Source
    from retention.predict.forecast import Newcomers
    from retention.predict.independence import IndependenceVerdict
    from retention.predict.purchases import TimeUnit
    from retention.records import (
        BillingInterval,
        CancelReason,
        Convert,
        Direction,
        EndReason,
        PaymentState,
        Scale,
        SolvedBy,
        Way,
    )
    from retention.shop import Orders

_WHERE = {
    "Against": "_snapshot",
    "Baseline": "_power",
    "BillingInterval": "records",
    "By": "_customer_keys",
    "CancelReason": "records",
    "Checkouts": "_checkout_facts",
    "Convert": "records",
    "Direction": "records",
    "Duration": "_calendar",
    "EndReason": "records",
    "IndependenceVerdict": "predict.independence",
    "Interactions": "_interaction_facts",
    "Newcomers": "predict.forecast",
    "Orders": "shop",
    "PaymentState": "records",
    "Responses": "_survey_facts",
    "Result": "catalog",
    "Row": "intake",
    "Scale": "records",
    "SolvedBy": "records",
    "Source": "intake",
    "Subscriptions": "_subscription_facts",
    "TimeUnit": "predict.purchases",
    "Unit": "_calendar",
    "Verdict": "comparison",
    "Way": "records",
    "Weekday": "_calendar",
    "Zone": "_zones",
}
"""Public name: the module it lives in."""

__all__ = [
    "Against",
    "Baseline",
    "BillingInterval",
    "By",
    "CancelReason",
    "Checkouts",
    "Convert",
    "Direction",
    "Duration",
    "EndReason",
    "IndependenceVerdict",
    "Interactions",
    "Newcomers",
    "Orders",
    "PaymentState",
    "Responses",
    "Result",
    "Row",
    "Scale",
    "SolvedBy",
    "Source",
    "Subscriptions",
    "TimeUnit",
    "Unit",
    "Verdict",
    "Way",
    "Weekday",
    "Zone",
]


def __getattr__(name: str) -> object:
    if name not in _WHERE:
        from retention.errors import did_you_mean

        hint = did_you_mean(name, __all__)
        msg = f"module 'retention.typing' has no attribute {name!r}{'; ' + hint.strip() if hint else ''}"
        raise AttributeError(msg)
    value = globals()[name] = getattr(import_module(f"retention.{_WHERE[name]}"), name)
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
