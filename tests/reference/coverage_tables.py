"""What `docs/explanation/coverage.md` shows: each line of its tables, and how it is measured.

`benchmarks/interval_coverage.py` measures all of them and writes the page; test_coverage.py measures some again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date

import attrs
import numpy as np

from tests.reference import false_alarms, lifetimes, simulation as sim

Cell = float | sim.Coverage | None
Line = Callable[[int], Sequence[Cell]]
"""The cells of a line, from the number of shops to draw; None where there is nothing to measure."""

SEED = 20260301


@attrs.frozen(kw_only=True)
class Table:
    name: str
    first: str
    columns: tuple[str, ...]
    lines: Mapping[str, Line]

    def text(self, drawn: int) -> str:
        """The table in Markdown."""
        head = [self.first, *(column.replace("_", " ") for column in self.columns)]
        rows = [[label, *map(as_text, line(drawn))] for label, line in self.lines.items()]
        rule = ["---", *["---:"] * len(self.columns)]
        return "\n".join(f"| {' | '.join(row)} |" for row in [head, rule, *rows])


def as_text(cell: Cell) -> str:
    share = cell.share if isinstance(cell, sim.Coverage) else cell
    return "" if share is None else f"{100 * share:.1f}"


def of(found: Callable[[int], Mapping[str, sim.Coverage]], names: Sequence[str]) -> Line:
    def line(drawn: int) -> list[Cell]:
        measured = found(drawn)
        return [measured.get(name) for name in names]

    return line


# --- by enumeration ---

_SHARES = (0.05, 0.1, 0.2, 0.35, 0.5)
_GRID = np.linspace(0.05, 0.95, 181)


def _shares_of(n: int) -> Line:
    def line(_: int) -> list[Cell]:
        all_over = [sim.exact_share(n, share) for share in _GRID]
        return [*(sim.exact_share(n, share) for share in _SHARES), min(all_over), float(np.mean(all_over))]

    return line


SHARES = Table(
    name="shares",
    first="customers",
    columns=(*(f"{share:.0%}".replace("%", " %") for share in _SHARES), "worst", "average"),
    lines={f"{n:,}": _shares_of(n) for n in (5, 10, 30, 100, 400, 2_000)},
)

_PAIRS = ((0.38, 0.35), (0.1, 0.1), (0.5, 0.3), (0.05, 0.02))
_SIZES = ((10, 10), (20, 200), (30, 30), (50, 60), (100, 100), (400, 400))


def _pair_of(sizes: tuple[int, int]) -> Line:
    return lambda _: [sim.exact_difference(sizes, pair) for pair in _PAIRS]


PAIRS = Table(
    name="pairs",
    first="customers",
    columns=tuple(f"{a:.0%} and {b:.0%}".replace("%", " %") for a, b in _PAIRS),
    lines={f"{n} and {m}": _pair_of((n, m)) for n, m in _SIZES},
)

_OPINIONS = ((0.5, 0.2), (0.4, 0.3), (0.7, 0.1), (0.9, 0.02))


def _net_of(n: int) -> Line:
    return lambda _: [sim.exact_net(n, *opinion) for opinion in _OPINIONS]


NET = Table(
    name="net",
    first="answers",
    columns=tuple(f"{p:.0%} and {d:.0%}".replace("%", " %") for p, d in _OPINIONS),
    lines={f"{n}": _net_of(n) for n in (5, 10, 30, 100, 300)},
)

# --- in drawn shops ---

_MONEY = (
    "average_order_value",
    "average_customer_value",
    "purchase_frequency",
    "repeat_order_rate",
    "refund_rate",
)


def _active(customers: sim.Customers, n: int, *, as_if_independent: bool = False) -> Line:
    def found(drawn: int) -> dict[str, sim.Coverage]:
        coverage = sim.coverage_of_active(
            customers, n, drawn=drawn, seed=SEED, as_if_independent=as_if_independent
        )
        # Taken as independent, only shares have an interval that differs.
        return {name: each for name, each in coverage.items() if not as_if_independent or "rate" in name}

    return of(found, _MONEY)


ORDERS = Table(
    name="orders",
    first="buyers",
    columns=_MONEY,
    lines={
        **{f"heavy tail, {n:,}": _active(sim.HEAVY, n) for n in (5, 10, 30, 100, 400, 2_000)},
        **{f"lognormal tail, {n:,}": _active(sim.HEAVY_LOGNORMAL, n) for n in (5, 10, 30, 100, 400, 2_000)},
        **{f"extreme tail, {n:,}": _active(sim.EXTREME, n) for n in (30, 100, 400, 2_000)},
        "heavy tail, 400, as if orders were independent": _active(sim.HEAVY, 400, as_if_independent=True),
    },
)

_REAL = _MONEY[:3]
_SPANS = {
    "January to June 1998": (date(1998, 1, 1), date(1998, 7, 1)),
    "January 1997 to June 1998": (date(1997, 1, 1), date(1998, 7, 1)),
    "March 1997": (date(1997, 3, 1), date(1997, 4, 1)),
}


def _resampled(span: str, n: int) -> Line:
    def found(drawn: int) -> dict[str, sim.Coverage]:
        return sim.coverage_of_resampled(sim.cdnow_buyers(*_SPANS[span]), n, drawn=drawn, seed=SEED)

    return of(found, _REAL)


REAL = Table(
    name="real",
    first="buyers",
    columns=_REAL,
    lines={f"{span}, {n:,}": _resampled(span, n) for span in _SPANS for n in (30, 100, 400, 2_000)},
)

_CHANGES = (*_REAL, "repeat_purchase_rate", "refund_rate")


def _changes(n: int, *, shared: bool = True) -> Line:
    return of(
        lambda drawn: sim.coverage_of_changes(sim.PASSING, n, drawn=drawn, seed=SEED, shared=shared), _CHANGES
    )


CHANGES = Table(
    name="changes",
    first="customers",
    columns=_CHANGES,
    lines={
        **{f"{n:,}": _changes(n) for n in (30, 100, 300, 1_000, 3_000)},
        "1,000, without the covariance": _changes(1_000, shared=False),
    },
)


def _differences(sizes: tuple[int, int]) -> Line:
    return of(lambda drawn: sim.coverage_of_differences(sim.HEAVY, sizes, drawn=drawn, seed=SEED), _MONEY)


DIFFERENCES = Table(
    name="differences",
    first="buyers",
    columns=_MONEY,
    lines={f"{n} and {m}": _differences((n, m)) for n, m in ((30, 40), (100, 100), (50, 1_000), (400, 500))},
)

_SCORES = ("customer_satisfaction_score", "customer_effort_score", "net_promoter_score")


def _answers(n: int) -> Line:
    return of(lambda drawn: sim.coverage_of_answers(n, drawn=drawn, seed=SEED), _SCORES)


ANSWERS = Table(
    name="answers",
    first="respondents",
    columns=_SCORES,
    lines={f"{n}": _answers(n) for n in (5, 10, 30, 100, 400)},
)

# --- where nothing has changed ---


def _alarms_of_shares(sizes: tuple[int, int], share: float, shared: int) -> Line:
    def line(_: int) -> list[Cell]:
        apart, together = (false_alarms.of_shares(sizes, share, shared=number) for number in (0, shared))
        return [*apart, *together]

    return line


def _alarms_of_net_scores(sizes: tuple[int, int], opinion: tuple[float, float]) -> Line:
    def line(drawn: int) -> list[Cell]:
        apart, together = (
            false_alarms.of_net_scores(sizes, opinion, shared=number, drawn=drawn, seed=SEED)
            for number in (0, 1)
        )
        return [*apart, *together]

    return line


def _alarms_of_changes(metric: str, n: int) -> Line:
    def line(drawn: int) -> list[Cell]:
        return [None, None, *false_alarms.of_changes(sim.PASSING, n, metric, drawn=drawn, seed=SEED)]

    return line


GROUPS = (((60, 20), 0.1), ((200, 50), 0.04), ((120, 40), 0.05), ((20, 60), 0.1), ((25, 17), 0.17))
"""Customers of two periods, and how many of a hundred are in the share, in both periods alike."""


ALARMS = Table(
    name="alarms",
    first="customers",
    columns=("none in both: 0.05", "0.005", "some in both: 0.05", "0.005"),
    lines={
        **{
            f"share of {100 * share:.0f} %: {n} and {m}, {min(n, m) // 5} in both": _alarms_of_shares(
                (n, m), share, min(n, m) // 5
            )
            for (n, m), share in GROUPS
        },
        **{
            f"share of {100 * share:.0f} %: {n} and {m}, {shared} in both": _alarms_of_shares(
                (n, m), share, shared
            )
            for n, m, share, shared in ((60, 20, 0.1, 20), (30, 30, 0.5, 30), (100, 100, 0.1, 100))
        },
        **{
            f"net promoter score: {n} and {m}, 1 in both": _alarms_of_net_scores((n, m), (0.5, 0.2))
            for n, m in ((15, 300), (30, 300))
        },
        **{
            f"{metric.replace('_', ' ')}: {buyers} and {buyers} of {n:,}": _alarms_of_changes(metric, n)
            for metric in ("average_order_value", "refund_rate")
            for n, buyers in ((100, 42), (1_000, 420))
        },
    },
)

_LIFETIMES = ("lifespan", "value", "value, plain", "with a figure")


def _lifetime(customers: int, churn: float, **more: float) -> Line:
    world = lifetimes.World(customers=customers, churn=churn, **more)
    return of(lambda drawn: lifetimes.coverage(world, drawn=drawn, seed=SEED), _LIFETIMES)


LIFETIMES = Table(
    name="lifetimes",
    first="customers, churn",
    columns=("lifespan", "lifetime value", "the value on a plain scale", "shops that have the figures"),
    lines={
        **{
            f"{n:,}, {100 * churn:.0f} %": _lifetime(n, churn)
            for n, churn in (
                (30, 0.2),
                (30, 0.8),
                (60, 0.03),
                (60, 0.3),
                (100, 0.05),
                (100, 0.3),
                (200, 0.02),
                (400, 0.05),
                (400, 0.6),
                (2_000, 0.3),
            )
        },
        **{f"heavy spend: {n:,}, 30 %": _lifetime(n, 0.3, tail=1.2) for n in (100, 400, 2_000)},
    },
)

TABLES = (SHARES, PAIRS, NET, ORDERS, REAL, LIFETIMES, DIFFERENCES, CHANGES, ALARMS, ANSWERS)
