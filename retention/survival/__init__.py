"""How long until it ends: survival curves, and whether two differ by more than chance.

The estimators know nothing of shops: they take spells, each with how long it lasted and whether its end was seen.
"""

from __future__ import annotations

from retention.survival._curve import SurvivalCurve
from retention.survival._log_rank import CurveComparison, compare_curves
from retention.survival._own import survival_curve
from retention.survival._results import CurvePoint, CurveShare, MeanTime, QuantileInterval
from retention.survival._spells import ENDED, Spell, Spells

__all__ = [
    "ENDED",
    "CurveComparison",
    "CurvePoint",
    "CurveShare",
    "MeanTime",
    "QuantileInterval",
    "Spell",
    "Spells",
    "SurvivalCurve",
    "compare_curves",
    "survival_curve",
]
