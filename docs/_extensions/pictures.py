"""Pictures of what results mean, drawn from the library's own results when the pages are built.

A page says where a picture goes with a line such as ``<!-- picture: survival -->``.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import groupby
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from drawing import Drawing

import retention as rt
from retention.testing import make_orders, sample_shop

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sphinx.application import Sphinx

_PLACE = re.compile(r"^<!-- picture: (\w+) -->$", re.MULTILINE)
_ZONE = ZoneInfo("Europe/Berlin")
_WIDTH = 720
_WORDS = {"at_risk": "at risk", "won_back": "won back"}

Picture = tuple[Drawing, str, str]
"""The drawing, its caption, and the text that stands for it where it can't be seen."""


def fill(app: Sphinx, docname: str, source: list[str]) -> None:
    """Put the pictures into a page before it is parsed."""
    del app, docname
    source[0] = _PLACE.sub(lambda place: figure(place[1]), source[0])


@cache
def figure(name: str) -> str:
    """One picture with its caption, as HTML."""
    drawing, caption, alt = PICTURES[name]()
    svg = drawing.svg(name=f"picture-{name}", title=caption, alt=alt)
    return f'<figure class="picture">\n{svg}\n<figcaption>{caption}</figcaption>\n</figure>'


@cache
def _shop() -> rt.Shop:
    return sample_shop()


# ------------------------------------------------------------------------------------------------- cohorts

_CELL = 46.0
_ROW = 30.0


def cohorts() -> Picture:
    """The triangle by both ages, cut by `as_of`."""
    as_of = datetime(2026, 6, 16, tzinfo=_ZONE)
    shop = rt.Shop(orders=_shop().orders, as_of=as_of)
    period = rt.Period.last(6, "month", as_of=_shop().as_of, tz="Europe/Berlin")
    tables = {age: rt.cohort_table(shop, period=period, age=age) for age in ("calendar", "elapsed")}
    passed = (as_of - datetime(2026, 6, 1, tzinfo=_ZONE)) / timedelta(days=30)
    drawing = Drawing(width=_WIDTH, height=322)
    for place, (age, table) in enumerate(tables.items()):
        _triangle(drawing, 62 + place * 346.0, table, age=age, passed=passed)
    _legend_of_cells(drawing, 288)
    counted = {age: _cells_by_state(table) for age, table in tables.items()}
    told = "; ".join(
        f"by {age} age {states['observed']} cells are observed and {states['partial']} partial"
        for age, states in counted.items()
    )
    caption = (
        "The same customers twice, as of 16 June. By the calendar, all of a cohort are cut at one age; by elapsed "
        "months, each customer by the own clock, so that the cut is slanted and the last cells are reached by some only."
    )
    return drawing, caption, f"Two triangles of six monthly cohorts, January to June, cut by as_of: {told}."


def _cells_by_state(table: rt.CohortTable) -> dict[str, int]:
    states = sorted(cell.state for row in table.rows for cell in row.cells)
    return {state: len(list(cells)) for state, cells in groupby(states)}


def _triangle(drawing: Drawing, left: float, table: rt.CohortTable, *, age: str, passed: float) -> None:
    top, ages = 62.0, len(table.rows)
    heading = {"calendar": "months of the calendar", "elapsed": "months since the own first purchase"}[age]
    drawing.text(left, 18, f'age="{age}"', "code")
    drawing.text(left, 37, heading, "muted")
    for k in range(ages):
        drawing.text(left + (k + 0.5) * _CELL, top - 8, str(k), "muted", anchor="middle")
    _cut(drawing, left, top, ages, slant=age == "elapsed", passed=passed)
    for place, row in enumerate(table.rows):
        y = top + place * _ROW
        if age == "calendar":
            drawing.text(left - 8, y + 20, f"{row.period.start.astimezone(_ZONE):%B}", "muted", anchor="end")
        for k in range(ages):
            cell = row.cells[k] if k < len(row.cells) else None
            _cell(drawing, left + k * _CELL, y, cell)
    y = top + ages * _ROW + 6
    if age == "calendar":
        drawing.text(left - 8, y + 19, "pooled", "muted", anchor="end")
    for k, average in enumerate(table.averages):
        if average.denominator:
            drawing.text(left + (k + 0.5) * _CELL, y + 19, f"{average:.0%}", "strong", anchor="middle")


def _cell(drawing: Drawing, x: float, y: float, cell: rt.CohortCell | None) -> None:
    state = "absent" if cell is None else cell.state
    drawing.box(x + 1, y + 1, _CELL - 2, _ROW - 2, f"cell {state}")
    if cell is None or cell.retention is None or cell.retention.denominator == 0:
        return
    star = "*" if state == "partial" else ""
    drawing.text(
        x + _CELL / 2, y + 20, f"{cell.retention:.0%}{star}", "over" if star else "", anchor="middle"
    )


def _cut(drawing: Drawing, left: float, top: float, rows: int, *, slant: bool, passed: float) -> None:
    line = []
    for place in range(rows):
        reached = rows - 1 - place + passed
        y = top + place * _ROW
        lowest = max(reached - 1, 0.0) if slant else reached
        line += [
            (left + reached * _CELL, y),
            (left + lowest * _CELL, y + _ROW * (reached - lowest if slant else 1)),
        ]
    drawing.line(line, "cut")
    drawing.text(left + (rows - 1 + passed) * _CELL, top - 22, "as_of", "accent", anchor="middle")


def _legend_of_cells(drawing: Drawing, y: float) -> None:
    entries = (
        ("observed", "observed: over for all"),
        ("partial", "partial: running, or over for some"),
        ("absent", "absent: nothing, never 0"),
    )
    x = 62.0
    for state, words in entries:
        drawing.box(x, y, 26, 18, f"cell {state}")
        drawing.text(x + 33, y + 14, words, "small")
        x += 52 + 5.9 * len(words)


# ------------------------------------------------------------------------------------------------ survival


def survival() -> Picture:
    """A curve whose median is reached, and one whose median is not."""
    quarters = {
        "first": rt.Period.quarter(2026, 1, tz="Europe/Berlin"),
        "second": rt.Period.quarter(2026, 2, tz="Europe/Berlin"),
    }
    curves = {each: rt.second_purchase_curve(_shop(), period=period) for each, period in quarters.items()}
    drawing = Drawing(width=_WIDTH, height=372)
    plot = _Plot(drawing, left=66, top=22, width=620, height=270, longest=180)
    plot.axes()
    half = [(plot.x(0), plot.y(0.5)), (plot.x(180), plot.y(0.5))]
    drawing.line(half, "guide")
    drawing.text(plot.x(180), plot.y(0.5) - 6, "half of them", "muted small", anchor="end")
    for each, curve in curves.items():
        plot.curve(curve, each)
    first, second = curves["first"], curves["second"]
    median = first.median
    drawing.line([(plot.x(median), plot.y(0.5)), (plot.x(median), plot.y(0))], "guide")
    drawing.dot(plot.x(median), plot.y(0.5), 4, "first solid")
    drawing.text(plot.x(median) + 7, plot.y(0) - 8, f"median {median:.0f} days", "strong")
    drawing.text(plot.x(130), plot.y(0.285) + 24, "new in January to March", "first word")
    drawing.text(plot.x(93), plot.y(0.60), "new in April to June: median not reached", "second word")
    y = 352
    drawing.line([(66, y - 4), (90, y - 4)], "first curve")
    drawing.line([(78, y - 9), (78, y + 1)], "first tick")
    drawing.text(98, y, "a tick: somebody was last seen here, and had not come back (censored)", "small")
    drawing.box(512, y - 13, 24, 16, "first band")
    drawing.text(544, y, "95 % interval at each time", "small")
    caption = (
        "New customers who have not purchased again, by days since their first purchase. Each step down is somebody "
        "who came back; where nobody was watched any longer, the curve ends."
    )
    alt = (
        f"Two falling curves. That of {first.count} customers crosses one half after {median:.0f} days; that of "
        f"{second.count}, of whom {second.censored} are censored, ends above one half."
    )
    return drawing, caption, alt


class _Plot:
    """Shares against days."""

    def __init__(
        self, drawing: Drawing, *, left: float, top: float, width: float, height: float, longest: float
    ) -> None:
        self.drawing, self.left, self.top = drawing, left, top
        self.width, self.height, self.longest = width, height, longest

    def x(self, days: float) -> float:
        return self.left + self.width * days / self.longest

    def y(self, share: float) -> float:
        return self.top + self.height * (1 - share)

    def axes(self) -> None:
        for percent in (0, 25, 50, 75, 100):
            y = self.y(percent / 100)
            self.drawing.line([(self.left, y), (self.left + self.width, y)], "grid")
            self.drawing.text(self.left - 8, y + 4, f"{percent} %", "muted", anchor="end")
        for days in range(0, int(self.longest) + 1, 30):
            self.drawing.text(self.x(days), self.top + self.height + 20, str(days), "muted", anchor="middle")
        self.drawing.text(
            self.left + self.width, self.top + self.height + 38, "days since the first purchase", "muted", anchor="end"
        )  # fmt: skip

    def curve(self, curve: rt.SurvivalCurve, classes: str) -> None:
        day = timedelta(days=1).total_seconds() * 1_000_000
        last = min(max(curve.table.times) / day, self.longest)
        steps = [(0.0, 1.0, None, None)] + [
            (point.time / timedelta(days=1), point.survival, point.low, point.high)
            for point in curve.points()
        ]
        ends = [time for time, *_ in steps[1:]] + [last]
        bounded = [(*step, end) for step, end in zip(steps, ends, strict=True) if step[2] is not None]
        upper = [(self.x(each), self.y(high)) for time, _, _, high, end in bounded for each in (time, end)]
        lower = [(self.x(each), self.y(low)) for time, _, low, _, end in bounded for each in (time, end)]
        self.drawing.area(upper + lower[::-1], f"{classes} band")
        stairs = [
            (self.x(each), self.y(step[1]))
            for step, end in zip(steps, ends, strict=True)
            for each in (step[0], end)
        ]
        self.drawing.line(stairs, f"{classes} curve")
        for time, censored in zip(curve.table.times, curve.table.censored, strict=True):
            if censored and time / day <= self.longest:
                y = self.y([share for start, share, *_ in steps if start <= time / day][-1])
                self.drawing.line(
                    [(self.x(time / day), y - 5), (self.x(time / day), y + 5)], f"{classes} tick"
                )


# -------------------------------------------------------------------------------------------- life cycle


def lifecycle() -> Picture:
    """One customer's purchases, and what the state is on each day."""
    bought = ["2026-01-05", "2026-01-26", "2026-02-14", "2026-03-06", "2026-08-05", "2026-09-02"]
    others = {"ben": ["2025-07-01", "2025-08-10", "2025-09-15"], "cy": ["2025-08-01", "2025-09-20"]}
    history = rt.History(make_orders({"ann": bought, **others}))
    start = datetime(2026, 1, 1, tzinfo=UTC)
    days = [start + timedelta(days=n) for n in range(272)]
    tables = {day: rt.lifecycle_table(history, at=day) for day in days}
    drawing = Drawing(width=_WIDTH, height=252)

    def x(day: datetime) -> float:
        return 78 + 626 * ((day - start) / timedelta(days=272))

    purchases = [datetime.fromisoformat(day).replace(tzinfo=UTC) for day in bought]
    for name, y, of in (("state", 118.0, "states"), ("stage", 158.0, "stages")):
        drawing.text(70, y + 20, name, "muted", anchor="end")
        for word, first, last in _runs({day: getattr(table, of).get("ann") for day, table in tables.items()}):
            left, right = x(first), x(last + timedelta(days=1))
            drawing.box(left, y, right - left, 30, f"{word} state" if of == "states" else "stage")
            shown = _WORDS.get(word, word)
            if 7 * len(shown) < right - left:
                drawing.text((left + right) / 2, y + 20, shown, "", anchor="middle")
    drawing.text(70, 96, "purchases", "muted", anchor="end")
    drawing.line([(x(start), 91), (x(days[-1]), 91)], "axis")
    for day in purchases:
        drawing.dot(x(day), 91, 5.5, "ink")
    silent = tables[datetime(2026, 5, 20, tzinfo=UTC)].of("ann")
    usual, latest = silent.usual_gap_days, purchases[3]
    for times, y in ((3, 64.0), (6, 38.0)):
        limit = latest + times * timedelta(days=usual)
        drawing.line([(x(latest), y), (x(limit), y)], "measure")
        drawing.line([(x(latest), y - 4), (x(latest), y + 4)], "measure")
        drawing.line([(x(limit), y - 4), (x(limit), 118)], "measure dashed")
        drawing.text(x(limit) + 6, y + 4, f"{times} × {usual:.0f} days", "small")
    drawing.line([(x(latest), 38), (x(latest), 85)], "measure dashed")
    for month in range(1, 10):
        first = datetime(2026, month, 1, tzinfo=UTC)
        drawing.line([(x(first), 198), (x(first), 204)], "axis")
        drawing.text(x(first) + 3, 218, f"{first:%b}", "muted small")
    drawing.text(
        704,
        240,
        "what the state was on each day, as lifecycle_table(orders, at=day) tells it",
        "muted small",
        anchor="end",
    )
    caption = (
        f"One customer through nine months. The limits are 3 and 6 times her own median gap, {usual:.0f} days; "
        "the purchase after a long silence wins her back, and with the next one she is active again."
    )
    told = ", ".join(
        f"{_WORDS.get(word, word)} from {first:%-d %B}"
        for word, first, _ in _runs({day: table.states.get("ann") for day, table in tables.items()})
    )
    return drawing, caption, f"A time line with six purchases and a band of states: {told}."


def _runs(words: dict[datetime, str | None]) -> Iterator[tuple[str, datetime, datetime]]:
    """Each word with the first and the last day of a stretch on which it holds."""
    for word, stretch in groupby(words.items(), key=lambda item: item[1]):
        days = [day for day, _ in stretch]
        if word is not None:
            yield word, days[0], days[-1]


# --------------------------------------------------------------------------------------------------- RFM

_FIELD = (108.0, 56.0)


def rfm() -> Picture:
    """The grid of scores, with the groups."""
    table = rt.rfm_table(sample_shop(customers=1000, seed=7))
    drawing = Drawing(width=_WIDTH, height=372)
    (left, top), (width, height) = (150.0, 44.0), _FIELD
    most = max(table.cells.values())
    shades = {name: shade for shade, name in enumerate(table.scheme.names)}
    named = {cell: group.name for group in table.scheme.groups for cell in group.cells}
    drawing.text(left, 16, "FM: how often and for how much", "muted")
    drawing.text(left + 5 * width, 16, "most →", "muted", anchor="end")
    for fm in range(1, 6):
        drawing.text(left + (fm - 0.5) * width, 36, f"FM {fm}", "muted", anchor="middle")
    for r in range(1, 6):
        y = top + (5 - r) * height
        word = {5: " (latest)", 1: " (longest ago)"}.get(r, "")
        drawing.text(left - 12, y + height / 2 + 5, f"R {r}{word}", "muted", anchor="end")
        for fm in range(1, 6):
            x, count = left + (fm - 1) * width, table.cells[r, fm]
            name = named[r, fm]
            drawing.box(x, y, width, height, f"group g{shades[name]}", hint=f"{name}: {count} customers")
            drawing.dot(x + width - 24, y + height / 2 + 5, 20 * (count / most) ** 0.5, "count")
            drawing.text(x + width - 24, y + height / 2 + 9, str(count), "small", anchor="middle")
    _borders(drawing, named, (left, top))
    for group in table.scheme.groups:
        r, fm = max(group.cells, key=lambda cell: (cell[0], -cell[1]))
        drawing.text(left + (fm - 1) * width + 8, top + (5 - r) * height + 18, group.name, "strong small")
    drawing.text(
        left,
        top + 5 * height + 24,
        f"in each field: how many of {len(table)} customers have these scores",
        "muted small",
    )
    caption = (
        "Who does not buy moves down, who buys jumps up, and who buys again and again moves to the right. "
        "Each pair of scores belongs to exactly one group."
    )
    sizes = ", ".join(f"{each.name} {each.customers}" for each in table.groups)
    return drawing, caption, f"A grid of five by five scores, divided among ten groups. Customers: {sizes}."


def _borders(drawing: Drawing, named: dict[tuple[int, int], str], corner: tuple[float, float]) -> None:
    """Lines between fields of two groups, and around all."""
    (left, top), (width, height) = corner, _FIELD
    right, bottom = left + 5 * width, top + 5 * height
    drawing.line([(left, top), (right, top), (right, bottom), (left, bottom), (left, top)], "border")
    for r in range(1, 6):
        for fm in range(1, 6):
            x, y = left + fm * width, top + (5 - r) * height
            if fm < 5 and named[r, fm + 1] != named[r, fm]:
                drawing.line([(x, y), (x, y + height)], "border")
            if r > 1 and named[r - 1, fm] != named[r, fm]:
                drawing.line([(x - width, y + height), (x, y + height)], "border")


# ------------------------------------------------------------------------------------------- transitions

_ORDER = ("not yet a customer", "new", "active", "won_back", "at_risk", "lapsed")


def transitions() -> Picture:
    """Moves between states, as flows."""
    start, end = datetime(2026, 4, 1, tzinfo=UTC), datetime(2026, 7, 1, tzinfo=UTC)
    moves = rt.lifecycle_transitions(_shop(), start=start, end=end)
    scale, gap, top = 0.56, 16.0, 40.0
    drawing = Drawing(width=_WIDTH, height=430)
    rows = [each for each in _ORDER if each in moves.rows]
    columns = [each for each in _ORDER if each in moves.columns]
    lefts = _stacked(((each, moves.total_before(each)) for each in rows), top, scale, gap)
    rights = _stacked(((each, moves.total_after(each)) for each in columns), top + gap, scale, gap)
    used_left, used_right = dict(lefts), dict(rights)
    for before in rows:
        for after in columns:
            if count := moves[before, after]:
                thickness = count * scale
                word = f"{_named(before)} to {_named(after)}: {count}"
                drawing.ribbon(
                    (190, used_left[before]), (530, used_right[after]), thickness, f"{_class(before)} flow", hint=word
                )  # fmt: skip
                if count >= 25:
                    drawing.text(198, used_left[before] + thickness / 2 + 4, str(count), "small")
                used_left[before] += thickness
                used_right[after] += thickness
    drawing.text(178, 20, f"{start:%-d %B}", "strong", anchor="end")
    drawing.text(542, 20, f"{end:%-d %B}", "strong")
    for each, y in lefts.items():
        count = moves.total_before(each)
        drawing.box(182, y, 8, count * scale, f"{_class(each)} solid")
        drawing.text(174, y + count * scale / 2 + 4, f"{_named(each)}  {count}", "", anchor="end")
    for each, y in rights.items():
        count = moves.total_after(each)
        drawing.box(530, y, 8, count * scale, f"{_class(each)} solid")
        drawing.text(546, y + count * scale / 2 + 4, f"{count}  {_named(each)}")
    caption = (
        f"All {moves.customers} customers, on the left where they stood at the beginning, on the right where they stand "
        "three months later. Nobody gets lost: what leaves on the left arrives on the right."
    )
    told = "; ".join(f"{_named(a)} to {_named(b)} {count}" for (a, b), count in sorted(moves.counts.items()))
    return drawing, caption, f"Flows between states: {told}."


def _stacked(totals: Iterator[tuple[str, int]], top: float, scale: float, gap: float) -> dict[str, float]:
    places = {}
    for name, total in totals:
        places[name] = top
        top += total * scale + gap
    return places


def _named(label: str) -> str:
    return _WORDS.get(label, label)


def _class(label: str) -> str:
    return label.replace(" ", "-")


# ----------------------------------------------------------------------------------------------- at risk


def at_risk() -> Picture:
    """Silences in days, and in multiples of the own rhythm."""
    table = rt.lifecycle_table(_shop())
    chosen = [
        table.of(each) for each in ("c0244", "c0349", "c0172", "c0052", "c0310", "c0149", "c0372", "c0418")
    ]
    chosen.sort(key=lambda each: -each.silence_days)
    drawing = Drawing(width=_WIDTH, height=348)
    left, middle, top, row = 128.0, 400.0, 62.0, 31.0
    drawing.text(left - 10, 18, "usual gap", "strong", anchor="end")
    drawing.text(left, 18, "silence in days", "strong")
    drawing.text(middle, 18, "the same, in multiples of the own usual gap", "strong")
    per_day, per_time = 226 / 220, 290 / 8
    for times, word in ((3, "at risk"), (6, "lapsed")):
        x = middle + times * per_time
        drawing.line([(x, 44), (x, top + row * len(chosen))], "guide")
        drawing.text(x, 38, f"{word} after {times}", "muted small", anchor="middle")
    for place, each in enumerate(chosen):
        y = top + place * row
        times = each.silence_days / each.usual_gap_days
        drawing.text(left - 10, y + 15, f"{each.usual_gap_days:.0f} days", "muted small", anchor="end")
        drawing.box(left, y, each.silence_days * per_day, 20, f"{each.state} solid", hint=each.why)
        drawing.text(left + each.silence_days * per_day + 6, y + 15, f"{each.silence_days:.0f}", "small")
        shown = min(times, 7.6)
        drawing.box(middle, y, shown * per_time, 20, f"{each.state} solid", hint=each.why)
        arrow = " →" if times > shown else ""
        drawing.text(
            middle + shown * per_time + (-6 if arrow else 6),
            y + 15,
            f"{times:.1f}{arrow}",
            "small bare" if arrow else "small",
            anchor="end" if arrow else "start",
        )
    x = left
    for state in ("active", "at_risk", "lapsed"):
        drawing.box(x, 325, 16, 14, f"{state} solid")
        drawing.text(x + 22, 337, _named(state), "small")
        x += 90
    caption = (
        "Eight customers by their silence. In days, the longest look worst; measured by what is usual for each of them, "
        "some who have been away for half a year are in time, and others are late after two months."
    )
    told = "; ".join(
        f"{each.silence_days:.0f} days are {each.silence_days / each.usual_gap_days:.1f} usual gaps, {_named(each.state)}"
        for each in chosen
    )
    return drawing, caption, f"Two bar charts of the same customers: {told}."


PICTURES: dict[str, Callable[[], Picture]] = {
    "at_risk": at_risk,
    "cohorts": cohorts,
    "lifecycle": lifecycle,
    "rfm": rfm,
    "survival": survival,
    "transitions": transitions,
}


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the listener."""
    app.connect("source-read", fill)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
