"""The curve: which share has not ended after how long, and how sure that is."""

from __future__ import annotations

import math
from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import timedelta
from itertools import accumulate, compress
from typing import Any

from attrs import evolve, field, frozen

from retention._mapping import FrozenMapping, OpenMapping
from retention._numerics import check_confidence, normal_quantile
from retention.errors import (
    InvalidTypeError,
    InvalidValueError,
    NotObservableError,
    UndefinedMetricError,
    did_you_mean,
    shown,
)
from retention.results import Basis
from retention.results._basis import NOTHING, WithBasis, with_reason
from retention.survival._clustered import Clustered, clustered
from retention.survival._columns import DAY
from retention.survival._estimates import Estimates, Steps, area, area_variance, estimates_of, incidence_steps
from retention.survival._results import (
    CurvePoint,
    CurveShare,
    Exhausted,
    LogLog,
    MeanTime,
    QuantileInterval,
    Spread,
    Untouched,
    in_words,
    none_left,
)
from retention.survival._spells import ENDED, Spells, time_in_microseconds
from retention.survival._table import LifeTable

__all__ = ["SurvivalCurve"]

_MICROSECOND = timedelta(microseconds=1)
_CONFIDENCE = 0.95
_ROUNDING = 1e-10
"""Far above what rounding does to a share, and far below what one spell of ten million does."""
_FEW = 10
_MANY_MORE = 3
"""So many times as many who are watched later make those look few."""


@frozen(kw_only=True, repr=False)
class SurvivalCurve(WithBasis):
    """Which share has not ended after how long: Kaplan and Meier's estimate, with the bounds of each share.

    What has not ended yet counts for as long as it was watched (censoring), what was under way when the records
    begin from then on (delayed entry), and ends of several kinds compete (Aalen and Johansen's estimate of each).
    At one and the same time ends come before what was last seen. Bounds are Greenwood's on the log(−log) scale; where
    a customer has several spells, their variance is clustered by customer.

    Attributes:
        table: How many ended, and how many were last seen, at each time.
        event: What an end is called: "ended", "purchased again".
        basis: What the curve rests on; takes no part in equality.

    References:
        Greenwood (1926), Reports on Public Health and Medical Subjects 33. Kalbfleisch and Prentice (2002), The
        Statistical Analysis of Failure Time Data, 2nd ed., for the log(−log) scale. Aalen and Johansen (1978),
        Scandinavian Journal of Statistics 5, 141-150.

    .. versionadded:: 0.1
    """

    table: LifeTable
    event: str = ENDED
    _clustered: Clustered | None = field(default=None, alias="clustered")
    basis: Basis = field(default=NOTHING, eq=False)
    _estimates: Estimates = field(init=False, eq=False)
    _by_cause: Mapping[str, Steps] = field(init=False, eq=False)

    def __attrs_post_init__(self) -> None:
        object.__setattr__(self, "_estimates", estimates_of(self.table))
        several = self._ends_of_causes() if len(self.causes) > 1 else ()
        steps = {cause: incidence_steps(self._estimates, ended) for cause, ended in several}
        object.__setattr__(self, "_by_cause", FrozenMapping(steps))
        if self._estimates.reach.until == -1:
            object.__setattr__(self, "basis", with_reason(self.basis, self._gap or "there are no spells"))

    @classmethod
    def of(
        cls, spells: Spells, *, basis: Basis = NOTHING, event: str = ENDED, causes: Iterable[str] = ()
    ) -> SurvivalCurve:
        """The curve of spells in columns, of all causes that occur, and of `causes` even where none ended of them."""
        curve = cls(table=LifeTable.of(spells, causes), event=event, basis=basis)
        found = clustered(spells, curve._estimates, curve._ends_of_causes())
        return curve if found is None else evolve(curve, clustered=found)

    def _ends_of_causes(self) -> list[tuple[str, Sequence[int]]]:
        """Of each cause, the ends at each of the times of the estimates."""
        return [(cause, self._ends_of(cause)) for cause in self.causes]

    def _ends_of(self, cause: str) -> Sequence[int]:
        counts = dict(self.table.ends)[cause]
        position = self._estimates.reach.position
        return array("q", compress(counts[:position], self.table.ended()[:position]))

    # ---------------------------------------------------------------------------------------- counts

    @property
    def count(self) -> int:
        """How many spells there are."""
        return self.table.count

    @property
    def ended(self) -> int:
        """How many were seen to end."""
        return sum(self.ended_by.values())

    @property
    def censored(self) -> int:
        """How many were not seen to end."""
        return sum(self.table.censored)

    @property
    def late(self) -> int:
        """How many were watched only from some time after their origin on."""
        return sum(self.table.entered)

    @property
    def causes(self) -> tuple[str, ...]:
        """The kinds of ends, in the order of the alphabet."""
        return tuple(cause for cause, _ in self.table.ends)

    @property
    def ended_by(self) -> Mapping[str, int]:
        """How many ended of each cause."""
        return OpenMapping({cause: sum(counts) for cause, counts in self.table.ends})

    @property
    def customers(self) -> int | None:
        """How many customers have these spells, where some have several; None where each has one."""
        return self._clustered.customers if self._clustered else None

    @property
    def until(self) -> timedelta | None:
        """The last time that was watched and can be told; None where nothing can be.

        Where all have ended by then, the share stays at 0 after it. Elsewhere nothing is known of later times.
        """
        reach = self._estimates.reach
        last = self.table.times[-1] if reach.until is None else reach.until
        return None if self.basis.undefined_because else last * _MICROSECOND

    @property
    def falls_to_zero(self) -> bool:
        """Whether all who were watched the longest ended, so that the share is 0 from then on."""
        return self._estimates.reach.until is None

    @property
    def caution(self) -> str | None:
        """What is to be kept in mind of a curve that late entries leave in part untold, or to a few; or None."""
        return "; ".join(filter(None, (self._gap, self._few))) or None

    @property
    def _few(self) -> str | None:
        """Where the curve hangs on a few, though many more were watched later; None if nowhere."""
        if not self.late:
            return None
        found = self._estimates
        later = list(accumulate(reversed(found.at_risk), max))[::-1]
        few = [
            place
            for place, (here, most) in enumerate(zip(found.at_risk, later, strict=True))
            if here < _FEW and most > _MANY_MORE * here
        ]
        if not few:
            return None
        place = min(few, key=found.at_risk.__getitem__)
        when = in_words(found.times[place] * _MICROSECOND)
        return f"at {when} only {found.at_risk[place]:,} were watched, though {later[place]:,} were later: the curve falls to {found.survival[place]:.1%} there, and all that follows hangs on them"

    @property
    def _gap(self) -> str | None:
        """Where late entries leave the curve untold, or None."""
        reach = self._estimates.reach
        if reach.emptied == "ends":
            when = in_words(((reach.until or 0) + 1) * _MICROSECOND)
            return f"at {when} all who were watched ended, though others lasted longer, so that the curve can't be told from there on"
        if reach.emptied == "gap":
            return f"after {self._last()} nobody was watched for a time, so that the curve can't be told from there on"
        if reach.start:
            first = in_words(reach.start * _MICROSECOND)
            return f"nobody was watched before {first} had passed: the shares are of those who lasted so long"
        return None

    def _last(self) -> str:
        return in_words(self.until or timedelta())

    # ---------------------------------------------------------------------------------------- shares

    def survival(self, time: timedelta, /) -> CurveShare:
        """The share that has not ended up to and with a time since the origin.

        Args:
            time: A timedelta from 0 up.

        Returns:
            The share. It is undefined beyond the last time that was watched, and says why.

        Raises:
            InvalidTypeError: When `time` is no timedelta.
            InvalidValueError: When it is negative.
        """
        return self._share(time, "survival", is_complement=False)

    def incidence(self, time: timedelta, /, cause: str | None = None) -> CurveShare:
        """The share that has ended up to and with a time since the origin: of any cause, or of one.

        Of one cause it is the share that has ended of it while the other causes are at work as well, which is less
        than one less the curve of this cause alone would say.

        Args:
            time: A timedelta from 0 up.
            cause: One of `causes`, or None for all of them.

        Returns:
            The share. It is undefined beyond the last time that was watched, and says why.

        Raises:
            InvalidTypeError: When `time` is no timedelta, or `cause` no str.
            InvalidValueError: When `time` is negative, or no spell ends of that cause.
        """
        if cause is None:
            return self._share(time, "incidence", is_complement=True)
        self._check_cause(cause)
        if len(self.causes) == 1:
            return self._share(time, "incidence", is_complement=True)
        return self._incidence(time_in_microseconds(time, "SurvivalCurve.incidence: time"), cause)

    def _check_cause(self, cause: object) -> None:
        if not isinstance(cause, str):
            msg = f"SurvivalCurve.incidence: cause must be a str or None, not {type(cause).__name__} (got {shown(cause)})"
            raise InvalidTypeError(msg)
        if cause not in self.causes:
            known = ", ".join(map(repr, self.causes)) or "none"
            hint = did_you_mean(cause, self.causes)
            msg = f"SurvivalCurve.incidence: cause must be one of the curve's (got {shown(cause)}); {hint}there are {known}"
            raise InvalidValueError(msg)

    def _share(self, time: object, name: str, *, is_complement: bool) -> CurveShare:
        at = time_in_microseconds(time, f"SurvivalCurve.{name}: time")
        what = self.event if is_complement else f"not {self.event}"
        why = self._untold(at)
        if why is not None:
            return self._no_share(at, what, why)
        place = self._estimates.place(at)
        value = self._estimates.survival[place - 1] if place else 1.0
        return CurveShare(
            time=at * _MICROSECOND,
            value=1 - value if is_complement else value,
            at_risk=self._at_risk(at),
            what=what,
            spread=self._spread(place, at),
            is_complement=is_complement,
            basis=self.basis,
        )

    def _no_share(self, at: int, what: str, why: str) -> CurveShare:
        observable = (
            self.basis.observable and not self.count
        )  # nothing there is another thing than not watched
        basis = evolve(self.basis, undefined_because=why, observable=observable)
        return CurveShare(
            time=at * _MICROSECOND, value=None, at_risk=self._at_risk(at), what=what, basis=basis
        )

    def _at_risk(self, at: int) -> int:
        return self.table.at_risk_at([at])[0]

    def _untold(self, at: int) -> str | None:
        """Why the curve can't be told at a time, or None where it can."""
        if self.basis.undefined_because:
            return self.basis.undefined_because
        reach = self._estimates.reach
        if reach.start and at <= reach.start:
            return f"nobody was watched before {in_words(reach.start * _MICROSECOND)} had passed"
        if reach.until is None or at <= reach.until:
            return None
        return self._gap if reach.emptied else f"nobody was watched for longer than {self._last()}"

    def _spread(self, place: int, at: int) -> Spread:
        """How sure the share after the first `place` ends is."""
        found = self._estimates
        share = found.survival[place - 1] if place else 1.0
        if share == 1:
            return Untouched(n=self._watched_throughout(at))
        if share == 0:
            before = self._spread(place - 1, found.times[place - 1] - 1)
            return Exhausted(before=before, n=found.at_risk[place - 1] * self._customers_per_spell)
        return LogLog(share=share, deviation=math.sqrt(self._log_variance(place)), formula=self._formula)

    def _log_variance(self, place: int) -> float:
        greenwood = self._estimates.greenwood[place - 1]
        if self._clustered is None:
            return greenwood
        return _unless_rounding(self._clustered.log_survival[place - 1], greenwood)

    @property
    def _formula(self) -> str:
        return "a variance clustered by customer" if self._clustered else "Greenwood's variance"

    def _watched_throughout(self, at: int) -> float:
        """The fewest who were watched at any time up to `at`; of several spells of a customer, as many customers."""
        table = self.table
        start = self._estimates.reach.start
        late = [time for time in table.late[: bisect_left(table.late, at)] if time > start]
        fewest = min(table.at_risk_at([*late, at]))
        return fewest * self._customers_per_spell

    @property
    def _customers_per_spell(self) -> float:
        return self._clustered.customers / self.count if self._clustered else 1.0

    def _incidence(self, at: int, cause: str) -> CurveShare:
        """The share of one of several causes."""
        what = f"{self.event} ({cause})"
        why = self._untold(at)
        if why is not None:
            return self._no_share(at, what, why)
        place = self._estimates.place(at)
        values, variances = self._by_cause[cause]
        value, variance = (values[place - 1], variances[place - 1]) if place else (0.0, 0.0)
        return CurveShare(
            time=at * _MICROSECOND,
            value=value,
            at_risk=self._at_risk(at),
            what=what,
            spread=self._incidence_spread(cause, place, at, value, variance),
            is_complement=value in (0, 1),
            basis=self.basis,
        )

    def _incidence_spread(self, cause: str, place: int, at: int, value: float, variance: float) -> Spread:
        if not value:
            return Untouched(n=self._watched_throughout(at))
        if value == 1:
            return self._spread(place, at)
        formula = "the delta method's variance"
        if self._clustered is not None:
            formula = self._formula
            variance = _unless_rounding(dict(self._clustered.by_cause)[cause][place - 1], variance)
        return LogLog(share=value, deviation=math.sqrt(variance) / value, formula=formula)

    # ----------------------------------------------------------------------------------------- times

    def quantile(self, share: float, /) -> float | None:
        """The time in days by which a share has ended; None when the curve does not reach it.

        Args:
            share: Above 0 and up to 1: 0.5 for the median.

        Raises:
            InvalidTypeError: When `share` is no float.
            InvalidValueError: When it is not within (0, 1].
            UndefinedMetricError: When there are no spells.
        """
        left = self._left(share)
        return self._first_time(value <= left for value in self._estimates.survival)

    def quantile_interval(self, share: float, /, confidence: float = _CONFIDENCE) -> QuantileInterval:
        """The confidence interval of that time: where the bounds of the curve come down to the share that is left.

        An end that is not reached is None: the true time may be anything beyond what was watched.

        Args:
            share: Above 0 and up to 1.
            confidence: Level between 0 and 1.

        Raises:
            InvalidTypeError: When an argument is no float.
            InvalidValueError: When one is out of its range.
            UndefinedMetricError: When there are no spells, or too few customers.

        References:
            Brookmeyer and Crowley (1982), Biometrics 38, 29-41, with log(−log) bounds.
        """
        confidence = check_confidence(confidence)
        left = self._left(share)
        bounds = list(self._bounds(normal_quantile(confidence)))
        return QuantileInterval(
            low=self._first_time(bound is not None and bound[0] <= left for bound in bounds),
            high=self._first_time(bound is not None and bound[1] <= left for bound in bounds),
            confidence=confidence,
            method=f"bounds of the curve inverted, log(−log) with {self._formula}",
        )

    @property
    def median(self) -> float | None:
        """The time in days by which half have ended; None when fewer than half are known to have, or without spells."""
        return None if self.basis.undefined_because else self.quantile(0.5)

    def median_interval(self, confidence: float = _CONFIDENCE) -> QuantileInterval:
        """The confidence interval of the median, of which an end may not be reached: see `quantile_interval`.

        Args:
            confidence: Level between 0 and 1.

        Raises:
            UndefinedMetricError: When there are no spells, where `median` is None; see `undefined_because`.
            NotObservableError: When the data do not reach them, which is one of these.
        """
        return self.quantile_interval(0.5, confidence)

    def _left(self, share: object) -> float:
        if isinstance(share, bool) or not isinstance(share, (int, float)):
            msg = f"SurvivalCurve.quantile takes a share as a float, not {type(share).__name__} (got {shown(share)})"
            raise InvalidTypeError(msg)
        if not 0 < share <= 1:
            msg = (
                f"SurvivalCurve.quantile takes a share above 0 and up to 1, such as 0.5 (got {shown(share)})"
            )
            raise InvalidValueError(msg)
        if self.basis.undefined_because:
            raise self._undefined()
        return 1 - share + _ROUNDING

    def _first_time(self, crossed: Iterable[bool]) -> float | None:
        """The time in days of the first step for which something holds."""
        times = compress(self._estimates.times, crossed)
        time = next(iter(times), None)
        return None if time is None else time / DAY

    def _bounds(self, z: float) -> Iterator[tuple[float, float] | None]:
        """Of each step the lower and the upper bound; None where there is none."""
        high: float | None = 1.0
        for place, share in enumerate(self._estimates.survival, 1):
            variance = self._log_variance(place)
            if not share:
                n = self._estimates.at_risk[place - 1] * self._customers_per_spell
                yield None if high is None else (0.0, none_left(high, n, z))
            elif variance:
                low, high = LogLog(share=share, deviation=math.sqrt(variance), formula="").bounds(z)
                yield low, high
            else:
                high = None
                yield None

    def restricted_mean(self, until: timedelta, /) -> MeanTime:
        """The mean time to the end within a limit: how many of the first days one may expect.

        It is the area under the curve up to the limit, and is known where the median is not reached. Two groups
        compare within the same limit only.

        Args:
            until: The limit, above 0, and no later than what was watched.

        Raises:
            InvalidTypeError: When `until` is no timedelta.
            InvalidValueError: When it is not above 0.
            UndefinedMetricError: When there are no spells.
            NotObservableError: When the curve can't be told up to the limit.

        References:
            Royston and Parmar (2013), BMC Medical Research Methodology 13, 152.
        """
        name = "SurvivalCurve.restricted_mean: until"
        limit = time_in_microseconds(until, name)
        if not limit:
            msg = f"{name} must be above 0 (got {shown(until)})"
            raise InvalidValueError(msg)
        why = self._untold(limit) or (self._gap if self._estimates.reach.start else None)
        if why is not None:
            kind = NotObservableError if self.count else UndefinedMetricError
            last = f"; the curve can be told up to {self._last()}" if self.until else ""
            msg = f"the mean of the first {in_words(until)} can't be told, since {why}{last}"
            raise kind(msg)
        value = area(self._estimates, limit)
        variance = area_variance(self._estimates, limit)
        if self._clustered is not None:
            exact = self._clustered.area_variance(self._estimates.place(limit), value)
            variance = _unless_rounding(exact, variance)
        formula = f"area under the curve, with {self._formula}"
        return MeanTime(value=value, until=until, variance=variance, formula=formula, basis=self.basis)

    # ----------------------------------------------------------------------------------------- shown

    def points(self) -> Iterator[CurvePoint]:
        """The steps of the curve, each with its 95 % bounds: from the origin, one for each time at which a spell ended."""
        if self.basis.undefined_because:
            return
        found = self._estimates
        start = found.reach.start
        z = normal_quantile(_CONFIDENCE)
        known = {cause: values for cause, (values, _) in self._by_cause.items()}
        if not found.times or found.times[0] > start:
            yield CurvePoint(
                time=start * _MICROSECOND,
                survival=1.0,
                low=None,
                high=None,
                at_risk=self._at_risk(start + 1 if start else 0),
                ended=0,
                censored=self._censored_between(start - 1, found.times[0] if found.times else None),
                incidence=OpenMapping(dict.fromkeys(known, 0.0)),
            )
        rows = zip(found.times, found.survival, self._bounds(z), found.at_risk, found.ended, strict=True)
        for place, (time, share, bounds, at_risk, ended) in enumerate(rows):
            after = found.times[place + 1] if place + 1 < len(found.times) else None
            low, high = bounds or (None, None)
            yield CurvePoint(
                time=time * _MICROSECOND,
                survival=share,
                low=low,
                high=high,
                at_risk=at_risk,
                ended=ended,
                censored=self._censored_between(time - 1, after),
                incidence=OpenMapping({cause: shares[place] for cause, shares in known.items()}),
            )

    def _censored_between(self, after: int, before: int | None) -> int:
        """How many were last seen later than one time and earlier than another, as far as the curve reaches."""
        table = self.table
        last = self._estimates.reach.position
        first = bisect_left(table.times, after + 1)
        upto = last if before is None else bisect_left(table.times, before)
        return sum(table.censored[first:upto])

    def to_dicts(self) -> list[dict[str, Any]]:
        """One plain dictionary a step, for JSON or a data frame.

        With days, at_risk, ended, censored, survival, low and high (95 % bounds; None where there are none), and,
        where there are several causes, the share that has ended of each as ``incidence: <cause>``.
        """
        return [point.to_dict() for point in self.points()]

    def __repr__(self) -> str:
        return f"<SurvivalCurve: {self.count:,} spells, {self.ended:,} {self.event}, median {self._median_text()}>"

    def _median_text(self) -> str:
        if self.basis.undefined_because:
            return self._no_value
        median = self.median
        return "not reached" if median is None else in_words(timedelta(days=median))

    def text(self, times: Iterable[timedelta] | None = None, /) -> str:
        """The curve as aligned text: the share at each time with its interval, and how many were still watched.

        Args:
            times: For which times since the origin; by default for round ones, close together where most ends are.

        Raises:
            InvalidTypeError: When they are no timedeltas.
            InvalidValueError: When there are none, or one is negative.
        """
        from retention.display._curves import curve_table

        return curve_table(self, None if times is None else _times(times))

    def __str__(self) -> str:
        return self.text()

    def explain(self) -> str:
        """The curve in words: how many spells, how many ended, the median, what was left out."""
        if self.basis.undefined_because:
            return self._named(f"no value, since {self.basis.undefined_because}.")
        what = self.basis.counted[0] if self.basis.counted else "spells"
        parts = [f"median {self._median_text()}", f"from {self.count:,} {what}"]
        parts.append(f"{self.ended:,} {self.event}, {self.censored:,} not so far")
        if self.late:
            parts.append(f"{self.late:,} watched from later than their start on")
        if self.customers:
            parts.append(f"bounds clustered by {self.customers:,} customers")
        caution = f" Mind: {self.caution}." if self.caution else ""
        return self._named(f"{'; '.join(parts)}.{caution}")


def _times(times: object) -> list[timedelta]:
    if isinstance(times, str) or not isinstance(times, Iterable):
        msg = f"SurvivalCurve.text: times must be timedeltas, such as [timedelta(days=7), timedelta(days=30)] (got {shown(times)})"
        raise InvalidTypeError(msg)
    found = list(times)
    for place, time in enumerate(found):
        time_in_microseconds(time, f"SurvivalCurve.text: times[{place}]")
    if not found:
        msg = "SurvivalCurve.text: times must hold at least one (got none); leave it out for round ones"
        raise InvalidValueError(msg)
    return found


def _unless_rounding(variance: float, usual: float) -> float:
    """A variance, or 0 where it is no more than rounding leaves of one: all customers are alike."""
    return variance if variance > usual * _ROUNDING else 0.0
