"""Questions that ask the same thing, put together by the nearness of their vectors."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from enishi.engines.answers.model import FloatArray
from enishi.engines.core import InvalidInputError


@dataclass(frozen=True)
class Cluster:
    """Places of the questions that belong together; ``centre`` is the one nearest to all of them."""

    members: tuple[int, ...]
    centre: int


def clusters(vectors: FloatArray, *, spread: float = 2.0) -> list[Cluster]:
    """Group questions by average linkage, the largest group first.

    Parameters
    ----------
    vectors : array, shape (n, dimensions), rows of length 1
    spread : float
        Two groups are joined while their mean cosine lies so many standard deviations above the mean of
        all pairs: raw cosines of a model have no fixed scale. With fewer than five questions, 0.93 stands in.

    Notes
    -----
    Quadratic in memory; callers hand in a few hundred questions at a time.
    """
    if vectors.ndim != 2:
        raise InvalidInputError("vectors", "must have two dimensions")
    count = len(vectors)
    if count == 0:
        return []
    near = (vectors @ vectors.T).astype(np.float64)
    least = least_nearness(near, spread)
    groups = [[place] for place in range(count)]
    sums = near.copy()
    np.fill_diagonal(sums, -np.inf)
    sizes = np.ones(count)
    alive = np.ones(count, bool)
    while alive.sum() > 1:
        means = np.where(np.outer(alive, alive), sums / np.outer(sizes, sizes), -np.inf)
        np.fill_diagonal(means, -np.inf)
        one, other = divmod(int(np.argmax(means)), count)
        if means[one, other] < least:
            break
        groups[one] += groups[other]
        sums[one] += sums[other]
        sums[:, one] = sums[one]
        sums[one, one] = -np.inf
        sizes[one] += sizes[other]
        alive[other] = False
    found = [sorted(groups[place]) for place in range(count) if alive[place]]
    made = [Cluster(tuple(members), _centre(near, members)) for members in found]
    return sorted(made, key=lambda cluster: (-len(cluster.members), cluster.members))


def least_nearness(near: np.ndarray, spread: float = 2.0) -> float:
    """How near two questions must be to ask the same, among questions whose cosines are these."""
    count = len(near)
    if count < 5:
        return 0.93
    pairs = near[np.triu_indices(count, 1)]
    return float(min(max(pairs.mean() + spread * pairs.std(), 0.86), 0.95))


def _centre(near: np.ndarray, members: list[int]) -> int:
    inside = near[np.ix_(members, members)].sum(axis=1)
    return members[int(np.argmax(inside))]
