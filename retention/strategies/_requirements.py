"""What a rule may require to be there before it is judged."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import fields_dict

from retention._mapping import FrozenMapping
from retention.records import Checkout, Customer, Interaction, Order, Subscription, SurveyResponse

__all__ = ["A_YEAR", "FULL_PRICES", "OUTLOOK", "RECORDS", "is_requirement", "requirements"]

RECORDS: Mapping[str, type] = FrozenMapping(
    {
        "orders": Order,
        "customers": Customer,
        "responses": SurveyResponse,
        "subscriptions": Subscription,
        "checkouts": Checkout,
        "interactions": Interaction,
    }
)
"""Fields of a `Shop` that hold records, each with the class of these."""

A_YEAR = "a year"
"""The period is about a year long, as that of published shares of customers kept is."""

FULL_PRICES = "full prices"
"""Some order is known to have been sold at no discount: where a host notes discounts only, all that is known has one."""

OUTLOOK = "outlook"
"""The host has given what a model expects of the customers; none is fitted here."""

_INSTANTS = ("as_of", "observed_from")


def requirements() -> list[str]:
    """All words that `Rule.requires` knows."""
    of_records = (f"{kind.__name__}.{name}" for kind in RECORDS.values() for name in fields_dict(kind))
    return [*RECORDS, *_INSTANTS, A_YEAR, FULL_PRICES, OUTLOOK, *of_records]


def is_requirement(word: object) -> bool:
    """Whether it is one of `requirements`, or several with a bar between, of which one is enough."""
    return isinstance(word, str) and set(word.split("|")) <= set(requirements())
