"""A word for each customer, in one byte or two: what `by=` of other functions takes."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence

__all__ = ["Words"]


class Words(Mapping[Hashable, str]):
    """Each customer's word, by id; read-only, and made in no time: it holds the columns that are there anyway."""

    __slots__ = ("_codes", "_numbers", "_words")

    def __init__(self, numbers: Mapping[Hashable, int], codes: Sequence[int], words: Sequence[str]) -> None:
        """The words.

        Args:
            numbers: Each customer's place among the codes.
            codes: Each place's word, as its position.
            words: The words.
        """
        self._numbers = numbers
        self._codes = codes
        self._words = words

    def __getitem__(self, customer_id: Hashable) -> str:
        return self._words[self._codes[self._numbers[customer_id]]]

    def __iter__(self) -> Iterator[Hashable]:
        return iter(self._numbers)

    def __len__(self) -> int:
        return len(self._numbers)

    def __repr__(self) -> str:
        return f"<{len(self):,} customers: {', '.join(self._words)}>"
