"""What a merchant's data are made of: customers, orders, answers, subscriptions, baskets, contacts.

All records are frozen, compare by value, and refuse at construction what could not be counted right.
None needs a name, an e-mail address or a telephone number.
"""

from __future__ import annotations

from retention.records._checkouts import Checkout
from retention.records._customers import Customer
from retention.records._interactions import Interaction, SolvedBy, Way
from retention.records._orders import (
    CancelReason,
    Convert,
    LineItem,
    Order,
    OrderPolicy,
    PaymentState,
    Refund,
)
from retention.records._subscriptions import BillingInterval, EndReason, Pause, Subscription
from retention.records._surveys import Direction, Scale, SurveyResponse

__all__ = [
    "BillingInterval",
    "CancelReason",
    "Checkout",
    "Convert",
    "Customer",
    "Direction",
    "EndReason",
    "Interaction",
    "LineItem",
    "Order",
    "OrderPolicy",
    "Pause",
    "PaymentState",
    "Refund",
    "Scale",
    "SolvedBy",
    "Subscription",
    "SurveyResponse",
    "Way",
]
