"""Rough cosines of very many vectors from the signs of their entries, a bit each."""

from __future__ import annotations

from typing import Any

import numpy as np

from enishi.engines.core.arrays import BoolArray, Float32Array

Array = np.ndarray[Any, Any]

SIGN_CLASSES = 2
"""How finely the one vector is kept while only signs of the many are read."""
_BLOCK = 1 << 15


def packed_signs(bits: BoolArray) -> Array:
    """Return rows of bits as words of 64, shape (ceil(d / 64), n)."""
    width = -(-bits.shape[1] // 64) * 64
    padded = np.zeros((len(bits), width), np.uint8)
    padded[:, : bits.shape[1]] = bits
    words = np.packbits(padded, axis=1, bitorder="little").view(np.uint64)
    return np.ascontiguousarray(words.T)


def cosines_by_signs(vector: Float32Array, codes: Array) -> Float32Array:
    """Estimate cosines from the signs of the other side, dimensions of more weight counted more.

    The dimensions fall in a few classes by size; in each, the sum of signs is counted bit by bit and
    weighted by the mean size. For vectors of length 1 whose entries scatter alike, the mean of the
    size of an entry is sqrt(2 / (pi d)): that turns the sum of signs into a cosine.

    Source: Dong, Charikar, Li: Asymmetric distance estimation with sketches, SIGIR 2008, section 3.
    """
    classes = _sign_classes(vector)
    cosines = np.empty(codes.shape[1], np.float32)
    for start in range(0, codes.shape[1], _BLOCK):
        block = codes[:, start : start + _BLOCK]
        total = np.zeros(block.shape[1], np.float32)
        for weight, count, signs, chosen in classes:
            total += np.float32(weight) * (np.float32(count) - 2 * _differing_bits(block, signs, chosen))
        cosines[start : start + _BLOCK] = total
    return cosines * np.float32(np.sqrt(2 / (np.pi * len(vector))))


def _sign_classes(vector: Float32Array) -> list[tuple[float, int, Array, Array]]:
    """Mean size, number of dimensions, signs and mask of each class, the last two as words of 64 bits."""
    size = np.abs(vector)
    signs = packed_signs(vector[None] > 0)[:, 0]
    bounds = np.quantile(size, np.arange(1, SIGN_CLASSES) / SIGN_CLASSES)
    classes = []
    for low, high in zip((0, *bounds), (*bounds, np.inf), strict=True):
        chosen = (size >= low) & (size < high)
        if chosen.any():
            classes.append(
                (float(size[chosen].mean()), int(chosen.sum()), signs, packed_signs(chosen[None])[:, 0])
            )
    return classes


def _differing_bits(codes: Array, signs: Array, mask: Array) -> Float32Array:
    total = np.zeros(codes.shape[1], np.uint16)
    for word, sign, chosen in zip(codes, signs, mask, strict=True):
        total += np.bitwise_count((word ^ sign) & chosen)
    return total.astype(np.float32)
