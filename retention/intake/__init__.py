"""The way in: rows of a database, a CSV file, JSON or a data frame become records, and faulty rows are reported.

Nothing is guessed: no unit, no zone, no currency, no scale, no column. Nothing is dropped silently: each row becomes
a record or an error, whatever way is chosen to hear of it, unless the host says that it may say nothing.
"""

from __future__ import annotations

from retention.intake._checkouts import checkouts_from_records
from retention.intake._customers import customers_from_records
from retention.intake._interactions import interactions_from_records
from retention.intake._orders import orders_from_records
from retention.intake._plan import Row, Source
from retention.intake._rows import Intake
from retention.intake._subscriptions import subscriptions_from_records
from retention.intake._surveys import surveys_from_records

__all__ = [
    "Intake",
    "Row",
    "Source",
    "checkouts_from_records",
    "customers_from_records",
    "interactions_from_records",
    "orders_from_records",
    "subscriptions_from_records",
    "surveys_from_records",
]
