"""Cohorts, RFM, life cycle and the time to the second purchase, beside pandas and published packages.

    python benchmarks/bench_segments.py [--orders 1000000] [--runs 5] [--page docs/explanation/speed.md]

Each engine has an environment of its own, since their demands on pandas exclude each other. The script makes them in a
temporary folder, or in `--environments FOLDER`, where it finds them again. Each run is a process of its own; the engines
take turns, from the same orders in memory. In every run what they found is compared, cell by cell and customer by
customer.
"""

from __future__ import annotations

import argparse
import json
import math
import statistics
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence, Set as AbstractSet
from pathlib import Path
from typing import Any

from environments import environments
from pages import with_table
from stopwatch import Stage

ENGINES: Mapping[str, Sequence[str]] = {
    "retention": (),
    "pandas": ("pandas==3.1.1",),
    "clvkit": ("clvkit==0.2.1",),
    "lifelines": ("lifelines==0.30.3",),
}
"""What each environment has beside `retention`, whose orders all start from."""

OURS, PEERS = "retention", ("pandas", "clvkit", "lifelines")
TABLES = "segments"
_PRECISION = 1e-9

Run = dict[str, Any]


# ----------------------------------------------------------------------------------------------------- runs


def run(pythons: Mapping[str, Path], engine: str, count: int) -> Run:
    """One engine in a process of its own; a count of 0 means the awkward shop."""
    command = [pythons[engine], __file__, "--engine", engine, "--orders", str(count)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    result: Run = json.loads(done.stdout)
    return result


def take_turns(pythons: Mapping[str, Path], count: int, runs: int) -> dict[str, list[Run]]:
    """The runs of each engine; every other turn goes the other way round."""
    taken: dict[str, list[Run]] = {engine: [] for engine in pythons}
    for number in range(runs):
        turn = list(pythons) if number % 2 == 0 else list(pythons)[::-1]
        found = {engine: run(pythons, engine, count) for engine in turn}
        print(f"run {number + 1}:", *agreement(found), sep="\n- ", file=sys.stderr, flush=True)
        for engine, one in found.items():
            taken[engine].append({"stages": one["stages"], "versions": one["versions"]})
    return taken


def agreement(runs: Mapping[str, Run]) -> Iterator[str]:
    """In how much each engine agrees with ours: one sentence for each of its stages.

    Raises:
        AssertionError: pandas, as written here, does not agree in all.
    """
    for peer in [engine for engine in runs if engine != OURS]:
        for stage, theirs in runs[peer]["found"].items():
            same, different = compared(runs[OURS]["found"][stage], theirs)
            if different and peer == "pandas":
                msg = f"{stage}: pandas differs in {len(different):,} numbers, first {different[0]}"
                raise AssertionError(msg)
            first = f"; {len(different):,} differ, first {different[0]}" if different else ""
            yield f"{stage}, {peer}: {same:,} numbers are the same{first}"


def compared(ours: Mapping[str, Any], theirs: Mapping[str, Any]) -> tuple[int, list[str]]:
    """How many numbers are the same, and those that are not, in words. What they do not give at all is passed over."""
    same, different = 0, []
    given = {name for numbers in theirs.values() for name in numbers}
    for of in ours.keys() | theirs.keys():
        a, b = ours.get(of, {}), theirs.get(of, {})
        for name in given:
            if name in a and name in b and _alike(a[name], b[name]):
                same += 1
            else:
                different.append(f"{of}, {name}: {a.get(name)} here, {b.get(name)} there")
    return same, sorted(different)


def _alike(a: Any, b: Any) -> bool:
    if isinstance(a, str) or a is None or b is None:
        return bool(a == b)
    return math.isclose(a, b, rel_tol=_PRECISION, abs_tol=_PRECISION)


# --------------------------------------------------------------------------------------------------- report


def tables(taken: Mapping[str, Sequence[Run]]) -> str:
    """Processor time, time by the clock, and peak memory: of each stage, and of the way from the orders to it."""
    units = {"processor": "Processor time", "seconds": "Time by the clock", "megabytes": "Peak memory"}
    head = f"| {{}} | {' | '.join(taken)} | {OURS} / best |\n|---|{'---:|' * (len(taken) + 1)}"
    return "\n\n".join("\n".join([head.format(title), *_rows(taken, what)]) for what, title in units.items())


def _rows(taken: Mapping[str, Sequence[Run]], what: str) -> Iterator[str]:
    index, *made = taken[OURS][0]["stages"]
    for stage in (index, *made):
        yield _row(stage, taken, (stage,), what)
    for stage in made:
        yield _row(f"{stage}, from orders", taken, (index, stage), what)
    yield _row("all of it, from orders", taken, (index, *made), what)


def _row(title: str, taken: Mapping[str, Sequence[Run]], stages: Sequence[str], what: str) -> str:
    values = {
        engine: [_value(each["stages"], stages, what) for each in runs if {*stages} <= each["stages"].keys()]
        for engine, runs in taken.items()
    }
    cells = [_cell(found, what) for found in values.values()]
    return f"| {title} | {' | '.join(cells)} | {_beside_the_best(values)} |"


def _value(found: Mapping[str, Stage], stages: Sequence[str], what: str) -> float:
    values = [found[stage][what] for stage in stages]
    return max(values) if what == "megabytes" else sum(values)


def _cell(values: Sequence[float], what: str) -> str:
    if not values:
        return ""
    middle, least = statistics.median(values), min(values)
    return f"{middle:,.0f} MB" if what == "megabytes" else f"{middle:.2f} s ({least:.2f})"


def _beside_the_best(values: Mapping[str, Sequence[float]]) -> str:
    """The ratio to the peer with the lowest median, taken run by run."""
    peers = {engine: found for engine, found in values.items() if engine != OURS and found}
    if not peers:
        return ""
    best = min(peers, key=lambda engine: statistics.median(peers[engine]))
    ratios = sorted(a / b for a, b in zip(values[OURS], peers[best], strict=True))
    return f"{statistics.median(ratios):.2f} ({ratios[0]:.2f} to {ratios[-1]:.2f}) {best}"


def stumbles(ours: Mapping[str, str], theirs: Mapping[str, str]) -> Iterator[str]:
    """How another engine shows the cells of the awkward shop: by kind, how many."""
    rows = {_row_of(cell) for cell in theirs}
    kinds = Counter(
        _kind(cell, ours.get(cell), theirs.get(cell), rows) for cell in ours.keys() | theirs.keys()
    )
    for kind, count in kinds.most_common():
        yield f"{kind}: {count}"


def _row_of(cell: str) -> str:
    return cell.partition(",")[0]


def _kind(cell: str, ours: str | None, theirs: str | None, rows: AbstractSet[str]) -> str:
    if ours == theirs:
        return "as here"
    if ours is None:
        return "shown, though its time has not begun"
    if theirs is None:
        return (
            "not there, since a month without new customers has no row"
            if _row_of(cell) not in rows
            else "a gap"
        )
    if ours.endswith("*"):
        return f"{'a 0' if theirs == '0' else 'a number'} that looks final, of a month that is not over"
    return "wrong"


# ----------------------------------------------------------------------------------------------------- main


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--orders", type=int, default=1_000_000, help="a fifth as many customers")
    parser.add_argument("--runs", type=int, default=5, help="runs of each engine")
    parser.add_argument("--environments", type=Path, help="a folder to keep the environments in")
    parser.add_argument("--only", choices=PEERS, nargs="+", default=PEERS, help="only these others")
    parser.add_argument("--page", type=Path, help="put the tables on this page, too")
    parser.add_argument("--check", action="store_true", help="compare what 20,000 orders give, and no more")
    parser.add_argument("--engine", choices=ENGINES, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.engine:
        print(json.dumps(_one(given.engine, given.orders), default=float))  # of Decimals and numpy's numbers
        return
    with environments({name: ENGINES[name] for name in (OURS, *given.only)}, given.environments) as pythons:
        if "clvkit" in pythons:
            shown = {engine: run(pythons, engine, 0) for engine in (OURS, "clvkit")}
            print("clvkit, cohort cells of a shop with gaps:")
            print("\n".join(f"- {line}" for line in stumbles(shown[OURS], shown["clvkit"])))
        if given.check:
            print("\n".join(agreement({engine: run(pythons, engine, 20_000) for engine in pythons})))
            return
        report(take_turns(pythons, given.orders, given.runs), given.orders, given.page)


def _one(engine: str, count: int) -> Any:
    import segment_engines

    return segment_engines.run(engine, count) if count else segment_engines.awkward(engine)


def report(taken: Mapping[str, Sequence[Run]], count: int, page: Path | None) -> None:
    """Print the tables, and put them on a page."""
    runs = len(taken[OURS])
    head = (
        f"{count:,} orders, {runs} run{'' if runs == 1 else 's'} of each: the median (the lowest), and the median of the "
        f"ratios taken run by run (the lowest to the highest). {_versions(taken)}."
    )
    text = f"{head}\n\n{tables(taken)}"
    print(f"\n{text}")
    if page is not None:
        page.write_text(with_table(page.read_text(encoding="utf-8"), TABLES, text), encoding="utf-8")


def _versions(taken: Mapping[str, Sequence[Run]]) -> str:
    found = {engine: runs[0]["versions"] for engine, runs in taken.items()}
    peers = [
        f"{engine} {versions[engine]}" + ("" if engine == "pandas" else f" with pandas {versions['pandas']}")
        for engine, versions in found.items()
        if engine != OURS
    ]
    return f"Python {found[OURS]['Python']}; {'; '.join(peers)}"


if __name__ == "__main__":
    main()
