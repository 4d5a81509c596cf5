"""The ideal customer profile as text: a table of values, and sentences."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from textwrap import wrap
from typing import TYPE_CHECKING

from retention.display._names import name_as_text
from retention.display._text import table
from retention.results import decimal_as_text

if TYPE_CHECKING:
    from retention.segments._profile import CustomerProfile, ProfileTrait

__all__ = ["profile_sentences", "profile_text", "trait_sentence"]

_WIDEST = 110
_MOST_ROWS = 25
_MEANING = {
    "real": "more than chance explains, even among all that were tested (Holm)",
    "borderline": "more than chance if it stood alone, but of so many one or another goes that far (Holm)",
    "noise": "may be chance",
}


def profile_text(found: CustomerProfile) -> str:
    """Who the best are, a row for each value, and what else is to be known."""
    parts = [f"Who the best customers are, {found.basis.period}", "\n".join(_wrapped([_who(found)]))]
    if found.traits:
        headings = ["", "among the best", "among the others", "times as frequent", "95 % interval", "real?"]
        rows = map(_row, found.traits[:_MOST_ROWS])
        parts.append(table(rows, headings=headings, widest=_WIDEST))
    return "\n\n".join([*parts, "\n".join(_wrapped(_notes(found)))])


def _who(found: CustomerProfile) -> str:
    if found.undefined_because is not None:
        return f"n/a, since {found.undefined_because}."
    brought = "" if found.worth_share is None else f", together {found.worth_share} of {_all(found)}"
    everybody = found.best_count + found.others_count
    return (
        f"The best: {found.best_count:,} of {everybody:,} customers by {_by(found)}, "
        f"{_least(found)} or more each{brought}."
    )


def _by(found: CustomerProfile) -> str:
    worth = dict(found.basis.options)["worth"]
    return {"spend": "what they spent", "orders": "how often they purchased"}.get(
        worth, "the numbers given as worth"
    )


def _all(found: CustomerProfile) -> str:
    return {"spend": "what all spent", "orders": "all purchases"}[dict(found.basis.options)["worth"]]


def _least(found: CustomerProfile) -> str:
    least = found.least
    if isinstance(least, Decimal):
        return f"{decimal_as_text(least, ',.2f')} {found.basis.currency}"
    if isinstance(least, int):
        return f"{least:,} purchase{'' if least == 1 else 's'}"
    return f"{least:,.6g}"


def _row(trait: ProfileTrait) -> list[str]:
    return [_label(trait), str(trait.best), str(trait.others), _times(trait), _interval(trait), trait.verdict]


def _label(trait: ProfileTrait) -> str:
    value = "yes" if trait.value is True else name_as_text(trait.value)
    return f"{_attribute(trait.attribute)}: {value}"


def _attribute(name: str) -> str:
    return name_as_text(name.replace("_", " "))


def _times(trait: ProfileTrait) -> str:
    return "n/a" if trait.times is None else f"{trait.times:.2f}"


def _interval(trait: ProfileTrait) -> str:
    return f"{trait.low:.2f} and up" if trait.high is None else f"{trait.low:.2f} to {trait.high:.2f}"


def _notes(found: CustomerProfile) -> Iterator[str]:
    hidden = len(found.traits) - _MOST_ROWS
    if hidden > 0:
        yield f"… and {hidden:,} more, with less evidence; .traits has them all."
    if any(trait.times is None for trait in found.traits[:_MOST_ROWS]):
        yield "n/a: none of the others has it."
    verdicts = {trait.verdict for trait in found.traits}
    if verdicts:
        yield f"Real? {_tests(found.comparisons)}."
    for verdict, meaning in _MEANING.items():
        if verdict in verdicts:
            yield f"  {verdict}: {meaning}."
    for note in found.notes:
        yield f"Mind: {note}."
    yield from _not_compared(found)
    yield from found.basis.sentences()


def _not_compared(found: CustomerProfile) -> Iterator[str]:
    fewest = dict(found.basis.options).get("fewest", "10")
    if found.too_few:
        yield f"Not compared: {_values(found.too_few)} that fewer than {fewest} customers have."
    if found.for_all:
        yield f"Not compared: {_values(found.for_all)} that every customer has."
    because: dict[str, list[str]] = {}
    for name, reason in found.unfit.items():
        because.setdefault(reason, []).append(_attribute(name))
    for reason, names in because.items():
        yield f"Not compared: {', '.join(names)}, since {reason}."


def _tests(count: int) -> str:
    return "One test was made" if count == 1 else f"{count:,} tests were made at once"


def _values(count: int) -> str:
    return f"{count:,} value{'' if count == 1 else 's'}"


def _wrapped(lines: list[str] | Iterator[str]) -> Iterator[str]:
    for line in lines:
        yield from wrap(line, _WIDEST, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False)


def profile_sentences(found: CustomerProfile) -> str:
    """Who the best are, what sets them apart, and what is to be kept in mind."""
    real = [str(trait) for trait in found.traits if trait.verdict == "real"]
    nothing = (
        []
        if real or found.undefined_because
        else ["Nothing that is known sets them apart by more than chance."]
    )
    notes = [f"Mind: {note}." for note in found.notes]
    return " ".join([_who(found), *real, *nothing, *notes, *_not_compared(found)])


def trait_sentence(trait: ProfileTrait) -> str:
    """One value in words."""
    often = "none of the others" if trait.times is None else f"{trait.times:.2f} times as frequent"
    among = f" among the {trait.comparisons:,} tests made at once" if trait.comparisons > 1 else ""
    verdict = {
        "real": f"That is more than chance explains{', also' + among if among else ''}.",
        "borderline": f"Alone that would be more than chance explains, but{among} one or another goes that far.",
        "noise": "That may be chance.",
    }[trait.verdict]
    label = _label(trait)
    return (
        f"{label[0].upper()}{label[1:]}: {trait.best} of the best against {trait.others} of the others, "
        f"{often} (95 % interval {_interval(trait)}). {verdict}"
    )
