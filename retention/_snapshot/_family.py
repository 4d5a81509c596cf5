"""All the changes of a snapshot, judged together: of many, one or another goes far by chance."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from retention._estimates import holm
from retention._mapping import FrozenMapping
from retention.catalog import METRICS
from retention.comparison import Comparison
from retention.periods import Period

if TYPE_CHECKING:
    from retention._snapshot._figures import Figure

__all__ = ["family"]


def family(figures: Iterable[Figure]) -> Mapping[tuple[str, Period], Comparison]:
    """By metric and period, how each figure moved, the p-values corrected for all that were tested.

    Two metrics that are one test, such as retention and churn, count once.
    """
    changes = {(each.metric, each.period): each.change for each in figures}
    p_values = {key: change.p_value for key, change in changes.items() if change.p_value is not None}
    tested = {key: p_value for key, p_value in p_values.items() if _twin(key) not in p_values}
    adjusted = dict(zip(tested, holm(list(tested.values())), strict=True))
    return FrozenMapping(
        {
            key: change.among(len(tested), adjusted.get(key, adjusted.get(_twin(key))))
            for key, change in changes.items()
        }
    )


def _twin(key: tuple[str, Period]) -> tuple[str, Period]:
    """The metric that this one is the complement of, in the same period; itself is nobody's."""
    metric, period = key
    return METRICS[metric].complement_of or "", period
