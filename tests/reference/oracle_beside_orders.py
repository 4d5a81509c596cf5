"""Figures of baskets, contacts and the loyalty programme once more, with sets and lists, from the definitions alone.

Nothing of the package is imported. A record is a dictionary. Each figure is written down as who brings what to its
denominator and its numerator, record by record, so that shares, intervals and changes of two periods can all be
taken from there. Somebody unknown is somebody else each time.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping
from datetime import UTC, datetime
from fractions import Fraction
from typing import Any, NamedTuple

Record = Mapping[str, Any]
Later = Callable[[datetime], datetime]
Triples = list[tuple[Hashable, Fraction, Fraction]]

ONE, ZERO = Fraction(1), Fraction(0)
RESPONSES = ("opened", "clicked", "replied")
FOREVER = datetime.max.replace(tzinfo=UTC)


class Found(NamedTuple):
    """A figure: of each record that is in it, whose it is, its x and its y; and how many are left out, and why."""

    triples: Triples
    left_out: dict[str, int]

    @property
    def pair(self) -> tuple[Fraction, Fraction]:
        """Numerator and denominator."""
        return sum((y for *_, y in self.triples), ZERO), sum((x for _, x, _ in self.triples), ZERO)

    @property
    def pairs(self) -> dict[Hashable, tuple[Fraction, Fraction]]:
        """X and y of everybody."""
        totals: dict[Hashable, tuple[Fraction, Fraction]] = {}
        for who, x, y in self.triples:
            before = totals.get(who, (ZERO, ZERO))
            totals[who] = before[0] + x, before[1] + y
        return totals


class World:
    """The records of one shop, as they are read; `purchases` are (customer, instant, net), of known customers."""

    def __init__(
        self,
        *,
        checkouts: Iterable[Record] = (),
        contacts: Iterable[Record] = (),
        customers: Iterable[Record] = (),
        purchases: Iterable[tuple[Hashable, datetime, Fraction]] = (),
        aliases: Mapping[Hashable, Hashable] | None = None,
        as_of: datetime | None = None,
    ) -> None:
        self.aliases = aliases or {}
        self.known_by = FOREVER if as_of is None else as_of
        self.checkouts, self.contacts = list(checkouts), list(contacts)
        self.customers, self.purchases = list(customers), list(purchases)

    # --- reading ---

    def who(self, record: Record) -> Hashable | None:
        given = record["customer_id"]
        return self.aliases.get(given, given)

    def cluster(self, record: Record) -> Hashable:
        return ("nobody known", record["id"]) if self.who(record) is None else self.who(record)

    def known(self, moment: datetime | None) -> datetime | None:
        """The instant, or None if nobody knew of it."""
        return None if moment is None or moment > self.known_by else moment

    def in_period(
        self, records: Iterable[Record], field: str, start: datetime, end: datetime
    ) -> tuple[list[Record], dict[str, int]]:
        """Those of the period, and how many of it were not known."""
        there = [record for record in records if start <= record[field] < end]
        existing = [record for record in there if record[field] <= self.known_by]
        late = len(there) - len(existing)
        return existing, {"after as_of": late} if late else {}

    def bought(self, who: Hashable, after: datetime, until: datetime) -> bool:
        return any(buyer == who and after < at <= until for buyer, at, _ in self.purchases)

    # --- baskets ---

    def _baskets(
        self, start: datetime, end: datetime, channel: str | None
    ) -> tuple[list[Record], dict[str, int]]:
        mine = [basket for basket in self.checkouts if channel is None or basket["channel"] == channel]
        return self.in_period(mine, "begun_at", start, end)

    def abandonment(
        self, start: datetime, end: datetime, *, after: Later, channel: str | None = None
    ) -> Found:
        baskets, left_out = self._baskets(start, end, channel)
        triples: Triples = []
        for basket in baskets:
            limit = after(basket["begun_at"])
            if limit > self.known_by:
                _count(left_out, "not observed long enough")
            else:
                triples.append((self.cluster(basket), ONE, Fraction(not self._ordered(basket, limit))))
        return Found(triples, left_out)

    def _ordered(self, basket: Record, limit: datetime) -> bool:
        ordered_at = self.known(basket["ordered_at"])
        return ordered_at is not None and ordered_at <= limit

    def recovery(
        self, start: datetime, end: datetime, *, after: Later, within: Later, channel: str | None = None
    ) -> Found:
        baskets, left_out = self._baskets(start, end, channel)
        triples: Triples = []
        for basket in baskets:
            left = after(basket["begun_at"])
            if self._ordered(basket, left):
                continue
            if self.who(basket) is None or within(left) > self.known_by:
                _count(left_out, "left out")  # which of the two goes first, the definitions don't say
            else:
                back = self.bought(self.who(basket), left, within(left))
                triples.append((self.who(basket), ONE, Fraction(back)))
        return Found(triples, left_out)

    # --- contacts ---

    def _contacts(
        self, start: datetime, end: datetime, *, outbound: bool, **wanted: Any
    ) -> tuple[list[Record], dict[str, int]]:
        mine = [
            contact
            for contact in self.contacts
            if (contact["direction"] == "outbound") == outbound
            and all(value is None or contact[name] == value for name, value in wanted.items())
        ]
        return self.in_period(mine, "occurred_at", start, end)

    def engagement(
        self,
        start: datetime,
        end: datetime,
        *,
        within: Later,
        responses: Iterable[str] = RESPONSES,
        channel: str | None = None,
        least: int | None = None,
        most: int | None = None,
    ) -> Found:
        made, _ = self._contacts(start, end, outbound=True)
        contacts, left_out = self._contacts(start, end, outbound=True, channel=channel)
        triples: Triples = []
        for contact in contacts:
            who = self.who(contact)
            reached = {each["channel"] for each in made if self.who(each) == who}
            if least is not None or most is not None:
                if who is None:
                    _count(left_out, "of an unknown customer")
                    continue
                if not (least or 0) <= len(reached) <= (most or 10**9):
                    continue
            limit = within(contact["occurred_at"])
            if limit > self.known_by:
                _count(left_out, "not observed long enough")
                continue
            drew = [contact[f"{response}_at"] for response in responses]
            answered = any(at is not None and at <= limit for at in drew)
            triples.append((self.cluster(contact), ONE, Fraction(answered)))
        return Found(triples, left_out)

    def conversion(
        self,
        start: datetime,
        end: datetime,
        *,
        kind: str,
        of: str = "all",
        within: Later | None = None,
        channel: str | None = None,
    ) -> Found:
        contacts, left_out = self._contacts(start, end, outbound=True, kind=kind, channel=channel)
        triples: Triples = []
        for contact in contacts:
            who, at = self.who(contact), contact["occurred_at"]
            if of != "all":
                if who is None:
                    _count(left_out, "of an unknown customer")
                    continue
                had_bought = any(buyer == who and bought_at < at for buyer, bought_at, _ in self.purchases)
                if had_bought != (of == "existing"):
                    continue
            self._follow(contact, "ordered_at", within, triples, left_out)
        return Found(triples, left_out)

    def _follow(
        self,
        contact: Record,
        field: str,
        within: Later | None,
        triples: Triples,
        left_out: dict[str, int],
    ) -> None:
        limit = self.known_by if within is None else within(contact["occurred_at"])
        if limit > self.known_by:
            _count(left_out, "not observed long enough")
        else:
            came = contact[field] is not None and contact[field] <= limit
            triples.append((self.cluster(contact), ONE, Fraction(came)))

    def _asked(
        self, start: datetime, end: datetime, *, kind: str | None, channel: str | None
    ) -> tuple[list[Record], dict[str, int]]:
        """What came in and waits for an answer: unless a kind is named, no reviews and mentions."""
        came, left_out = self._contacts(start, end, outbound=False, kind=kind, channel=channel)
        waiting = []
        for each in came:
            if kind is None and each["kind"] in {"review", "mention"}:
                _count(left_out, f"{each['kind']} (asks nothing)")
            else:
                waiting.append(each)
        return waiting, left_out

    def answered(
        self,
        start: datetime,
        end: datetime,
        *,
        within: Later | None = None,
        kind: str | None = None,
        channel: str | None = None,
    ) -> Found:
        contacts, left_out = self._asked(start, end, kind=kind, channel=channel)
        triples: Triples = []
        for contact in contacts:
            self._follow(contact, "answered_at", within, triples, left_out)
        return Found(triples, left_out)

    def times(
        self,
        start: datetime,
        end: datetime,
        *,
        field: str,
        kind: str | None = None,
        channel: str | None = None,
    ) -> tuple[list[int], dict[str, int]]:
        """Microseconds, sorted."""
        contacts, left_out = self._asked(start, end, kind=kind, channel=channel)
        came = [contact for contact in contacts if self.known(contact[field]) is not None]
        waiting = len(contacts) - len(came)
        if waiting:
            left_out |= {f"not {field.removesuffix('_at')} yet": waiting}
        return sorted(_microseconds(each["occurred_at"], each[field]) for each in came), left_out

    def self_service(
        self, start: datetime, end: datetime, *, kind: str | None = None, channel: str | None = None
    ) -> Found:
        contacts, left_out = self._asked(start, end, kind=kind, channel=channel)
        triples: Triples = []
        for contact in contacts:
            if self.known(contact["solved_at"]) is None:
                _count(left_out, "not solved yet")
            elif contact["solved_by"] is None:
                _count(left_out, "solver not known")
            else:
                alone = contact["solved_by"] == "self_service"
                triples.append((self.cluster(contact), ONE, Fraction(alone)))
        return Found(triples, left_out)

    def mentions(self, start: datetime, end: datetime, *, channel: str | None = None) -> int:
        return len(self._contacts(start, end, outbound=False, kind="mention", channel=channel)[0])

    def sentiment(
        self, start: datetime, end: datetime, *, kind: str | None = None, channel: str | None = None
    ) -> Found:
        contacts, left_out = self._contacts(start, end, outbound=False, kind=kind, channel=channel)
        triples: Triples = []
        for contact in contacts:
            if contact["sentiment"] is None:
                _count(left_out, "without a sentiment")
            else:
                triples.append((self.cluster(contact), ONE, Fraction(contact["sentiment"])))
        return Found(triples, left_out)

    # --- programme and referral ---

    def recorded(self) -> set[Hashable]:
        return {self.aliases.get(record["id"], record["id"]) for record in self.customers}

    def members(self, before: datetime) -> set[Hashable]:
        return {
            self.aliases.get(record["id"], record["id"])
            for record in self.customers
            for joined in [self.known(record["loyalty_joined_at"])]
            if joined is not None and joined < before
        }

    def referred(self) -> set[Hashable]:
        found = set()
        for record in self.customers:
            who = self.aliases.get(record["id"], record["id"])
            by = self.aliases.get(record["referred_by"], record["referred_by"])
            if (by is not None and by != who) or record["acquisition_channel"] == "referral":
                found.add(who)
        return found

    def buyers(self, start: datetime, end: datetime) -> set[Hashable]:
        return {who for who, at, _ in self.purchases if start <= at < end}

    def first(self, who: Hashable) -> datetime:
        return min(at for buyer, at, _ in self.purchases if buyer == who)

    def _share(self, among: set[Hashable], of: set[Hashable]) -> Found:
        return Found([(who, ONE, Fraction(who in of)) for who in among], {})

    def participation(self, start: datetime, end: datetime) -> Found:
        return self._share(self.buyers(start, end) & self.recorded(), self.members(end))

    def referral(self, start: datetime, end: datetime) -> Found:
        new = {who for who in self.buyers(start, end) & self.recorded() if start <= self.first(who)}
        return self._share(new, self.referred())

    def retention(
        self,
        start: datetime,
        end: datetime,
        *,
        of: str = "members",
        opening: datetime,
        closing: datetime,
    ) -> Found:
        mine = self.members(start) if of == "members" else self.recorded() - self.members(start)
        return self._share(self.buyers(opening, start) & mine & self.recorded(), self.buyers(closing, end))

    def spend(self, start: datetime, end: datetime, among: set[Hashable]) -> Found:
        """One each, and what each spent."""
        spent = dict.fromkeys(self.buyers(start, end) & self.recorded() & among, ZERO)
        for who, at, net in self.purchases:
            if who in spent and start <= at < end:
                spent[who] += net
        return Found([(who, ONE, much) for who, much in spent.items()], {})

    def member_spend(self, start: datetime, end: datetime) -> tuple[Found, Found]:
        members = self.members(start)
        return self.spend(start, end, members), self.spend(start, end, self.recorded() - members)

    def referred_revenue(self, start: datetime, end: datetime) -> Found:
        everybody, referred = self.spend(start, end, self.recorded()), self.referred()
        return Found([(who, net, net if who in referred else ZERO) for who, _, net in everybody.triples], {})


def _count(left_out: dict[str, int], why: str) -> None:
    left_out[why] = left_out.get(why, 0) + 1


def _microseconds(begin: datetime, end: datetime) -> int:
    passed = end.astimezone(UTC) - begin.astimezone(UTC)
    return (passed.days * 86_400 + passed.seconds) * 1_000_000 + passed.microseconds
