"""Are our customers staying, why not, and what should we do next?

`retention` counts what an online shop's orders say of its customers, exactly, and lets each figure explain
itself. It does no I/O, knows no clock and keeps no state: the host brings the records.

>>> import retention as rt
>>> from retention.testing import make_orders
>>> orders = make_orders({"ann": ["2026-02-10", "2026-03-05"], "ben": ["2026-02-11"]})
>>> print(rt.customer_retention_rate(orders, period=rt.Period.month(2026, 3, tz="UTC")))
50.0%
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from retention import formulas as formulas
    from retention._record_reading import (
        MoneyReading as MoneyReading,
        RecordReading as RecordReading,
    )
    from retention._snapshot import (
        Figure as Figure,
        Snapshot as Snapshot,
        snapshot as snapshot,
    )
    from retention._survey_by import (
        survey_by as survey_by,
    )
    from retention.catalog import (
        METRICS as METRICS,
        MetricSpec as MetricSpec,
    )
    from retention.comparison import (
        Comparison as Comparison,
        compare as compare,
    )
    from retention.errors import (
        AsOfRequiredError as AsOfRequiredError,
        ConflictingArgumentError as ConflictingArgumentError,
        DuplicateCustomerError as DuplicateCustomerError,
        DuplicateOrderError as DuplicateOrderError,
        DuplicateRecordError as DuplicateRecordError,
        DuplicateResponseError as DuplicateResponseError,
        InvalidPeriodError as InvalidPeriodError,
        InvalidRowsError as InvalidRowsError,
        InvalidTypeError as InvalidTypeError,
        InvalidValueError as InvalidValueError,
        MissingRecordsError as MissingRecordsError,
        MixedCurrencyError as MixedCurrencyError,
        MixedScaleError as MixedScaleError,
        NaiveDatetimeError as NaiveDatetimeError,
        NotObservableError as NotObservableError,
        RetentionError as RetentionError,
        RowError as RowError,
        SurveyScaleError as SurveyScaleError,
        UndefinedMetricError as UndefinedMetricError,
        UnknownMetricError as UnknownMetricError,
    )
    from retention.history import (
        History as History,
        ReadingOptions as ReadingOptions,
    )
    from retention.intake import (
        Intake as Intake,
        customers_from_records as customers_from_records,
        orders_from_records as orders_from_records,
        surveys_from_records as surveys_from_records,
    )
    from retention.metrics import (
        active_customer_count as active_customer_count,
        answer_share as answer_share,
        average_customer_value as average_customer_value,
        average_order_value as average_order_value,
        customer_churn_rate as customer_churn_rate,
        customer_effort_score as customer_effort_score,
        customer_flow as customer_flow,
        customer_retention_rate as customer_retention_rate,
        customer_satisfaction_score as customer_satisfaction_score,
        existing_customer_revenue_rate as existing_customer_revenue_rate,
        gini_score as gini_score,
        gross_revenue as gross_revenue,
        lorenz_curve as lorenz_curve,
        net_promoter_score as net_promoter_score,
        net_revenue as net_revenue,
        new_customer_count as new_customer_count,
        order_count as order_count,
        published_retention_ratio as published_retention_ratio,
        purchase_frequency as purchase_frequency,
        purchase_gap_days as purchase_gap_days,
        reactivation_rate as reactivation_rate,
        recency_days as recency_days,
        refund_rate as refund_rate,
        refund_ratio as refund_ratio,
        refunded_revenue as refunded_revenue,
        repeat_order_rate as repeat_order_rate,
        repeat_purchase_rate as repeat_purchase_rate,
        returning_customer_rate as returning_customer_rate,
        returning_spend_ratio as returning_spend_ratio,
        revenue_concentration_rate as revenue_concentration_rate,
        second_purchase_days as second_purchase_days,
        second_purchase_rate as second_purchase_rate,
    )
    from retention.periods import (
        Period as Period,
    )
    from retention.records import (
        Checkout as Checkout,
        Customer as Customer,
        Interaction as Interaction,
        LineItem as LineItem,
        Order as Order,
        OrderPolicy as OrderPolicy,
        Pause as Pause,
        Refund as Refund,
        Subscription as Subscription,
        SurveyResponse as SurveyResponse,
    )
    from retention.results import (
        AnswerShare as AnswerShare,
        Basis as Basis,
        CustomerFlow as CustomerFlow,
        Distribution as Distribution,
        Interval as Interval,
        LorenzCurve as LorenzCurve,
        Mean as Mean,
        Ratio as Ratio,
        Score as Score,
    )
    from retention.shop import (
        Shop as Shop,
    )

    __version__: str

_WHERE: dict[str, str] = {
    "AnswerShare": "results",
    "AsOfRequiredError": "errors",
    "Basis": "results",
    "Checkout": "records",
    "Comparison": "comparison",
    "ConflictingArgumentError": "errors",
    "Customer": "records",
    "CustomerFlow": "results",
    "Distribution": "results",
    "DuplicateCustomerError": "errors",
    "DuplicateOrderError": "errors",
    "DuplicateRecordError": "errors",
    "DuplicateResponseError": "errors",
    "Figure": "_snapshot",
    "History": "history",
    "Intake": "intake",
    "Interaction": "records",
    "Interval": "results",
    "InvalidPeriodError": "errors",
    "InvalidRowsError": "errors",
    "InvalidTypeError": "errors",
    "InvalidValueError": "errors",
    "LineItem": "records",
    "LorenzCurve": "results",
    "METRICS": "catalog",
    "Mean": "results",
    "MetricSpec": "catalog",
    "MissingRecordsError": "errors",
    "MixedCurrencyError": "errors",
    "MixedScaleError": "errors",
    "MoneyReading": "_record_reading",
    "NaiveDatetimeError": "errors",
    "NotObservableError": "errors",
    "Order": "records",
    "OrderPolicy": "records",
    "Pause": "records",
    "Period": "periods",
    "Ratio": "results",
    "ReadingOptions": "history",
    "RecordReading": "_record_reading",
    "Refund": "records",
    "RetentionError": "errors",
    "RowError": "errors",
    "Score": "results",
    "Shop": "shop",
    "Snapshot": "_snapshot",
    "Subscription": "records",
    "SurveyResponse": "records",
    "SurveyScaleError": "errors",
    "UndefinedMetricError": "errors",
    "UnknownMetricError": "errors",
    "active_customer_count": "metrics",
    "answer_share": "metrics",
    "average_customer_value": "metrics",
    "average_order_value": "metrics",
    "compare": "comparison",
    "customer_churn_rate": "metrics",
    "customer_effort_score": "metrics",
    "customer_flow": "metrics",
    "customer_retention_rate": "metrics",
    "customer_satisfaction_score": "metrics",
    "customers_from_records": "intake",
    "existing_customer_revenue_rate": "metrics",
    "gini_score": "metrics",
    "gross_revenue": "metrics",
    "lorenz_curve": "metrics",
    "net_promoter_score": "metrics",
    "net_revenue": "metrics",
    "new_customer_count": "metrics",
    "order_count": "metrics",
    "orders_from_records": "intake",
    "published_retention_ratio": "metrics",
    "purchase_frequency": "metrics",
    "purchase_gap_days": "metrics",
    "reactivation_rate": "metrics",
    "recency_days": "metrics",
    "refund_rate": "metrics",
    "refund_ratio": "metrics",
    "refunded_revenue": "metrics",
    "repeat_order_rate": "metrics",
    "repeat_purchase_rate": "metrics",
    "returning_customer_rate": "metrics",
    "returning_spend_ratio": "metrics",
    "revenue_concentration_rate": "metrics",
    "second_purchase_days": "metrics",
    "second_purchase_rate": "metrics",
    "snapshot": "_snapshot",
    "survey_by": "_survey_by",
    "surveys_from_records": "intake",
}
"""Public name: the module it lives in. Each is imported when it is first asked for (PEP 562)."""

__all__ = [
    "METRICS",
    "AnswerShare",
    "AsOfRequiredError",
    "Basis",
    "Checkout",
    "Comparison",
    "ConflictingArgumentError",
    "Customer",
    "CustomerFlow",
    "Distribution",
    "DuplicateCustomerError",
    "DuplicateOrderError",
    "DuplicateRecordError",
    "DuplicateResponseError",
    "Figure",
    "History",
    "Intake",
    "Interaction",
    "Interval",
    "InvalidPeriodError",
    "InvalidRowsError",
    "InvalidTypeError",
    "InvalidValueError",
    "LineItem",
    "LorenzCurve",
    "Mean",
    "MetricSpec",
    "MissingRecordsError",
    "MixedCurrencyError",
    "MixedScaleError",
    "MoneyReading",
    "NaiveDatetimeError",
    "NotObservableError",
    "Order",
    "OrderPolicy",
    "Pause",
    "Period",
    "Ratio",
    "ReadingOptions",
    "RecordReading",
    "Refund",
    "RetentionError",
    "RowError",
    "Score",
    "Shop",
    "Snapshot",
    "Subscription",
    "SurveyResponse",
    "SurveyScaleError",
    "UndefinedMetricError",
    "UnknownMetricError",
    "active_customer_count",
    "answer_share",
    "average_customer_value",
    "average_order_value",
    "compare",
    "customer_churn_rate",
    "customer_effort_score",
    "customer_flow",
    "customer_retention_rate",
    "customer_satisfaction_score",
    "customers_from_records",
    "existing_customer_revenue_rate",
    "formulas",
    "gini_score",
    "gross_revenue",
    "lorenz_curve",
    "net_promoter_score",
    "net_revenue",
    "new_customer_count",
    "order_count",
    "orders_from_records",
    "published_retention_ratio",
    "purchase_frequency",
    "purchase_gap_days",
    "reactivation_rate",
    "recency_days",
    "refund_rate",
    "refund_ratio",
    "refunded_revenue",
    "repeat_order_rate",
    "repeat_purchase_rate",
    "returning_customer_rate",
    "returning_spend_ratio",
    "revenue_concentration_rate",
    "second_purchase_days",
    "second_purchase_rate",
    "snapshot",
    "survey_by",
    "surveys_from_records",
]


def __getattr__(name: str) -> object:
    if name == "formulas":
        return import_module("retention.formulas")
    if name == "__version__":
        from importlib.metadata import version

        return version("customer-retention")
    if name not in _WHERE:
        from retention.errors import did_you_mean

        hint = did_you_mean(name, __all__)
        msg = f"module 'retention' has no attribute {name!r}{'; ' + hint.strip() if hint else ''}"
        raise AttributeError(msg)
    value = globals()[name] = getattr(import_module(f"retention.{_WHERE[name]}"), name)
    return value


def __dir__() -> list[str]:
    return sorted({*(name for name in globals() if name.startswith("__")), *__all__, "__version__"})
