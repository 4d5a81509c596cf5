"""All strategies of the library, in one table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from attrs import evolve

from retention._mapping import FrozenMapping
from retention.strategies._catalog_content import CONTENT
from retention.strategies._catalog_early import EARLY
from retention.strategies._catalog_giving import GIVING
from retention.strategies._catalog_leaving import LEAVING
from retention.strategies._catalog_listening import LISTENING
from retention.strategies._catalog_loyalty import LOYALTY
from retention.strategies._catalog_reach import REACH
from retention.strategies._catalog_service import SERVICE
from retention.strategies._catalog_store import STORE
from retention.strategies._evidence import EVIDENCE
from retention.strategies._model import Strategy

__all__ = ["EVIDENCE", "STRATEGIES"]


def _mutual(strategies: Iterable[Strategy]) -> Iterable[Strategy]:
    """The same, where an overlap or a contradiction that one of two names holds for both."""
    given = tuple(strategies)
    for one in given:
        yield evolve(
            one,
            overlaps=_both_ways(one.overlaps, (each.id for each in given if one.id in each.overlaps)),
            contradicts=_both_ways(
                one.contradicts, (each.id for each in given if one.id in each.contradicts)
            ),
        )


def _both_ways(named: Iterable[str], named_by: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*named, *named_by)))


_ALL = (*EARLY, *LEAVING, *SERVICE, *LISTENING, *LOYALTY, *GIVING, *REACH, *CONTENT, *STORE)

STRATEGIES: Mapping[str, Strategy] = FrozenMapping({each.id: each for each in _mutual(_ALL)})
"""What a shop can do so that customers stay, by id."""
