"""The word by which a figure is asked for one kind of reasons: one check for all figures that take it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from retention.errors import InvalidTypeError, InvalidValueError, did_you_mean, shown

__all__ = ["reasons_meant"]

T = TypeVar("T")


def reasons_meant(metric: str, reason: object, words: Mapping[str, frozenset[T]]) -> frozenset[T] | None:
    """The reasons that a word means; None stands for any.

    Args:
        metric: Whose keyword it is.
        reason: The word, or None.
        words: What each word means.

    Raises:
        InvalidValueError: There is no such word.
        InvalidTypeError: It is no text.
    """
    if reason is None:
        return None
    if not isinstance(reason, str):
        msg = f'{metric}: reason must be a word such as "voluntary", or None (got {shown(reason)})'
        raise InvalidTypeError(msg)
    if reason not in words:
        msg = (
            f"{metric}: there is no reason {shown(reason)}; {did_you_mean(reason, words)}"
            f"there are {', '.join(words)}"
        )
        raise InvalidValueError(msg)
    return words[reason]
