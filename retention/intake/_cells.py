"""What one cell of a host's row is read as: the lenient side of the records, for databases, CSV, JSON and data frames.

A reader takes the value of a cell and gives what the record's field is made of, or None where the cell is
missing. What could mean two things is refused, with the fix. The record itself still checks what it is given.
The usual case comes first in every reader, since a shop hands over millions of cells.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import tzinfo
from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation
from typing import Any, TypeAlias, cast

from attrs import frozen

from retention import _validate as check
from retention._mapping import FrozenMapping
from retention.errors import InvalidTypeError, InvalidValueError, shown

__all__ = [
    "FLAGS",
    "Maker",
    "Options",
    "Reader",
    "choice",
    "count",
    "currency",
    "flag",
    "host_mapping",
    "identifier",
    "money",
    "plain",
    "points",
    "quantity",
    "scale",
    "score",
    "sentiment",
    "word",
]

Reader: TypeAlias = Callable[[Any], Any]
"""A cell in, the value for the record out; None for a cell that is missing."""

Maker: TypeAlias = Callable[[str, "Options"], Reader]
"""The name of a field and how cells are read in, what reads its cells out."""

FLAGS: Mapping[object, bool] = {
    **dict.fromkeys(("true", "yes", "1", 1), True),
    **dict.fromkeys(("false", "no", "0", 0), False),
}
"""What is read as True or False, capital letters aside."""

_NOTHING_NEAR: Mapping[str, str] = FrozenMapping()
_NO_VALUE = frozenset({"NaTType", "NAType"})  # of pandas, which this library does without


@frozen(kw_only=True)
class Options:
    """How cells are read.

    Attributes:
        zone: The zone of local times; None refuses them.
        digits: The decimals of money that comes as floats; None refuses those.
    """

    zone: tzinfo | None = None
    digits: int | None = None


def plain(value: Any) -> Any:
    """A cell with None for what is missing, and Python's own values in place of numpy's."""
    kind = type(value)
    if kind is str:
        return value if value.strip() else None
    if kind.__name__ in _NO_VALUE:
        return None
    if kind.__module__ == "numpy":
        value = _without_numpy(value)
    if isinstance(value, str):
        return value if value.strip() else None
    if isinstance(value, float):
        return value if value == value else None  # noqa: PLR0124 - NaN is what data frames write for missing
    if isinstance(value, Decimal):
        return None if value.is_qnan() else value
    return value


def _without_numpy(value: Any) -> Any:
    own = value.tolist()
    if type(value).__name__ == "datetime64" and isinstance(own, int):  # finer than microseconds
        return value.astype("datetime64[us]").tolist()
    return own


# --------------------------------------------------------------------------------------- ids, words


def identifier(where: str, options: Options) -> Reader:  # noqa: ARG001 - all makers of readers look alike
    """Ids as they are, but for floats."""

    def read(value: Any) -> Any:
        if type(value) is int:
            return value
        value = plain(value)
        if isinstance(value, float):
            msg = (
                f"{where} must not be a float (got {shown(value)}); a data frame makes floats of whole numbers where "
                f'some are missing: convert the column first, as in frame["id"].astype("Int64")'
            )
            raise InvalidTypeError(msg)
        return value

    return read


def word(where: str, options: Options) -> Reader:  # noqa: ARG001 - as above
    """Texts as they are."""
    return plain


def choice(fix: str, *allowed: str, near: Mapping[str, str] = _NOTHING_NEAR) -> Maker:
    """One of a few words, just as they are written; others are refused, with what they may mean.

    Args:
        fix: Code that makes one of the words of a row.
        allowed: The words.
        near: Other words of the trade, in small letters and underscores: what they often stand for.
    """
    words = frozenset(allowed)
    listed = ", ".join(map(repr, allowed))

    def make(where: str, options: Options) -> Reader:  # noqa: ARG001 - as above
        def read(value: Any) -> Any:
            if type(value) is str and value in words:
                return value
            value = plain(value)
            if value is None or (isinstance(value, str) and value in words):
                return value
            word = _folded(value) if isinstance(value, str) else ""
            likely = repr(word) if word in words else near.get(word)
            say = f"if that is {likely}, say so" if likely else "say which of them it is"
            msg = f"{where} must be one of {listed} (got {shown(value)}); {say} with a callable in fields, as in {fix}"
            raise (InvalidValueError if isinstance(value, str) else InvalidTypeError)(msg)

        return read

    return make


def _folded(text: str) -> str:
    return "_".join(text.casefold().replace("-", " ").replace("_", " ").split())


def currency(where: str, options: Options) -> Reader:  # noqa: ARG001 - as above
    """Codes of currencies, in capital letters."""

    def read(value: Any) -> Any:
        if type(value) is str and value.isupper() and len(value) == 3:
            return value
        value = plain(value)
        code = value.strip().upper() if isinstance(value, str) else ""
        if code == value or len(code) != 3 or not (code.isascii() and code.isalpha()):
            return value
        msg = (
            f'{where} must be three capital letters such as "EUR" (got {shown(value)}); write {code!r}, for a whole '
            f'column with a callable in fields, as in lambda row: row["currency"].strip().upper()'
        )
        raise InvalidValueError(msg)

    return read


def flag(where: str, options: Options) -> Reader:  # noqa: ARG001 - as above
    """True and False, in the words of `FLAGS` too."""

    def read(value: Any) -> bool | None:
        if value is True or value is False:
            return value
        value = plain(value)
        if value is None or value is True or value is False:
            return value
        word = value.strip().casefold() if isinstance(value, str) else value
        if type(word) in {str, int} and word in FLAGS:
            return FLAGS[word]
        msg = (
            f"{where} must be true or false, yes or no, 1 or 0 (got {shown(value)}); "
            f"map other words to True and False with a callable in fields"
        )
        raise InvalidValueError(msg)

    return read


def host_mapping(where: str, options: Options) -> Reader:  # noqa: ARG001 - as above
    """What is the host's own business."""

    def read(value: Any) -> Any:
        return value if isinstance(value, Mapping) else plain(value)

    return read


# ------------------------------------------------------------------------------------------- numbers


def money(where: str, options: Options) -> Reader:
    """Whole numbers, Decimals, numerals; floats where their digits are known."""
    digits = options.digits
    cent = None if digits is None else Decimal(1).scaleb(-digits)

    def read(value: Any) -> Any:
        kind = type(value)
        if kind is str:
            return _numeral(value, where)
        if kind is Decimal:
            return None if value.is_qnan() else value
        if kind is not float:
            value = plain(value)
            if isinstance(value, str):
                return _numeral(value, where)
        if not isinstance(value, float):
            return value
        if value != value:  # noqa: PLR0124 - NaN
            return None
        if cent is None:
            msg = (
                f"{where} must not be a float (got {shown(value)}), since floats can't hold cents; say how many "
                f"decimals the money has, as in float_digits=2, or give texts or Decimals"
            )
            raise InvalidTypeError(msg)
        return _rounded(value, cent)

    return read


_THOUSANDS = re.compile(r"\d,\d{3}(,\d{3})+$")
"""Ends like 1,234,567: several commas separate thousands; of one alone, as in 1,234, nobody can tell."""


def _numeral(text: str, where: str) -> Decimal | None:
    try:
        number = Decimal(text)
    except InvalidOperation:
        number = None
    if number is not None and number.is_finite():
        return number
    if not text.strip():
        return None
    msg = (
        f'{where} must be a plain number such as "1234.50" (got {shown(text)}); say what its commas and signs '
        f"mean with a callable in fields, as in lambda row: {_in_plain(text)}"
    )
    raise InvalidValueError(msg)


def _in_plain(text: str) -> str:
    """The code that would read such a cell: a decimal comma, commas between thousands, a sign, a word for nothing."""
    if text.rfind(",") > text.rfind(".") and not _THOUSANDS.search(text):
        return 'row["net"].replace(".", "").replace(",", ".")'
    if "," in text:
        return 'row["net"].replace(",", "")'
    if any(map(str.isdigit, text)):
        return 'row["net"].strip("€ EUR")'
    return f'None if row["net"] == {shown(text)} else row["net"]'


def _rounded(value: float, cent: Decimal) -> Decimal:
    """A float as money, from the digits that it prints; 19.999999999999996 with two of them is 20.00."""
    exact = Decimal(float.__repr__(value))
    try:
        rounded = exact.quantize(cent, ROUND_HALF_EVEN, check.EXACT)
    except InvalidOperation:  # infinite, or larger than any money: the record says so
        return exact
    return rounded or rounded.copy_abs()  # no negative zero


def quantity(where: str, options: Options) -> Reader:  # noqa: ARG001 - as above
    """A count or a measure; a float by the digits that it prints."""

    def read(value: Any) -> Any:
        value = plain(value)
        if isinstance(value, str):
            return _numeral(value, where)
        if isinstance(value, float):
            return Decimal(float.__repr__(value))  # as it prints: a measure is not counted in cents
        return value

    return read


def points(fix: str, example: str) -> Maker:
    """Numbers as scales have them; words for them are refused, with what helps."""

    def make(where: str, options: Options) -> Reader:  # noqa: ARG001 - as above
        def read(value: Any) -> Any:
            if type(value) is int:
                return value
            value = plain(value)
            if not isinstance(value, str):
                return value
            number = check.to_score_or_none(value)
            if not isinstance(number, str):
                return number
            msg = f"{where} must be a number such as {example} (got {shown(value)}); {fix}"
            raise InvalidValueError(msg)

        return read

    return make


score = points(
    "turn words into numbers with a callable in fields, as in "
    'lambda row: {"good": 5, "poor": 1}[row["score"]], or read choices in words as answer',
    example="9",
)
"""What was chosen in a survey."""

sentiment = points(
    "turn words into numbers from -1 to 1 with a callable in fields, as in "
    'lambda row: {"positive": 1, "neutral": 0, "negative": -1}[row["sentiment"]]',
    example="0.5",
)
"""How a contact sounds."""


def count(where: str, options: Options) -> Reader:  # noqa: ARG001 - as above
    """Whole numbers, as floats and numerals too."""

    def read(value: Any) -> Any:
        if type(value) is int:
            return value
        number: Any = check.to_score_or_none(plain(value))
        if not isinstance(number, (str, Decimal, float)):
            return number
        msg = (
            f"{where} must be a whole number such as 3 (got {shown(value)}); take it out of a text with a callable in "
            f'fields, as in lambda row: row["every"].removesuffix(" months")'
        )
        raise InvalidValueError(msg)

    return read


def scale(where: str, options: Options) -> Reader:
    """The lowest and the highest score."""
    read_end = score(where, options)

    def read(value: Any) -> Any:
        value = plain(value)
        if value is None:
            return None
        if not isinstance(value, (list, tuple)):
            msg = (
                f"{where} must be the lowest and the highest score (got {shown(value)}); give it for all rows, as in "
                f'constants={{"scale": (1, 5)}}, or make it with a callable in fields, as in lambda row: (1, row["highest"])'
            )
            raise InvalidTypeError(msg)
        return _ends([read_end(end) for end in cast("Iterable[Any]", value)])

    return read


def _ends(ends: list[Any]) -> tuple[Any, ...] | None:
    """The ends of a scale: in data frames and JSON those of a whole-number scale may be floats all the same."""
    if ends and all(end is None for end in ends):
        return None
    numbers: list[Any] = [check.to_score_or_none(end) if isinstance(end, float) else end for end in ends]
    if {type(number) for number in numbers} == {int, Decimal}:
        return tuple(map(Decimal, numbers))
    return tuple(numbers)
