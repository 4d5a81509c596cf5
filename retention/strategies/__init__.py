"""What to do next: strategies and rules as data, and a recommender that gives its reasons."""

from __future__ import annotations

from retention.strategies._audiences import AUDIENCES, Audience, AudienceSpec
from retention.strategies._catalog import EVIDENCE, STRATEGIES
from retention.strategies._conditions import Condition
from retention.strategies._customer_defaults import CUSTOMER_RULES
from retention.strategies._customer_rules import (
    CustomerRule,
    CustomerRules,
    CustomerVerdict,
    judge_customer_rule,
)
from retention.strategies._customer_situation import (
    CustomerSituation,
    CustomerSituations,
    customer_situations,
)
from retention.strategies._default_rules import DEFAULT_RULES
from retention.strategies._findings import Finding, Verdict
from retention.strategies._judge_rule import judge_rule
from retention.strategies._model import Evidence, Step, Strategy
from retention.strategies._next_action import NextAction, recommend_for
from retention.strategies._recommend import recommend
from retention.strategies._recommendation import Recommendation, Recommendations
from retention.strategies._rules import Rule, RuleSet
from retention.strategies._signals import SIGNALS, Signal
from retention.strategies._worth import Priority, ValueAtStake

__all__ = [
    "AUDIENCES",
    "CUSTOMER_RULES",
    "DEFAULT_RULES",
    "EVIDENCE",
    "SIGNALS",
    "STRATEGIES",
    "Audience",
    "AudienceSpec",
    "Condition",
    "CustomerRule",
    "CustomerRules",
    "CustomerSituation",
    "CustomerSituations",
    "CustomerVerdict",
    "Evidence",
    "Finding",
    "NextAction",
    "Priority",
    "Recommendation",
    "Recommendations",
    "Rule",
    "RuleSet",
    "Signal",
    "Step",
    "Strategy",
    "ValueAtStake",
    "Verdict",
    "customer_situations",
    "judge_customer_rule",
    "judge_rule",
    "recommend",
    "recommend_for",
]
