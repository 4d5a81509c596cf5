"""The narrow waist of surveys: everything that their figures need to know about a period, counted in one walk.

The answers are read once, in any order, and sorted by instant; each period is a slice of each kind of question.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import chain, repeat
from typing import Literal, TypeAlias, Unpack, cast

from attrs import field, frozen

from retention._calendar import microseconds
from retention._horizon import checked_period
from retention._mapping import FrozenMapping
from retention._numerics import ClusterSums, CrossSums
from retention._reading import AFTER_AS_OF, Reading
from retention._record_reading import RecordReading, read_records
from retention._survey_counts import (
    Answer,
    Question,
    Weight,
    at_face_value,
    published_options,
    recommending,
    satisfied,
)
from retention._validate import EXACT
from retention._watched import Watched, seen
from retention.errors import (
    InvalidTypeError,
    InvalidValueError,
    MixedScaleError,
    SurveyScaleError,
    shown,
)
from retention.periods import Period
from retention.records import SurveyResponse
from retention.results import Basis
from retention.shop import Shop

__all__ = [
    "Answers",
    "Counting",
    "Responses",
    "SurveyFacts",
    "survey_facts",
]

Responses: TypeAlias = Iterable[SurveyResponse] | Shop
"""What survey metrics take: any iterable of responses, or a `Shop` that has them."""

Counting: TypeAlias = Literal["all", "latest"]
"""Which answers of a customer count: every one, or the latest of the period to each kind of question."""

SUPERSEDED = "superseded by a later answer"
_SHOWN_KINDS = 5


# ----------------------------------------------------------------------------------------------- facts


@frozen(kw_only=True)
class Answers:
    """The answers to one kind of question in one period.

    Attributes:
        by_customer: What each known customer answered.
        anonymous: How often each answer was given by somebody unknown, each a respondent of its own.
        questions: The scales and directions that were found; a figure can be made of one only.
        left_out: Responses of that kind in the period that do not count, by reason.
    """

    by_customer: Mapping[Hashable, Sequence[Answer]] = field(default=FrozenMapping(), repr=False)
    anonymous: Mapping[Answer, int] = field(default=FrozenMapping(), repr=False)
    questions: tuple[Question, ...] = ()
    left_out: Mapping[str, int] = FrozenMapping()

    @property
    def count(self) -> int:
        """How many answers there are."""
        return sum(map(len, self.by_customer.values())) + sum(self.anonymous.values())

    @property
    def respondents(self) -> int:
        """How many answered; who is not known is taken as a new one each time."""
        return len(self.by_customer) + sum(self.anonymous.values())

    def counts(self) -> Counter[Answer]:
        """How often each answer was given."""
        return Counter(chain(chain.from_iterable(self.by_customer.values()), self._anonymous()))

    def _anonymous(self) -> Iterator[Answer]:
        return chain.from_iterable(repeat(answer, times) for answer, times in self.anonymous.items())

    def question(self, kind: str, owner: str) -> Question:
        """The one question that was asked.

        Raises:
            MixedScaleError: When answers on several scales, or in several directions, would be added.
        """
        question, *others = self.questions
        if others:
            first, second = sorted(map(str, self.questions))[:2]
            msg = (
                f"{owner}: answers of kind {kind!r} can't be counted together: some are {first}, others {second}; "
                f"give each question a kind of its own, or pass only the answers to one of them"
            )
            raise MixedScaleError(msg)
        return question

    def sums(self, weight: Weight, *, scale: int = 1, signed: bool = False) -> ClusterSums:
        """Per respondent the number of answers (x), and what they add up to (y)."""
        worth = {answer: weight(answer) for answer in self.counts()}
        customers = (_pair(given, worth) for given in self.by_customer.values())
        others = ((1, worth[answer]) for answer in self._anonymous())
        return ClusterSums.of(chain(customers, others), scale=scale, signed=signed)


def _pair(given: Sequence[Answer], worth: Mapping[Answer, int]) -> tuple[int, int]:
    return len(given), sum(worth[answer] for answer in given)


@frozen(kw_only=True)
class SurveyFacts(Watched):
    """What was answered in one period.

    Attributes:
        answers: Which answers of a customer count.
        kinds: The answers to each kind of question; each knows what was left out of it.
    """

    answers: Counting
    kinds: Mapping[str, Answers] = field(repr=False)

    def of(self, kind: str) -> Answers:
        """The answers to one kind of question; none, where it was not asked."""
        return self.kinds.get(kind, _NONE)

    def basis_of(
        self,
        metric: str,
        kind: str,
        *,
        counted: tuple[str, ...],
        usual_kind: str | None = None,
        options: tuple[tuple[str, str], ...] = (),
    ) -> Basis:
        """What a figure rests on.

        Args:
            metric: The metric's name.
            kind: The kind of question.
            counted: What it counts, in words.
            usual_kind: The kind that goes without saying.
            options: Keywords that changed the definition, each as name and text.
        """
        found = self.of(kind)
        said = [] if kind == usual_kind else [("kind", kind)]
        said += [] if self.answers == "all" else [("answers", self.answers)]
        return self.basis(
            metric,
            records="responses",
            counted=counted,
            undefined_because=self.unseen or (None if found.count else self._no_answers(kind)),
            left_out=found.left_out,
            options=(*said, *options),
        )

    def _no_answers(self, kind: str) -> str:
        others = [repr(each) for each, found in self.kinds.items() if found.count]
        more = ", …" if len(others) > _SHOWN_KINDS else ""
        there = f", only of {', '.join(others[:_SHOWN_KINDS])}{more}" if others else ""
        return f"there are no answers of kind {kind!r}{there}"


_NONE = Answers()


def survey_facts(
    responses: Responses,
    periods: Iterable[Period],
    *,
    answers: Counting = "all",
    against: Mapping[Period, Period] = FrozenMapping(),
    **reading: Unpack[RecordReading],
) -> list[SurveyFacts]:
    """The facts of each period, in the order given.

    Args:
        responses: The responses, or a `Shop`.
        periods: The periods; they may overlap.
        answers: ``"latest"`` keeps, per customer and kind, the latest answer within each period; of two at one
            instant the later in the input.
        against: For periods that are compared with another of `periods`, that other.
        reading: How to read the responses.
    """
    wanted = [checked_period(period) for period in periods]
    _check_counting(answers)
    given, how = read_records(responses, reading, kind=SurveyResponse)
    columns = _columns(given, how)
    known_to = None if how.as_of is None else microseconds(how.as_of)
    kinds = {period: _kinds(columns, period, known_to, answers) for period in wanted}
    return [
        SurveyFacts(
            **seen(period, how, "response"),
            answers=answers,
            kinds=FrozenMapping(kinds[period]),
            cross=FrozenMapping(_cross(kinds[period], kinds[against[period]]) if period in against else {}),
        )
        for period in wanted
    ]


def _check_counting(answers: object) -> None:
    if not isinstance(answers, str) or answers not in {"all", "latest"}:
        msg = f'answers must be "all" or "latest" (got {shown(answers)})'
        raise (InvalidValueError if isinstance(answers, str) else InvalidTypeError)(msg)


# --------------------------------------------------------------------------------------------- columns


@frozen
class _Columns:
    """The answers to one kind of question, by instant; those of one instant in the order of the input."""

    at: array[int]
    customer: list[Hashable | None]
    answer: list[Answer]
    question: list[Question]


def _columns(responses: Sequence[SurveyResponse], how: Reading) -> dict[str, _Columns]:
    aliases = dict(how.aliases)
    instants = [microseconds(response.responded_at) for response in responses]
    questions: dict[object, Question] = {}
    kinds: dict[str, _Columns] = {}
    for number in sorted(range(len(instants)), key=instants.__getitem__):
        response = responses[number]
        columns = kinds.get(response.kind)
        if columns is None:
            columns = kinds[response.kind] = _Columns(array("q"), [], [], [])
        customer = response.customer_id
        columns.at.append(instants[number])
        columns.customer.append(aliases.get(customer, customer))
        columns.answer.append(_answer_of(response))
        columns.question.append(_question_of(response, questions))
    return kinds


def _question_of(response: SurveyResponse, known: dict[object, Question]) -> Question:
    """The question, made once for each scale and direction."""
    scale = response.scale
    # A scale of ints equals that of the same Decimals.
    key = scale, scale and type(scale[0]), response.direction
    question = known.get(key)
    if question is None:
        question = known[key] = Question.of(response)
    return question


def _answer_of(response: SurveyResponse) -> Answer:
    answer = cast("Answer", response.score if response.answer is None else response.answer)
    # 4.3 and 4.30 are one answer, which must not look like the one that came first.
    return _shortest(answer) if isinstance(answer, Decimal) else answer


def _shortest(score: Decimal) -> Decimal:
    return Decimal(int(score)) if score == int(score) else EXACT.normalize(score)


def _kinds(
    columns: Mapping[str, _Columns], period: Period, known_to: int | None, answers: Counting
) -> dict[str, Answers]:
    start, end = microseconds(period.start), microseconds(period.end)
    found: dict[str, Answers] = {}
    for kind in sorted(columns):
        at = columns[kind].at
        low, high = bisect_left(at, start), bisect_left(at, end)
        known = high if known_to is None else max(low, min(high, bisect_right(at, known_to)))
        if low < high:
            found[kind] = _answers(columns[kind], range(low, known), high - known, answers)
    return found


def _answers(columns: _Columns, known: range, after: int, answers: Counting) -> Answers:
    """The answers in a slice of the columns, of which so many more came after `as_of`."""
    counted = _latest(columns, known) if answers == "latest" else known
    by_customer: dict[Hashable, list[Answer]] = {}
    anonymous: Counter[Answer] = Counter()
    for number in counted:
        customer, answer = columns.customer[number], columns.answer[number]
        if customer is None:
            anonymous[answer] += 1
        else:
            by_customer.setdefault(customer, []).append(answer)
    left_out = {AFTER_AS_OF: after, SUPERSEDED: len(known) - len(counted)}
    return Answers(
        by_customer=FrozenMapping(by_customer),
        anonymous=FrozenMapping(anonymous),
        questions=tuple(dict.fromkeys(columns.question[number] for number in counted)),
        left_out=FrozenMapping({why: times for why, times in left_out.items() if times}),
    )


def _latest(columns: _Columns, known: range) -> list[int]:
    """Every anonymous answer, and of each customer the last."""
    last = {columns.customer[number]: number for number in known}
    return [
        number
        for number in known
        if columns.customer[number] is None or last[columns.customer[number]] == number
    ]


# ---------------------------------------------------------------------------------------- two periods


def _published(question: Question) -> Weight:
    published_options(question)
    return at_face_value(question)


_USUAL: Mapping[str, tuple[str, Callable[[Question], Weight]]] = {
    "net_promoter_score": ("nps", recommending),
    "customer_satisfaction_score": ("csat", satisfied),
    "customer_effort_score": ("ces", _published),
}
"""The figures as they are without keywords: the kind of question, and what an answer counts."""


def _cross(here: Mapping[str, Answers], there: Mapping[str, Answers]) -> dict[str, CrossSums]:
    """The sums over shared customers, of the figures that both periods have on one and the same scale."""
    found: dict[str, CrossSums] = {}
    for metric, (kind, weight_of) in _USUAL.items():
        a, b = here.get(kind, _NONE), there.get(kind, _NONE)
        if len(a.questions) != 1 or a.questions != b.questions:
            continue
        try:
            weight = weight_of(a.questions[0])
        except SurveyScaleError:
            continue  # the figure itself will say so
        found[metric] = _cross_sums(a, b, weight)
    return found


def _cross_sums(a: Answers, b: Answers, weight: Weight) -> CrossSums:
    worth = {answer: weight(answer) for answer in chain(a.counts(), b.counts())}
    shared = a.by_customer.keys() & b.by_customer.keys()
    pairs = ((_pair(a.by_customer[who], worth), _pair(b.by_customer[who], worth)) for who in shared)
    return CrossSums.of(pairs, a.respondents + b.respondents - len(shared))
