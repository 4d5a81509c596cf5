"""Sum over sum: what ratios and means share when months or segments are put together."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from fractions import Fraction
from math import lcm
from typing import Literal, TypeAlias, TypeVar

from retention._linearised import InverseShare, Linearised, Unsampled
from retention._mapping import FrozenMapping
from retention._numerics import ClusterSums, TwoGroups
from retention.errors import (
    InvalidTypeError,
    InvalidValueError,
    MixedCurrencyError,
    NotObservableError,
    shown,
)
from retention.results._basis import Basis, Number, WithBasis

__all__ = [
    "Sampling",
    "checked_parts",
    "only_currency",
    "pooled_basis",
    "pooled_cluster_sums",
    "pooled_sampling",
    "refuse_unobservable",
    "total_of",
]

Sampling: TypeAlias = (
    "ClusterSums | TwoGroups | Linearised | InverseShare | Unsampled | Literal['independent'] | None"
)

P = TypeVar("P", bound=WithBasis)


def checked_parts(parts: object, kind: type[P]) -> list[P]:
    """Parts of one kind, metric and definition.

    Raises:
        InvalidTypeError: When they are no iterable of that kind.
        InvalidValueError: When they are of different metrics, count different things, or were made with different
            keywords.
    """
    name = kind.__name__
    if not isinstance(parts, Iterable):
        msg = f"{name}.pool takes an iterable of {name}s, such as a list, not {type(parts).__name__} (got {shown(parts)})"
        raise InvalidTypeError(msg)
    found = list(parts)
    for each in found:
        if not isinstance(each, kind):
            msg = f"{name}.pool takes {name}s, not {type(each).__name__} (got {shown(each)})"
            raise InvalidTypeError(msg)
    for each in found:
        _check_alike(each.basis, found[0].basis, name)
    return found


def _check_alike(basis: Basis, first: Basis, name: str) -> None:
    if basis.metric != first.metric:
        msg = f"{name}.pool takes one metric at a time (got {first.metric} and {basis.metric})"
        raise InvalidValueError(msg)
    if basis.options != first.options:
        msg = f"{name}.pool takes {name.lower()}s of one definition (got {_defined(first)} and {_defined(basis)})"
        raise InvalidValueError(msg)
    if basis.counted != first.counted:
        msg = f"{name}.pool takes {name.lower()}s that count the same (got {_counting(first)} and {_counting(basis)})"
        raise InvalidValueError(msg)


def _defined(basis: Basis) -> str:
    return ", ".join(f"{name}={text}" for name, text in basis.options) or "no keyword"


def _counting(basis: Basis) -> str:
    return shown(" of ".join(basis.counted)) if basis.counted else "nothing said"


def refuse_unobservable(part: WithBasis) -> None:
    """Refuse what would silently count as nothing."""
    if not part.observable:
        raise NotObservableError(part.undefined_because)


def total_of(values: Iterable[Number]) -> Number:
    """The exact sum, whatever the context."""
    total = sum(map(Fraction, values), Fraction(0))
    return total.numerator if total.denominator == 1 else _exact_decimal(total)


def _exact_decimal(value: Fraction) -> Decimal:
    """A fraction whose denominator divides a power of ten, as Decimal; exact in any context."""
    places = 0
    while (value * 10**places).denominator != 1:
        places += 1
    scaled = int(value * 10**places)
    return Decimal((int(scaled < 0), tuple(map(int, str(abs(scaled)))), -places))


def pooled_basis(parts: Sequence[Basis], owner: str) -> Basis:
    """What the pooled figure rests on.

    Raises:
        MixedCurrencyError: When the parts are about money of several currencies.
    """
    left_out: dict[str, int] = {}
    for part in parts:
        for reason, count in part.left_out.items():
            left_out[reason] = left_out.get(reason, 0) + count
    labels = [part.period for part in parts if part.period]
    return Basis(
        metric=parts[0].metric if parts else None,
        period=f"{labels[0]} to {labels[-1]}" if len(set(labels)) > 1 else (labels[0] if labels else None),
        counted=parts[0].counted if parts else (),
        partial=any(part.partial for part in parts),
        left_out=FrozenMapping(left_out),
        assumed=tuple(dict.fromkeys(line for part in parts for line in part.assumed)),
        currency=only_currency((part.currency for part in parts), owner),
        options=parts[0].options if parts else (),
        records=parts[0].records if parts else "orders",
        open_ended=any(part.open_ended for part in parts),
        of_an_instant=any(part.of_an_instant for part in parts),
    )


def only_currency(currencies: Iterable[str | None], owner: str) -> str | None:
    """The one currency of the parts; a month without sales has none.

    Raises:
        MixedCurrencyError: When there are several.
    """
    found = list(dict.fromkeys(filter(None, currencies)))
    if len(found) > 1:
        msg = f"{owner} can't add {' and '.join(found)}; make each part with convert=, or pool one currency at a time"
        raise MixedCurrencyError(msg)
    return found[0] if found else None


# ------------------------------------------------------------------------- sums of separate customers


def pooled_sampling(samplings: Iterable[Sampling]) -> Sampling:
    """What makes the interval of the pooled figure, where no customer stands in two parts; None when unknown.

    Args:
        samplings: Those of the parts that add something; they are of one metric, and so of one kind.
    """
    found = list(samplings)
    if all(each == "independent" for each in found):
        return "independent"
    reason = next((each for each in found if isinstance(each, Unsampled)), None)
    if reason is not None:
        return reason
    sums = [each for each in found if isinstance(each, ClusterSums)]
    if len(sums) == len(found):
        return pooled_cluster_sums(sums)
    shares = [each for each in found if isinstance(each, InverseShare)]
    return _inverse(shares) if len(shares) == len(found) else None


def _inverse(shares: Sequence[InverseShare]) -> InverseShare | None:
    units = {each.unit for each in shares}
    if len(units) > 1:
        return None
    return InverseShare(
        hits=sum(each.hits for each in shares), n=sum(each.n for each in shares), unit=units.pop()
    )


def pooled_cluster_sums(parts: Sequence[ClusterSums]) -> ClusterSums:
    """The sums over the customers of all parts, which share none.

    Parts may count money in different units, such as one without cents: all are put on the finest.
    """
    scale = lcm(*(part.scale for part in parts))
    x_scale = lcm(*(part.x_scale for part in parts))
    n = x = y = xx = xy = yy = 0
    for part in parts:
        up, out = scale // part.scale, x_scale // part.x_scale
        n += part.n
        x += part.x * out
        y += part.y * up
        xx += part.xx * out * out
        xy += part.xy * out * up
        yy += part.yy * up * up
    return ClusterSums(n, x, y, xx, xy, yy, scale, x_scale, signed=any(part.signed for part in parts))
