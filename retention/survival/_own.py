"""The curve of a host's own spells."""

from __future__ import annotations

from collections.abc import Hashable, Iterable

from retention.errors import InvalidTypeError, InvalidValueError, shown
from retention.results import Basis
from retention.survival._curve import SurvivalCurve
from retention.survival._spells import ENDED, Spell, columns_of

__all__ = ["survival_curve"]


def survival_curve(
    spells: Iterable[Spell],
    /,
    *,
    clusters: Iterable[Hashable] | None = None,
    event: str = ENDED,
) -> SurvivalCurve:
    """Which share of spells has not ended after how long, with those counted that have not ended yet.

    Whoever has not come back so far may do so tomorrow. To leave them out flatters, and to count them as lost does
    the opposite; Kaplan and Meier's estimate uses each for as long as it was watched.

    Args:
        spells: How long each lasted, and whether its end was seen.
        clusters: For each spell whose it is, where a customer may have several. Bounds are then clustered by
            customer. None among them is somebody else each time.
        event: What the end is called in tables, in the past tense: "ended", "purchased again".

    Returns:
        The curve. Without spells all its shares are undefined.

    Raises:
        InvalidTypeError: An argument is of the wrong type.
        InvalidValueError: There are not as many clusters as spells, or the event has no name.

    >>> from datetime import timedelta
    >>> import retention as rt
    >>> watched = [(10, True), (20, True), (20, False), (35, True), (50, False)]
    >>> curve = rt.survival_curve([rt.Spell(timedelta(days=days), ended=ended) for days, ended in watched])
    >>> print(curve.survival(timedelta(days=20)), curve.median)
    60.0% 35.0

    References:
        Kaplan and Meier (1958), Journal of the American Statistical Association 53, 457-481.

    .. versionadded:: 0.1
    """
    event = _checked_event(event)
    columns = columns_of(spells, clusters, event=event)
    return SurvivalCurve.of(columns, event=event, basis=Basis(counted=("spells",), records="spells"))


def _checked_event(event: object) -> str:
    if not isinstance(event, str):
        msg = f"survival_curve: event must be a str, not {type(event).__name__} (got {shown(event)})"
        raise InvalidTypeError(msg)
    if not event.strip():
        msg = f'survival_curve: event must be a word such as "ended" (got {shown(event)})'
        raise InvalidValueError(msg)
    return event
