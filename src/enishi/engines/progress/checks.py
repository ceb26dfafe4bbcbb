"""Questions that a value has to answer before it may be computed with."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from enishi.engines.core import InvalidInputError
from enishi.engines.progress.values import Amount, Missing, Number, exact, exact_or_missing, spoken


def parts_disagree(total: Amount, parts: Mapping[str, Amount], *, tolerance: Number = 0) -> str | None:
    """Return what is wrong with a total and its parts, in Japanese; None if they agree (invariant M6).

    A missing or suppressed part makes the sum unknown: then nothing can be said against it.

    >>> parts_disagree(100, {"北": 60, "南": 39})
    '内訳の合計99が全体100と合わない(差1、許容0)'
    >>> parts_disagree(100, {"北": 60, "南": Missing("秘匿")}) is None
    True
    """
    whole = exact_or_missing(total, "total")
    values = [exact_or_missing(value, name) for name, value in parts.items()]
    known = [value for value in values if not isinstance(value, Missing)]
    if isinstance(whole, Missing) or len(known) < len(values):
        return None
    allowed, apart = exact(tolerance, "tolerance"), abs(sum(known, Fraction(0)) - whole)
    if allowed < 0:
        raise InvalidInputError("tolerance", "cannot be negative")
    if apart <= allowed:
        return None
    summed = spoken(sum(known, Fraction(0)))
    return f"内訳の合計{summed}が全体{spoken(whole)}と合わない(差{spoken(apart)}、許容{spoken(allowed)})"
