"""The figures of a shop that the rules need, counted together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from retention._snapshot import Figure
from retention._snapshot._choice import settled
from retention._snapshot._count import beside, compared_with, figure_of
from retention._snapshot._sources import Asked, counted, lacking
from retention.catalog import METRICS
from retention.strategies._plan import Plan, Seat, Slot
from retention.strategies._room import Room

__all__ = ["counted_for"]


def counted_for(plan: Plan, room: Room) -> dict[Seat, Figure | str]:
    """The figures of a plan; for those that can't be had what is not there, as a host would give it.

    Args:
        plan: What is to be counted.
        room: The shop.
    """
    return {
        Seat(number, metric, way): figure
        for number, slot in enumerate(plan.slots)
        for (metric, way), figure in _counted(slot, room)
    }


def _counted(slot: Slot, room: Room) -> Iterator[tuple[tuple[str, int], Figure | str]]:
    ways = [
        (metric, way, options)
        for metric, all_of_it in slot.ways.items()
        for way, options in enumerate(all_of_it)
    ]
    there: list[tuple[str, int, dict[str, Any]]] = []
    for metric, way, options in ways:
        what = _lacking(metric, options, room)
        if what is None:
            there.append((metric, way, options))
        else:
            yield (metric, way), what
    if there:
        yield from _figures(slot, there, room)


def _lacking(metric: str, options: Mapping[str, Any], room: Room) -> str | None:
    """What is not there, so that a metric can't be counted; None where everything is."""
    spec = METRICS[metric]
    due = [name for name in spec.due if name not in {**spec.usual, **options}]
    if due:
        return f"options={{{metric!r}: {{{due[0]!r}: ...}}}}"
    asked = _asked(room, [metric], {metric: options})
    what = lacking(asked, spec)
    return None if what is None else spec.given_as(what)


def _asked(room: Room, metrics: list[str], options: Mapping[str, Mapping[str, Any]]) -> Asked:
    specs = [METRICS[metric] for metric in metrics]
    return Asked.of(room.shop, room.history, specs=specs, options=options, inactive_after=None)


def _figures(
    slot: Slot, there: list[tuple[str, int, dict[str, Any]]], room: Room
) -> Iterator[tuple[tuple[str, int], Figure]]:
    period = room.period
    metrics = list(dict.fromkeys(metric for metric, _, _ in there))
    compared = {metric: options for metric, options in slot.compared.items() if metric in metrics}
    before = compared_with(period, slot.against) if compared else None
    # Of two periods it is known what their customers did for what is compared only.
    asked = _asked(room, metrics, settled(compared, (period,)))
    periods = [period] if before is None else [period, before]
    found = counted(asked, periods, {} if before is None else {period: before}, ())
    for metric, way, options in there:
        spec = METRICS[metric]
        facts, given = found[spec.inputs[0]], settled({metric: options}, (period,))[metric]
        figure = figure_of(spec, facts[period], given, None)
        if before is not None and compared.get(metric) == options:
            earlier = figure_of(spec, facts[before], given, None)
            figure = beside(figure, earlier, spec, asked)
        yield (metric, way), figure
