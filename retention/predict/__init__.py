"""Models of a customer base: who is still a customer, what will they buy, what are they worth."""

from __future__ import annotations

from retention.predict._amounts import CustomerAmounts as CustomerAmounts
from retention.predict._bootstrap import Bootstrap as Bootstrap
from retention.predict._model import (
    Estimate as Estimate,
    FitReport as FitReport,
    Model as Model,
    Predictions as Predictions,
)
from retention.predict._purchase_model import PurchaseModel as PurchaseModel
from retention.predict.bgbb import BgBb as BgBb
from retention.predict.bgnbd import BgNbd as BgNbd
from retention.predict.forecast import (
    ExpectedPurchases as ExpectedPurchases,
    ExpectedRevenue as ExpectedRevenue,
    PurchaseForecast as PurchaseForecast,
    RevenueForecast as RevenueForecast,
    forecast_purchases as forecast_purchases,
    forecast_revenue as forecast_revenue,
)
from retention.predict.gamma_gamma import GammaGamma as GammaGamma
from retention.predict.independence import (
    FrequencySpendCheck as FrequencySpendCheck,
    frequency_spend_check as frequency_spend_check,
)
from retention.predict.mbgnbd import MbgNbd as MbgNbd
from retention.predict.outlook import (
    CustomerOutlook as CustomerOutlook,
    Prospect as Prospect,
    customer_outlook as customer_outlook,
)
from retention.predict.pareto_nbd import ParetoNbd as ParetoNbd
from retention.predict.purchases import (
    PurchaseReading as PurchaseReading,
    Purchases as Purchases,
    RepeatPurchases as RepeatPurchases,
    TimeUnit as TimeUnit,
    repeat_purchases as repeat_purchases,
)
from retention.predict.sbg import ShiftedBetaGeometric as ShiftedBetaGeometric
from retention.predict.validation import (
    Calibration as Calibration,
    FrequencyRow as FrequencyRow,
    FrequencyTable as FrequencyTable,
    ModelComparison as ModelComparison,
    PredictionError as PredictionError,
    PredictionErrors as PredictionErrors,
    TrackingRow as TrackingRow,
    TrackingTable as TrackingTable,
    calibration_split as calibration_split,
)
