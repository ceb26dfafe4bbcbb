"""Dividing whole yen by shares so that nothing is lost and nothing is made: the method of the largest remainder."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

WHOLE_BP = 10_000


@dataclass(frozen=True)
class Part:
    """What one programme is given of a code: ``share_bp`` of what is left, or ``fixed_yen`` first."""

    key: int
    share_bp: int | None = None
    fixed_yen: int | None = None


@dataclass(frozen=True)
class Divided:
    """Yen by programme, and the explicit rest that nobody claims (未配賦). Together they are the whole."""

    parts: dict[int, int]
    rest: int


def by_largest_remainder(amount: int, weights: Sequence[int]) -> list[int]:
    """Whole yen in proportion to ``weights``; the yen left over go to the largest remainders, the earlier first.

    A negative amount (減額補正) is divided like its mirror image.

    >>> by_largest_remainder(100, [1, 1, 1])
    [34, 33, 33]
    >>> by_largest_remainder(-100, [1, 1, 1])
    [-34, -33, -33]
    """
    whole = sum(weights)
    if whole == 0:
        return [0] * len(weights)
    sign, size = (-1, -amount) if amount < 0 else (1, amount)
    floors = [size * weight // whole for weight in weights]
    left = size - sum(floors)
    order = sorted(range(len(weights)), key=lambda place: (-(size * weights[place] % whole), place))
    for place in order[:left]:
        floors[place] += 1
    return [sign * part for part in floors]


def divide(amount: int, parts: Sequence[Part], *, fixed_applies: bool = True) -> Divided:
    """Give each programme its part of ``amount``.

    Fixed amounts come first and are cut down in proportion when there is not enough; they do not take part in changes
    (``fixed_applies=False``: 補正, 流用 …). Shares are of what is left, and so is the rest.

    >>> divide(1000, [Part(1, share_bp=3333), Part(2, share_bp=3333)])
    Divided(parts={1: 333, 2: 333}, rest=334)
    """
    ordered = sorted(parts, key=lambda part: part.key)
    fixed = [part for part in ordered if part.fixed_yen is not None]
    shared = [part for part in ordered if part.share_bp is not None]
    given: dict[int, int] = {part.key: 0 for part in ordered}
    left = amount
    if fixed and fixed_applies and amount > 0:
        asked = [part.fixed_yen or 0 for part in fixed]
        granted = asked if sum(asked) <= amount else by_largest_remainder(amount, asked)
        given |= {part.key: yen for part, yen in zip(fixed, granted, strict=True)}
        left = amount - sum(granted)
    shares = [part.share_bp or 0 for part in shared]
    split = by_largest_remainder(left, [*shares, WHOLE_BP - sum(shares)])
    given |= {part.key: yen for part, yen in zip(shared, split, strict=False)}
    return Divided(given, split[-1])


def funds_of(amount: int, code_amount: int, funds: Mapping[str, int]) -> dict[str, int]:
    """A programme's part of a code's financing; it sums to ``amount``, the yen of rounding go to the largest source (B3).

    >>> funds_of(333, 1000, {"national": 500, "general": 500})
    {'national': 167, 'general': 166}
    """
    if code_amount == 0 or not funds:
        return {}
    names = sorted(funds, key=lambda name: (-abs(funds[name]), name != "national", name))
    shares = {
        name: (abs(funds[name] * amount) * 2 + abs(code_amount)) // (2 * abs(code_amount)) for name in names
    }
    signed = {name: shares[name] * (1 if funds[name] * amount * code_amount >= 0 else -1) for name in names}
    difference = amount - sum(signed.values())
    signed[_takes_the_difference(signed, difference)] += difference
    return {name: signed[name] for name in funds}


def _takes_the_difference(signed: Mapping[str, int], difference: int) -> str:
    """The largest source; of equal ones the last, so that 一般財源 gives way before national money."""
    return max(reversed(list(signed)), key=lambda name: abs(signed[name]))
