"""Choosing by weighted criteria: totals, places, and how much the places depend on the weights."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from enishi.engines.core.arrays import Float32Array, FloatArray, IntArray
from enishi.engines.core.errors import InvalidInputError

__all__ = ["Stability", "low_discrepancy", "places", "stability", "tipping_points", "weighted_totals"]

_PRIMES = (2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71)
_SAME = 1e-9


@dataclass(frozen=True)
class Stability:
    """How the ranking holds when the weights vary.

    Attributes
    ----------
    places : array, shape (n_entries,)
        The place of each entry under the weights given; entries with equal totals share the better place.
    shares : array, shape (n_entries, n_entries), each row sums to 1
        ``shares[i, p]`` is the share of weight sets under which entry ``i`` takes place ``p + 1``.
    kept : array, shape (n_entries,), 0 to 1
        The share under which the entry keeps its place: ``shares[i, places[i] - 1]``.
    tipping : array, shape (n_criteria,), relative change, ``nan`` where no change of this weight alone does it
        The smallest change of one weight, the others kept, at which another entry draws level with the first.
    """

    places: IntArray
    shares: FloatArray
    kept: FloatArray
    tipping: FloatArray


def weighted_totals(points: FloatArray, weights: FloatArray) -> FloatArray:
    """Return the weighted mean of each entry's points.

    Parameters
    ----------
    points : array, shape (n_entries, n_criteria), any unit, the same in all columns
    weights : array, shape (n_criteria,), not negative, not all zero; only their proportions count

    Raises
    ------
    InvalidInputError
        If shapes do not fit, a value is not finite, or the weights cannot be used.

    Examples
    --------
    >>> weighted_totals(np.array([[4.0, 2.0], [3.0, 5.0]]), np.array([3.0, 1.0])).tolist()
    [3.5, 3.5]
    """
    _check(points, weights)
    totals: FloatArray = points @ weights / weights.sum()
    return totals


def places(totals: FloatArray) -> IntArray:
    """Return the place of each total, the highest first; equal totals share the better place (1, 1, 3).

    Parameters
    ----------
    totals : array, shape (..., n_entries)

    Examples
    --------
    >>> places(np.array([3.5, 4.0, 3.5, 1.0])).tolist()
    [2, 1, 2, 4]
    """
    order = np.argsort(-totals, axis=-1, kind="stable")
    falling = np.asarray(np.take_along_axis(totals, order, axis=-1), np.float64)
    is_lower = np.concatenate(
        [np.ones((*totals.shape[:-1], 1), bool), falling[..., :-1] - falling[..., 1:] > _SAME], axis=-1
    )
    starts = np.maximum.accumulate(np.where(is_lower, np.arange(totals.shape[-1]), 0), axis=-1)
    found = np.empty(totals.shape, np.int64)
    np.put_along_axis(found, order, starts + 1, axis=-1)
    return found


def stability(
    points: FloatArray, weights: FloatArray, *, variation: float = 0.3, samples: int = 2048
) -> Stability:
    """Return how often each place survives when every weight varies within a band.

    Parameters
    ----------
    points : array, shape (n_entries, n_criteria)
    weights : array, shape (n_criteria,)
    variation : float, 0 < variation <= 1
        Each weight takes values between ``(1 - variation)`` and ``(1 + variation)`` times its own, independently.
    samples : int, at least 1
        How many weight sets are tried. They come from a fixed low-discrepancy sequence: the same call gives the same answer.

    Raises
    ------
    InvalidInputError
        As ``weighted_totals``; also for more than 20 criteria or a band without meaning.

    Notes
    -----
    ``tipping`` is exact: with one weight moved by ``x`` the lead of ``i`` over ``j`` is linear in ``x``.

    Source
    ------
    J. H. Halton, On the efficiency of certain quasi-random sequences of points, Numer. Math. 2 (1960), 84-90;
    the shares are the rank acceptability indices of R. Lahdelma and P. Salminen, SMAA-2, Oper. Res. 49 (2001), 444-454.

    Examples
    --------
    >>> found = stability(np.array([[5.0, 1.0], [1.0, 5.0]]), np.array([60.0, 40.0]))
    >>> found.places.tolist(), found.kept.round(2).tolist(), found.tipping.round(3).tolist()
    ([1, 2], [0.94, 0.94], [-0.333, 0.5])
    """
    _check(points, weights)
    if not 0 < variation <= 1:
        raise InvalidInputError("variation", "must lie above 0 and not above 1")
    if samples < 1:
        raise InvalidInputError("samples", "must be at least 1")
    entries = points.shape[0]
    tried = weights * (1 + variation * (2 * low_discrepancy(samples, weights.size) - 1))
    taken = places(tried @ points.T / np.maximum(tried.sum(axis=1, keepdims=True), 1e-12))
    cells = np.arange(entries) * entries + taken - 1
    shares = np.bincount(cells.ravel(), minlength=entries**2).reshape(entries, entries) / samples
    own = places(weighted_totals(points, weights))
    return Stability(own, shares, shares[np.arange(entries), own - 1], tipping_points(points, weights))


def tipping_points(points: FloatArray, weights: FloatArray) -> FloatArray:
    """Return for each criterion the smallest relative change of its weight that makes another entry draw level with the first.

    Parameters
    ----------
    points : array, shape (n_entries, n_criteria)
    weights : array, shape (n_criteria,)

    Returns
    -------
    array, shape (n_criteria,), at least -1; ``nan`` where no change does it

    Examples
    --------
    >>> tipping_points(np.array([[5.0, 3.0], [4.0, 3.0]]), np.array([1.0, 1.0])).tolist()
    [-1.0, nan]
    """
    _check(points, weights)
    totals = points @ weights
    first = int(np.argmax(totals))
    ahead = totals[first] - np.delete(totals, first)
    apart = points[first] - np.delete(points, first, axis=0)
    found = np.full(weights.size, np.nan)
    for criterion in range(weights.size):
        slopes = apart[:, criterion]
        moves = -ahead[slopes != 0] / slopes[slopes != 0]
        moves = moves[moves >= -weights[criterion] - _SAME]
        if moves.size and weights[criterion] > 0:
            found[criterion] = moves[np.argmin(np.abs(moves))] / weights[criterion]
    return found


def low_discrepancy(samples: int, dimensions: int) -> FloatArray:
    """Return evenly spread points of the unit cube: Halton's sequence in prime bases, from its first point on.

    Parameters
    ----------
    samples : int
    dimensions : int, at most 20

    Returns
    -------
    array, shape (samples, dimensions), each above 0 and below 1

    Examples
    --------
    >>> low_discrepancy(3, 2).round(3).tolist()
    [[0.5, 0.333], [0.25, 0.667], [0.75, 0.111]]
    """
    if not 1 <= dimensions <= len(_PRIMES):
        raise InvalidInputError("dimensions", f"must lie between 1 and {len(_PRIMES)}")
    columns = [_radical_inverse(samples, base) for base in _PRIMES[:dimensions]]
    return np.array(columns, np.float64).T


def _radical_inverse(samples: int, base: int) -> FloatArray:
    left, scale = np.arange(1, samples + 1), 1.0
    found: FloatArray = np.zeros(samples, dtype=np.float64)
    while left.any():
        scale /= base
        found = found + scale * (left % base)
        left = left // base
    return found


def _check(points: FloatArray | Float32Array, weights: FloatArray | Float32Array) -> None:
    if points.ndim != 2 or points.shape[0] < 1:
        raise InvalidInputError("points", "must be two-dimensional with at least one entry")
    if weights.ndim != 1 or weights.size != points.shape[1]:
        raise InvalidInputError("weights", "must have one value for each criterion")
    if weights.size > len(_PRIMES):
        raise InvalidInputError("weights", f"must be at most {len(_PRIMES)}")
    if not np.isfinite(points).all() or not np.isfinite(weights).all():
        raise InvalidInputError("points", "must be finite, and so must the weights")
    if (weights < 0).any() or not weights.any():
        raise InvalidInputError("weights", "must not be negative, and not all zero")
