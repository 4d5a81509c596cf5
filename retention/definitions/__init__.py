"""What billing and shop systems count, each as data and as a function: for the day when two reports disagree.

The names are the vendors'; the definitions are theirs as their own pages state them, in this library's words. They are
here to reproduce a figure and to explain a difference, and not because each of them is a good measure: the metrics of
this library stay one definition each.
"""

from __future__ import annotations

from collections.abc import Mapping

from retention._mapping import FrozenMapping
from retention.definitions._billing import BILLING
from retention.definitions._model import Definition
from retention.definitions._shops import SHOPS

__all__ = ["DEFINITIONS", "Definition"]

DEFINITIONS: Mapping[str, Definition] = FrozenMapping({each.id: each for each in (*BILLING, *SHOPS)})
"""Every definition by its name."""
