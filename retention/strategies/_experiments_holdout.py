"""Who is held out of a test: decided by a hash, so that every process and every day decides alike."""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterable, Mapping
from decimal import Decimal
from fractions import Fraction
from hashlib import sha256
from operator import index
from sys import modules
from typing import Any, Literal, TypeAlias, cast

from attrs import field, frozen

from retention.errors import InvalidTypeError, InvalidValueError, shown
from retention.segments._customers import plain_id

__all__ = ["Holdout", "Key", "assign_holdout", "check_ids", "check_part", "tagged"]

Key: TypeAlias = Callable[[Any], Hashable]
"""What an id of another class is told by: a text, a whole number or a UUID."""

_OWNER = "assign_holdout"
_BITS = 64


def _to_share(share: float | Decimal | Fraction) -> Fraction:
    return check_part("holdout_share", share, owner="Holdout")


@frozen(kw_only=True, repr=False)
class Holdout:
    """Who is held out of a test, and who is in it; made by `assign_holdout`.

    It says so of every id, also of customers who came later: `is_held_out`. The same salt and the same share give the
    same answer in every process, on every version of Python, whatever else is asked.

    Attributes:
        salt: The name of the test.
        holdout_share: Which part of all customers is held out.
        held_out: Those of the ids given who are held out, in their order.
        treated: Those who are in the test.

    .. versionadded:: 0.1
    """

    salt: str
    holdout_share: Fraction = field(converter=_to_share)
    held_out: tuple[Hashable, ...]
    treated: tuple[Hashable, ...]
    _key: Key | None = field(default=None, alias="key", eq=False)

    def is_held_out(self, customer_id: Hashable, /) -> bool:
        """Whether a customer is held out, one of those given or not.

        Args:
            customer_id: The id, in the same class as always: 7 and "7" are two customers.

        Raises:
            InvalidTypeError: It is no text, no whole number and no UUID, and `key` was not given.
            InvalidValueError: The text is empty.

        >>> from retention.strategies import assign_holdout
        >>> assign_holdout([], salt="welcome letter", holdout_share=0.5).is_held_out("ann")
        True
        """
        return _draw(self.salt, customer_id, self._key) < self._below

    def group_of(self, customer_id: Hashable, /) -> Literal["holdout", "test"]:
        """The same as a word, ``"holdout"`` or ``"test"``."""
        return "holdout" if self.is_held_out(customer_id) else "test"

    @property
    def _below(self) -> int:
        """The draws that lie below this are held out."""
        return -(-(self.holdout_share.numerator << _BITS) // self.holdout_share.denominator)

    @property
    def customers(self) -> int:
        """Customers in both groups."""
        return len(self.held_out) + len(self.treated)

    def __repr__(self) -> str:
        return f"<Holdout {shown(self.salt)}: {len(self.held_out):,} held out, {len(self.treated):,} in the test>"

    def __str__(self) -> str:
        from retention.display._experiments import holdout_as_text

        return holdout_as_text(self)

    def explain(self) -> str:
        """The sentence, and how it was decided."""
        from retention.display._experiments import holdout_explained

        return holdout_explained(self)

    def to_dicts(self) -> list[dict[str, str | int]]:
        """A row a customer with the group, those held out first, to keep with the test."""
        return [
            {"customer_id": plain_id(each), "group": group}
            for group, ids in (("holdout", self.held_out), ("test", self.treated))
            for each in ids
        ]


def assign_holdout(
    ids: Iterable[Hashable],
    /,
    *,
    salt: str,
    holdout_share: float | Decimal | Fraction,
    key: Key | None = None,
) -> Holdout:
    """Draw by lot who is left alone, so that one can tell later what the measure did.

    A customer's lot is a hash of the salt and the id, and of nothing else. So it can be asked again at any time and in any
    process, nobody changes sides when others come or go, and no list has to be kept. A larger share holds out all whom a
    smaller one does, and some more. Take another salt for each test: under the same one the same customers are left
    alone every time.

    Each customer has the chance `holdout_share`, so that about that part is held out, and not exactly it: of 1,000 customers and a
    share of a half 469 to 531 in nineteen cases of twenty.

    Args:
        ids: The customers: texts, whole numbers or UUIDs; one id a person. Those that stand twice count once.
        salt: The name of the test, such as ``"welcome letter, spring 2026"``.
        holdout_share: Which part is held out, between 0 and 1: 0.1 is 10 %.
        key: What tells an id of another class, as a text, a whole number or a UUID: ``key=str``. It must tell two
            customers apart, and be the same in every process.

    Returns:
        The two groups, and whoever else is asked for.

    Raises:
        InvalidTypeError: An id is no text, no whole number and no UUID, and there is no `key`; or another argument is of
            the wrong type.
        InvalidValueError: `salt` or an id is empty, or `holdout_share` does not lie between 0 and 1.

    >>> from retention.strategies import assign_holdout
    >>> drawn = assign_holdout(range(1000), salt="welcome letter", holdout_share=0.2)
    >>> drawn
    <Holdout 'welcome letter': 192 held out, 808 in the test>
    >>> drawn.is_held_out(3), drawn.is_held_out(123456)
    (True, False)

    References:
        Kohavi, Tang and Xu (2020), Trustworthy Online Controlled Experiments, ch. 4, for assignment by hash.

    .. versionadded:: 0.1
    """
    empty = Holdout(
        salt=_check_salt(salt),
        holdout_share=check_part("holdout_share", holdout_share, owner=_OWNER),
        held_out=(),
        treated=(),
        key=_check_key(key),
    )
    held_out: list[Hashable] = []
    treated: list[Hashable] = []
    for each in check_ids("ids", ids, owner=_OWNER):
        (held_out if empty.is_held_out(each) else treated).append(each)
    return Holdout(
        salt=empty.salt,
        holdout_share=empty.holdout_share,
        held_out=tuple(held_out),
        treated=tuple(treated),
        key=key,
    )


def _draw(salt: str, customer_id: Hashable, key: Key | None) -> int:
    """A whole number below 2**64, as likely as any other."""
    told = customer_id if key is None else key(customer_id)
    name = salt.encode("utf-8")
    # The length of the salt goes first: else one that ends in what looks like an id would be that of another test.
    content = b"%d:%s%s" % (len(name), name, tagged(told))
    return int.from_bytes(sha256(content).digest()[: _BITS // 8], "big")


def tagged(customer_id: object) -> bytes:
    """The id with its kind, so that 7 and "7" are two customers, as they are everywhere.

    Raises:
        InvalidTypeError: It is no text, no whole number and no UUID.
        InvalidValueError: The text is empty.
    """
    if isinstance(customer_id, str):
        if not customer_id:
            msg = f"{_OWNER}: an id must not be empty (got ''); give the shop's own id"
            raise InvalidValueError(msg)
        return b"str:" + customer_id.encode("utf-8", "surrogatepass")
    number, of_uuid = _whole(customer_id), _bytes_of_uuid(customer_id)
    if of_uuid is not None:
        return b"uuid:" + of_uuid
    if number is None:
        msg = (
            f"{_OWNER}: an id must be a text, a whole number or a UUID, not {type(customer_id).__name__} "
            f"(got {shown(customer_id)}); give key=, such as key=str, where that tells customers apart in every process"
        )
        raise InvalidTypeError(msg)
    return b"int:%d" % number


def _bytes_of_uuid(value: Any) -> bytes | None:
    """The bytes of a UUID; None of all else. Whoever has one has imported its module, which the library need not do."""
    module = modules.get("uuid")
    return cast("bytes", value.bytes) if module is not None and isinstance(value, module.UUID) else None


def _whole(value: object) -> int | None:
    """A whole number of any kind, numpy's too, which equal Python's; None of all else."""
    if isinstance(value, bool):
        return None
    try:
        return index(cast("Any", value))
    except TypeError:
        return None


# ------------------------------------------------------------------------------------------------ checks


def _check_salt(salt: object) -> str:
    if not isinstance(salt, str):
        msg = f"{_OWNER}: salt must be a text, not {type(salt).__name__} (got {shown(salt)}); give the test a name"
        raise InvalidTypeError(msg)
    if not salt.strip():
        msg = f"{_OWNER}: salt must not be empty (got {shown(salt)}); give the test a name"
        raise InvalidValueError(msg)
    try:
        salt.encode("utf-8")
    except UnicodeEncodeError:
        msg = (
            f"{_OWNER}: salt must be a text that can be written (got {shown(salt)}); it has a lone surrogate"
        )
        raise InvalidValueError(msg) from None
    return salt


def _check_key(key: object) -> Key | None:
    if key is not None and not callable(key):
        msg = f"{_OWNER}: key must be a function of an id, such as str, not {type(key).__name__} (got {shown(key)})"
        raise InvalidTypeError(msg)
    return cast("Key | None", key)


def check_part(name: str, value: object, *, owner: str) -> Fraction:
    """A part of all customers, strictly between none and all.

    Raises:
        InvalidTypeError: It is no number.
        InvalidValueError: It does not lie between 0 and 1.
    """
    if isinstance(value, bool) or not isinstance(value, (int, float, Decimal, Fraction)):
        msg = (
            f"{owner}: {name} must be a number, not {type(value).__name__} (got {shown(value)}); 0.1 is 10 %"
        )
        raise InvalidTypeError(msg)
    try:
        part = Fraction(repr(value)) if isinstance(value, float) else Fraction(value)  # 0.1 is a tenth
    except (ValueError, OverflowError):  # NaN and infinity
        part = Fraction(0)
    if not 0 < part < 1:
        msg = f"{owner}: {name} must lie between 0 and 1 (got {shown(value)}); 0.1 is 10 %"
        raise InvalidValueError(msg)
    return part


def check_ids(name: str, ids: object, *, owner: str) -> Collection[Hashable]:
    """The ids, each once, in the order in which they came.

    Raises:
        InvalidTypeError: They are no iterable of ids, or one has no hash.
        InvalidValueError: One is None, which stands for guests.
    """
    if isinstance(ids, (str, bytes, Mapping)) or not isinstance(ids, Iterable):
        msg = f"{owner}: {name} must be an iterable of customers' ids, not {type(ids).__name__} (got {shown(ids)})"
        raise InvalidTypeError(msg)
    try:
        found = dict.fromkeys(ids)
    except TypeError:
        msg = f"{owner}: {name} must be ids that can be hashed; give texts, whole numbers or UUIDs"
        raise InvalidTypeError(msg) from None
    if None in found:
        msg = f"{owner}: {name} must not hold None, which stands for guests: nobody can be told apart by it"
        raise InvalidValueError(msg)
    return found
