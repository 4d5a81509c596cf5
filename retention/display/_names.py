"""What a host calls its customers and groups, as a terminal can show it: short, on one line, with nothing hidden.

Names come from anywhere: they may be long, break lines, carry codes that move the cursor, or be of letters that take two
columns. In data they stay as they are; here is how they stand in texts.
"""

from __future__ import annotations

import unicodedata
from itertools import accumulate, takewhile

__all__ = ["ELLIPSIS", "name_as_text", "printable", "shortened", "width_of"]

ELLIPSIS = "…"
_USUAL = 32
"""So many columns a name may take."""


def name_as_text(name: object, width: int = _USUAL) -> str:
    """A name of whatever type, within so many columns."""
    try:
        text = str(name)
    except ValueError:  # an int with more digits than Python turns into text
        text = f"<{type(name).__name__}>"
    return shortened(printable(text) or repr(text), width)


def printable(text: str) -> str:
    """A text on one line: blanks and line breaks as single blanks, all else that can't be seen as its code."""
    if text.isascii() and text.isprintable() and "  " not in text:
        return text.strip()
    words = " ".join(text.split())
    return "".join(each if each.isprintable() else ascii(each)[1:-1] for each in words)


def shortened(text: str, width: int) -> str:
    """A text within so many columns, of a longer one its beginning and its end, where ids often differ."""
    if width_of(text) <= width:
        return text
    end = _fitting(text[::-1], (width - 1) // 2)[::-1].lstrip()
    start = _fitting(text, width - 1 - width_of(end)).rstrip()
    return f"{start}{ELLIPSIS}{end}"


def _fitting(text: str, width: int) -> str:
    """As much of the beginning as goes into so many columns."""
    ends = accumulate(map(_width, text))
    return text[: sum(1 for _ in takewhile(lambda end: end <= width, ends))]


def width_of(text: str) -> int:
    """How many columns of a terminal a text takes: two for each wide character, none for a mark on the one before."""
    return len(text) if text.isascii() else sum(map(_width, text))


def _width(character: str) -> int:
    if unicodedata.category(character) in {"Mn", "Me"}:
        return 0
    return 2 if unicodedata.east_asian_width(character) in {"W", "F"} else 1
