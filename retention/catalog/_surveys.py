"""What customers say when they are asked."""

from __future__ import annotations

from retention.catalog._spec import MetricSpec
from retention.metrics import _surveys

__all__ = ["SPECS"]

SPECS = (
    MetricSpec(
        id="net_promoter_score",
        title="Net promoter score",
        group="what customers say",
        function=_surveys.net_promoter_score,
        read=_surveys.read_net_promoter_score,
        inputs=("responses",),
        unit="points",
        low=-100,
        high=100,
        direction="higher",
        additive=False,
        look_back="none",
        counts="responses",
        formula="net_promoter_score",
        sources=("D7", "C1"),
    ),
    MetricSpec(
        id="customer_satisfaction_score",
        title="Customer satisfaction",
        group="what customers say",
        function=_surveys.customer_satisfaction_score,
        read=_surveys.read_customer_satisfaction_score,
        inputs=("responses",),
        unit="points",
        high=100,
        direction="higher",
        additive=False,
        look_back="none",
        counts="responses",
        formula="customer_satisfaction_score",
        sources=("D6",),
    ),
    MetricSpec(
        id="customer_effort_score",
        title="Customer effort score",
        group="what customers say",
        function=_surveys.customer_effort_score,
        read=_surveys.read_customer_effort_score,
        inputs=("responses",),
        unit="points",
        high=100,
        direction="neither",  # the question says which end is the good one
        additive=False,
        look_back="none",
        counts="responses",
        formula="customer_effort_score",
        sources=("D8", "D31"),
    ),
    MetricSpec(
        id="answer_share",
        title="Answer shares",
        group="what customers say",
        function=_surveys.answer_share,
        read=_surveys.read_answer_share,
        inputs=("responses",),
        unit="share of answers",
        high=1,
        direction="neither",
        additive=False,
        look_back="none",
        counts="responses",
        shown=False,
        sources=("C6",),
    ),
)
