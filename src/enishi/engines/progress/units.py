"""Units that stand for the same dimension, and the exact way from one to the other."""

from __future__ import annotations

import unicodedata
from fractions import Fraction

from enishi.engines.core import InvalidInputError
from enishi.engines.progress.values import Number, exact

_FAMILIES: tuple[dict[str, Fraction], ...] = (
    {
        "円": Fraction(1),
        "千円": Fraction(10**3),
        "万円": Fraction(10**4),
        "百万円": Fraction(10**6),
        "億円": Fraction(10**8),
    },
    {
        "人": Fraction(1),
        "名": Fraction(1),
        "百人": Fraction(100),
        "千人": Fraction(10**3),
        "万人": Fraction(10**4),
    },
    {"件": Fraction(1), "千件": Fraction(10**3), "万件": Fraction(10**4)},
    {"%": Fraction(1), "パーセント": Fraction(1), "割": Fraction(10), "‰": Fraction(1, 10)},
    {
        "秒": Fraction(1),
        "分": Fraction(60),
        "時間": Fraction(3600),
        "日": Fraction(86400),
        "週間": Fraction(604800),
    },
    {"か月": Fraction(1), "ヶ月": Fraction(1), "カ月": Fraction(1), "月": Fraction(1), "年": Fraction(12)},
    {
        "m2": Fraction(1),
        "平方メートル": Fraction(1),
        "a": Fraction(100),
        "ha": Fraction(10**4),
        "km2": Fraction(10**6),
    },
    {"mm": Fraction(1, 1000), "cm": Fraction(1, 100), "m": Fraction(1), "km": Fraction(1000)},
    {"g": Fraction(1), "kg": Fraction(1000), "t": Fraction(10**6), "トン": Fraction(10**6)},
    {"Wh": Fraction(1), "kWh": Fraction(1000), "MWh": Fraction(10**6), "GWh": Fraction(10**9)},
)


def same_unit(unit: str) -> str:
    """Return one spelling of a unit: full width and ㎡ and ％ become plain.

    >>> same_unit("㎡"), same_unit("％")
    ('m2', '%')
    """
    return unicodedata.normalize("NFKC", unit).strip()


def convert(value: Number, *, unit: str, to: str, field: str = "unit") -> Fraction:
    """Return the value in another unit of the same dimension, exactly.

    A percentage and a point (ポイント) are not the same: one is a rate, the other a difference of rates.

    Parameters
    ----------
    value : Decimal, int or Fraction, in ``unit``
    unit, to : str
        Any spelling; equal units are always accepted, also those the table does not know.

    Raises
    ------
    InvalidInputError
        If the two units do not measure the same thing.

    Examples
    --------
    >>> convert(1500, unit="千円", to="百万円")
    Fraction(3, 2)
    """
    number = exact(value, field)
    source, goal = same_unit(unit), same_unit(to)
    if source == goal:
        return number
    for family in _FAMILIES:
        if source in family and goal in family:
            return number * family[source] / family[goal]
    raise InvalidInputError(field, f"「{unit}」と「{to}」は同じ量ではないので換算できない")
