"""Variances where a customer has several spells: sums of influence over customers, squared."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from itertools import chain, compress, islice, repeat, zip_longest
from operator import mul
from typing import TypeAlias

from attrs import frozen

from retention.survival._columns import DAY, Floats, floats
from retention.survival._estimates import Estimates
from retention.survival._spells import Spells

__all__ = ["Clustered", "clustered"]

_FEWEST = 2
_NEVER = 1 << 63


@frozen(kw_only=True)
class Clustered:
    """Variances by the infinitesimal jackknife, at each time at which a spell ended.

    Attributes:
        customers: How many there are, of whom some have several spells.
        log_survival: Variance of the logarithm of the share that has not ended.
        by_cause: Of each cause, by name, the variance of the share that has ended of it.
        area: Two sums from which, with the area itself, the variance of the area under the curve follows.
    """

    customers: int
    log_survival: Floats
    by_cause: tuple[tuple[str, Floats], ...] = ()
    area: tuple[Floats, Floats]

    def area_variance(self, place: int, area: float) -> float:
        """The variance of the area under the curve, up to a time before which `place` ends came, in days²."""
        if not place:
            return 0.0
        own, across = self.log_survival[place - 1], self.area[0][place - 1]
        return max(0.0, area * area * own + 2 * area * across + self.area[1][place - 1])


@frozen(kw_only=True, eq=False)
class _Path:
    """A quantity that the curve leads through, and how a spell moves it.

    The influence of a spell on log S is A = −Σ (end − risk·h)/(n − d) over its times at risk. On an area or an
    incidence θ it is Σ (θ − θⱼ)·… of the same terms, and of what its own end adds.
    """

    value: Sequence[float]  # θ just after each time
    rise: Sequence[float]  # what being at risk at each time takes from it
    own: Sequence[float]  # what an end of this kind at each time adds to it
    cause: str | None = None


@frozen(kw_only=True, eq=False)
class _Moves:
    """Who comes and goes, in order of time.

    Attributes:
        times: When, with one beyond all at the end.
        who: The number of the customer.
        kinds: None where somebody comes late, "" where one is last seen, else the cause of the end.
        at_first: How many spells of each customer are watched from the origin on.
    """

    times: list[int]
    who: list[int]
    kinds: list[str | None]
    at_first: list[int]

    @classmethod
    def of(cls, spells: Spells) -> _Moves:
        cluster = spells.cluster or ()
        entered = spells.entered or ()
        at_first = [0] * (max(cluster) + 1)
        for who, late in zip_longest(cluster, entered, fillvalue=0):
            at_first[who] += not late
        times = [*spells.ended_at, *filter(None, entered)]
        whose = [*cluster, *compress(cluster, entered)]
        kinds = [cause or "" for cause in spells.cause]
        order = sorted(range(len(times)), key=times.__getitem__)
        comes: list[str | None] = [*kinds, *repeat(None, len(times) - len(kinds))]
        return cls(
            times=[*map(times.__getitem__, order), _NEVER],
            who=[*map(whose.__getitem__, order), 0],
            kinds=[*map(comes.__getitem__, order), None],
            at_first=at_first,
        )


def clustered(
    spells: Spells, estimates: Estimates, ends: Sequence[tuple[str, Sequence[int]]]
) -> Clustered | None:
    """The variances, where a customer has several spells; None where each has one.

    `ends` has for each cause the ends at each of the times of the estimates.
    """
    if spells.cluster is None:
        return None
    customers = len(set(spells.cluster))
    if customers == len(spells):
        return None
    moves = _Moves.of(spells)
    # Of one customer nothing is known of how much they differ; the interval is refused.
    scale = customers / (customers - 1) if customers >= _FEWEST else 0.0
    own, across, square = _moments(moves, estimates, _area_path(estimates), scale)
    return Clustered(
        customers=customers,
        log_survival=own,
        area=(across, square),
        by_cause=tuple(_by_cause(moves, estimates, ends, scale)) if len(ends) > 1 else (),
    )


def _by_cause(
    moves: _Moves,
    estimates: Estimates,
    ends: Sequence[tuple[str, Sequence[int]]],
    scale: float,
) -> Iterator[tuple[str, Floats]]:
    for cause, ended in ends:
        path = _incidence_path(estimates, cause, ended)
        moments = _moments(moves, estimates, path, scale)
        yield (
            cause,
            floats(
                max(0.0, share * share * own + 2 * share * across + square)
                for share, own, across, square in zip(path.value, *moments, strict=True)
            ),
        )


def _area_path(estimates: Estimates) -> _Path:
    value = array("d")
    total, before, share = 0.0, 0, 1.0
    for time, after in zip(estimates.times, estimates.survival, strict=True):
        total += (time - before) / DAY * share
        before, share = time, after
        value.append(total)
    nothing = array("d", bytes(8 * len(value)))
    return _Path(value=value, rise=nothing, own=nothing)


def _incidence_path(estimates: Estimates, cause: str, ended: Sequence[int]) -> _Path:
    value, rise, own = array("d"), array("d"), array("d")
    before, share = 1.0, 0.0
    for here, of_cause, after in zip(estimates.at_risk, ended, estimates.survival, strict=True):
        share += before * of_cause / here
        value.append(share)
        rise.append(before * of_cause / (here * here))
        own.append(before / here)
        before = after
    return _Path(value=value, rise=rise, own=own, cause=cause)


def _moments(moves: _Moves, estimates: Estimates, path: _Path, scale: float) -> tuple[Floats, Floats, Floats]:
    """Σ A², Σ A·B and Σ B² over customers just after each time, where θ·A + B is what a customer does to θ.

    A = a·G + b and B = e − a·Q, with a the number of the customer's spells that are watched now, and with G and Q the
    same for everybody. So the sums follow from those of a², a·b, …, which one spell changes at a time.
    """
    own, across, square = floats(), floats(), floats()
    a_of = list(moves.at_first)
    b_of, e_of = [0.0] * len(a_of), [0.0] * len(a_of)
    aa, ab, ae, bb, be, ee = sum(map(mul, a_of, a_of)), 0.0, 0.0, 0.0, 0.0, 0.0
    coming = iter(zip(moves.times, moves.who, moves.kinds, strict=True))
    time, who, kind = next(coming)
    for g, q, upto, changes, other in _changes(estimates, path):
        # Who comes or is last seen before the next end changes nothing of what is so now.
        while time < upto:
            more, b_more, e_more = changes.get(kind, other)
            a, b, e = a_of[who], b_of[who], e_of[who]
            a_of[who], b_of[who], e_of[who] = a_new, b_new, e_new = a + more, b + b_more, e + e_more
            aa += a_new * a_new - a * a
            ab += a_new * b_new - a * b
            ae += a_new * e_new - a * e
            bb += b_new * b_new - b * b
            be += b_new * e_new - b * e
            ee += e_new * e_new - e * e
            time, who, kind = next(coming)
        own.append((g * g * aa + 2 * g * ab + bb) * scale)
        across.append((g * ae - g * q * aa + be - q * ab) * scale)
        square.append((q * q * aa - 2 * q * ae + ee) * scale)
    # The first stands for the time before anything ended.
    return floats(own[1:]), floats(across[1:]), floats(square[1:])


_Change: TypeAlias = "tuple[int, float, float]"
"""What a spell changes of its customer's a, b and e."""


def _changes(
    estimates: Estimates, path: _Path
) -> Iterator[tuple[float, float, int, dict[str | None, _Change], _Change]]:
    """From each end on: G, Q, the time of the next, and what is changed by who comes, is last seen, or ends.

    What ends of any other cause than the path's comes last. Before the first end nothing has an influence.
    """
    g = q = 0.0
    first = estimates.times[0] if estimates.times else 0
    yield g, q, first, {None: (1, -g, q)}, (-1, g, -q)
    rows = zip(
        estimates.at_risk,
        estimates.ended,
        path.value,
        path.rise,
        path.own,
        chain(islice(estimates.times, 1, None), (estimates.times[-1] + 1,)) if estimates.times else (),
        strict=True,
    )
    for here, gone, value, rise, own, upto in rows:
        # Where all end at once the curve stays at 0, and what it did before moves nothing any more.
        weight = 1 / (here - gone) if gone < here else 0.0
        g += gone / here * weight
        q += gone / here * weight * value + rise
        other = (-1, g - weight, value * weight - q)
        changes: dict[str | None, _Change] = {None: (1, -g, q), "": (-1, g, -q)}
        if path.cause is not None:
            changes[path.cause] = (-1, g - weight, value * weight - q + own)
        yield g, q, upto, changes, other
