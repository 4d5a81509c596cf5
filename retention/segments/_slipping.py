"""How the customers at risk are put together: who they are, how such silences ended, and what is at stake."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from datetime import timedelta
from fractions import Fraction

from attrs import evolve, frozen

from retention._calendar import Duration, as_words, microseconds, reach
from retention.results import Basis, Ratio
from retention.segments._comebacks import Clock, Kind, comebacks, kind_in_words, kind_of, silences
from retention.segments._lifecycle import Judged
from retention.segments._rules import STATES, LifecycleRules, OwnRhythm
from retention.segments._silence import DAY, median_of
from retention.segments._standing import Gaps, Standing

__all__ = ["Finder", "Slipping"]

_MICROSECOND = timedelta(microseconds=1)
_AT_RISK = STATES.index("at_risk")
_ENOUGH_GAPS = 3
"""So many gaps tell customers apart under fixed thresholds, as they make a rhythm by default."""


@frozen(kw_only=True, eq=False)
class Slipping:
    """One customer at risk, in numbers.

    Attributes:
        who: The customer's number.
        silence: Since the latest purchase, in microseconds.
        usual: The rhythm that this is measured by, in microseconds; None under fixed thresholds.
        is_own: Whether it is the customer's own.
        spent: Within the window, in units of money.
        spent_ever: In all, likewise.
        comeback: How such silences ended.
        at_stake: Units of money; None where that is not known.
    """

    who: int
    silence: int
    usual: int | None
    is_own: bool
    spent: int
    spent_ever: int
    comeback: Ratio
    at_stake: int | None


@frozen(kw_only=True, eq=False)
class Finder:
    """Finds them.

    Attributes:
        here: Who had purchased by then.
        states: Everyone's state.
        gaps: Everyone's gaps, by which customers are told apart under both rules.
        clock: How silences are measured.
        within: Within which time a comeback counts.
        horizon: The same in microseconds.
        until: The first instant that is not known.
    """

    here: Standing
    states: bytes
    gaps: Gaps
    clock: Clock
    within: Duration
    horizon: int
    until: int

    @classmethod
    def of(
        cls, here: Standing, found: Judged, rules: LifecycleRules, within: Duration | None, until: int
    ) -> Finder:
        """A finder for customers whose states are known."""
        if isinstance(rules, OwnRhythm):
            shop = found.rhythms and found.rhythms.shop
            usual, at_risk = (shop.usual, shop.at_risk) if shop else (DAY, DAY)
            shortest = rules.shortest_gap // _MICROSECOND
            clock = Clock(shop=usual, by_own=True, enough=rules.fewest_gaps, shortest=shortest)
            # In whole days, so that what is said is what is counted.
            asked = within or timedelta(days=-(-at_risk // DAY))
        else:
            # Who is at risk has been silent for longer than the shortest gap, so that this leaves no silence out.
            shortest = min(DAY, _length_of(rules.at_risk_after, here))
            clock = Clock(shop=DAY, by_own=False, enough=_ENOUGH_GAPS, shortest=shortest)
            asked = within or rules.at_risk_after
        return cls(
            here=here,
            states=found.states or b"",
            gaps=found.rhythms.gaps if found.rhythms else here.gaps(clock.shortest),
            clock=clock,
            within=asked,
            horizon=_length_of(asked, here),
            until=until,
        )

    def slipping(self, since: int | None) -> list[Slipping]:
        """The customers at risk, the most urgent first.

        Args:
            since: From when on their money is counted; None for all time.
        """
        at_risk = [who for who, state in enumerate(self.states) if state == _AT_RISK]
        lengths = {who: self._length(who) for who in at_risk}
        ratios = self._ratios(set(lengths.values()))
        ever = self.here.spend()
        spent = ever if since is None else self.here.spend(since)
        found = [self._one(who, ratios[lengths[who]], spent[who], ever[who]) for who in at_risk]
        ids = self.here.ids
        return sorted(found, key=lambda one: _urgency(one, ids[one.who]))

    def _length(self, who: int) -> tuple[Kind, float]:
        """How well the customer is known, and how long the silence is in units of the rhythm."""
        usual, _ = self._usual(who)
        return kind_of(len(self.gaps[who]), self._own(who)), self._silence(who) / usual

    def _silence(self, who: int) -> int:
        return self.here.now - self.here.latest_at[who]

    def _usual(self, who: int) -> tuple[int, bool]:
        """The unit in which the silence is measured, and whether it is the customer's own rhythm."""
        own = self._own(who) if self.clock.by_own else None
        return (self.clock.shop, False) if own is None else (own, True)

    def _own(self, who: int) -> int | None:
        """The customer's own rhythm, or None where the gaps are too few for one."""
        gaps = self.gaps[who]
        return median_of(gaps) if len(gaps) >= self.clock.enough else None

    def _ratios(self, asked: set[tuple[Kind, float]]) -> Mapping[tuple[Kind, float], Ratio]:
        """How silences ended that had lasted as long, by their kind and length."""
        lengths: dict[Kind, list[float]] = {}
        for kind, length in asked:
            lengths.setdefault(kind, []).append(length)
        found = silences(
            self.here,
            self.clock,
            horizon=self.horizon,
            until=self.until,
            least={kind: min(each) for kind, each in lengths.items()},
        )
        ratios = {}
        for kind, each in lengths.items():
            basis = self._basis(kind)
            for length, sums in comebacks(found[kind], each).items():
                ratios[kind, length] = (
                    Ratio(sums.y, sums.x, sampling=sums, basis=basis)
                    if sums.x
                    else Ratio(0, 0, basis=evolve(basis, undefined_because=self._never(kind)))
                )
        return ratios

    def _basis(self, kind: Kind) -> Basis:
        where = kind_in_words(kind, self.clock)
        return Basis(
            counted=(
                f"ended by a purchase within {as_words(self.within)}",
                f"earlier silences {where} that had lasted as long",
            ),
            records="silences",
        )

    def _never(self, kind: Kind) -> str:
        where = kind_in_words(kind, self.clock)
        more = as_words(self.within)
        return f"no earlier silence {where} that had lasted as long was watched for {more} more"

    def _one(self, who: int, comeback: Ratio, spent: int, ever: int) -> Slipping:
        usual, is_own = self._usual(who)
        return Slipping(
            who=who,
            silence=self._silence(who),
            usual=usual if self.clock.by_own else None,
            is_own=is_own,
            spent=spent,
            spent_ever=ever,
            comeback=comeback,
            at_stake=_at_stake(spent, comeback),
        )


def _length_of(duration: Duration, here: Standing) -> int:
    """How long a time is from the instant on, in microseconds."""
    return microseconds(reach(here.at, duration, here.zone)) - here.now


def _urgency(one: Slipping, customer_id: Hashable) -> tuple[object, ...]:
    """Most at stake first, then those of whom that is not known; equal ones by what they spent, and by id."""
    by_id = (0, customer_id, "") if isinstance(customer_id, int) else (1, 0, str(customer_id))
    return one.at_stake is None, -(one.at_stake or 0), -one.spent, -one.spent_ever, by_id


def _at_stake(spent: int, comeback: Ratio) -> int | None:
    """Units of money times the chance of no comeback, rounded half to even."""
    if not comeback.denominator:
        return None
    back, of_all = int(comeback.numerator), int(comeback.denominator)
    return round(Fraction(spent * (of_all - back), of_all))
