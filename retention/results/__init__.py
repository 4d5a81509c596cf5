"""What metrics return: frozen figures that know their value, their interval and what they rest on.

A figure has three ways to be less than a number, and they are kept apart: *undefined* (0/0), *not
observable* (the data do not reach that far), *partial* (the period was still running at `as_of`).
"""

from __future__ import annotations

from retention._numerics import ClusterSums
from retention.results._answers import AnswerShare
from retention.results._basis import Basis, Interval, as_text, decimal_as_text
from retention.results._distribution import Distribution, distribution_of_ascending
from retention.results._mean import Mean
from retention.results._outlook import BackTest, RevenuePredictability
from retention.results._ratio import Ratio
from retention.results._recurring import RevenueCurve, RevenueFlow, as_money
from retention.results._score import Score
from retention.results._shapes import CustomerFlow, LorenzCurve

__all__ = [
    "AnswerShare",
    "BackTest",
    "Basis",
    "ClusterSums",
    "CustomerFlow",
    "Distribution",
    "Interval",
    "LorenzCurve",
    "Mean",
    "Ratio",
    "RevenueCurve",
    "RevenueFlow",
    "RevenuePredictability",
    "Score",
    "as_money",
    "as_text",
    "decimal_as_text",
    "distribution_of_ascending",
]
