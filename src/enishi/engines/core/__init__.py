"""What all engines share: refusals and names for arrays."""

from enishi.engines.core.arrays import BoolArray, Float32Array, FloatArray, IntArray, unit_rows
from enishi.engines.core.errors import EngineError, InvalidInputError, NotEnoughDataError

__all__ = [
    "BoolArray",
    "EngineError",
    "Float32Array",
    "FloatArray",
    "IntArray",
    "InvalidInputError",
    "NotEnoughDataError",
    "unit_rows",
]
