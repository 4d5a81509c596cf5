"""Models of a customer base beside `lifetimes` and `clvkit`: the table of purchases, fits and predictions.

    python benchmarks/bench_models.py [--runs 3] [--cases sample weeks days] [--page docs/explanation/speed.md]

Each engine has an environment of its own, which the script makes in a temporary folder, or in `--environments FOLDER`,
where it finds it again. Each run is a process of its own; the engines take turns, from the same orders in memory. In every
run the likelihoods that they reach are compared, and what they predict of one customer in 97.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from environments import environments
from pages import with_table

ENGINES: Mapping[str, Sequence[str]] = {
    "retention": (),
    "lifetimes": ("lifetimes==0.11.3",),
    "clvkit": ("clvkit==0.2.1",),
}
"""What each environment has beside `retention`, whose orders all start from."""

CASES = {
    "sample": "the CDNOW sample",
    "weeks": "drawn customers whose purchases are known by the week",
    "days": "drawn customers whose purchases are known by the day",
}
OURS, PEERS = "retention", ("lifetimes", "clvkit")
TABLES = "models"
_BY_HAND = "lifetimes, collapsed by hand"
_COLUMNS = (OURS, *PEERS, _BY_HAND)

Run = dict[str, Any]


# ----------------------------------------------------------------------------------------------------- runs


def run(python: Path, engine: str, case: str, customers: int) -> Run:
    """One engine on one case, in a process of its own."""
    command = [python, __file__, "--engine", engine, "--cases", case, "--customers", str(customers)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    result: Run = json.loads(done.stdout)
    return result


def take_turns(pythons: Mapping[str, Path], case: str, customers: int, runs: int) -> dict[str, list[Run]]:
    """The runs of each engine; every other turn goes the other way round."""
    taken: dict[str, list[Run]] = {engine: [] for engine in pythons}
    for number in range(runs):
        for engine in list(pythons) if number % 2 == 0 else list(pythons)[::-1]:
            taken[engine].append(run(pythons[engine], engine, case, customers))
        last = {engine: found[-1]["found"] for engine, found in taken.items()}
        print(f"{case}, run {number + 1}:", *agreement(last), sep="\n- ", file=sys.stderr, flush=True)
    return taken


def agreement(found: Mapping[str, Any]) -> Iterator[str]:
    """How far each engine is from ours, model by model.

    Raises:
        AssertionError: An engine has another table, or a higher likelihood than ours.
    """
    ours = found[OURS]
    for peer in [engine for engine in found if engine != OURS]:
        theirs = found[peer]
        if theirs["table"] != ours["table"]:
            msg = f"{peer} has another table: {theirs['table']} there, {ours['table']} here"
            raise AssertionError(msg)
        for model in [name for name in theirs if name != "table"]:
            gap = ours[model]["log-likelihood"] - theirs[model]["log-likelihood"]
            if gap < -1e-3:
                msg = f"{model}: {peer} reaches a log-likelihood higher by {-gap:g}"
                raise AssertionError(msg)
            far = max(map(_farthest, ours[model]["predictions"], theirs[model]["predictions"]))
            yield f"{model}: log-likelihood of {peer} less by {gap:.2g}, predictions within {far:.1g} of themselves"


def _farthest(ours: Mapping[str, float], theirs: Mapping[str, float]) -> float:
    if ours.keys() != theirs.keys():
        msg = "other customers are shown"
        raise AssertionError(msg)
    return max(abs(theirs[who] - value) / max(abs(value), 1e-9) for who, value in ours.items())


# --------------------------------------------------------------------------------------------------- report


def table(taken: Mapping[str, Sequence[Run]]) -> str:
    """Processor time of each stage, and how many times as long as ours each took."""
    head = f"| processor time | {' | '.join(_COLUMNS)} |\n|---|{'---:|' * len(_COLUMNS)}"
    stages = [*taken[OURS][0]["stages"]]
    models = dict.fromkeys(stage.partition(": ")[0] for stage in stages if ": " in stage)
    together = {
        f"{model}, together": [each for each in stages if each.startswith(f"{model}: ")] for model in models
    }
    rows = [
        f"| {title} | {' | '.join(_cells(taken, parts))} |"
        for title, parts in ({stage: [stage] for stage in stages} | together).items()
    ]
    peaks = (_memory(taken[engine]) if engine in taken else "" for engine in _COLUMNS)
    return "\n".join([head, *rows, f"| peak memory | {' | '.join(peaks)} |"])


def _cells(taken: Mapping[str, Sequence[Run]], stages: Sequence[str]) -> Iterator[str]:
    ours = _seconds(taken[OURS], stages)
    yield _readable(statistics.median(ours))
    for engine in PEERS:
        yield _beside(ours, _seconds(taken.get(engine, ()), stages))
    by_hand = [f"{stage}, collapsed by hand" if stage.endswith(": fit") else stage for stage in stages]
    yield _beside(ours, _seconds(taken.get("lifetimes", ()), by_hand) if by_hand != stages else [])


def _seconds(runs: Sequence[Run], stages: Sequence[str]) -> list[float]:
    """Of all these stages together, where there are all."""
    return [
        sum(each["stages"][stage]["processor"] for stage in stages)
        for each in runs
        if {*stages} <= each["stages"].keys()
    ]


def _beside(ours: Sequence[float], theirs: Sequence[float]) -> str:
    """Their time, and how many times ours that is, taken run by run."""
    if not theirs:
        return ""
    times = statistics.median(b / max(a, 1e-6) for a, b in zip(ours, theirs, strict=True))
    return f"{_readable(statistics.median(theirs))} ({times:.3g} ×)"


def _readable(seconds: float) -> str:
    return (
        f"{seconds:.2f} s"
        if seconds >= 1
        else f"{1000 * seconds:.0f} ms"
        if seconds >= 0.01
        else f"{1000 * seconds:.1f} ms"
    )


def _memory(runs: Sequence[Run]) -> str:
    return f"{statistics.median(max(stage['megabytes'] for stage in each['stages'].values()) for each in runs):,.0f} MB"


def report(taken: Mapping[str, Mapping[str, Sequence[Run]]], page: Path | None) -> None:
    """Print the tables, and put them on a page."""
    parts = [_versions(next(iter(taken.values())))]
    for case, runs in taken.items():
        size = runs[OURS][0]["found"]["table"]
        count = len(runs[OURS])
        parts.append(
            f"**{CASES[case][0].upper()}{CASES[case][1:]}**: {size['customers']:,} customers, in {size['groups']:,} groups of "
            f"those who look alike to a model; {count} run{'' if count == 1 else 's'} of each."
        )
        parts.append(table(runs))
    text = "\n\n".join(parts)
    print(f"\n{text}")
    if page is not None:
        page.write_text(with_table(page.read_text(encoding="utf-8"), TABLES, text), encoding="utf-8")


def _versions(taken: Mapping[str, Sequence[Run]]) -> str:
    found = {engine: runs[0]["versions"] for engine, runs in taken.items()}
    peers = "; ".join(
        f"{engine} {versions[engine]} with numpy {versions['numpy']} and scipy {versions['scipy']}"
        for engine, versions in found.items()
        if engine != OURS
    )
    return f"Python {found[OURS]['Python']}; {peers}. The median, and how many times as long as `{OURS}`, run by run."


# ----------------------------------------------------------------------------------------------------- main


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--cases", choices=CASES, nargs="+", default=[*CASES], help="which purchases")
    parser.add_argument("--customers", type=int, default=200_000, help="how many are drawn")
    parser.add_argument(
        "--runs", type=int, default=3, help="runs of each engine; three times as many of the sample"
    )
    parser.add_argument("--environments", type=Path, help="a folder to keep the environments in")
    parser.add_argument("--only", choices=PEERS, nargs="+", default=PEERS, help="only these others")
    parser.add_argument("--page", type=Path, help="put the tables on this page, too")
    parser.add_argument("--engine", choices=ENGINES, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.engine:
        import model_engines

        print(json.dumps(model_engines.run(given.engine, given.cases[0], given.customers)))
        return
    with environments({name: ENGINES[name] for name in (OURS, *given.only)}, given.environments) as pythons:
        taken = {
            case: take_turns(pythons, case, given.customers, given.runs * (3 if case == "sample" else 1))
            for case in given.cases
        }
    report(taken, given.page)


if __name__ == "__main__":
    main()
