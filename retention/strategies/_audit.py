"""What of all that keeps customers is done already: every strategy at every level of the business, with evidence."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import Any, Unpack

from attrs import evolve, frozen

from retention._mapping import FrozenMapping
from retention._snapshot import Snapshot
from retention.catalog import Result
from retention.errors import InvalidTypeError, InvalidValueError, did_you_mean, shown
from retention.history import ReadingOptions
from retention.periods import Period
from retention.segments._lifecycle import OWN_RHYTHM
from retention.segments._rules import LifecycleRules
from retention.shop import Orders
from retention.strategies._audit_table import AREA_OF, AREAS, SEEN_IN, UNSEEN
from retention.strategies._audit_traces import AuditStatus, AuditTrace, Records, unknown
from retention.strategies._default_rules import DEFAULT_RULES, WITHOUT_A_FIGURE
from retention.strategies._findings import Verdict
from retention.strategies._judge import judged
from retention.strategies._model import ALL_STAGES, Stage, Strategy
from retention.strategies._rules import Rule, RuleSet
from retention.strategies._situation import Situation, readings_of

__all__ = ["STATUSES", "Audit", "AuditItem", "audit"]

_OWNER = "audit"
STATUSES: tuple[AuditStatus, ...] = ("absent", "weak", "in place", "invisible")
"""What may be said of a strategy, what asks for work first."""
_OWN_AREA = "your own"
_OWN_REASON = "It is a strategy of your own, of which this library knows no trace in the records."


@frozen(kw_only=True, repr=False)
class AuditItem:
    """What the data show of one strategy, and what that was read off.

    Attributes:
        strategy: The strategy.
        area: The level of the business at which it is decided, such as ``"service"``.
        status: ``"in place"``: its traces are there, and no figure that it should hold up is ill. ``"weak"``: it
            reaches too few, or such a figure is ill, whatever is done. ``"absent"``: the records would show it, and
            don't. ``"invisible"``: they can't show it, or can't tell.
        trace: What the records show of the practice itself.
        verdicts: What the rules that recommend it came to, those that follow first.
        answer: What you answered for it, or None.
        hand_over: What would make more of it visible: records and fields that are not there, or your own answer.

    .. versionadded:: 0.1
    """

    strategy: Strategy
    area: str
    status: AuditStatus
    trace: AuditTrace
    verdicts: tuple[Verdict, ...] = ()
    answer: AuditStatus | None = None
    hand_over: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        """The strategy's title."""
        return self.strategy.title

    @property
    def ill(self) -> tuple[Verdict, ...]:
        """The rules that say that a figure that it should hold up is ill."""
        return tuple(each for each in self.verdicts if each.outcome == "recommended" and each.rule.urgent)

    @property
    def chances(self) -> tuple[Verdict, ...]:
        """The rules that say that it is worth trying, though nothing is ill."""
        return tuple(each for each in self.verdicts if each.outcome == "recommended" and not each.rule.urgent)

    @property
    def why(self) -> str:
        """Why it has this status, in plain sentences."""
        return " ".join(self._sentences())

    def _sentences(self) -> Iterator[str]:
        if self.answer is not None:
            yield f"You answered that it is {self.answer}."
        yield self.trace.why
        yield from (f"A figure that it should hold up is ill: {each.why}" for each in self.ill[:1])

    def to_dict(self) -> dict[str, Any]:
        """The item as one flat dictionary, for JSON or a data frame."""
        result, ordinary = self.trace.result, self.trace.ordinary
        return {
            "strategy": self.strategy.id,
            "title": self.title,
            "area": self.area,
            "stages": list(self.strategy.stages),
            "status": self.status,
            "answer": self.answer,
            "reached": None if result is None else result.numerator,
            "out_of": None if result is None else result.denominator,
            "share": None if result is None else result.value,
            "ordinary": None if ordinary is None else ordinary.value,
            "ill": [each.rule.id for each in self.ill],
            "chances": [each.rule.id for each in self.chances],
            "hand_over": list(self.hand_over),
            "why": self.why,
        }

    def __str__(self) -> str:
        from retention.display._audit import item_in_short

        return item_in_short(self)

    def explain(self) -> str:
        """All that was read, a line for each part: the traces, every rule's verdict, and what to hand over."""
        from retention.display._audit import item_in_full

        return item_in_full(self)

    def __repr__(self) -> str:
        return f"<AuditItem: {shown(self.strategy.id)[1:-1]}, {self.status}>"


@frozen(kw_only=True, repr=False)
class Audit(Mapping[str, AuditItem]):
    """A checklist of all strategies: which are in place, which are weak or absent, and of which no data can tell.

    A mapping of the strategies' ids. `print` shows the checklist, and `explain()` the evidence for every line of it.

    Attributes:
        found: All strategies, by the level of the business at which they are decided.
        period: The period in which traces were looked for.

    .. versionadded:: 0.1
    """

    found: tuple[AuditItem, ...]
    period: Period

    def __getitem__(self, strategy: str) -> AuditItem:
        """What was found of one strategy.

        Raises:
            KeyError: There is no such strategy; the message names those that are spelt alike.
        """
        for item in self.found:
            if item.strategy.id == strategy:
                return item
        msg = f"there is no strategy {shown(strategy)}; {did_you_mean(strategy, self)}its keys are the ids of all"
        raise KeyError(msg)

    def __iter__(self) -> Iterator[str]:
        return (item.strategy.id for item in self.found)

    def __len__(self) -> int:
        return len(self.found)

    @property
    def in_place(self) -> tuple[AuditItem, ...]:
        """What is done."""
        return self._of("in place")

    @property
    def weak(self) -> tuple[AuditItem, ...]:
        """What reaches too few, or does not hold up what it should."""
        return self._of("weak")

    @property
    def absent(self) -> tuple[AuditItem, ...]:
        """What the records would show, and don't."""
        return self._of("absent")

    @property
    def invisible(self) -> tuple[AuditItem, ...]:
        """What the data can't show, or can't tell; each says what to hand over."""
        return self._of("invisible")

    def _of(self, status: AuditStatus) -> tuple[AuditItem, ...]:
        return tuple(item for item in self.found if item.status == status)

    @property
    def by_area(self) -> Mapping[str, tuple[AuditItem, ...]]:
        """The strategies at each level of the business."""
        found: defaultdict[str, list[AuditItem]] = defaultdict(list)
        for item in self.found:
            found[item.area].append(item)
        return FrozenMapping({area: tuple(items) for area, items in found.items()})

    @property
    def by_stage(self) -> Mapping[Stage, tuple[AuditItem, ...]]:
        """The strategies for customers at each stage of their life; one for several stages stands at each."""
        return FrozenMapping(
            {
                stage: tuple(item for item in self.found if stage in item.strategy.stages)
                for stage in ALL_STAGES
            }
        )

    @property
    def grid(self) -> Mapping[Stage, Mapping[AuditStatus, int]]:
        """How many strategies have which status, for customers at each stage; one for several stages counts at each."""
        return FrozenMapping({stage: _tally(items) for stage, items in self.by_stage.items()})

    @property
    def tally(self) -> Mapping[AuditStatus, int]:
        """How many strategies have which status."""
        return _tally(self.found)

    def to_dicts(self) -> list[dict[str, Any]]:
        """A flat dictionary for each strategy."""
        return [item.to_dict() for item in self.found]

    def __str__(self) -> str:
        from retention.display._audit import audit_as_text

        return audit_as_text(self)

    def explain(self) -> str:
        """Every strategy with all that was read, and what to hand over."""
        from retention.display._audit import audit_in_full

        return audit_in_full(self)

    def __repr__(self) -> str:
        counts = ", ".join(f"{count} {status}" for status, count in self.tally.items())
        return f"<Audit: {self.period.label}, {counts}>"


def _tally(items: Iterable[AuditItem]) -> Mapping[AuditStatus, int]:
    counts = Counter(item.status for item in items)
    return FrozenMapping({status: counts[status] for status in STATUSES})


def audit(
    shop: Orders,
    /,
    *,
    period: Period,
    rules: RuleSet | Iterable[Rule] = DEFAULT_RULES,
    answers: Mapping[str, AuditStatus] = FrozenMapping(),
    figures: Mapping[str, Result] = FrozenMapping(),
    options: Mapping[str, Mapping[str, Any]] = FrozenMapping(),
    lifecycle: LifecycleRules = OWN_RHYTHM,
    **reading: Unpack[ReadingOptions],
) -> Audit:
    """Which strategies the data show to be in place, weak, absent or invisible, at every level of the business.

    Each strategy is looked for in two ways. Its *trace* is what the practice itself leaves in the records: who was
    written to after a first purchase, beside others on the same days; who is a member; how many questions were
    answered. Its *figures* are those of the rules that recommend it. A trace makes it ``"in place"``; it is ``"weak"``
    where it reaches surely too few, or where a figure that it should hold up is ill; ``"absent"`` where records of
    the kind are kept and show next to none of it. Where such records are missing nothing is concluded from them: it is
    ``"invisible"``, and says what to hand over, unless a figure is ill all the same: whatever is done is then too little.
    Some strategies, such as a brand's story, leave no record at all.

    Args:
        shop: A `Shop`; or the orders or a `History` alone, in which little of this can be seen.
        period: The period in which to look; a year shows most. Who the customers are is as of its end, or of `as_of`
            where that comes first.
        rules: The rules, whose strategies are looked for; strategies of your own among them.
        answers: By strategy's id, what you know yourself: ``"in place"``, ``"weak"`` or ``"absent"``. It is taken
            where the data can't tell, and is set beside what they show where they can.
        figures: Results of your own that rules are about, by name.
        options: By metric, keywords that choose among its definitions, as in `snapshot`.
        lifecycle: How silences are judged: `OwnRhythm` or `FixedThresholds`.
        reading: How to read the orders; see `ReadingOptions`.

    Returns:
        The checklist, a mapping of the strategies' ids.

    Raises:
        ConflictingArgumentError: A keyword contradicts the data.
        InvalidTypeError: `period` is none, or there are no records but a `Snapshot`, in which no trace is left.
        InvalidValueError: A rule is no good, or `answers` names no strategy, or says something else.

    >>> import retention as rt
    >>> from retention.strategies import audit
    >>> from retention.testing import make_orders
    >>> orders = make_orders({"ann": ["2026-02-10", "2026-03-05"], "ben": ["2026-02-11"]})
    >>> found = audit(orders, period=rt.Period.month(2026, 3, tz="UTC"), answers={"brand-story": "in place"})
    >>> found["brand-story"].status, found["welcome-series"].status
    ('in place', 'invisible')
    >>> found["welcome-series"].hand_over
    ('Shop(interactions=...)', 'a period of a year (2026-03 is none)')

    References:
        Source SE17: check the retention strategy at every level of the business.

    .. versionadded:: 0.1
    """
    if isinstance(shop, Snapshot):
        msg = f"{_OWNER} takes a Shop, or orders, not a Snapshot: in its figures no trace is left of who was written to"
        raise InvalidTypeError(msg)
    if not isinstance(period, Period):
        msg = f"{_OWNER}: period must be one Period, not {type(period).__name__} (got {shown(period)}); make one with Period.year(...)"
        raise InvalidTypeError(msg)
    asked = rules if isinstance(rules, RuleSet) else RuleSet(rules, figures=tuple(figures))
    told = _checked_answers(answers, asked.strategies)
    situation = readings_of(
        shop, rules=asked, period=period, figures=figures, options=options, lifecycle=lifecycle, **reading
    )
    auditor = _Auditor(situation=situation, answers=told)
    found = [auditor.item(each) for each in asked.strategies.values()]
    return Audit(found=tuple(sorted(found, key=_place)), period=period)


def _checked_answers(answers: object, strategies: Mapping[str, Strategy]) -> Mapping[str, AuditStatus]:
    if not isinstance(answers, Mapping):
        msg = f'{_OWNER}: answers must be a mapping of strategies to answers, such as {{"brand-story": "in place"}} (got {shown(answers)})'
        raise InvalidTypeError(msg)
    for name, answer in answers.items():
        if name not in strategies:
            msg = f"{_OWNER}: answers has {shown(name)}, and there is no such strategy; {did_you_mean(name, strategies)}its keys are ids of strategies"
            raise InvalidValueError(msg)
        if answer not in _ANSWERS:
            msg = f"{_OWNER}: answers[{shown(name)}] must be one of {', '.join(_ANSWERS)} (got {shown(answer)}); leave out what you don't know"
            raise InvalidValueError(msg)
    return answers


_ANSWERS: tuple[AuditStatus, ...] = ("in place", "weak", "absent")


def _place(item: AuditItem) -> tuple[int, int]:
    """Where it stands: by its level of the business, and there what asks for work first."""
    area = AREAS.index(item.area) if item.area in AREAS else len(AREAS)
    return area, STATUSES.index(item.status)


@frozen(kw_only=True, eq=False, slots=False, repr=False)
class _Auditor:
    """Looks for one strategy after the other.

    Attributes:
        situation: The figures, and the shop.
        answers: What the host knows.
    """

    situation: Situation
    answers: Mapping[str, AuditStatus]

    def item(self, strategy: Strategy) -> AuditItem:
        """What is found of one strategy."""
        verdicts = sorted(self._verdicts[strategy.id], key=lambda each: _OUTCOMES.index(each.outcome))
        answer = self.answers.get(strategy.id)
        trace = self._trace(strategy.id)
        found = AuditItem(
            strategy=strategy,
            area=AREA_OF.get(strategy.id, _OWN_AREA),
            status=trace.shows if answer is None or trace.shows != "invisible" else answer,
            trace=trace,
            verdicts=tuple(verdicts),
            answer=answer,
        )
        status = "weak" if found.ill and found.status in {"in place", "invisible"} else found.status
        return evolve(found, status=status, hand_over=tuple(dict.fromkeys(self._wanted(found, status))))

    @cached_property
    def _verdicts(self) -> Mapping[str, list[Verdict]]:
        found: defaultdict[str, list[Verdict]] = defaultdict(list)
        for rule in self.situation.rules.values():
            found[rule.strategy].append(judged(rule, self.situation))
        return found

    @cached_property
    def _records(self) -> Records | None:
        return None if self.situation.room is None else Records(room=self.situation.room)

    def _trace(self, strategy: str) -> AuditTrace:
        spec, records = SEEN_IN.get(strategy), self._records
        if spec is None or records is None:
            return unknown(UNSEEN.get(strategy) or WITHOUT_A_FIGURE.get(strategy) or _OWN_REASON)
        if records.room.is_to_come:
            return unknown(f"The data end before {self.situation.period.label} begins.")
        lacking = self.situation.lacks(spec.needs)
        if lacking is not None:
            return unknown(
                f"It would show in {lacking}, which is not there; it may be done all the same.", lacking
            )
        return spec.look(records)

    def _wanted(self, item: AuditItem, status: AuditStatus) -> Iterator[str]:
        """What to hand over so that more can be seen."""
        if item.trace.lacking is not None:
            yield item.trace.lacking
        for verdict in item.verdicts:
            if verdict.lacking is not None:
                yield verdict.lacking
                continue
            readings = map(self.situation.reading, verdict.rule.conditions)
            yield from (each.lacking for each in readings if each.lacking is not None)
        if status == "invisible" and item.trace.lacking is None:
            yield f"your own answer, answers={{{item.strategy.id!r}: ...}}"


_OUTCOMES = ("recommended", "rejected", "skipped")
