"""Cohorts: which month's customers stay, how often they buy, and what they have been worth by a given age."""

from __future__ import annotations

from retention.cohorts._cell import CohortCell
from retention.cohorts._make import cohort_table, cohorts_by
from retention.cohorts._table import Cohort, CohortTable

__all__ = ["Cohort", "CohortCell", "CohortTable", "cohort_table", "cohorts_by"]
