"""A read-only mapping: what a host hands over can't change behind the record's back, and pickles."""

from __future__ import annotations

from collections.abc import Hashable, ItemsView, Iterator, Mapping
from typing import Generic, TypeVar

__all__ = ["FrozenMapping", "OpenMapping"]

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class FrozenMapping(Mapping[K, V], Generic[K, V]):
    """A shallow, read-only copy of a mapping, in the order of the original.

    `types.MappingProxyType` is neither a copy nor picklable. The values may hold anything that a host
    puts there, personal data included, so `repr` tells their number and nothing else.
    """

    __slots__ = ("_items",)
    _items: dict[K, V]

    def __init__(self, items: Mapping[K, V] | None = None, /) -> None:
        object.__setattr__(self, "_items", dict(items or {}))

    def __getitem__(self, key: K) -> V:
        return self._items[key]

    def __iter__(self) -> Iterator[K]:
        return iter(self._items)

    def __len__(self) -> int:
        return len(self._items)

    def items(self) -> ItemsView[K, V]:
        # Those of `Mapping` look every key up again, which takes long where all customers are in it.
        return self._items.items()

    def __repr__(self) -> str:
        return f"<{len(self)} entries>"

    def __setattr__(self, name: str, value: object) -> None:
        msg = f"a {type(self).__name__} is read-only; make a new one from a dict"
        raise AttributeError(msg)

    def __reduce__(self) -> tuple[type[FrozenMapping[K, V]], tuple[dict[K, V]]]:
        return type(self), (self._items,)


class OpenMapping(FrozenMapping[K, V]):
    """A read-only mapping of nothing private, whose `repr` shows what is in it."""

    __slots__ = ()

    def __repr__(self) -> str:
        return repr(self._items)
