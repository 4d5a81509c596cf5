"""The shop's rhythm: how long customers take from one visit to the next, each with one voice.

Of all gaps most belong to the few who buy all the time, so that each gap weighs as much as it is of its customer's gaps.
The medians of the customers would give everyone a voice, too, but they lie closer together than the gaps that a silence
is held against: a third of quite normal ones would be longer than the median of 85 % of customers.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections import defaultdict
from fractions import Fraction
from math import lcm

from attrs import frozen

from retention.segments._rules import OwnRhythm, exactly

__all__ = ["ShopRhythm", "Voices"]


@frozen(kw_only=True)
class ShopRhythm:
    """How long the customers who came back take from one visit to the next.

    Attributes:
        usual: The median of their gaps, each customer with one voice.
        at_risk: From which silence on a customer without a rhythm is at risk.
        lapsed: Likewise lapsed.
        customers: How many they are.
        watched: How long the shop had been watched by then: longer gaps cannot have been seen.
    """

    usual: int
    at_risk: int
    lapsed: int
    customers: int
    watched: int

    @property
    def is_young(self) -> bool:
        """Whether so few long gaps can have been seen that the limits may be too short."""
        return 2 * self.lapsed > self.watched


class Voices:
    """The gaps of all customers, those of customers with as many gaps together: they weigh as much."""

    def __init__(self) -> None:
        self._of: defaultdict[int, array[int]] = defaultdict(lambda: array("q"))

    def add(self, gaps: array[int]) -> None:
        """Hear a customer, who has at least one gap."""
        self._of[len(gaps)].extend(gaps)

    def rhythm(self, rules: OwnRhythm, watched: int) -> ShopRhythm | None:
        """What they say together; None where there are none.

        Args:
            rules: Which shares are asked for.
            watched: For how long they could be heard.
        """
        if not self._of:
            return None
        spread = _Spread(self._of)
        return ShopRhythm(
            usual=spread.median(),
            at_risk=spread.quantile(exactly(rules.shop_at_risk)),
            lapsed=spread.quantile(exactly(rules.shop_lapsed)),
            customers=spread.customers,
            watched=watched,
        )


class _Spread:
    """How weight is spread over gaps: whole numbers throughout, so that equal gaps and shares are never torn apart.

    Attributes:
        customers: How many have a gap.
    """

    def __init__(self, of: dict[int, array[int]]) -> None:
        one_voice = lcm(*of)
        self._ordered = [(sorted(gaps), one_voice // count) for count, gaps in of.items()]
        self._lengths = range(max(gaps[-1] for gaps, _ in self._ordered) + 1)
        self.customers = sum(len(gaps) // count for count, gaps in of.items())
        self._all = self.customers * one_voice

    def _up_to(self, length: int) -> int:
        """The weight of the gaps that are no longer."""
        return sum(bisect_right(gaps, length) * weight for gaps, weight in self._ordered)

    def quantile(self, share: Fraction) -> int:
        """The shortest of the gaps that at least this share of the weight does not exceed."""
        enough = -(-share.numerator * self._all // share.denominator)
        return bisect_left(self._lengths, enough, key=self._up_to)

    def median(self) -> int:
        """The gap in the middle, cut to whole microseconds: between two of them halfway, as usual."""
        low = bisect_left(self._lengths, -(-self._all // 2), key=self._up_to)
        high = bisect_right(self._lengths, self._all // 2, key=self._up_to)
        return (low + high) // 2
