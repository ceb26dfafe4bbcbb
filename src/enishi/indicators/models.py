"""All models of this room, so that Django finds them and others ask in one place."""

from enishi.indicators.models_changes import ChangeTarget
from enishi.indicators.models_indicators import (
    OWN_FRAME,
    Acquisition,
    Baseline,
    DataElement,
    Indicator,
    IndicatorDefinition,
    Target,
    a_number,
)
from enishi.indicators.models_values import AcquisitionRun, Measurement, Standing

__all__ = [
    "OWN_FRAME",
    "Acquisition",
    "AcquisitionRun",
    "Baseline",
    "ChangeTarget",
    "DataElement",
    "Indicator",
    "IndicatorDefinition",
    "Measurement",
    "Standing",
    "Target",
    "a_number",
]
