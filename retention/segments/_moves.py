"""How customers moved from one state of life to another between two instants."""

from __future__ import annotations

from collections.abc import Hashable
from datetime import datetime
from typing import Literal, Unpack

from attrs import evolve, frozen

from retention._calendar import Zone
from retention.errors import InvalidValueError, shown
from retention.history import ReadingOptions
from retention.results import Basis
from retention.segments._customers import by_first_purchase
from retention.segments._lifecycle import (
    OWN_RHYTHM,
    USUAL_STAGES,
    Judged,
    basis_of,
    by_the_shop,
    check_rules,
    judged,
    stage_codes,
)
from retention.segments._rules import STAGES, STATES, LifecycleRules, LifecycleStages
from retention.segments._silence import NEVER_TWICE
from retention.segments._standing import Standing, standing
from retention.segments._transitions import TransitionTable, refuse_backwards
from retention.shop import Orders, history_of

__all__ = ["lifecycle_transitions"]

_OWNER = "lifecycle_transitions"


def lifecycle_transitions(
    orders: Orders,
    /,
    *,
    start: datetime,
    end: datetime,
    tz: Zone | None = None,
    rules: LifecycleRules = OWN_RHYTHM,
    stages: LifecycleStages = USUAL_STAGES,
    of: Literal["state", "stage"] = "state",
    **reading: Unpack[ReadingOptions],
) -> TransitionTable:
    r"""Where the customers of one instant stand at a later one: how many at risk came back, how many active fell silent.

    .. math:: n_{ij} = |\{\text{in } i \text{ at start}\} \cap \{\text{in } j \text{ at end}\}|

    Both pictures are drawn with what was known of purchases by then: by the own rhythm, the start is judged by the gaps
    that lay before the start, the shop's rhythm included. Who first purchased in between comes from "not yet a
    customer". Nobody leaves the table, so that all its cells add up to the customers at the end.

    Args:
        orders: The orders, a `History` of them, or a `Shop`.
        start: The first instant; what lies before it is counted.
        end: The later instant, not after the data's `as_of`.
        tz: The zone by whose calendar days, months and years are counted; None means that of `start` and `end`.
        rules: How silences are judged: `OwnRhythm` or `FixedThresholds`.
        stages: From when on a customer is middle, and late.
        of: What they move between: ``"state"`` or ``"stage"``.
        reading: How to read the orders; see `ReadingOptions`.

    Returns:
        The table. Undefined when nobody had come back by the start though somebody had purchased, so that `OwnRhythm`
        has no rhythm to go by.

    Raises:
        ConflictingArgumentError: `end` lies after `as_of`, or not after `start`; or a keyword contradicts the data.
        InvalidTypeError: `rules` or `stages` is none, or an instant none.
        InvalidValueError: `of` is no such word.
        NaiveDatetimeError: An instant has no zone.

    >>> import retention as rt
    >>> from datetime import datetime, timedelta, timezone
    >>> from retention.testing import make_orders
    >>> orders = make_orders({"ann": ["2026-01-01", "2026-02-01", "2026-03-20"], "ben": ["2026-01-10"]})
    >>> month, day = timedelta(days=30), timezone.utc
    >>> table = rt.lifecycle_transitions(
    ...     orders,
    ...     start=datetime(2026, 3, 1, tzinfo=day),
    ...     end=datetime(2026, 4, 1, tzinfo=day),
    ...     rules=rt.FixedThresholds(new_within=month, at_risk_after=2 * month, lapsed_after=4 * month),
    ... )
    >>> table["active", "active"], table["active", "at_risk"]
    (1, 1)

    References:
        Sources SC8, SC16.

    .. versionadded:: 0.1
    """
    history = history_of(orders, **reading)
    check_rules(rules, stages, owner=_OWNER)
    if of not in ("state", "stage"):
        msg = f"{_OWNER}: of must be 'state' or 'stage' (got {shown(of)})"
        raise InvalidValueError(msg)
    refuse_backwards(start, end, owner=_OWNER)
    pictures = [
        _picture(standing(history, moment, owner=_OWNER, name=name, tz=tz), rules, stages, of)
        for moment, name in ((start, "start"), (end, "end"))
    ]
    before, after = pictures
    reason = before.reason or after.reason
    known = [{} if reason else picture.words() for picture in pictures]
    option = ("stages", stages.in_words()) if of == "stage" else ("rules", rules.in_words())
    span = " to ".join(picture.here.at.isoformat(" ", "minutes") for picture in pictures)
    return TransitionTable.of(
        known[0],
        known[1],
        labels=before.labels,
        start=before.here.at,
        end=after.here.at,
        basis=evolve(
            after.basis,
            period=span,
            undefined_because=reason or after.nobody,
            assumed=_assumed(before, after),
            options=(option,),
        ),
    )


def _assumed(before: _Picture, after: _Picture) -> tuple[str, ...]:
    """What had to be taken for granted at both instants: each has a shop's rhythm of its own."""
    ends = (("at the start", before), ("at the end", after))
    by_the_shop = (f"{when}, {what}" for when, picture in ends for what in picture.by_the_shop)
    return (*after.here.basis(_OWNER).assumed, *by_the_shop)


@frozen(kw_only=True)
class _Picture:
    """Everyone's state, or stage, as of one instant.

    Attributes:
        here: Who had purchased by then.
        labels: The words.
        codes: Each customer's, as a position in the words; None where they are not known.
        basis: What they rest on.
        by_the_shop: Who was judged by the shop's rhythm, and what that was.
    """

    here: Standing
    labels: tuple[str, ...]
    codes: bytes | None
    basis: Basis
    by_the_shop: tuple[str, ...] = ()

    @property
    def reason(self) -> str | None:
        """Why they are not known, or None."""
        return (
            None if self.codes is not None else f"by {self.here.at.isoformat(' ', 'minutes')} {NEVER_TWICE}"
        )

    @property
    def nobody(self) -> str | None:
        """Why there is nothing to see, or None."""
        return None if self.here.customers else self.basis.undefined_because

    def words(self) -> dict[Hashable, str]:
        """Each customer's word."""
        ids, codes, labels = self.here.ids, self.codes or b"", self.labels
        ordered = by_first_purchase(range(len(ids)), self.here.first_at, ids)
        return {ids[who]: labels[codes[who]] for who in ordered}


def _picture(here: Standing, rules: LifecycleRules, stages: LifecycleStages, of: str) -> _Picture:
    if of == "stage":
        basis = basis_of(here, Judged(states=b"", rhythms=None), rules, _OWNER)
        return _Picture(here=here, labels=STAGES, codes=stage_codes(here, stages), basis=basis)
    found = judged(here, rules)
    return _Picture(
        here=here,
        labels=STATES,
        codes=found.states,
        basis=basis_of(here, found, rules, _OWNER),
        by_the_shop=tuple(by_the_shop(found)),
    )
