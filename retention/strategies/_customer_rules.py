"""What to do for one customer, as plain data: rules over what is known of the customer, and sets of them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from decimal import Decimal
from fractions import Fraction
from functools import partial
from itertools import count
from math import isfinite
from typing import Any, ClassVar, Literal, TypeAlias

from attrs import evolve, field, frozen

from retention import _validate as check
from retention._mapping import FrozenMapping, OpenMapping
from retention.errors import InvalidTypeError, InvalidValueError, did_you_mean, is_bool, shown
from retention.strategies._catalog import STRATEGIES
from retention.strategies._customer_fields import FIELDS, Field
from retention.strategies._customer_situation import CustomerSituation
from retention.strategies._model import Strategy
from retention.strategies._rule_book import RuleBook, check_strategies, checked_rules, to_strategies, twice

__all__ = [
    "CustomerRule",
    "CustomerRules",
    "CustomerVerdict",
    "Wanted",
    "judge_customer_rule",
    "question_of",
    "why_it_holds",
]

Wanted: TypeAlias = "tuple[Any, ...] | None"
"""What a rule asks of one respect: the words that will do; or the lowest and the highest number, each None where there
is no limit, and `OR_NONE` after them where none will do, too; or None, where there must be none."""

OR_NONE = "or none"

_PAIR = 2


def _to_when(value: Mapping[str, Any]) -> Any:
    """What is asked, in one form; what has none is left for the validator to refuse."""
    if not isinstance(value, Mapping):
        return value
    return OpenMapping(
        {
            name: _in_one_form(FIELDS[name], asked) if name in FIELDS else asked
            for name, asked in value.items()
        }
    )


def _in_one_form(of: Field, asked: Any) -> Any:
    if of.kind == "number":
        if asked is None or isinstance(asked, tuple):
            return asked
        return tuple(asked) if isinstance(asked, list) else (asked, asked)
    if isinstance(asked, (list, tuple)):
        return tuple(asked)
    if isinstance(asked, (set, frozenset)):
        known = dict(zip(map(repr, (*of.words, True, False, None)), count(), strict=False))
        # In an order of their own, so that equal rules look alike; what there is not is refused afterwards.
        return tuple(sorted(asked, key=lambda each: (known.get(repr(each), len(known)), repr(each))))
    return (asked,)


def _when(owner: Any, of: check.Field, value: object) -> None:
    where = f"CustomerRule.{of.name}"
    of_rule = f"for rule {shown(owner.id)}"
    if not isinstance(value, FrozenMapping):
        msg = (
            f'{where} must map what is known of a customer to what is wanted, such as {{"state": "at_risk"}} '
            f"(got {shown(value)}, {of_rule})"
        )
        raise InvalidTypeError(msg)
    if not value:
        msg = f"{where} must ask at least one thing (got none, {of_rule}); without one the rule would hold for everybody"
        raise InvalidValueError(msg)
    for name, asked in value.items():
        if name not in FIELDS:
            msg = (
                f"{where} asks for {shown(name)}, which is not known of customers ({of_rule}); "
                f"{did_you_mean(name, FIELDS)}there are {', '.join(FIELDS)}"
            )
            raise InvalidValueError(msg)
        checked = _numbers if FIELDS[name].kind == "number" else _words
        checked(FIELDS[name], asked, f"{where}[{name!r}]", of_rule)


def _words(of: Field, asked: Any, where: str, of_rule: str) -> None:
    known: tuple[object, ...] = of.words if of.kind == "word" else (True, False)
    if not isinstance(asked, tuple) or not asked:
        msg = f"{where} must be one or more of {_listed(known)} (got {shown(asked)}, {of_rule})"
        raise InvalidValueError(msg)
    for each in asked:
        # 1 equals True, and is no answer to whether something holds.
        if each is not None and not (type(each) is type(known[0]) and each in known):
            error = InvalidValueError if isinstance(each, (str, bool)) else InvalidTypeError
            msg = (
                f"{where} must be one or more of {_listed(known)}, or None where there must be none "
                f"(got {shown(each)}, {of_rule}); {did_you_mean(each, known)}".rstrip("; ")
            )
            raise error(msg)


def _numbers(of: Field, asked: Any, where: str, of_rule: str) -> None:
    if asked is None:
        if of.none or of.unknown:
            return
        msg = f"{where} is known of everybody, and can't be None (got None, {of_rule})"
        raise InvalidValueError(msg)
    if not isinstance(asked, tuple) or len(asked) < _PAIR or asked[_PAIR:] not in {(), (OR_NONE,)}:
        msg = (
            f"{where} must be a number, a pair such as (1, 14) or (3, None), a pair with {OR_NONE!r} after it, or None where "
            f"there must be none (got {shown(asked)}, {of_rule})"
        )
        raise InvalidValueError(msg)
    if len(asked) > _PAIR and not (of.none or of.unknown):
        msg = f"{where} is known of everybody, so that {OR_NONE!r} says nothing (got {shown(asked)}, {of_rule}); leave it out"
        raise InvalidValueError(msg)
    for end in asked[:_PAIR]:
        if end is None:
            continue
        if is_bool(end) or not isinstance(end, (int, float, Decimal, Fraction)):
            msg = f"{where} must hold numbers, not {type(end).__name__} (got {shown(end)}, {of_rule})"
            raise InvalidTypeError(msg)
        if not _is_finite(end):
            msg = f"{where} must hold finite numbers (got {shown(end)}, {of_rule}); None stands for no limit"
            raise InvalidValueError(msg)
    _possible(of, asked[:_PAIR], where, of_rule)


def _is_finite(number: float | Decimal | Fraction) -> bool:
    """Whether it is a number that floats can hold, as everything that is measured is."""
    try:
        return isfinite(number)
    except (OverflowError, ValueError):  # a number of hundreds of digits, and a NaN that signals
        return False


def _possible(of: Field, asked: tuple[Any, Any], where: str, of_rule: str) -> None:
    """Refuse a range in which nothing can lie."""
    low, high = (_comparable(of, end) for end in asked)
    if low is None and high is None:
        msg = f"{where} must have a limit (got (None, None), {of_rule}); leave it out, or give ({of.least}, None) for any number that is known"
        raise InvalidValueError(msg)
    if low is not None and high is not None and low > high:
        msg = f"{where} must begin with the lower limit (got {shown(asked)}, {of_rule})"
        raise InvalidValueError(msg)
    if (high is not None and high < of.least) or (of.most is not None and low is not None and low > of.most):
        room = f"below {of.least}" if of.most is None else f"outside {of.least} to {of.most}"
        msg = f"{where} can never hold, since no {of.called} lies {room} (got {shown(asked)}, {of_rule})"
        raise InvalidValueError(msg)


def _listed(known: Iterable[object]) -> str:
    return ", ".join(map(repr, known))


def _weight(owner: Any, of: check.Field, value: object) -> None:
    where = f"CustomerRule.{of.name}"
    if is_bool(value) or not isinstance(value, (int, float)):
        msg = f"{where} must be a number, not {type(value).__name__} (got {shown(value)}, for rule {shown(owner.id)})"
        raise InvalidTypeError(msg)
    if not (_is_finite(value) and value > 0):
        msg = f"{where} must be above 0 and finite (got {shown(value)}, for rule {shown(owner.id)}); CustomerRules.without() leaves a rule out"
        raise InvalidValueError(msg)


@frozen(kw_only=True, repr=False)
class CustomerRule:
    """When something is to be done for one customer, as plain data.

    Make your own, or change those of `CUSTOMER_RULES`.

    Attributes:
        id: Its name.
        strategy: The id of the strategy that follows; None says that the customer is best left alone.
        when: What must be known of the customer, all of it: attributes of `CustomerSituation`, each with what is wanted.
            Of words one, or several of which any will do, among them None for "there is none, or nobody knows"; of
            numbers one, or a pair of the lowest and the highest, both included, with None for no limit, and with
            ``"or none"`` after it where none, or nothing known, will do as well; None alone where there must be none.
        weight: Of several rules that hold the one with the most weight wins; of equal ones the first by id.
        because: Why the strategy follows, as a sentence that a merchant reads.
        do: What that means for this one customer, as a sentence; the steps of the strategy are for the shop.

    Raises:
        InvalidTypeError: A value has a type that is never right there.
        InvalidValueError: Something asked for is not known of customers, or can never be.

    .. versionadded:: 0.1

    >>> CustomerRule(
    ...     id="big-cart",
    ...     strategy="abandoned-cart-recovery",
    ...     when={"cart_days": (1, 7), "value": ["best", "middle"]},
    ...     because="Good customers get a call rather than an e-mail.",
    ... )
    <CustomerRule 'big-cart': abandoned-cart-recovery when cart_days 1 to 7 and value best or middle>
    """

    id: str = field(validator=check.label)
    strategy: str | None = field(validator=check.optional(check.label))
    when: Mapping[str, Wanted] = field(converter=_to_when, validator=_when, hash=False)
    weight: float = field(default=1.0, validator=_weight)
    because: str = field(validator=check.label)
    do: str | None = field(default=None, validator=check.optional(check.label))

    def __str__(self) -> str:
        asked = " and ".join(
            f"{name} {_wanted_in_words(FIELDS[name], each)}" for name, each in self.when.items()
        )
        return f"{self.id}: {self.strategy or 'leave alone'} when {asked}"

    def __repr__(self) -> str:
        return f"<CustomerRule {self.id!r}{str(self).removeprefix(self.id)}>"


def _wanted_in_words(of: Field, wanted: Wanted, *, unit: bool = False) -> str:
    """What is asked for, as people say it."""
    if wanted is None:
        return "none"
    if of.kind != "number":
        words = {None: "none or not known", True: "yes", False: "no"}
        return " or ".join(words[each] if each in words else str(each).replace("_", " ") for each in wanted)
    low, high = (None if end is None else str(end).replace("-", "−") for end in wanted[:_PAIR])
    ending = " days" if unit and of.unit == "days" else ""
    ending += ", or none" if len(wanted) > _PAIR else ""
    if low == high:
        return f"{low}{ending}"
    if low is None:
        return f"up to {high}{ending}"
    return f"{low} or more{ending}" if high is None else f"{low} to {high}{ending}"


@frozen(kw_only=True)
class CustomerVerdict:
    """What came of one rule for one customer.

    Attributes:
        rule: The rule.
        outcome: ``"recommended"``: all holds. ``"rejected"``: something does not. ``"skipped"``: nobody knows.
        reasons: What holds of what the rule asks for, as clauses.
        why: The outcome in one sentence.

    .. versionadded:: 0.1
    """

    rule: CustomerRule
    outcome: Literal["recommended", "rejected", "skipped"]
    reasons: tuple[str, ...]
    why: str

    def __str__(self) -> str:
        return self.explain()

    def explain(self) -> str:
        """The rule and what came of it."""
        from retention.display._names import printable

        return printable(f"{self.rule.id} ({self.outcome}): {self.why}")

    def to_dict(self) -> dict[str, str | float | None]:
        """The same as a flat dict."""
        return {
            "rule": self.rule.id,
            "strategy": self.rule.strategy,
            "weight": self.rule.weight,
            "outcome": self.outcome,
            "why": self.why,
        }


def _comparable(of: Field, limit: Any) -> Any:
    """A limit in the kind of number that the facts are: a host may have set a trap on Decimals beside floats."""
    if of.is_decimal:
        return Decimal(str(limit)) if isinstance(limit, float) else limit
    return float(limit) if isinstance(limit, Decimal) else limit


def question_of(name: str, wanted: Wanted) -> Callable[[Any], bool]:
    """A test of whether what is known in one respect is what a rule wants; one for all customers, since it is asked often.

    Args:
        name: The respect.
        wanted: What a rule wants of it.
    """
    if wanted is None:
        return lambda value: value is None
    if FIELDS[name].kind != "number":
        return wanted.__contains__
    if len(wanted) > _PAIR:
        among = question_of(name, wanted[:_PAIR])
        return lambda value: value is None or among(value)
    low, high = (_comparable(FIELDS[name], end) for end in wanted)
    if low is None:
        return lambda value: value is not None and value <= high
    if high is None:
        return lambda value: value is not None and value >= low
    return lambda value: value is not None and low <= value <= high


def judge_customer_rule(rule: CustomerRule, situation: CustomerSituation, /) -> CustomerVerdict:
    """What one rule says of one customer: to test a rule of your own, or to see why it did not hold.

    Args:
        rule: The rule.
        situation: What is known of the customer, from `customer_situations`.

    Returns:
        The outcome with its reasons. Skipped where nothing contradicts the rule and something is not known.

    Raises:
        InvalidTypeError: One of the two is something else.

    >>> import retention as rt
    >>> from datetime import datetime, timezone
    >>> from retention.strategies import CustomerRule, customer_situations, judge_customer_rule
    >>> from retention.testing import make_orders
    >>> rule = CustomerRule(
    ...     id="thanks",
    ...     strategy="surprise-and-delight",
    ...     when={"orders": (3, None)},
    ...     because="They came often.",
    ... )
    >>> orders = make_orders({"ann": ["2026-01-01", "2026-02-01"]})
    >>> ann = customer_situations(orders, at=datetime(2026, 3, 1, tzinfo=timezone.utc))["ann"]
    >>> print(judge_customer_rule(rule, ann))
    thanks (rejected): 2 purchases so far, and the rule asks for 3 or more.

    .. versionadded:: 0.1
    """
    for name, given, kind in (("rule", rule, CustomerRule), ("situation", situation, CustomerSituation)):
        if not isinstance(given, kind):
            msg = f"judge_customer_rule: {name} must be {check.with_article(kind)}, not {type(given).__name__} (got {shown(given)})"
            raise InvalidTypeError(msg)
    reasons: list[str] = []
    unknown: list[str] = []
    failed: list[str] = []
    for name, wanted in rule.when.items():
        value, of, clause = getattr(situation, name), FIELDS[name], situation.clause(name)
        is_known = _is_known(of, value, situation.known)
        if not question_of(name, wanted)(value):
            (failed if is_known else unknown).append(clause + _asked_in_words(of, wanted, value))
        elif is_known:
            reasons.append(clause)
    if failed:
        return CustomerVerdict(
            rule=rule, outcome="rejected", reasons=tuple(reasons), why=_sentence(failed[:1])
        )
    if unknown:
        return CustomerVerdict(rule=rule, outcome="skipped", reasons=tuple(reasons), why=_sentence(unknown))
    why = why_it_holds(rule, partial(getattr, situation), situation.known, situation.currency)
    return CustomerVerdict(rule=rule, outcome="recommended", reasons=tuple(reasons), why=why)


def why_it_holds(
    rule: CustomerRule, fact: Callable[[str], Any], known: Collection[str], currency: str | None
) -> str:
    """The sentence on a customer of whom a rule is known to hold.

    Args:
        rule: The rule.
        fact: What is known of the customer, by respect.
        known: The respects of which there are records.
        currency: The currency of the money.
    """
    clauses = {name: FIELDS[name].clause(fact(name), currency, is_known=name in known) for name in rule.when}
    reasons = [clause for name, clause in clauses.items() if _is_known(FIELDS[name], fact(name), known)]
    # Where all that is asked may be missing, and nobody knows of any of it, that is the reason.
    return _sentence(reasons or clauses.values())


def _is_known(of: Field, value: Any, known: Collection[str]) -> bool:
    """Whether None, too, says something: that there is nothing of the kind."""
    return value is not None or (of.none != "" and of.name in known)


def _asked_in_words(of: Field, wanted: Wanted, value: Any) -> str:
    """What a rule asks for instead, where the fact does not say it."""
    if value is None or of.kind == "flag":
        return ""
    return f", and the rule asks for {_wanted_in_words(of, wanted, unit=True)}"


def _sentence(clauses: Iterable[str]) -> str:
    told = "; ".join(dict.fromkeys(clauses))
    return f"{told[:1].upper()}{told[1:]}."


def _all_rules(owner: Any, of: check.Field, value: object) -> None:
    checked_rules(value, CustomerRule, f"{type(owner).__name__}.{of.name}")


@frozen(repr=False)
class CustomerRules(RuleBook[CustomerRule]):
    """Rules for one customer, by id, checked when the set is made; change them with plain values.

    Attributes:
        rules: The rules. Given as any iterable of them.
        strategies: The strategies that they may name, by id; `STRATEGIES` unless given.

    Raises:
        InvalidTypeError: Something is no rule, or no strategy.
        InvalidValueError: Two rules have one id, or there is no such strategy.

    .. versionadded:: 0.1

    >>> from retention.strategies import CUSTOMER_RULES
    >>> fewer = CUSTOMER_RULES.without("regular-rhythm", "promoter")
    >>> fewer.adjusted("left-cart", when={"cart_days": (2, 7)})["left-cart"].when["cart_days"]
    (2, 7)
    """

    kind: ClassVar[type] = CustomerRule

    rules: tuple[CustomerRule, ...] = field(converter=check.to_tuple, validator=_all_rules)
    strategies: Mapping[str, Strategy] = field(
        default=STRATEGIES, converter=to_strategies, validator=check_strategies, hash=False, kw_only=True
    )

    def __attrs_post_init__(self) -> None:
        name = twice(self.rules)
        if name is not None:
            msg = f"CustomerRules: two rules have the id {shown(name)}; replacing(rule) puts one in the other's place"
            raise InvalidValueError(msg)
        for rule in self.rules:
            if rule.strategy is not None and rule.strategy not in self.strategies:
                msg = (
                    f"CustomerRules: rule {shown(rule.id)} names the strategy {shown(rule.strategy)}, which there is not; "
                    f"{did_you_mean(rule.strategy, self.strategies)}give it with strategies=, or with_strategies(...) beforehand"
                )
                raise InvalidValueError(msg)

    @property
    def ranked(self) -> tuple[CustomerRule, ...]:
        """The rules, those with the most weight first, equal ones by id."""
        return tuple(sorted(self.rules, key=lambda rule: (-rule.weight, rule.id)))

    def with_strategies(self, *strategies: Strategy) -> CustomerRules:
        """With these strategies as well, or in the place of those with the same ids.

        Raises:
            InvalidTypeError: One is no `Strategy`.
        """
        checked_rules(strategies, Strategy, "CustomerRules.with_strategies")
        return evolve(self, strategies={**self.strategies, **{each.id: each for each in strategies}})

    def adjusted(
        self, name: str, /, *, when: Mapping[str, Any] | None = None, weight: float | None = None
    ) -> CustomerRules:
        """One rule with other limits, or another weight.

        Args:
            name: The rule's id.
            when: What it asks besides what it has, or in the place of that.
            weight: How much it counts.

        Raises:
            InvalidTypeError: A value has a type that is never right there.
            InvalidValueError: There is no such rule, or the new value is no good.
        """
        self._refuse_unknown([name], "adjusted")
        rule = self[name]
        if when is not None and not isinstance(when, Mapping):
            msg = f"CustomerRules.adjusted: when must map what is known to what is wanted (got {shown(when)})"
            raise InvalidTypeError(msg)
        return self.replacing(
            evolve(rule, when={**rule.when, **(when or {})}, weight=rule.weight if weight is None else weight)
        )
