"""Customers in groups: by stage and state of life, by recency, frequency and money, by what they are like."""

from __future__ import annotations

from retention.segments._at_risk import AtRiskCustomer, AtRiskCustomers, at_risk_customers
from retention.segments._lifecycle import LifecycleTable, lifecycle_table
from retention.segments._lives import CustomerLifecycle, LifecycleGroup
from retention.segments._moves import lifecycle_transitions
from retention.segments._profile import CustomerProfile, ProfileTrait, ideal_customer_profile
from retention.segments._rfm import CustomerRfm, RfmGroupSummary, RfmTable, rfm_table
from retention.segments._rfm_groups import RFM_GROUPS, RfmGroup, RfmGroups
from retention.segments._rfm_migration import rfm_migration
from retention.segments._rules import FixedThresholds, LifecycleStages, OwnRhythm
from retention.segments._transitions import TransitionTable

__all__ = [
    "RFM_GROUPS",
    "AtRiskCustomer",
    "AtRiskCustomers",
    "CustomerLifecycle",
    "CustomerProfile",
    "CustomerRfm",
    "FixedThresholds",
    "LifecycleGroup",
    "LifecycleStages",
    "LifecycleTable",
    "OwnRhythm",
    "ProfileTrait",
    "RfmGroup",
    "RfmGroupSummary",
    "RfmGroups",
    "RfmTable",
    "TransitionTable",
    "at_risk_customers",
    "ideal_customer_profile",
    "lifecycle_table",
    "lifecycle_transitions",
    "rfm_migration",
    "rfm_table",
]
