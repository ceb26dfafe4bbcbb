"""Names for the arrays that engines exchange."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

FloatArray: TypeAlias = NDArray[np.float32] | NDArray[np.float64]
Float32Array: TypeAlias = NDArray[np.float32]
IntArray: TypeAlias = NDArray[np.int64]
BoolArray: TypeAlias = NDArray[np.bool_]


def unit_rows(rows: Float32Array) -> Float32Array:
    """Return the rows scaled to length 1; rows of zeros stay.

    Parameters
    ----------
    rows : array, shape (..., d)
    """
    lengths = np.linalg.norm(rows, axis=-1, keepdims=True)
    scaled: Float32Array = (rows / np.maximum(lengths, 1e-12)).astype(np.float32)
    return scaled
