"""What all formulas share: arguments are read exactly, the arithmetic is exact, the result is rounded once.

Every argument becomes a ``Fraction``, so that no decimal context of the host plays a part and nothing is
rounded before the last step. That step follows the arguments: a Decimal among them gives a Decimal of 28
significant digits, otherwise a float gives a float, otherwise a Fraction gives a Fraction; integers alone
give a float.
"""

from __future__ import annotations

import math
import operator
from decimal import MAX_EMAX, MIN_EMIN, ROUND_HALF_EVEN, Context, Decimal
from fractions import Fraction
from numbers import Real
from typing import Final, Generic, Never, SupportsIndex, TypeVar, cast

from retention.errors import InvalidTypeError, InvalidValueError, UndefinedMetricError, is_bool, shown

__all__ = ["RAISE", "Argument", "Call", "Fallback", "Number", "decimal_context"]

Number = TypeVar("Number", float, Decimal, Fraction)
"""The kind of number that goes in and comes out; integers fit each."""

Fallback = TypeVar("Fallback")
"""The type of a ``default``."""

_Out = TypeVar("_Out")

_DIGITS: Final = 28
# Far beyond any shop, and small enough that the exact form of a Decimal can't fill the memory,
# as that of 1E+999999999999 would.
_LARGEST_EXPONENT: Final = 1000


class _Raise:
    """The default of ``default``: there is none, so raise."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "<raise>"


_RAISE: Final = _Raise()
# Typed as Never, because a call without a default returns nothing but numbers: `float | Never` is float.
RAISE: Final[Never] = cast("Never", _RAISE)


def decimal_context(digits: int = _DIGITS) -> Context:
    """A context of our own, with every setting stated: an unstated one is taken from the host's default."""
    return Context(
        prec=digits,
        rounding=ROUND_HALF_EVEN,
        Emin=MIN_EMIN,
        Emax=MAX_EMAX,
        capitals=1,
        clamp=0,
        flags=[],
        traps=[],
    )


class Argument:
    """An argument under its name: as it was given, and as the exact fraction that it stands for."""

    __slots__ = ("exact", "given", "kind", "name")

    def __init__(self, name: str, given: object, exact: Fraction, kind: type) -> None:
        self.name = name
        self.given = given
        self.exact = exact
        self.kind = kind

    def __str__(self) -> str:
        return f"{self.name} ({shown(self.given)})"


class Call(Generic[_Out]):
    """One call of one formula: reads its arguments, refuses the bad ones, and rounds its result."""

    __slots__ = ("_decisive", "_formula")

    def __init__(self, formula: str) -> None:
        self._formula = formula
        self._decisive: Argument | None = None  # the argument that decides the kind of the result

    # Reading arguments

    def number(self, name: str, given: object) -> Argument:
        """Any finite number, such as a profit, which may be negative."""
        argument = Argument(name, given, *self._exactly(name, given))
        self._agree_on_kind(argument)
        return argument

    def amount(self, name: str, given: object) -> Argument:
        """A number of at least 0, such as a revenue."""
        argument = self.number(name, given)
        if argument.exact < 0:
            raise self._invalid(name, "must not be negative", given, "pass 0 or more")
        return argument

    def positive(self, name: str, given: object) -> Argument:
        """A number above 0, such as the length of a period."""
        argument = self.number(name, given)
        if argument.exact <= 0:
            raise self._invalid(name, "must be above 0", given, "pass a number above 0")
        return argument

    def count(self, name: str, given: object) -> Argument:
        """A whole number of at least 0, of whatever type: a SQL SUM gives Decimals, a data frame floats."""
        argument = self.amount(name, given)
        if argument.exact.denominator != 1:
            raise self._invalid(
                name, "must be a whole number", given, "pass a count, not a share or an average"
            )
        return argument

    def rate(self, name: str, given: object) -> Argument:
        """A fraction from 0 to 1."""
        argument = self.number(name, given)
        if not 0 <= argument.exact <= 1:
            raise self._invalid(name, "must be a fraction from 0 to 1", given, "write 5 % as 0.05")
        return argument

    def at_most(self, part: Argument, whole: Argument) -> None:
        """Refuse a part that is larger than the whole that it is counted in."""
        if part.exact > whole.exact:
            raise InvalidValueError(
                f"{self._formula}: {part} must not exceed {whole}; "
                f"count in {part.name} only what {whole.name} counts too"
            )

    # Giving results

    def share(self, part: Argument, whole: Argument, *, requires: str, default: Fallback) -> _Out | Fallback:
        """The part over the whole that holds it."""
        self.at_most(part, whole)
        return self.quotient(part.exact, whole.exact, requires=requires, default=default)

    def quotient(
        self, numerator: Fraction, denominator: Fraction, *, requires: str, default: Fallback
    ) -> _Out | Fallback:
        """The numerator over the denominator, undefined where the denominator is 0."""
        if not denominator:
            return self.undefined(requires, default)
        return self.result(numerator / denominator)

    def undefined(self, requires: str, default: Fallback) -> Fallback:
        """The default; without one, an error that says which precondition failed."""
        if default is _RAISE:
            raise UndefinedMetricError(f"{self._formula} requires {requires}")
        return default

    def result(self, exact: Fraction) -> _Out:
        """The exact value as the kind of number that the arguments ask for, rounded here and nowhere else."""
        kind = self.kind
        if kind is Decimal:
            divided = decimal_context().divide(Decimal(exact.numerator), Decimal(exact.denominator))
            return cast("_Out", divided)
        return cast("_Out", exact if kind is Fraction else self.as_float(exact))

    def as_float(self, exact: Fraction) -> float:
        """The nearest float; a value beyond the largest float is refused, because infinity is no figure."""
        try:
            return float(exact)
        except OverflowError:
            raise InvalidValueError(
                f"{self._formula}: the result is too large for a float; pass Decimals"
            ) from None

    @property
    def kind(self) -> type:
        """The kind of number that the arguments ask for; int for integers alone."""
        return int if self._decisive is None else self._decisive.kind

    # Behind the readers

    def _exactly(self, name: str, given: object) -> tuple[Fraction, type]:
        if is_bool(given):
            raise self._wrong_type(name, given, "count with integers such as 0 or 1")
        if isinstance(given, int):
            return Fraction(given), int
        if isinstance(given, Decimal):
            return self._decimal_exactly(name, given), Decimal
        if isinstance(given, Fraction):
            return given, Fraction
        if isinstance(given, SupportsIndex):
            return Fraction(self._integer(name, given)), int
        if isinstance(given, Real):
            return self._float_exactly(name, given), float
        raise self._wrong_type(name, given, "pass an int, a Decimal, a Fraction or a float")

    def _integer(self, name: str, given: SupportsIndex) -> int:
        try:
            return operator.index(given)
        except TypeError:  # arrays have the method, and raise
            raise self._wrong_type(name, given, "pass one int, Decimal, Fraction or float") from None

    def _decimal_exactly(self, name: str, given: Decimal) -> Fraction:
        if not given.is_finite():
            raise self._not_finite(name, given)
        if given and abs(given.adjusted()) > _LARGEST_EXPONENT:
            limits = f"must be 0 or between 1E-{_LARGEST_EXPONENT} and 1E+{_LARGEST_EXPONENT} in size"
            raise self._invalid(name, limits, given, "check the exponent")
        return Fraction(given)

    def _float_exactly(self, name: str, given: Real) -> Fraction:
        value = float(given)
        if not math.isfinite(value):
            raise self._not_finite(name, given)
        return Fraction(value)

    def _agree_on_kind(self, argument: Argument) -> None:
        decisive = self._decisive
        if argument.kind is int:
            return
        if decisive is not None and (argument.kind is Decimal) is not (decisive.kind is Decimal):
            raise InvalidTypeError(
                f"{self._formula}: {decisive} is a {decisive.kind.__name__} and {argument} is a "
                f"{argument.kind.__name__}; pass Decimals only, or none (integers go with either)"
            )
        if decisive is None or argument.kind is float:  # a float beside a Fraction gives a float
            self._decisive = argument

    def _invalid(self, name: str, must: str, given: object, fix: str) -> InvalidValueError:
        return InvalidValueError(f"{self._formula}: {name} {must} (got {shown(given)}); {fix}")

    def _not_finite(self, name: str, given: object) -> InvalidValueError:
        return self._invalid(name, "must be finite", given, "leave missing values out before adding up")

    def _wrong_type(self, name: str, given: object, fix: str) -> InvalidTypeError:
        what = type(given).__name__
        return InvalidTypeError(
            f"{self._formula}: {name} must be a number, not {what} (got {shown(given)}); {fix}"
        )
