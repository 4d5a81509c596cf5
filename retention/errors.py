"""Everything that the library raises, one class per cause.

Each class also inherits the builtin that a caller would already catch, so that ``except ValueError``
around a metric keeps working. Messages name the class, the field, the offending value and the fix.
"""

from __future__ import annotations

import reprlib
from collections.abc import Iterable, Sequence

__all__ = [
    "AsOfRequiredError",
    "ConflictingArgumentError",
    "ConvergenceError",
    "DuplicateCustomerError",
    "DuplicateOrderError",
    "DuplicateRecordError",
    "DuplicateResponseError",
    "InvalidPeriodError",
    "InvalidRowsError",
    "InvalidTypeError",
    "InvalidValueError",
    "MissingRecordsError",
    "MixedCurrencyError",
    "MixedScaleError",
    "NaiveDatetimeError",
    "NotIdentifiableError",
    "NotObservableError",
    "RetentionError",
    "RowError",
    "SurveyScaleError",
    "UndefinedMetricError",
    "UnknownMetricError",
]

_shortener = reprlib.Repr()
_shortener.maxstring = _shortener.maxother = _shortener.maxlong = 80


def shown(value: object) -> str:
    """A value as an error message shows it: short, on one line, with nothing hidden, and never an error itself."""
    try:
        text = _shortener.repr(value)
    except ValueError:  # an int with more digits than Python turns into text
        text = f"<{type(value).__name__}>"
    return "".join(each if each.isprintable() else ascii(each)[1:-1] for each in text)


def is_bool(value: object) -> bool:
    """Whether a value is a bool, of numpy's too: old numpy lets its own count as 0 and 1, with a warning."""
    return isinstance(value, bool) or type(value).__name__ in {"bool_", "bool"}


def did_you_mean(name: object, known: Iterable[object]) -> str:
    """A question that helps with a typing slip, with a space after it, or nothing."""
    from difflib import get_close_matches

    words = {word.casefold(): word for word in known if isinstance(word, str)}
    close = get_close_matches(str(name).casefold(), words, n=3)
    return f"did you mean {' or '.join(shown(words[word]) for word in close)}? " if close else ""


class RetentionError(Exception):
    """The root of all errors of this library."""


class InvalidValueError(RetentionError, ValueError):
    """A value has the right type and is out of its domain."""


class InvalidTypeError(RetentionError, TypeError):
    """A value has a type that is never right at this place, such as a float where money is due."""


class NaiveDatetimeError(InvalidValueError):
    """A datetime without a time zone, or a bare date, where an instant is due."""


class InvalidPeriodError(RetentionError, ValueError):
    """A period that ends before it begins, does not exist in its zone, or leaves the calendar."""


class DuplicateRecordError(RetentionError, ValueError):
    """The same id stands twice among records of one kind, which would count one of them twice."""


class DuplicateOrderError(DuplicateRecordError):
    """The same order id stands twice in one history."""


class DuplicateCustomerError(DuplicateRecordError):
    """The same customer id stands twice in one shop."""


class DuplicateResponseError(DuplicateRecordError):
    """The same id of a survey response stands twice."""


class MixedCurrencyError(RetentionError, ValueError):
    """A sum of money would add two currencies."""


class SurveyScaleError(InvalidValueError):
    """Survey answers are on scales that the figure can't be had of."""


class MixedScaleError(SurveyScaleError):
    """One figure would put together answers on several scales, or in several directions."""


class AsOfRequiredError(RetentionError, ValueError):
    """The definition needs to know until when the data were known, and `as_of` was not given."""


class ConflictingArgumentError(RetentionError, ValueError):
    """A keyword contradicts what the `History` or the `Shop` already carries, or another keyword."""


class UndefinedMetricError(RetentionError, ValueError):
    """A figure has no value, such as 0/0; the message is the precondition that failed."""


class NotObservableError(UndefinedMetricError):
    """The data do not reach the instants that the figure is about."""


class MissingRecordsError(UndefinedMetricError):
    """A figure needs records that the shop does not have."""


class NotIdentifiableError(UndefinedMetricError):
    """The data can't tell a model's parameters apart, such as customers who all bought alike."""


class ConvergenceError(UndefinedMetricError):
    """No parameters fit best: the search for a model's peak of likelihood ended where there is none."""


class UnknownMetricError(RetentionError, KeyError):
    """No metric has this name."""

    def __str__(self) -> str:
        # KeyError shows its argument as a repr; a sentence should read as a sentence.
        return str(self.args[0]) if self.args else ""


class RowError(RetentionError, ValueError):
    """One faulty row on its way in: which row, which field, and why.

    Attributes:
        row: Position of the row in the input, from 0.
        field: The record's field, or None when the row as a whole is at fault.
    """

    def __init__(self, message: str, *, row: int, field: str | None = None) -> None:
        super().__init__(message)
        self.row = row
        self.field = field

    def __reduce__(self) -> tuple[object, ...]:
        return _row_error, (str(self), self.row, self.field)


def _row_error(message: str, row: int, field: str | None) -> RowError:
    return RowError(message, row=row, field=field)


class InvalidRowsError(RetentionError, ExceptionGroup[RowError]):
    """All the faulty rows of one intake, as a group: ``except* RowError`` sees each."""

    def derive(self, excs: Sequence[RowError], /) -> InvalidRowsError:  # type: ignore[override]
        """A group of some of the errors, as `except*` needs it."""
        return InvalidRowsError(self.message, excs)
