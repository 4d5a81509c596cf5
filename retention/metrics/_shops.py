"""What the metrics share that are about several kinds of records, and so take a `Shop`."""

from __future__ import annotations

from retention.errors import InvalidTypeError
from retention.shop import Shop

__all__ = ["checked_shop"]


def checked_shop(given: object, metric: str, first: str, second: str) -> Shop:
    """A shop; anything else is refused, since one iterable can't hold records of two kinds.

    Args:
        given: What was given.
        metric: The metric's name.
        first: What it reads, as a field of the shop.
        second: What else it reads.

    Raises:
        InvalidTypeError: When it is no shop.
    """
    if isinstance(given, Shop):
        return given
    msg = (
        f"{metric} takes a Shop, since it is about {first} and {second}, not {type(given).__name__}; "
        f"make one with Shop({first}=…, {second}=…, as_of=…)"
    )
    raise InvalidTypeError(msg)
