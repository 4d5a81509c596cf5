"""The next best action for one customer, with its reasons, and what else was considered."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, Unpack

from attrs import frozen

from retention import _validate as check
from retention._calendar import Zone
from retention.errors import ConflictingArgumentError, InvalidTypeError, shown
from retention.history import ReadingOptions
from retention.segments import LifecycleStages
from retention.segments._customers import plain_id
from retention.segments._lifecycle import OWN_RHYTHM, USUAL_STAGES
from retention.segments._rules import LifecycleRules
from retention.shop import Orders
from retention.strategies._customer_defaults import CUSTOMER_RULES
from retention.strategies._customer_reading import situations_of
from retention.strategies._customer_rules import (
    CustomerRule,
    CustomerRules,
    CustomerVerdict,
    Wanted,
    judge_customer_rule,
    question_of,
)
from retention.strategies._customer_situation import CustomerSituation, CustomerSituations
from retention.strategies._model import Step, Strategy

if TYPE_CHECKING:
    from retention.predict.outlook import CustomerOutlook

__all__ = ["NextAction", "matching", "recommend_for", "rules_and_situations"]

_OWNER = "recommend_for"


@frozen(kw_only=True, repr=False)
class NextAction:
    """What to do next for one customer, and why; made by `recommend_for`.

    Attributes:
        situation: What is known of the customer.
        strategy: What to do; None where the customer is best left alone, or no rule holds.
        chosen: The rule that won, and what it rests on; None where no rule holds.
        also: The other rules that hold, those with the most weight first.
        rejected: The rules that do not hold, each with the reason.
        skipped: The rules of which nobody knows, each with what is missing.

    .. versionadded:: 0.1
    """

    situation: CustomerSituation
    strategy: Strategy | None
    chosen: CustomerVerdict | None
    also: tuple[CustomerVerdict, ...]
    rejected: tuple[CustomerVerdict, ...]
    skipped: tuple[CustomerVerdict, ...]

    @property
    def customer_id(self) -> Hashable:
        """The customer's id; of a person with several the one that all stand for."""
        return self.situation.customer_id

    @property
    def at(self) -> datetime:
        """The instant as of which was judged."""
        return self.situation.at

    @property
    def reasons(self) -> tuple[str, ...]:
        """The facts that speak for it, as clauses; none where no rule holds."""
        return () if self.chosen is None else self.chosen.reasons

    @property
    def do(self) -> str | None:
        """What to do for this customer, in a sentence; None where the rule has none, or no rule holds."""
        return None if self.chosen is None else self.chosen.rule.do

    @property
    def first_steps(self) -> tuple[Step, ...]:
        """The steps by which the shop begins with the strategy; none where there is none."""
        return () if self.strategy is None else self.strategy.first_steps

    def __repr__(self) -> str:
        return f"<NextAction for {shown(self.customer_id)}: {self._called}>"

    @property
    def _called(self) -> str:
        if self.strategy is not None:
            return self.strategy.id
        return "no rule holds" if self.chosen is None else "leave alone"

    def __str__(self) -> str:
        """The action and its reason, in a line or two."""
        from retention.display._next_action import action_as_text

        return action_as_text(self)

    def explain(self) -> str:
        """The whole reasoning: the facts, why the strategy follows, what to do, and what else was considered."""
        from retention.display._next_action import action_explained

        return action_explained(self)

    def to_dict(self) -> dict[str, str | int | float | None]:
        """The same as a flat dict."""
        rule = None if self.chosen is None else self.chosen.rule
        return {
            "customer_id": plain_id(self.customer_id),
            "at": self.at.isoformat(),
            "strategy": None if self.strategy is None else self.strategy.id,
            "rule": None if rule is None else rule.id,
            "weight": None if rule is None else rule.weight,
            "why": None if self.chosen is None else self.chosen.why,
            "do": self.do,
            "also": ", ".join(each.rule.id for each in self.also),
        }


def recommend_for(
    customer_id: Hashable,
    orders: Orders | CustomerSituations,
    /,
    *,
    at: datetime | None = None,
    tz: Zone | None = None,
    rules: CustomerRules | Iterable[CustomerRule] = CUSTOMER_RULES,
    lifecycle: LifecycleRules = OWN_RHYTHM,
    stages: LifecycleStages = USUAL_STAGES,
    outlook: CustomerOutlook | None = None,
    **reading: Unpack[ReadingOptions],
) -> NextAction:
    """One customer's next best action: from stage, rhythm and worth, what the customer answered, and what is open.

    Of the rules that hold the one with the most weight wins, of equal ones the first by id; the others are told, too, and
    so is why the rest does not hold. One action at a time is deliberate: who waits for an answer should get that, and no
    invitation to a programme. Where no rule holds, or the one that does says to leave the customer alone, there is none.

    A customer's rhythm and worth are judged beside all others', so that one answer takes a pass over the shop. For
    many customers make that once, with `customer_situations`, and give it in the place of the shop.

    Args:
        customer_id: The customer; of a person with several ids any of them.
        orders: A `Shop`, or the orders or a `History` alone; or what `customer_situations` made of them.
        at: The instant; None means the data's `as_of`. What is dated after it is not seen.
        tz: The zone by whose calendar days, months and years are counted; None means that of `at`.
        rules: The rules: a `CustomerRules`, or rules for strategies of the library.
        lifecycle: How silences are judged: `OwnRhythm` or `FixedThresholds`.
        stages: From when on a customer is middle, and late.
        outlook: What a model expects of these customers at this instant, from `customer_outlook`.
        reading: How to read the orders; see `ReadingOptions`.

    Returns:
        The action, with its reasons.

    Raises:
        AsOfRequiredError: Neither `at` nor `as_of` is given.
        ConflictingArgumentError: `at` lies after `as_of` or before `observed_from`, a keyword contradicts the data, or
            comes with situations, which were made with their own.
        InvalidTypeError: `rules` are none, `outlook` is no `CustomerOutlook`, or `customer_id` is a bool, a float or a Decimal.
        InvalidValueError: There is no such customer, or `customer_id` is None, which stands for guests.
        MixedCurrencyError: The outlook is in another currency than the orders.

    >>> import retention as rt
    >>> from datetime import datetime, timezone
    >>> from retention.strategies import recommend_for
    >>> from retention.testing import make_checkout, make_orders
    >>> shop = rt.Shop(
    ...     orders=make_orders({"ann": ["2026-01-01", "2026-01-20"], "ben": ["2026-01-05"]}),
    ...     checkouts=[make_checkout(customer_id="ann", begun_at="2026-02-01")],
    ... )
    >>> ann = recommend_for("ann", shop, at=datetime(2026, 2, 4, tzinfo=timezone.utc))
    >>> ann
    <NextAction for 'ann': abandoned-cart-recovery>
    >>> ann.reasons
    ('a cart was left 2 days ago, and nothing was bought since',)

    References:
        Sources SC8, SE19.

    .. versionadded:: 0.1
    """
    checked, situations = rules_and_situations(
        orders,
        rules,
        at=at,
        tz=tz,
        lifecycle=lifecycle,
        stages=stages,
        outlook=outlook,
        owner=_OWNER,
        reading=reading,
    )
    return action_for(situations.of(customer_id, owner=_OWNER), checked)


def rules_and_situations(
    orders: Orders | CustomerSituations,
    rules: object,
    *,
    at: datetime | None,
    tz: Zone | None,
    lifecycle: LifecycleRules,
    stages: LifecycleStages,
    outlook: CustomerOutlook | None,
    owner: str,
    reading: ReadingOptions,
) -> tuple[CustomerRules, CustomerSituations]:
    """The rules, checked, and what is known of everybody, for a public function that is named in messages."""
    checked = _rules_of(rules, owner)
    if isinstance(orders, CustomerSituations):
        _refuse_keywords(
            owner, at=at, tz=tz, lifecycle=lifecycle, stages=stages, outlook=outlook, reading=reading
        )
        return checked, orders
    return checked, situations_of(
        orders,
        at=at,
        tz=tz,
        lifecycle=lifecycle,
        stages=stages,
        outlook=outlook,
        owner=owner,
        reading=reading,
    )


def _rules_of(rules: object, owner: str) -> CustomerRules:
    if isinstance(rules, CustomerRules):
        return rules
    if isinstance(rules, (str, Mapping)) or not isinstance(rules, Iterable):
        msg = (
            f"{owner}: rules must be CustomerRules(...), or an iterable of rules, "
            f"not {type(rules).__name__} (got {shown(rules)})"
        )
        raise InvalidTypeError(msg)
    return CustomerRules(check.to_tuple(rules))


def _refuse_keywords(owner: str, **given: Any) -> None:
    """Refuse what says how situations are made that are there already."""
    usual: dict[str, object] = {"lifecycle": OWN_RHYTHM, "stages": USUAL_STAGES, "reading": {}}
    for name, value in given.items():
        if value != usual.get(name):
            named = next(iter(value)) if name == "reading" else name
            msg = f"{owner}: {named}= comes too late: the CustomerSituations were made without it; give it to customer_situations"
            raise ConflictingArgumentError(msg)


def action_for(situation: CustomerSituation, rules: CustomerRules) -> NextAction:
    """The action for a customer of whom all is known that can be."""
    verdicts = [judge_customer_rule(rule, situation) for rule in rules.ranked]
    held = [each for each in verdicts if each.outcome == "recommended"]
    chosen = held[0] if held else None
    name = None if chosen is None else chosen.rule.strategy
    return NextAction(
        situation=situation,
        strategy=None if name is None else rules.strategies[name],
        chosen=chosen,
        also=tuple(held[1:]),
        rejected=tuple(each for each in verdicts if each.outcome == "rejected"),
        skipped=tuple(each for each in verdicts if each.outcome == "skipped"),
    )


def matching(rules: CustomerRules, situations: CustomerSituations) -> Mapping[str, bytes]:
    """Of whom each rule holds, for all customers at once: by rule's id, a byte for each customer's number.

    Args:
        rules: The rules; those with the most weight come first in what is returned.
        situations: What is known of the customers.
    """
    total = len(situations)
    everybody = int.from_bytes(bytes([1]) * total, "little")
    asked: dict[tuple[str, Wanted], int] = {}
    found: dict[str, bytes] = {}
    for rule in rules.ranked:
        held = everybody
        for name, wanted in rule.when.items():
            key = name, wanted
            if key not in asked:
                asked[key] = situations.mask(name, question_of(name, wanted))
            held &= asked[key]
        found[rule.id] = held.to_bytes(total, "little")
    return found
