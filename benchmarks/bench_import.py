"""What `import retention` costs above the two libraries that it needs, in milliseconds.

Each import runs in a fresh process with its compiled files at hand. The variants take turns, and the
differences are taken within each turn, so that a busy machine slows all alike.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys

NEEDED = "import attrs, dateutil.relativedelta"
VARIANTS = {
    "import retention": "import retention",
    "from retention import Order": "from retention import Order",
    "from retention import snapshot": "from retention import snapshot",
    "every public name": "from retention import *",
}
_TIMED = "import time; begun = time.perf_counter(); {}; print(time.perf_counter() - begun)"


def seconds(statement: str) -> float:
    """One import in a process of its own."""
    command = [sys.executable, "-c", _TIMED.format(statement)]
    return float(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout)


def modules(statement: str) -> int:
    """How many modules an import brings in."""
    code = f"import sys; before = len(sys.modules); {statement}; print(len(sys.modules) - before)"
    return int(
        subprocess.run([sys.executable, "-c", code], check=True, stdout=subprocess.PIPE, text=True).stdout
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=60, help="turns of all variants")
    turns = parser.parse_args().runs
    statements = [NEEDED, *VARIANTS.values()]
    for statement in statements:
        seconds(statement)  # compiles what has not been compiled, and warms the disk's cache
    taken: dict[str, list[float]] = {statement: [] for statement in statements}
    for turn in range(turns):
        for statement in statements if turn % 2 == 0 else statements[::-1]:
            taken[statement].append(seconds(statement) * 1000)
    needed = taken[NEEDED]
    print(f"{NEEDED}: {statistics.median(needed):.1f} ms, {modules(NEEDED)} modules\n")
    print("| | above the two | quartiles | lowest above lowest | modules more |")
    print("|---|---:|---:|---:|---:|")
    for name, statement in VARIANTS.items():
        more = sorted(own - base for own, base in zip(taken[statement], needed, strict=True))
        low, middle, high = statistics.quantiles(more, n=4)
        extra = modules(statement) - modules(NEEDED)
        least = min(taken[statement]) - min(needed)
        print(f"| `{name}` | {middle:.1f} ms | {low:.1f} to {high:.1f} ms | {least:.1f} ms | {extra} |")


if __name__ == "__main__":
    main()
