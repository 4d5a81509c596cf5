"""The calendar of a table: its cohorts, the units in which they age, and what of all that the data reach."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from attrs import frozen

from retention._calendar import local_date, microseconds
from retention._horizon import checked_period, unseen
from retention.cohorts._choice import Choice
from retention.cohorts._elapsed import Ages
from retention.errors import AsOfRequiredError, InvalidPeriodError
from retention.history import History
from retention.periods import Period

__all__ = ["Frame"]


@frozen(kw_only=True)
class Frame:
    """The cohorts of a table, one after the other.

    Attributes:
        period: All of them together.
        choice: The keywords of the table.
        as_of: When the data were known.
        cohorts: One whole unit each.
        unseen: Of each cohort, why it is not observable, or None.
        starts: Instants at which the units begin that have begun by `as_of`, those after the period too, as far as
            a column needs them.
        end: Where the last of these ends.
        passed: How many of them have ended by `as_of`.
        assumed: What had to be taken for granted.
    """

    period: Period
    choice: Choice
    as_of: datetime
    cohorts: tuple[Period, ...]
    unseen: tuple[str | None, ...]
    starts: Sequence[int]
    end: int
    passed: int
    assumed: tuple[str, ...]

    @classmethod
    def of(
        cls,
        history: History,
        period: object,
        choice: Choice,
        events: Mapping[Hashable, int] | None,
        *,
        owner: str,
    ) -> Frame:
        """The frame of a table, by first purchases or by events in microseconds.

        Raises:
            AsOfRequiredError: Nobody said when the data were known.
            InvalidPeriodError: The period does not consist of whole units.
            InvalidTypeError: The period is none.
        """
        whole = checked_period(period)
        cohorts = _whole_units(whole, choice, owner)
        as_of = history.as_of
        if as_of is None:
            msg = (
                f"{owner} needs as_of=, the instant at which the data were known: it says which cells have been "
                f"observed for how long; give as_of=, or make the History or Shop with it"
            )
            raise AsOfRequiredError(msg)
        begun = _begun(cohorts, _still_seen(history, as_of, events), choice.oldest)
        return cls(
            period=whole,
            choice=choice,
            as_of=as_of,
            cohorts=cohorts,
            unseen=tuple(_unseen(cohort, history, has_events=choice.has_events) for cohort in cohorts),
            starts=[microseconds(unit.start) for unit in begun],
            end=microseconds((begun or cohorts)[-1].end),
            passed=sum(unit.end <= as_of for unit in begun),
            assumed=() if choice.has_events else (_taken_as_first(history.observed_from, whole),),
        )

    @property
    def observable(self) -> range:
        """The cohorts that are observable, by position; the first and the last of the period may not be."""
        seen = [place for place, why in enumerate(self.unseen) if why is None]
        return range(seen[0], seen[-1] + 1) if seen else range(0)

    @property
    def reached(self) -> int:
        """The last age that the oldest of them has come to: in it by the calendar, through it in time elapsed."""
        if not self.observable:
            return 0
        oldest = self.observable.start
        if self.choice.age == "calendar":
            return max(0, len(self.starts) - 1 - oldest)
        return max(0, next(self.ages_passed([self.bounds[oldest]])) - 1)

    @property
    def width(self) -> int:
        """How many ages there are by the calendar: as many as units, and at least one."""
        return max(1, len(self.starts))

    @property
    def ends(self) -> Sequence[int]:
        """Where each of the units that have begun ends."""
        return [*self.starts[1:], self.end] if self.starts else []

    def is_open(self, place: int) -> bool:
        """Whether a cohort still takes customers in: it has begun and not ended."""
        cohort = self.cohorts[place]
        return cohort.start <= self.as_of < cohort.end

    @property
    def lasts_passed(self) -> list[int]:
        """For each cohort, how many whole ages have passed of whoever comes last."""
        return list(self.ages_passed([end - 1 for end in self.bounds[1:]]))

    def ages_passed(self, anchors: Sequence[int]) -> Iterator[int]:
        """How many whole ages have passed at `as_of`, for each of some instants at which age 0 began."""
        ages = Ages(anchors, self.choice.unit, self.period.tz)
        return ages.at(microseconds(self.as_of), range(len(anchors)))

    @property
    def bounds(self) -> list[int]:
        """The instants that bound the cohorts: the start of each, and the end of the last."""
        return [*(microseconds(each.start) for each in self.cohorts), microseconds(self.period.end)]


def _whole_units(period: Period, choice: Choice, owner: str) -> tuple[Period, ...]:
    cohorts = tuple(period.split(choice.unit))
    if all(each.unit == choice.unit and each.whole is each for each in cohorts):
        return cohorts
    fix = (
        "give period.whole: what still runs is shown as partial"
        if period.whole is not period
        else f'such as Period.last(12, "{choice.unit}", as_of=..., tz=...)'
    )
    msg = f"{owner}: period must consist of whole {choice.unit}s, one for each cohort, and {period.label} does not; {fix}"
    raise InvalidPeriodError(msg)


def _still_seen(history: History, as_of: datetime, events: Mapping[Hashable, int] | None) -> datetime:
    """The last instant of which anything can be told.

    What is dated at `as_of` itself is known. Yet where nothing is, a unit that begins there has been watched for no
    time at all: to show it as one in which nobody came back would be a false 0.
    """
    at, last = history.columns.at, microseconds(as_of)
    is_known = (bool(at) and at[-1] == last) or (events is not None and last in events.values())
    return as_of if is_known else as_of - timedelta.resolution


def _begun(cohorts: Sequence[Period], seen: datetime, oldest: int | None) -> list[Period]:
    """The units that had begun, from that of the first cohort on; after the period as far as a column needs them."""
    begun = [each for each in cohorts if each.start <= seen]
    if len(begun) < len(cohorts):
        return begun
    most = None if oldest is None else len(cohorts) + oldest
    while begun[-1].end <= seen and (most is None or len(begun) < most):
        try:
            begun.append(begun[-1].next())
        except InvalidPeriodError:  # the calendar ends
            break
    return begun


def _unseen(cohort: Period, history: History, *, has_events: bool) -> str | None:
    """Why a cohort is not observable; the same as for a count of new customers, unless an event makes the cohort."""
    observed_from = history.observed_from
    why = unseen(cohort, history.as_of, observed_from)
    if why is not None or has_events or observed_from is None:
        return why
    try:
        reaches_back = cohort.previous().start >= observed_from
    except InvalidPeriodError:
        return "the period before it lies before the calendar begins"
    if reaches_back:
        return None
    known = observed_from.astimezone(cohort.tz).isoformat()
    return f"the period before it reaches before observed_from, {known}, so that all look new"


def _taken_as_first(observed_from: datetime | None, period: Period) -> str:
    if observed_from is None:
        return "observed_from was not given, so that the orders are taken as complete from the beginning"
    day = local_date(observed_from, period.tz)
    return f"a customer whose earlier purchases all lie before observed_from, {day}, is taken as new"
