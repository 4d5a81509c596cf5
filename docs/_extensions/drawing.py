"""Pictures as SVG: shapes and words whose colours the style sheet gives, so that they suit light pages and dark ones."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

Point = tuple[float, float]


class Drawing:
    """Collects shapes; `svg` gives the picture. Places are in pixels of a page, from the upper left."""

    def __init__(self, *, width: float, height: float) -> None:
        self.width, self.height = width, height
        self._parts: list[str] = []

    def text(self, x: float, y: float, words: str, classes: str = "", *, anchor: str = "start") -> None:
        """Words; `anchor` is "start", "middle" or "end"."""
        self._add(
            "text", classes, x=_number(x), y=_number(y), text_anchor=anchor if anchor != "start" else None,
            within=escape(words),
        )  # fmt: skip

    def box(
        self, x: float, y: float, width: float, height: float, classes: str = "", *, hint: str = ""
    ) -> None:
        """A rectangle, with a hint for who points at it."""
        size = {"x": x, "y": y, "width": width, "height": height}
        self._add("rect", classes, **{key: _number(each) for key, each in size.items()}, within=_title(hint))

    def dot(self, x: float, y: float, radius: float, classes: str = "") -> None:
        """A disc."""
        self._add("circle", classes, cx=_number(x), cy=_number(y), r=_number(radius))

    def line(self, points: Iterable[Point], classes: str = "") -> None:
        """A line through all of the points."""
        self._add("polyline", classes, points=_pairs(points))

    def area(self, points: Iterable[Point], classes: str = "") -> None:
        """What lies within a line through all of the points."""
        self._add("polygon", classes, points=_pairs(points))

    def ribbon(
        self, left: Point, right: Point, thickness: float, classes: str = "", *, hint: str = ""
    ) -> None:
        """A band from the left to the right, whose upper corners are given."""
        (x1, y1), (x2, y2), middle = left, right, (left[0] + right[0]) / 2
        there = (
            f"C{_number(middle)},{_number(y1)} {_number(middle)},{_number(y2)} {_number(x2)},{_number(y2)}"
        )
        low1, low2 = y1 + thickness, y2 + thickness
        back = f"C{_number(middle)},{_number(low2)} {_number(middle)},{_number(low1)} {_number(x1)},{_number(low1)}"
        path = f"M{_number(x1)},{_number(y1)} {there} V{_number(low2)} {back} Z"
        self._add("path", classes, d=path, within=_title(hint))

    def svg(self, *, name: str, title: str, alt: str) -> str:
        """The whole picture; `alt` is read out in its place. There is no empty line in it."""
        head = (
            f'<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-labelledby="{name}-title {name}-alt" '
            f'viewBox="0 0 {_number(self.width)} {_number(self.height)}">'
        )
        named = (
            f'<title id="{name}-title">{escape(title)}</title>\n<desc id="{name}-alt">{escape(alt)}</desc>'
        )
        return "\n".join([head, named, *self._parts, "</svg>"])

    def _add(self, tag: str, classes: str, *, within: str = "", **attributes: str | None) -> None:
        given = {"class": classes or None, **attributes}
        written = "".join(
            f' {key.replace("_", "-")}="{value}"' for key, value in given.items() if value is not None
        )
        self._parts.append(f"<{tag}{written}>{within}</{tag}>" if within else f"<{tag}{written}/>")


def _title(hint: str) -> str:
    return f"<title>{escape(hint)}</title>" if hint else ""


def _number(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")


def _pairs(points: Iterable[Point]) -> str:
    return " ".join(f"{_number(x)},{_number(y)}" for x, y in points)
