"""What to do next: strategies and rules as data, and a recommender that gives its reasons."""

from __future__ import annotations

from retention.strategies._assign import assign
from retention.strategies._assignments import Assignment, Assignments
from retention.strategies._audiences import AUDIENCES, Audience, AudienceSpec
from retention.strategies._audit import Audit, AuditItem, audit
from retention.strategies._audit_traces import AuditTrace
from retention.strategies._catalog import EVIDENCE, STRATEGIES
from retention.strategies._conditions import Condition
from retention.strategies._contact_policy import ContactPolicy
from retention.strategies._customer_defaults import CUSTOMER_RULES
from retention.strategies._customer_reading import customer_situations
from retention.strategies._customer_rules import (
    CustomerRule,
    CustomerRules,
    CustomerVerdict,
    judge_customer_rule,
)
from retention.strategies._customer_situation import CustomerSituation, CustomerSituations
from retention.strategies._default_rules import DEFAULT_RULES
from retention.strategies._economy_results import (
    RetentionScenario,
    RetentionValue,
    RetentionValueTable,
)
from retention.strategies._experiments_holdout import Holdout, assign_holdout
from retention.strategies._experiments_plan import ExperimentPlan, plan_experiment
from retention.strategies._experiments_verdict import ExperimentVerdict, SampleRatio, evaluate_experiment
from retention.strategies._findings import Finding, Verdict
from retention.strategies._judge_rule import judge_rule
from retention.strategies._model import Evidence, Step, Strategy
from retention.strategies._next_action import NextAction, recommend_for
from retention.strategies._recommend import recommend
from retention.strategies._recommendation import Recommendation, Recommendations
from retention.strategies._rules import Rule, RuleSet
from retention.strategies._signals import SIGNALS, Signal
from retention.strategies._worth import Priority, ValueAtStake
from retention.strategies.economics import (
    Economics,
    value_of_retention,
    value_of_retention_table,
)

__all__ = [
    "AUDIENCES",
    "CUSTOMER_RULES",
    "DEFAULT_RULES",
    "EVIDENCE",
    "SIGNALS",
    "STRATEGIES",
    "Assignment",
    "Assignments",
    "Audience",
    "AudienceSpec",
    "Audit",
    "AuditItem",
    "AuditTrace",
    "Condition",
    "ContactPolicy",
    "CustomerRule",
    "CustomerRules",
    "CustomerSituation",
    "CustomerSituations",
    "CustomerVerdict",
    "Economics",
    "Evidence",
    "ExperimentPlan",
    "ExperimentVerdict",
    "Finding",
    "Holdout",
    "NextAction",
    "Priority",
    "Recommendation",
    "Recommendations",
    "RetentionScenario",
    "RetentionValue",
    "RetentionValueTable",
    "Rule",
    "RuleSet",
    "SampleRatio",
    "Signal",
    "Step",
    "Strategy",
    "ValueAtStake",
    "Verdict",
    "assign",
    "assign_holdout",
    "audit",
    "customer_situations",
    "evaluate_experiment",
    "judge_customer_rule",
    "judge_rule",
    "plan_experiment",
    "recommend",
    "recommend_for",
    "value_of_retention",
    "value_of_retention_table",
]
