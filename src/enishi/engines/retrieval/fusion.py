"""How the kinds of evidence are put together.

Meaning is brought to the scale of 0 (the farthest text of the collection) to 1 (the nearest); words count as far as
they cover the question. So meaning always has the same say, and words only as much as they can tell: a question
none of whose words is met is answered by meaning alone. Reciprocal ranks give both the same say even then, and
lose a fifth on such questions. All figures: docs/engines/retrieval.md.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from enishi.engines.core import Float32Array


@dataclass(frozen=True)
class Blend:
    """The say of each kind of evidence; meaning has 1."""

    pieces: float = 1.0
    words: float = 0.6
    letters: float = 0.3


DEFAULT_BLEND = Blend()


def spread(values: Float32Array) -> Float32Array:
    """Return the values stretched so that the lowest is 0 and the highest 1; all the same become 0.

    >>> spread(np.array([0.8, 0.82, 0.9], np.float32)).round(2).tolist()
    [0.0, 0.2, 1.0]
    """
    if not len(values):
        return values
    low, high = float(values.min()), float(values.max())
    if high - low < 1e-9:
        return np.zeros(len(values), np.float32)
    return ((values - low) / (high - low)).astype(np.float32)


def coverage_fusion(near: Float32Array, coverage: Float32Array, say: float) -> Float32Array:
    """Return stretched nearness plus ``say`` times coverage. Shape (n,)."""
    return (spread(near) + np.float32(say) * coverage).astype(np.float32)


def reciprocal_ranks(*scores: Float32Array, constant: float = 60.0) -> Float32Array:
    """Return the sum of 1 / (constant + rank) over the lists: the baseline others use.

    Source: Cormack, Clarke, Büttcher: Reciprocal rank fusion, SIGIR 2009.
    """
    total = np.zeros(len(scores[0]), np.float32)
    for values in scores:
        ranks = np.empty(len(values), np.float32)
        ranks[np.argsort(-values, kind="stable")] = np.arange(1, len(values) + 1)
        total += np.where(values > 0, 1 / (constant + ranks), 0).astype(np.float32)
    return total
