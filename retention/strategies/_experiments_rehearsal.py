"""What the customers whom a test would have assigned earlier did: what a plan rests on."""

from __future__ import annotations

from datetime import timedelta

from attrs import frozen

from retention._calendar import as_words, from_microseconds, instant, microseconds
from retention._columns import Columns
from retention.errors import (
    AsOfRequiredError,
    ConflictingArgumentError,
    NotObservableError,
    UndefinedMetricError,
)
from retention.history import History
from retention.results import Mean, Ratio
from retention.strategies._experiments_counting import (
    Amounts,
    ExperimentMetric,
    Watch,
    amounts_of,
    figure_of,
    in_microseconds,
)
from retention.strategies._experiments_permutation import skewness

__all__ = ["Rehearsal", "Rehearsed"]

_OWNER = "plan_experiment"
_DAY = timedelta(days=1)


@frozen(kw_only=True)
class Rehearsed:
    """What customers did without the measure, and how far a few of them stand out."""

    figure: Ratio | Mean
    skewness: float


@frozen(kw_only=True, eq=False)
class Rehearsal:
    """What the customers whom a test would have assigned earlier did, while it would have lasted."""

    columns: Columns
    now: int
    counts_now: bool
    metric: ExperimentMetric
    active_within: int
    begins: int | None

    @classmethod
    def of(
        cls, history: History, at: object, metric: ExperimentMetric, active_within: timedelta
    ) -> Rehearsal:
        as_of = history.as_of
        if at is None and as_of is None:
            msg = f"{_OWNER} needs as_of=, the instant at which the data were known, or at=, an instant before it"
            raise AsOfRequiredError(msg)
        end = instant(at if at is not None else as_of, owner=_OWNER, field="at")
        if as_of is not None and end > as_of:
            msg = f"{_OWNER}: at must not lie after as_of, {as_of.isoformat()} (got {end.isoformat()}): what came then is not known"
            raise ConflictingArgumentError(msg)
        begins = history.observed_from
        return cls(
            columns=history.columns,
            now=microseconds(end),
            counts_now=end == as_of,
            metric=metric,
            active_within=in_microseconds(active_within),
            begins=None if begins is None else microseconds(begins),
        )

    @property
    def end(self) -> int:
        """The first microsecond that is not counted: `at`, or the one after `as_of`."""
        return self.now + self.counts_now

    def customers(self, before: int) -> list[int]:
        """Who was a customer at an instant: had bought within the time before it."""
        self._refuse_unseen(before - self.active_within)
        active = zip(self.columns.at, self.columns.customer, strict=True)
        return sorted({who for at, who in active if before - self.active_within <= at < before})

    def newcomers(self, before: int) -> list[int]:
        """Who came in the time before an instant."""
        self._refuse_unseen(before - self.active_within)
        first = enumerate(self.columns.first_at)
        return [who for who, at in first if before - self.active_within <= at < before]

    def newcomers_per_day(self) -> float:
        """How many came each day of the time looked back on, or since the very first where the shop is younger."""
        came = self.newcomers(self.end)
        if not came:
            return 0.0
        looked_at = min(self.active_within, self.end - self.columns.first_at[0])
        return len(came) * in_microseconds(_DAY) / max(looked_at, in_microseconds(_DAY))

    def _refuse_unseen(self, start: int) -> None:
        if self.begins is not None and start < self.begins:
            since, begin = (from_microseconds(each).date().isoformat() for each in (start, self.begins))
            msg = f"{_OWNER}: the rehearsal looks back to {since}, and the data are complete from {begin} on only; give a shorter active_within= or within="
            raise NotObservableError(msg)

    def of_customers(self, within: timedelta) -> Rehearsed:
        """What customers did in the latest time of that length."""
        start = self.end - in_microseconds(within)
        watched = [Watch(number=who, start=start, end=self.end) for who in self.customers(start)]
        return self._figure(amounts_of(self.columns, watched), within)

    def of_newcomers(self, within: timedelta) -> Rehearsed:
        """What newcomers did after the first purchase, of those who were watched for long enough."""
        length, first_at = in_microseconds(within), self.columns.first_at
        watched = [
            Watch(number=who, start=first_at[who], end=first_at[who] + length)
            for who in self.newcomers(self.end - length)
        ]
        return self._figure(amounts_of(self.columns, watched, but_first=True), within)

    def _figure(self, amounts: Amounts, within: timedelta) -> Rehearsed:
        long = as_words(within)
        if not amounts.customers:
            msg = f"{_OWNER}: nobody would have been assigned {long} before the end of the records; give a shorter within= or a longer active_within="
            raise UndefinedMetricError(msg)
        if len(set(amounts.of(self.metric))) == 1:
            who = (
                f"all {amounts.customers:,} customers"
                if amounts.customers > 1
                else "the one customer there was"
            )
            did = "did the same" if any(amounts.orders) else "bought nothing"
            msg = f"{_OWNER}: {who} {did} within {long}, so that no test can tell them apart; give another within="
            raise UndefinedMetricError(msg)
        return Rehearsed(
            figure=figure_of(
                self.metric, amounts, period=f"{long} to {from_microseconds(self.now):%Y-%m-%d}"
            ),
            skewness=skewness(amounts.of(self.metric)),
        )
