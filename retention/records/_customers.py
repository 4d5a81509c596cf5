"""Who bought: facts that group customers."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from datetime import datetime
from typing import Any

from attrs import field, frozen

from retention import _validate as check
from retention._mapping import FrozenMapping
from retention.errors import InvalidValueError, shown

__all__ = ["Customer"]


@frozen(kw_only=True)
class Customer:
    """One customer: facts that group customers, and nothing that names one.

    Attributes:
        id: The shop's id of the customer, any hashable.
        signed_up_at: When the account was opened.
        country: Where the customer is, as the host writes countries.
        acquisition_channel: How the customer came ("search", "referral", …).
        referred_by: Id of the customer who referred this one.
        loyalty_joined_at: When the customer joined the loyalty programme; None for others.
        attributes: The host's own facts; a read-only copy, left out of `hash` and `repr`.
        tags: The host's labels.

    .. versionadded:: 0.1
    """

    id: Hashable = field(validator=check.identifier)
    signed_up_at: datetime | None = field(
        default=None, converter=check.to_utc_or_none, validator=check.optional(check.moment)
    )
    country: str | None = field(default=None, validator=check.optional(check.label))
    acquisition_channel: str | None = field(default=None, validator=check.optional(check.label))
    referred_by: Hashable | None = field(default=None, validator=check.optional(check.identifier))
    loyalty_joined_at: datetime | None = field(
        default=None, converter=check.to_utc_or_none, validator=check.optional(check.moment)
    )
    attributes: Mapping[str, Any] = field(
        default=FrozenMapping(), converter=check.to_mapping, validator=check.mapping, hash=False, repr=False
    )
    tags: frozenset[str] = field(default=frozenset(), converter=check.to_frozenset, validator=check.labels)

    def __attrs_post_init__(self) -> None:
        if self.referred_by is not None and self.referred_by == self.id:
            msg = f"Customer.referred_by must be another customer's id (got {shown(self.referred_by)}, the customer's own)"
            raise InvalidValueError(msg)
