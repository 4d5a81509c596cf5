"""One rule tried out on one shop."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Unpack

from retention._mapping import FrozenMapping
from retention._snapshot import Snapshot
from retention.catalog import Result
from retention.errors import InvalidTypeError, shown
from retention.history import ReadingOptions
from retention.periods import Period
from retention.shop import Orders
from retention.strategies._catalog import STRATEGIES
from retention.strategies._findings import Verdict
from retention.strategies._judge import judged
from retention.strategies._model import Strategy
from retention.strategies._rules import Rule, RuleSet
from retention.strategies._situation import readings_of

if TYPE_CHECKING:
    from retention.predict.outlook import CustomerOutlook

__all__ = ["judge_rule"]


def judge_rule(
    rule: Rule,
    shop: Orders | Snapshot,
    /,
    *,
    period: Period | None = None,
    figures: Mapping[str, Result] = FrozenMapping(),
    options: Mapping[str, Mapping[str, Any]] = FrozenMapping(),
    strategies: Mapping[str, Strategy] | Iterable[Strategy] = STRATEGIES,
    outlook: CustomerOutlook | None = None,
    **reading: Unpack[ReadingOptions],
) -> Verdict:
    """What one rule comes to on a shop, taken alone: recommended, rejected, or skipped with a reason.

    For trying out rules of your own, and for testing them. Among other rules a change may come to less, since of many
    changes that are looked at together one or another goes far by chance.

    Args:
        rule: The rule.
        shop: The shop, its orders, or a `Snapshot` of it; a snapshot has no more than the figures that are in it.
        period: The period. Due, unless there is a snapshot, whose latest it then is.
        figures: Figures of your own, by name.
        options: By metric, keywords that it must be told, as `snapshot` takes them; those of the rule go before.
        strategies: The strategies that the rule may name.
        outlook: What a model expects of the customers at the end of the period, from `customer_outlook`.
        reading: How to read the orders; see `ReadingOptions`.

    Returns:
        The verdict, with what each of its conditions came to.

    Raises:
        ConflictingArgumentError: The outlook is of another day than the end of the period.
        InvalidTypeError: `rule` is no `Rule`, `outlook` is no `CustomerOutlook`, or there is no period.
        InvalidValueError: The rule is no good, or the outlook is of other customers.
        MixedCurrencyError: The outlook is in another currency than the orders.

    >>> import retention as rt
    >>> from retention.strategies import Condition, Rule, judge_rule
    >>> from retention.testing import sample_shop
    >>> rule = Rule(
    ...     "many-carts-left",
    ...     strategy="abandoned-cart-recovery",
    ...     conditions=Condition("cart_abandonment_rate", above=0.7),
    ...     because="Who fills a cart wants to buy, and a reminder brings some of them back.",
    ... )
    >>> verdict = judge_rule(rule, sample_shop(), period=rt.Period.month(2026, 3, tz="UTC"))
    >>> verdict.outcome
    'rejected'

    .. versionadded:: 0.1
    """
    if not isinstance(rule, Rule):
        msg = f"judge_rule takes a Rule, not {type(rule).__name__} (got {shown(rule)})"
        raise InvalidTypeError(msg)
    names = tuple(figures) if isinstance(figures, Mapping) else ()
    rules = RuleSet([rule], strategies=strategies, figures=names)
    readings = readings_of(
        shop, rules=rules, period=period, figures=figures, options=options, outlook=outlook, **reading
    )
    return judged(rule, readings)
