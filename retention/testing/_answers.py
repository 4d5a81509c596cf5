"""What the sample shop's customers answer when they are asked: satisfaction, seen through chance."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from types import MappingProxyType
from typing import Any, NamedTuple

from retention.records import SurveyResponse
from retention.testing._draws import Choice, Draws
from retention.testing._lives import Life, Purchase
from retention.testing._process import SampleProcess

__all__ = ["Survey"]

_MINUTES_A_DAY = 24 * 60
_BEST = 10.0
_WENT_WRONG = 3
_LONGEST_WAIT = 3


class _Question(NamedTuple):
    """A question that follows an order after so many days."""

    name: str
    after_days: int
    fields: Mapping[str, Any]


def _asked(name: str, after_days: int, /, **fields: Any) -> _Question:
    return _Question(name, after_days, MappingProxyType(fields))


# A refund is made within 20 days of the order, so that whoever is asked after 21 knows how it ended.
_REASON = _asked("reason", 0, kind="reason", touchpoint="checkout", channel="web")
_DELIVERY = _asked("delivery", 5, kind="csat", scale=(1, 5), touchpoint="delivery", channel="e-mail")
_SUPPORT = _asked("support", 21, kind="csat", scale=(1, 5), touchpoint="support", channel="e-mail")
_EFFORT = _asked(
    "effort", 21, kind="ces", scale=(1, 7), direction="higher", touchpoint="support", channel="e-mail"
)
_RECOMMEND = _asked("nps", 21, kind="nps", scale=(0, 10), channel="e-mail")
_QUESTIONS = (_REASON, _DELIVERY, _SUPPORT, _EFFORT, _RECOMMEND)


class Survey:
    """The shop's surveys: who is asked what after an order, and what they say."""

    def __init__(self, seed: int, process: SampleProcess) -> None:
        self._seed = seed
        self._process = process
        self._reasons = Choice(process.reasons)

    def answers_of(self, life: Life) -> tuple[list[SurveyResponse], set[int]]:
        """The customer's answers until `as_of`, and the places of the purchases about which the support was asked."""
        process = self._process
        answers: list[SurveyResponse] = []
        contacts: set[int] = set()
        draws = Draws(self._seed, life.number, "answers")
        for place, purchase in enumerate(life.purchases, start=1):
            if draws.uniform() < _chance_of_contact(purchase, process, is_first=place == 1):
                contacts.add(place)
            for question in _QUESTIONS:
                # Drawn for every question, asked or not, so that no answer hangs on another.
                draw, wait, said, noise = draws.uniform(), draws.uniform(), draws.uniform(), draws.bell()
                if draw >= process.response_rate or not _is_asked(
                    question, purchase, contacts=place in contacts
                ):
                    continue
                days = question.after_days + _LONGEST_WAIT * wait
                at = purchase.at + timedelta(minutes=int(days * _MINUTES_A_DAY))
                if at <= process.as_of:
                    answers.append(
                        SurveyResponse(
                            id=f"{life.customer_id}-{place:02}-{question.name}",
                            customer_id=None if purchase.is_guest else life.customer_id,
                            responded_at=at,
                            **question.fields,
                            **self._content(question, purchase.satisfaction, noise, said),
                        )
                    )
        return answers, contacts

    def _content(self, question: _Question, satisfaction: float, noise: float, said: float) -> dict[str, Any]:
        """The choice in words, or the box of the scale that is nearest to what is felt, from 0 to 10."""
        if question is _REASON:
            return {"answer": self._reasons.at(said)}
        low, high = question.fields["scale"]
        share = max(0.0, min(1.0, (satisfaction + self._process.answer_spread * noise) / _BEST))
        return {"score": low + int((high - low) * share + 0.5)}


def _chance_of_contact(purchase: Purchase, process: SampleProcess, *, is_first: bool) -> float:
    went_wrong = purchase.is_late or purchase.outcome != "kept"
    usual = process.contact_rate * (_WENT_WRONG if went_wrong else 1)
    return usual + process.first_contact_rate if is_first else usual


def _is_asked(question: _Question, purchase: Purchase, *, contacts: bool) -> bool:
    if question is _DELIVERY:
        return purchase.outcome != "cancelled"
    return contacts if question in (_SUPPORT, _EFFORT) else True
