"""The rules by which the library recommends unless it is told otherwise, and the strategies that no figure calls for."""

from __future__ import annotations

from collections.abc import Mapping

from retention._mapping import FrozenMapping
from retention.strategies._rules import RuleSet
from retention.strategies._rules_chances import CHANCES
from retention.strategies._rules_leaving import LEAVING
from retention.strategies._rules_selling import SELLING
from retention.strategies._rules_service import SERVICE_RULES

__all__ = ["DEFAULT_RULES", "WITHOUT_A_FIGURE"]

DEFAULT_RULES = RuleSet((*LEAVING, *SERVICE_RULES, *SELLING, *CHANCES))
"""What follows from which figure, unless told otherwise.

Most limits are this library's own, since hardly any guide gives one; advice that follows says whose it was held
against. They are set where most
merchants would agree that something is wrong, and a figure must lie beyond its limit with its whole interval, where it
has one. Change them with the verbs of `RuleSet`, such as ``DEFAULT_RULES.adjusted("goods-come-back", above=0.3)``.

.. versionadded:: 0.1
"""

WITHOUT_A_FIGURE: Mapping[str, str] = FrozenMapping(
    {
        "brand-story": "Whether people know who is behind the shop, no record tells; ask them.",
        "consistent-brand": "Whether all that the shop shows looks of one piece takes an eye, not a count.",
        "gamified-loyalty": "Whether customers like to play, a trial tells; members who spend little don't want for games.",
        "stand-for-a-cause": "What the shop stands for is for its owners to say; a figure must not choose it.",
        "customer-at-the-centre": "It is a way to decide, and follows from no single figure.",
        "personal-occasions": "Birthdays are in no record of the library, and a first purchase has an anniversary in every shop.",
        "seamless-online-to-offline": (
            "The records say where an order was placed, not where it was picked up or given back."
        ),
        "store-experience": "What people feel in a store leaves no record.",
        "creative-technology": "It is for trying out; no figure says that it is missing.",
        "track-and-optimise": "It belongs to every strategy: each recommendation names what to watch, and until when.",
    }
)
"""The strategies that no default rule recommends, each with the reason; they need a human eye."""
