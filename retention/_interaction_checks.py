"""What may be asked of contacts: kinds, channels, responses, groups; each refusal names the metric and the fix."""

from __future__ import annotations

from collections.abc import Collection
from typing import Literal, TypeAlias, cast

from retention.errors import (
    ConflictingArgumentError,
    InvalidTypeError,
    InvalidValueError,
    did_you_mean,
    shown,
)
from retention.records._interactions import KINDS

__all__ = [
    "RESPONSES",
    "Group",
    "Response",
    "check_channel",
    "check_kind",
    "checked_group",
    "checked_numbers",
    "checked_responses",
]

Response: TypeAlias = Literal["opened", "clicked", "replied"]
"""What a customer may do with a contact."""

Group: TypeAlias = Literal["all", "existing", "new"]
"""Who was approached: everybody, those who had purchased before, or those who had not."""

RESPONSES: tuple[Response, ...] = ("opened", "clicked", "replied")
"""All that counts as a response, from the faintest on."""

_GROUPS = ("all", "existing", "new")


def check_kind(metric: str, kind: object, *, due: bool = False) -> None:
    """Refuse what is no kind of contact; None stands for all of them, unless one is due."""
    if kind is None and not due:
        return
    word = _word(metric, "kind", kind, example="question")
    if word not in KINDS and word.strip().casefold() in KINDS:
        fix = f'write "{word.strip().casefold()}"'
        msg = f"{metric}: kind must be written as on the records (got {shown(kind)}); {fix}"
        raise InvalidValueError(msg)


def check_channel(metric: str, channel: object) -> None:
    """Refuse what is no channel; None stands for all of them."""
    if channel is not None:
        _word(metric, "channel", channel, example="e-mail")


def _word(metric: str, name: str, value: object, *, example: str) -> str:
    if not isinstance(value, str):
        msg = f'{metric}: {name} must be a word such as "{example}", not {type(value).__name__} (got {shown(value)})'
        raise InvalidTypeError(msg)
    if not value.strip():
        msg = f"{metric}: {name} must not be empty (got {shown(value)}); leave it out for every {name}"
        raise InvalidValueError(msg)
    return value


def checked_group(metric: str, of: object) -> Group:
    """Who was approached."""
    if isinstance(of, str) and of in _GROUPS:
        return cast("Group", of)
    hint = did_you_mean(of, _GROUPS).strip()
    msg = f'{metric}: of must be "all", "existing" or "new" (got {shown(of)}){"; " if hint else ""}{hint}'
    raise (InvalidValueError if isinstance(of, str) else InvalidTypeError)(msg)


def checked_responses(metric: str, responses: object) -> tuple[Response, ...]:
    """The responses that count, each once, in one order, so that a definition has one name."""
    if isinstance(responses, str) or not isinstance(responses, Collection):
        fix = (
            f"write responses=({shown(responses)},)"
            if isinstance(responses, str)
            else 'write for instance ("clicked", "replied")'
        )
        msg = (
            f"{metric}: responses must be a tuple, a list or a set of words, not {type(responses).__name__} "
            f"(got {shown(responses)}); {fix}"
        )
        raise InvalidTypeError(msg)
    for word in responses:
        if not isinstance(word, str) or word not in RESPONSES:
            fix = (
                "orders are counted by conversion_rate"
                if word == "ordered"
                else f"{did_you_mean(word, RESPONSES)}there are {', '.join(map(repr, RESPONSES))}"
            )
            msg = f"{metric}: responses has an unknown one (got {shown(word)}); {fix}"
            raise (InvalidValueError if isinstance(word, str) else InvalidTypeError)(msg)
    if not responses:
        msg = f"{metric}: responses must name at least one (got none); leave it out for all"
        raise InvalidValueError(msg)
    return tuple(response for response in RESPONSES if response in responses)


def checked_numbers(metric: str, least: object, most: object) -> tuple[tuple[str, int], ...]:
    """On how many channels customers were reached, as keywords; those that are not None."""
    found: list[tuple[str, int]] = []
    for name, number in (("min_channels", least), ("max_channels", most)):
        if number is None:
            continue
        if isinstance(number, bool) or not isinstance(number, int):
            msg = f"{metric}: {name} must be an int, not {type(number).__name__} (got {shown(number)})"
            raise InvalidTypeError(msg)
        if number < 1:
            msg = f"{metric}: {name} must be at least 1 (got {shown(number)}); leave it out for any number"
            raise InvalidValueError(msg)
        found.append((name, number))
    if isinstance(least, int) and isinstance(most, int) and least > most:
        msg = f"{metric}: min_channels must not be above max_channels (got {least} and {most})"
        raise ConflictingArgumentError(msg)
    return tuple(found)
