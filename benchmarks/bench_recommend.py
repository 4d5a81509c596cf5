"""What a recommendation costs, beside a pass over the same orders for the same figures.

    python benchmarks/bench_recommend.py [--orders 1000000] [--runs 5] [--page docs/explanation/speed.md]

Each run is a process of its own, in which everything is timed on the same objects: the orders alone, or a whole shop with
records of every kind. The ratios are those of one run, since seconds on a busy machine say little; every other run goes
the other way round.
"""

from __future__ import annotations

import argparse
import json
import platform
import statistics
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from pages import with_table
from stopwatch import Stage, Stopwatch

SHOPS = ("orders alone", "all records")
TABLE = "recommend"
WARM_UP = 5_000
"""Orders of which all is made once before the clock starts, so that every module is loaded then."""

INDEX, PASS, STATES = "index", "facts of two years", "life cycle"
SNAPSHOT, YEAR = "snapshot of the month, same metrics", "snapshot of a year, same metrics"
ADVICE, SITUATIONS, ONE = "recommend", "customer_situations", "recommend_for, of situations"
IN_ORDER = (INDEX, PASS, STATES, SNAPSHOT, YEAR, ADVICE, SITUATIONS, ONE)
BESIDE = (INDEX, PASS, STATES, SNAPSHOT, YEAR)
"""What a recommendation is set beside."""

_SHORT = 0.05
"""Seconds, below which they are shown as milliseconds."""

Run = dict[str, Stage]


# ------------------------------------------------------------------------------------------------ one run


def run(kind: str, count: int, *, backwards: bool) -> Run:
    """All stages of one process, on orders of the given number."""
    _measured(kind, WARM_UP, backwards=False)
    return _measured(kind, count, backwards=backwards)


def _measured(kind: str, count: int, *, backwards: bool) -> Run:
    import attrs
    import shop
    from other_records import whole_shop

    import retention as rt

    orders = rt.orders_from_records(shop.rows(count))
    here = whole_shop(orders) if kind == "all records" else rt.Shop(orders=orders, as_of=shop.AS_OF)
    month = shop.months()[-1]
    watch = Stopwatch()
    with watch.stage(INDEX):
        history = here.history()
    here = attrs.evolve(here, orders=history)
    metrics = _asked_for(here, month) if count == WARM_UP else _METRICS[kind]
    _METRICS[kind] = metrics
    stages = list(_stages(here, month, metrics).items())
    for name, stage in stages[::-1] if backwards else stages:
        with watch.stage(name):
            stage()
    situations = rt.customer_situations(here)
    with watch.stage(ONE):
        rt.recommend_for(1, situations)
    return watch.stages


_METRICS: dict[str, list[str]] = {}
"""Of each kind of shop, the metrics that its recommendation reads."""


def _asked_for(here: Any, month: Any) -> list[str]:
    """The metrics that the rules read of such a shop, once each."""
    import retention as rt

    read = rt.recommend(here, period=month).looked_at
    return list(dict.fromkeys(each.metric for each in read if each.metric in rt.METRICS and not each.lacking))


def _stages(here: Any, month: Any, metrics: Sequence[str]) -> Mapping[str, Callable[[], object]]:
    import shop

    import retention as rt
    from retention._facts import facts

    everything = rt.Period.between(shop.START, shop.END)
    year = rt.Period.last(1, "year", as_of=shop.AS_OF, tz=shop.ZONE)
    return {
        PASS: lambda: facts(here.orders, [everything]),
        STATES: lambda: rt.lifecycle_table(here),
        SNAPSHOT: lambda: rt.snapshot(here, period=month, metrics=metrics),
        YEAR: lambda: rt.snapshot(here, period=year, metrics=metrics),
        ADVICE: lambda: str(rt.recommend(here, period=month)),
        SITUATIONS: lambda: rt.customer_situations(here),
    }


# ------------------------------------------------------------------------------------------------- report


def take_turns(count: int, runs: int) -> dict[str, list[Run]]:
    """The runs of each kind of shop; every other one goes the other way round."""
    taken: dict[str, list[Run]] = {kind: [] for kind in SHOPS}
    for number in range(runs):
        for kind in SHOPS:
            taken[kind].append(_in_a_process(kind, count, backwards=number % 2 == 1))
            print(".", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    return taken


def _in_a_process(kind: str, count: int, *, backwards: bool) -> Run:
    command = [sys.executable, __file__, "--shop", kind, "--orders", str(count)]
    done = subprocess.run(
        [*command, *(["--backwards"] if backwards else [])], check=True, stdout=subprocess.PIPE, text=True
    )
    result: Run = json.loads(done.stdout)
    return result


def table(taken: Mapping[str, Sequence[Run]]) -> str:
    """Each stage's processor time and memory, and the recommendation's ratio to what it is set beside."""
    head = f"| | {' | '.join(taken)} |\n|---|{'---:|' * len(taken)}"
    rows = [_row(stage, taken, partial(_seconds, stage), _as_time) for stage in IN_ORDER]
    rows += [_row(f"recommend / {other}", taken, partial(_ratio, other), _as_ratio) for other in BESIDE]
    rows += [
        _row(f"peak memory, {stage}", taken, partial(_peak, stage), _as_memory)
        for stage in (INDEX, SNAPSHOT, ADVICE)
    ]
    return "\n".join([head, *rows])


def _seconds(stage: str, one: Run) -> float:
    return one[stage]["processor"]


def _ratio(other: str, one: Run) -> float:
    return one[ADVICE]["processor"] / one[other]["processor"]


def _peak(stage: str, one: Run) -> float:
    return one[stage]["megabytes"]


def _row(
    title: str,
    taken: Mapping[str, Sequence[Run]],
    read: Callable[[Run], float],
    told: Callable[[Sequence[float]], str],
) -> str:
    return f"| {title} | {' | '.join(told(sorted(map(read, runs))) for runs in taken.values())} |"


def _as_time(values: Sequence[float]) -> str:
    middle, least = statistics.median(values), values[0]
    if middle < _SHORT:
        return f"{middle * 1_000:.2f} ms ({least * 1_000:.2f})"
    return f"{middle:.2f} s ({least:.2f})"


def _as_ratio(values: Sequence[float]) -> str:
    return f"{statistics.median(values):.2f} ({values[0]:.2f} to {values[-1]:.2f})"


def _as_memory(values: Sequence[float]) -> str:
    return f"{statistics.median(values):,.0f} MB"


def report(taken: Mapping[str, Sequence[Run]], count: int, page: Path | None) -> None:
    """Print the table, and put it on a page."""
    runs = len(taken[SHOPS[0]])
    text = (
        f"{count:,} orders of {count // 5:,} customers, {runs} run{'' if runs == 1 else 's'} of each: processor time, the "
        f"median (the lowest); ratios run by run, the median (the lowest to the highest). Python {platform.python_version()}.\n\n"
        f"{table(taken)}"
    )
    print(text)
    if page is not None:
        page.write_text(with_table(page.read_text(encoding="utf-8"), TABLE, text), encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--orders", type=int, default=1_000_000, help="a fifth as many customers")
    parser.add_argument("--runs", type=int, default=5, help="runs of each kind of shop")
    parser.add_argument("--page", type=Path, help="put the table on this page, too")
    parser.add_argument("--shop", choices=SHOPS, help=argparse.SUPPRESS)
    parser.add_argument("--backwards", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.shop:
        print(json.dumps(run(given.shop, given.orders, backwards=given.backwards)))
        return
    report(take_turns(given.orders, given.runs), given.orders, given.page)


if __name__ == "__main__":
    main()
