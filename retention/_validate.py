"""What the fields of records are turned into, and what they refuse.

Converters are lenient: they turn what is clearly meant into the stored type and pass the rest on.
Validators are strict, and know class and field, so that each refusal can name both. The usual case
comes first in every function, since a shop hands over millions of values.
"""

from __future__ import annotations

import operator
import unicodedata
from collections.abc import Callable, Hashable, Iterable, Mapping
from datetime import UTC, datetime, tzinfo
from decimal import Decimal, InvalidOperation
from numbers import Integral, Real
from typing import Any, NamedTuple, NoReturn, TypeAlias, cast

import attrs

from retention._calendar import Zone, as_zone, check_duration, instant
from retention._mapping import FrozenMapping
from retention._numerics import decimal_context
from retention.errors import InvalidTypeError, InvalidValueError, RetentionError, is_bool, shown

__all__ = [
    "EXACT",
    "Aliases",
    "amount",
    "choice",
    "comment",
    "currency",
    "duration",
    "exact_sum",
    "flag",
    "identifier",
    "label",
    "labels",
    "magnitude",
    "mapping",
    "moment",
    "optional",
    "price",
    "quantity",
    "records",
    "scale",
    "score",
    "spent",
    "threshold",
    "to_aliases",
    "to_decimal",
    "to_decimal_or_none",
    "to_frozenset",
    "to_mapping",
    "to_scale_or_none",
    "to_score_or_none",
    "to_tuple",
    "to_utc",
    "to_utc_or_none",
    "to_zone_or_none",
    "with_article",
    "zone",
]

Field: TypeAlias = "attrs.Attribute[Any]"
Validator = Callable[[Any, Field, Any], None]

EXACT = decimal_context(60, traps=[InvalidOperation])
"""A private context: sums of money don't depend on the precision that the host has set, nor on its defaults."""

_ZERO = Decimal(0)
_CENT = Decimal("0.01")
_LIMIT = Decimal(10) ** 18
_MOST_DECIMALS = 18


# ------------------------------------------------------------------------------------- converters


def to_utc(value: datetime) -> datetime:
    """An aware datetime as the same instant in UTC; anything else as it is, for `moment` to refuse."""
    given: Any = value
    if type(given) is datetime and given.tzinfo is UTC:
        return value
    if isinstance(given, datetime):
        try:
            return instant(given, owner="", field="")
        except RetentionError:
            return value
    return value


def to_utc_or_none(value: datetime | None) -> datetime | None:
    """`to_utc`, with None kept."""
    return None if value is None else to_utc(value)


def to_decimal_or_none(value: Decimal | int | str | None) -> Decimal | None:
    """`to_decimal`, with None kept."""
    return None if value is None else to_decimal(value)


def to_zone_or_none(value: Zone | None) -> tzinfo | None:
    """A zone's name as the zone, with None kept; anything else as it is, for `zone` to refuse."""
    if value is None:
        return None
    try:
        return as_zone(value)
    except RetentionError:
        return cast("tzinfo", value)


def to_decimal(value: Decimal | int | str) -> Decimal:
    """A whole number or a numeral as Decimal, exactly; anything else as it is."""
    if type(value) is Decimal:
        return value
    if isinstance(value, str):
        try:
            parsed = Decimal(value)
        except InvalidOperation:
            return cast("Decimal", value)
        return parsed if parsed.is_finite() else cast("Decimal", value)
    if isinstance(value, Decimal):
        return Decimal(value)
    if is_bool(value):
        return cast("Decimal", value)
    try:
        return Decimal(operator.index(value))
    except TypeError:
        return cast("Decimal", value)


def to_score_or_none(value: Decimal | float | str | None) -> Decimal | int | None:
    """A number as the int or the Decimal that it prints, with None kept; anything else as it is.

    Numbers of a data frame come as floats where some are missing, and as numpy's own.
    """
    if value is None or type(value) is int:
        return value
    given: Any = value
    if isinstance(given, Real) and not isinstance(given, Integral):  # float, and numpy's
        given = str(given)
    number = to_decimal(cast("Decimal", given))
    if type(number) is not Decimal or not number.is_finite():
        return cast("Decimal", value)
    is_whole = number.copy_abs() < _LIMIT and number == number.to_integral_value()
    return int(number) if is_whole else number


def to_scale_or_none(value: Iterable[Any] | None) -> tuple[Any, ...] | None:
    """The two ends of a scale as a tuple, whole numbers of numpy as Python's; anything else as it is."""
    if value is None:
        return None
    ends = to_tuple(value)
    return tuple(map(_as_own_int, ends)) if type(ends) is tuple else ends


def _as_own_int(value: Any) -> Any:
    return int(value) if isinstance(value, Integral) and not is_bool(value) else value


def to_tuple(value: Iterable[Any]) -> tuple[Any, ...]:
    """Any iterable but a text or a mapping as a tuple, read once."""
    if type(value) is tuple:
        return value
    if isinstance(value, (str, bytes, Mapping)) or not isinstance(value, Iterable):
        return cast("tuple[Any, ...]", value)
    return tuple(value)


def to_frozenset(value: Iterable[str]) -> frozenset[str]:
    """Any iterable of texts as a frozenset; a single text stays one, for `labels` to refuse."""
    if type(value) is frozenset:
        return value
    if isinstance(value, (str, bytes, Mapping)) or not isinstance(value, Iterable):
        return cast("frozenset[str]", value)
    entries = tuple(value)
    try:
        return frozenset(entries)
    except TypeError:  # some entry is no text
        return cast("frozenset[str]", entries)


def to_mapping(value: Mapping[Any, Any]) -> FrozenMapping[Any, Any]:
    """A mapping as a read-only copy; anything else as it is."""
    given: Any = value
    if isinstance(given, Mapping) and not isinstance(given, FrozenMapping):
        return FrozenMapping(given)
    return cast("FrozenMapping[Any, Any]", given)


# ------------------------------------------------------------------------------------- validators


def _where(record: object, field: Field) -> str:
    return f"{type(record).__name__}.{field.name}"


def optional(check: Validator) -> Validator:
    """The same check, with None let through for "not known"."""

    def check_unless_none(record: object, field: Field, value: object) -> None:
        if value is not None:
            check(record, field, value)

    return check_unless_none


def moment(record: object, field: Field, value: object) -> None:
    """An instant; `to_utc` has turned each aware datetime into UTC."""
    if type(value) is not datetime or value.tzinfo is not UTC:
        instant(value, owner=type(record).__name__, field=field.name)


def zone(record: object, field: Field, value: object) -> None:
    """A time zone; `to_zone_or_none` has turned each name into one."""
    if not isinstance(value, tzinfo):
        as_zone(cast("Zone", value), owner=type(record).__name__, field=field.name)


def identifier(record: object, field: Field, value: object) -> None:
    """Any hashable but None, a float, a bool or an empty or unprintable text."""
    if not _is_plain_id(value):
        _refuse_no_id(_where(record, field), value)


def _is_plain_id(value: object) -> bool:
    return type(value) is int or (type(value) is str and value.isprintable() and bool(value.strip()))


def _refuse_no_id(where: str, value: object) -> None:
    if isinstance(value, str):
        if not value.strip():
            msg = f"{where} must not be empty (got {shown(value)}); give the shop's own id"
            raise InvalidValueError(msg)
        _refuse_unprintable(where, value)
    elif value is None or _is_bool_or_float(value):
        msg = (
            f"{where} must be an id: a whole number, a text, a UUID or another hashable, "
            f"not {type(value).__name__} (got {shown(value)}); write a float or a bool as the text that it stands for"
        )
        raise InvalidTypeError(msg)
    elif not _is_hashable(value):
        msg = f"{where} must be hashable, not {type(value).__name__}; use a text, a number or a tuple"
        raise InvalidTypeError(msg)
    elif not _equals_itself(value):
        msg = f"{where} must equal itself (got {shown(value)}); a missing id is None for a guest"
        raise InvalidValueError(msg)


def _is_bool_or_float(value: object) -> bool:
    """Those of numpy too, which are no subclasses of Python's."""
    if isinstance(value, Integral):
        return isinstance(value, bool)
    return isinstance(value, Real) or is_bool(value)


def _is_hashable(value: object) -> bool:
    try:
        hash(value)
    except TypeError:
        return False
    return True


def _equals_itself(value: object) -> bool:
    """The one test that finds NaN, NaT and NA whatever their class."""
    try:
        return bool(value == value)  # noqa: PLR0124 - see above
    except TypeError:  # the NA of pandas is neither equal nor unequal to itself
        return False


def label(record: object, field: Field, value: object) -> None:
    """A text with something in it and nothing hidden in it."""
    if not isinstance(value, str):
        msg = f"{_where(record, field)} must be a text, not {type(value).__name__} (got {shown(value)})"
        raise InvalidTypeError(msg)
    if not value.strip():
        msg = f"{_where(record, field)} must not be empty (got {shown(value)}); leave it out or give None"
        raise InvalidValueError(msg)
    if not value.isprintable():
        _refuse_unprintable(_where(record, field), value)


def _refuse_unprintable(where: str, value: str) -> None:
    for position, character in enumerate(value):
        if unicodedata.category(character) in {"Cc", "Cs"}:
            kind = "a control character" if unicodedata.category(character) == "Cc" else "a lone surrogate"
            msg = (
                f"{where} has {kind} at position {position} (got {shown(value)}); "
                f"clean the text, or decode it with the right encoding"
            )
            raise InvalidValueError(msg)


def labels(record: object, field: Field, value: object) -> None:
    """A set of texts."""
    if not isinstance(value, (frozenset, tuple)):
        msg = (
            f"{_where(record, field)} must be a set of texts, not {type(value).__name__}; "
            f'write {{"vip"}} rather than "vip"'
        )
        raise InvalidTypeError(msg)
    entries = cast("Iterable[object]", value)
    for entry in entries:
        if not isinstance(entry, str):
            msg = (
                f"{_where(record, field)} must be a set of texts, and one entry is {with_article(type(entry))} "
                f"(got {shown(entry)}); write each label as a text of its own"
            )
            raise InvalidTypeError(msg)
        label(record, field, entry)


class _Advice(NamedTuple):
    """What helps where a number of some kind is wrong."""

    missing: str
    negative: str
    floating: str
    example: str = "12.50"


def _number(advice: _Advice) -> Validator:
    """A validator for finite Decimals from 0 up, with sane digits."""

    def check_number(record: object, field: Field, value: object) -> None:
        if type(value) is not Decimal or not _is_amount(value):
            _refuse_amount(_where(record, field), value, advice)

    return check_number


def _is_amount(value: Decimal) -> bool:
    """Whether it is finite, from 0 up, and has sane digits."""
    return (
        value.is_finite()
        and _ZERO <= value < _LIMIT
        and (value.same_quantum(_CENT) or _decimals(value) <= _MOST_DECIMALS)
    )


def _refuse_amount(where: str, value: object, advice: _Advice) -> NoReturn:
    if type(value) is not Decimal:
        _refuse_no_number(where, value, advice)
    if not value.is_finite():
        msg = f"{where} must be finite (got {value}); {advice.missing}"
        raise InvalidValueError(msg)
    if value < _ZERO:
        msg = f"{where} must not be negative (got {value}); {advice.negative}"
        raise InvalidValueError(msg)
    msg = f"{where} must be below 10**18 with at most 18 decimals (got {shown(value)})"
    raise InvalidValueError(msg)


def _decimals(value: Decimal) -> int:
    exponent = value.as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def _refuse_no_number(where: str, value: object, advice: _Advice) -> NoReturn:
    if isinstance(value, str):
        msg = f'{where} must be a number (got {shown(value)}); write it as in Decimal("{advice.example}")'
        raise InvalidValueError(msg)
    if isinstance(value, float):
        msg = f"{where} must not be a float (got {shown(value)}), {advice.floating}"
        raise InvalidTypeError(msg)
    msg = f"{where} must be a Decimal, a whole number or a numeral, not {type(value).__name__} (got {shown(value)})"
    raise InvalidTypeError(msg)


_NO_CENTS = "since floats can't hold cents; give "
_MONEY_OF_FLOATS = (
    _NO_CENTS + 'Decimal("12.50") or "12.50", or load rows with orders_from_records(..., float_digits=2)'
)

amount = _number(
    _Advice(
        missing="a missing amount is no order",
        negative="money given back is a Refund of its order",
        floating=_MONEY_OF_FLOATS,
    )
)
"""Money that was charged."""

price = _number(
    _Advice(
        missing="give what is charged, or leave the record out",
        negative="give what is charged after discounts; money given back has no place here",
        floating=_NO_CENTS
        + 'Decimal("12.50") or "12.50", or load rows with the intake, which takes float_digits=2',
    )
)
"""Money that is charged again and again, or would be."""

magnitude = _number(
    _Advice(
        missing="leave out what is not known",
        negative="give how much it is, without a sign",
        floating=_MONEY_OF_FLOATS,
    )
)
"""Money that is subtracted: a refund, a discount, a cost."""

_SPENT = _Advice(
    missing="give what was spent",
    negative="give how much it is, without a sign",
    floating=_NO_CENTS + 'Decimal("500.00") or "500.00"',
    example="500.00",
)


def spent(name: str, value: Decimal | int | str) -> Decimal:
    """Money that is given beside the records, taken as on them."""
    money: object = to_decimal(value)
    if type(money) is Decimal and _is_amount(money):
        return money
    return _refuse_amount(name, money, _SPENT)


threshold = _number(
    _Advice(
        missing="give None to count every sale",
        negative="give None to let orders of nothing in",
        floating=_NO_CENTS + 'Decimal("12.50") or "12.50"',
    )
)
"""Money that an order must exceed."""

_measure = _number(
    _Advice(
        missing="leave it out for one piece",
        negative="leave the line out, and give what came back as a Refund of the order",
        floating='since most fractions are no float; give Decimal("1.5") or "1.5"',
        example="1.5",
    )
)


def quantity(record: object, field: Field, value: object) -> None:
    """A count or measure above 0."""
    _measure(record, field, value)
    if value == _ZERO:
        msg = f"{_where(record, field)} must be above 0 (got {value}); leave the line out"
        raise InvalidValueError(msg)


def currency(record: object, field: Field, value: object) -> None:
    """A code of three capital letters, as ISO 4217 has them."""
    if isinstance(value, str) and len(value) == 3 and value.isascii() and value.isalpha() and value.isupper():
        return
    msg = f'{_where(record, field)} must be three capital letters such as "EUR" (got {shown(value)})'
    raise (InvalidValueError if isinstance(value, str) else InvalidTypeError)(msg)


def comment(record: object, field: Field, value: object) -> None:
    """A text with something in it; what a customer wrote is private, so that no error shows it."""
    if not isinstance(value, str):
        msg = f"{_where(record, field)} must be a text, not {type(value).__name__}"
        raise InvalidTypeError(msg)
    if not value.strip():
        msg = f"{_where(record, field)} must not be empty; leave it out or give None"
        raise InvalidValueError(msg)


def score(record: object, field: Field, value: object) -> None:
    """A number that `to_score_or_none` has turned into an int or a Decimal; which numbers there are, the scale says."""
    if type(value) is int:
        return
    if type(value) is Decimal:
        if value.is_finite() and _decimals(value) <= _MOST_DECIMALS:
            return
        msg = f"{_where(record, field)} must be finite with at most 18 decimals (got {shown(value)})"
        raise InvalidValueError(msg)
    if isinstance(value, (str, float)):
        msg = (
            f"{_where(record, field)} must be a number (got {shown(value)}); "
            f"an unanswered question is no response: leave it out, and give an answer in words as answer="
        )
        raise InvalidValueError(msg)
    msg = f"{_where(record, field)} must be a number, not {type(value).__name__} (got {shown(value)})"
    raise InvalidTypeError(msg)


def scale(record: object, field: Field, value: object) -> None:
    """The lowest and the highest score: two ints for whole numbers, two Decimals for all between."""
    where = _where(record, field)
    if not isinstance(value, tuple) or len(value) != 2 or len({type(end) for end in value}) != 1:
        msg = f"{where} must be two numbers of one type, lowest and highest, such as (1, 5) (got {shown(value)})"
        raise InvalidTypeError(msg)
    ends: Any = value
    low, high = ends
    if type(low) not in {int, Decimal}:
        msg = (
            f"{where} must be two ints for whole-number scores, such as (1, 5), or two Decimals for scores with "
            f"fractions, such as (Decimal(0), Decimal(100)) (got {shown(value)})"
        )
        raise InvalidTypeError(msg)
    if type(low) is Decimal and not all(_is_sane(end) for end in (low, high)):
        msg = f"{where} must be finite, below 10**18 and with at most 18 decimals (got {shown(value)})"
        raise InvalidValueError(msg)
    if not _LIMIT.copy_negate() < low < high < _LIMIT:
        msg = f"{where} must go from the lowest to a higher score, such as (1, 5) (got {shown(value)})"
        raise InvalidValueError(msg)


def _is_sane(number: Decimal) -> bool:
    return number.is_finite() and _decimals(number) <= _MOST_DECIMALS


def flag(record: object, field: Field, value: object) -> None:
    """True or False, and nothing that merely counts as one."""
    if value is not True and value is not False:
        msg = f"{_where(record, field)} must be True or False (got {shown(value)})"
        raise InvalidTypeError(msg)


def choice(*allowed: str) -> Validator:
    """One of a few words."""
    words = frozenset(allowed)
    listed = ", ".join(repr(word) for word in allowed)

    def check_choice(record: object, field: Field, value: object) -> None:
        if not isinstance(value, str) or value not in words:
            msg = f"{_where(record, field)} must be one of {listed} (got {shown(value)})"
            raise (InvalidValueError if isinstance(value, str) else InvalidTypeError)(msg)

    return check_choice


def duration(record: object, field: Field, value: object) -> None:
    """A timedelta or a relativedelta, above nothing."""
    check_duration(value, owner=type(record).__name__, field=field.name)


def records(kind: type) -> Validator:
    """A tuple of records of one class."""

    def check_records(record: object, field: Field, value: object) -> None:
        if not isinstance(value, tuple):
            msg = (
                f"{_where(record, field)} must be an iterable of {kind.__name__}s, not {type(value).__name__}"
            )
            raise InvalidTypeError(msg)
        for position, entry in enumerate(value):
            if not isinstance(entry, kind):
                msg = (
                    f"{_where(record, field)}[{position}] must be {with_article(kind)}, not {type(entry).__name__}; "
                    f"build one, or load rows with the intake functions"
                )
                raise InvalidTypeError(msg)

    return check_records


def with_article(kind: type) -> str:
    """A class with the article before its name."""
    return f"{'an' if kind.__name__[:1] in 'AEIOaeio' else 'a'} {kind.__name__}"


def mapping(record: object, field: Field, value: object) -> None:
    """A mapping whose content is the host's own business, so that no error shows it."""
    if not isinstance(value, FrozenMapping):
        msg = f"{_where(record, field)} must be a mapping, not {type(value).__name__}"
        raise InvalidTypeError(msg)


def exact_sum(values: Iterable[Decimal]) -> Decimal:
    """A sum of Decimals whatever the host's decimal context."""
    total = _ZERO
    for value in values:
        total = EXACT.add(total, value)
    return total


class Aliases(FrozenMapping[Hashable, Hashable]):
    """Aliases that have been checked, each with the id at the end of its chain."""

    __slots__ = ()


def to_aliases(aliases: Mapping[Hashable, Hashable] | None) -> Aliases:
    """Each alias with the id at the end of its chain; a chain that bites its own tail is refused.

    What has been through here comes back as it is. Each link of a chain is followed once.
    """
    if isinstance(aliases, Aliases):
        return aliases
    if not isinstance(aliases, Mapping):
        if aliases is None:
            return Aliases()
        msg = f"aliases must be a mapping of alias to id, not {type(aliases).__name__}"
        raise InvalidTypeError(msg)
    links = dict(aliases)
    for alias, target in links.items():
        if not _is_plain_id(alias):
            _refuse_no_id("aliases: each alias", alias)
        if not _is_plain_id(target):
            _refuse_no_id(f"aliases: what {shown(alias)} stands for", target)
    ends: dict[Hashable, Hashable] = {}
    for alias, target in links.items():
        if target in links:
            _follow(alias, links, ends)
        else:  # no chain, as nearly always
            ends[alias] = target
    return Aliases({alias: ends[alias] for alias in links})


def _follow(alias: Hashable, links: Mapping[Hashable, Hashable], ends: dict[Hashable, Hashable]) -> None:
    """Note in `ends` where a chain ends, for all that stand in it."""
    passed: set[Hashable] = set()
    here = alias
    while here in links and here not in ends:
        if here in passed:
            msg = f"aliases go in a circle at {shown(here)}; one id of each person must stay without an alias"
            raise InvalidValueError(msg)
        passed.add(here)
        here = links[here]
    ends.update(dict.fromkeys(passed, ends.get(here, here)))
