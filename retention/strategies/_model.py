"""What a strategy is, and what speaks for it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Literal, TypeAlias

from attrs import field, frozen

from retention import _validate as check
from retention._mapping import FrozenMapping
from retention.errors import InvalidTypeError, InvalidValueError, shown

__all__ = [
    "ALL_STAGES",
    "Direction",
    "Effort",
    "Evidence",
    "Stage",
    "Step",
    "Strategy",
    "Strength",
]

Stage: TypeAlias = Literal["early", "middle", "late"]
"""Where in their life with the shop customers are."""

Effort: TypeAlias = Literal["low", "medium", "high"]
"""Low: days, with what the shop has. Medium: weeks, or a tool that must be set up. High: months, or people to hire."""

Direction: TypeAlias = Literal["up", "down"]

Strength: TypeAlias = Literal["experiment", "survey", "case", "rule of thumb", "vendor's claim"]
"""How much a claim can carry, the most first."""

ALL_STAGES: tuple[Stage, ...] = ("early", "middle", "late")


def _text(owner: Any, of: check.Field, value: object) -> None:
    if not isinstance(value, str):
        msg = f"{type(owner).__name__}.{of.name} must be a text, not {type(value).__name__} (got {shown(value)})"
        raise InvalidTypeError(msg)
    if not value.strip():
        msg = f"{type(owner).__name__}.{of.name} must not be empty (got {shown(value)}); people read it"
        raise InvalidValueError(msg)


def _maybe_text(owner: Any, of: check.Field, value: object) -> None:
    if value != "":
        _text(owner, of, value)


def _to_tuple(value: Iterable[Any]) -> Any:
    """Any iterable but a text as a tuple; anything else as it is, to be refused by name."""
    return tuple(value) if isinstance(value, Iterable) and not isinstance(value, str) else value


def _texts(owner: Any, of: check.Field, value: object) -> None:
    if not isinstance(value, tuple):
        msg = f"{type(owner).__name__}.{of.name} must be several texts, not {type(value).__name__} (got {shown(value)})"
        raise InvalidTypeError(msg)
    for each in value:
        _text(owner, of, each)


def _steps(owner: Any, of: check.Field, value: object) -> None:
    if not isinstance(value, tuple) or not all(isinstance(each, Step) for each in value):
        msg = f'{type(owner).__name__}.{of.name} must be several Steps, such as (Step("Write to them."),) (got {shown(value)})'
        raise InvalidTypeError(msg)
    if not value:
        msg = f"{type(owner).__name__}.{of.name} must hold at least one Step (got none); nobody can follow advice without"
        raise InvalidValueError(msg)


def _words(*allowed: str) -> check.Validator:
    """A validator for several of a few words, at least one, each once."""

    def check_words(owner: Any, of: check.Field, value: object) -> None:
        _texts(owner, of, value)
        given: tuple[object, ...] = value if isinstance(value, tuple) else ()
        if not given or len(set(given)) < len(given) or not set(given) <= set(allowed):
            msg = (
                f"{type(owner).__name__}.{of.name} must be one or more of {', '.join(allowed)}, each once "
                f"(got {shown(value)})"
            )
            raise InvalidValueError(msg)

    return check_words


def _moves(owner: Any, of: check.Field, value: object) -> None:
    if not isinstance(value, FrozenMapping) or not all(isinstance(each, str) for each in value):
        msg = (
            f'{type(owner).__name__}.{of.name} must map names of figures to "up" or "down", such as '
            f'{{"repeat_purchase_rate": "up"}} (got {shown(value)})'
        )
        raise InvalidTypeError(msg)
    for name, direction in value.items():
        if direction not in {"up", "down"}:
            msg = (
                f'{type(owner).__name__}.{of.name}[{name!r}] must be "up" or "down" (got {shown(direction)})'
            )
            raise InvalidValueError(msg)


def _to_moves(value: Mapping[str, Direction]) -> Any:
    return FrozenMapping(value) if isinstance(value, Mapping) else value


@frozen
class Step:
    """One thing to do.

    Attributes:
        text: What to do, as a sentence.
        sources: Ids of the published strategies that say so; empty where the step is this library's, or the host's.

    .. versionadded:: 0.1
    """

    text: str = field(validator=_text)
    sources: tuple[str, ...] = field(default=(), converter=_to_tuple, validator=_texts)

    def __str__(self) -> str:
        return self.text


@frozen(kw_only=True)
class Evidence:
    """A claim that somebody published, and how much it can carry.

    Attributes:
        id: Its name: the id of its source, and a word where one source has several figures.
        claim: What is claimed, with its figure, in one sentence.
        figure: The figure alone, as it was published; empty where the claim has none.
        strength: What stands behind it, as far as that is known: ``"experiment"``, ``"survey"``, ``"case"``,
            ``"rule of thumb"`` or ``"vendor's claim"``.
        applies_to: Whom it is about.
        guide: Who published it.
        reading: What else is known of it, and what to mind.

    .. versionadded:: 0.1
    """

    id: str = field(validator=_text)
    claim: str = field(validator=_text)
    figure: str = field(default="", validator=_maybe_text)
    strength: Strength = field(
        validator=check.choice("experiment", "survey", "case", "rule of thumb", "vendor's claim")
    )
    applies_to: str = field(validator=_text)
    guide: str = field(validator=_text)
    reading: str = field(default="", validator=_maybe_text)

    @property
    def source(self) -> str:
        """The id of its source, such as ``"E17"`` of ``"E17 rewards"``."""
        return self.id.partition(" ")[0]

    def __str__(self) -> str:
        mind = f" {self.reading}" if self.reading else ""
        return f"{self.claim} ({self.id}, {self.guide}; {self.strength}).{mind}"


@frozen(kw_only=True)
class Strategy:
    """Something that a shop can do so that customers stay. Make your own for what works in your trade.

    Attributes:
        id: Its name, in lower case with hyphens, such as ``"win-back-lapsed"``.
        title: The name that people read.
        what: What it is and why it keeps customers, in a few sentences.
        steps: What to do, in this order; the first three are those to begin with.
        stages: At which stages of their life customers are meant: ``"early"``, ``"middle"``, ``"late"``.
        audiences: Whom it is for, in words.
        is_audience_ours: Stages and audience are this library's choice, since no guide names any.
        channels: Where it meets them.
        needs: What the shop must have before: data, or something that it can do.
        effort: ``"low"`` (days, with what is there), ``"medium"`` (weeks, or a tool to set up) or ``"high"`` (months,
            or people to hire).
        moves: Names of the figures that it should move, each with the direction, ``"up"`` or ``"down"``; the first is
            the one to watch.
        evidence: Ids of what speaks for it, in `EVIDENCE` or `BENCHMARKS`.
        risks: What may go wrong.
        overlaps: Ids of strategies that do much of the same.
        contradicts: Ids of strategies that one should not begin together with it.
        sources: Ids of the published strategies that it covers.

    .. versionadded:: 0.1
    """

    id: str = field(validator=_text)
    title: str = field(validator=_text)
    what: str = field(validator=_text)
    steps: tuple[Step, ...] = field(converter=_to_tuple, validator=_steps)
    stages: tuple[Stage, ...] = field(
        default=ALL_STAGES, converter=_to_tuple, validator=_words("early", "middle", "late")
    )
    audiences: tuple[str, ...] = field(converter=_to_tuple, validator=_texts)
    is_audience_ours: bool = field(default=False, validator=check.flag)
    channels: tuple[str, ...] = field(default=(), converter=_to_tuple, validator=_texts)
    needs: tuple[str, ...] = field(default=(), converter=_to_tuple, validator=_texts)
    effort: Effort = field(validator=check.choice("low", "medium", "high"))
    moves: Mapping[str, Direction] = field(converter=_to_moves, validator=_moves, hash=False)
    evidence: tuple[str, ...] = field(default=(), converter=_to_tuple, validator=_texts)
    risks: tuple[str, ...] = field(default=(), converter=_to_tuple, validator=_texts)
    overlaps: tuple[str, ...] = field(default=(), converter=_to_tuple, validator=_texts)
    contradicts: tuple[str, ...] = field(default=(), converter=_to_tuple, validator=_texts)
    sources: tuple[str, ...] = field(default=(), converter=_to_tuple, validator=_texts)

    @property
    def first_steps(self) -> tuple[Step, ...]:
        """The three steps to begin with."""
        return self.steps[:3]

    def __str__(self) -> str:
        from retention.display._names import printable

        return printable(f"{self.title}: {self.what}")
