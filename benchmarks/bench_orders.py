"""Index and snapshot of a million orders, beside pandas: seconds, and peak memory.

Each engine runs in a process of its own, and the two take turns, so that a busy machine slows both. In every
run the figures of the two are compared, all of them, and a difference is an error.
"""

from __future__ import annotations

import argparse
import json
import math
import platform
import statistics
import subprocess
import sys
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from typing import Any

from stopwatch import Stage, Stopwatch

ENGINES = ("retention", "pandas")
STARTS = ("objects", "dictionaries")

Figures = dict[str, list[float | None]]


# ------------------------------------------------------------------------------------- one engine, one run


def run(engine: str, start: str, count: int) -> dict[str, Any]:
    """One engine on orders of the given number: its stages and its figures."""
    import shop

    import retention as rt

    rows = shop.rows(count)
    data: list[Any] = rt.orders_from_records(rows) if start == "objects" else list(rows)
    stages, figures = (_retention if engine == "retention" else _pandas)(data, start)
    return {"stages": stages, "figures": figures}


def _retention(data: list[Any], start: str) -> tuple[dict[str, Stage], Figures]:
    import shop

    import retention as rt

    rt.snapshot  # noqa: B018 - imported now: bench_import.py measures that
    watch = Stopwatch()
    if start == "dictionaries":
        with watch.stage("records"):
            data = rt.orders_from_records(data)
    with watch.stage("index"):
        history = rt.History(data, as_of=shop.AS_OF)
    with watch.stage("snapshot"):
        snapshot = rt.snapshot(history, period=shop.months(), metrics=_in_both())
        figures = _values(snapshot)
    with watch.stage("intervals"):
        snapshot.to_dicts()
    return watch.stages, figures


def _in_both() -> list[str]:
    """The metrics that `in_pandas.py` has, too."""
    import retention as rt

    rooms = {f"retention.metrics.{room}" for room in ("_customers", "_orders", "_value", "_rhythm")}
    return [name for name, spec in rt.METRICS.items() if spec.shown and spec.function.__module__ in rooms]


def _values(snapshot: Any) -> Figures:
    """All values, by metric; those of the month before each, too."""
    found: Figures = {}
    for metric in snapshot.metrics:
        series = snapshot.series(metric)
        if metric == "customer_flow":
            for part in ("start", "kept", "lost", "reactivated"):
                found[f"{metric}.{part}"] = [getattr(figure.result, part) for figure in series]
                found[f"{metric}.{part}_previous"] = [getattr(figure.previous, part) for figure in series]
        else:
            found[metric] = [_number(figure.value) for figure in series]
            found[f"{metric}_previous"] = [_number(figure.previous_value) for figure in series]
    return found


def _number(value: Any) -> float | None:
    return None if value is None else float(value)


def _pandas(data: list[Any], start: str) -> tuple[dict[str, Stage], Figures]:
    import in_pandas

    watch = Stopwatch()
    with watch.stage("index"):
        read = in_pandas.table_of_rows if start == "dictionaries" else in_pandas.table_of_orders
        tables = in_pandas.index(*read(data))
    with watch.stage("snapshot"):
        table = in_pandas.figures(tables)
        figures = {
            name: [None if math.isnan(value) else value for value in table[name].astype(float)]
            for name in table
        }
    return watch.stages, figures


# ------------------------------------------------------------------------------------------- many runs


def compare(ours: Figures, theirs: Figures) -> int:
    """How many numbers agree: all of them, or this raises."""
    same = 0
    for metric, values in ours.items():
        before_the_first = 1 if metric.endswith("_previous") else 0  # pandas has only the 24 months
        pairs = list(zip(values, theirs[metric], strict=True))[before_the_first:]
        for month, (a, b) in enumerate(pairs, start=before_the_first):
            agree = a is b if a is None or b is None else math.isclose(a, b, rel_tol=1e-12, abs_tol=1e-12)
            if not agree:
                msg = f"{metric}, month {month}: retention has {a}, pandas has {b}"
                raise AssertionError(msg)
            same += 1
    if missing := {name for name in theirs if name not in ours}:
        msg = f"only pandas has {', '.join(sorted(missing))}"
        raise AssertionError(msg)
    return same


def alternate(start: str, count: int, runs: int) -> dict[str, list[dict[str, Stage]]]:
    """The stages of each engine, run by run, the engines taking turns."""
    stages: dict[str, list[dict[str, Stage]]] = {engine: [] for engine in ENGINES}
    for number in range(runs):
        turn = ENGINES if number % 2 == 0 else ENGINES[::-1]
        found = {engine: _in_a_process(engine, start, count) for engine in turn}
        compare(found["retention"]["figures"], found["pandas"]["figures"])
        for engine in ENGINES:
            stages[engine].append(found[engine]["stages"])
        print(".", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    return stages


def _in_a_process(engine: str, start: str, count: int) -> dict[str, Any]:
    command = [sys.executable, __file__, "--engine", engine, "--start", start, "--orders", str(count)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    result: dict[str, Any] = json.loads(done.stdout)
    return result


def _total(stages: Mapping[str, Stage]) -> Stage:
    """All that leads to the figures: the sum of seconds, the highest of the peaks."""
    counted = [stage for name, stage in stages.items() if name != "intervals"]
    return {
        "seconds": sum(stage["seconds"] for stage in counted),
        "processor": sum(stage["processor"] for stage in counted),
        "megabytes": max(stage["megabytes"] for stage in counted),
    }


def report(start: str, count: int, stages: Mapping[str, Sequence[Mapping[str, Stage]]]) -> None:
    """One table: medians of each stage, and of the ratios run by run."""
    for each in stages.values():
        for one in each:
            one["total"] = _total(one)  # type: ignore[index]
    ours, theirs = stages["retention"], stages["pandas"]
    print(f"\n### {count:,} orders, from {start}, {len(ours)} runs\n")
    print("| stage | retention | pandas | time | lowest to highest | processor time | peak memory |")
    print("|---|---:|---:|---:|---:|---:|---:|")
    for name in ours[0]:
        print(f"| {name} | {_cells(name, ours, theirs)} |")
    seconds = statistics.median(one["total"]["seconds"] for one in ours)
    print(f"\n{seconds / count * 1e6:.2f} µs per order in all.")


def _cells(name: str, ours: Sequence[Mapping[str, Stage]], theirs: Sequence[Mapping[str, Stage]]) -> str:
    mine = _medians(name, ours)
    if name not in theirs[0]:
        return f"{mine} | | | | |"
    times, work, peaks = (
        sorted(a[name][what] / b[name][what] for a, b in zip(ours, theirs, strict=True))
        for what in ("seconds", "processor", "megabytes")
    )
    return (
        f"{mine} | {_medians(name, theirs)} | {statistics.median(times):.2f} | {times[0]:.2f} to {times[-1]:.2f} | "
        f"{statistics.median(work):.2f} | {statistics.median(peaks):.2f}"
    )


def _medians(name: str, runs: Sequence[Mapping[str, Stage]]) -> str:
    seconds = statistics.median(one[name]["seconds"] for one in runs)
    megabytes = statistics.median(one[name]["megabytes"] for one in runs)
    return f"{seconds:.2f} s, {megabytes:,.0f} MB"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--orders", type=int, nargs="+", default=[100_000, 1_000_000])
    parser.add_argument("--start", choices=STARTS, help="from one of the two only")
    parser.add_argument("--runs", type=int, default=5, help="runs of each engine")
    parser.add_argument(
        "--check", action="store_true", help="compare the figures of 20,000 orders, and no more"
    )
    parser.add_argument("--engine", choices=ENGINES, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.engine:
        print(json.dumps(run(given.engine, given.start, given.orders[0])))
        return
    if given.check:
        for start in STARTS:
            figures = [run(engine, start, 20_000)["figures"] for engine in ENGINES]
            print(f"from {start}: {compare(*figures):,} numbers are the same")
        return
    print(f"Python {platform.python_version()}, pandas {version('pandas')}, numpy {version('numpy')}")
    for start in (given.start,) if given.start else STARTS:
        for count in given.orders:
            report(start, count, alternate(start, count, given.runs))


if __name__ == "__main__":
    main()
