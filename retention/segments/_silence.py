"""How long each customer has been silent, and what that means under a rule.

All times are in microseconds; customers stand as their numbers.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from datetime import timedelta, tzinfo

from attrs import frozen

from retention._calendar import Duration, ends_of, from_microseconds, microseconds, shift
from retention._columns import NOBODY
from retention.errors import InvalidPeriodError
from retention.segments._rules import STATES, FixedThresholds, Number, OwnRhythm, exactly
from retention.segments._shop_rhythm import ShopRhythm, Voices
from retention.segments._standing import Gaps, Standing

__all__ = [
    "DAY",
    "NEVER_TWICE",
    "Rhythms",
    "ended_before",
    "fixed_states",
    "median_of",
    "states_by_rhythm",
    "times",
]

DAY = 86_400_000_000
NEVER_TWICE = (
    "nobody has come back yet, so that there is no rhythm to judge a silence by; "
    "give rules=FixedThresholds(...) with limits of your own"
)

_NEW, _ACTIVE, _AT_RISK, _LAPSED, _WON_BACK = range(len(STATES))
_MICROSECOND = timedelta(microseconds=1)
_MARGIN = 12 * DAY
"""More than a step forth and back over the ends of months, clocks put back, and skipped days can differ."""


def ended_before(starts: Sequence[int], duration: Duration, zone: tzinfo, limit: int) -> list[bool]:
    """For each start whether the duration from it on was over before the limit."""
    if isinstance(duration, timedelta):
        edge = limit - duration // _MICROSECOND
        return [start < edge for start in starts]
    try:
        about = microseconds(shift(from_microseconds(limit), duration, zone, -1))
    except InvalidPeriodError:  # it reaches back further than the calendar
        return [False] * len(starts)
    low, high = about - _MARGIN, about + _MARGIN
    # Steps by the calendar are slow, and only near the edge do they tell more than a comparison.
    near = {start for start in starts if low <= start <= high}
    ended = {start for start, end in zip(near, ends_of(near, duration, zone), strict=True) if end < limit}
    return [start < low or start in ended for start in starts]


def fixed_states(here: Standing, rules: FixedThresholds) -> bytes:
    """Each customer's state by fixed limits, as its position in `STATES`."""
    zone, now = here.zone, here.now
    states = bytearray([_ACTIVE]) * here.customers
    for who in _back_after(here, rules.lapsed_after):
        states[who] = _WON_BACK
    no_longer_new = ended_before(here.first_at, rules.new_within, zone, now)
    at_risk = ended_before(here.latest_at, rules.at_risk_after, zone, now)
    lapsed = ended_before(here.latest_at, rules.lapsed_after, zone, now)
    for who, (is_old, is_slipping, is_gone) in enumerate(zip(no_longer_new, at_risk, lapsed, strict=True)):
        if is_gone:
            states[who] = _LAPSED
        elif is_slipping:
            states[who] = _AT_RISK
        elif not is_old:
            states[who] = _NEW
    return bytes(states)


def _back_after(here: Standing, silence: Duration) -> Iterator[int]:
    """Who ended a silence of more than this with the latest purchase."""
    gaps = here.gaps()
    latest_gap = {who: gaps[who][-1] for who, count in enumerate(gaps.counts()) if count}
    befores = [here.latest_at[who] - gap for who, gap in latest_gap.items()]
    ends = ends_of(befores, silence, here.zone)
    return (who for who, end in zip(latest_gap, ends, strict=True) if end < here.latest_at[who])


@frozen(kw_only=True, eq=False)
class Rhythms:
    """Everyone's rhythm.

    Attributes:
        gaps: Each customer's gaps between visits.
        own: The median of those who have gaps enough, else `NOBODY`.
        shop: The shop's, or None where nobody has come back.
        rules: The rule.
    """

    gaps: Gaps
    own: Sequence[int]
    shop: ShopRhythm | None
    rules: OwnRhythm

    @classmethod
    def of(cls, here: Standing, rules: OwnRhythm) -> Rhythms:
        """The rhythms as they are known at an instant."""
        gaps = here.gaps(rules.shortest_gap // _MICROSECOND)
        own, voices = array("q", [NOBODY]) * here.customers, Voices()
        enough = rules.fewest_gaps
        for who, count in enumerate(gaps.counts()):
            if count:
                mine = gaps[who]
                voices.add(mine)
                if count >= enough:
                    own[who] = median_of(mine)
        watched = here.now - min(here.first_at, default=here.now)
        return cls(gaps=gaps, own=own, shop=voices.rhythm(rules, watched), rules=rules)


def times(factor: Number, usual: int) -> int:
    """So many times a rhythm, cut to whole microseconds."""
    up, over = exactly(factor).as_integer_ratio()
    return up * usual // over


def median_of(gaps: Sequence[int]) -> int:
    """The median, cut to whole microseconds."""
    ordered = sorted(gaps)
    half = len(ordered) // 2
    return ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) // 2


def states_by_rhythm(here: Standing, rhythms: Rhythms, shop: ShopRhythm) -> bytes:
    """Each customer's state by the own rhythm, as its position in `STATES`."""
    at_risk, lapsed = exactly(rhythms.rules.at_risk_after), exactly(rhythms.rules.lapsed_after)
    up, over, up_lapsed, over_lapsed = *at_risk.as_integer_ratio(), *lapsed.as_integer_ratio()
    by_shop, by_shop_lapsed, enough = shop.at_risk, shop.lapsed, rhythms.rules.fewest_gaps
    states = bytearray([_ACTIVE]) * here.customers
    now = here.now
    everyone = zip(here.latest_at, rhythms.own, here.orders, strict=True)
    for who, (latest, usual, orders) in enumerate(everyone):
        silence = now - latest
        if usual == NOBODY:
            is_slipping, is_gone = silence > by_shop, silence > by_shop_lapsed
        else:
            is_slipping, is_gone = silence * over > up * usual, silence * over_lapsed > up_lapsed * usual
        if is_gone:
            states[who] = _LAPSED
        elif is_slipping:
            states[who] = _AT_RISK
        elif orders == 1:
            states[who] = _NEW
        elif gaps := rhythms.gaps[who]:
            # The latest visit ended a silence; was it a lapse by what was known of the customer before it?
            if len(gaps) <= enough:
                is_back = gaps[-1] > by_shop_lapsed
            else:
                is_back = gaps[-1] * over_lapsed > up_lapsed * median_of(gaps[:-1])
            if is_back:
                states[who] = _WON_BACK
    return bytes(states)
