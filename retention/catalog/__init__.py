"""Every metric, described as data: what it is called, what it reads, in which unit and range, from which source.

The catalog is what snapshots, segments, rules, the reference pages and the conformance tests run over.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import chain

from retention._mapping import FrozenMapping
from retention.catalog import (
    _checkouts,
    _curves,
    _customers,
    _economics,
    _interactions,
    _journey,
    _orders,
    _programs,
    _rhythm,
    _selling,
    _subscriptions,
    _surveys,
    _value,
)
from retention.catalog._spec import MetricSpec, Result

__all__ = ["METRICS", "MetricSpec", "Result"]

_ROOMS = (
    _customers,
    _orders,
    _journey,
    _selling,
    _value,
    _rhythm,
    _economics,
    _subscriptions,
    _checkouts,
    _programs,
    _interactions,
    _surveys,
    _curves,
)

METRICS: Mapping[str, MetricSpec] = FrozenMapping(
    {spec.id: spec for spec in chain.from_iterable(room.SPECS for room in _ROOMS)}
)
"""Every metric by its name, in the order in which a snapshot shows them."""
