"""Helpers for tests: records in one line, assertions, invariance checks, and a shop of which the truth is known.

`retention.testing.strategies`, which needs the extra ``hypothesis``, is imported on its own.
"""

from __future__ import annotations

from retention.testing._ailments import AILMENTS, Ailment
from retention.testing._assertions import (
    assert_flow,
    assert_mean,
    assert_ratio,
    assert_score,
    assert_undefined,
)
from retention.testing._builders import (
    make_checkout,
    make_customer,
    make_interaction,
    make_order,
    make_orders,
    make_response,
    make_subscription,
)
from retention.testing._invariance import (
    OrdersMetric,
    assert_no_look_ahead,
    assert_permutation_invariant,
    assert_refund_neutral,
    assert_shift_invariant,
)
from retention.testing._process import SAMPLE_AS_OF, SampleProcess
from retention.testing._sample import CustomerTruth, SampleTruth, sample_shop, sample_truth

__all__ = [
    "AILMENTS",
    "SAMPLE_AS_OF",
    "Ailment",
    "CustomerTruth",
    "OrdersMetric",
    "SampleProcess",
    "SampleTruth",
    "assert_flow",
    "assert_mean",
    "assert_no_look_ahead",
    "assert_permutation_invariant",
    "assert_ratio",
    "assert_refund_neutral",
    "assert_score",
    "assert_shift_invariant",
    "assert_undefined",
    "make_checkout",
    "make_customer",
    "make_interaction",
    "make_order",
    "make_orders",
    "make_response",
    "make_subscription",
    "sample_shop",
    "sample_truth",
]
